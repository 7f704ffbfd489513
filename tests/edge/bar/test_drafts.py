"""Baskets that are not sold yet survive everything, and one that was sold is not offered again."""

from pathlib import Path

import pytest

from edge.bar.cart import Cart
from edge.headless import BadCommand
from edge.store.store import look_into
from hardware.bench import ManualClock
from tests.edge.bar.tills import BEER, open_till
from tests.edge.boxes import NOW_MS, make_folder

OFFER = {
    "product": 1,
    "name": "Bière [b]",
    "price": 480,
    "half": 260,
    "double": None,
    "mixer": None,
    "deposit": 100,
    "vat": 2000,
    "age": 18,
}
CART = Cart(sale="ab" * 16).add(OFFER, 2, "whole", mixer=False)


def test_a_basket_in_hand_and_parked_ones_survive_a_death(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "bar", "bar")
    till = open_till(folder, ManualClock(NOW_MS))
    till.do("keep", slot="hand", cart=CART.row())
    till.do("keep", slot="park-2", cart=Cart(tip=50).row())
    store = look_into(folder)  # what a power cut would leave
    assert set(store.kept("cart:")) == {"hand", "park-2"}
    store.connection.close()
    till.terminal.close()
    till = open_till(folder, ManualClock(NOW_MS))
    kept = till.do("kept")
    assert kept["hand"] == CART.row()
    (parked,) = kept["parked"]
    assert (parked["slot"], parked["cart"]["tip"], parked["seller_label"]) == ("park-2", 50, "")
    till.do("keep", slot="park-2", cart=None)
    assert till.do("kept")["parked"] == []
    till.terminal.close()


def test_a_basket_that_was_paid_is_gone_even_if_nobody_cleared_it(tmp_path: Path) -> None:
    till = open_till(make_folder(tmp_path / "bar", "bar"), ManualClock(NOW_MS))
    till.says(BEER, number=40)
    till.do("keep", slot="hand", cart=CART.row())
    lines = [list(line) for line in CART.lines()]
    till.do("sell", sale=CART.sale, lines=lines, payments=[["cash", CART.total]])
    assert till.do("kept")["hand"] is None
    till.terminal.close()


@pytest.mark.parametrize(
    "slot, cart",
    [("hand", {}), ("hand", {"sale": 5}), ("hand", [1]), ("foot", CART.row()),
     ("park-", CART.row()), ("park-x", CART.row()), (None, CART.row()),
     ("hand", CART.row() | {"choices": [[1, 2]]})],
)  # fmt: skip
def test_what_is_no_basket_is_not_kept(tmp_path: Path, slot: object, cart: object) -> None:
    till = open_till(make_folder(tmp_path / "bar", "bar"), ManualClock(NOW_MS))
    with pytest.raises(BadCommand):
        till.do("keep", slot=slot, cart=cart)
    assert till.do("kept") == {"event": "kept", "hand": None, "parked": []}
    till.terminal.close()


def test_what_cannot_be_read_is_left_out_and_harms_nobody(tmp_path: Path) -> None:
    till = open_till(make_folder(tmp_path / "bar", "bar"), ManualClock(NOW_MS))
    till.terminal.lane.run(lambda: till.terminal.store.keep("cart:hand", b"\xff{"))
    assert till.do("kept")["hand"] is None
    till.terminal.close()


def test_only_so_many_baskets_are_parked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.bar.drafts.CARTS_PARKED_MAX", 1)
    till = open_till(make_folder(tmp_path / "bar", "bar"), ManualClock(NOW_MS))
    till.do("keep", slot="park-1", cart=CART.row())
    till.do("keep", slot="park-1", cart=CART.row())
    with pytest.raises(BadCommand, match="parked"):
        till.do("keep", slot="park-2", cart=CART.row())
    till.terminal.close()
