"""What a gate or till is lent that asks for a part of a quota: the same at office and hub."""

from sync import handover, lending
from sync.asking import Question
from sync.cells import Cells
from sync.facts import Allotted
from sync.limits import PART_ASKED_UNITS_MAX
from sync.loans import Judged, Reason


def judge_part(cells: Cells, asker: bytes, question: Question) -> Judged:
    """Say how many units a terminal is lent: what it asks for, as far as anything is free.

    `safe` is what is free then. Only who can use the quota is lent of it.
    """
    resource = question.resource
    quota = None if resource is None else lending.read(cells, resource)
    if quota is None or resource is None or asker not in quota.holders:
        return Judged(0, Reason.NO_PART, 0)
    amount = quota.grant(asker, min(question.amount, PART_ASKED_UNITS_MAX))
    if amount <= 0:
        return Judged(0, Reason.QUOTA_FULL, quota.free)
    left = max(0, quota.free - amount)
    part = handover.under(cells, Allotted(resource, asker, amount))
    return Judged(amount, Reason.NONE, left, (part,))
