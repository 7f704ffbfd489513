"""Has the office state what rows ask for: all of them in one transaction, or none."""

from collections.abc import Sequence
from typing import Final, TypeGuard

from cloud.festivals.price_list import trouble_with_list
from cloud.festivals.quota_rows import given_up, trouble_with_quota
from cloud.festivals.rows import Row
from cloud.festivals.statements import BadStatement, Situation, bodies_of
from cloud.limits import NAMES_TOLD_MAX, STATEMENTS_MAX
from cloud.office import Office
from cloud.terminals.queries import terminal_name
from cloud.terminals.recovering import awaited
from sync import catalogue
from sync.body import Body
from sync.facts import AllotmentWrittenOff, ResourceKind

RESTORED: Final = "restored"
_WHILE_RECOVERING = frozenset({"revoke", "write_off"})
_ONCE = frozenset({"product", "voucher", "authority"})


def state(office: Office, rows: Sequence[object]) -> dict[str, int] | BadStatement:
    """State what the rows say, inside a transaction; return counts, or what was wrong.

    Every row is judged before the first fact is written, so that a refusal leaves no trace. What
    only shows when all of them are stated is raised as `BadStatement` out of the transaction.
    """
    if not 0 < len(rows) <= STATEMENTS_MAX:
        return BadStatement(f"1 to {STATEMENTS_MAX} statements can be made at a time")
    if [_kind(row) for row in rows] == [RESTORED]:
        office.begin_recovery()
        office.see_whether_recovered()
        return _stated(office, 0)
    folder, is_recovering = office.folder, office.is_recovering
    situation = Situation(
        office.cells,
        office.runs_of,
        folder.festival,
        folder.key.public,
        office.is_ready,
        is_recovering,
    )
    twice = _stated_twice(rows)
    if twice:
        return BadStatement(twice)
    if is_recovering and not all(_may_recover(row) for row in rows):
        return BadStatement(_while_recovering(office))
    try:
        for row in rows:
            bodies_of(situation, row)
    except BadStatement as trouble:
        return trouble
    count, units, minor = 0, 0, 0
    for row in rows:
        bodies = bodies_of(situation, row)
        office.say(*bodies)
        count += len(bodies)
        units += _taken_back(bodies, of_wallets=False)
        minor += _taken_back(bodies, of_wallets=True)
        gone = given_up(situation, row) if is_recovering and isinstance(row, dict) else None
        if gone is not None:
            office.give_up(gone)
    if any(_kind(row) == "product" for row in rows):
        wrong = trouble_with_list(catalogue.products(office.cells))
        if wrong:
            raise BadStatement(wrong)  # nothing of the transaction happens
    for row in rows:
        wrong = trouble_with_quota(office.cells, row) if _is_quota(row) else ""
        if wrong:
            raise BadStatement(wrong)
    return _stated(office, count, units, minor)


def _stated(office: Office, count: int, units: int = 0, minor: int = 0) -> dict[str, int]:
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


def _while_recovering(office: Office) -> str:
    """Return why nothing is stated now: for whom the office waits, and how it waits no longer."""
    cells = office.cells
    waits_for = awaited(cells, office.store.recovery.caught_up())
    every = sorted(terminal_name(cells, one) for one in waits_for)
    names = ", ".join(every[:NAMES_TOLD_MAX])
    more = f" and {len(every) - NAMES_TOLD_MAX} more" if every[NAMES_TOLD_MAX:] else ""
    return (
        "this office was put back to an older copy: it states nothing until it has heard every"
        f" terminal. It waits for {names or 'its terminals'}{more}. One that never comes back is"
        " given up with ./guichet cloud write-off."
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
