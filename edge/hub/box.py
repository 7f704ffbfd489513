"""One hub's inside, wired together: terminal, lines, the authority that it may be, its desk."""

import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from edge.headless import Answer
from edge.hub.authority import HubAuthority, Refused
from edge.hub.desk import HubDesk
from edge.hub.sayings import say
from edge.inside import Inside
from edge.lane import LaneFull, LaneStopped
from edge.limits import HUB_LENDS_EVERY_MS, HUB_REPORTS_EVERY_MS
from edge.neighbours.lan import Lan
from edge.outside import Tell
from edge.terminal import Terminal
from sync.asking import AUTHORITY_PATH
from sync.lending import lend
from sync.names import Role, TerminalId

REPORT: Final = "report"


class HubBox(Inside):
    """A hub that records; `start` and `stop` once each."""

    desk: HubDesk

    def __init__(
        self, folder: Path, tell: Tell, lan: Lan | None, *, needs_staff: bool, reports: bool
    ) -> None:
        """Open the folder; what cannot be opened says so, and nothing is left open.

        With `reports`, `tell` hears every few seconds how the hub is.
        """
        terminal = Terminal(folder, Role.HUB, opens_run=False)
        with ExitStack() as undo:
            undo.callback(terminal.close)
            super().__init__(terminal, lan)
            self.authority = HubAuthority(terminal)
            self.authority.lenders.append(lend)
            self.desk = HubDesk(terminal, self.authority, needs_staff=needs_staff)
            self._tell = tell
            self._reports = reports
            self._stopped = threading.Event()
            self._chores = threading.Thread(target=self._do_chores, name="chores", daemon=True)
            if self.neighbours is not None:
                self.neighbours.talk.answers[AUTHORITY_PATH] = self.answer
            undo.pop_all()

    def start(self) -> None:
        """Let lane, lines and chores work."""
        super().start()
        self._chores.start()

    def stop(self) -> None:
        """End in order: the chores, the lines, then the store."""
        self._stopped.set()
        if self._chores.is_alive():
            self._chores.join()
        super().stop()
        self.authority.close()

    def answer(self, asker: TerminalId, content: bytes) -> bytes | None:
        """Return the answer to a neighbour's question, None if it gets none; in the lane only."""
        answer = self.authority.ask(asker, content)
        return None if isinstance(answer, Refused) else answer

    def hear(self, text: str) -> Answer:  # noqa: ARG002 - no code means anything to a hub
        """Say that a hub reads no codes; in the lane only."""
        sentence = say("reads_nothing", self.terminal.manifest.language)
        return {"event": "strange", "sentence": sentence}

    def cannot_record(self) -> Answer:
        """Return what is said to everybody while nothing can be recorded."""
        sentence = say("cannot_record", self.terminal.manifest.language)
        return {"event": "trouble", "sentence": sentence}

    def report(self) -> dict[str, Any]:
        """Return how the hub is: who lends, tills, its lines; in the lane only."""
        terminal = self.terminal
        return {
            **self.desk.authority({}),
            "event": REPORT,
            "hub": terminal.manifest.name,
            "connected": self.uplink.is_connected,
            "only_here": terminal.only_here(),
            "now_ms": terminal.moment().now_ms,
            **terminal.lan(),
        }

    def _do_chores(self) -> None:
        """Lend parts that are short, and say now and then how the hub is."""
        waited_ms = HUB_REPORTS_EVERY_MS
        while not self._stopped.wait(HUB_LENDS_EVERY_MS / 1000):
            waited_ms += HUB_LENDS_EVERY_MS
            try:
                self.terminal.lane.ask(self.authority.lend_parts, wait_s=1)
                if self._reports and waited_ms >= HUB_REPORTS_EVERY_MS:
                    waited_ms = 0
                    self._tell(self.terminal.lane.run(self.report))
            except LaneFull:
                continue
            except LaneStopped:
                return
