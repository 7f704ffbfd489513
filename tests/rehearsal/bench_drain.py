"""Measures how long a till that was alone needs to tell the office everything it did.

A till sells by itself until it holds so many facts that nobody else has. Then its office starts,
and the time runs until the till hears that nothing is only there any more. Once over loopback, and
once through a cable of one megabit a second between two network namespaces, which needs root.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from hardware.wall_clock import SystemClock
from tests.outside.fair import OFFICE, Fair, open_fair, sale_of
from tests.outside.lab import Lab
from tests.outside.namespaces import NoNamespaces
from tests.rehearsal.boxes import WINDOW_COMMANDS, Box
from tests.rehearsal.progress import progress_bar
from tests.rehearsal.replay import Progress

FACTS: Final = 10_000
LOOPBACK_S: Final = 10
SLOW_S: Final = 120
SLOW_KBIT: Final = 1_000
_TILL: Final = "till"
_LOOK_MS: Final = 50
Row = dict[str, Any]


def run(facts: int = FACTS) -> Iterator[Row]:
    """Yield the figures as they are found; the folders lie where temporary files lie."""
    with progress_bar(quiet=False) as tell:
        yield loopback_row(facts, tell)
        yield from slow_rows(facts, tell)


def loopback_row(facts: int, tell: Progress) -> Row:
    """Return how long so many facts take on this machine alone."""
    with tempfile.TemporaryDirectory() as name, open_fair(Path(name)) as fair:
        drained_ms = _drained_ms(fair, facts, tell)
    return _row("drain_loopback", drained_ms, LOOPBACK_S, f"{facts} sales over loopback")


def slow_rows(facts: int, tell: Progress) -> Iterator[Row]:
    """Yield how long they take at one megabit a second; nothing, and why, where that cannot be."""
    if os.geteuid() != 0:
        sys.stderr.write("the slow line needs root: it is left out\n")
        return
    try:
        lab = Lab(OFFICE, _TILL)
    except NoNamespaces as trouble:
        sys.stderr.write(f"the slow line cannot be made ({trouble}): it is left out\n")
        return
    with lab, tempfile.TemporaryDirectory() as name, open_fair(Path(name), lab) as fair:
        lab.slow(_TILL, SLOW_KBIT)
        drained_ms = _drained_ms(fair, facts, tell)
    yield _row("drain_1_mbit", drained_ms, SLOW_S, f"{facts} sales at {SLOW_KBIT} kbit/s each way")


def _drained_ms(fair: Fair, facts: int, tell: Progress) -> int:
    """Return how long it takes from the office's start until it holds everything, in ms."""
    till = fair.opened(_TILL, "bar")
    fair.level(_TILL)
    fair.office.stop()
    _sell(fair, till, facts, tell)
    clock = SystemClock()
    fair.serve()
    start_ms = clock.monotonic_ms()
    while left := till.ask("status")["only_here"]:
        tell("draining", facts - left, facts)
        clock.pause(_LOOK_MS)
    drained_ms = clock.monotonic_ms() - start_ms
    if fair.summary()["bars"][_TILL]["sales"] != facts:
        message = "the office does not hold every sale that it acknowledged"
        raise RuntimeError(message)
    return drained_ms


def _sell(fair: Fair, till: Box, count: int, tell: Progress) -> None:
    """Sell so many times, some commands ahead of their answers."""
    waiting: list[int] = []
    for done in range(count):
        waiting.append(till.send(sale_of(fair.sale())))
        if len(waiting) == WINDOW_COMMANDS or done == count - 1:
            tell("selling alone", done, count)
            for number in waiting:
                answer = till.answer(number)
                if answer["event"] != "paid":
                    message = f"a sale was not paid: {answer}"
                    raise RuntimeError(message)
            waiting.clear()


def _row(name: str, value_ms: int, limit_s: int, way: str) -> Row:
    method = f"{way}, from the office's start until the till has nothing that is only there"
    return {
        "name": name,
        "value": round(value_ms / 1000, 3),
        "unit": "s",
        "limit": limit_s,
        "ratio": round(value_ms / 1000 / limit_s, 3),
        "method": method,
    }
