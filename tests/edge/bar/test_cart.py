"""A basket in hand is a value: it adds up to the cent, and survives a power cut unchanged."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.bar.basket import total_of
from edge.bar.cart import CHOICES_MAX, NAME_CHARS_MAX, Cart, CartFull, cart_of
from edge.limits import CART_BYTES_MAX
from sync.facts import LineKind
from sync.limits import MONEY_MINOR_MAX, SALE_LINES_MAX


def offer(product: int = 1, price: int = 500, **more: Any) -> dict[str, Any]:
    fields = {
        "product": product,
        "name": f"Drink {product}",
        "price": price,
        "half": price // 2,
        "double": 2 * price,
        "mixer": 150,
        "deposit": 100,
        "vat": 2000,
        "age": 0,
    }
    return fields | more


PRICES = st.integers(0, 100_000)
OFFERS = st.builds(
    offer,
    product=st.integers(1, 5),
    price=PRICES,
    deposit=st.sampled_from([0, 100, 200]),
    age=st.sampled_from([0, 16, 18]),
    name=st.text(max_size=80),
)
ADDED = st.tuples(
    OFFERS, st.integers(1, 30), st.sampled_from(["half", "whole", "double"]), st.booleans()
)


@st.composite
def carts(draw: Any) -> Cart:
    """Any basket that keys can make."""
    cart = Cart("11" * 16, 7)
    for product, quantity, measure, mixer in draw(st.lists(ADDED, max_size=12)):
        cart = cart.add(product, quantity, measure, mixer=mixer)
    cart = cart.discount(draw(st.integers(0, 100)))
    if cart.choices and draw(st.booleans()):
        cart = cart.change(draw(st.integers(0, len(cart.choices) - 1)), draw(st.integers(0, 9)))
    cart = cart.return_cups(draw(st.integers(-2, 9)), 100).tipped(draw(PRICES))
    cart = cart.topped_up(draw(PRICES), draw(st.sampled_from(["cash", "card"])))
    if draw(st.booleans()):
        cart = cart.with_voucher("GU1:V", draw(st.text(max_size=80)), draw(PRICES))
    return cart.looked_at() if draw(st.booleans()) else cart


@given(carts())
def test_the_lines_of_a_basket_add_up_to_its_total_and_its_vouchers(cart: Cart) -> None:
    by_voucher = sum(amount for _, _, amount in cart.vouchers)
    assert total_of(tuple(cart.lines())) == cart.total + by_voucher


@given(carts())
def test_what_is_kept_comes_back_as_it_was(cart: Cart) -> None:
    kept = json.loads(json.dumps(cart.row(), ensure_ascii=False))
    assert cart_of(kept) == cart


@given(carts())
def test_what_belongs_to_a_line_names_one_that_came_before_it(cart: Cart) -> None:
    for at, (product, quantity, _, _, kind, about) in enumerate(cart.lines()):
        if kind in {LineKind.DEPOSIT, LineKind.MIXER, LineKind.DISCOUNT}:
            assert about is not None
            assert about < at
            assert cart.lines()[about][:2] == (product, quantity)


@given(carts(), OFFERS)
def test_whoever_looked_at_the_age_looks_again_only_for_a_higher_one(
    cart: Cart, product: dict[str, Any]
) -> None:
    changed = cart.looked_at().add(product, 1, "whole", mixer=False)
    assert changed.age_checked == (product["age"] <= cart.age)


def test_a_discount_replaces_the_one_before_and_can_be_for_one_line() -> None:
    cart = Cart().add(offer(1), 2, "whole", mixer=False).add(offer(2, 333), 1, "whole", mixer=False)
    assert [one.discount for one in cart.discount(10).choices] == [50, 33]
    assert [one.discount for one in cart.discount(10).discount(50, 1).choices] == [50, 167]
    assert cart.discount(10).discount(0) == cart
    with pytest.raises(ValueError, match="percent"):
        cart.discount(101)


def test_the_same_at_another_price_is_a_line_of_its_own() -> None:
    cart = Cart().add(offer(price=500), 1, "whole", mixer=False)
    cart = cart.add(offer(price=550), 1, "whole", mixer=False)
    assert [one.unit for one in cart.choices] == [500, 550]


@pytest.mark.parametrize("measure,mixer", [("half", False), ("double", False), ("whole", True)])
def test_a_measure_that_there_is_not_cannot_be_chosen(measure: str, mixer: bool) -> None:
    plain = offer(half=None, double=None, mixer=None)
    with pytest.raises(ValueError, match="has no"):
        Cart().add(plain, 1, measure, mixer=mixer)


def test_a_basket_has_an_end_and_is_unchanged_when_it_is_full() -> None:
    cart = Cart()
    for number in range(CHOICES_MAX):
        cart = cart.add(offer(number, deposit=0), 1, "whole", mixer=False)
    with pytest.raises(CartFull):
        cart.add(offer(9_999, deposit=0), 1, "whole", mixer=False)
    with pytest.raises(CartFull):
        cart.change(0, 10**7)
    with pytest.raises(CartFull):
        cart.tipped(MONEY_MINOR_MAX + 1)
    assert len(cart.choices) == CHOICES_MAX


def test_a_basket_never_holds_more_lines_than_a_sale() -> None:
    cart, full = Cart(), False
    for number in range(CHOICES_MAX):
        try:
            cart = cart.add(offer(number), 1, "double", mixer=True)
        except CartFull:
            full = True
    assert full
    cart = cart.return_cups(1, 100).tipped(1).topped_up(1, "cash")
    assert len(cart.lines()) <= SALE_LINES_MAX


def test_the_largest_basket_with_the_longest_names_can_still_be_kept() -> None:
    cart = Cart("11" * 16, 2**31)
    for number in range(CHOICES_MAX):
        wide = offer(2**31 + number, 99_999_999, name="𝔅" * 80, deposit=0, half=1)
        cart = cart.add(wide, 999, "whole", mixer=False)
    assert len(cart.choices[0].name) == NAME_CHARS_MAX
    assert len(json.dumps(cart.row(), ensure_ascii=False).encode()) <= CART_BYTES_MAX


@pytest.mark.parametrize(
    "row",
    [
        None,
        5,
        {},
        {"sale": "x"},
        {**Cart().row(), "choices": [[1, 2]]},
        {**Cart().row(), "tip": None},
    ],
)
def test_what_is_no_basket_is_refused(row: Any) -> None:
    with pytest.raises(ValueError, match="not a basket"):
        cart_of(row)


def test_a_voucher_shown_twice_counts_once_and_can_be_given_back() -> None:
    cart = Cart().add(offer(), 1, "whole", mixer=False).with_voucher("a", "A", 100)
    cart = cart.with_voucher("b", "B", 50).with_voucher("a", "A", 200)
    assert cart.total == 600 - 250
    assert cart.without_voucher(0).vouchers == (("a", "A", 200),)
