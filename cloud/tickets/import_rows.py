"""What a row of an import says, or what is wrong with it; pure, done before the writer is asked.

A row that is wrong is told with its number, in both languages. Nothing is repaired by guessing: a
number that Excel has shortened is lost, and so is a ticket that another system has withdrawn.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cloud.limits import EXTERNAL_CODE_CHARS_MAX, IMPORT_CELL_CHARS_MAX
from cloud.tickets.columns import Column, Sold, columns_in, plain, sold_as
from cloud.tickets.people import Person
from cloud.tickets.table_reader import Line, Table
from sync.limits import CODE_PREFIX, TEXT_CHARS_MAX

_SHORTENED: Final = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE]\+?\d+")
_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_NUMBER: Final = re.compile(r"\d{1,5}")


class Wrong(StrEnum):
    """What is wrong with a row."""

    TOO_MANY_CELLS = "too_many_cells"
    CELL_TOO_LONG = "cell_too_long"
    CONTROL_CHARACTERS = "control_characters"
    NO_CODE = "no_code"
    CODE_TOO_LONG = "code_too_long"
    CODE_SHORTENED = "code_shortened"
    CODE_IS_OURS = "code_is_ours"
    CODE_TWICE = "code_twice"
    NO_TYPE = "no_type"
    UNKNOWN_TYPE = "unknown_type"
    WITHDRAWN = "withdrawn"
    UNPAID = "unpaid"
    UNKNOWN_STATUS = "unknown_status"
    SEVERAL = "several"
    BAD_EMAIL = "bad_email"


@dataclass(frozen=True, slots=True)
class Brought:
    """A ticket of another system, ready to be taken in."""

    external: str
    type: int
    person: Person
    reference: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A row: its number in the spreadsheet, and either a ticket or what is wrong with it."""

    number: int
    ticket: Brought | None
    wrong: Wrong | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Types:
    """The ticket types that rows may name: numbers by plain name, and what stands in for others.

    `if_missing` is for rows without a type, `if_unknown` for those whose type is not known here.
    """

    by_name: Mapping[str, int]
    if_missing: int | None = None
    if_unknown: int | None = None

    def find(self, text: str) -> int | Wrong:
        """Return the type that a cell names, by name or number."""
        if not text:
            return Wrong.NO_TYPE if self.if_missing is None else self.if_missing
        number = self.by_name.get(plain(text))
        if number is None and _NUMBER.fullmatch(text) and int(text) in self.by_name.values():
            number = int(text)
        number = self.if_unknown if number is None else number
        return Wrong.UNKNOWN_TYPE if number is None else number


def judge(table: Table, types: Types) -> list[Judged]:
    """Return what each row of a table says; a code that stands there twice counts once."""
    places = columns_in(table.header)
    first_of: dict[str, int] = {}
    judged = []
    for line in table.lines:
        one = _judge_line(line, places, len(table.header), types)
        if one.ticket is not None:
            first = first_of.setdefault(one.ticket.external, line.number)
            if first != line.number:
                one = Judged(line.number, None, Wrong.CODE_TWICE, str(first))
        judged.append(one)
    return judged


def _judge_line(line: Line, places: Mapping[Column, int], width: int, types: Types) -> Judged:
    """Return what one row says: guards in the order of its reading."""

    def cell(column: Column) -> str:
        place = places.get(column)
        return "" if place is None or place >= len(line.cells) else line.cells[place]

    def wrong(why: Wrong, detail: str = "") -> Judged:
        return Judged(line.number, None, why, detail)

    if any(line.cells[width:]):
        return wrong(Wrong.TOO_MANY_CELLS)
    for text in line.cells:
        if len(text) > IMPORT_CELL_CHARS_MAX:
            return wrong(Wrong.CELL_TOO_LONG, str(IMPORT_CELL_CHARS_MAX))
        if _CONTROL.search(text):
            return wrong(Wrong.CONTROL_CHARACTERS)
    external = cell(Column.CODE)
    why = _trouble_with_code(external) or _trouble_with_sale(
        cell(Column.STATUS), cell(Column.QUANTITY)
    )
    if why is not None:
        return wrong(why)
    number = types.find(cell(Column.TYPE))
    if isinstance(number, Wrong):
        return wrong(number, cell(Column.TYPE))
    person = Person(_name(cell), cell(Column.EMAIL))
    if person.email and not _ADDRESS.fullmatch(person.email):
        return wrong(Wrong.BAD_EMAIL)
    reference = cell(Column.REFERENCE)
    if len(reference) > TEXT_CHARS_MAX:
        return wrong(Wrong.CELL_TOO_LONG, str(TEXT_CHARS_MAX))
    return Judged(line.number, Brought(external, number, person, reference))


def _trouble_with_code(code: str) -> Wrong | None:
    if not code:
        return Wrong.NO_CODE
    if len(code) > EXTERNAL_CODE_CHARS_MAX:
        return Wrong.CODE_TOO_LONG
    if not code.isprintable():  # marks that nobody sees come along when a text is copied
        return Wrong.CONTROL_CHARACTERS
    if _SHORTENED.fullmatch(code):
        return Wrong.CODE_SHORTENED
    return Wrong.CODE_IS_OURS if code.upper().startswith(CODE_PREFIX) else None


def _trouble_with_sale(status: str, quantity: str) -> Wrong | None:
    if quantity not in {"", "1"}:
        return Wrong.SEVERAL
    sold = sold_as(status) if status else Sold.GOOD
    if sold is None:
        return Wrong.UNKNOWN_STATUS
    return {Sold.WITHDRAWN: Wrong.WITHDRAWN, Sold.UNPAID: Wrong.UNPAID}.get(sold)


def _name(cell: Callable[[Column], str]) -> str:
    """Return the whole name, else first and last name together."""
    parts = (cell(Column.FIRST_NAME), cell(Column.LAST_NAME))
    return cell(Column.NAME) or " ".join(part for part in parts if part)
