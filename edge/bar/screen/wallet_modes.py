"""A wristband by itself: what is on it, money in and out, a PIN, a claim code, a lost one."""

from collections.abc import Callable
from typing import Any, Final

from edge.bar.screen.basket_modes import TOP_UP_QUICK, TopUpHow
from edge.bar.screen.pad_modes import AmountPad, SecretPad
from edge.bar.screen.till_mode import Screen, TillMode, back, done_or_said, with_approval
from edge.screen.lines import span
from edge.screen.modes import Answer, Then
from edge.screen.panel import Choice, Panel, Tone
from edge.wanted import WRISTBAND
from sync.keys import PIN_DIGITS_MAX

BAND_MS: Final = 20_000
_NUMBER_DIGITS: Final = 11
_OLD_MS: Final = 60_000
_SALE_KEYS: Final = frozenset("qwertyuiopasdfghjklzxcvbnm")


def show_band(screen: Screen, shown: Any) -> None:
    """Look at a wristband."""
    then = done_or_said(screen, lambda answer: screen.enter(Band(answer, shown)))
    screen.do(then, "balance", wristband=shown)


def type_band(screen: Screen) -> None:
    """Look at a wristband by the number that is printed on it."""

    def then(number: str) -> None:
        show_band(screen, {"number": number})

    screen.enter(SecretPad("band_number", then, _NUMBER_DIGITS, is_secret=False))


class Band(TillMode):
    """What is on a wristband, and what can be done with it."""

    lives_ms = BAND_MS
    hears_capitals = True

    def __init__(self, answer: Answer, shown: Any) -> None:
        """Show this balance."""
        self.answer, self.shown = answer, shown

    def panel(self, screen: Screen) -> Panel:
        """Show the balance by its kinds."""
        answer = self.answer
        lines = [screen.word("band", answer["number"])]
        if answer["blocked"]:
            lines.append(screen.word("band_blocked"))
        elif not answer["known"]:
            lines.append(screen.word("band_unknown"))
        kinds = ("paid", "gift", "voucher")
        rows = tuple(
            f"{screen.word(f'kind_{kind}'):<16} {screen.money(answer[f'{kind}_minor']):>12}"
            for kind in kinds
            if answer[f"{kind}_minor"]
        )
        if answer["age_ms"] > _OLD_MS:
            lines.append(screen.word("band_age", span(answer["age_ms"], screen.language)))
        return Panel(
            Tone.ASK if answer["blocked"] else Tone.READY,
            screen.plain_money(answer["balance_minor"]),
            tuple(lines),
            self._choices(screen),
            None,
            rows,
        )

    def _choices(self, screen: Screen) -> tuple[Choice, ...]:
        names = {"1": "band_top_up", "2": "band_pay_out", "3": "band_pin", "4": "band_claim"}
        if self.answer["blocked"]:
            names = {}
        names["5"] = "band_lost"
        return (*(Choice(key, screen.word(name)) for key, name in names.items()), back(screen))

    def key(self, screen: Screen, key: str) -> bool:
        """Do something with it; a product's key goes back to selling and acts."""
        is_open = not self.answer["blocked"]
        if key == "1" and is_open:
            top_up(screen, self.shown)
        elif key == "2" and is_open:
            pay_out(screen, self.shown, self.answer["paid_minor"])
        elif key == "3" and is_open:
            new_pin(screen, self.shown, has_pin=self.answer["has_pin"])
        elif key == "4" and is_open:
            claim(screen, self.shown)
        elif key == "5":
            screen.enter(Lost(self.answer["wallet"], self.answer["number"]))
        elif key in {"escape", "space", "enter"}:
            screen.ready()
        elif key in _SALE_KEYS:
            screen.ready()
            screen.press(key)
        else:
            return False
        return True

    def told(self, screen: Screen, answer: Answer) -> bool:
        """Look at the next one."""
        if answer["event"] == WRISTBAND:
            show_band(screen, answer["shown"])
        return str(answer["event"]) == WRISTBAND


class Done(TillMode):
    """Green: something was done with a wristband."""

    lives_ms = 4_000

    def __init__(self, word: str, *lines: str) -> None:
        """Show this large, and the lines."""
        self._word, self._lines = word, lines

    def panel(self, _: Screen) -> Panel:
        """Show it."""
        return Panel(Tone.ADMIT, self._word, self._lines)

    def key(self, screen: Screen, key: str) -> bool:  # noqa: ARG002 - any key goes back
        """Go back."""
        screen.ready()
        return True

    def told(self, screen: Screen, answer: Answer) -> bool:  # noqa: ARG002 - still held up
        """Take no notice of a wristband that is still held up."""
        return True


def top_up(screen: Screen, shown: Any) -> None:
    """Take money for a wristband."""
    operation = screen.fresh_id()

    def given(minor: int) -> None:
        if minor:
            screen.enter(TopUpHow(lambda method: go(minor, method)))

    def go(minor: int, method: str) -> None:
        def done(answer: Answer) -> None:
            left = screen.word("now_on_it", screen.money(answer["balance_minor"]))
            taken = screen.word("topped_up", screen.money(minor), screen.word(f"by_{method}"))
            screen.enter(Done(screen.plain_money(minor), taken, left))

        command = {"wristband": shown, "amount_minor": minor, "method": method}
        with_approval(screen, done_or_said(screen, done), "top_up", operation=operation, **command)

    screen.enter(AmountPad("top_up_amount", given, quick=TOP_UP_QUICK))


def pay_out(screen: Screen, shown: Any, paid_minor: int) -> None:
    """Hand money back that is on a wristband."""
    if paid_minor <= 0:
        screen.note("nothing_to_pay_out")
        screen.ready()
        return
    operation = screen.fresh_id()

    def given(minor: int) -> None:
        then = _paid_out(screen)
        command = {"wristband": shown, "amount_minor": minor, "method": "cash"}
        with_approval(screen, then, "pay_out", operation=operation, **command)

    lines = (screen.word("pay_out_most", screen.money(paid_minor)),)
    screen.enter(AmountPad("pay_out_amount", given, usual=paid_minor, lines=lines))


def _paid_out(screen: Screen) -> Then:
    def done(answer: Answer) -> None:
        amount = answer["amount_minor"]
        left = screen.word("now_on_it", screen.money(answer["balance_minor"]))
        hand = screen.word("handed_out", screen.money(amount))
        screen.enter(Done(screen.plain_money(amount), hand, left))

    return done_or_said(screen, done)


def new_pin(screen: Screen, shown: Any, *, has_pin: bool) -> None:
    """Let the guest choose a PIN, typed twice; an old one is asked first."""

    def first(old: str | None) -> None:
        screen.enter(SecretPad("pin_new", lambda one: second(old, one), PIN_DIGITS_MAX))

    def second(old: str | None, one: str) -> None:
        screen.enter(SecretPad("pin_again", lambda two: compare(old, one, two), PIN_DIGITS_MAX))

    def compare(old: str | None, one: str, two: str) -> None:
        if one != two:
            screen.say("pin_differs")
            return
        command = {"wristband": shown, "new_pin": one} | ({} if old is None else {"old_pin": old})
        screen.do(done_or_said(screen, lambda _: screen.say("pin_done")), "guest_pin", **command)

    if has_pin:
        screen.enter(SecretPad("pin_old", first, PIN_DIGITS_MAX))
    else:
        first(None)


def claim(screen: Screen, shown: Any) -> None:
    """Draw a claim code for a wristband; it is shown once."""
    then = done_or_said(screen, lambda answer: screen.enter(Claim(answer)))
    screen.do(then, "claim", wristband=shown)


class Claim(TillMode):
    """A claim code, to be written down or printed now."""

    def __init__(self, answer: Answer) -> None:
        """Show this code."""
        self._answer = answer

    def panel(self, screen: Screen) -> Panel:
        """Show it in groups of four digits."""
        code = self._answer["claim"]
        grouped = " ".join(code[at : at + 4] for at in range(0, len(code), 4))
        lines = (
            screen.word("claim_code", self._answer["number"]),
            grouped,
            screen.word("claim_how"),
        )
        choices = (Choice("p", screen.word("print")), back(screen))
        return Panel(Tone.READY, "", lines, choices)

    def key(self, screen: Screen, key: str) -> bool:
        """Print it, or go back."""
        if key == "p":
            answer = self._answer
            printed(screen, claim=answer["claim"], number=answer["number"])
        elif key in {"escape", "enter"}:
            screen.ready()
        return key in {"p", "escape", "enter"}


def printed(screen: Screen, **what: Any) -> None:
    """Have something printed, and say that it is under way or why not."""

    def then(answer: Answer) -> None:
        if answer["event"] == "trouble":
            screen.sentence(str(answer["sentence"]))
        else:
            screen.note("printing")

    screen.do(then, "print", **what)


def lost(screen: Screen) -> None:
    """A guest has lost a wristband: by the number that was printed on it."""

    def then(number: str) -> None:
        def known(answer: Answer) -> None:
            screen.enter(Lost(answer["wallet"], answer["number"]))

        screen.do(done_or_said(screen, known), "balance", wristband={"number": number})

    screen.enter(SecretPad("lost_number", then, _NUMBER_DIGITS, is_secret=False))


class Lost(TillMode):
    """A lost wristband: block it, or give the guest a fresh one for the same money."""

    def __init__(self, wallet: int, number: str) -> None:
        """Speak of this wallet, which guests know by its short number."""
        self._wallet, self._number = wallet, number

    def panel(self, screen: Screen) -> Panel:
        """Show what can be done."""
        choices = (
            Choice("1", screen.word("lost_block")),
            Choice("2", screen.word("lost_claim")),
            Choice("3", screen.word("lost_supervisor")),
            back(screen),
        )
        return Panel(Tone.ASK, "", (screen.word("lost", self._number),), choices)

    def key(self, screen: Screen, key: str) -> bool:
        """Do one of it."""
        if key == "escape":
            screen.ready()
        elif key == "1":
            then = done_or_said(screen, lambda _: screen.say("blocked"))
            with_approval(screen, then, "block", wallet=self._wallet)
        elif key == "2":
            screen.enter(
                SecretPad(
                    "claim_ask",
                    lambda code: screen.enter(FreshBand(self._link(screen, claim=code))),
                    PIN_DIGITS_MAX,
                    is_secret=False,
                )
            )
        elif key == "3":
            screen.enter(FreshBand(self._link(screen)))
        else:
            return False
        return True

    def _link(self, screen: Screen, **more: str) -> Callable[[Any], None]:
        def link(shown: Any) -> None:
            def done(answer: Answer) -> None:
                balance = answer.get("balance_minor")
                left = "" if balance is None else screen.word("now_on_it", screen.money(balance))
                large = "" if balance is None else screen.plain_money(balance)
                screen.enter(Done(large, screen.word("linked"), *([left] if left else [])))

            command = {"wallet": self._wallet, "wristband": shown} | more
            with_approval(screen, done_or_said(screen, done), "link", **command)

        return link


class FreshBand(TillMode):
    """Waiting for the fresh wristband that a guest gets."""

    def __init__(self, then: Callable[[Any], None]) -> None:
        """`then` gets what was shown."""
        self._then = then

    def panel(self, screen: Screen) -> Panel:
        """Ask for it."""
        return Panel(Tone.ASK, screen.word("check"), (screen.word("fresh_band"),), (back(screen),))

    def key(self, screen: Screen, key: str) -> bool:
        """Go back."""
        if key == "escape":
            screen.ready()
        return key == "escape"

    def told(self, screen: Screen, answer: Answer) -> bool:  # noqa: ARG002 - `then` knows it
        """Take it."""
        if answer["event"] == WRISTBAND:
            self._then(answer["shown"])
        return str(answer["event"]) == WRISTBAND
