"""The office says of a scan what a real gate's kernel says of the same history, to the word."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pytest

from cloud.access.known import BOOK_OF_TICKETS
from cloud.store.tickets import Origin, SaleState, TicketBook, TicketRow
from provisioning.local_time import offset_minutes
from sync import catalogue
from sync.admission import Direction, Question, Verdict, expired, judge
from sync.clock import TRUSTED_CLOCK, Moment
from sync.codec import encode
from sync.codes import CodeFlag, CodeKind, CodeRefusal, Ticket, base45, issue, open_code
from sync.facts import GateSet, KeyRetired
from sync.keys import SecretKey
from sync.limits import CODE_PREFIX
from sync.sentences import _ALL, LANGUAGES
from tests.cloud.access.scanning import (
    GATE,
    ISSUING_KEY,
    KEY_ID,
    PHONES,
    TYPE,
    ZONE,
    Phone,
    code,
    says,
    scanning,
    ticket,
)
from tests.cloud.box import Box
from tests.cloud.offices import START_MS, TestOffice

START_S: Final = START_MS // 1_000
HOUR_MS: Final = 3_600_000
HOURS: Final = ("00:00", "02:00")


@dataclass
class Both:
    """A phone of the office and a real gate into the same zone, which hears the office."""

    office: TestOffice
    phone: Phone
    box: Box

    async def told(
        self, text: str = "", way: Direction = Direction.IN, **more: Any
    ) -> tuple[dict[str, Any], Verdict]:
        """Return what the office and the gate say of a code, and record nothing."""
        shown = text or code()
        answer = await self.phone.request(shown, direction=way, is_peek=True, **more)
        await self.office.level(self.box)
        return answer, judge(self.box.shelf.cells, self.question(shown, way))

    async def typed(self, serial: int) -> tuple[dict[str, Any], Verdict]:
        answer = await self.phone.request(None, serial=serial, is_peek=True)
        await self.office.level(self.box)
        shown = Ticket(CodeKind.TICKET, 0, 7, serial, 0, 0, 0, 0)
        asked = replace(self.question("", Direction.IN), ticket=shown, is_typed=True)
        return answer, judge(self.box.shelf.cells, asked)

    def question(self, text: str, way: Direction) -> Question:
        now_ms = self.office.now_ms
        keys = catalogue.issuing_keys(self.box.shelf.cells)
        offset = offset_minutes("Europe/Paris", now_ms)
        moment = Moment(now_ms, TRUSTED_CLOCK)
        opened = open_code(text, keys, 7)
        return Question(opened, b"digest8!", self.box.terminal, way, moment, offset, 0)

    async def rules(self, **rules: object) -> "Both":
        await self.office.state(TYPE | rules)
        return self

    async def used(self, **rules: object) -> "Both":
        """Let the ticket come in and go out again."""
        await self.rules(**rules)
        await self.phone.admit(code())
        await self.phone.leave(code())
        return self

    async def entered(self, **rules: object) -> "Both":
        await self.rules(**rules)
        await self.phone.admit(code())
        return self

    async def status(self, word: str, **more: object) -> "Both":
        await self.office.state({"kind": "status", "serials": [5], "status": word, **more})
        return self


Story = Callable[[Both], Awaitable[tuple[dict[str, Any], Verdict]]]


async def wrong_gate(both: Both) -> tuple[dict[str, Any], Verdict]:
    await both.office.state(PHONES | {"types": [2]})
    await both.office.say(GateSet(both.box.terminal, 2, "North", 1, (2,)))
    return await both.told()


async def the_next_day(both: Both) -> tuple[dict[str, Any], Verdict]:
    await both.entered(allow_reentry=False)
    both.office.now_ms += 24 * HOUR_MS
    return await both.told()


async def too_late_a_confirmation(both: Both) -> tuple[dict[str, Any], Verdict]:
    first = await both.phone.request(code())
    both.office.now_ms += 11_000
    answer = await both.phone.confirm(first["session"])
    return answer, expired(both.box.shelf.cells, both.question(code(), Direction.IN))


async def no_place(both: Both) -> tuple[dict[str, Any], Verdict]:
    await both.office.state(ZONE | {"capacity": 0})
    return await both.told()


def unknown_format() -> str:
    return CODE_PREFIX + base45(encode([1, 2]) + bytes(64))


REFUSALS: dict[str, Story] = {
    "not_a_code": lambda both: both.told("nonsense"),
    "unknown_format": lambda both: both.told(unknown_format()),
    "unknown_key": lambda both: both.told(issue(replace(ticket(), key_id=77), ISSUING_KEY)),
    "bad_signature": lambda both: both.told(issue(ticket(), SecretKey(b"f" * 32))),
    "wrong_festival": lambda both: both.told(code(festival=8)),
    "cancelled": lambda both: after(both.status("cancelled")),
    "refunded": lambda both: after(both.status("refunded")),
    "replaced": lambda both: after(both.status("replaced", replaced_by=6)),
    "unpaid": lambda both: after(both.status("unpaid")),
    "blocked": lambda both: after(both.status("blocked")),
    "too_early": lambda both: both.told(code(valid_from=START_S + 7_200)),
    "too_late": lambda both: both.told(code(valid_until=START_S - 7_200)),
    "outside_daily_window": lambda both: after(both.rules(window=[0, 120])),
    "wrong_zone": lambda both: after(both.rules(zones=[2])),
    "wrong_gate": wrong_gate,
    "wrong_type": lambda both: both.told(code(kind=CodeKind.VOUCHER)),
    "wrong_type test": lambda both: both.told(code(flags=CodeFlag.TEST)),
    "unknown_serial": lambda both: both.typed(77),
    "already_inside": lambda both: after(both.entered()),
    "already_used": the_next_day,
    "no_reentry": lambda both: after(both.used(allow_reentry=False)),
    "limit_reached": lambda both: after(both.used(usage_limit=1)),
    "cooldown": lambda both: after(both.used(cooldown_minutes=30)),
    "capacity_full": no_place,
    "session_expired": too_late_a_confirmation,
}
QUESTIONS: dict[str, Story] = {
    "attention": lambda both: both.told(code(flags=CodeFlag.ATTENTION)),
    "attention_age": lambda both: after(both.rules(age=6), code(flags=CodeFlag.ATTENTION)),
    "age": lambda both: after(both.rules(age=6)),
    "group": lambda both: after(both.rules(group_max=6)),
    "typed": lambda both: typed_after(both.status("valid")),
}
ADMISSIONS: dict[str, Story] = {
    "": lambda both: both.told(),
    "out": lambda both: after(both.entered(), way=Direction.OUT),
    "out_unknown": lambda both: both.told(way=Direction.OUT),
}
NEVER_HERE: Final = {
    "admit": {"provisional"},  # the office is never alone
    "ask": {"clock", "copied", "store"},  # its clock is the one that others trust
    "refuse": {"stale_data", "gate_revoked", "wrong_type rehearsal"},
}


async def after(
    past: Awaitable[Both], text: str = "", way: Direction = Direction.IN
) -> tuple[dict[str, Any], Verdict]:
    return await (await past).told(text, way)


async def typed_after(past: Awaitable[Both]) -> tuple[dict[str, Any], Verdict]:
    return await (await past).typed(5)


STORIES = [("refuse", reason, story) for reason, story in REFUSALS.items()]
STORIES += [("ask", reason, story) for reason, story in QUESTIONS.items()]
STORIES += [("admit", reason, story) for reason, story in ADMISSIONS.items()]


@pytest.mark.parametrize("word, reason, story", STORIES)
async def test_the_office_says_what_a_gate_says(
    tmp_path: Path, word: str, reason: str, story: Story
) -> None:
    async with scanning(tmp_path) as (office, phone):
        box = await office.gate()
        await office.level(box)
        answer, verdict = await story(Both(office, phone, box))
        assert says(answer) == f"{word} {reason.split(maxsplit=1)[0] if reason else ''}".strip()
        assert (type(verdict).__name__.lower(), verdict.reason) == (word, answer["reason"])
        told = {language: verdict.sentence(language) for language in LANGUAGES}
        assert answer["sentences"] == told


def test_no_reason_is_left_out() -> None:
    for word, stories in (("refuse", REFUSALS), ("ask", QUESTIONS), ("admit", ADMISSIONS)):
        assert set(_ALL[word]) == {*stories, *NEVER_HERE[word]}


async def test_a_gate_names_the_online_gate_of_the_first_admission(tmp_path: Path) -> None:
    async with scanning(tmp_path) as (office, phone):
        box = await office.gate()
        _, verdict = await (await Both(office, phone, box).entered()).told()
        assert "first let in at Phones" in verdict.sentence("en")
        assert catalogue.gate_of(box.shelf.cells, GATE) is not None


async def test_the_office_names_the_gate_of_the_first_admission(tmp_path: Path) -> None:
    async with scanning(tmp_path) as (office, phone):
        box = await office.gate()
        both = Both(office, phone, box)
        _, verdict = await both.told()
        assert verdict.fact is not None
        box.say(verdict.fact)
        await office.level(box)
        answer = await phone.admit(code())
        assert "first let in at North" in answer["sentences"]["en"]
        assert answer["first"]["gate"] == "North"


async def test_a_key_that_was_retired_since_it_was_seen_is_taken_no_more(tmp_path: Path) -> None:
    async with scanning(tmp_path) as (office, phone):
        assert says(await phone.admit(code(1))) == "admit"
        assert KEY_ID in phone.keys.keys
        first = phone.scan(code(2), is_one_step=True)
        assert first.shown is not None
        assert not isinstance(first.shown.opened, CodeRefusal)
        await office.say(KeyRetired(KEY_ID))
        answer = await office.do(lambda o: phone.in_job(o).request(first))
        assert b'"reason":"unknown_key"' in answer  # type: ignore[operator]  # bytes
        assert says(await phone.admit(code(2))) == "refuse unknown_key"


async def test_the_code_of_another_system_is_looked_up_in_the_book_of_tickets(
    tmp_path: Path,
) -> None:
    row = TicketRow(
        99, 1, KEY_ID, 0, 0, 0, SaleState.PAID, 1, Origin.IMPORTED, b"b" * 16, START_MS,
        external="OLD-1234",
    )  # fmt: skip
    async with scanning(tmp_path) as (office, phone):
        await office.do(lambda o: TicketBook(o.store.connection, 7).add([row]))
        assert says(await phone.admit("OLD-1234")) == "refuse not_a_code"
        wired = replace(phone, known=BOOK_OF_TICKETS)
        answer = await wired.admit("OLD-1234")
        assert (says(answer), answer["serial"], answer["type_name"]) == ("admit", "99", "Day")
        assert says(await wired.admit("OLD-1234")) == "refuse already_inside"
        assert says(await wired.admit("OLD-12345")) == "refuse not_a_code"
        assert says(await wired.request(None, serial=99)) == "refuse already_inside"
