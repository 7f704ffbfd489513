"""When each terminal was last heard and how much of its journal is here."""

from typing import Any, Final

from cloud.limits import LATE_AFTER_S, SILENT_AFTER_S
from cloud.store.look import Look
from cloud.terminals.queries import hubs, placed, terminal_name
from sync import catalogue
from sync.catalogue import is_revoked
from sync.cells import Cells
from sync.names import Role
from sync.quarantine import is_quarantined

_ROLES: Final = {Role.GATE: "gate", Role.BAR: "bar", Role.HUB: "hub"}


def terminals(seen: Look, now_ms: int) -> list[dict[str, Any]]:
    """Return each gate, bar and hub: id, name, role, when last heard, how it is, journal, runs.

    `state` is `never`, `heard`, `late` (over a minute), `silent` (over ten), `copied` (its journal
    is forked) or `revoked`; `runs` are [run in hex, highest number without a gap], the oldest
    first.
    """
    cells, held, heard = seen.cells, seen.held(), seen.heard_ms()
    roles = {gate.terminal: Role.GATE for gate in catalogue.gates(cells)}
    roles |= {bar.terminal: Role.BAR for bar in catalogue.bars(cells)}
    roles |= dict.fromkeys(hubs(cells), Role.HUB)
    runs: dict[bytes, list[list[Any]]] = {}
    for info in seen.runs():
        if info.role is not Role.OFFICE:
            roles.setdefault(info.terminal, info.role)
            runs.setdefault(info.terminal, []).append([info.run.hex(), info.head_number])
    rows: list[dict[str, Any]] = [
        {
            "terminal": terminal.hex(),
            "name": terminal_name(cells, terminal),
            "role": _ROLES[role],
            "last_heard_ms": heard.get(terminal),
            "state": _standing(cells, terminal) or _state(heard, terminal, now_ms),
            "held": held.get(terminal, 0),
            "runs": runs.get(terminal, []),
        }
        for terminal, role in roles.items()
    ]
    return sorted(rows, key=lambda row: (row["role"], row["name"], row["terminal"]))


def away(seen: Look, now_ms: int) -> set[bytes]:
    """Return who cannot be counted on: gates and tills never heard, silent, copied or revoked."""
    heard = seen.heard_ms()
    return {
        one
        for one in placed(seen.cells)
        if _standing(seen.cells, one) or _state(heard, one, now_ms) in {"never", "silent"}
    }


def _standing(cells: Cells, terminal: bytes) -> str:
    """Return what is to be known of a terminal however lately it was heard, "" if nothing is."""
    if is_revoked(cells, terminal):
        return "revoked"
    return "copied" if is_quarantined(cells, terminal) else ""


def _state(heard: dict[bytes, int], terminal: bytes, now_ms: int) -> str:
    last_ms = heard.get(terminal)
    if last_ms is None:
        return "never"
    alone_s = (now_ms - last_ms) // 1_000
    if alone_s > SILENT_AFTER_S:
        return "silent"
    return "late" if alone_s > LATE_AFTER_S else "heard"
