"""No record may be worth so much that an account could overflow."""

import pytest

from sync.facts import Sold, body_map
from sync.limits import MONEY_MINOR_MAX, QUANTITY_UNITS_MAX
from sync.schema import Misshapen


def sold(quantity: int, unit: int) -> Sold:
    """Return a sale of one line."""
    lines = ((1, quantity, unit, 0, 0, None),)
    return Sold(bytes(16), 1, 0, 1, lines, (), 1, "tender", 0)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_line_worth_more_than_any_till_holds_is_refused(sign: int) -> None:
    body_map(sold(sign * 10, MONEY_MINOR_MAX // 10))
    with pytest.raises(Misshapen, match="worth more"):
        body_map(sold(sign * 10, MONEY_MINOR_MAX // 10 + 1))
    with pytest.raises(Misshapen, match="worth more"):
        body_map(sold(sign * QUANTITY_UNITS_MAX, MONEY_MINOR_MAX))
