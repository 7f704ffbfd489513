"""A till behind its screen: its own hardware, its own inside, and what its screen looks at."""

from concurrent.futures import Future
from typing import Any

from edge.bar.box import BarBox, cannot_record
from edge.bar.exposure import exposure_of
from edge.bar.outside import BarOptions, BarOutside, Intent
from edge.headless import Answer
from edge.keeper import Keeper, answered
from edge.lane import LaneFull, LaneStopped
from edge.neighbours.lan import LanTrouble
from edge.outside import Look, Tell
from edge.store.connection import StoreTrouble


class BarKeeper(Keeper[BarBox, BarOutside]):
    """Keeps one till; `intent` is what its seller wants of the next code."""

    troubles = (StoreTrouble, LanTrouble)

    def __init__(self, options: BarOptions, tell: Tell, look: Look | None = None) -> None:
        """Open the hardware; `BadManifest`, `BadWiring` or `CameraTrouble` say what is wrong."""
        self._options = options
        self.intent = Intent()
        super().__init__(
            options.folder,
            self.intent,
            tell,
            lambda scan: BarOutside(options, scan, tell, look),
        )

    def open_inside(self) -> BarBox:
        """Open the till's folder; a seller must sign in where the office named any."""
        return BarBox(
            self._options.folder,
            self.tell,
            self.outside.wiring.printer,
            needs_staff=True,
            needs_shift=True,
            lan=self._options.lan_wanted(),
        )

    def cannot_record(self) -> Answer:
        """Return what is said to everybody while there is no inside."""
        return cannot_record(self.manifest.language)

    def do(self, what: str, command: dict[str, Any]) -> "Future[Answer]":
        """Have the desk do a command, and ask the authority where it wants that."""
        box = self.box
        if box is None:
            return answered(self.cannot_record())
        try:
            return box.work_soon(box.desk.commands()[what], command)
        except (LaneStopped, LaneFull) as trouble:
            return answered({"event": "trouble", "sentence": str(trouble)})

    def glance(self, box: BarBox) -> Answer:
        """Return who sells, in which shift, and what is at risk; in the lane only."""
        desk, people = box.desk, box.desk.people()
        last = desk.sales.last({})
        return {
            "counters": {"staff": people["label"], "staff_needed": not people["open"]},
            "troubles": box.troubles(),
            "people": people,
            "shift": desk.shifts.look(),
            "exposure": exposure_of(box.terminal),
            "has_printer": desk.printing.is_there,
            "last": None if last["sale"] is None else last,
            "auto_lock_s": desk.duty.office.policy.auto_lock_seconds,
        }
