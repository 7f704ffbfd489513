"""A snapshot: folded state that the office signs, so that a terminal which joins late can work.

Theory. A snapshot stands for what the office held at one position of its order of arrival: for each
journal that the terminal wants, every record up to a head. Its cells are *reduced* to what a gate
or till needs to decide (`snapshot_cells`, `snapshot_history`); they are spelled in pages, pages are
compressed into parts, and the signed head names every part by its SHA-256. A terminal checks
all of it before it uses anything, reads what arrived after the position in the ordinary
conversation, and fetches what the snapshot stands for later, run by run. Then it folds that by
itself, reduces its own fold the same way, and compares: the digest in the head is over the pages.

So the office's word is believed for minutes and proved afterwards.
"""

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from typing import Any, Final

from sync.codec import Malformed, decode, encode
from sync.keys import SNAPSHOT_PURPOSE, PublicKey, SecretKey, digest
from sync.limits import (
    PHYSICAL_MS_MAX,
    SNAPSHOT_BYTES_MAX,
    SNAPSHOT_HEAD_BYTES_MAX,
    SNAPSHOT_PART_BYTES_MAX,
    SNAPSHOT_PART_BYTES_WANTED,
    SNAPSHOT_PARTS_MAX,
    SNAPSHOT_UNPACKED_BYTES_MAX,
)
from sync.names import Role
from sync.schema import FACT_ID, ID, ORDINAL, TEXT, U32, Misshapen, Shape, many, raw, row, whole

SNAPSHOT_VERSION: Final = 2
_DEFLATE_LEVEL: Final = 9
_LENGTH_BYTES: Final = 4


class BadSnapshot(ValueError):
    """Bytes that are no snapshot of this version, or not the one that was signed."""


class SnapshotTooLarge(ValueError):
    """The state does not fit the bounds of a snapshot; terminals read the journals instead."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a snapshot is, as the office signs it.

    It stands for `facts` records of the journals that this role wants, as `store_id` held them at
    `position` (arrival number, record id). `cells_digest` is SHA-256 over the pages of cells,
    `parts` are (SHA-256 of the part, its bytes) in their order. `made_at_ms` is Unix time.
    """

    festival: int
    role: int
    made_at_ms: int
    store_id: bytes
    position: tuple[int, bytes]
    facts: int
    cells: int
    cells_digest: bytes
    parts: tuple[tuple[bytes, int], ...]


_HEAD: Final = row(
    whole(SNAPSHOT_VERSION, SNAPSHOT_VERSION),
    U32,
    whole(1, max(Role)),
    whole(0, PHYSICAL_MS_MAX),
    ID,
    row(ORDINAL, FACT_ID),
    ORDINAL,
    ORDINAL,
    raw(32),
    many(row(raw(32), whole(1, SNAPSHOT_PART_BYTES_MAX)), SNAPSHOT_PARTS_MAX),
)
_SIGNED: Final = row(raw(1, SNAPSHOT_HEAD_BYTES_MAX), raw(64))


def spell_head(head: Head, key: SecretKey) -> bytes:
    """Return the head's bytes, signed by the office; `SnapshotTooLarge` if it is out of bounds."""
    try:
        payload = encode(_HEAD.fits((SNAPSHOT_VERSION, *astuple(head))))
    except Misshapen as trouble:
        raise SnapshotTooLarge(str(trouble)) from trouble
    return encode([payload, key.sign(SNAPSHOT_PURPOSE, payload)])


def read_head(content: bytes, key: PublicKey, festival: int, role: Role) -> Head:
    """Return the head if this office signed it for this festival and role, else `BadSnapshot`."""
    payload, signature = _fitting(_SIGNED, content, SNAPSHOT_HEAD_BYTES_MAX)
    if not key.verifies(SNAPSHOT_PURPOSE, payload, signature):
        raise BadSnapshot("the office did not sign this snapshot")
    head = Head(*_fitting(_HEAD, payload, SNAPSHOT_HEAD_BYTES_MAX)[1:])
    if (head.festival, head.role) != (festival, role):
        raise BadSnapshot("the snapshot is another festival's, or for another kind of terminal")
    if sum(size for _, size in head.parts) > SNAPSHOT_BYTES_MAX:
        raise BadSnapshot(f"a snapshot has at most {SNAPSHOT_BYTES_MAX} bytes")
    return head


def _fitting(shape: Shape, content: bytes, bytes_max: int) -> Any:
    try:
        return shape.fits(decode(content, bytes_max))
    except (Malformed, Misshapen) as trouble:
        raise BadSnapshot(f"not a snapshot of this version: {trouble}") from trouble


# --- parts ---


def parts_of(pages: Iterable[bytes]) -> Iterator[bytes]:
    """Yield pages, several in each, as the parts that travel.

    `SnapshotTooLarge` if a page does not fit one.
    """
    gathered = b""
    for page in pages:
        if gathered and len(gathered) + len(page) > SNAPSHOT_PART_BYTES_WANTED:
            yield _packed(gathered)
            gathered = b""
        gathered += len(page).to_bytes(_LENGTH_BYTES, "big") + page
    if gathered:
        yield _packed(gathered)


def _packed(pages: bytes) -> bytes:
    part = zlib.compress(pages, _DEFLATE_LEVEL)
    if len(pages) > SNAPSHOT_UNPACKED_BYTES_MAX or len(part) > SNAPSHOT_PART_BYTES_MAX:
        raise SnapshotTooLarge(f"pages of {len(pages)} bytes do not fit a part")
    return part


def pages_of(part: bytes, mark: bytes) -> Iterator[bytes]:
    """Yield the pages of a part whose SHA-256 is `mark`; nothing swells beyond what a part holds.

    `BadSnapshot` if it is another part, is cut, or would be larger.
    """
    if digest(part) != mark:
        raise BadSnapshot("a part is not the one that the office signed")
    inflater = zlib.decompressobj()
    try:
        pages = inflater.decompress(part, SNAPSHOT_UNPACKED_BYTES_MAX)
    except zlib.error as trouble:
        raise BadSnapshot(f"a part cannot be unpacked: {trouble}") from trouble
    if not inflater.eof or inflater.unused_data:
        raise BadSnapshot("a part is cut, has something behind it, or is too large")
    at = 0
    while at < len(pages):
        start = at + _LENGTH_BYTES
        at = start + int.from_bytes(pages[at:start], "big")
        if start > len(pages) or at > len(pages):
            raise BadSnapshot("a page is cut")
        yield pages[start:at]


class Digest:
    """SHA-256 over pages in their order, each with its length before it."""

    def __init__(self) -> None:
        """Begin without a page."""
        self._whole = hashlib.sha256()

    def add(self, page: bytes) -> None:
        """Take one more page."""
        self._whole.update(len(page).to_bytes(_LENGTH_BYTES, "big"))
        self._whole.update(page)

    def value(self) -> bytes:
        """Return the digest over the pages so far: 32 bytes."""
        return self._whole.digest()


# --- pages of runs ---

RUNS_PAGE: Final = 1
BEYOND_PAGE: Final = 2
_ROWS_OF_PAGE: Final = 4_096
_RUNS: Final = many(
    row(ID, ID, whole(1, max(Role)), TEXT, raw(32), ORDINAL, FACT_ID), _ROWS_OF_PAGE
)
_BEYOND: Final = many(FACT_ID, _ROWS_OF_PAGE)


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run that a snapshot stands for, up to its head: the highest record without a gap."""

    run: bytes
    terminal: bytes
    role: int
    name: str
    key: bytes
    head_number: int
    head_id: bytes


def run_pages(runs: Iterable[RunRow], beyond: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the pages that say which records a snapshot stands for.

    `beyond` are the ids of records that lie behind a gap of their run.
    """
    for page, rows in ((RUNS_PAGE, [list(astuple(one)) for one in runs]), (BEYOND_PAGE, beyond)):
        everything = list(rows)
        for at in range(0, len(everything), _ROWS_OF_PAGE):
            yield encode([page, everything[at : at + _ROWS_OF_PAGE]])


def read_run_page(values: Any) -> list[RunRow] | list[bytes]:
    """Return the runs of a page, or the ids beyond gaps; `BadSnapshot` if it holds neither."""
    try:
        kind, rows = values
        if kind == BEYOND_PAGE:
            return list(_BEYOND.fits(rows))
        return [RunRow(*one) for one in _RUNS.fits(rows)]
    except ValueError as trouble:  # Misshapen is one
        raise BadSnapshot(f"a page of runs is misshapen: {trouble}") from trouble


def read_page(page: bytes) -> Any:
    """Return a page's values, its kind first; `BadSnapshot` if it is none."""
    try:
        values = decode(page, SNAPSHOT_UNPACKED_BYTES_MAX)
    except Malformed as trouble:
        raise BadSnapshot(f"a page cannot be read: {trouble}") from trouble
    if type(values) is not tuple or not values:
        raise BadSnapshot("a page is an array that begins with its kind")
    return values
