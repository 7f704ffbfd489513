from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from cloud.clock_and_chance import random_bytes
from cloud.office import Office
from cloud.orders.counter import places_left, places_taken
from cloud.store.tickets import Origin, SaleState, TicketBook, TicketRow, TicketTaken
from cloud.tickets import service
from cloud.tickets.codes import KeyRing
from cloud.tickets.refusals import Refusal, Why
from cloud.tickets.service import Ask
from sync import catalogue, history
from sync.admission import Admit, Direction, Question, Refuse, Verdict, judge
from sync.clock import TRUSTED_CLOCK, Moment
from sync.codes import CodeFlag, CodeKind, CodeRefusal, Ticket, open_code
from sync.facts import AuthorityHanded, CertificateIssued, TicketStatus
from sync.names import Role
from tests.cloud.box import Box
from tests.cloud.facts import admitted, left
from tests.cloud.offices import FESTIVAL, TestOffice
from tests.cloud.tickets.desk import (
    BATCH,
    DAY,
    PASS,
    add_key,
    change,
    issue,
    open_desk,
    opened,
    shown,
    ticket,
    try_change,
    try_issue,
)

QUOTA: dict[str, object] = {"kind": "quota", "ticket_type": DAY, "capacity": 10}


async def stated(office: TestOffice, serial: int) -> TicketStatus | None:
    status = await office.do(lambda o: catalogue.status(o.cells, serial))
    return None if status is None else status.word


async def left_places(office: TestOffice) -> int | None:
    return await office.do(lambda o: places_left(o.cells, DAY))


async def test_an_issued_ticket_opens_at_a_gate_with_what_was_asked_for(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as office:
        window = {"valid_from": 1_800_000_000, "valid_until": 1_800_086_400}
        (row,) = await issue(office, type=PASS, flags=int(CodeFlag.REENTRY), **window)
        assert opened(office, row) == Ticket(
            CodeKind.TICKET, 1, FESTIVAL, row.serial, PASS, 1_800_000_000, 1_800_086_400, 1
        )
        assert ticket(office, row.serial).row == row
        assert shown(office, row.serial) == "issued"
        assert await stated(office, row.serial) is None


async def test_serials_are_drawn_and_no_two_are_alike(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as office:
        rows = await issue(office, 500)
        serials = [row.serial for row in rows]
        assert len(set(serials)) == 500
        assert sum(serial >> 63 for serial in serials) > 150
        assert serials != sorted(serials)


async def test_codes_are_signed_by_the_newest_key_or_by_the_one_asked_for(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as office:
        await add_key(office, 2)
        assert (await issue(office))[0].key_id == 2
        assert (await issue(office, key_id=1))[0].key_id == 1
        await office.state({"kind": "retire", "key_id": 2})
        assert (await issue(office))[0].key_id == 1
        assert await try_issue(office, key_id=2) == Refusal(Why.UNKNOWN_KEY, "2")
        assert await try_issue(office, key_id=9) == Refusal(Why.UNKNOWN_KEY, "9")
        await office.state({"kind": "retire", "key_id": 1})
        assert await try_issue(office) == Refusal(Why.NO_KEY)


@pytest.mark.parametrize(
    "how, why",
    [({"type": 77}, Why.UNKNOWN_TYPE),
     ({"valid_from": 20, "valid_until": 20}, Why.BAD_WINDOW),
     ({"valid_from": 20, "valid_until": 10}, Why.BAD_WINDOW)],
)  # fmt: skip
async def test_tickets_that_make_no_sense_are_not_issued(
    tmp_path: Path, how: dict[str, int], why: Why
) -> None:
    async with open_desk(tmp_path) as office:
        refusal = await try_issue(office, **how)
        assert isinstance(refusal, Refusal)
        assert refusal.why is why
        assert refusal.sentence.endswith(".")


async def test_issuing_stops_at_the_quota_and_takes_nothing_beyond(tmp_path: Path) -> None:
    async with open_desk(tmp_path, QUOTA) as office:
        await issue(office, 7)
        assert await try_issue(office, 4) == Refusal(Why.NO_PLACES, "type 1: 3 left")
        assert await left_places(office) == 3
        await issue(office, 3)
        assert await left_places(office) == 0
        assert len(await issue(office, 5, type=PASS)) == 5


async def test_tickets_issued_before_a_quota_was_stated_count_against_it(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as office:
        await issue(office, 8)
        await office.state(QUOTA)
        assert await left_places(office) == 2


async def test_places_that_an_order_holds_are_not_taken_again(tmp_path: Path) -> None:
    async with open_desk(tmp_path, QUOTA) as office:
        await issue(office, 10)
        again: dict[str, Any] = {"origin": Origin.ORDER, "places_are_taken": True}
        assert len(await issue(office, 2, **again)) == 2
        assert await left_places(office) == 0


async def test_a_reserved_ticket_is_refused_as_unpaid_until_it_is_paid(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as office:
        order: dict[str, Any] = {
            "origin": Origin.ORDER,
            "order": b"o" * 16,
            "state": SaleState.RESERVED,
        }
        (row,) = await issue(office, **order)
        assert (await stated(office, row.serial), shown(office, row.serial)) == (
            TicketStatus.UNPAID, "reserved",
        )  # fmt: skip
        await change(office, service.pay, row.serial)
        assert (await stated(office, row.serial), shown(office, row.serial)) == (
            TicketStatus.VALID, "paid",
        )  # fmt: skip
        of_order = await office.do(lambda o: service.book_of(o).of_order(b"o" * 16))
        assert [one.serial for one in of_order] == [row.serial]


async def test_a_cancelled_ticket_is_revoked_and_its_place_is_free_again(tmp_path: Path) -> None:
    async with open_desk(tmp_path, QUOTA) as office:
        first, *_ = await issue(office, 10)
        await change(office, service.cancel, first.serial)
        assert await stated(office, first.serial) is TicketStatus.CANCELLED
        assert shown(office, first.serial) == "invalid"
        assert await left_places(office) == 1


async def test_cancelling_twice_gives_one_place_back(tmp_path: Path) -> None:
    async with open_desk(tmp_path, QUOTA) as office:
        first, second, *_ = await issue(office, 10)
        await change(office, service.cancel, first.serial, first.serial)
        await change(office, service.cancel, first.serial, second.serial)
        assert await left_places(office) == 2


async def test_a_refund_is_noted_of_cancelled_tickets_only(tmp_path: Path) -> None:
    async with open_desk(tmp_path, QUOTA) as office:
        first, second = await issue(office, 2)
        refusal = await try_change(office, service.note_refund, first.serial)
        assert refusal == Refusal(Why.NOT_CANCELLED, str(first.serial))
        await change(office, service.cancel, first.serial)
        both = await try_change(office, service.note_refund, first.serial, second.serial)
        assert both == Refusal(Why.NOT_CANCELLED, str(second.serial))
        assert shown(office, first.serial) == "invalid"
        await change(office, service.note_refund, first.serial)
        await change(office, service.note_refund, first.serial)
        assert shown(office, first.serial) == "refunded"
        assert await left_places(office) == 9


async def test_a_blocked_ticket_is_taken_again_when_it_is_unblocked(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as office:
        (row,) = await issue(office)
        refusal = await try_change(office, service.unblock, row.serial)
        assert refusal == Refusal(Why.NOT_BLOCKED, str(row.serial))
        await change(office, service.block, row.serial)
        assert shown(office, row.serial) == "invalid"
        await change(office, service.unblock, row.serial)
        assert await stated(office, row.serial) is TicketStatus.VALID
        assert shown(office, row.serial) == "issued"


async def test_an_unpaid_ticket_is_unpaid_after_a_block_and_a_paid_one_stays_blocked(
    tmp_path: Path,
) -> None:
    async with open_desk(tmp_path) as office:
        first, second = await issue(office, 2, state=SaleState.RESERVED)
        await change(office, service.block, first.serial, second.serial)
        await change(office, service.unblock, first.serial)
        assert shown(office, first.serial) == "reserved"
        await change(office, service.pay, second.serial)
        assert shown(office, second.serial) == "invalid"
        await change(office, service.unblock, second.serial)
        assert shown(office, second.serial) == "paid"


async def test_a_replaced_ticket_is_revoked_and_shares_its_history_with_the_new_one(
    tmp_path: Path,
) -> None:
    async with open_desk(tmp_path, QUOTA) as office:
        gate = await office.gate()
        (old,) = await issue(office, reference="R0GZ7", state=SaleState.PAID)
        gate.say(admitted(old.serial))
        await office.level(gate)
        (new,) = await change(office, service.reissue, old.serial)
        kept = ticket(office, old.serial)
        assert (kept.stated, kept.row.replaced_by) == (TicketStatus.REPLACED, new.serial)
        assert (shown(office, old.serial), shown(office, new.serial)) == ("invalid", "inside")
        assert (new.reference, new.type, new.state) == ("R0GZ7", DAY, SaleState.PAID)
        assert await left_places(office) == 9
        (row, *_) = kept_facts(office, new.serial)
        gate.say(left(old.serial, row))
        await office.level(gate)
        assert shown(office, new.serial) == "outside"


def kept_facts(office: TestOffice, serial: int) -> list[bytes]:
    return [row.fact for row in history.facts_of(office.office.cells, serial)]


async def test_a_ticket_of_a_retired_key_is_issued_anew_with_the_newest(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as office:
        (old,) = await issue(office)
        await add_key(office, 2)
        await office.state({"kind": "retire", "key_id": 1})
        (new,) = await change(office, service.reissue, old.serial)
        assert opened(office, old) is CodeRefusal.UNKNOWN_KEY
        assert isinstance(opened(office, new), Ticket)


@pytest.mark.parametrize(
    "before, word",
    [(service.block, TicketStatus.BLOCKED), (None, TicketStatus.UNPAID)],
)
async def test_what_is_blocked_or_unpaid_stays_so_in_its_new_ticket(
    tmp_path: Path, before: Callable[..., Any] | None, word: TicketStatus
) -> None:
    async with open_desk(tmp_path) as office:
        (old,) = await issue(office, state=SaleState.RESERVED)
        if before is not None:
            await change(office, before, old.serial)
        (new,) = await change(office, service.reissue, old.serial)
        assert await stated(office, new.serial) is word


def refund(office: Office, serials: Sequence[int]) -> list[TicketRow] | Refusal:
    service.cancel(office, serials)
    return service.note_refund(office, serials)


@pytest.mark.parametrize(
    "withdraw, later",
    [(service.reissue, service.cancel),
     (service.reissue, service.reissue),
     (service.reissue, service.block),
     (service.cancel, service.reissue),
     (service.cancel, service.block),
     (service.cancel, service.pay),
     (refund, service.cancel),
     (refund, service.unblock)],
)  # fmt: skip
async def test_what_was_withdrawn_for_good_is_not_changed_any_more(
    tmp_path: Path, withdraw: Callable[..., Any], later: Callable[..., Any]
) -> None:
    async with open_desk(tmp_path) as office:
        first, second = await issue(office, 2)
        await change(office, withdraw, first.serial)
        before = await stated(office, first.serial)
        refusal = await try_change(office, later, second.serial, first.serial)
        assert refusal == Refusal(Why.WITHDRAWN, str(first.serial))
        assert await stated(office, first.serial) is before
        assert shown(office, second.serial) == "issued"


async def test_a_ticket_that_is_not_there_stops_the_whole_deed(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as office:
        (row,) = await issue(office)
        for deed in (service.cancel, service.block, service.reissue, service.note_refund):
            refusal = await try_change(office, deed, row.serial, 5)
            assert refusal == Refusal(Why.NOT_FOUND, "5")
        assert shown(office, row.serial) == "issued"


async def test_a_thousand_tickets_are_withdrawn_in_a_few_facts(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as office:
        rows = await issue(office, 1_000)
        before = await office.do(lambda o: catalogue.office_version(o.cells))
        await change(office, service.block, *(row.serial for row in rows))
        after = await office.do(lambda o: catalogue.office_version(o.cells))
        assert after - before == 7
        assert {shown(office, row.serial) for row in rows[::100]} == {"invalid"}


async def test_a_gate_refuses_a_cancelled_ticket_while_offline_after_the_next_exchange(
    tmp_path: Path,
) -> None:
    async with open_desk(tmp_path) as office:
        gate = await office.gate()
        (row,) = await issue(office)
        await office.level(gate)
        assert isinstance(at_gate(office, gate, row), Admit)
        await change(office, service.cancel, row.serial)
        assert isinstance(at_gate(office, gate, row), Admit)
        await office.level(gate)
        verdict = at_gate(office, gate, row)
        assert isinstance(verdict, Refuse)
        assert verdict.reason == "cancelled"


def at_gate(office: TestOffice, gate: Box, row: TicketRow) -> Verdict:
    """Return what a gate says that knows only what it has heard."""
    code = KeyRing(office.folder).code(row)
    assert code is not None
    cells = gate.shelf.cells
    question = Question(
        ticket=open_code(code, catalogue.issuing_keys(cells), FESTIVAL),
        text_digest=bytes(8),
        terminal=gate.terminal,
        direction=Direction.IN,
        moment=Moment(office.now_ms, TRUSTED_CLOCK),
        utc_offset_minutes=60,
        alone_ms=0,
    )
    return judge(cells, question)


async def test_an_office_that_was_put_back_issues_and_withdraws_nothing(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as office:
        (row,) = await issue(office)
        await office.gate()
        await office.do(Office.begin_recovery)
        assert await try_issue(office) == Refusal(Why.RECOVERING)
        refusal = await try_change(office, service.cancel, row.serial)
        assert refusal == Refusal(Why.RECOVERING)


async def test_while_a_hub_lends_only_types_without_a_quota_are_issued(tmp_path: Path) -> None:
    async with open_desk(tmp_path, QUOTA) as office:
        hub = office.box(Role.HUB, "Site", 31)
        await office.say(CertificateIssued(hub.certificate), AuthorityHanded(1, hub.terminal))
        assert await try_issue(office) == Refusal(Why.NOT_AUTHORITY)
        (row,) = await issue(office, type=PASS)
        assert not row.is_counted
        await change(office, service.cancel, row.serial)


async def test_a_ticket_that_was_not_counted_gives_no_place_back(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as office:
        counted, uncounted = await issue(office, 2)
        await office.do(lambda o: forget_place(o, uncounted.serial))
        await change(office, service.cancel, uncounted.serial)
        assert await office.do(lambda o: places_taken(o.cells, DAY)) == 2
        await change(office, service.cancel, counted.serial)
        assert await office.do(lambda o: places_taken(o.cells, DAY)) == 1


def forget_place(office: Office, serial: int) -> None:
    office.store.connection.execute(
        "UPDATE ticket SET counted = 0 WHERE festival = ? AND serial = ?",
        (FESTIVAL, serial.to_bytes(8, "big")),
    )


async def test_a_serial_that_is_taken_lets_nothing_of_its_batch_through(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as office:
        (row,) = await issue(office)

        def again(inside: Office) -> list[TicketRow] | Refusal:
            ask = Ask(DAY, 1, b"x" * 16)
            return service.issue(inside, ask, lambda n: row.serial.to_bytes(8, "big") * (n // 8))

        with pytest.raises(TicketTaken):
            await office.do(again)
        assert await office.do(lambda o: TicketBook(o.store.connection, FESTIVAL).count(BATCH)) == 1
        assert await office.do(lambda o: places_taken(o.cells, DAY)) == 1
        assert office.broken == 0
        assert len(await issue(office, 3)) == 3


def test_serials_that_chance_repeats_are_drawn_again() -> None:
    drawn = iter([bytes(16), bytes(7) + b"\1"])
    assert service.draw_serials(lambda _: next(drawn), 2) == [0, 1]
    assert len(service.draw_serials(random_bytes, 0)) == 0
