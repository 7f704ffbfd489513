"""The codes of tickets as CSV, for whoever prints or mails them from a spreadsheet."""

import csv
import io
import unicodedata
from collections.abc import Sequence
from typing import Final

from cloud.settings import OfficeFolder
from cloud.store.tickets import TicketRow
from cloud.tickets.codes import KeyRing
from cloud.tickets.people import Person
from sync.short_number import short_number

_MARK: Final = b"\xef\xbb\xbf"
_HEADER: Final = (
    "serial", "number", "code", "type", "external code", "reference", "name", "email",
)  # fmt: skip
_FORMULA: Final = ("=", "+", "-", "\N{MINUS SIGN}", "@", "|")
_CONTROLS: Final = ("\t", "\r", "\n")


def codes_table(folder: OfficeFolder, found: Sequence[tuple[TicketRow, Person]]) -> bytes:
    """Return a row for each ticket, in UTF-8 with a mark; signing 10,000 takes about a second."""
    out = io.StringIO(newline="")
    table = csv.writer(out)
    table.writerow(_HEADER)
    signed = KeyRing(folder).coded([row for row, _ in found])
    for one, (row, person) in zip(signed, found, strict=True):
        texts = (row.external or "", row.reference, person.name, person.email)
        what = (row.serial, short_number(row.serial), one.code or "", row.type)
        table.writerow((*what, *map(no_formula, texts)))
    return _MARK + out.getvalue().encode()


def no_formula(text: str) -> str:
    """Return a text with an apostrophe before it if a spreadsheet would take it for a formula.

    Some skip blanks and characters that are not seen before they look, and some read wide signs.
    """
    plain = unicodedata.normalize("NFKC", text)
    seen = plain.lstrip("".join(char for char in plain if not _is_seen(char)))
    return f"'{text}" if seen.startswith(_FORMULA) or text.startswith(_CONTROLS) else text


def _is_seen(char: str) -> bool:
    """Tell whether a character is neither a blank nor one that is not shown."""
    return unicodedata.category(char)[0] not in "CZ"
