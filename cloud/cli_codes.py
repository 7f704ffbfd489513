"""`./guichet cloud issue` and `key`: codes for guests and staff, and the keys that sign them."""

import sys
from pathlib import Path
from typing import Final

import click

from cloud.cli_office import FOLDER
from cloud.clock_and_chance import random_bytes
from cloud.settings import BadOffice, OfficeFolder, make_issuing_key, open_office
from cloud.speak import speak
from provisioning.keys import load_key_file
from sync.codes import CodeKind, Ticket, issue
from sync.limits import CODE_KEY_ID_MAX, U16_MAX, U32_MAX
from sync.short_number import short_number

CODES_MAX: Final = 1_000_000
_SERIAL_BYTES: Final = 8
_PROGRESS_EVERY: Final = 1_000


@click.command(
    "issue",
    epilog="\b\nExample: ./guichet cloud issue office --kind ticket --type 1 --count 300\n"
    "         ./guichet cloud issue office --kind voucher --type 3 --count 50\n"
    "         ./guichet cloud issue office --kind wristband --count 500 --short-numbers",
)
@FOLDER
@click.option("--kind", required=True, type=click.Choice([kind.name.lower() for kind in CodeKind]))
@click.option("--type", "ticket_type", default=0, type=click.IntRange(0, U16_MAX))
@click.option("--count", default=1, show_default=True, type=click.IntRange(1, CODES_MAX))
@click.option("--valid-from", default=0, type=click.IntRange(0, U32_MAX), help="Unix seconds.")
@click.option("--valid-until", default=0, type=click.IntRange(0, U32_MAX), help="Unix seconds.")
@click.option(
    "--flags",
    default=0,
    type=click.IntRange(0, U16_MAX),
    help="1 re-entry, 2 adult checked, 4 needs attention, 8 test ticket: their sum.",
)
@click.option("--key-id", type=click.IntRange(1, CODE_KEY_ID_MAX), help="Default: the newest.")
@click.option(
    "--short-numbers", is_flag=True, help="Print what people can type of each wristband as well."
)
def issue_codes(
    folder: Path,
    kind: str,
    ticket_type: int,
    count: int,
    valid_from: int,
    valid_until: int,
    flags: int,
    key_id: int | None,
    short_numbers: bool,  # noqa: FBT001
) -> None:
    """Print new codes, one a line: the serial, a tab, the text. Serials are random.

    The type of a ticket or voucher is the number of its kind. With --short-numbers another tab
    and the 11 digits follow that are printed on a wristband, for when it cannot be read.
    """
    if short_numbers and kind != CodeKind.WRISTBAND.name.lower():
        message = "only wristbands have a short number"
        raise click.BadParameter(message, param_hint="--short-numbers")
    if valid_until and valid_until < valid_from:
        message = "the codes would end before they begin"
        raise click.BadParameter(message, param_hint="--valid-until")
    office = open_office(folder)
    number = newest_key(office) if key_id is None else key_id
    key = load_key_file(office.issuing_key_file(number))
    for done in range(count):
        ticket = Ticket(
            kind=CodeKind[kind.upper()],
            key_id=number,
            festival=office.festival,
            serial=int.from_bytes(random_bytes(_SERIAL_BYTES), "big"),
            type=ticket_type,
            valid_from=valid_from,
            valid_until=valid_until,
            flags=flags,
        )
        ending = f"\t{short_number(ticket.serial)}" if short_numbers else ""
        print(f"{ticket.serial}\t{issue(ticket, key)}{ending}")
        if done % _PROGRESS_EVERY == _PROGRESS_EVERY - 1 and sys.stderr.isatty():
            end = "\n" if done + _PROGRESS_EVERY >= count else ""
            print(f"\r{done + 1} of {count} codes", end=end, file=sys.stderr)


@click.command("key", epilog="\b\nExample: ./guichet cloud key office --new 2")
@FOLDER
@click.option("--new", type=click.IntRange(1, CODE_KEY_ID_MAX), help="Make and state this key.")
@click.option(
    "--retire", type=click.IntRange(0, CODE_KEY_ID_MAX), help="Take no more of its codes."
)
def key(folder: Path, new: int | None, retire: int | None) -> None:
    """Make a new issuing key, or retire one. Codes of several keys are taken at once."""
    if (new is None) == (retire is None):
        message = "give either --new N or --retire N"
        raise click.UsageError(message)
    if retire is not None:
        speak(folder, [{"kind": "retire", "key_id": retire}])
        print(f"codes of key {retire} are no longer taken")
        return
    office = open_office(folder)
    certificate = make_issuing_key(office, new or 0, random_bytes)
    speak(folder, [{"kind": "certificate", "certificate": certificate.hex()}])
    print(f"key {new} issues codes from now on")


def newest_key(office: OfficeFolder) -> int:
    """Return the issuing key that new codes are signed with; `BadOffice` if there is none."""
    found = office.issuing_key_ids()
    if not found:
        message = f"{office.path} holds no issuing key. Make one: ./guichet cloud key DIR --new N"
        raise BadOffice(message)
    return found[-1]
