"""What needs a badge and a PIN: signing in, overriding, confirming the time, rehearsing."""

from collections.abc import Callable
from typing import Final

from edge.gate.screen.modes import Answer, Mode, Screen, pad, shown, typed
from edge.gate.screen.words import word
from edge.screen.lines import day_and_time
from edge.screen.panel import Choice, Panel, Tone
from edge.wanted import BADGE, WRISTBAND
from sync.facts import OverrideReason
from sync.keys import PIN_DIGITS_MAX

_CLOCK_DIGITS: Final = 4
_HALF_DAY_MINUTES: Final = 12 * 60
_DAY_MINUTES: Final = 24 * 60
_MINUTE_MS: Final = 60_000
_MASK: Final = "●"


class Closed(Mode):
    """Nobody is signed in: only a badge means anything."""

    def panel(self, screen: Screen) -> Panel:
        """Ask for a badge."""
        language = screen.language
        return Panel(Tone.CLOSED, word("closed", language), (word("sign_in", language),))

    def told(self, screen: Screen, answer: Answer) -> bool:
        """Take a badge and ask for its PIN."""
        if answer["event"] == BADGE:
            badge = answer["text"]
            screen.enter(Pin(lambda pin: _sign_in(screen, badge, pin)))
        return str(answer["event"]) in {BADGE, "closed"}


def _sign_in(screen: Screen, badge: str, pin: str) -> None:
    def then(answer: Answer) -> None:
        if answer["event"] == "signed_in":
            screen.anew()
        else:
            screen.sentence(str(answer["sentence"]))

    screen.do(then, "sign_in", badge=badge, pin=pin)


class Pin(Mode):
    """Typing a PIN, which is never shown."""

    expects = BADGE
    takes_all_keys = True

    def __init__(self, then: Callable[[str], None]) -> None:
        """`then` gets the PIN."""
        self._then = then
        self._pin = ""

    def panel(self, screen: Screen) -> Panel:
        """Show how many digits were typed."""
        language = screen.language
        lines = (word("pin", language),)
        return Panel(
            Tone.CLOSED, word("check", language), lines, pad(language), _MASK * len(self._pin)
        )

    def key(self, screen: Screen, key: str) -> bool:
        """Take and go on at Enter."""
        if key == "escape":
            screen.ready()
        elif key == "enter" and self._pin:
            self._then(self._pin)
        else:
            self._pin = typed(self._pin, key, PIN_DIGITS_MAX)
        return True

    def told(self, screen: Screen, answer: Answer) -> bool:  # noqa: ARG002 - a badge still in view
        """Ignore a badge that is still held up."""
        return str(answer["event"]) == BADGE


class Supervisor(Mode):
    """Waiting for a supervisor's badge, then their PIN."""

    expects = BADGE

    def __init__(self, then: Callable[[str, str], None]) -> None:
        """`then` gets the badge's text and the PIN."""
        self._then = then

    def panel(self, screen: Screen) -> Panel:
        """Ask for the badge."""
        language = screen.language
        back = (Choice("escape", word("back", language)),)
        lines = (word("supervisor_badge", language),)
        return Panel(Tone.CLOSED, word("check", language), lines, back)

    def key(self, screen: Screen, key: str) -> bool:
        """Go back."""
        if key == "escape":
            screen.ready()
        return key == "escape"

    def told(self, screen: Screen, answer: Answer) -> bool:
        """Take the badge and ask for its PIN."""
        if answer["event"] == BADGE:
            badge = answer["text"]
            screen.enter(Pin(lambda pin: self._then(badge, pin)))
        return str(answer["event"]) == BADGE


class WhyOverride(Mode):
    """Choosing why somebody is let in against the rules."""

    expects = BADGE

    def __init__(self, refused: Answer) -> None:
        """Override this verdict."""
        self._refused = refused

    def panel(self, screen: Screen) -> Panel:
        """Show the reasons."""
        language = screen.language
        reasons = [
            Choice(str(int(one)), word(f"reason_{int(one)}", language)) for one in OverrideReason
        ]
        choices = (*reasons, Choice("escape", word("back", language)))
        lines = (word("why_override", language),)
        return Panel(Tone.ASK, word("check", language), lines, choices)

    def key(self, screen: Screen, key: str) -> bool:
        """Take a reason and ask for a supervisor."""
        if key == "escape":
            screen.ready()
            return True
        if key not in {str(int(one)) for one in OverrideReason}:
            return False
        session, reason = self._refused["session"], int(key)

        def then(badge: str, pin: str) -> None:
            screen.do(
                lambda answer: shown(screen, answer),
                "override",
                session=session,
                reason=reason,
                badge=badge,
                pin=pin,
            )

        screen.enter(Supervisor(then))
        return True

    def told(self, screen: Screen, answer: Answer) -> bool:  # noqa: ARG002 - one thing at a time
        """Ignore badges until a reason was chosen."""
        return str(answer["event"]) == BADGE


class Clock(Mode):
    """A supervisor says what time it is."""

    takes_all_keys = True
    expects = BADGE

    def __init__(self, now_ms: int) -> None:
        """Show this time (Unix ms) as what the gate believes."""
        self._now_ms = now_ms
        self.entry = ""

    def panel(self, screen: Screen) -> Panel:
        """Show what the gate believes, and what was typed."""
        language = screen.language
        believed = day_and_time(self._now_ms, screen.utc_offset_minutes)
        lines = (word("clock_now", language, believed), word("clock_entry", language))
        return Panel(Tone.CLOSED, word("check", language), lines, pad(language), self.entry)

    def key(self, screen: Screen, key: str) -> bool:
        """Take four and ask for a supervisor at Enter."""
        if key == "escape":
            screen.ready()
        elif key == "enter":
            self._enter(screen)
        else:
            self.entry = typed(self.entry, key, _CLOCK_DIGITS)
        return True

    def _enter(self, screen: Screen) -> None:
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


class GiveWristband(Mode):
    """Waiting for the wristband that a guest gets."""

    expects = WRISTBAND

    def __init__(self, fact: str) -> None:
        """Give it for this admission."""
        self._fact = fact

    def panel(self, screen: Screen) -> Panel:
        """Ask for the wristband."""
        language = screen.language
        back = (Choice("escape", word("back", language)),)
        lines = (word("wristband_hint", language),)
        return Panel(Tone.READY, word("ready", language), lines, back)

    def key(self, screen: Screen, key: str) -> bool:
        """Go back."""
        if key == "escape":
            screen.ready()
        return key == "escape"

    def told(self, screen: Screen, answer: Answer) -> bool:
        """Take the wristband."""
        if answer["event"] != WRISTBAND:
            return False

        def then(done: Answer) -> None:
            if done["event"] == "done":
                screen.say("wristband_given")
            else:
                screen.sentence(str(done["sentence"]))

        screen.do(then, "wristband", fact=self._fact, text=answer["text"])
        return True
