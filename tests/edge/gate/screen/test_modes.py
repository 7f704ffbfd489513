"""Each thing that an agent does, key by key, without any screen."""

from typing import Any

import pytest

from edge.gate.screen.log_mode import Log
from edge.gate.screen.modes import (
    Asked,
    Peeking,
    Ready,
    TypedNumber,
    Verdict,
    mode_of,
)
from edge.gate.screen.staff_modes import GiveWristband, WhyOverride
from edge.gate.screen.words import word
from edge.screen.modes import Answer, Mode
from edge.screen.panel import Tone
from edge.screen.staff_modes import Supervisor
from edge.wanted import BADGE, PEEK, USUAL, WRISTBAND
from sync.telling import tell_of
from tests.edge.screen.bench import NotedScreen


class Bench(NotedScreen):
    """A gate's screen that takes notes."""

    def __init__(self, **answers: Answer) -> None:
        super().__init__(word, Ready, answers)
        self.direction = "in"
        self.last: Answer | None = None


def asked(reason: str = "age", **more: Any) -> Answer:
    return tell_of("ask", reason, "en", session="5e", session_ms=10_000, serial=5, **more)


REFUSED = tell_of("refuse", "cancelled", "en", session="5e", serial=5)
ADMITTED = tell_of("admit", "", "en", fact="fa", serial=5)


@pytest.mark.parametrize("key,yes", [("y", None), ("enter", None), ("n", False), ("escape", False)])
def test_a_question_takes_yes_or_no(key: str, yes: bool | None) -> None:
    bench = Bench(confirm=ADMITTED if yes is None else {"event": "done"})
    bench.enter(mode_of(asked()))
    bench.keys(key)
    what, command = bench.done[0]
    assert (what, command["session"], command.get("yes")) == ("confirm", "5e", yes)
    assert isinstance(bench.mode, Verdict if yes is None else Ready)


def test_a_question_without_a_session_has_no_answer() -> None:
    bench = Bench()
    bench.enter(mode_of(tell_of("ask", "store", "en")))
    bench.keys("y n enter")
    assert bench.done == []
    assert bench.mode.panel(bench).choices == ()


def test_a_group_takes_its_number_at_the_first_digit_that_is_enough() -> None:
    bench = Bench(confirm=ADMITTED)
    bench.enter(mode_of(asked("group", guests_max=5)))
    bench.keys("9 0 3")
    assert bench.done == [("confirm", {"session": "5e", "guests": 3})]


def test_a_large_group_takes_two_digits_and_a_mistake_back() -> None:
    bench = Bench(confirm=ADMITTED)
    bench.enter(mode_of(asked("group", guests_max=40)))
    bench.keys("y 1 backspace 3 enter")
    assert bench.done == [("confirm", {"session": "5e", "guests": 3})]


def test_two_steps_wait_for_a_yes_before_anything_is_green() -> None:
    request = tell_of("admit", "", "en", session="5e", session_ms=10_000)
    mode = mode_of(request)
    assert isinstance(mode, Asked)
    assert mode.panel(Bench()).tone is Tone.ASK


@pytest.mark.parametrize(
    "answer,tone,large",
    [
        (ADMITTED, Tone.ADMIT, "COME IN"),
        (ADMITTED | {"direction": "out"}, Tone.ADMIT, "GO OUT"),
        (REFUSED, Tone.REFUSE, "STOP"),
        (REFUSED | {"peek": True}, Tone.REFUSE, "LOOK"),
        (tell_of("trouble", "cannot_record", "en"), Tone.TROUBLE, "NO ENTRY"),
    ],
)
def test_a_verdict_has_its_tone_and_its_word(answer: Answer, tone: Tone, large: str) -> None:
    panel = mode_of(answer).panel(Bench())
    assert (panel.tone, panel.word) == (tone, large)


def test_a_verdict_says_everything_that_an_agent_may_want_to_know() -> None:
    bench = Bench()
    first = {"gate": "South", "at": "14:02", "at_ms": 0}
    more = {"type_name": "Weekend", "age": 18, "note": "Look.", "group": [2, 4], "first": first}
    bench.enter(mode_of(REFUSED | more))
    said = bench.lines()
    for part in ("Weekend", "18", "Look.", "2 of 4", "South, 14:02", "supervisor"):
        assert part in said
    bench.language = "fr"
    assert "annulé" in bench.lines()
    assert "Première entrée" in bench.lines()


def test_what_no_supervisor_can_change_is_not_offered() -> None:
    bench = Bench()
    bench.enter(mode_of(tell_of("refuse", "wrong_type", "en", session="5e")))
    assert "supervisor" not in bench.lines()


def test_a_number_is_typed_and_judged() -> None:
    bench = Bench(typed=asked("typed"))
    bench.enter(TypedNumber())
    bench.keys("enter x 1 2 3 backspace enter")
    assert bench.done == [("typed", {"serial": 12, "direction": "in"})]
    assert isinstance(bench.mode, Asked)


def test_what_could_not_be_done_is_said() -> None:
    bench = Bench(typed={"event": "trouble", "sentence": "too late"})
    bench.enter(TypedNumber())
    bench.keys("7 enter")
    assert bench.lines() == "too late"


def test_an_override_takes_a_reason_a_badge_and_a_pin() -> None:
    bench = Bench(override=ADMITTED)
    bench.enter(WhyOverride(REFUSED))
    assert [one.key for one in bench.mode.panel(bench).choices] == [*"123459", "escape"]
    bench.keys("7 3")
    assert isinstance(bench.mode, Supervisor)
    bench.mode.told(bench, {"event": BADGE, "text": "b"})
    bench.keys("1 2 enter")
    expected = {"session": "5e", "reason": 3, "badge": "b", "pin": "12"}
    assert bench.done == [("override", expected)]
    assert isinstance(bench.mode, Verdict)


def test_a_wristband_is_given_for_the_last_admission() -> None:
    bench = Bench()
    bench.enter(GiveWristband("fa"))
    assert bench.mode.told(bench, {"event": WRISTBAND, "text": "band"})
    assert bench.done == [("wristband", {"fact": "fa", "text": "band"})]


def test_the_log_is_searched_by_typing_and_turned_by_pages() -> None:
    row = {"at_ms": 0, "what": "refused", "serial": 5, "type_name": "Day", "guests": None}
    row |= {"reason": "cancelled", "sentences": {"en": "Cancelled.", "fr": "Annulé."}}
    row |= {"supervisor": None}
    bench = Bench(log={"event": "log", "rows": [row | {"serial": n} for n in range(20)]})
    Log().open(bench)
    assert "01:00 ✘ 0 Day Cancelled." in bench.mode.panel(bench).rows[0]
    bench.keys("down")
    assert " 8 Day" in bench.mode.panel(bench).rows[0]
    bench.keys("up up a space b backspace")
    assert [command["search"] for _, command in bench.done] == ["", "a", "a ", "a b", "a "]
    bench.keys("escape")
    assert isinstance(bench.mode, Ready)


def test_a_log_without_rows_says_so() -> None:
    bench = Bench(log={"event": "log", "rows": []})
    Log().open(bench)
    assert bench.mode.panel(bench).rows == ("Nothing found.",)


@pytest.mark.parametrize(
    "mode,expects",
    [
        (Ready(), USUAL),
        (Peeking(), PEEK),
        (WhyOverride(REFUSED), BADGE),
        (GiveWristband("fa"), WRISTBAND),
    ],
)
def test_each_mode_says_what_a_code_means(mode: Mode[Any], expects: str) -> None:
    assert mode.expects == expects


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    "mode",
    [
        Ready(),
        Peeking(),
        TypedNumber(),
        WhyOverride(REFUSED),
        GiveWristband("fa"),
        Log(),
    ],
)
def test_every_mode_can_be_shown_and_left(mode: Mode[Any], language: str) -> None:
    bench = Bench()
    bench.language = language
    bench.enter(mode)
    panel = mode.panel(bench)
    assert panel.lines
    is_left = mode.lives_ms is not None or mode.key(bench, "escape")
    assert is_left or isinstance(mode, Ready)
