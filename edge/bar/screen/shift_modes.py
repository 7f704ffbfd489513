"""A seller's shift: the float that is counted, the X in between, the drawer, the Z."""

from collections.abc import Callable
from typing import Any, Final

from edge.bar.screen.money_words import percent
from edge.bar.screen.pad_modes import AmountPad, Listing
from edge.bar.screen.rows import fit, fit_right
from edge.bar.screen.stock_modes import in_halves
from edge.bar.screen.till_mode import Face, Screen, TillMode, back, done_or_said
from edge.bar.screen.wallet_modes import printed
from edge.screen.lines import day_and_time
from edge.screen.modes import Answer, pad, typed
from edge.screen.panel import Choice, Panel, Tone

DENOMINATIONS: Final = (
    20_000,
    10_000,
    5_000,
    2_000,
    1_000,
    500,
    200,
    100,
    50,
    20,
    10,
    5,
    2,
    1,
)
_COUNT_DIGITS_MAX: Final = 4
_NAME_COLUMNS: Final = 26
_AMOUNT_COLUMNS: Final = 12
_FLOATS_QUICK: Final = (0, 5_000, 10_000, 20_000, 30_000)

Counted = Callable[[dict[str, Any], int], None]


def open_shift(screen: Screen) -> None:
    """Count the float and open a shift."""

    def counted(command: dict[str, Any], minor: int) -> None:
        def done(_: Answer) -> None:
            screen.cash_counts.clear()
            screen.anew()
            screen.note("shift_opened", screen.money(minor))

        name = "cash" if "cash" in command else "float_minor"
        screen.do(done_or_said(screen, done), "open_shift", **{name: command[name]})

    screen.enter(CountCash("count_float", counted, screen.cash_counts))


def close_shift(screen: Screen) -> None:
    """Count the drawer, see the difference, and close the shift."""
    if screen.shift is None:
        screen.note("no_shift")
        return

    def counted(command: dict[str, Any], minor: int) -> None:
        def known(report: Answer) -> None:
            screen.enter(CloseShift(report["drawer"]["expected"], minor, command))

        screen.do(done_or_said(screen, known), "report")

    screen.enter(CountCash("count_drawer", counted, screen.cash_counts))


class CountCash(Listing):
    """Notes and coins, counted one after the other; or the sum alone."""

    face = Face.FULL
    takes_all_keys = True

    def __init__(self, name: str, then: Counted, counts: dict[int, int]) -> None:
        """Ask by a word of ours; `counts` are those typed so far, by value, and are kept there.

        `then` gets what the desk is told of it, and the sum.
        """
        super().__init__()
        self._name, self._then, self.counts = name, then, counts
        self._is_fresh = True

    def count(self) -> int:
        """Return how many kinds of notes and coins there are."""
        return len(DENOMINATIONS)

    @property
    def total(self) -> int:
        """What was counted so far, in minor units."""
        return sum(value * count for value, count in self.counts.items())

    def panel(self, screen: Screen) -> Panel:
        """Show every note and coin with its count, in two columns."""
        half = len(DENOMINATIONS) // 2
        rows = tuple(
            f"{self._words(screen, at)}   {self._words(screen, at + half)}" for at in range(half)
        )
        lines = (screen.word(self._name), screen.word("count_how"))
        total = screen.word("count_total", screen.money(self.total))
        keys = {one.key: one for one in pad(screen.language)}
        choices = (
            *[keys[str(n)] for n in range(10)],
            keys["backspace"],
            Choice("enter", screen.word("next_one")),
            Choice("up", "↑"),
            Choice("down", "↓"),
            Choice("s", screen.word("sum_only")),
            Choice("f", screen.word("count_done")),
            back(screen),
        )
        return Panel(Tone.READY, "", lines, choices, None, (*rows, "", total))

    def _words(self, screen: Screen, at: int) -> str:
        value = DENOMINATIONS[at]
        count = self.counts.get(value, 0)
        mark = "▸" if at == self.cursor else " "
        name = fit_right(screen.plain_money(value), 7)
        worth = fit_right(screen.plain_money(value * count), 10) if count else " " * 10
        return f"{mark}{name} × {fit(str(count) if count else '·', 4)} {worth}"

    def key(self, screen: Screen, key: str) -> bool:
        """Take digits for this one, go to the next at Enter."""
        value = DENOMINATIONS[self.cursor]
        key = key.lower()
        if key == "escape":
            screen.ready()
        elif key == "f":
            cash = [[one, count] for one, count in self.counts.items() if count]
            self._then({"cash": cash} if cash else _sum(0), self.total)
        elif key == "s":
            screen.enter(
                AmountPad(
                    self._name, lambda minor: self._then(_sum(minor), minor), quick=_FLOATS_QUICK
                )
            )
        elif key in {"enter", "tab"}:
            self.cursor = (self.cursor + 1) % len(DENOMINATIONS)
            self._is_fresh = True
        elif self.move(key):
            self._is_fresh = True
        else:
            before = "" if self._is_fresh or not self.counts.get(value) else str(self.counts[value])
            entry = typed(before, key, _COUNT_DIGITS_MAX)
            if entry != before or key == "backspace":
                self.counts[value] = int(entry or 0)
                self._is_fresh = False
        return True


def _sum(minor: int) -> dict[str, Any]:
    return {"float_minor": minor, "counted_minor": minor}


class CloseShift(TillMode):
    """Expected, counted, difference; nothing is closed before a yes."""

    face = Face.FULL

    def __init__(self, expected: int, counted: int, command: dict[str, Any]) -> None:
        """Show what must be in the drawer and what was counted (minor units)."""
        self._expected, self._counted, self._command = expected, counted, command

    def panel(self, screen: Screen) -> Panel:
        """Ask."""
        difference = self._counted - self._expected
        rows = tuple(
            _row(screen.word(name), screen.money(minor))
            for name, minor in (
                ("expected", self._expected),
                ("counted", self._counted),
                ("difference", difference),
            )
        )
        choices = (
            Choice("y", screen.word("close_yes")),
            Choice("c", screen.word("count_again")),
            back(screen),
        )
        tone = Tone.READY if difference == 0 else Tone.ASK
        return Panel(tone, "", (screen.word("close_question"),), choices, None, rows)

    def key(self, screen: Screen, key: str) -> bool:
        """Close, count again, or go back."""
        if key == "y":
            name = "cash" if "cash" in self._command else "counted_minor"

            def done(report: Answer) -> None:
                screen.cash_counts.clear()
                screen.enter(Report(report))

            screen.do(done_or_said(screen, done), "close_shift", **{name: self._command[name]})
        elif key == "c":
            close_shift(screen)
        elif key == "escape":
            screen.ready()
        else:
            return False
        return True


def show_report(screen: Screen) -> None:
    """Show what the open shift came to so far."""
    screen.do(done_or_said(screen, lambda answer: screen.enter(Report(answer))), "report")


class Report(Listing):
    """An X or Z on the screen, to be read through and printed."""

    face = Face.FULL

    def __init__(self, report: Answer) -> None:
        """Show this report."""
        super().__init__()
        self.report = report
        self._count = 1

    def count(self) -> int:
        """Return how many rows it has."""
        return self._count

    def panel(self, screen: Screen) -> Panel:
        """Show it from the cursor on."""
        rows = report_rows(screen, self.report)
        self._count = len(rows)
        choices = (
            Choice("p", screen.word("print")),
            Choice("up", "↑"),
            Choice("down", "↓"),
            back(screen),
        )
        name = "report_z" if self.report["kind"] == "z" else "report_x"
        lines = (screen.word(name, self.report["shift"]),)
        return Panel(Tone.READY, "", lines, choices, None, tuple(rows[self.cursor :]))

    def key(self, screen: Screen, key: str) -> bool:
        """Turn it, print it, or go back."""
        if key in {"escape", "enter"}:
            screen.ready()
        elif key == "p":
            printed(screen, shift=self.report["shift"])
        elif not self.move(key):
            return False
        return True


def report_rows(screen: Screen, report: Answer) -> list[str]:
    """Return a report as rows that fit into any screen."""

    def row(name: str, minor: int, *details: object) -> str:
        return _row(screen.word(name, *details), screen.plain_money(minor))

    drawer = report["drawer"]
    offset = screen.utc_offset_minutes
    closed_ms = report["closed_ms"]
    until = "" if closed_ms is None else day_and_time(closed_ms, offset)
    rows = [
        f"{report['bar']} · {report['till']} · {report['seller']}",
        f"{day_and_time(report['opened_ms'], offset)} → {until}",
        row("gross", report["gross"]),
        _row(screen.word("sales"), str(report["sales"])),
        _row(screen.word("voids_refunds"), f"{report['voids']} / {report['refunds']}"),
        *[row(f"by_{name}", minor) for name, minor in report["by_method"]],
        row("deposits_taken", report["deposits_taken"]),
        row("deposits_returned", report["deposits_returned"]),
        row("tips", report["tips"]),
        row("discounts", report["discounts"]),
        *[row("topped_up_by", m, screen.word(f"by_{n}")) for n, m in report["topped_up"]],
        *[row("paid_out_by", m, screen.word(f"by_{n}")) for n, m in report["paid_out"]],
        row("drawer_float", drawer["float"]),
        row("expected", drawer["expected"]),
    ]
    if drawer["counted"] is not None:
        rows += [row("counted", drawer["counted"]), row("difference", drawer["difference"])]
    for rate, gross, _, vat in report["by_vat"]:
        rows.append(
            _row(screen.word("vat", percent(rate, screen.language)), screen.plain_money(vat))
        )
        rows.append(row("vat_of", gross))
    for _, name, halves, minor in report["by_product"]:
        rows.append(_row(f"{in_halves(halves)} × {name}", screen.plain_money(minor)))
    rows += [
        row("total_before", report["grand_total_before"]),
        row("total_after", report["grand_total_after"]),
    ]
    return [*rows, *([report["check"]] if report.get("check") else [])]


def _row(name: str, said: str) -> str:
    return f"{fit(name, _NAME_COLUMNS)}{fit_right(said, _AMOUNT_COLUMNS)}"
