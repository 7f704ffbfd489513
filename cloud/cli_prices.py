"""`./guichet cloud product` and `voucher`: what bars sell, for how much, when and where."""

from pathlib import Path
from typing import Any, Final

import click

from cloud.cli_facts import Amount, Numbers, command, state_row
from cloud.cli_office import FOLDER
from cloud.festivals.price_list import DAY_END, minute_text
from sync.limits import U16_MAX, U32_MAX
from sync.money import MoneyError, parse

_HOUR_MINUTES: Final = 60
_CLOCK_PARTS: Final = 2
_GONE: Final = ("half", "double", "mixer", "windows", "ticket_type")


class Price(Amount):
    """An amount of money that nobody is paid: 0.00 or more, as minor units."""

    name = "price"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the minor units that the text spells."""
        minor = super().convert(value, param, ctx)
        if minor < 0:
            self.fail(f"{value!r} is less than nothing", param, ctx)
        return minor


class Window(click.ParamType[list[int]]):
    """A price for a part of the day such as 17:00-19:00=4.00, as [from, until, minor units]."""

    name = "window"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> list[int]:
        """Return the minutes of the day and the price that the text spells."""
        times, _, price = str(value).partition("=")
        start, _, end = times.partition("-")
        try:
            return [_minute(start), _minute(end), parse(price).minor]
        except (MoneyError, ValueError):
            self.fail(f"{value!r} is not a time and a price such as 17:00-19:00=4.00", param, ctx)


def _minute(text: str) -> int:
    """Return a clock's time as the minute of the day; `ValueError` if it is none."""
    parts = text.split(":")
    if len(parts) != _CLOCK_PARTS or not all(len(part) == _CLOCK_PARTS for part in parts):
        raise ValueError(text)
    minute = int(parts[0]) * _HOUR_MINUTES + int(parts[1])
    if minute > DAY_END or minute_text(minute) != text:
        raise ValueError(text)
    return minute


@command(
    "product",
    "--product 1 --name 'Pale pint' --price 5.00 --vat 2000 --deposit 1.00\n"
    "         ./guichet cloud product office --product 1 --half 2.60 --double 9.00 --mixer 1.50\n"
    "         ./guichet cloud product office --product 1 --window 17:00-19:00=4.00 --bars 1,2\n"
    "         ./guichet cloud product office --product 1 --no-windows --every-bar\n"
    "         ./guichet cloud product office --product 9 --name 'Day ticket' --ticket-type 2",
)
@FOLDER
@click.option("--product", required=True, type=click.IntRange(0, U32_MAX))
@click.option("--name")
@click.option("--category")
@click.option("--price", type=Price(), help="Such as 5.00, VAT included.")
@click.option("--vat", type=click.IntRange(0, 9_999), help="Basis points: 2000 is 20 %.")
@click.option("--deposit", type=Price(), help="For the cup.")
@click.option("--age", type=click.IntRange(0, 99), help="Only from this age on.")
@click.option("--on-sale/--not-on-sale", "on_sale", default=None)
@click.option("--half", type=Price(), help="The price of half a measure.")
@click.option("--double", type=Price(), help="The price of a double measure.")
@click.option("--mixer", type=Price(), help="What a mixer costs on top.")
@click.option(
    "--window",
    "windows",
    type=Window(),
    multiple=True,
    metavar="FROM-UNTIL=PRICE",
    help="A price for a part of the day, such as 17:00-19:00=4.00; once for each.",
)
@click.option("--bars", type=Numbers(), help="Only these bars have it, such as 1,2.")
@click.option(
    "--ticket-type",
    type=click.IntRange(0, U16_MAX),
    help="Each one sold hands out a printed ticket of this type.",
)
@click.option("--no-half", is_flag=True, help="There is no half measure any more.")
@click.option("--no-double", is_flag=True, help="There is no double measure any more.")
@click.option("--no-mixer", is_flag=True, help="Nothing is poured to it any more.")
@click.option("--no-windows", is_flag=True, help="It has one price all day.")
@click.option("--no-ticket-type", is_flag=True, help="It hands out no ticket any more.")
@click.option("--every-bar", is_flag=True, help="Every bar has it.")
def product(folder: Path, windows: tuple[list[int], ...], every_bar: bool, **row: Any) -> None:  # noqa: FBT001
    """State a product of the price list. What is left out stays as it was."""
    row["windows"] = list(windows) or None
    gone = [name for name in _GONE if row.pop(f"no_{name}")] + ["bars"] * every_bar
    for name in gone:
        if row[name] is not None:
            message = f"{name} is given and taken away at once"
            raise click.UsageError(message)
    state_row(folder, row, "product", gone)


@command("voucher", "--voucher 3 --name 'Crew meal' --worth 9.00 --products 4,5")
@FOLDER
@click.option("--voucher", required=True, type=click.IntRange(0, U16_MAX), help="Its number.")
@click.option("--name")
@click.option("--worth", type=Price(), help="What it pays at most; 0.00 pays one whole item.")
@click.option("--products", type=Numbers(), help="What it pays for, such as 4,5; empty: anything.")
def voucher(folder: Path, **row: Any) -> None:
    """State a kind of voucher. What is left out stays as it was.

    The codes to print come from ./guichet cloud issue DIR --kind voucher --type NUMBER.
    """
    state_row(folder, row, "voucher")
