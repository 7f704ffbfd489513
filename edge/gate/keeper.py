"""A gate behind its screen: its own hardware, its own inside, and what its screen looks at."""

from edge.gate.api.address import ApiTrouble
from edge.gate.box import GateBox, cannot_record
from edge.gate.outside import GateOptions, GateOutside
from edge.headless import Answer
from edge.keeper import Keeper
from edge.neighbours.lan import LanTrouble
from edge.outside import Look, Tell
from edge.store.connection import StoreTrouble


class GateKeeper(Keeper[GateBox, GateOutside]):
    """Keeps one gate; `intent` is what its agent is doing."""

    troubles = (StoreTrouble, ApiTrouble, LanTrouble)

    def __init__(self, options: GateOptions, tell: Tell, look: Look | None = None) -> None:
        """Open the hardware.

        `BadManifest`, `BadWiring`, `CameraTrouble` or `NoDirection` say what is wrong.
        """
        self._options = options
        self.intent = options.intent
        super().__init__(
            options.folder,
            self.intent,
            tell,
            lambda scan: GateOutside(options, scan, tell, look),
        )

    def open_inside(self) -> GateBox:
        """Open the gate's folder; an agent must sign in where the office named any."""
        return GateBox(self._options, self.outside.wiring, self.intent, self.tell, needs_staff=True)

    def cannot_record(self) -> Answer:
        """Return what is said to everybody while there is no inside."""
        return cannot_record(self.manifest.language)

    def glance(self, box: GateBox) -> Answer:
        """Return who is inside, and what the turnstile complains of."""
        return {"counters": box.desk.counters(), "troubles": box.passage.troubles()}
