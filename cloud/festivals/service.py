"""Has the office state what rows ask for: all of them in one transaction, or none."""

from collections.abc import Sequence
from typing import TypeGuard

from cloud.festivals.price_list import trouble_with_list
from cloud.festivals.quota_rows import trouble_with_quota
from cloud.festivals.rows import Row
from cloud.festivals.statements import BadStatement, Situation, bodies_of
from cloud.limits import STATEMENTS_MAX
from cloud.office import Office
from sync import catalogue
from sync.body import Body
from sync.facts import AllotmentWrittenOff, ResourceKind

_WHILE_RECOVERING = frozenset({"revoke", "write_off"})
_ONCE = frozenset({"product", "voucher", "authority"})


def state(office: Office, rows: Sequence[object]) -> dict[str, int] | BadStatement:
    """State what the rows say, inside a transaction; return counts, or what was wrong.

    Every row is judged before the first fact is written, so that a refusal leaves no trace. What
    only shows when all of them are stated is raised as `BadStatement` out of the transaction.
    """
    if not 0 < len(rows) <= STATEMENTS_MAX:
        return BadStatement(f"1 to {STATEMENTS_MAX} statements can be made at a time")
    folder = office.folder
    situation = Situation(
        office.cells, office.runs_of, folder.festival, folder.key.public, office.is_ready
    )
    twice = _stated_twice(rows)
    if twice:
        return BadStatement(twice)
    try:
        for row in rows:
            bodies_of(situation, row)
    except BadStatement as trouble:
        return trouble
    if office.store.recovering_since_ms and not all(_may_recover(row) for row in rows):
        return BadStatement(
            "this office's store is older than what its terminals know: it states nothing until"
            " each of them was heard or revoked"
        )
    count, units, minor = 0, 0, 0
    for row in rows:
        bodies = bodies_of(situation, row)
        office.say(*bodies)
        count += len(bodies)
        units += _taken_back(bodies, of_wallets=False)
        minor += _taken_back(bodies, of_wallets=True)
    if any(_kind(row) == "product" for row in rows):
        wrong = trouble_with_list(catalogue.products(office.cells))
        if wrong:
            raise BadStatement(wrong)  # nothing of the transaction happens
    for row in rows:
        wrong = trouble_with_quota(office.cells, row) if _is_quota(row) else ""
        if wrong:
            raise BadStatement(wrong)
    return {
        "facts": count,
        "office_version": catalogue.office_version(office.cells),
        "units_written_off": units,
        "minor_written_off": minor,
    }


def _taken_back(bodies: Sequence[Body], *, of_wallets: bool) -> int:
    """Return how much was written off, of quotas in units or of wallets in minor units."""
    return sum(
        body.amount
        for body in bodies
        if isinstance(body, AllotmentWrittenOff)
        and (body.resource[0] == ResourceKind.WALLET) is of_wallets
    )


def _may_recover(row: object) -> bool:
    return _kind(row) in _WHILE_RECOVERING


def _is_quota(row: object) -> TypeGuard[Row]:
    return _kind(row) == "quota"


def _kind(row: object) -> object:
    return row.get("kind") if isinstance(row, dict) else None


def _stated_twice(rows: Sequence[object]) -> str:
    """Say which product or voucher has several rows: one of them was meant for another number.

    The authority moves once at a time.
    """
    seen: set[tuple[str, str]] = set()
    for row in rows:
        kind = _kind(row)
        if isinstance(row, dict) and isinstance(kind, str) and kind in _ONCE:
            subject = (kind, repr(row.get(kind)))
            if subject in seen:
                return f"{kind} {row.get(kind, '')} is stated more than once"
            seen.add(subject)
    return ""
