"""Tables as spreadsheets save them: any of their encodings and delimiters, read into rows of cells.

Nothing says how such a file is written, so it is found out: the encoding by its mark, else by what
decodes; the delimiter by the header, in which names are known. A row's number is the one that the
spreadsheet shows. What cannot be read is named and never guessed at.
"""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cloud.limits import (
    IMPORT_BYTES_MAX,
    IMPORT_COLUMNS_MAX,
    IMPORT_LINES_MAX,
    IMPORT_ROWS_MAX,
)

DELIMITERS: Final = (";", "\t", ",")
_SEP_LINE: Final = re.compile(r'"?sep=([;\t,])"?(?:\r\n|\n|\r)', re.IGNORECASE)
_FORMULA: Final = re.compile(r'="([^"]*)"')
_BLANK: Final = " \t\r\n\u00a0\u202f\u200b\ufeff"


class TableTrouble(StrEnum):
    """Why a file is no table that can be read."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    UNKNOWN_ENCODING = "unknown_encoding"
    TOO_MANY_ROWS = "too_many_rows"
    TOO_MANY_COLUMNS = "too_many_columns"
    BROKEN = "broken"
    NO_KNOWN_COLUMN = "no_known_column"
    NO_CODES = "no_codes"


@dataclass(frozen=True, slots=True)
class BadTable:
    """A file that cannot be read, and from which row on (0: as a whole)."""

    trouble: TableTrouble
    row: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One row that is not empty: its number in the spreadsheet, its cells without outer spaces."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A file that was read: how it was written, its header, its rows."""

    encoding: str
    delimiter: str
    header: tuple[str, ...]
    lines: tuple[Line, ...]


def read_table(content: bytes, is_known: Callable[[str], bool]) -> Table | BadTable:
    """Return the table in a file; `is_known` tells whether a text is the name of a column."""
    if len(content) > IMPORT_BYTES_MAX:
        return BadTable(TableTrouble.TOO_LARGE)
    decoded = _decoded(content)
    if decoded is None:
        return BadTable(TableTrouble.UNKNOWN_ENCODING)
    encoding, text = decoded
    said = _SEP_LINE.match(text)
    rest = text if said is None else text[said.end() :]
    delimiter = said[1] if said is not None else _delimiter_of(rest, is_known)
    rows: list[Line] = []
    number = 0
    try:
        for number, cells in _rows(rest, delimiter):
            rows.append(Line(number, cells))
            if len(cells) > IMPORT_COLUMNS_MAX:
                return BadTable(TableTrouble.TOO_MANY_COLUMNS, number)
            if len(rows) > IMPORT_ROWS_MAX + 1 or number > IMPORT_LINES_MAX:
                return BadTable(TableTrouble.TOO_MANY_ROWS)
    except csv.Error:
        return BadTable(TableTrouble.BROKEN, number + 1)
    if not rows:
        return BadTable(TableTrouble.EMPTY)
    return Table(encoding, delimiter, rows[0].cells, tuple(rows[1:]))


def _decoded(content: bytes) -> tuple[str, str] | None:
    """Return how a file is encoded and its text, None if nothing fits."""
    for encoding in _encodings(content):
        try:
            return encoding, content.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
    return None


def _encodings(content: bytes) -> tuple[str, ...]:
    """Return the encodings to try: what a mark says is believed; else two zeros tell UTF-16."""
    if content.startswith(codecs.BOM_UTF8):
        return ("utf-8",)
    if content.startswith(codecs.BOM_UTF16_LE):
        return ("utf-16-le",)
    if content.startswith(codecs.BOM_UTF16_BE):
        return ("utf-16-be",)
    if content[1:2] == b"\0":
        return ("utf-16-le",)
    if content[:1] == b"\0":
        return ("utf-16-be",)
    return ("utf-8", "cp1252")


def _delimiter_of(text: str, is_known: Callable[[str], bool]) -> str:
    """Return the delimiter that finds most known names in the header, then most cells."""

    def score(delimiter: str) -> tuple[int, int]:
        try:
            _, cells = next(_rows(text, delimiter), (0, ()))
        except csv.Error:
            return (0, 0)
        return (sum(map(is_known, cells)), len(cells))

    return max(DELIMITERS, key=score)


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield (number, cells) of each row that is not empty; a row may have line breaks in quotes.

    What is beyond a limit is yielded also if it is empty, and of such a row the first cells only:
    to look through megabytes of nothing took a quarter of a minute.
    """
    found = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=True
    )
    for number, cells in enumerate(found, start=1):
        is_beyond = len(cells) > IMPORT_COLUMNS_MAX or number > IMPORT_LINES_MAX
        if is_beyond or any(cells):
            clean = tuple(_clean(cell) for cell in cells[: IMPORT_COLUMNS_MAX + 1])
            if is_beyond or any(clean):
                yield number, clean


def _clean(cell: str) -> str:
    """Return a cell without outer spaces, and out of the formula that keeps its zeros in Excel."""
    stripped = cell.strip(_BLANK)
    formula = _FORMULA.fullmatch(stripped)
    return stripped if formula is None else formula[1].strip(_BLANK)
