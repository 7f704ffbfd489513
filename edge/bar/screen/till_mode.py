"""What every mode of the till stands on: what it may ask of its screen, and how a sale is tried."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from edge.bar.cart import Cart
from edge.bar.screen.grid import Grid
from edge.bar.screen.grid_view import Place
from edge.bar.screen.hand import Hand
from edge.screen.modes import Answer, AnyScreen, Mode, Then
from edge.screen.panel import Choice
from edge.screen.staff_modes import Supervisor


class Face(StrEnum):
    """What of the screen a mode takes: nothing, the grid's place beside the basket, or all."""

    GRID = "grid"
    SIDE = "side"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Attempt:
    """How a basket is to be paid: amounts in minor units, None for the rest of it.

    `payments` are rows of (method, amount, None, reference), `bands` of (what was shown, amount);
    `more` is what was answered meanwhile: a guest's PIN, a badge with its PIN.
    """

    payments: tuple[tuple[str, int, None, str | None], ...] = ()
    bands: tuple[tuple[Any, int | None], ...] = ()
    cash_given: int | None = None
    more: dict[str, Any] = field(default_factory=dict)

    def with_more(self, **more: Any) -> "Attempt":
        """Try the same with something that was answered."""
        return Attempt(self.payments, self.bands, self.cash_given, self.more | more)

    def command(self, cart: Cart) -> dict[str, Any]:
        """Return the `sell` command that pays a basket so."""
        command: dict[str, Any] = {
            "sale": cart.sale,
            "lines": [list(line) for line in cart.lines()],
            "payments": [list(row) for row in self.payments],
            "wristbands": [list(row) for row in self.bands],
            "vouchers": [code for code, _, _ in cart.vouchers],
            "age_checked": cart.age_checked,
        }
        if self.cash_given is not None:
            command["cash_given_minor"] = self.cash_given
        return command | self.more


class Screen(AnyScreen, Protocol):
    """What a mode may ask of the till's screen that it is shown on."""

    hand: Hand
    grid: Grid
    place: Place
    shift: Answer | None
    cash_counts: dict[int, int]

    @property
    def currency(self) -> str:
        """The festival's currency as its three letters."""

    @property
    def is_paying(self) -> bool:
        """Whether a sale is under way and its answer awaited."""

    def enter(self, mode: "Mode[Screen]") -> None:
        """Go over to another mode, of the till or of any screen."""

    def note(self, name: str, *details: object) -> None:
        """Say a word of ours for a moment beside the basket, and stay where we are."""

    def press(self, key: str) -> None:
        """Take a key again, in the mode that is shown now."""

    def changed(self) -> None:
        """Keep the basket, which has changed."""

    def pay(self, attempt: Attempt) -> None:
        """Try to sell what is in hand."""

    def money(self, minor: int) -> str:
        """Return an amount with the currency."""

    def plain_money(self, minor: int) -> str:
        """Return an amount without the currency."""

    def fresh_id(self) -> str:
        """Draw the id of something that is to happen once."""

    def now_ms(self) -> int:
        """Return what time the box believes it is, in Unix milliseconds."""

    def ignores(self, shown: Any) -> bool:
        """Tell whether this is the wristband that has just paid and is still held up."""

    def carts(self) -> "Parking":
        """Return where baskets are parked."""

    def lock(self) -> None:
        """Let whoever is signed in go; the basket stays."""

    def voucher(self, code: str) -> None:
        """Let a voucher pay a part of the basket."""


class Parking(Protocol):
    """Where baskets wait."""

    def park(self) -> None:
        """Put what is in hand aside."""

    def show(self) -> None:
        """Show what waits."""


class TillMode(Mode[Screen]):
    """A mode of the till; `face` says how much of the screen it takes.

    `takes_band`: a wristband that is shown now pays.
    """

    face: Face = Face.SIDE
    takes_band: bool = False


def face_of(mode: Mode[Any]) -> Face:
    """Return how much of the screen a mode takes; modes of any screen take all of it."""
    return mode.face if isinstance(mode, TillMode) else Face.FULL


def back(screen: AnyScreen) -> Choice:
    """Return the key that leads back to the basket."""
    return Choice("escape", screen.word("back"))


def with_approval(screen: Screen, then: Then, what: str, **command: Any) -> None:
    """Have the desk do something; where it wants a badge and a PIN, ask for them and try again."""

    def answered(answer: Answer) -> None:
        if answer["event"] == "ask" and answer["what"] == "approval":
            screen.enter(Supervisor(again))
        else:
            then(answer)

    def again(badge: str, pin: str) -> None:
        screen.do(then, what, **command, badge=badge, pin=pin)

    screen.do(answered, what, **command)


def done_or_said(screen: Screen, done: Callable[[Answer], None]) -> Then:
    """Return what takes an answer: `done` if it was done, else its sentence is shown."""

    def then(answer: Answer) -> None:
        if answer["event"] in {"trouble", "declined", "ask"}:
            screen.sentence(str(answer.get("sentence", "")))
        else:
            done(answer)

    return then
