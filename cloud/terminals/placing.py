"""Where terminals stand: codes for new boxes, and moving those that are there."""

from collections.abc import Callable
from typing import Any

from cloud.api.problems import Problem
from cloud.clock_and_chance import random_bytes
from cloud.desk import Desk
from cloud.festivals.bars import BARS
from cloud.festivals.gates import GATES
from cloud.festivals.rows import Row
from cloud.festivals.sight import TERMINAL, Sight, sight_in, sight_of
from cloud.festivals.sorts import Sort, missing
from cloud.festivals.stating import stated
from cloud.festivals.ticket_types import TICKET_TYPES
from cloud.festivals.zones import ZONES
from cloud.office import Office
from cloud.store.enrolment_codes import EnrolmentCodes, TooManyCodes
from cloud.store.look import Look
from cloud.terminals.hearing import terminals
from cloud.terminals.models import CodePost, Run, Terminal, TerminalPatch, TerminalRole
from cloud.terminals.queries import is_placed
from cloud.terminals.service import give_out
from provisioning.enrolment import EnrolmentCode, StoredCode
from provisioning.manifest import ROLES
from sync import catalogue
from sync.cells import Cells

Faults = list[dict[str, str]]


def listed(now_ms: int) -> Callable[[Look], list[Terminal]]:
    """Return the look for every terminal: by role, then by name (Unix ms)."""

    def see(seen: Look) -> list[Terminal]:
        sight = sight_in(seen)
        return [_shown(sight, row) for row in terminals(seen, now_ms)]

    return see


def place_of(body: CodePost) -> Callable[[Look], int | Problem]:
    """Return the look for the zone or bar of a new box (0 for a hub), or what is wrong with it."""

    def see(seen: Look) -> int | Problem:
        sight = sight_in(seen)
        faults = _misplaced(sight, body)
        if faults:
            return misfit(faults)
        if body.gate is not None:
            return int(sight.words(GATES.kind, body.gate)["zone"])
        return (body.bar if body.zone is None else body.zone) or 0

    return see


def make_code(desk: Desk, body: CodePost, place: int) -> tuple[EnrolmentCode, bytes] | Problem:
    """Make a code and return it with the id that its box will have; it may be slow."""
    codes = EnrolmentCodes(desk.path, desk.festival)
    role, now_s = ROLES[body.role.value], desk.now_s()
    key = desk.festival_key
    try:
        code = give_out(codes, key, role, body.name, place, now_s, random_bytes)
    except TooManyCodes as trouble:
        return Problem(409, str(trouble), "too_many_codes")
    found: list[bytes] = []

    def read(stored: StoredCode | None) -> StoredCode | None:
        if stored is not None:
            found.append(stored.terminal)
        return stored

    codes.change(code.selector, read)
    return code, found[0]


def put_at_gate(terminal: bytes, gate: int | None, said_by: str) -> Callable[[Office], None]:
    """Return the job that notes at which gate a terminal stands, None for at none."""

    def job(office: Office) -> None:
        words = {} if gate is None else {"gate": gate}
        book, now_ms = sight_of(office).details, office.now_ms()
        book.put(TERMINAL, terminal.hex(), words, said_by=said_by, now_ms=now_ms)

    return job


def move(terminal: bytes, body: TerminalPatch, said_by: str) -> Callable[[Office], Problem | None]:
    """Return the job that moves or renames a terminal."""
    given = body.model_dump(mode="json", exclude_none=True)

    def job(office: Office) -> Problem | None:
        sight = sight_of(office)
        role = role_of(office.cells, terminal)
        if role is None:
            return unknown()
        faults = _immovable(role, set(given)) or _unfounded(sight, body)
        if faults:
            return misfit(faults)
        row = {"kind": role.value, "terminal": terminal.hex()} | given
        row.pop("gate", None)
        if body.gate is not None:
            words = sight.words(GATES.kind, body.gate)
            row |= {"zone": words["zone"], "types": words["types"]}
        result = stated(office, _changes(office.cells, row))
        if isinstance(result, Problem):
            return result
        if given.keys() & {"gate", "zone", "types"}:
            put_at_gate(terminal, body.gate, said_by)(office)
        return None

    return job


def role_of(cells: Cells, terminal: bytes) -> TerminalRole | None:
    """Return what a terminal is for, None if it was never stated: no box is at an online gate."""
    gate = catalogue.gate_of(cells, terminal)
    if gate is not None:
        return TerminalRole.GATE if gate.online is None else None
    if catalogue.bar_of(cells, terminal) is not None:
        return TerminalRole.BAR
    return TerminalRole.HUB if is_placed(cells, terminal) else None


def misfit(faults: Faults) -> Problem:
    """Return the refusal of fields that do not go together or name nothing."""
    first = faults[0]
    title = f"The terminal cannot be placed: {first['where']}: {first['what']}."
    return Problem(422, title, "invalid", faults=faults)


def unknown() -> Problem:
    """Return the refusal of an id that is no terminal's."""
    return Problem(404, "There is no such terminal.", "not_found")


def _changes(cells: Cells, row: Row) -> list[Row]:
    """Return the row if it changes anything of a terminal's place."""
    terminal = bytes.fromhex(row["terminal"])
    known: Any = catalogue.gate_of(cells, terminal) or catalogue.bar_of(cells, terminal)
    wanted = {name: value for name, value in row.items() if name not in {"kind", "terminal"}}
    is_so = all(
        getattr(known, name) == (tuple(value) if isinstance(value, list) else value)
        for name, value in wanted.items()
    )
    return [] if is_so else [row]


def _misplaced(sight: Sight, body: CodePost) -> Faults:
    """Return what is wrong with the place of a new box."""
    given = {name for name in ("zone", "gate", "bar") if getattr(body, name) is not None}
    needed = {
        TerminalRole.GATE: [{"zone"}, {"gate"}],
        TerminalRole.BAR: [{"bar"}],
        TerminalRole.HUB: [set[str]()],
    }[body.role]
    if given not in needed:
        words = " or ".join(" ".join(sorted(one)) for one in needed).strip() or "no place"
        return [{"where": "role", "what": f"a {body.role.value} needs {words}"}]
    return _unfounded(sight, body)


def _unfounded(sight: Sight, body: CodePost | TerminalPatch) -> Faults:
    """Return the places that are not there."""
    named: list[tuple[Sort[Any, Any], int | None]]
    named = [(ZONES, body.zone), (GATES, body.gate), (BARS, body.bar)]
    faults: Faults = []
    for sort, number in named:
        faults += missing(sort, sight, sort.kind, [] if number is None else [number])
    if isinstance(body, TerminalPatch):
        faults += missing(TICKET_TYPES, sight, "types", body.types or ())
    return faults


def _immovable(role: TerminalRole, given: set[str]) -> Faults:
    """Return the fields that a terminal of this role has not, or that contradict each other."""
    fields = {
        TerminalRole.GATE: {"name", "gate", "zone", "types"},
        TerminalRole.BAR: {"name", "bar"},
        TerminalRole.HUB: set[str](),
    }[role]
    faults = [
        {"where": name, "what": f"a {role.value} has none that could be changed"}
        for name in sorted(given - fields)
    ]
    if "gate" in given and given & {"zone", "types"}:
        faults.append({"where": "gate", "what": "says zone and types already"})
    return faults


def _shown(sight: Sight, row: dict[str, Any]) -> Terminal:
    terminal = bytes.fromhex(row["terminal"])
    gate = catalogue.gate_of(sight.cells, terminal)
    bar = catalogue.bar_of(sight.cells, terminal)
    runs = [Run(run=run, number=number) for run, number in row["runs"]]
    return Terminal(
        **row | {"runs": runs},
        zone=None if gate is None else gate.zone,
        types=None if gate is None else gate.types,
        gate=None if gate is None else sight.gate_of(terminal),
        bar=None if bar is None else bar.bar,
    )
