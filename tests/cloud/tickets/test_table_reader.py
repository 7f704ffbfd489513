"""Tables of every sort are read back as they were written; what cannot be read is named."""

import csv
import io

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cloud.limits import (
    IMPORT_BYTES_MAX,
    IMPORT_COLUMNS_MAX,
    IMPORT_LINES_MAX,
    IMPORT_ROWS_MAX,
)
from cloud.tickets.columns import column_of
from cloud.tickets.table_reader import DELIMITERS, BadTable, Line, Table, TableTrouble, read_table

pytestmark = pytest.mark.one_engine  # nothing here asks a database

ENCODINGS = {
    "utf-8": "utf-8",
    "utf-8-sig": "utf-8",
    "utf-16": "utf-16-le",
    "utf-16-be-mark": "utf-16-be",
    "cp1252": "cp1252",
}
HEADERS = ["Code", "Type de billet", "Nom", "Prénom", "E-mail", "N° de commande", "Statut"]


def is_known(name: str) -> bool:
    return column_of(name) is not None


def written(rows: list[list[str]], encoding: str, delimiter: str, end: str, quoting: int) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]  # one of csv's constants
    writer.writerows(rows)
    if encoding == "utf-16-be-mark":
        return b"\xfe\xff" + out.getvalue().encode("utf-16-be")
    return out.getvalue().encode(encoding)


def read(content: bytes) -> Table:
    table = read_table(content, is_known)
    assert isinstance(table, Table), table
    return table


texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('";,\t\n\r éÉœ€ß’'),
    max_size=12,
)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[list[str]], str]:
    header = draw(st.permutations([*HEADERS, "Price; in €, net"]))
    header = header[: draw(st.integers(2, len(header)))]
    encoding = draw(st.sampled_from(sorted(ENCODINGS)))
    cells = texts
    if encoding == "cp1252":
        cells = cells.filter(is_western)
    row = st.lists(cells, min_size=len(header), max_size=len(header))
    return [header, *draw(st.lists(row, max_size=6))], encoding


def is_western(text: str) -> bool:
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


@given(
    tables(),
    st.sampled_from(DELIMITERS),
    st.sampled_from(["\r\n", "\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_any_table_is_read_back_whatever_it_is_written_with(
    table: tuple[list[list[str]], str], delimiter: str, end: str, quoting: int
) -> None:
    rows, encoding = table
    if end == "\n" and quoting == csv.QUOTE_MINIMAL:  # Python writes a lone CR without quotes then
        rows = [[cell.replace("\r", "\n") for cell in row] for row in rows]
    content = written(rows, encoding, delimiter, end, quoting)
    if encoding == "cp1252":  # who reads bytes that are also good UTF-8 cannot know better
        assume(not is_utf8(content) or content.isascii())
    found = read(content)
    clean = [[one.strip(" \t\r\n\u00a0\u202f\u200b\ufeff") for one in row] for row in rows]
    assert [list(one.cells) for one in found.lines] == [row for row in clean[1:] if any(row)]
    assert list(found.header) == clean[0]
    assert found.delimiter == delimiter
    if not content.isascii():
        assert found.encoding == ENCODINGS[encoding]


def is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


@given(st.binary(max_size=400))
def test_no_bytes_at_all_break_the_reader(content: bytes) -> None:
    assert isinstance(read_table(content, is_known), Table | BadTable)


@given(st.text(st.sampled_from('ab;,\t"\r\n='), max_size=60))
def test_no_text_of_quotes_and_breaks_breaks_the_reader(text: str) -> None:
    assert isinstance(read_table(text.encode(), is_known), Table | BadTable)


def test_what_a_french_excel_saves_is_read() -> None:
    content = "Code;Nom;Tarif\r\n0012;Noël Œuvré;Été\r\n;;\r\n0013;  Zoé\u00a0;\r\n".encode(
        "cp1252"
    )
    found = read(content)
    assert (found.encoding, found.delimiter) == ("cp1252", ";")
    assert found.lines == (
        Line(2, ("0012", "Noël Œuvré", "Été")),
        Line(4, ("0013", "Zoé", "")),
    )


def test_what_excel_calls_unicode_text_is_read_with_and_without_its_mark() -> None:
    text = "Code\tNom\r\nA1\tŁukasz\r\n"
    for content in (b"\xff\xfe" + text.encode("utf-16-le"), text.encode("utf-16-le")):
        found = read(content)
        assert (found.encoding, found.delimiter) == ("utf-16-le", "\t")
        assert found.lines == (Line(2, ("A1", "Łukasz")),)
    assert read(text.encode("utf-16-be")).lines == (Line(2, ("A1", "Łukasz")),)


def test_rows_are_numbered_as_the_spreadsheet_shows_them() -> None:
    text = 'Code;Nom\n"A1";"over\ntwo lines"\n\n\nA2;x\n'
    assert read(text.encode()).lines == (Line(2, ("A1", "over\ntwo lines")), Line(5, ("A2", "x")))


@pytest.mark.parametrize("first", ["sep=,\r\n", '"sep=,"\n', "SEP=,\n"])
def test_the_delimiter_that_a_first_line_names_is_believed(first: str) -> None:
    found = read(f"{first}code;a,name\n1,x\n".encode())
    assert (found.delimiter, found.header) == (",", ("code;a", "name"))
    assert found.lines == (Line(2, ("1", "x")),)


def test_a_formula_that_keeps_zeros_is_read_as_its_text() -> None:
    assert read(b'code;name\n"=""00123""";x\n').lines == (Line(2, ("00123", "x")),)


def test_a_column_alone_needs_no_delimiter() -> None:
    assert read(b"barcode\n123\n456\n").lines == (Line(2, ("123",)), Line(3, ("456",)))


@pytest.mark.parametrize(
    "content, bad",
    [(b"", BadTable(TableTrouble.EMPTY)),
     (b"\xef\xbb\xbf\r\n \r\n\t\t\r\n", BadTable(TableTrouble.EMPTY)),
     (b"code\n\x81\x8d", BadTable(TableTrouble.UNKNOWN_ENCODING)),
     (b"\xff\xfea", BadTable(TableTrouble.UNKNOWN_ENCODING)),
     (b'code;name\nA1;"never closed\nA2;x\n', BadTable(TableTrouble.BROKEN, 2)),
     (b'code;name\nA1;x\nA2;"a"b\n', BadTable(TableTrouble.BROKEN, 3)),
     (b"code\n" + b'"' + b"x" * 200_000 + b'"', BadTable(TableTrouble.BROKEN, 2)),
     (b"code\n" + b";" * IMPORT_COLUMNS_MAX + b"x", BadTable(TableTrouble.TOO_MANY_COLUMNS, 2)),
     (b"code\n" + b"1\n" * (IMPORT_ROWS_MAX + 1), BadTable(TableTrouble.TOO_MANY_ROWS)),
     (b"code\n" + b";" * IMPORT_COLUMNS_MAX, BadTable(TableTrouble.TOO_MANY_COLUMNS, 2)),
     (b"\t,;" * (IMPORT_BYTES_MAX // 3), BadTable(TableTrouble.TOO_MANY_COLUMNS, 1)),
     (b"\n" * IMPORT_BYTES_MAX, BadTable(TableTrouble.TOO_MANY_ROWS)),
     (b"code\n" + b"\n" * IMPORT_LINES_MAX, BadTable(TableTrouble.TOO_MANY_ROWS)),
     (b" " * (IMPORT_BYTES_MAX + 1), BadTable(TableTrouble.TOO_LARGE))],
)  # fmt: skip
def test_what_cannot_be_read_is_named_with_its_row(content: bytes, bad: BadTable) -> None:
    assert read_table(content, is_known) == bad


def test_empty_lines_between_rows_do_no_harm() -> None:
    table = b"code\n" + b"\n" * (IMPORT_LINES_MAX - 2) + b"A1\n"
    assert read(table).lines == (Line(IMPORT_LINES_MAX, ("A1",)),)


def test_as_many_rows_as_are_allowed_are_read() -> None:
    assert len(read(b"code\n" + b"1\n" * IMPORT_ROWS_MAX).lines) == IMPORT_ROWS_MAX
