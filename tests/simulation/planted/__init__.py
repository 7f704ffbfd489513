"""Mistakes that are planted into the product for one world, to see that they are caught."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from tests.simulation.planted import at_tills, in_office, in_stores, in_sync

Patch = Callable[[], AbstractContextManager[object]]


@dataclass(frozen=True)
class Bug:
    """A planted mistake: what it is, how it is made, and a seed that is known to catch it."""

    name: str
    sentence: str
    patch: Patch
    seed: int


_SEEDS: dict[str, int] = {
    "acknowledged_before_stored": 0,
    "caps_forgotten_on_restart": 28,
    "catch_up_skips_last": 2,
    "cells_written_late": 0,
    "certificate_not_checked": 0,
    "confirmed_without_judging": 11,
    "cursor_not_reset": 78,
    "exit_refused_by_clock": 22,
    "float_money": 0,
    "forks_of_own_unseen": 69,
    "history_by_clock": 48,
    "lent_is_sold_too": 117,
    "merge_keeps_ours": 9,
    "more_lent_than_there_is": 89,
    "no_dedupe": 0,
    "number_from_wall_clock": 0,
    "ok_before_commit": 2,
    "past_forgotten": 0,
    "prune_too_early": 0,
    "refund_without_limit": 3,
    "retry_after_eio": 1,
    "revocation_ignored": 70,
    "room_not_counted": 12,
    "sale_not_idempotent": 1,
    "second_admission_by_clock": 25,
    "signature_not_checked": 0,
    "skipped_by_sequence": 1,
    "spent_twice_unnoticed": 184,
    "topup_raises_room": 5,
    "void_twice": 26,
    "wild_clock_followed": 0,
}

BUGS: dict[str, Bug] = {
    name: Bug(name, sentence, patch, _SEEDS[name])
    for part in (in_stores, in_sync, in_office, at_tills)
    for name, (sentence, patch) in part.PLANTED.items()
}
"""Every planted bug by its name."""
