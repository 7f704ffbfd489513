"""Asks the authority what a till may not decide alone, and waits no longer than a guest does.

The line is a thread's own. An answer that comes too late is not used: what was lent by it arrives
with everything else and is given back.
"""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from edge.limits import ASKING_MS_MAX, ASKING_S_MAX
from edge.office_line import LineTrouble, OfficeLine, Patience
from edge.terminal import Terminal
from sync.asking import BadAsking, Question, Reply, read_reply, spell

PATH: Final = "/sync/v1/authority"
_PATIENCE: Final = Patience(ASKING_S_MAX, ASKING_S_MAX, ASKING_MS_MAX)


class AuthorityLine:
    """Questions of one till, one after the other; `ask` from any thread but the lane's."""

    def __init__(self, terminal: Terminal) -> None:
        """Ask for this till."""
        self._line = OfficeLine(terminal, _PATIENCE)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="authority")
        self._busy = threading.Lock()

    def ask(self, question: Question) -> Reply | None:
        """Return what the authority answered, None if it did not in time or makes no sense."""
        with self._busy:
            try:
                future: Future[Reply] = self._thread.submit(self._ask, question)
                return future.result(ASKING_S_MAX)
            except (LineTrouble, BadAsking, TimeoutError, RuntimeError):
                return None

    def close(self) -> None:
        """Ask no more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _ask(self, question: Question) -> Reply:
        return read_reply(self._line.post(PATH, spell(question)).body)
