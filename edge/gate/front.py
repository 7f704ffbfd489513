"""What a code means to the gate just now: a ticket to judge, a badge, a wristband, a question.

Camera, hand scanner and NFC reader all say the same thing, a text; what follows depends on what the
agent is doing. The screen and the headless gate both stand on this.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from edge.gate.desk import GateDesk
from edge.wanted import BADGE, PEEK, USUAL, WRISTBAND
from sync import catalogue
from sync.admission import Direction
from sync.codes import CodeKind, Ticket
from sync.telling import Answer

AUTOMATIC: Final = "automatic"


@dataclass(slots=True)
class Intent:
    """What the agent is doing: the way (`in`, `out`, `automatic`), what a code is wanted for.

    `two_step` None leaves it to the organiser's policy. Set from any thread, read by the lane.
    """

    direction: str = "in"
    expects: str = USUAL
    two_step: bool | None = None


class Front:
    """Leads each text to what it is wanted for; in the lane only."""

    def __init__(
        self,
        desk: GateDesk,
        intent: Intent,
        wish: Callable[[], Direction | None],
        *,
        needs_staff: bool,
    ) -> None:
        """Judge at this desk; `wish` says which way a turnstile's guest stands.

        With `needs_staff` a gate whose agent has not signed in judges nothing.
        """
        self._desk = desk
        self._wish = wish
        self._needs_staff = needs_staff
        self._intent = intent

    def way(self) -> Direction:
        """Return the direction of a scan now; without anybody at the arm it is in.

        Out by guess would show green to a copied ticket of somebody who is inside.
        """
        if self._intent.direction == AUTOMATIC:
            return self._wish() or Direction.IN
        return Direction(self._intent.direction)

    def hear(self, text: str) -> Answer:
        """Take a text that came into view."""
        expects = self._intent.expects
        if expects in {BADGE, WRISTBAND}:
            return {"event": expects, "text": text}
        if self._needs_staff and not self._desk.staff.is_open():
            shown = self._desk.scans.opened(text)
            is_badge = isinstance(shown, Ticket) and shown.kind is CodeKind.STAFF_BADGE
            return {"event": BADGE, "text": text} if is_badge else {"event": "closed"}
        if expects == PEEK:
            return self._desk.scans.peek(text, self.way()) | {"peek": True}
        if self._is_two_step():
            return self._desk.request(text, self.way())
        return self._desk.scan(text, self.way())

    def _is_two_step(self) -> bool:
        if self._intent.two_step is not None:
            return self._intent.two_step
        return bool(catalogue.policy(self._desk.scans.ground.cells).two_step)
