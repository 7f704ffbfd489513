"""Asks the authority what a till may not decide alone, and waits no longer than a guest does.

Who is asked follows from what the till has heard: its office over the line to it, or a hub on the
site as one of its neighbours. The line is a thread's own. An answer that comes too late is not
used: what was lent by it arrives with everything else and is given back.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from edge.limits import ASKING_AGAIN_S, ASKING_MS_MAX, ASKING_S_MAX
from edge.office_line import LineTrouble, OfficeLine, Patience
from edge.terminal import Terminal
from sync import handover
from sync.asking import AUTHORITY_PATH, BadAsking, Question, Reply, read_reply, spell
from sync.handover import OFFICE
from sync.loans import Reason
from sync.names import TerminalId

_PATIENCE: Final = Patience(ASKING_S_MAX, ASKING_S_MAX, ASKING_MS_MAX)

AskNeighbour = Callable[[TerminalId, str, bytes, int], bytes | None]
"""Asks a neighbour on a path and waits so many ms at most; None if it did not answer."""


class AuthorityLine:
    """Questions of one till, one after the other."""

    def __init__(
        self,
        terminal: Terminal,
        office_is_near: Callable[[], bool],
        ask_neighbour: AskNeighbour | None = None,
    ) -> None:
        """Ask for this till; without neighbours only the office can be asked."""
        self._terminal = terminal
        self._office_is_near = office_is_near
        self._ask_neighbour = ask_neighbour
        self._line = OfficeLine(terminal, _PATIENCE)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="authority")
        self._busy = threading.Lock()

    def is_near(self) -> bool:
        """Tell whether it makes sense to ask the authority just now; in the lane only."""
        if self._holder() == OFFICE:
            return self._office_is_near()
        return self._ask_neighbour is not None

    def ask(self, question: Question) -> Reply | None:
        """Return what the authority answered, None if it did not in time or makes no sense.

        From any thread but the lane's.
        """
        holder = self._terminal.lane.run(self._holder)
        with self._busy:
            try:
                future: Future[Reply] = self._thread.submit(self._ask, holder, question)
                return future.result(ASKING_S_MAX)
            except (LineTrouble, BadAsking, TimeoutError, RuntimeError):
                return None

    def close(self) -> None:
        """Ask no more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _holder(self) -> bytes:
        return handover.authority(self._terminal.store.shelf.cells).holder

    def _ask(self, holder: bytes, question: Question) -> Reply:
        """Ask until it is answered, or for as long as a guest waits while a claim is compared."""
        clock = self._terminal.timekeeper
        until_ms = clock.monotonic_ms() + ASKING_MS_MAX
        reply = self._once(holder, question)
        while reply.reason == Reason.COMPARING.value and clock.monotonic_ms() < until_ms:
            threading.Event().wait(ASKING_AGAIN_S)
            reply = self._once(holder, question)
        return reply

    def _once(self, holder: bytes, question: Question) -> Reply:
        """Ask the office or a hub; `LineTrouble` if it did not answer, `BadAsking` if badly."""
        if holder == OFFICE:
            return read_reply(self._line.post(AUTHORITY_PATH, spell(question)).body)
        answer = None
        if self._ask_neighbour is not None:
            hub, body = TerminalId(holder), spell(question)
            answer = self._ask_neighbour(hub, AUTHORITY_PATH, body, ASKING_MS_MAX)
        if answer is None:
            message = "the hub did not answer"
            raise LineTrouble(message)
        return read_reply(answer)
