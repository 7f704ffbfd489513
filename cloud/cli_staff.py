"""`./guichet cloud staff`: who may work at a terminal, with a badge and a PIN.

The PIN is drawn or read here, printed once and never kept: the office states its proof only.
"""

import sys
from pathlib import Path
from typing import Any, Final

import click

from cloud.cli_codes import newest_key
from cloud.cli_office import FOLDER
from cloud.clock_and_chance import random_bytes
from cloud.settings import open_office
from cloud.speak import speak
from provisioning.keys import load_key_file
from sync.codes import CodeKind, Ticket, issue
from sync.facts import Right
from sync.keys import PIN_DIGITS_MIN, PIN_SALT_BYTES, is_pin, pin_proof
from sync.limits import U64_MAX

_SERIAL_BYTES: Final = 8
_EXAMPLE: Final = (
    "\b\nExample: ./guichet cloud staff office --call-sign N1 --rights agent,supervisor\n"
    "         ./guichet cloud staff office --badge 1234 --rights none"
)
_RIGHTS: Final = ", ".join(right.name.lower() for right in Right if right.name)


class Rights(click.ParamType[int]):
    """Rights with commas between them, or `none`."""

    name = "rights"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the bits that the words name."""
        words = [word.strip().upper() for word in str(value).split(",") if word.strip()]
        if words == ["NONE"]:
            return 0
        try:
            return sum({int(Right[word]) for word in words})
        except KeyError:
            self.fail(f"{value!r} is not none or a list of {_RIGHTS}", param, ctx)


@click.command("staff", epilog=_EXAMPLE)
@FOLDER
@click.option("--badge", type=click.IntRange(0, U64_MAX), help="Change this badge's; else a new.")
@click.option("--call-sign", "label", help="What terminals call them: a sign, never a name.")
@click.option("--rights", type=Rights(), help=f"none, or some of {_RIGHTS}.")
@click.option("--new-pin", is_flag=True, help="Draw a new PIN for this badge.")
@click.option("--pin-from-input", is_flag=True, help="Read the PIN from standard input.")
def staff(
    folder: Path,
    badge: int | None,
    label: str | None,
    rights: int | None,
    new_pin: bool,  # noqa: FBT001
    pin_from_input: bool,  # noqa: FBT001
) -> None:
    """Name a member of staff, change what they may do, or take all rights away.

    Prints the badge's serial, the PIN if one was drawn, and for a new badge the code to print as
    QR: one a line, a word, a tab, the value.
    """
    is_new = badge is None
    if is_new and (label is None or rights is None):
        message = "a new member of staff needs --call-sign and --rights"
        raise click.UsageError(message)
    office = open_office(folder)
    number = int.from_bytes(random_bytes(_SERIAL_BYTES), "big") if badge is None else badge
    row: dict[str, Any] = {"kind": "staff", "badge": number}
    given = {"label": label, "rights": rights}
    row |= {name: value for name, value in given.items() if value is not None}
    pin = _pin(pin_from_input) if is_new or new_pin or pin_from_input else None
    if pin is not None:
        row["pin"] = pin_proof(pin, random_bytes(PIN_SALT_BYTES)).hex()
    if len(row) == 2:  # noqa: PLR2004 - kind and badge alone change nothing
        message = "give --call-sign, --rights, --new-pin or --pin-from-input"
        raise click.UsageError(message)
    speak(folder, [row])
    print(f"badge\t{number}")
    if pin is not None and not pin_from_input:
        print(f"pin\t{pin}")
    if is_new:
        key_id = newest_key(office)
        ticket = Ticket(CodeKind.STAFF_BADGE, key_id, office.festival, number, 0, 0, 0, 0)
        print(f"code\t{issue(ticket, load_key_file(office.issuing_key_file(key_id)))}")


def _pin(from_input: bool) -> str:  # noqa: FBT001
    if not from_input:
        return f"{int.from_bytes(random_bytes(_SERIAL_BYTES), 'big') % 10**PIN_DIGITS_MIN:06d}"
    pin = sys.stdin.readline().strip()
    if not is_pin(pin):
        message = f"a PIN has at least {PIN_DIGITS_MIN} digits and nothing else"
        raise click.UsageError(message)
    return pin
