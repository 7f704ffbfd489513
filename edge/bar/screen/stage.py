"""Where the till's modes play: the basket in hand, the grid, and what a sale's answer brings.

Nothing is green before the desk has said that it is recorded, and nothing in hand is lost: it is
kept after every change, comes back after a power cut, and leaves the hand only when it is paid.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from edge.bar.cart import Cart, cart_of
from edge.bar.keeper import BarKeeper
from edge.bar.screen import money_words
from edge.bar.screen.grid import Grid, grid_of
from edge.bar.screen.grid_view import Place
from edge.bar.screen.hand import Hand
from edge.bar.screen.keeping import HAND, Keeping
from edge.bar.screen.parking import Carts
from edge.bar.screen.pay_modes import SALE_KEYS, Declined, Paid, asked, paid_words
from edge.bar.screen.selling import NoShift, Selling
from edge.bar.screen.till_mode import Attempt
from edge.bar.screen.vouchers import Vouchers
from edge.bar.screen.words import word
from edge.screen.lines import face
from edge.screen.modes import Answer, Mode, Said
from edge.screen.stage import Post, Stage
from provisioning.chance import random_bytes
from sync.names import ID_BYTES

NOTE_MS: Final = 3_000
STILL_HELD_MS: Final = 3_000
BADGE_HELD_MS: Final = 10_000
_SECOND_MS: Final = 1_000


class TillStage(Stage[BarKeeper]):
    """The state of one till's screen; see `till_mode.Screen` for what modes may ask of it."""

    def __init__(
        self,
        keeper: BarKeeper,
        now_ms: Callable[[], int],
        post: Post,
        leave: Callable[[], None],
    ) -> None:
        """`now_ms` is steady; `post` runs something in the screen's thread, `leave` ends it."""
        super().__init__(keeper, word, now_ms, post, leave)
        self.hand = Hand(Cart())
        self.grid = Grid()
        self.place = Place()
        self.shift: Answer | None = None
        self.last: Answer | None = None
        self.people: Answer = {}
        self.cash_counts: dict[int, int] = {}
        self._said: Callable[[], str] = str
        self._note = ("", 0)
        self._carts = Carts(self)
        self._vouchers = Vouchers(self)
        self._keeping = Keeping(self._keep)
        self._is_paying = False
        self._has_looked = False
        self._is_kept_known = False
        self._auto_lock_s = 0
        self._touched_ms = now_ms()
        self._paid_by = ("", 0)
        self._badge = ("", 0)

    # --- what modes ask ---

    @property
    def currency(self) -> str:
        """The festival's currency as its three letters."""
        return self.keeper.manifest.currency

    @property
    def is_paying(self) -> bool:
        """Whether a sale is under way and its answer awaited."""
        return self._is_paying

    def rest(self) -> Mode[Any]:
        """Wait for the next product; without a shift, for one to be opened."""
        return NoShift() if self._has_looked and self.shift is None else Selling()

    def press(self, key: str) -> None:
        """Take a key again, in the mode that is shown now."""
        self.key(key)

    def note(self, name: str, *details: object) -> None:
        """Say a word of ours for a moment beside the basket, and stay where we are."""
        self._note = (self.word(name, *details), self._now_ms())

    @property
    def said(self) -> str:
        """What became of the last basket, "" if nothing is to be said."""
        return self._said()

    @property
    def noted(self) -> str:
        """What was said lately beside the basket."""
        text, at_ms = self._note
        return text if self._now_ms() - at_ms < NOTE_MS else ""

    def money(self, minor: int) -> str:
        """Return an amount with the currency."""
        return money_words.priced(minor, self.language, self.currency)

    def plain_money(self, minor: int) -> str:
        """Return an amount without the currency."""
        return money_words.amount(minor, self.language)

    def fresh_id(self) -> str:
        """Draw the id of something that is to happen once."""
        return random_bytes(ID_BYTES).hex()

    def now_ms(self) -> int:
        """Return what time the box believes it is, in Unix milliseconds."""
        return 0 if self.health is None else int(self.health["now_ms"])

    def carts(self) -> Carts:
        """Return where baskets are parked."""
        return self._carts

    def changed(self) -> None:
        """Keep the basket, which has changed; with the first thing in it its sale gets an id."""
        hand = self.hand
        if hand.cart and not hand.cart.sale:
            hand.cart = replace(hand.cart, sale=self.fresh_id(), version=self.grid.version)
        self._keeping.want(hand.cart)
        self._vouchers.look()

    def lock(self) -> None:
        """Let whoever is signed in go; the basket stays."""
        if self.people.get("needed"):
            self.sign_out()
        else:
            self.note("no_staff")

    def ignores(self, shown: Any) -> bool:
        """Tell whether this is the wristband that has just paid and is still held up."""
        paid_by, at_ms = self._paid_by
        return _same_band(shown) == paid_by and self._now_ms() - at_ms < STILL_HELD_MS

    # --- paying ---

    def pay(self, attempt: Attempt) -> None:
        """Try to sell what is in hand; what is in it cannot change until that is answered."""
        if self._is_paying:
            return
        cart = self.hand.cart
        self._is_paying = True
        self.ready()
        self._is_paying = True
        what, command = _order(cart, attempt)
        self.do(lambda answer: self._answered(answer, attempt, cart), what, **command)

    def _answered(self, answer: Answer, attempt: Attempt, cart: Cart) -> None:
        self._is_paying = False
        if self.broken is not None:
            self.ready()
            return
        match answer["event"]:
            case "paid" | "done":
                self._sold(answer, attempt, cart)
            case "declined":
                self.enter(Declined(answer, attempt))
            case "ask":
                asked(self, answer, attempt)
            case _:
                self.sentence(str(answer.get("sentence", "")))

    def _sold(self, answer: Answer, attempt: Attempt, cart: Cart) -> None:
        """Show green: the basket was recorded, and only now it leaves the hand."""
        answer = {"total_minor": cart.total, "change_minor": 0} | answer
        if attempt.bands:
            self._paid_by = (_same_band(attempt.bands[-1][0]), self._now_ms())
        self.hand.empty()
        self._keeping.want(self.hand.cart)
        self.paid(answer)

    def paid(self, answer: Answer) -> None:
        """Show that something was paid; nothing is in hand any more."""
        self._said = lambda: f"✔ {paid_words(self, answer)}"
        self.enter(Paid(answer))
        self.look_again()

    def voucher(self, code: str) -> None:
        """Let a voucher pay a part of the basket."""
        if self.hand.cart:
            self._vouchers.take(code)
        else:
            self.note("voucher_first_choose")

    # --- what comes from outside ---

    def happened(self, answer: Answer) -> None:
        """Take a code that is neither badge nor wristband, and what a printer said."""
        match answer["event"]:
            case "voucher":
                self._touch()
                self.mode.told(self, answer)
            case "strange" if not self.is_closed:
                self.note_text(answer["sentence"])
            case "printed" if answer.get("trouble"):
                self.note_text(answer["trouble"])
            case "trouble" if self.broken is None:
                self.sentence(str(answer["sentence"]))
            case _:
                pass

    def note_text(self, text: str) -> None:
        """Say somebody else's words for a moment beside the basket."""
        self._note = (text, self._now_ms())

    def told(self, answer: Answer) -> None:
        """Take what the box told; a code that is shown is a touch too."""
        if answer["event"] in {"badge", "wristband"}:
            self._touch()
        if answer["event"] == "badge" and self._is_badge_still_held(answer["text"]):
            return
        if answer["event"] == "broken":
            self._is_paying = False
            self._keeping.forget()
        super().told(answer)
        if answer["event"] == "opened":
            self._fetch_kept()

    def _is_badge_still_held(self, text: str) -> bool:
        """Tell whether a badge that was used lies there still: it takes nothing over."""
        before, at_ms = self._badge
        self._badge = (text, self._now_ms())
        is_same = text == before and self._now_ms() - at_ms < BADGE_HELD_MS
        return is_same and self.mode.is_rest

    def glanced(self, answer: Answer) -> None:
        """Take who sells, in which shift, and what became of the last sale; look at the grid."""
        before = self.shift
        self.shift, self.last = answer["shift"], answer["last"]
        self.people = answer["people"]
        self._auto_lock_s = answer.get("auto_lock_s") or 0
        is_first, self._has_looked = not self._has_looked, True
        last = self.last
        if last is not None and self.hand.cart.sale == last["sale"] and not self._is_paying:
            self.hand.empty()  # it was recorded, and whoever should have heard that was gone
            self._keeping.want(self.hand.cart)
            self._said = lambda: self._last_words(last)
        is_other = (before is None) != (self.shift is None)
        if (is_first or is_other) and self.mode.is_rest:
            self.ready()
        self.do(self._grid_came, "grid")

    def _grid_came(self, answer: Answer) -> None:
        if answer["event"] != "grid":
            return
        self.grid = grid_of(answer)
        if self.place.category >= max(1, len(self.grid.categories)):
            self.place = Place()

    # --- a till that died ---

    def _fetch_kept(self) -> None:
        """Take the basket that was in hand when the till died; one in memory is the newer one."""

        def then(answer: Answer) -> None:
            if answer["event"] != "kept":
                return
            self._is_kept_known = True
            self._carts.parked = len(answer["parked"])
            if self.hand.cart:
                self._keeping.want(self.hand.cart)
            elif answer["hand"] is not None:
                self.hand.take(cart_of(answer["hand"]))
                self._keeping.is_there(self.hand.cart)
                self._said = lambda: self.word("back_in_hand")
            self.look_again(self._say_last)

        self.do(then, "kept")

    def _say_last(self) -> None:
        last = self.last
        if not self.said and last is not None:
            self._said = lambda: self._last_words(last)

    def _last_words(self, last: Answer) -> str:
        when = face(last["at_ms"], self.utc_offset_minutes)
        return f"✔ {paid_words(self, last)} · {when}"

    # --- time ---

    def key(self, key: str) -> None:
        """Take one key by its name."""
        self._touch()
        super().key(key)

    def tick(self) -> None:
        """Let time pass; a till that nobody touches locks itself."""
        super().tick()
        idle_ms = self._now_ms() - self._touched_ms
        is_due = bool(self._auto_lock_s) and idle_ms >= self._auto_lock_s * _SECOND_MS
        if is_due and not self.is_closed and self.people.get("label") and not self._is_paying:
            self._touch()
            self.sign_out()

    def _touch(self) -> None:
        self._touched_ms = self._now_ms()

    def _keep(self, row: dict[str, Any] | None, done: Callable[[], None]) -> None:
        def then(answer: Answer) -> None:
            if answer["event"] == "done":
                done()
            else:
                self._keeping.forget()

        self.do(then, "keep", slot=HAND, cart=row)

    def hot_key(self, key: str) -> None:
        """Go back; what was only said gives way to any key, and a product's key acts."""
        if key == "escape":
            self.ready()
        elif isinstance(self.mode, Said):
            self.ready()
            if key in SALE_KEYS:
                self.key(key)


def _same_band(shown: Any) -> str:
    """Return what stays the same of a wristband when it is shown again; its count does not."""
    if isinstance(shown, dict):
        return str(shown.get("uid") or shown.get("text") or shown)
    return str(shown)


def _order(cart: Cart, attempt: Attempt) -> tuple[str, dict[str, Any]]:
    """Return the command that pays a basket; one that only tops a wristband up is a top-up."""
    is_top_up = bool(cart.top_up) and cart.total == cart.top_up and not cart.choices
    is_alone = is_top_up and not (cart.cups_back or cart.tip or cart.vouchers)
    if is_alone and len(attempt.bands) == 1 and len(attempt.payments) == 1:
        shown, _ = attempt.bands[0]
        method, amount, _, reference = attempt.payments[0]
        command = {"operation": cart.sale, "wristband": shown, "amount_minor": amount}
        more = {} if reference is None else {"reference": reference}
        return "top_up", command | {"method": method} | more | attempt.more
    return "sell", attempt.command(cart)
