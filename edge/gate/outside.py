"""What only a gate asks of its hardware: a way, and a turnstile that tells which it is."""

from dataclasses import dataclass

from edge.gate.front import AUTOMATIC, Intent
from edge.outside import HARDWARE_FILE, Look, Options, Outside, Scan, Tell


@dataclass(frozen=True, slots=True)
class GateOptions(Options):
    """How a gate was started: which way it lets people, and whether others scan through it."""

    direction: str = "in"
    two_step: bool | None = None
    api: str | None = None
    api_on_lan: bool = False
    api_opens: bool = False

    @property
    def intent(self) -> Intent:
        """What the gate does at first."""
        return Intent(self.direction, two_step=self.two_step)


class NoDirection(Exception):
    """Automatic direction was asked for and nothing tells it; the message says what to do."""


class GateOutside(Outside):
    """The hardware of one gate."""

    def __init__(
        self, options: GateOptions, scan: Scan, tell: Tell, look: Look | None = None
    ) -> None:
        """Open what is connected; also `NoDirection` if it cannot tell the way that is asked."""
        self._direction = options.direction
        super().__init__(options, scan, tell, look)

    def check(self) -> None:
        """Refuse an automatic direction that nothing tells."""
        if self._direction == AUTOMATIC and not self.tells_direction:
            message = (
                "the direction can be automatic only with a turnstile whose contacts tell it"
                f" (push_in and push_out in {HARDWARE_FILE}); choose in or out"
            )
            raise NoDirection(message)

    @property
    def tells_direction(self) -> bool:
        """Whether a turnstile says which way somebody stands."""
        return self.wiring.turnstile is not None and self.wiring.turnstile.tells_direction
