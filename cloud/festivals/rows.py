"""How the rows of statements are read: strictly, against what was stated before."""

from collections.abc import Callable
from dataclasses import MISSING, dataclass, replace
from typing import Any

from cloud.terminals.queries import terminals_named
from sync.body import Body
from sync.cells import Cells
from sync.keys import PublicKey
from sync.names import RunId


class BadStatement(ValueError):
    """A row that cannot be stated; the message says which field and why."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What statements are made against: the folded state, journals' ends, and who the office is.

    `is_ready`: whatever was lent before this office was the authority is known to it.
    `is_recovering`: terminals may be given up that hold nothing, as far as is known here.
    """

    cells: Cells
    runs_of: Callable[[bytes], list[tuple[RunId, int]]]
    festival: int
    office_key: PublicKey
    is_ready: bool = True
    is_recovering: bool = False


Row = dict[str, Any]


def changed_by(known: Any, row: Row, *fixed: str) -> Body:
    """Return the fact with the row's fields in place of what was stated, one version on."""
    names = set(known.__dataclass_fields__) - {"version", *fixed}
    strange = sorted(set(row) - names - set(fixed))
    if strange:
        message = f"{strange[0]} is not a field; there are {', '.join(sorted(names))}"
        raise BadStatement(message)
    values = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in row.items()
        if name not in fixed
    }
    changed: Body = replace(known, version=known.version + 1, **values)
    return changed


def only_these(row: Row, *names: str) -> Row:
    """Return the row if it has no other fields than these; `BadStatement` names the first."""
    strange = sorted(set(row) - set(names))
    if strange:
        message = f"{strange[0]} is not a field; there are {', '.join(names)}"
        raise BadStatement(message)
    return row


def number_of(row: Row, name: str) -> int:
    """Return the whole number of 32 bits that a field holds; `BadStatement` if it is none."""
    value = row.get(name, MISSING)
    if type(value) is not int or not 0 <= value < 1 << 32:
        message = f"{name} must be given as a whole number"
        raise BadStatement(message)
    return value


def terminal_of(situation: Situation, row: Row) -> bytes:
    """Return the one terminal that a name or a hex id means."""
    named = row.get("terminal")
    found = terminals_named(situation.cells, named) if isinstance(named, str) else []
    if len(found) != 1:
        how_many = "no terminal is" if not found else f"{len(found)} terminals are"
        message = f"terminal: {how_many} called {named!r}; a name or the id in hex is needed"
        raise BadStatement(message)
    return found[0]
