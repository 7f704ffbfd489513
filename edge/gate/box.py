"""One gate's inside, wired together: terminal, line, desk, what follows a verdict, scan API.

The screen and the headless gate differ in what they show; what runs inside is this.
"""

from contextlib import ExitStack

from edge.gate.api.server import ScanApi
from edge.gate.desk import GateDesk
from edge.gate.front import Front, Intent
from edge.gate.outside import GateOptions
from edge.gate.passage import Passage
from edge.inside import Inside
from edge.joining import open_terminal
from edge.outside import Tell
from edge.parts import Parts
from hardware.ports import Signal
from hardware.wiring import Wiring
from sync.admission_guards import Place
from sync.allotments import zone_resource
from sync.names import Role
from sync.telling import Answer, tell_of


class GateBox(Inside):
    """A gate that records; `start` and `stop` once each."""

    desk: GateDesk

    def __init__(
        self,
        options: GateOptions,
        wiring: Wiring,
        intent: Intent,
        tell: Tell,
        *,
        needs_staff: bool,
    ) -> None:
        """Open the folder; what cannot be opened says so, and nothing is left open.

        `tell` hears what the gate does by itself, from any thread.
        """
        terminal = open_terminal(options.folder, Role.GATE)
        with ExitStack() as undo:
            undo.callback(terminal.close)
            super().__init__(terminal, options.lan_wanted())
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
            self.care_for(Parts(terminal))
            self.desk.listeners.append(self._want_places)
            self.front = Front(self.desk, intent, self.passage.wish, needs_staff=needs_staff)
            self._api = None if options.api is None else self._scan_api(options, tell)
            undo.pop_all()

    def _scan_api(self, options: GateOptions, tell: Tell) -> ScanApi:
        return ScanApi(
            self.terminal,
            self.uplink,
            self.desk,
            options.api or "",
            allow_lan=options.api_on_lan,
            listener=lambda answer: tell(answer | {"elsewhere": True}),
        )

    def start(self) -> None:
        """Let lane, line and scan API work; the caller must `stop` it after any trouble."""
        self.begin()
        if self._api is not None:
            self._api.start()
        self.start_lines()

    def hear(self, text: str) -> Answer:
        """Let a text that was read mean what the agent wants it for; in the lane only."""
        return self.front.hear(text)

    def cannot_record(self) -> Answer:
        """Show trouble on the lamps, and return what is said to everybody then."""
        self.passage.signal(Signal.TROUBLE)
        return cannot_record(self.terminal.manifest.language)

    def stop(self) -> None:
        """End in order: nobody asks any more, then the line, then the store."""
        if self._api is not None:
            self._api.stop()
        super().stop()

    def _want_places(self, answer: Answer) -> None:
        """Ask for places at once when somebody was refused for want of them; in the lane."""
        if answer["reason"] == "capacity_full" and not answer["rehearsal"]:
            place = Place.of(self.desk.scans.ground.cells, self.terminal.manifest.terminal_id)
            self.parts.missed(zone_resource(place.zone), 1)
            self.hurry_parts()


def cannot_record(language: str) -> Answer:
    """Return what is said to everybody while nothing can be recorded."""
    return tell_of("trouble", "cannot_record", language)
