from pathlib import Path

from cloud.clock_and_chance import random_bytes
from cloud.festivals.sight import sight_of
from cloud.orders.counter import places_left
from cloud.store.look import look
from cloud.store.people import PersonBook
from cloud.store.tickets import TicketBook, TicketRow
from cloud.tickets import importing, service
from cloud.tickets.import_rows import Types, Wrong
from cloud.tickets.importing import How, Outcome, Read, Report, TypeReport, types_of
from cloud.tickets.people import Person, Sealer
from cloud.tickets.refusals import Refusal, Why
from cloud.tickets.table_reader import BadTable, TableTrouble
from sync import catalogue
from sync.codes import Ticket
from tests.cloud.offices import FESTIVAL, TestOffice
from tests.cloud.tickets.desk import DAY, change, open_desk, opened

QUOTA: dict[str, object] = {"kind": "quota", "ticket_type": DAY, "capacity": 3}
TABLE = "Code;Tarif;Nom;Courriel\nA1;Day;Zoé Łęcka;zoe@example.org\nA2;three DAYS;;\n"
HOW = How(b"b" * 16)
SEALER = Sealer(bytes(range(32)), FESTIVAL, random_bytes)


async def read(office: TestOffice, text: str) -> Read:
    types = Types(await office.do(lambda o: types_of(sight_of(o))))
    given = importing.read(text.encode(), types, SEALER)
    assert isinstance(given, Read), given
    return given


async def take_in(office: TestOffice, text: str, how: How = HOW) -> Report | Refusal:
    given = await read(office, text)
    return await office.do(lambda o: importing.take_in(o, given, how, random_bytes))


async def preview(office: TestOffice, text: str) -> Report:
    given = await read(office, text)
    with look(office.folder.path, office.folder.festival) as seen:
        return importing.preview(seen.cells, TicketBook(seen.connection, FESTIVAL), given)


async def of_code(office: TestOffice, external: str) -> TicketRow:
    row = await office.do(lambda o: TicketBook(o.store.connection, FESTIVAL).by_external(external))
    assert row is not None
    return row


def outcomes(report: Report | Refusal) -> list[tuple[int, Outcome]]:
    assert isinstance(report, Report), report
    return [(row.number, row.outcome) for row in report.rows]


async def test_each_row_becomes_a_ticket_with_a_new_code_that_gates_open(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as office:
        report = await take_in(office, TABLE)
        assert outcomes(report) == [(2, Outcome.IMPORTED), (3, Outcome.IMPORTED)]
        assert isinstance(report, Report)
        first, second = await of_code(office, "A1"), await of_code(office, "A2")
        assert [row.serial for row in report.rows] == [first.serial, second.serial]
        assert (first.type, second.type, second.holder) == (1, 2, None)
        assert isinstance(opened(office, first), Ticket)
        people = await office.do(
            lambda o: SEALER.people(PersonBook(o.store.connection, FESTIVAL), [first.holder])
        )
        assert list(people.values()) == [Person("Zoé Łęcka", "zoe@example.org")]


async def test_a_preview_says_what_would_happen_and_changes_nothing(tmp_path: Path) -> None:
    async with open_desk(tmp_path, QUOTA) as office:
        before = await office.do(lambda o: catalogue.office_version(o.cells))
        report = await preview(office, TABLE + "A3;Week;;\n" + "A4;Day;;\n" * 2)
        assert outcomes(report) == [
            (2, Outcome.OK), (3, Outcome.OK), (4, Outcome.WRONG), (5, Outcome.OK),
            (6, Outcome.WRONG),
        ]  # fmt: skip
        assert report.types == (TypeReport(1, 2, 3), TypeReport(2, 1, None))
        assert [one.external for one in report.first] == ["A1", "A2", "A4"]
        assert list(report.columns.values()) == ["Code", "Tarif", "Nom", "Courriel"]
        assert await office.do(lambda o: catalogue.office_version(o.cells)) == before
        book = await office.do(lambda o: TicketBook(o.store.connection, FESTIVAL).count(HOW.batch))
        assert book == 0


async def test_a_wrong_row_lets_nothing_in_unless_such_rows_are_skipped(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as office:
        table = TABLE + "A3;Week;;\n"
        assert await take_in(office, table) == Refusal(Why.BAD_ROWS, "1 of 3 rows")
        report = await take_in(office, table, How(b"c" * 16, skip_bad=True))
        assert outcomes(report)[2] == (4, Outcome.WRONG)
        assert isinstance(report, Report)
        assert (report.rows[2].wrong, report.count(Outcome.IMPORTED)) == (Wrong.UNKNOWN_TYPE, 2)


async def test_what_is_there_already_is_told_and_not_imported_again(tmp_path: Path) -> None:
    async with open_desk(tmp_path, QUOTA) as office:
        await take_in(office, TABLE)
        first = await of_code(office, "A1")
        report = await take_in(office, TABLE + "A5;Day;;\n", How(b"d" * 16))
        assert outcomes(report) == [
            (2, Outcome.ALREADY_THERE), (3, Outcome.ALREADY_THERE), (4, Outcome.IMPORTED),
        ]  # fmt: skip
        assert isinstance(report, Report)
        assert report.rows[0].serial == first.serial
        assert await of_code(office, "A1") == first
        assert await office.do(lambda o: places_left(o.cells, DAY)) == 1
        again = await take_in(office, TABLE + "A5;Day;;\n", How(b"e" * 16))
        assert {outcome for _, outcome in outcomes(again)} == {Outcome.ALREADY_THERE}


async def test_an_imported_ticket_is_issued_anew_and_its_table_still_brings_nothing(
    tmp_path: Path,
) -> None:
    async with open_desk(tmp_path, QUOTA) as office:
        await take_in(office, TABLE)
        old = await of_code(office, "A1")
        (new,) = await change(office, service.reissue, old.serial)
        assert (new.external, new.holder) == (None, old.holder)
        assert (await of_code(office, "A1")).replaced_by == new.serial
        again = await take_in(office, TABLE, How(b"f" * 16))
        assert {outcome for _, outcome in outcomes(again)} == {Outcome.ALREADY_THERE}
        assert await office.do(lambda o: places_left(o.cells, DAY)) == 2


async def test_an_import_respects_the_quota_or_brings_nothing(tmp_path: Path) -> None:
    async with open_desk(tmp_path, QUOTA) as office:
        table = "code;type\n" + "".join(f"B{n};Day\n" for n in range(4))
        assert not (await preview(office, table)).types[0].fits
        assert await take_in(office, table) == Refusal(Why.NO_PLACES, "type 1: 3 left")
        assert await office.do(lambda o: places_left(o.cells, DAY)) == 3


async def test_two_types_of_one_name_are_told_apart_by_their_numbers_only(tmp_path: Path) -> None:
    twin: dict[str, object] = {"kind": "type", "type": 9, "name": "DAY"}
    async with open_desk(tmp_path, twin) as office:
        report = await preview(office, "code;type\nA1;Day\nA2;9\n")
        assert outcomes(report) == [(2, Outcome.WRONG), (3, Outcome.OK)]


def test_a_table_without_known_columns_or_codes_is_refused() -> None:
    types = Types({})
    assert importing.read(b"colour;size\nred;1\n", types, None) == BadTable(
        TableTrouble.NO_KNOWN_COLUMN
    )
    assert importing.read(b"name;size\nred;1\n", types, None) == BadTable(TableTrouble.NO_CODES)


async def test_ten_thousand_rows_of_names_are_taken_in_within_seconds(tmp_path: Path) -> None:
    rows = "".join(f"X{n};Day;Name {n};n{n}@example.org\n" for n in range(10_000))
    async with open_desk(tmp_path) as office:
        report = await take_in(office, "code;type;name;email\n" + rows)
        assert isinstance(report, Report)
        assert report.count(Outcome.IMPORTED) == 10_000
