"""Mistakes that are planted into the product for one world, to see that they are caught."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from tests.simulation.planted import at_tills, in_office, in_stores, in_sync

Patch = Callable[[], AbstractContextManager[object]]


@dataclass(frozen=True)
class Bug:
    """A planted mistake: what it is, how it is made, and a seed that is known to catch it.

    Without a seed it is not known to be caught yet: `--planted-bugs` looks for one and says so.
    """

    name: str
    sentence: str
    patch: Patch
    seed: int | None


_SEEDS: dict[str, int] = {
    "acknowledged_before_stored": 0,
    "catch_up_skips_last": 2,
    "cells_written_late": 0,
    "certificate_not_checked": 0,
    "confirmed_without_judging": 11,
    "exit_refused_by_clock": 40,
    "float_money": 0,
    "history_by_clock": 39,
    "more_lent_than_there_is": 44,
    "no_dedupe": 0,
    "number_from_wall_clock": 0,
    "ok_before_commit": 53,
    "past_forgotten": 0,
    "prune_too_early": 0,
    "refund_without_limit": 13,
    "retry_after_eio": 3,
    "room_not_counted": 21,
    "sale_not_idempotent": 2,
    "signature_not_checked": 0,
    "skipped_by_sequence": 1,
    "wild_clock_followed": 0,
}

BUGS: dict[str, Bug] = {
    name: Bug(name, sentence, patch, _SEEDS.get(name))
    for part in (in_stores, in_sync, in_office, at_tills)
    for name, (sentence, patch) in part.PLANTED.items()
}
"""Every planted bug by its name."""

CAUGHT: dict[str, int] = {name: bug.seed for name, bug in BUGS.items() if bug.seed is not None}
"""Those that a seed is known to catch, and the seed."""
