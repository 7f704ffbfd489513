"""The basket in hand: what was chosen so far, at the prices that were shown when it was chosen.

It is a value: every change gives a new one, so a screen can paint it at once and a till can keep it
over a power cut. Its sale has an id from the first thing in it, which survives every retry.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

from edge.bar.basket import Line
from sync.facts import LineKind
from sync.limits import MONEY_MINOR_MAX, QUANTITY_UNITS_MAX, SALE_LINES_MAX

CUP: Final = 0
"""The product number of cups, tips and top-ups, which are on no price list."""
CHOICES_MAX: Final = 300
NAME_CHARS_MAX: Final = 32
_OWN_LINES: Final = 3
MEASURES: Final = {"half": LineKind.HALF, "whole": LineKind.ITEM, "double": LineKind.DOUBLE}


class CartFull(Exception):
    """One sale cannot hold more; what is in hand is unchanged."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something chosen, so many times; prices of one in minor units.

    `measure` is ``half``, ``whole`` or ``double``; `mixer` is None without one; `discount` is taken
    off each; `age` is from which age on it may be had.
    """

    product: int
    name: str
    quantity: int
    unit: int
    vat: int
    measure: str = "whole"
    mixer: int | None = None
    deposit: int = 0
    discount: int = 0
    age: int = 0

    @property
    def amount(self) -> int:
        """What all of it costs, without deposits."""
        return self.quantity * (self.unit + (self.mixer or 0) - self.discount)


@dataclass(frozen=True, slots=True)
class Cart:
    """A basket in hand; amounts in minor units.

    `cups_back` is how many cups were returned, each worth `cup`. `vouchers` are (code, name,
    amount), `version` is the price list that the guest was shown; `top_up_by` names how the money
    for a top-up came.
    """

    sale: str = ""
    version: int = 0
    choices: tuple[Choice, ...] = ()
    cups_back: int = 0
    cup: int = 0
    tip: int = 0
    top_up: int = 0
    top_up_by: str = "cash"
    vouchers: tuple[tuple[str, str, int], ...] = ()
    age_checked: bool = False

    def __bool__(self) -> bool:
        """Tell whether there is anything in it."""
        return bool(self.choices or self.cups_back or self.tip or self.top_up)

    @property
    def total(self) -> int:
        """What is to be paid after vouchers; negative is handed out."""
        goods = sum(choice.amount + choice.quantity * choice.deposit for choice in self.choices)
        rest = self.tip + self.top_up - self.cups_back * self.cup
        return goods + rest - sum(amount for _, _, amount in self.vouchers)

    @property
    def age(self) -> int:
        """From which age on a guest may have all of it, 0 if any age may."""
        return max((choice.age for choice in self.choices), default=0)

    def add(self, offer: dict[str, Any], quantity: int, measure: str, *, mixer: bool) -> "Cart":
        """Choose a product of the grid; the same one again adds to what is there.

        `ValueError` if it has not this measure or mixer, `CartFull` if there is no room.
        """
        unit = offer["price"] if measure == "whole" else offer[measure]
        with_mixer = offer["mixer"] if mixer else None
        if unit is None or (mixer and with_mixer is None):
            message = f"{offer['name']} has no {measure if unit is None else 'mixer'}"
            raise ValueError(message)
        chosen = Choice(
            product=offer["product"],
            name=offer["name"][:NAME_CHARS_MAX],
            quantity=quantity,
            unit=unit,
            vat=offer["vat"],
            measure=measure,
            mixer=with_mixer,
            deposit=offer["deposit"],
            age=offer["age"],
        )
        choices = list(self.choices)
        for at, one in enumerate(choices):
            if replace(one, quantity=quantity) == chosen:
                choices[at] = replace(one, quantity=one.quantity + quantity)
                break
        else:
            choices.append(chosen)
        return self._with(tuple(choices))

    def change(self, at: int, quantity: int) -> "Cart":
        """Set how many of a choice there are; none takes it out."""
        choices = list(self.choices)
        if quantity <= 0:
            del choices[at]
        else:
            choices[at] = replace(choices[at], quantity=quantity)
        return self._with(tuple(choices))

    def discount(self, percent: int, at: int | None = None) -> "Cart":
        """Take whole percents off one choice, or off all; it replaces an earlier discount."""
        if not 0 <= percent <= 100:  # noqa: PLR2004 - percents
            message = "a discount is 0 to 100 percent"
            raise ValueError(message)
        choices = tuple(
            replace(one, discount=(2 * one.unit * percent + 100) // 200) if at in {None, n} else one
            for n, one in enumerate(self.choices)
        )
        return self._with(choices)

    def return_cups(self, count: int, cup: int) -> "Cart":
        """Take so many more cups back, each worth this much; negative takes that back."""
        return replace(self, cups_back=max(0, self.cups_back + count), cup=cup)

    def tipped(self, amount: int) -> "Cart":
        """Leave a tip of this much; `CartFull` beyond what a till can hold."""
        return replace(self, tip=_held(amount))

    def topped_up(self, amount: int, method: str) -> "Cart":
        """Put this much on the wristband that pays, handed over as ``cash`` or by ``card``."""
        return replace(self, top_up=_held(amount), top_up_by=method)

    def with_voucher(self, code: str, name: str, amount: int) -> "Cart":
        """Let a voucher pay this much; the same one shown again counts once."""
        others = tuple(one for one in self.vouchers if one[0] != code)
        return replace(self, vouchers=(*others, (code, name[:NAME_CHARS_MAX], amount)))

    def without_voucher(self, at: int) -> "Cart":
        """Give a voucher back."""
        return replace(self, vouchers=self.vouchers[:at] + self.vouchers[at + 1 :])

    def looked_at(self) -> "Cart":
        """Note that somebody saw that the guest is old enough for all of it."""
        return replace(self, age_checked=True)

    def _with(self, choices: tuple[Choice, ...]) -> "Cart":
        """Change what was chosen: who looked at the guest's age must look again if it is higher."""
        if len(choices) > CHOICES_MAX:
            raise CartFull
        for one in choices:
            if abs(one.quantity) > QUANTITY_UNITS_MAX or abs(one.amount) > MONEY_MINOR_MAX:
                raise CartFull
        changed = replace(self, choices=choices)
        if len(changed.lines()) + _OWN_LINES > SALE_LINES_MAX:
            raise CartFull
        return replace(changed, age_checked=self.age_checked and changed.age <= self.age)

    def lines(self) -> list[Line]:
        """Return the basket as the lines of a sale; what belongs to a line names it."""
        lines: list[Line] = []
        for one in self.choices:
            at = len(lines)
            kind = int(MEASURES[one.measure])
            lines.append((one.product, one.quantity, one.unit, one.vat, kind, None))
            more = (
                (LineKind.MIXER, one.mixer or 0, one.vat),
                (LineKind.DISCOUNT, -one.discount, one.vat),
                (LineKind.DEPOSIT, one.deposit, 0),
            )
            lines += [
                (one.product, one.quantity, unit, vat, int(kind), at)
                for kind, unit, vat in more
                if unit
            ]
        rest = (
            (-self.cups_back, self.cup, LineKind.CUP_BACK),
            (1, self.tip, LineKind.TIP),
            (1, self.top_up, LineKind.TOP_UP),
        )
        lines += [
            (CUP, quantity, unit, 0, int(kind), None)
            for quantity, unit, kind in rest
            if quantity and unit
        ]
        return lines

    def row(self) -> dict[str, Any]:
        """Return the basket as JSON can hold it."""
        return {
            "sale": self.sale,
            "version": self.version,
            "choices": [[getattr(one, name) for name in _FIELDS] for one in self.choices],
            "cups_back": self.cups_back,
            "cup": self.cup,
            "tip": self.tip,
            "top_up": self.top_up,
            "top_up_by": self.top_up_by,
            "vouchers": [list(one) for one in self.vouchers],
            "age_checked": self.age_checked,
        }


_FIELDS: Final = tuple(Choice.__dataclass_fields__)


def _held(amount: int) -> int:
    if not 0 <= amount <= MONEY_MINOR_MAX:
        raise CartFull
    return amount


def cart_of(row: Any) -> Cart:
    """Return the basket that `row` gave; `ValueError` if it is none."""
    try:
        choices = tuple(Choice(**dict(zip(_FIELDS, one, strict=True))) for one in row["choices"])
        cart = Cart(
            sale=str(row["sale"]),
            version=int(row["version"]),
            choices=choices,
            cups_back=int(row["cups_back"]),
            cup=int(row["cup"]),
            tip=int(row["tip"]),
            top_up=int(row["top_up"]),
            top_up_by=str(row["top_up_by"]),
            vouchers=tuple((str(c), str(n), int(a)) for c, n, a in row["vouchers"]),
            age_checked=row["age_checked"] is True,
        )
        cart.lines()
    except (KeyError, TypeError, AttributeError, ValueError) as trouble:
        message = "this is not a basket"
        raise ValueError(message) from trouble
    return cart
