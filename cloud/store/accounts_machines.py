"""API keys and OAuth clients: what programs show, kept as keyed digests."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from cloud.accounts.access import OrganiserId, Scope
from cloud.store.accounts_organisers import Festivals, read_festivals, spell_festivals
from cloud.store.sql import Connection


class MachineKind(StrEnum):
    """An API key is shown with each request; a client asks for a short-lived proof first."""

    KEY = "key"
    CLIENT = "client"


@dataclass(frozen=True, slots=True)
class Machine:
    """One key or client of an organiser; `used_ms` is 0 if it was never used."""

    organiser: OrganiserId
    kind: MachineKind
    id: str
    name: str
    mark: bytes
    scopes: frozenset[Scope]
    festivals: Festivals
    made_by: str
    made_ms: int
    used_ms: int = 0


_COLUMNS: Final = "organiser, kind, id, name, mark, scopes, festivals, made_by, made_ms, used_ms"


class MachinesBook:
    """Every organiser's keys and clients; it writes inside transactions only."""

    def __init__(self, connection: Connection) -> None:
        """Stand on a connection; nothing is read before it is asked for."""
        self._connection = connection

    def add(self, machine: Machine) -> None:
        """Keep a new key or client."""
        row = (
            machine.organiser, machine.kind.value, machine.id, machine.name, machine.mark,
            " ".join(sorted(machine.scopes)), spell_festivals(machine.festivals), machine.made_by,
            machine.made_ms, machine.used_ms,
        )  # fmt: skip
        self._connection.execute(
            f"INSERT INTO machine_credential ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - named here
            row,
        )

    def find(self, organiser: OrganiserId, kind: MachineKind, name: str) -> Machine | None:
        """Return a key or client by its id."""
        row = self._connection.execute(
            f"SELECT {_COLUMNS} FROM machine_credential"  # noqa: S608 - named here
            " WHERE organiser = ? AND kind = ? AND id = ?",
            (organiser, kind.value, name),
        ).fetchone()
        return None if row is None else _machine(row)

    def of(self, organiser: OrganiserId, kind: MachineKind) -> list[Machine]:
        """Return an organiser's keys or clients, the oldest first."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM machine_credential WHERE organiser = ? AND kind = ?"  # noqa: S608 - named here
            " ORDER BY made_ms, id",
            (organiser, kind.value),
        )
        return [_machine(row) for row in rows]

    def remove(self, organiser: OrganiserId, kind: MachineKind, name: str) -> bool:
        """Revoke a key or client; False if there is none (any more)."""
        removed = self._connection.execute(
            "DELETE FROM machine_credential WHERE organiser = ? AND kind = ? AND id = ?",
            (organiser, kind.value, name),
        )
        return removed.rowcount == 1

    def note_used(self, machine: Machine, now_ms: int) -> None:
        """Note that a key or client was used (Unix ms)."""
        self._connection.execute(
            "UPDATE machine_credential SET used_ms = ? WHERE organiser = ? AND kind = ? AND id = ?",
            (now_ms, machine.organiser, machine.kind.value, machine.id),
        )


def _machine(row: Any) -> Machine:
    organiser, kind, name, title, mark, scopes, festivals, *rest = row
    who = (OrganiserId(organiser), MachineKind(kind), name, title, mark)
    given = frozenset(map(Scope, scopes.split()))
    return Machine(*who, given, read_festivals(festivals), *rest)
