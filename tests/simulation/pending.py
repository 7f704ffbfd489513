"""What was under way at a box when it died: whether it was recorded shows when it is on again."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from sync.journal import read_record
from tests.simulation.books import Act
from tests.simulation.box import Box

if TYPE_CHECKING:
    from tests.simulation.world import World

_RECORDED_AS = {
    "in": {"Admitted", "Moved"},
    "out": {"Left"},
    "undo": {"Undone"},
    "sell": {"Sold"},
    "top_up": {"ToppedUp"},
    "pay_out": {"PaidOut"},
    "void": {"Voided"},
    "refund": {"Refunded"},
}


class Pending:
    """One act of each box that died over it, and what the books must learn if it happened."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self._acts: dict[str, tuple[Act, Callable[[], None], int]] = {}

    def __bool__(self) -> bool:
        """Whether there is an act of which nobody knows yet whether it happened."""
        return bool(self._acts)

    def put(self, box: Box, act: Act, enter: Callable[[], None]) -> None:
        """Keep an act over which a box died."""
        self._acts[box.name] = (act, enter, box.seen)

    def forget(self, box: Box) -> None:
        """What was under way at a box is gone with its disk."""
        self._acts.pop(box.name, None)

    def settle(self, box: Box) -> None:
        """Find out whether what was under way when the box died was recorded."""
        pending = self._acts.pop(box.name, None)
        if pending is None:
            return
        act, enter, seen = pending
        box.seen = seen
        question = "SELECT id, raw FROM journal WHERE terminal = ? AND arrival > ?"
        for fact, raw in box.rows(question, box.id, box.seen):
            body = read_record(raw).body
            is_new = not self.world.books.mark_of(fact)  # else it came back from a copy
            if is_new and type(body).__name__ in _RECORDED_AS[act.kind]:
                act.amount = int(getattr(body, "count", act.amount))
                act.was_told = False
                self.world.story.say(f"{box.name} finds that it had recorded: {act}")
                self.world.recorded(box, act, fact)
                self._mark_holders(box, act)
                enter()
                return

    def _mark_holders(self, own: Box, act: Act) -> None:
        """Note who heard of an act before the hands themselves knew that it was recorded.

        The box that made it has taken its journal back by then, so it knows that the office has it.
        """
        world = self.world
        if world.office.rows("SELECT 1 FROM record WHERE id = ?", act.fact):
            world.office.knows |= act.bit
            own.acked |= act.bit
        for box in world.boxes:
            if box.is_on and box.rows("SELECT 1 FROM journal WHERE id = ?", act.fact):
                box.knows |= act.bit
