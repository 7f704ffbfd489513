"""Where baskets wait while somebody fetches their wristband."""

from typing import TYPE_CHECKING, Final

from edge.bar.cart import cart_of
from edge.bar.screen.basket_modes import Parked
from edge.bar.screen.till_mode import done_or_said
from edge.limits import CARTS_PARKED_MAX
from edge.screen.modes import Answer

if TYPE_CHECKING:
    from edge.bar.screen.stage import TillStage

_SLOT: Final = "park-"


class Carts:
    """The parked baskets of one till, as its desk keeps them."""

    def __init__(self, stage: "TillStage") -> None:
        """Park for this screen."""
        self._stage = stage
        self.parked = 0

    def park(self) -> None:
        """Put what is in hand aside; it leaves the hand once it is kept."""
        stage = self._stage
        cart = stage.hand.cart

        def kept(answer: Answer) -> None:
            used = {row["slot"] for row in answer["parked"]}
            free = [f"{_SLOT}{n}" for n in range(1, CARTS_PARKED_MAX + 1)]
            slot = next((one for one in free if one not in used), free[-1])
            stage.do(done_or_said(stage, parked), "keep", slot=slot, cart=cart.row())

        def parked(_: Answer) -> None:
            if stage.hand.cart.sale == cart.sale:
                stage.hand.empty()
                stage.changed()
            self.parked += 1
            stage.note("parked")

        stage.do(done_or_said(stage, kept), "kept")

    def show(self) -> None:
        """Show what waits."""
        stage = self._stage

        def kept(answer: Answer) -> None:
            self.parked = len(answer["parked"])
            stage.enter(Parked(answer["parked"], self._take))

        stage.do(done_or_said(stage, kept), "kept")

    def _take(self, row: Answer) -> None:
        """Bring one back; what is in hand meanwhile is not lost, so it must be parked first."""
        stage = self._stage
        if stage.hand.cart:
            stage.ready()
            stage.note("hand_full")
            return
        stage.hand.take(cart_of(row["cart"]))
        stage.changed()
        self.parked = max(0, self.parked - 1)
        stage.ready()
        stage.do(lambda _: None, "keep", slot=row["slot"], cart=None)
