"""Each thing that an agent does, key by key, without any screen."""

from typing import Any

import pytest

from edge.gate.screen.log_mode import Log
from edge.gate.screen.modes import (
    Answer,
    Asked,
    Broken,
    Mode,
    Peeking,
    Quit,
    Ready,
    Said,
    Several,
    Then,
    TypedNumber,
    Verdict,
    mode_of,
)
from edge.gate.screen.staff_modes import (
    Clock,
    Closed,
    GiveWristband,
    Pin,
    Supervisor,
    WhyOverride,
    nearest,
)
from edge.gate.telling import tell_of
from edge.screen.panel import Tone
from edge.wanted import BADGE, PEEK, USUAL, WRISTBAND


class Bench:
    """A screen that takes notes: what was asked of the desk, and which mode was entered."""

    def __init__(self, **answers: Answer) -> None:
        self.language = "en"
        self.direction = "in"
        self.last: Answer | None = None
        self.utc_offset_minutes = 60
        self.mode: Mode = Ready()
        self.done: list[tuple[str, dict[str, Any]]] = []
        self._answers = answers

    def do(self, then: Then, what: str, **command: Any) -> None:
        self.done.append((what, command))
        then(self._answers.get(what, {"event": "done"}))

    def enter(self, mode: Mode) -> None:
        self.mode = mode

    def ready(self) -> None:
        self.mode = Ready()

    def anew(self) -> None:
        self.mode = Ready()

    def say(self, name: str) -> None:
        self.mode = Said(name)

    def sentence(self, text: str) -> None:
        self.mode = Said(text=text, tone=Tone.ASK)

    def keys(self, text: str) -> None:
        for key in text.split():
            self.mode.key(self, key)

    def lines(self) -> str:
        return "\n".join(self.mode.panel(self).lines)


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


def test_signing_in_takes_a_badge_then_a_pin_that_is_never_shown() -> None:
    bench = Bench(sign_in={"event": "signed_in", "staff": "N1"})
    bench.enter(Closed())
    assert bench.mode.told(bench, {"event": BADGE, "text": "GU1:BADGE"})
    bench.keys("2 7 1 8 2 8")
    panel = bench.mode.panel(bench)
    assert panel.entry == "●●●●●●"
    assert "271828" not in str(panel)
    bench.keys("enter")
    assert bench.done == [("sign_in", {"badge": "GU1:BADGE", "pin": "271828"})]
    assert isinstance(bench.mode, Ready)


def test_a_wrong_pin_is_said_in_a_sentence() -> None:
    bench = Bench(sign_in={"event": "trouble", "sentence": "not the PIN"})
    bench.enter(Closed())
    bench.mode.told(bench, {"event": BADGE, "text": "b"})
    bench.keys("1 enter")
    assert bench.lines() == "not the PIN"


def test_a_closed_gate_takes_nothing_but_a_badge() -> None:
    bench = Bench()
    bench.enter(Closed())
    assert bench.mode.told(bench, {"event": "closed"})
    assert not bench.mode.told(bench, {"event": "wristband", "text": "x"})
    assert isinstance(bench.mode, Closed)


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


def test_a_clock_takes_four_digits_and_a_supervisor() -> None:
    bench = Bench()
    bench.enter(Clock(1_795_000_000_000))
    bench.keys("1 2 enter")
    assert "four digits" in bench.lines()
    bench.enter(Clock(1_795_000_000_000))
    bench.keys("1 9 3 0 5 enter")
    bench.mode.told(bench, {"event": BADGE, "text": "b"})
    bench.keys("1 enter")
    ((what, command),) = bench.done
    assert (what, command["time_ms"] % 86_400_000) == ("clock", (18 * 60 + 30) * 60_000)


@pytest.mark.parametrize(
    "now,face,wanted",
    [(12 * 60, "1230", 12 * 60 + 30), (5, "2355", -5), (23 * 60 + 55, "0005", 24 * 60 + 5)],
)
def test_a_time_of_day_is_the_nearest_one(now: int, face: str, wanted: int) -> None:
    day_ms = 1_795_046_400_000 // 86_400_000 * 86_400_000
    assert nearest(day_ms + 60_000 * now, face, 0) == day_ms + 60_000 * wanted


@pytest.mark.parametrize("face", ["", "193", "2460", "2400", "1261"])
def test_what_is_no_time_of_day_is_none(face: str) -> None:
    assert nearest(0, face, 0) is None


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


def test_a_gate_is_stopped_only_after_a_yes() -> None:
    left: list[bool] = []
    bench = Bench()
    bench.enter(Quit(lambda: left.append(True)))
    bench.keys("n")
    assert (left, isinstance(bench.mode, Ready)) == ([], True)
    bench.enter(Quit(lambda: left.append(True)))
    bench.keys("y")
    assert left == [True]


@pytest.mark.parametrize(
    "mode,expects",
    [
        (Ready(), USUAL),
        (Peeking(), PEEK),
        (Pin(print), BADGE),
        (Supervisor(print), BADGE),
        (GiveWristband("fa"), WRISTBAND),
        (Several(2), USUAL),
    ],
)
def test_each_mode_says_what_a_code_means(mode: Mode, expects: str) -> None:
    assert mode.expects == expects


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    "mode",
    [
        Ready(),
        Several(10),
        Peeking(),
        TypedNumber(),
        Closed(),
        Pin(print),
        Supervisor(print),
        WhyOverride(REFUSED),
        Clock(0),
        GiveWristband("fa"),
        Quit(print),
        Broken("disk full"),
        Broken(""),
        Log(),
        Said("undone"),
    ],
)
def test_every_mode_can_be_shown_and_left(mode: Mode, language: str) -> None:
    bench = Bench()
    bench.language = language
    bench.enter(mode)
    panel = mode.panel(bench)
    assert panel.lines
    is_left = mode.lives_ms is not None or mode.key(bench, "escape")
    assert is_left or isinstance(mode, Ready | Broken | Closed)
