"""Money as whole minor units of the festival's currency, in a type that cannot meet a fraction."""

import re
from dataclasses import dataclass
from typing import Final, Self

from sync.limits import MONEY_MINOR_MAX

_DECIMAL: Final = re.compile(r"(-?)([0-9]{1,11})(?:\.([0-9]{1,2})0*)?")


class MoneyError(ValueError):
    """Text or a number that is not an amount of money; the message says what was expected."""


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in minor units (cents, pence); negative is owed the other way."""

    minor: int

    def __post_init__(self) -> None:
        """Refuse anything but a whole number within ±10^12 minor units."""
        if type(self.minor) is not int or abs(self.minor) > MONEY_MINOR_MAX:
            message = f"not an amount of money: {self.minor!r} (whole minor units, at most 10^12)"
            raise MoneyError(message)

    def __add__(self, other: Self) -> Self:
        """Add two amounts."""
        return type(self)(self.minor + other.minor)

    def __sub__(self, other: Self) -> Self:
        """Subtract an amount."""
        return type(self)(self.minor - other.minor)

    def __neg__(self) -> Self:
        """Turn the amount round."""
        return type(self)(-self.minor)

    def __bool__(self) -> bool:
        """Tell whether there is any money at all."""
        return self.minor != 0

    def times(self, quantity: int) -> Self:
        """Return the amount for a whole quantity."""
        return type(self)(self.minor * quantity)

    def __str__(self) -> str:
        """Return the amount with two decimals and a point, such as ``-4.80``."""
        return plain(self)


ZERO: Final = Money(0)


def parse(text: str) -> Money:
    """Read ``12``, ``12.6`` or ``-12.60`` as money.

    More than two decimals that are not zero, exponents, spaces and signs other than one minus
    raise `MoneyError`.
    """
    match = _DECIMAL.fullmatch(text)
    if match is None:
        message = f"not an amount of money: {text[:40]!r} (expected for example 12.60)"
        raise MoneyError(message)
    sign, whole, part = match.groups()
    minor = int(whole) * 100 + int((part or "0").ljust(2, "0"))
    return Money(-minor if sign else minor)


def plain(amount: Money) -> str:
    """Write an amount with two decimals and a point; a true minus sign is left to screens."""
    whole, part = divmod(abs(amount.minor), 100)
    return f"{'-' if amount.minor < 0 else ''}{whole}.{part:02d}"


def vat_within(gross_minor: int, rate_basis_points: int) -> int:
    """Return the VAT contained in a gross amount, in minor units, halves away from zero.

    The rate is in basis points (2000 = 20 %). Whole-number arithmetic only: the same on every
    machine.
    """
    if rate_basis_points == 0:
        return 0
    divisor = 10_000 + rate_basis_points
    part = (2 * abs(gross_minor) * rate_basis_points + divisor) // (2 * divisor)
    return part if gross_minor >= 0 else -part
