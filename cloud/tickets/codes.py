"""The signed codes of tickets, made again from their rows with the keys in the office's folder."""

from collections.abc import Iterable
from dataclasses import dataclass

from cloud.settings import OfficeFolder
from cloud.store.tickets import TicketRow
from provisioning.keys import BadKeyFile, load_key_file
from sync import catalogue
from sync.cells import Cells
from sync.codes import CodeKind, Ticket, issue
from sync.keys import SecretKey


@dataclass(frozen=True, slots=True)
class Coded:
    """A ticket with its code's text; None if the key that signed it left the folder."""

    row: TicketRow
    code: str | None


class KeyRing:
    """The issuing keys of one folder, opened when they are needed."""

    def __init__(self, folder: OfficeFolder) -> None:
        """Read nothing yet."""
        self._folder = folder
        self._keys: dict[int, SecretKey | None] = {}

    def key(self, key_id: int) -> SecretKey | None:
        """Return an issuing key, None if it is not in the folder or cannot be read."""
        if key_id not in self._keys:
            try:
                self._keys[key_id] = load_key_file(self._folder.issuing_key_file(key_id))
            except BadKeyFile:
                self._keys[key_id] = None
        return self._keys[key_id]

    def code(self, row: TicketRow) -> str | None:
        """Return a ticket's code, the same text each time; None without its key."""
        key = self.key(row.key_id)
        if key is None:
            return None
        ticket = Ticket(
            kind=CodeKind.TICKET,
            key_id=row.key_id,
            festival=self._folder.festival,
            serial=row.serial,
            type=row.type,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            flags=row.flags,
        )
        return issue(ticket, key)

    def coded(self, rows: Iterable[TicketRow]) -> list[Coded]:
        """Return tickets with their codes; signing 10,000 takes about a second."""
        return [Coded(row, self.code(row)) for row in rows]


def usable_keys(folder: OfficeFolder, cells: Cells) -> list[int]:
    """Return the issuing keys that are in the folder and that gates take, ascending."""
    taken = catalogue.issuing_keys(cells)
    return [key_id for key_id in folder.issuing_key_ids() if key_id in taken]
