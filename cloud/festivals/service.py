"""Has the office state what rows ask for: all of them in one transaction, or none."""

from collections.abc import Sequence

from cloud.festivals.statements import BadStatement, Situation, bodies_of
from cloud.limits import STATEMENTS_MAX
from cloud.office import Office
from sync import catalogue

_WHILE_RECOVERING = frozenset({"revoke", "write_off"})


def state(office: Office, rows: Sequence[object]) -> dict[str, int] | BadStatement:
    """State what the rows say, inside a transaction; return counts, or what was wrong.

    Every row is judged before the first fact is written, so that a refusal leaves no trace.
    """
    if not 0 < len(rows) <= STATEMENTS_MAX:
        return BadStatement(f"1 to {STATEMENTS_MAX} statements can be made at a time")
    folder = office.folder
    situation = Situation(office.cells, office.runs_of, folder.festival, folder.key.public)
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
    count = 0
    for row in rows:
        bodies = bodies_of(situation, row)
        office.say(*bodies)
        count += len(bodies)
    return {"facts": count, "office_version": catalogue.office_version(office.cells)}


def _may_recover(row: object) -> bool:
    return isinstance(row, dict) and row.get("kind") in _WHILE_RECOVERING
