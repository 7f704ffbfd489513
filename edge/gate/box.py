"""One gate's inside, wired together: terminal, line, desk, what follows a verdict, scan API.

The screen and the headless gate differ in what they show; what runs inside is this.
"""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Final

from edge.gate.api.server import ScanApi
from edge.gate.desk import GateDesk
from edge.gate.front import Front, Intent
from edge.gate.outside import Options
from edge.gate.passage import Passage
from edge.gate.telling import Answer, tell_of
from edge.lane import LaneFull, LaneStopped
from edge.terminal import Terminal
from edge.uplink import Uplink
from hardware.ports import Signal
from hardware.wiring import Wiring
from sync.names import Role

_ANSWER_S: Final = 30


class GateBox:
    """A gate that records; `start` and `stop` once each."""

    def __init__(
        self,
        options: Options,
        wiring: Wiring,
        intent: Intent,
        tell: Callable[[Answer], object],
        *,
        needs_staff: bool,
    ) -> None:
        """Open the folder; what cannot be opened says so, and nothing is left open.

        `tell` hears what the gate does by itself, from any thread.
        """
        self.terminal = Terminal(options.folder, Role.GATE)
        with ExitStack() as undo:
            undo.callback(self.terminal.close)
            self.uplink = Uplink(self.terminal)
            self.desk = GateDesk(self.terminal)
            self.passage = Passage(
                self.terminal,
                self.desk,
                wiring.signals,
                wiring.turnstile,
                tell,
                follows_handhelds=options.api_opens,
            )
            self.desk.listeners.append(self.passage.hear)
            self.front = Front(self.desk, intent, self.passage.wish, needs_staff=needs_staff)
            self._api = None if options.api is None else self._scan_api(options, tell)
            undo.pop_all()

    def _scan_api(self, options: Options, tell: Callable[[Answer], object]) -> ScanApi:
        return ScanApi(
            self.terminal,
            self.uplink,
            self.desk,
            options.api or "",
            allow_lan=options.api_on_lan,
            listener=lambda answer: tell(answer | {"elsewhere": True}),
        )

    def start(self) -> None:
        """Let lane, line and scan API work; after an `ApiTrouble` the caller must `stop` it."""
        self.terminal.start()
        if self._api is not None:
            self._api.start()
        self.uplink.start()

    def scan(self, text: str) -> Answer | None:
        """Take a text that was read and wait for the answer, from any thread but the lane's.

        None if the gate cannot keep up: the code can be shown again.
        """
        try:
            future = self.terminal.lane.ask(lambda: self.front.hear(text), wait_s=1)
            # Whatever the lane ended with, whoever reads codes must go on reading them.
            if future.exception(_ANSWER_S) is None:
                return future.result()
        except LaneFull:
            return None
        except (LaneStopped, TimeoutError):
            pass
        self.passage.signal(Signal.TROUBLE)
        return cannot_record(self.terminal.manifest.language)

    def stop(self) -> None:
        """End in order: nobody asks any more, then the line, then the store."""
        if self._api is not None:
            self._api.stop()
        self.uplink.stop()
        self.terminal.close()


def cannot_record(language: str) -> Answer:
    """Return what is said to everybody while nothing can be recorded."""
    return tell_of("trouble", "cannot_record", language)
