"""Measures what a site's rules are worth: quota out of reach, and how fast festivals are lived.

No machine is real here: quotas are used up in many drawn histories, festivals in simulated time.
"""

from collections.abc import Iterator
from typing import Any, Final

from hardware.wall_clock import monotonic_us
from tests.rehearsal.replay import Progress
from tests.simulation.festival import open_festival
from tests.simulation.seeds import live
from tests.sync.lending_site import sold_out

STRANDED_PERCENT: Final = 5
HISTORIES: Final = 24
CAPACITY: Final = 200
DEAD_OF: Final = ((1, 2), (1, 4), (1, 8), (2, 8), (1, 16), (4, 16))
"""How many terminals die, and of how many."""
SEEDS: Final = 300
SEEDS_S: Final = 300
Row = dict[str, Any]


def stranded(tell: Progress) -> Iterator[Row]:
    """Let terminals die for good while the others sell out, and count what nobody could use."""
    for dead, count in DEAD_OF:
        lost = []
        for seed in range(HISTORIES):
            lost.append(100 * sold_out(seed, count, dead, CAPACITY)[0] / CAPACITY)
            tell(f"a quota of {count} terminals", seed + 1, HISTORIES)
        mean = sum(lost) / len(lost)
        yield {
            "name": f"sync_stranded_{dead}_of_{count}_dead",
            "value": round(mean, 1),
            "unit": "%",
            "limit": STRANDED_PERCENT,
            "ratio": round(mean / STRANDED_PERCENT, 3),
            "method": f"mean of {HISTORIES} histories over a capacity of {CAPACITY} in which"
            f" {dead} of {count} terminals die (most: {max(lost):.1f} %)",
        }


def simulated(tell: Progress, seeds: int = SEEDS) -> Iterator[Row]:
    """Live through festivals of a day each, one after the other in this process."""
    unsound = 0
    with open_festival() as festival:
        begun_us = monotonic_us()
        for seed in range(seeds):
            unsound += not live(festival, seed).is_sound
            tell("simulated days", seed + 1, seeds)
        seconds = (monotonic_us() - begun_us) / 1_000_000
    limit = SEEDS_S * seeds / SEEDS
    yield {
        "name": "sync_simulated_days",
        "value": round(seconds, 1),
        "unit": "s",
        "limit": limit,
        "ratio": round(seconds / limit, 3),
        "method": f"{seeds} seeds of 24 h on one core, {unsound} of them with a broken promise",
    }
