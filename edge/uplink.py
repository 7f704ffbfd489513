"""The uplink to the office: a thread that converses whenever there is something to say or to hear.

It only carries bytes. What is said and what an answer means is worked out in the lane, in one
transaction with the records that came; so a line that breaks at any byte changes nothing. While
the office cannot be reached it tries again, ever less often, with some chance in it so that a
hundred boxes do not come back in the same instant.
"""

import logging
import threading
from typing import Final

from edge.lane import LaneStopped
from edge.limits import (
    UPLINK_ANSWER_MS_MAX,
    UPLINK_FULL_BYTES_MIN,
    UPLINK_GATHER_MS,
    UPLINK_RETRY_MS_MAX,
    UPLINK_RETRY_MS_MIN,
    UPLINK_TIMEOUT_S,
)
from edge.office_exchange import OfficeExchange
from edge.office_line import REFUSED, LineTrouble, Patience
from edge.terminal import Terminal
from provisioning.chance import random_bytes
from sync.conversation import Heard

_CONNECT_S: Final = 3
_PATIENCE: Final = Patience(_CONNECT_S, UPLINK_TIMEOUT_S, UPLINK_ANSWER_MS_MAX)

_log = logging.getLogger(__name__)


class Uplink:
    """Keeps one terminal and its office level; `start` and `stop` from any thread."""

    def __init__(self, terminal: Terminal) -> None:
        """Converse for this terminal."""
        self._terminal = terminal
        self._exchange = OfficeExchange(terminal, _PATIENCE)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="uplink", daemon=True)
        self._is_level = False
        self.trouble = "the office was not heard yet"

    def start(self) -> None:
        """Begin to converse."""
        self._thread.start()

    def stop(self) -> None:
        """End after the exchange that is under way."""
        self._stopped.set()
        self._terminal.news.set()
        if self._thread.is_alive():
            self._thread.join(2 * UPLINK_TIMEOUT_S)

    @property
    def is_level(self) -> bool:
        """Tell whether the last exchange left nothing to be read or said."""
        return self._is_level and not self.trouble

    @property
    def is_office_store_read(self) -> bool:
        """Tell whether everything was read that the office had when it was last heard."""
        return self._exchange.talk.is_read

    @property
    def is_connected(self) -> bool:
        """Tell whether the last exchange succeeded."""
        return not self.trouble

    @property
    def is_refused(self) -> bool:
        """Tell whether the office answered that it will not hear this box."""
        return self.trouble == REFUSED

    def _run(self) -> None:
        try:
            self._converse()
        finally:
            self._exchange.close()

    def _converse(self) -> None:
        failures = 0
        while not self._stopped.is_set() and not self._terminal.ended.is_set():
            self._terminal.news.clear()
            try:
                heard = self._exchange.once()
            except LineTrouble as trouble:
                self.trouble = str(trouble)
                failures += 1
                self._stopped.wait(max(trouble.wait_ms, _back_off_ms(failures)) / 1000)
            except LaneStopped as trouble:
                self.trouble = str(trouble)
                return
            except Exception as trouble:
                # Our mistake, or a library's: the box goes on without a line and tries again.
                self.trouble = f"{type(trouble).__name__}: {trouble}"
                _log.exception("the uplink failed")
                if self._terminal.lane.broken is not None:
                    return
                failures += 1
                self._stopped.wait(_back_off_ms(failures) / 1000)
            else:
                self.trouble = ""
                failures = 0
                self._is_level = not heard.more
                self._rest(heard)

    def _rest(self, heard: Heard) -> None:
        """Wait for something new, and a moment longer so that what comes together goes together.

        While whole messages are full there is a backlog, and nothing is gained by waiting. What
        comes from a neighbour meanwhile is not due before a rest is over, however long that is.
        """
        if heard.more and self._exchange.largest_bytes >= UPLINK_FULL_BYTES_MIN:
            return
        if heard.more or self._terminal.news.wait(self._exchange.talk.rest_ms / 1000):
            self._stopped.wait(UPLINK_GATHER_MS / 1000)


def _back_off_ms(failures: int) -> int:
    """Return how long to wait after so many failures: doubling, bounded, half of it by chance."""
    most = min(UPLINK_RETRY_MS_MAX, UPLINK_RETRY_MS_MIN << min(failures, 10))
    return most // 2 + most * random_bytes(1)[0] // 510
