"""Every reason for which a gate refuses or asks, seen on its screen in both languages."""

import datetime as dt
from pathlib import Path

from edge.gate.screen.words import word
from hardware.wall_clock import SystemClock
from sync.clock import TRUSTED_CLOCK, Moment
from sync.codec import encode
from sync.codes import CodeFlag, CodeKind, Ticket, base45, issue
from sync.facts import (
    Admitted,
    Body,
    GateSet,
    PolicySet,
    TerminalRevoked,
    TicketStatus,
    TicketStatusSet,
    TypeSet,
    ZoneSet,
)
from sync.journal import Writer
from sync.keys import CODE_PURPOSE, SecretKey
from sync.names import FestivalId, Role, RunId, TerminalId
from sync.sentences import _ALL
from tests.edge.boxes import (
    FESTIVAL,
    ISSUING_KEY,
    NOW_MS,
    OFFICE_CERTIFICATE,
    code_of,
    hear_of_a_copy,
    writer_certificate,
)
from tests.edge.gate.gates import AGENT, PIN, STAFF, badge
from tests.edge.gate.screen.screens import Shown, furnished, running_screen

MINE = bytes([10]) * 16
NOW_S = SystemClock().now_ms() // 1000
HOUR_S = 3_600
STATUSES = ("unpaid", "blocked", "cancelled", "refunded", "replaced")
LATER = (NOW_S // 60 + 120) % 1_440
DAY = "Day"


def kind_of_ticket(number: int, **rules: object) -> TypeSet:
    fields: dict[str, object] = {
        "type": number,
        "version": 1,
        "name": f"{DAY} {number}",
        "allow_reentry": False,
        "usage_limit": 0,
        "daily_limit": 0,
        "cooldown_minutes": 0,
        "exit_required": True,
        "zones": (),
        "window": (),
        "group_max": 1,
    }
    return TypeSet(**(fields | rules))  # type: ignore[arg-type]  # by name


TYPES = (
    kind_of_ticket(1),
    kind_of_ticket(2, group_max=5),
    kind_of_ticket(3, age=18),
    kind_of_ticket(4, window=(LATER, (LATER + 60) % 1_440)),
    kind_of_ticket(5, zones=(99,)),
    kind_of_ticket(7, allow_reentry=True, usage_limit=1),
    kind_of_ticket(9, allow_reentry=True),
    kind_of_ticket(8, allow_reentry=True, cooldown_minutes=60),
)
TAKEN = (1, 2, 3, 4, 5, 7, 8, 9)


def office_words() -> list[Body]:
    rows: list[tuple[int, int, int, int | None]] = [
        (100 + n, int(TicketStatus[word.upper()]), 1, 999 if word == "replaced" else None)
        for n, word in enumerate(STATUSES)
    ]
    return [
        *TYPES,
        GateSet(MINE, 1, "North", 1, TAKEN),
        ZoneSet(1, 1, "Field", None),
        TicketStatusSet(tuple(rows)),
    ]


def ticket(
    serial: int, number: int = 1, key: int = 1, festival: int = FESTIVAL, **more: int
) -> str:
    fields = {"valid_from": 0, "valid_until": 0, "flags": 0} | more
    return issue(Ticket(CodeKind.TICKET, key, festival, serial, number, **fields), ISSUING_KEY)


def strange_format() -> str:
    payload = encode([1] * 9)
    return "GU1:" + base45(payload + ISSUING_KEY.sign(CODE_PURPOSE, payload))


def forged() -> str:
    text = ticket(5)
    at = len(text) - 30
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]


def admitted_long_ago() -> list[bytes]:
    """What a gate called South wrote days ago: two guests who came in and were never seen again."""
    key, name = SecretKey(bytes([22]) * 32), TerminalId(bytes([22]) * 16)
    pen = Writer(FestivalId(FESTIVAL), name, RunId(name), SecretKey(bytes([23]) * 32))
    moment = Moment(NOW_MS, TRUSTED_CLOCK)
    chain = (OFFICE_CERTIFICATE, writer_certificate(Role.GATE, name, key, "South"))
    records = [pen.open(key, chain, None, "test", "boot", moment)]
    day = int(f"{dt.datetime.fromtimestamp(NOW_MS / 1000, dt.UTC):%Y%m%d}")
    for serial, number in ((300, 1), (301, 7)):
        body = Admitted(serial, number, 1, day, 1, (), 0, 1, None, None)
        records.append(pen.write(body, moment))
    return [record.raw for record in records]


def plain(verdict: str, reason: str, language: str) -> list[str]:
    """Return the parts of a sentence that stand between its holes."""
    both = _ALL[verdict][reason]
    text = both[1] if language == "fr" else both[0]
    parts = text.replace("{1}", "{0}").split("{0}")
    return [" ".join(part.split()) for part in parts if len(part.strip(" .,")) > 2]


async def seen_in_both(shown: Shown, verdict: str, reason: str) -> None:
    """The sentence stands there in one language, and after a key in the other."""
    await shown.sees(*plain(verdict, reason, "en"))
    await shown.press("f1")
    await shown.sees(*plain(verdict, reason, "fr"), word("key_language", "fr"))
    await shown.press("f1")
    await shown.sees(*plain(verdict, reason, "en"))


class Tour:
    """One screen, and which reasons were seen on it."""

    def __init__(self, shown: Shown) -> None:
        box = shown.app.keeper.box
        assert box is not None
        self.shown = shown
        self.box = box
        self.seen: set[tuple[str, str]] = set()

    async def see(self, verdict: str, reason: str) -> None:
        await seen_in_both(self.shown, verdict, reason)
        self.seen.add((verdict, reason))

    async def scan(self, code: str, verdict: str, reason: str) -> None:
        await self.shown.show(code)
        await self.see(verdict, reason)

    async def refused(self, code: str, reason: str) -> None:
        await self.scan(code, "refuse", reason)

    async def pass_through(self, serial: int, number: int) -> None:
        """Let a guest in and out again."""
        await self.scan(ticket(serial, number), "admit", "")
        await self.shown.press("o")
        await self.scan(ticket(serial, number), "admit", "out")
        await self.shown.press("i")

    async def ask(self, code: str, reason: str) -> None:
        await self.scan(code, "ask", reason)
        await self.shown.press("n")


async def see_the_code_itself(tour: Tour) -> None:
    await tour.ask(ticket(5, valid_from=NOW_S), "clock")
    terminal = tour.box.terminal
    terminal.timekeeper.confirm(SystemClock().now_ms())
    await tour.shown.lane(lambda: terminal.replica.take(admitted_long_ago()))
    await tour.shown.lane(lambda: terminal.heard(terminal.moment()))
    await tour.refused("https://example.org/menu", "not_a_code")
    await tour.refused(strange_format(), "unknown_format")
    await tour.refused(ticket(5, key=9), "unknown_key")
    await tour.refused(forged(), "bad_signature")
    await tour.refused(ticket(5, festival=8), "wrong_festival")


async def see_status_time_and_place(tour: Tour) -> None:
    for number, reason in enumerate(STATUSES):
        await tour.refused(ticket(100 + number), reason)
    await tour.refused(ticket(5, valid_from=NOW_S + 2 * HOUR_S), "too_early")
    await tour.refused(ticket(5, valid_until=NOW_S - 2 * HOUR_S), "too_late")
    await tour.refused(ticket(5, 4), "outside_daily_window")
    await tour.refused(ticket(5, 5), "wrong_zone")
    await tour.refused(ticket(5, 6), "wrong_gate")
    await tour.refused(code_of(5, CodeKind.WRISTBAND), "wrong_type")
    await tour.refused(ticket(5, flags=int(CodeFlag.TEST)), "wrong_type test")


async def see_history(tour: Tour) -> None:
    await tour.scan(ticket(5), "admit", "")
    await tour.refused(ticket(5), "already_inside")
    await tour.shown.press("o")
    await tour.scan(ticket(5), "admit", "out")
    await tour.scan(ticket(6), "admit", "out_unknown")
    await tour.shown.press("i")
    await tour.refused(ticket(5), "no_reentry")
    await tour.refused(ticket(300), "already_used")
    await tour.refused(ticket(301, 7), "limit_reached")
    await tour.pass_through(8, 8)
    await tour.refused(ticket(8, 8), "cooldown")


async def see_questions(tour: Tour) -> None:
    await tour.ask(ticket(20, 2), "group")
    await tour.ask(ticket(21, 3), "age")
    await tour.ask(ticket(22, 3, flags=int(CodeFlag.ATTENTION)), "attention_age")
    await tour.ask(ticket(23, flags=int(CodeFlag.ATTENTION)), "attention")
    await tour.shown.press("t", *"77", "enter")
    await tour.see("refuse", "unknown_serial")
    await tour.pass_through(60, 9)
    await tour.shown.press("t", *"60", "enter")
    await tour.see("ask", "typed")
    await tour.shown.press("n")
    await tour.shown.show(ticket(26, 3))
    await tour.shown.sees(*plain("ask", "age", "en"))
    waiting = tour.box.desk.scans._waiting
    waiting[next(reversed(waiting))].ends_ms = 0
    await tour.shown.press("y")
    await tour.see("refuse", "session_expired")


async def see_what_changes_the_whole_gate(tour: Tour) -> None:
    shown, terminal = tour.shown, tour.box.terminal
    await shown.press("r")
    await shown.sees("REHEARSAL")
    await tour.refused(ticket(25), "wrong_type rehearsal")
    await shown.press("r")
    await shown.until(lambda text: "REHEARSAL" not in text, "the end of the rehearsal")
    await shown.hears(ZoneSet(1, 2, "Field", 5), number=52)
    await tour.refused(ticket(28), "capacity_full")
    await shown.hears(ZoneSet(1, 3, "Field", None), PolicySet(2, ((20, 0),)), number=54)
    terminal._heard_at_ms = terminal.timekeeper.monotonic_ms() - 60_000
    await tour.refused(ticket(27), "stale_data")
    await shown.hears(PolicySet(3, ((20, -1),)), number=58)
    await shown.lane(lambda: hear_of_a_copy(terminal))
    await tour.ask(ticket(28), "copied")
    await shown.sees("This box was copied: put one away")
    await shown.hears(PolicySet(4, ((20, -1),)), TerminalRevoked(MINE, ()), number=56)
    await tour.refused(ticket(29), "gate_revoked")
    await shown.lane(lambda: terminal.store.set_meta("recovering", 1))
    await tour.scan(ticket(30), "ask", "store")


async def test_every_reason_is_seen_in_both_languages(tmp_path: Path) -> None:
    folder = furnished(tmp_path / "gate", *office_words())
    async with running_screen(folder) as shown:
        tour = Tour(shown)
        await see_the_code_itself(tour)
        await see_status_time_and_place(tour)
        await see_history(tour)
        await see_questions(tour)
        await see_what_changes_the_whole_gate(tour)
    wanted = {(verdict, reason) for verdict in ("refuse", "ask") for reason in _ALL[verdict]}
    assert wanted - tour.seen == set()


async def test_a_gate_that_nobody_signed_in_at_says_so_and_opens_with_badge_and_pin(
    tmp_path: Path,
) -> None:
    folder = furnished(tmp_path / "gate", *office_words(), *STAFF)
    async with running_screen(folder) as shown:
        await shown.sees(word("sign_in", "en"))
        await shown.show(ticket(5))
        await shown.sees(word("sign_in", "en"))
        await shown.show(badge(AGENT))
        await shown.sees(word("pin", "en"))
        await shown.press(*"000000", "enter")
        await shown.sees("not the PIN")
        await shown.until(lambda text: word("sign_in", "en") in text, "closed again")
        await shown.show(badge(AGENT))
        await shown.press(*PIN, "enter")
        text = await shown.sees(word("ready_in", "en"), "N1")
        assert PIN not in text
        await shown.show(ticket(5))
        await shown.sees("Welcome.")
        await shown.press("x")
        await shown.sees(word("sign_in", "en"))
