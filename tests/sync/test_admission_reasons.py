"""Every reason for which a gate refuses or asks, with the sentence that a steward reads out."""

from collections.abc import Callable
from dataclasses import replace
from typing import get_args

import pytest

from sync import admission
from sync.admission import Admit, Ask, Direction, Refuse, Verdict
from sync.catalogue import Policy, settings_of
from sync.clock import UNKNOWN_CLOCK, Moment
from sync.codes import CodeFlag, CodeKind, CodeRefusal
from sync.facts import Allotted, PolicySet, Provisional, TerminalRevoked, TicketStatus
from sync.names import Role
from sync.sentences import _ALL, sentence_of
from tests.sync.builder import (
    NOW_MS,
    Pen,
    admitted,
    gate,
    gate_place,
    status,
    ticket,
    ticket_type,
    zone,
)
from tests.sync.gates import COARSE, Site, refused_fact, says, sentences

NOW_S = NOW_MS // 1000


def with_status(word: TicketStatus) -> Verdict:
    return Site(status(5, word)).ask()


def code(refusal: CodeRefusal) -> Verdict:
    return Site().ask(code=refusal)


def at_gate_for_type_2() -> Verdict:
    site = Site()
    site.decree(replace(gate_place(site.north, "North", types=(2,)), version=2))
    return site.ask()


def used(**rules: object) -> Site:
    """Return a site where the ticket came in at North at 13:00 and left ten minutes later."""
    site = Site(ticket_type(**rules))  # type: ignore[arg-type]  # by name
    site.scan()
    site.wait(10)
    site.scan(way=Direction.OUT)
    return site


def inside(**rules: object) -> Site:
    site = Site(ticket_type(**rules))  # type: ignore[arg-type]  # by name
    site.scan()
    return site


def copied() -> Site:
    """Return a site that holds two branches of North's journal."""
    site = Site()
    site.box.take(Pen(Role.GATE, 21, run=1).first)
    return site


def full() -> Verdict:
    site = Site(replace(zone(1, capacity=5), version=2))
    return site.ask()


def alone_too_long() -> Verdict:
    site = Site(PolicySet(1, settings_of(Policy(stale_after_seconds=600))))
    return site.ask(alone_ms=600_001)


def reentered_with_undone_exit() -> Verdict:
    """The guest came in, went out and came in again; nobody saw the second exit."""
    site = used(reentry=False)
    return site.ask(site.south)


REFUSALS: dict[str, Callable[[], Verdict]] = {
    "not_a_code": lambda: code(CodeRefusal.NOT_A_CODE),
    "unknown_format": lambda: code(CodeRefusal.UNKNOWN_FORMAT),
    "unknown_key": lambda: code(CodeRefusal.UNKNOWN_KEY),
    "bad_signature": lambda: code(CodeRefusal.BAD_SIGNATURE),
    "wrong_festival": lambda: code(CodeRefusal.WRONG_FESTIVAL),
    "cancelled": lambda: with_status(TicketStatus.CANCELLED),
    "refunded": lambda: with_status(TicketStatus.REFUNDED),
    "replaced": lambda: with_status(TicketStatus.REPLACED),
    "unpaid": lambda: with_status(TicketStatus.UNPAID),
    "blocked": lambda: with_status(TicketStatus.BLOCKED),
    "too_early": lambda: Site().ask(code=ticket(valid_from=NOW_S + 3600)),
    "too_late": lambda: Site().ask(code=ticket(valid_until=NOW_S - 3600)),
    "outside_daily_window": lambda: Site(ticket_type(window=(14 * 60, 22 * 60))).ask(),
    "wrong_zone": lambda: Site(ticket_type(zones=(2,))).ask(),
    "wrong_gate": at_gate_for_type_2,
    "wrong_type": lambda: Site().ask(code=ticket(kind=CodeKind.VOUCHER)),
    "unknown_serial": lambda: Site().ask(is_typed=True),
    "already_inside": lambda: inside().ask(),
    "already_used": lambda: _auto_exited().ask(),
    "no_reentry": reentered_with_undone_exit,
    "limit_reached": lambda: used(usage=1).ask(),
    "cooldown": lambda: used(cooldown=30).ask(),
    "capacity_full": full,
    "stale_data": alone_too_long,
    "session_expired": lambda: admission.expired(
        (site := Site()).box.cells, site.question(site.north, ticket())
    ),
}


def _auto_exited() -> Site:
    site = inside(reentry=False)
    site.wait(24 * 60)
    return site


HOLES = {
    "too_early": ("14:00",),
    "too_late": ("12:00",),
    "outside_daily_window": ("14:00", "22:00"),
    "already_inside": ("North", "13:00"),
    "already_used": ("North", "13:00"),
    "no_reentry": ("North", "13:00"),
    "limit_reached": ("North", "13:00"),
    "cooldown": ("13:30",),
}


@pytest.mark.parametrize("reason", REFUSALS)
def test_a_refusal_names_its_reason_in_both_languages(reason: str) -> None:
    verdict = REFUSALS[reason]()
    assert says(verdict) == f"refuse {reason}"
    assert refused_fact(verdict).reason == reason
    english, french = sentences(verdict)
    assert english != french
    for sentence in (english, french):
        assert len(sentence) > 15
        assert not {"?", "{", "}"} & set(sentence)
        assert sentence.endswith(".")
        for hole in HOLES.get(reason, ()):
            assert hole in sentence


def test_no_reason_of_a_refusal_is_left_out() -> None:
    named = {reason.split()[0] for reason in _ALL["refuse"]}
    assert named == {*REFUSALS, "gate_revoked"}
    assert set(get_args(Verdict)) == {Admit, Ask, Refuse}


def test_a_gate_that_was_withdrawn_lets_nobody_in_but_everybody_out() -> None:
    site = Site()
    site.decree(TerminalRevoked(site.north.terminal, ()))
    verdict = site.ask()
    assert says(verdict) == "refuse gate_revoked"
    assert verdict.fact is None
    english, french = sentences(verdict)
    assert english != french
    assert says(site.ask(way=Direction.OUT)) == "admit out_unknown"
    assert says(site.ask(site.south)) == "admit"


@pytest.mark.parametrize("verdict, reason", [(v, r) for v in _ALL for r in _ALL[v]])
def test_every_sentence_has_two_languages_with_the_same_holes(verdict: str, reason: str) -> None:
    english, french = _ALL[verdict][reason]
    assert english
    assert french
    for hole in ("{0}", "{1}"):
        assert (hole in english) == (hole in french)
    assert sentence_of(verdict, reason, "de", ("a", "b")) == english.format("a", "b")


def test_a_refusal_says_what_was_shown_and_where() -> None:
    fact = refused_fact(Site(status(5, TicketStatus.CANCELLED)).ask())
    assert (fact.serial, fact.type, fact.zone, fact.code_digest) == (5, 1, 1, b"digest8!")
    fact = refused_fact(Site().ask(code=CodeRefusal.NOT_A_CODE, text_digest=b"longer than eight"))
    assert (fact.serial, fact.type, fact.code_digest) == (None, None, b"longer t")


def test_a_gate_without_a_clock_names_the_gate_but_no_time() -> None:
    site = Site(ticket_type())
    verdict = site.ask(moment=Moment(NOW_MS, UNKNOWN_CLOCK))
    assert isinstance(verdict, Admit)
    site.commit(site.north, verdict.fact, UNKNOWN_CLOCK)
    assert site.ask().sentence("en") == "Somebody is inside on this ticket: first let in at North."
    assert sentences(site.ask())[1].endswith("entrée à North.")


def test_a_gate_without_a_name_is_named_by_its_id() -> None:
    site, stranger = Site(ticket_type()), gate(23)
    site.box.take(stranger.first)
    site.commit(stranger, admitted(number=1))
    assert stranger.terminal.hex()[:8] in site.ask().sentence("en")


QUESTIONS: dict[str, Callable[[], Verdict]] = {
    "attention": lambda: Site().ask(code=ticket(flags=CodeFlag.ATTENTION)),
    "group": lambda: Site(ticket_type(group=6)).ask(),
    "clock": lambda: Site().ask(
        code=ticket(valid_from=NOW_S + 60), moment=Moment(NOW_MS, COARSE)
    ),
    "attention_age": lambda: Site(replace(ticket_type(), age=6)).ask(
        code=ticket(flags=CodeFlag.ATTENTION)
    ),
    "age": lambda: Site(replace(ticket_type(), age=6)).ask(),
    "typed": lambda: Site(status(5, TicketStatus.VALID)).ask(is_typed=True),
    "copied": lambda: copied().ask(),
    "store": lambda: admission.unsure((site := Site()).question(site.north, ticket())),
}  # fmt: skip


@pytest.mark.parametrize("reason", QUESTIONS)
def test_what_needs_a_human_is_asked_in_both_languages(reason: str) -> None:
    verdict = QUESTIONS[reason]()
    assert says(verdict) == f"ask {reason}"
    assert verdict.fact is None
    english, french = sentences(verdict)
    assert english != french
    assert "{" not in english + french
    assert ("6" in english) == (reason in {"group", "age", "attention_age"})


def test_no_reason_of_a_question_is_left_out() -> None:
    assert set(_ALL["ask"]) == set(QUESTIONS)


def test_a_human_who_says_yes_to_papers_lets_the_guest_in() -> None:
    shown = ticket(flags=CodeFlag.ATTENTION)
    assert says(Site().ask(code=shown, is_confirmed=True)) == "admit"


# --- the order of the guards ---


def test_a_ticket_that_breaks_every_rule_gets_the_first_reason_and_then_the_next() -> None:
    """Each step takes away what was refused; the next reason in a steward's order follows."""
    rules = ticket_type(
        reentry=False, usage=1, cooldown=60, zones=(2,), window=(14 * 60, 15 * 60), group=1
    )
    site = Site(rules, replace(zone(1, capacity=5), version=2))
    site.decree(PolicySet(1, settings_of(Policy(stale_after_seconds=60))))
    site.decree(status(5, TicketStatus.BLOCKED))
    ended = ticket(valid_from=NOW_S + 60, valid_until=NOW_S - 60)
    told = []

    def next_reason(shown: object = ended, **more: object) -> None:
        told.append(site.ask(code=shown, alone_ms=61_000, **more).reason)  # type: ignore[arg-type]  # a ticket

    next_reason()
    site.decree(status(5, TicketStatus.VALID, 2))
    next_reason()
    next_reason(replace(ended, valid_from=0))
    shown = replace(ended, valid_from=0, valid_until=0)
    next_reason(shown)
    site.decree(replace(rules, version=2, window=()))
    next_reason(shown)
    site.decree(replace(rules, version=3, window=(), zones=()))
    next_reason(replace(shown, kind=CodeKind.WRISTBAND))
    next_reason(shown)
    site.decree(Allotted((1, 1), site.north.terminal, 1))
    next_reason(shown)
    assert told == [
        "blocked",
        "too_early",
        "too_late",
        "outside_daily_window",
        "wrong_zone",
        "wrong_type",
        "capacity_full",
        "stale_data",
    ]


def test_the_guards_of_history_come_in_a_stewards_order() -> None:
    rules = ticket_type(reentry=False, usage=1, cooldown=60, zones=(1,))
    site = Site(rules)
    site.scan()
    told = [site.ask().reason]
    site.wait(1)
    site.scan(way=Direction.OUT)
    told.append(site.ask().reason)
    site.decree(replace(rules, version=2, allow_reentry=True))
    told.append(site.ask().reason)
    site.decree(replace(rules, version=3, allow_reentry=True, usage_limit=0))
    told.append(site.ask().reason)
    site.decree(replace(rules, version=4, allow_reentry=True, usage_limit=0, cooldown_minutes=0))
    told.append(says(site.ask()))
    assert told == ["already_inside", "no_reentry", "limit_reached", "cooldown", "admit"]


def test_a_test_ticket_lets_nobody_in_but_in_a_rehearsal() -> None:
    shown = ticket(flags=CodeFlag.TEST)
    verdict = Site().ask(code=shown)
    assert says(verdict) == "refuse wrong_type"
    assert verdict.sentence("en") == "This is a test ticket. It lets nobody in."
    assert verdict.sentence("fr").startswith("C'est un billet d'essai.")
    assert says(Site().ask(code=shown, is_rehearsal=True)) == "admit"


def test_an_admission_after_a_minute_alone_is_provisional_and_says_so() -> None:
    site = Site()
    assert says(site.ask(alone_ms=60_000)) == "admit"
    verdict = site.ask(alone_ms=60_001)
    assert says(verdict) == "admit provisional"
    assert verdict.fact is not None
    assert verdict.fact.provisional == Provisional.DATA_STALE  # type: ignore[attr-defined]  # Admitted
