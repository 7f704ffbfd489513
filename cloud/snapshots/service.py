"""What a terminal that joins late is answered, from one committed state and the files of it."""

from collections.abc import Callable
from pathlib import Path

from cloud.exchange.service import Refusal
from cloud.settings import OfficeFolder
from cloud.snapshots.making import head_bytes, part_bytes
from cloud.store.look import Look
from sync.catalogue import is_revoked
from sync.certificates import Certificate
from sync.limits import MESSAGE_BYTES_MAX, MESSAGE_MARGIN_BYTES, MESSAGE_RECORDS_MAX
from sync.names import INTEREST_OF_ROLE, RunId
from sync.snapshot import BadSnapshot, read_head
from sync.snapshot_asking import Ask, State, Wanted, spell_content, spell_records

Seeing = Callable[[Look], bytes | Refusal]


def answer(office: OfficeFolder, asker: Certificate, ask: Ask, *, is_made: bool) -> Seeing:
    """Return what looks for the answer; `is_made` says that a snapshot is being made just now."""

    def see(seen: Look) -> bytes | Refusal:
        if is_revoked(seen.cells, asker.holder):
            return Refusal.REVOKED
        if ask.wanted == Wanted.HEAD:
            return _head(office, asker, seen, is_made=is_made)
        if ask.wanted == Wanted.PART:
            return _part(office.path, asker, ask.mark or b"")
        return _records(asker, seen, RunId(ask.run or b""), ask.low or 0, ask.high or 0)

    return see


def _head(office: OfficeFolder, asker: Certificate, seen: Look, *, is_made: bool) -> bytes:
    """Give the newest snapshot, if it is of this store as it is: not of one that was put back."""
    content = head_bytes(office.path, asker.role)
    if content is not None and not seen.recovery.since_ms:
        try:
            head = read_head(content, office.key.public, office.festival, asker.role)
        except BadSnapshot:
            return spell_content(State.NONE)
        number, fact = head.position
        if head.store_id == seen.store_id() and seen.id_at(number) == fact:
            return spell_content(State.HERE, content)
    return spell_content(State.BEING_MADE if is_made else State.NONE)


def _part(office: Path, asker: Certificate, mark: bytes) -> bytes:
    content = part_bytes(office, asker.role, mark)
    if content is None:
        return spell_content(State.NONE)
    return spell_content(State.HERE, content)


def _records(asker: Certificate, seen: Look, run: RunId, low: int, high: int) -> bytes:
    """Give a piece of a run that is of the asker's interest, as much as one answer holds."""
    info = seen.run(run)
    if info is None or info.role not in INTEREST_OF_ROLE[asker.role]:
        return spell_records([])
    room = MESSAGE_BYTES_MAX - MESSAGE_MARGIN_BYTES
    return spell_records(seen.raw_stretch(run, low, high, MESSAGE_RECORDS_MAX, room))
