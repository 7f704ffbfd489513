"""Measures a till: from a key to its paint, from a tap to green, its start, and a real day of one.

The decision and its commit are measured in this process, with a real terminal among many facts and
a bare commit beside each. What a seller notices is measured at the real process on a screen in a
pseudo-terminal, through what it paints. The real day is played to a till that scripts drive.
"""

import statistics
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from edge.bar.desk import TillDesk
from edge.terminal import Terminal
from hardware.wall_clock import monotonic_us
from sync.codes import CodeKind
from sync.facts import BarSet, PolicySet, ProductSet
from sync.keys import FACT_PURPOSE
from sync.names import Role
from tests.edge.boxes import code_of, make_folder, office_says
from tests.real_data import real_data
from tests.rehearsal.bench_gate import _p95, _peak_mib, _row
from tests.rehearsal.bench_store import _MARK_SUBJECT, LIMIT, _Bench, a_sale
from tests.rehearsal.boxes import Box
from tests.rehearsal.progress import progress_bar
from tests.rehearsal.replay import Progress
from tests.rehearsal.till_on_screen import TillOnScreen
from tests.rehearsal.till_plan import Sell, make_plan
from tests.rehearsal.till_records import read_till_records

FACTS: Final = 500_000
PAINT_MS: Final = 50
GREEN_MS: Final = 150
FIRST_SALE_S: Final = 3
MEMORY_MIB: Final = 120
STALL_MS: Final = 250
SPEED: Final = 100
GAP_MS_MAX: Final = 50
SALES: Final = 300
PRESSES: Final = 60
TAPS: Final = 60
STARTS: Final = 3
GUESTS: Final = 100
BEER: Final = ProductSet(1, 1, "Pale pint", "Beer", 500, 2000, 100, 0, True)
GREEN_WORDS: Final = "Next guest"
_NO_LIMITS: Final = PolicySet(1, ((1, -1), (2, -1), (5, -1), (6, -1), (7, -1), (26, 0)))
_TOP_UP: Final = 100_000
Row = dict[str, Any]


def run(facts: int = FACTS) -> Iterator[Row]:
    """Yield the figures of a till as they are found; the folders lie where temporary files lie."""
    with tempfile.TemporaryDirectory() as name, progress_bar(quiet=False) as tell:
        folder = Path(name)
        bench = _FilledTill(folder)
        try:
            tell("filling a store", 0, 0)
            terminal = bench.till(facts)
            yield from bench.decision_rows(terminal, facts, tell)
        finally:
            bench.close()
        yield from _screen_rows(terminal.folder, facts, tell)
        yield from _day_rows(folder, tell)


class _FilledTill(_Bench):
    """A till among many facts whose guests have money."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, Role.BAR, a_sale, _MARK_SUBJECT)
        self._sold = 0

    def till(self, facts: int) -> Terminal:
        """Return the filled till: a product, an open shift, guests with money, no limits."""
        terminal = self._box("many", facts)
        place = BarSet(terminal.manifest.terminal_id, 1, "Main bar", 1)
        office_says(terminal, BEER, place, _NO_LIMITS)
        desk = TillDesk(terminal)
        commands = desk.commands()
        commands["open_shift"]({"float_minor": 10_000})
        for guest in range(GUESTS):
            commands["top_up"](
                {
                    "operation": f"{guest:032x}",
                    "wristband": code_of(guest, CodeKind.WRISTBAND),
                    "amount_minor": _TOP_UP,
                    "method": "card",
                }
            )
        return terminal

    def decision_rows(self, terminal: Terminal, facts: int, tell: Progress) -> list[Row]:
        """Sell to wristbands that were just read, in turns with one sign and one bare commit."""
        desk = TillDesk(terminal)
        sell = desk.commands()["sell"]
        decided: list[int] = []
        whole: list[int] = []
        bare: list[int] = []
        for at in range(SALES):
            tell("decisions", at, SALES)
            code = code_of(at % GUESTS, CodeKind.WRISTBAND)
            desk.duty.permits.opened(code)  # it was read before the seller's till was told to sell
            command = {"sale": self._rng.randbytes(16).hex(), "items": [[1, 2]], "wristband": code}
            started_us = monotonic_us()
            answer = sell(command)
            whole.append(monotonic_us() - started_us)
            decided.append(self._committed_us - started_us)
            if answer["event"] != "paid":
                message = f"a sale was not paid: {answer}"
                raise RuntimeError(message)
            bare.append(self._bare_sale_us())
        bare_us = statistics.median(bare)
        method = (
            f"median of {SALES} sales to a wristband, from the command to the record on the disk,"
            f" among {facts} facts; limit: {LIMIT} x one sign and one bare FULL commit in turns"
        )
        value = statistics.median(decided)
        row = _row("sale_decision_and_commit", value, "µs", LIMIT * bare_us, method)
        until = _row(
            "sale_answered", statistics.median(whole), "µs", GREEN_MS * 1000, "until it is answered"
        )
        return [row, until]

    def _bare_sale_us(self) -> int:
        payload = self._rng.randbytes(330)
        started_us = monotonic_us()
        self._key.sign(FACT_PURPOSE, payload)
        self._bare.execute("BEGIN IMMEDIATE")
        content = payload[:32], payload + bytes(64)
        self._bare.execute("INSERT INTO bare (id, raw) VALUES (?, ?)", content)
        self._bare.execute("COMMIT")
        return monotonic_us() - started_us


def _screen_rows(folder: Path, facts: int, tell: Progress) -> list[Row]:
    """Press keys and tap wristbands at the real screen over the filled store."""
    starts: list[int] = []
    for number in range(STARTS):
        tell("starts", number, STARTS)
        till = TillOnScreen(folder)
        started_us = monotonic_us()
        till.start()
        till.press_until("q", "1 × Pale pint")
        till.press_until(f"{code_of(number, CodeKind.WRISTBAND)}\r", GREEN_WORDS)
        starts.append(monotonic_us() - started_us)
        till.stop()
    till = TillOnScreen(folder)
    till.start()
    paints: list[int] = []
    for number in range(1, PRESSES + 1):
        tell("keys", number, PRESSES)
        paints.append(till.press_until("q", f"{number} × Pale pint"))
    greens: list[int] = []
    for number in range(TAPS):
        tell("taps", number, TAPS)
        if number:
            till.press_until("q", "1 × Pale pint")
        code = code_of(number % GUESTS, CodeKind.WRISTBAND)
        greens.append(till.press_until(f"{code}\r", GREEN_WORDS))
        till.press_until(" ", "TO PAY")
    memory = _peak_mib(till.pid)
    till.stop()
    held = f"{facts} facts in its store"
    return [
        _row("key_to_paint_p95", _p95(paints) / 1000, "ms", PAINT_MS,
             f"from a key into 80x24 to the basket's new line, {PRESSES} keys, {held}"),
        _row("tap_to_green_p95", _p95(greens) / 1000, "ms", GREEN_MS,
             f"from a wristband's code to the green sign, {TAPS} sales, {held}"),
        _row("start_to_first_sale", max(starts) / 1e6, "s", FIRST_SALE_S,
             f"process start to the first green, slowest of {STARTS}, {held}"),
        _row("till_memory", memory, "MiB", MEMORY_MIB, f"VmHWM on the screen after {TAPS} sales"),
    ]  # fmt: skip


def _day_rows(folder: Path, tell: Progress) -> list[Row]:
    """Play the busiest day of the busiest till of the real records at a hundred times its pace."""
    lines = real_data() / "emf2024" / "sale_lines.csv"
    if not lines.is_file():
        tell(f"no real records at {lines}: the real day is left out", 0, 0)
        return []
    records = read_till_records(lines, lines.with_name("payments.csv"))
    steps = make_plan(records).steps[records.tills[0]]
    closed = {one.number: one.closed for one in records.transactions}
    sales = [step for step in steps if isinstance(step, Sell)]
    days = [closed[step.transaction].date() for step in sales]
    busiest = max(set(days), key=days.count)
    sales = [step for step in sales if closed[step.transaction].date() == busiest]
    box = Box(_bar_folder(folder / "day"), "bar")
    box.start()
    spent: list[int] = []
    before = closed[sales[0].transaction]
    for number, step in enumerate(sales):
        tell("a real day", number, len(sales))
        gap_ms = (closed[step.transaction] - before).total_seconds() * 1000 / SPEED
        before = closed[step.transaction]
        threading.Event().wait(min(GAP_MS_MAX, max(0, gap_ms)) / 1000)
        started_us = monotonic_us()
        answer = box.ask(
            "sell",
            sale=step.sale.hex(),
            lines=[list(line) for line in step.lines],
            payments=[list(row) for row in step.payments],
        )
        spent.append(monotonic_us() - started_us)
        if answer["event"] != "paid":
            message = f"a real sale was not taken: {answer}"
            raise RuntimeError(message)
    box.stop()
    method = (
        f"slowest of {len(sales)} real sales of {busiest} at {SPEED} times their pace, gaps of more"
        f" than {GAP_MS_MAX} ms cut short, from the command to its answer"
    )
    return [_row("real_day_slowest_sale", max(spent) / 1000, "ms", STALL_MS, method)]


def _bar_folder(folder: Path) -> Path:
    terminal = Terminal(make_folder(folder, "bar"), Role.BAR, synchronised=True)
    office_says(terminal, BEER, _NO_LIMITS)
    terminal.close()
    return folder
