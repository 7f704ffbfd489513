"""Hands at tills: sellers, and guests with wristbands, some of whom are at two bars at once."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from edge.bar.desk import WANTS, TillDesk
from edge.headless import Answer
from sync.codes import CodeKind
from tests.simulation import checks
from tests.simulation.books import Act
from tests.simulation.box import Box, Died
from tests.simulation.money_books import Sale
from tests.simulation.trouble import Violation

if TYPE_CHECKING:
    from tests.simulation.world import World

PRODUCTS = {1: (480, 100), 2: (500, 0), 3: (200, 0), 4: (1_250, 200)}
"""What each product costs, and its deposit, in minor units."""
_QUESTIONS_MAX = 3
_LITTLE = 1_000
_GIVEN_BACK_MS = 5_000
_ELSEWHERE_MAX = 4
_ELSEWHERE_MS = (5_000, 1_200_000)


class BarHands:
    """Everybody at the bars."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self._chance = world.stream("bar hands")
        self._recent: list[int] = []
        self._regulars: dict[str, int] = {}

    def act(self, box: Box) -> None:
        """Do something at a till."""
        draw = self._chance.randrange(100)
        if box.id in self.world.may_fork and self._chance.is_one_in(3):
            self._void(box)
        elif draw < 22:
            self._top_up(box, self._wallet())
        elif draw < 81:
            self._sell(box, None if draw < 30 else self._payer(box))
        elif draw < 87:
            self._void(box)
        elif draw < 91:
            self._refund(box)
        else:
            self.pay_out(box)

    def _wallet(self) -> int:
        """Pick who comes: anybody, or somebody who has just paid elsewhere with the same code."""
        chance = self._chance
        if self._recent and chance.is_one_in(2):
            return chance.choice(self._recent[-3:])
        wallet = chance.choice(self.world.plan.wallets)
        self._recent.append(wallet)
        return wallet

    def _payer(self, box: Box) -> int:
        """Pick who buys: somebody who stays at this bar, or anybody."""
        regular = self._regulars.get(box.name)
        if regular is None or not self._chance.is_one_in(2):
            regular = self._wallet()
        self._regulars[box.name] = regular
        return regular

    def _band(self, wallet: int) -> str:
        return self.world.festival.code(CodeKind.WRISTBAND, wallet, 0)

    # --- selling ---

    def _sell(self, box: Box, wallet: int | None) -> None:
        chance = self._chance
        if wallet is not None and self.world.money.balance(wallet) < _LITTLE:
            self._top_up(box, wallet)
            if not box.is_on:
                return
        products = chance.some(sorted(PRODUCTS), 1, 2)
        items = [[product, chance.randint(1, 3)] for product in products]
        sale = _sale(chance.randbytes(16), box, items, wallet)
        command: dict[str, Any] = {"sale": sale.number.hex(), "items": items}
        if wallet is None:
            command["payments"] = [["cash", sale.total]]
        else:
            command["wristband"] = self._band(wallet)
        act = self.world.new_act(box, "sell", sale.number, sale.total)
        answer = self._try(box, act, "sell", command, lambda: self._sold(box, sale, act))
        if answer is None:
            self._go_elsewhere(box, wallet)
            return
        if answer["event"] != "paid":
            self._declined(box, answer)
            return
        if answer["total_minor"] != sale.total:
            raise Violation(
                "a total is what was ordered",
                f"{box.name} took {answer['total_minor']} for a basket of {sale.total}",
            )
        self.world.recorded(box, act, bytes.fromhex(answer["fact"]))
        self._sold(box, sale, act)
        if chance.is_one_in(10):
            self._press_again(box, command, answer)

    def _go_elsewhere(self, box: Box, wallet: int | None) -> None:
        """The till is dead: its guest goes to another bar, whatever was begun at this one."""
        others = [b for b in self.world.boxes if not b.is_gate and b.id != box.id]
        if wallet is None or not others:
            return
        other = self._chance.choice(others)

        def there() -> None:
            if other.is_on and not other.is_revoked:
                self._sell(other, wallet)

        for _ in range(self._chance.randint(1, _ELSEWHERE_MAX)):
            self.world.agenda.after(self._chance.spread_ms(*_ELSEWHERE_MS), there)

    def _press_again(self, box: Box, command: dict[str, Any], before: Answer) -> None:
        """The seller presses twice: the same sale must not happen twice."""
        try:
            answer = self._done(box, "sell", command)
        except Died:
            self.world.died(box)
            return
        if answer.get("fact") != before["fact"]:
            raise Violation(
                "one sale id and body, one effect",
                f"{box.name} answered the same sale by {answer['event']} of another fact",
            )

    def _sold(self, box: Box, sale: Sale, act: Act) -> None:
        money, wallet = self.world.money, sale.wallet
        who = f"{box.name} {box.lives}"
        if wallet is not None:
            money.note_sale(who, wallet, act.knew)
            sale.loan = self._loan(box, act)
            checks.what_is_lent_is_left(self.world, box, sale, act)
        money.sold(sale, act)
        by = "cash" if wallet is None else f"wristband {wallet}"
        self.world.story.say(f"{box.name} sold for {_money(sale.total)} by {by}")
        if wallet is not None:
            self.world.check_spending(box, wallet)

    def _loan(self, box: Box, act: Act) -> int:
        """Return how much of a sale was spent from what the authority had lent."""
        record = box.terminal.store.record(act.fact)  # type: ignore[arg-type]  # an id
        return int(getattr(record.body, "loan", 0) or 0) if record is not None else 0

    def _declined(self, box: Box, answer: Answer) -> None:
        if answer.get("fact"):
            box.shown.add(bytes.fromhex(answer["fact"]))
        why = answer.get("rule") or answer.get("sentence") or answer["event"]
        self.world.story.say(f"{box.name} declined ({why})")

    # --- money in and out ---

    def _top_up(self, box: Box, wallet: int) -> None:
        amount = 500 * self._chance.randint(1, 20)
        number = self._chance.randbytes(16)
        act = self.world.new_act(box, "top_up", wallet, amount)
        command = {
            "operation": number.hex(),
            "wristband": self._band(wallet),
            "amount_minor": amount,
            "method": self._chance.choice(["cash", "card"]),
        }
        enter = lambda: self._moved(box, wallet, act, "topped up")  # noqa: E731
        answer = self._try(box, act, "top_up", command, enter)
        self._finish(box, act, answer, enter)

    def pay_out(self, box: Box) -> None:
        """Let a guest have their money back; the authority lends it first."""
        wallet = self._wallet()
        act = self.world.new_act(box, "pay_out", wallet, 0)
        command = {
            "operation": self._chance.randbytes(16).hex(),
            "wristband": self._band(wallet),
            "method": "cash",
        }

        def enter() -> None:
            act.amount = act.amount or -self._paid_out(box, act)
            self._moved(box, wallet, act, "paid out from")
            self.world.check_spending(box, wallet)

        answer = self._try(box, act, "pay_out", command, enter)
        if answer is None:
            self._go_elsewhere(box, wallet)
        elif answer["event"] == "done":
            act.amount = -int(answer["amount_minor"])
        self._finish(box, act, answer, enter)

    def _paid_out(self, box: Box, act: Act) -> int:
        """Return how much went out of the drawer when the till died before it said so."""
        record = box.terminal.store.record(act.fact)  # type: ignore[arg-type]  # an id
        return int(record.body.amount) if record is not None else 0  # type: ignore[union-attr]

    def _moved(self, box: Box, wallet: int, act: Act, word: str) -> None:
        self.world.money.moved(wallet, act)
        self.world.story.say(f"{box.name} {word} wristband {wallet}: {_money(abs(act.amount))}")

    # --- taking back ---

    def _void(self, box: Box) -> None:
        sales = self.world.money.sales.values()
        mine = [sale for sale in sales if sale.acts[0].writer == box.id]  # or its copy's
        if not mine:
            return
        sale = self._chance.choice(self._forgotten(box, mine) or mine[-3:])
        first = {0} if self._chance.is_one_in(2) else set(range(len(sale.lines)))
        act = self.world.new_act(box, "void", sale.number, 0)
        act.more["lines"] = sale.with_along(first)
        command = {"sale": sale.number.hex(), "lines": sorted(first)}
        enter = lambda: self._undone(box, sale, act)  # noqa: E731
        answer = self._try(box, act, "void", command, enter)
        if answer is not None and answer.get("again"):
            return
        self._finish(box, act, answer, enter)

    def _forgotten(self, box: Box, mine: list[Sale]) -> list[Sale]:
        """Return sales that stand on this till's screen although they were voided at it."""
        return [
            sale
            for sale in mine
            if box.knows & sale.acts[0].bit
            and any(act.kind == "void" and not box.knows & act.bit for act in sale.acts)
        ]

    def _refund(self, box: Box) -> None:
        sales = list(self.world.money.sales.values())
        if not sales:
            return
        sale = self._chance.choice(sales[-6:])
        line = self._chance.choice([at for at in range(len(sale.lines)) if at not in sale.along])
        count = self._chance.randint(1, sale.lines[line][1])
        act = self.world.new_act(box, "refund", sale.number, count)
        act.more["line"] = line
        operation = self._chance.randbytes(16).hex()
        command = {"operation": operation, "sale": sale.number.hex(), "lines": [[line, count]]}
        enter = lambda: self._undone(box, sale, act)  # noqa: E731
        answer = self._try(box, act, "refund", command, enter)
        if answer is not None and answer["event"] == "done":
            answer["fact"] = answer["facts"][0]
        self._finish(box, act, answer, enter)

    def _undone(self, box: Box, sale: Sale, act: Act) -> None:
        sale.acts.append(act)
        self.world.story.say(f"{box.name} did a {act.kind} of sale {sale.number.hex()[:6]}")

    # --- parts ---

    def _finish(self, box: Box, act: Act, answer: Answer | None, enter: Callable[[], None]) -> None:
        if answer is None:
            return
        if answer["event"] != "done":
            self._declined(box, answer)
            return
        self.world.recorded(box, act, bytes.fromhex(answer["fact"]))
        enter()

    def _try(
        self,
        box: Box,
        act: Act,
        what: str,
        command: dict[str, Any],
        enter: Callable[[], None],
    ) -> Answer | None:
        def again() -> None:
            """The box is back: the hands see that it happened, and do it again to be sure."""
            enter()
            if what != "refund":
                self._once_more(box, what, command, act)

        return self.world.attempt(box, act, lambda: self._done(box, what, command), again)

    def _once_more(self, box: Box, what: str, command: dict[str, Any], act: Act) -> None:
        answer = self._done(box, what, command)
        if answer.get("fact") != act.fact.hex():
            raise Violation(
                "one sale id and body, one effect",
                f"{box.name} did {what} again after its power cut: {answer}",
            )

    def _done(self, box: Box, what: str, command: dict[str, Any]) -> Answer:
        """Give a command; where the till wants the authority, ask it as the box does."""
        desk = box.desk
        if not isinstance(desk, TillDesk):
            raise TypeError(box.name)
        line = self.world.lines[box.name]
        desk.duty.authority_is_near = lambda: line.is_connected
        answer = box.do(what, **command)
        for _ in range(_QUESTIONS_MAX):
            if answer["event"] != WANTS:
                break
            reply = line.ask(answer["question"])
            subject = answer["subject"]
            box.lane(lambda s=subject, r=reply: desk.duty.answered(s, r))  # type: ignore[misc]
            answer = box.do(what, **command)
            self.world.agenda.after(_GIVEN_BACK_MS, lambda: self._give_back(box, desk))
        return answer

    def _give_back(self, box: Box, desk: TillDesk) -> None:
        """Do the till's chore: loans for which nothing is under way go back."""
        if not box.is_on or box.desk is not desk:
            return
        try:
            box.lane(desk.duty.give_back)
        except Died:
            self.world.died(box)
            return
        self.world.lines[box.name].soon()


def _sale(number: bytes, box: Box, items: list[list[int]], wallet: int | None) -> Sale:
    lines: list[tuple[int, int]] = []
    along: dict[int, int] = {}
    for product, count in items:
        price, deposit = PRODUCTS[product]
        lines.append((price, count))
        if deposit:
            along[len(lines)] = len(lines) - 1
            lines.append((deposit, count))
    return Sale(number, box.name, lines, along, wallet)


def _money(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"
