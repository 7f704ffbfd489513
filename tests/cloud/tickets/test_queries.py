from pathlib import Path
from typing import Any

import pytest

from cloud.limits import TICKETS_LOOKED_AT_MAX
from cloud.store.look import look
from cloud.store.tickets import Origin, SaleState
from cloud.tickets import queries, service
from cloud.tickets.codes import KeyRing
from cloud.tickets.queries import Asked, history_of, listed, read_place, spell_place
from cloud.tickets.status import Shown
from sync.limits import U64_MAX
from sync.short_number import short_number
from tests.cloud.facts import admitted, left
from tests.cloud.offices import TestOffice
from tests.cloud.tickets.desk import DAY, PASS, change, issue, open_desk


def found(office: TestOffice, asked: Asked, page: int = 1_000) -> list[int]:
    """Return the serials of a list, walked over page by page."""
    serials: list[int] = []
    after = None
    with look(office.folder.path, office.folder.festival) as seen:
        while True:
            tickets, after = listed(seen, asked, after, page)
            assert len(tickets) <= page
            serials += [one.row.serial for one in tickets]
            if after is None:
                return serials
            after = read_place(spell_place(after))


async def test_a_list_is_walked_over_page_by_page_without_gap_or_repetition(
    tmp_path: Path,
) -> None:
    async with open_desk(tmp_path) as office:
        rows = await issue(office, 7) + await issue(office, 5)
        wanted = [r.serial for r in sorted(rows, key=lambda r: (r.made_ms, r.serial))]
        for page in (1, 3, 12, 50):
            assert found(office, Asked(), page) == wanted


@pytest.mark.parametrize("text", ["", "x", "1", "1-", "-1", "1-2-3", "1-²", f"1-{U64_MAX + 1}"])
def test_a_text_that_is_no_place_in_a_list_is_none(text: str) -> None:
    assert read_place(text) is None


async def test_tickets_are_found_by_type_origin_batch_and_order(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as office:
        (day,) = await issue(office, type=DAY)
        (comp,) = await issue(office, type=PASS, origin=Origin.COMP, batch=b"c" * 16)
        (sold,) = await issue(office, origin=Origin.ORDER, order=b"o" * 16)
        assert found(office, Asked(type=PASS)) == [comp.serial]
        assert found(office, Asked(origin=Origin.COMP)) == [comp.serial]
        assert found(office, Asked(batch=b"c" * 16)) == [comp.serial]
        assert found(office, Asked(order=b"o" * 16)) == [sold.serial]
        assert set(found(office, Asked(type=DAY))) == {day.serial, sold.serial}
        assert found(office, Asked(type=DAY, origin=Origin.COMP)) == []


async def test_tickets_are_found_by_what_people_read_or_scan(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as office:
        (row,) = await issue(office, reference="R0GZ7")
        await issue(office, 5, reference="OTHER")
        code = KeyRing(office.folder).code(row)
        texts = [str(row.serial), short_number(row.serial), "R0GZ7", " r0gz7 ", code or ""]
        for text in texts:
            assert found(office, Asked(q=text)) == [row.serial], text
        for text in ("7", "R0GZ", "GU1:ABC", str(U64_MAX + 1), "0" * 30, "é", "%", "'"):
            assert found(office, Asked(q=text)) == [], text


async def test_a_list_by_state_follows_what_gates_and_the_office_say(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as office:
        gate = await office.gate()
        a, b, c, d, e, f = [row.serial for row in await issue(office, 6)]
        (g,) = [row.serial for row in await issue(office, state=SaleState.RESERVED)]
        (admission,) = gate.say(admitted(a))
        gate.say(admitted(b), left(a, admission.id))
        await office.level(gate)
        await change(office, service.block, c)
        await change(office, service.cancel, d)
        await change(office, service.note_refund, d)
        await change(office, service.pay, e)
        wanted = {
            Shown.OUTSIDE: [a], Shown.INSIDE: [b], Shown.INVALID: [c], Shown.REFUNDED: [d],
            Shown.PAID: [e], Shown.ISSUED: [f], Shown.RESERVED: [g],
        }  # fmt: skip
        for shown, serials in wanted.items():
            assert found(office, Asked(shown=shown), 1) == serials


async def test_a_list_by_state_looks_at_some_thousands_at_once_and_goes_on(
    tmp_path: Path,
) -> None:
    async with open_desk(tmp_path) as office:
        await issue(office, TICKETS_LOOKED_AT_MAX)
        (last,) = await issue(office, state=SaleState.PAID, batch=b"p" * 16)
        await change(office, service.block, last.serial)
        with look(office.folder.path, office.folder.festival) as seen:
            tickets, after = listed(seen, Asked(shown=Shown.INVALID), None, 10)
            assert tickets == []
            assert after is not None
            tickets, after = listed(seen, Asked(shown=Shown.INVALID), after, 10)
        assert [one.row.serial for one in tickets] == [last.serial]
        assert after is None


async def test_the_history_of_a_ticket_names_gates_and_goes_over_its_replacement(
    tmp_path: Path,
) -> None:
    async with open_desk(tmp_path) as office:
        north = await office.gate()
        (old,) = await issue(office)
        (admission,) = north.say(admitted(old.serial))
        north.say(left(old.serial, admission.id))
        await office.level(north)
        (new,) = await change(office, service.reissue, old.serial)
        north.say(admitted(new.serial))
        await office.level(north)
        deeds = deeds_of(office, new.serial)
        assert [(deed["what"], deed["serial"], deed["gate"]) for deed in deeds] == [
            ("admitted", old.serial, "North"),
            ("left", old.serial, "North"),
            ("admitted", new.serial, "North"),
        ]
        assert deeds_of(office, old.serial) == deeds


def deeds_of(office: TestOffice, serial: int) -> list[dict[str, Any]]:
    with look(office.folder.path, office.folder.festival) as seen:
        rows = history_of(seen, serial)
    names = queries.Deed.__slots__
    return [{name: getattr(row, name) for name in names} for row in rows]
