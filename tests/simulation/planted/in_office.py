"""Mistakes in the office, and in how boxes hear it."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Any
from unittest import mock

import cloud.exchange.service
import sync.fold
from cloud.store.log import OfficeLog
from edge.timekeeper import Timekeeper
from sync.clock import TRUSTED_CLOCK, Moment
from sync.lending import Quota
from sync.names import Role
from sync.replica import Outcome, Taken

Planted = AbstractContextManager[object]


def acknowledged_before_stored() -> Planted:
    """What a terminal brings is kept in memory until it brings more, and acknowledged meanwhile."""
    whole = OfficeLog.take
    waiting: dict[int, list[bytes]] = {}

    def take(self: OfficeLog, records: Sequence[bytes]) -> list[Taken]:
        before = waiting.pop(id(self), [])
        if not records:
            return whole(self, before)
        waiting[id(self)] = list(records[-1:])
        taken = whole(self, [*before, *records[:-1]])
        return [*taken, Taken(Outcome.KNOWN, None)][-len(records) :]

    return mock.patch.object(OfficeLog, "take", take)


def skipped_by_sequence() -> Planted:
    """Every third record becomes visible only after its number was passed, as by a bare sequence.

    A reader that comes first reads on behind it and never sees it.
    """
    whole = OfficeLog.records_after
    passed: set[tuple[int, int]] = set()

    def records_after(
        self: OfficeLog, arrival: int, up_to: int, roles: frozenset[Role], *rest: Any
    ) -> tuple[list[bytes], int]:
        last = self.last_arrival()
        if last % 3 == 0 and arrival < last <= up_to and (id(self), last) not in passed:
            passed.add((id(self), last))
            found, reached = whole(self, arrival, last - 1, roles, *rest)
            return found, last if reached == last - 1 else reached
        return whole(self, arrival, up_to, roles, *rest)

    return mock.patch.object(OfficeLog, "records_after", records_after)


def revocation_ignored() -> Planted:
    """A box that was given up is heard and believed as before."""
    stack = ExitStack()
    stack.enter_context(mock.patch.object(sync.fold, "counts", return_value=True))
    stack.enter_context(mock.patch.object(cloud.exchange.service, "is_revoked", return_value=False))
    return stack


def more_lent_than_there_is() -> Planted:
    """The parts that were lent are not taken off the capacity."""
    return mock.patch.object(Quota, "free", property(lambda quota: quota.capacity))


def wild_clock_followed() -> Planted:
    """A box believes its own wall clock, whatever its office says."""

    def moment(self: Timekeeper) -> Moment:
        return Moment(self._clock.now_ms(), TRUSTED_CLOCK)

    return mock.patch.object(Timekeeper, "moment", moment)


PLANTED = {
    "acknowledged_before_stored": ("the office holds what it has not", acknowledged_before_stored),
    "skipped_by_sequence": ("readers pass over a late commit", skipped_by_sequence),
    "revocation_ignored": ("a given-up box is believed", revocation_ignored),
    "more_lent_than_there_is": ("a zone is lent beyond its capacity", more_lent_than_there_is),
    "wild_clock_followed": ("a box follows its wild wall clock", wild_clock_followed),
}
