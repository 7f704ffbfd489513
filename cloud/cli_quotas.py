"""`./guichet cloud quota` and `write-off`: how much there is in all, what is given up for lost."""

from pathlib import Path
from typing import Any

import click

from cloud.cli_facts import command
from cloud.cli_office import FOLDER
from cloud.speak import speak
from sync.limits import QUANTITY_UNITS_MAX, U16_MAX, U32_MAX
from sync.money import Money

_U16 = click.IntRange(0, U16_MAX)
_PRODUCT = click.option("--product", type=click.IntRange(0, U32_MAX), help="Units of a product.")
_VOUCHER = click.option("--voucher", type=_U16, help="Vouchers of a kind.")
_TICKET_TYPE = click.option("--ticket-type", type=_U16, help="Tickets of a type, sold at tills.")


@command(
    "quota",
    "--voucher 7 --capacity 500\n"
    "         ./guichet cloud quota office --product 1 --capacity 2000\n"
    "         ./guichet cloud quota office --ticket-type 2 --no-capacity",
)
@FOLDER
@_PRODUCT
@_VOUCHER
@_TICKET_TYPE
@click.option("--capacity", type=click.IntRange(0, QUANTITY_UNITS_MAX), help="Units in all.")
@click.option("--no-capacity", is_flag=True, help="Any number.")
def quota(folder: Path, capacity: int | None, no_capacity: bool, **named: Any) -> None:  # noqa: FBT001
    """State how many of something are handed out in all, by all tills together.

    Tills are lent parts and hand out nothing beyond them, connected or not. A half measure counts
    as a whole unit, two halves in one basket as one.
    """
    if no_capacity is (capacity is not None):
        message = "give --capacity or --no-capacity"
        raise click.UsageError(message)
    speak(folder, [{"kind": "quota", "capacity": capacity} | _one(named, is_needed=True)])
    print("stated")


@command(
    "write-off",
    "--terminal 'North 1'\n"
    "         ./guichet cloud write-off office --terminal 'Main till 1' --product 1",
)
@FOLDER
@click.option("--terminal", required=True, help="Its name, or its id in hex.")
@click.option("--zone", type=_U16, help="Only its places in this zone.")
@_PRODUCT
@_VOUCHER
@_TICKET_TYPE
def write_off(folder: Path, terminal: str, **named: Any) -> None:
    """Take back what a terminal that cannot be reached holds, so that others can have it.

    Without a quota: everything, with its loans of wallets. Do it when the terminal is lost or will
    not be used again. If it spends after all what was taken back, more may be handed out than there
    is; that is then listed as "used more than it was lent". `revoke --write-off` also stops
    believing the terminal.
    """
    row = {"kind": "write_off", "terminal": terminal} | _one(named, is_needed=False)
    counts = speak(folder, [row])
    told = [f"{counts['units_written_off']} units"]
    if counts["minor_written_off"]:
        told.append(f"{Money(counts['minor_written_off'])} of wallets")
    print(f"taken back: {' and '.join(told)}")


def _one(named: dict[str, Any], *, is_needed: bool) -> dict[str, int]:
    """Return the one quota that was named."""
    given = {name: value for name, value in named.items() if value is not None}
    if len(given) > 1 or (is_needed and not given):
        options = ", ".join(f"--{name.replace('_', '-')}" for name in named)
        message = f"name one of {options}"
        raise click.UsageError(message)
    return given
