"""What was sold lately: a receipt again, a sale taken back, some of its lines paid back."""

from typing import Any, Final

from edge.bar.screen.pad_modes import Listing, TextPad
from edge.bar.screen.rows import clean, fit, fit_right
from edge.bar.screen.till_mode import Screen, TillMode, back, done_or_said, with_approval
from edge.bar.screen.wallet_modes import Done, printed
from edge.screen.lines import face
from edge.screen.modes import Answer
from edge.screen.panel import Choice, Panel, Tone

_ROWS: Final = 60
_NAME_COLUMNS: Final = 24
_AMOUNT_COLUMNS: Final = 9
_WITH_A_LINE: Final = frozenset({"deposit", "discount", "mixer"})


def void_last(screen: Screen) -> None:
    """Take the last sale of this till back, after a yes."""

    def then(last: Answer) -> None:
        if last["sale"] is None:
            screen.note("nothing_sold")
        elif len(last["voided_lines"]) >= last["lines"]:
            screen.note("voided_before")
        else:
            screen.enter(VoidLast(last))

    screen.do(done_or_said(screen, then), "last")


class VoidLast(TillMode):
    """Asking whether the last sale is to be taken back."""

    def __init__(self, last: Answer) -> None:
        """Ask for this sale."""
        self._last = last

    def panel(self, screen: Screen) -> Panel:
        """Ask, with when it was and how much."""
        when = face(self._last["at_ms"], screen.utc_offset_minutes)
        question = screen.word("void_last", screen.money(self._last["total_minor"]), when)
        choices = (Choice("y", screen.word("yes")), Choice("n", screen.word("no")))
        return Panel(Tone.ASK, screen.word("check"), (question,), choices)

    def key(self, screen: Screen, key: str) -> bool:
        """Take it back, or not."""
        if key == "y":
            voided = set(self._last["voided_lines"])
            lines = [at for at in range(self._last["lines"]) if at not in voided]
            void(screen, self._last["sale"], lines)
        elif key in {"n", "escape"}:
            screen.ready()
        return key in {"y", "n", "escape"}


def void(screen: Screen, sale: str, lines: list[int]) -> None:
    """Take lines of a sale back."""
    then = done_or_said(screen, lambda answer: taken_back(screen, answer))
    with_approval(screen, then, "void", sale=sale, lines=lines)


def taken_back(screen: Screen, answer: Answer) -> None:
    """Show what the guest gets back."""
    minor = answer.get("back_minor") or 0
    screen.enter(Done(screen.plain_money(minor), screen.word("taken_back", screen.money(minor))))


def show_history(screen: Screen, search: str = "") -> None:
    """Show the last sales, those only that the search is found in."""
    then = done_or_said(screen, lambda answer: screen.enter(History(answer["rows"])))
    screen.do(then, "history", rows=_ROWS, search=search)


class History(Listing):
    """The last sales, the newest first."""

    def __init__(self, rows: list[Answer]) -> None:
        """Show these."""
        super().__init__()
        self.rows = rows

    def count(self) -> int:
        """Return how many there are."""
        return len(self.rows)

    def panel(self, screen: Screen) -> Panel:
        """Show them."""
        rows = [_sale_words(screen, row) for row in self.rows]
        choices = (
            Choice("enter", screen.word("sale_open")),
            Choice("p", screen.word("print")),
            Choice("s", screen.word("search")),
            Choice("up", "↑"),
            Choice("down", "↓"),
            back(screen),
        )
        none = (screen.word("nothing_sold"),)
        title = (screen.word("history_title"),)
        return Panel(Tone.READY, "", title, choices, None, self.shown(rows) or none)

    def key(self, screen: Screen, key: str) -> bool:
        """Open one, or print its receipt again."""
        if key == "escape":
            screen.ready()
        elif key == "enter" and self.rows:
            screen.enter(Sale(self.rows[self.cursor]))
        elif key == "s":
            screen.enter(TextPad("history_search", lambda text: show_history(screen, text)))
        elif key == "p" and self.rows:
            printed(screen, sale=self.rows[self.cursor]["sale"])
        elif not self.move(key):
            return False
        return True


def _sale_words(screen: Screen, row: Answer) -> str:
    when = face(row["at_ms"], screen.utc_offset_minutes)
    total = fit_right(screen.plain_money(row["total_minor"]), _AMOUNT_COLUMNS)
    is_void = all(line["voided"] or line["undone"] for line in row["lines"])
    mark = "✘" if is_void else " "
    names = ", ".join(f"{one['quantity']} {one['name']}" for one in row["lines"] if _is_goods(one))
    return f"{when} {fit(row['seller'], 6)}{total} {mark} {clean(names)}"


def _is_goods(line: Answer) -> bool:
    return line["kind"] in {"item", "half", "double"}


class Sale(Listing):
    """One sale's lines; marked ones are taken back, or a part of them paid back."""

    hears_capitals = True  # the capital V of the last line is about another sale

    def __init__(self, row: Answer) -> None:
        """Show this sale; nothing is marked."""
        super().__init__()
        self.row = row
        self.lines = [one for one in row["lines"] if one["kind"] not in _WITH_A_LINE]
        self.marked: dict[int, int] = {}

    def count(self) -> int:
        """Return how many lines can be chosen."""
        return len(self.lines)

    def panel(self, screen: Screen) -> Panel:
        """Show the lines, how many of each are marked, and what became of them."""
        row = self.row
        when = face(row["at_ms"], screen.utc_offset_minutes)
        title = f"{when} · {row['seller']} · {screen.money(row['total_minor'])}"
        choices = (
            Choice("plus", screen.word("mark")),
            Choice("minus", screen.word("unmark")),
            Choice("v", screen.word("void_lines")),
            Choice("r", screen.word("refund_lines")),
            Choice("p", screen.word("print")),
            Choice("up", "↑"),
            Choice("down", "↓"),
            back(screen),
        )
        rows = self.shown([self._words(screen, one) for one in self.lines])
        paid = " + ".join(
            f"{screen.word(f'by_{one[0]}')} {screen.plain_money(one[1])}" for one in row["payments"]
        )
        return Panel(Tone.READY, "", (title, paid, screen.word("mark_how")), choices, None, rows)

    def _words(self, screen: Screen, line: Answer) -> str:
        marked = self.marked.get(line["at"], 0)
        mark = fit(f"[{marked}]" if marked else "[ ]", 5)
        name = line["name"] if _is_goods(line) else screen.word(f"line_kind_{line['kind']}")
        state = ""
        if line["voided"] or line["undone"]:
            state = screen.word("voided")
        elif line["refunded"]:
            state = screen.word("refunded", line["refunded"])
        amount = fit_right(screen.plain_money(line["amount"]), _AMOUNT_COLUMNS)
        named = fit(f"{abs(line['quantity'])} × {name}", _NAME_COLUMNS)
        return f"{mark}{named}{amount} {state}"

    def key(self, screen: Screen, key: str) -> bool:
        """Mark lines and take them back."""
        if key == "escape":
            show_history(screen)
        elif key in {"plus", "equals_sign", "space"}:
            self._mark(1)
        elif key == "minus":
            self._mark(-1)
        elif key == "v":
            self._void(screen)
        elif key == "r":
            self._refund(screen)
        elif key == "p":
            printed(screen, sale=self.row["sale"])
        elif not self.move(key):
            return False
        return True

    def _mark(self, by: int) -> None:
        line = self.lines[self.cursor]
        most = 0 if line["voided"] or line["undone"] else abs(line["quantity"]) - line["refunded"]
        count = max(0, min(self.marked.get(line["at"], 0) + by, most))
        self.marked[line["at"]] = count

    def _wanted(self) -> list[list[int]]:
        return [[at, count] for at, count in sorted(self.marked.items()) if count]

    def _void(self, screen: Screen) -> None:
        """Take whole lines back: the marked ones, all of them if none is."""
        named = [at for at, _ in self._wanted()]
        if not named:
            named = [one["at"] for one in self.row["lines"] if not (one["voided"] or one["undone"])]
        if named:
            void(screen, self.row["sale"], named)
        else:
            screen.note("voided_before")

    def _refund(self, screen: Screen) -> None:
        wanted: list[Any] = self._wanted()
        if not wanted:
            screen.note("mark_first")
            return
        then = done_or_said(screen, lambda answer: taken_back(screen, answer))
        operation = screen.fresh_id()
        command = {"sale": self.row["sale"], "lines": wanted}
        with_approval(screen, then, "refund", operation=operation, **command)
