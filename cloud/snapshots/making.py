"""Makes a snapshot out of one committed state and keeps it as files, beside the writer.

A folder for each role holds the signed head and the parts by their SHA-256. The head is replaced
last, so whoever reads it finds its parts; those of the head before stay for whoever is still
fetching them.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cloud.settings import OfficeFolder
from cloud.store.look import Look, look
from provisioning.files import PRIVATE_MODE, make_private_folder, write_private
from sync.keys import digest
from sync.limits import SNAPSHOT_BEYOND_RECORDS_MAX, SNAPSHOT_BYTES_MAX
from sync.names import INTEREST_OF_ROLE, Role
from sync.replica import RunInfo
from sync.snapshot import (
    BadSnapshot,
    Digest,
    Head,
    RunRow,
    SnapshotTooLarge,
    parts_of,
    read_head,
    run_pages,
    spell_head,
)
from sync.snapshot_cells import LEFT_OUT, pages

SNAPSHOT_FOLDER: Final = "snapshots"
JOINING_ROLES: Final = tuple(LEFT_OUT)
_HEAD_FILE: Final = "head"
_LOCK_FILE: Final = "lock"
_PART_ENDING: Final = ".part"


def folder_of(office: Path, role: Role) -> Path:
    """Return where the snapshot for terminals of a role lies."""
    return office / SNAPSHOT_FOLDER / role.name.lower()


def make(office: OfficeFolder, role: Role, now_ms: int) -> Head | None:
    """Make a snapshot for a role and put it in the place of the last one; `now_ms` is Unix time.

    None if the store is known to be older than what terminals have read: it states nothing then.
    `SnapshotTooLarge` if the festival does not fit one.
    """
    folder = folder_of(office.path, role)
    make_private_folder(folder.parent)
    make_private_folder(folder)
    with _alone_in(folder):
        last = _head_in(office, role)
        with look(office.path, office.festival) as seen:
            if seen.recovery.since_ms:
                return None
            head = _written(seen, folder, office.festival, role, now_ms)
        write_private(folder / _HEAD_FILE, spell_head(head, office.key))
        _forget_all_but(folder, [head] if last is None else [head, last])
        return head


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other process makes a snapshot in a folder: each keeps the other's parts."""
    handle = os.open(folder / _LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_MODE)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def head_bytes(office: Path, role: Role) -> bytes | None:
    """Return the signed head of the newest snapshot for a role, None if there is none."""
    path = folder_of(office, role) / _HEAD_FILE
    return path.read_bytes() if path.exists() else None


def part_bytes(office: Path, role: Role, mark: bytes) -> bytes | None:
    """Return the part with this SHA-256, None if it is not, or no longer, here."""
    path = folder_of(office, role) / _name_of(mark)
    return path.read_bytes() if path.exists() else None


def _written(seen: Look, folder: Path, festival: int, role: Role, now_ms: int) -> Head:
    """Write the parts of this state and return what they are."""
    wanted = INTEREST_OF_ROLE[role]
    runs = [info for info in seen.runs() if info.role in wanted]
    beyond = [fact for info in runs for fact in seen.beyond(info)]
    if len(beyond) > SNAPSHOT_BEYOND_RECORDS_MAX:
        raise SnapshotTooLarge("too many records wait behind gaps of their journals")
    whole = Digest()
    cells = 0

    def everything() -> Iterator[bytes]:
        nonlocal cells
        yield from run_pages(map(_row, runs), beyond)
        for count, page in pages(seen.cells, role):
            whole.add(page)
            cells += count
            yield page

    parts: list[tuple[bytes, int]] = []
    for part in parts_of(everything()):
        mark = digest(part)
        parts.append((mark, len(part)))
        if sum(size for _, size in parts) > SNAPSHOT_BYTES_MAX:
            raise SnapshotTooLarge(f"a snapshot has at most {SNAPSHOT_BYTES_MAX} bytes")
        if not (folder / _name_of(mark)).exists():
            write_private(folder / _name_of(mark), part)
    facts = sum(info.head_number + 1 for info in runs) + len(beyond)
    position = seen.position()
    return Head(
        festival=festival,
        role=int(role),
        made_at_ms=now_ms,
        store_id=seen.store_id(),
        position=position,
        facts=facts,
        cells=cells,
        cells_digest=whole.value(),
        parts=tuple(parts),
    )


def _row(info: RunInfo) -> RunRow:
    return RunRow(
        info.run,
        info.terminal,
        int(info.role),
        info.name,
        info.key.raw,
        info.head_number,
        info.head_id,
    )


def _head_in(office: OfficeFolder, role: Role) -> Head | None:
    content = head_bytes(office.path, role)
    if content is None:
        return None
    try:
        return read_head(content, office.key.public, office.festival, role)
    except BadSnapshot:
        return None


def _forget_all_but(folder: Path, heads: Iterable[Head]) -> None:
    wanted = {_name_of(mark) for head in heads for mark, _ in head.parts}
    for path in folder.glob(f"*{_PART_ENDING}"):
        if path.name not in wanted:
            path.unlink()


def _name_of(mark: bytes) -> str:
    return mark.hex() + _PART_ENDING
