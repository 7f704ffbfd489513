"""What a supervisor decides at a gate, and the wristband that a guest gets for a ticket."""

from edge.gate.screen.modes import GateMode, Screen, shown
from edge.gate.screen.words import word
from edge.screen.modes import Answer
from edge.screen.panel import Choice, Panel, Tone
from edge.screen.staff_modes import Supervisor
from edge.wanted import BADGE, WRISTBAND
from sync.facts import OverrideReason


class WhyOverride(GateMode):
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


class GiveWristband(GateMode):
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
