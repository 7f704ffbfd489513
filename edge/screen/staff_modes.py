"""What needs a badge and a PIN on every screen: signing in, a supervisor, confirming the time."""

from collections.abc import Callable
from typing import Final

from edge.screen.lines import day_and_time
from edge.screen.modes import Answer, AnyScreen, Mode, pad, typed
from edge.screen.panel import Choice, Panel, Tone
from edge.wanted import BADGE
from sync.keys import PIN_DIGITS_MAX

_CLOCK_DIGITS: Final = 4
_HALF_DAY_MINUTES: Final = 12 * 60
_DAY_MINUTES: Final = 24 * 60
_MINUTE_MS: Final = 60_000
_MASK: Final = "●"


class Closed(Mode[AnyScreen]):
    """Nobody is signed in: only a badge means anything."""

    def panel(self, screen: AnyScreen) -> Panel:
        """Ask for a badge."""
        return Panel(Tone.CLOSED, screen.word("closed"), (screen.word("sign_in"),))

    def told(self, screen: AnyScreen, answer: Answer) -> bool:
        """Take a badge and ask for its PIN."""
        if answer["event"] == BADGE:
            badge = answer["text"]
            screen.enter(Pin(lambda pin: _sign_in(screen, badge, pin)))
        return str(answer["event"]) in {BADGE, "closed"}


def _sign_in(screen: AnyScreen, badge: str, pin: str) -> None:
    def then(answer: Answer) -> None:
        if answer["event"] == "signed_in":
            screen.anew()
        else:
            screen.sentence(str(answer["sentence"]))

    screen.do(then, "sign_in", badge=badge, pin=pin)


class Pin(Mode[AnyScreen]):
    """Typing a PIN, which is never shown."""

    expects = BADGE
    takes_all_keys = True

    def __init__(self, then: Callable[[str], None]) -> None:
        """`then` gets the PIN."""
        self._then = then
        self._pin = ""

    def panel(self, screen: AnyScreen) -> Panel:
        """Show how many digits were typed."""
        lines = (screen.word("pin"),)
        return Panel(
            Tone.CLOSED, screen.word("check"), lines, pad(screen.language), _MASK * len(self._pin)
        )

    def key(self, screen: AnyScreen, key: str) -> bool:
        """Take and go on at Enter."""
        if key == "escape":
            screen.ready()
        elif key == "enter" and self._pin:
            self._then(self._pin)
        else:
            self._pin = typed(self._pin, key, PIN_DIGITS_MAX)
        return True

    def told(self, screen: AnyScreen, answer: Answer) -> bool:  # noqa: ARG002 - a badge still in view
        """Ignore a badge that is still held up."""
        return str(answer["event"]) == BADGE


class Supervisor(Mode[AnyScreen]):
    """Waiting for a supervisor's badge, then their PIN."""

    expects = BADGE

    def __init__(self, then: Callable[[str, str], None]) -> None:
        """`then` gets the badge's text and the PIN."""
        self._then = then

    def panel(self, screen: AnyScreen) -> Panel:
        """Ask for the badge."""
        back = (Choice("escape", screen.word("back")),)
        lines = (screen.word("supervisor_badge"),)
        return Panel(Tone.CLOSED, screen.word("check"), lines, back)

    def key(self, screen: AnyScreen, key: str) -> bool:
        """Go back."""
        if key == "escape":
            screen.ready()
        return key == "escape"

    def told(self, screen: AnyScreen, answer: Answer) -> bool:
        """Take the badge and ask for its PIN."""
        if answer["event"] == BADGE:
            badge = answer["text"]
            screen.enter(Pin(lambda pin: self._then(badge, pin)))
        return str(answer["event"]) == BADGE


class Clock(Mode[AnyScreen]):
    """A supervisor says what time it is."""

    takes_all_keys = True
    expects = BADGE

    def __init__(self, now_ms: int) -> None:
        """Show this time (Unix ms) as what the box believes."""
        self._now_ms = now_ms
        self.entry = ""

    def panel(self, screen: AnyScreen) -> Panel:
        """Show what the box believes, and what was typed."""
        believed = day_and_time(self._now_ms, screen.utc_offset_minutes)
        lines = (screen.word("clock_now", believed), screen.word("clock_entry"))
        return Panel(Tone.CLOSED, screen.word("check"), lines, pad(screen.language), self.entry)

    def key(self, screen: AnyScreen, key: str) -> bool:
        """Take four and ask for a supervisor at Enter."""
        if key == "escape":
            screen.ready()
        elif key == "enter":
            self._enter(screen)
        else:
            self.entry = typed(self.entry, key, _CLOCK_DIGITS)
        return True

    def _enter(self, screen: AnyScreen) -> None:
        time_ms = nearest(self._now_ms, self.entry, screen.utc_offset_minutes)
        if time_ms is None:
            screen.say("clock_wrong")
            return

        def done(answer: Answer) -> None:
            if answer["event"] == "done":
                screen.say("clock_done")
            else:
                screen.sentence(str(answer["sentence"]))

        def then(badge: str, pin: str) -> None:
            screen.do(done, "clock", time_ms=time_ms, badge=badge, pin=pin)

        screen.enter(Supervisor(then))


def nearest(now_ms: int, face: str, utc_offset_minutes: int) -> int | None:
    """Return the time (Unix ms) with this local face, such as 1930, that is nearest to `now_ms`."""
    if len(face) != _CLOCK_DIGITS or int(face[:2]) > 23 or int(face[2:]) > 59:  # noqa: PLR2004 - a clock
        return None
    wanted = 60 * int(face[:2]) + int(face[2:])
    local = now_ms // _MINUTE_MS + utc_offset_minutes
    ahead = (wanted - local) % _DAY_MINUTES
    if ahead > _HALF_DAY_MINUTES:
        ahead -= _DAY_MINUTES
    return (local + ahead - utc_offset_minutes) * _MINUTE_MS
