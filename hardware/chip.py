"""One chip in a reader's field: its UID and the text that is written on it, asked in commands.

PC/SC part 3 says how a reader hands out the UID and a storage chip's blocks; the NFC Forum's Type 2
Tag 1.1 says where NTAG and Ultralight keep a message, its Type 4 Tag 2.0 how a chip with files does
(DESFire, phones, cards with a processor). Every loop here is bounded by what a chip can hold.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from hardware.ndef import MESSAGE_BYTES_MAX, Memory, first_text, message_in_memory
from hardware.taps import (
    DIGITS,
    NOT_COUNTED,
    READ_COUNTER,
    SETTINGS_BYTES,
    SETTINGS_PAGES,
    Counter,
    counted,
    counter_in,
    shown,
)

UID_SIZES: Final = frozenset({4, 7, 8, 10})
PAGE_BYTES: Final = 4
PAGES_MAX: Final = 256
BLOCK_BYTES: Final = 16
ANSWERS_MAX: Final = 16
FILE_BYTES_PER_READ_MAX: Final = 0xF0

# In the answer to reset of every chip that has blocks and no processor (PC/SC part 3, 3.1.3.2.3).
_STORAGE: Final = bytes.fromhex("804F0CA000000306")
_GET_UID: Final = bytes.fromhex("FFCA000000")
_SELECT_NDEF: Final = bytes.fromhex("00A4040007D276000085010100")
_CAPABILITIES_PAGE: Final = 3
_DATA_PAGE: Final = 4
# To the chip as it is, through the PN532 in the reader (its "InCommunicateThru"), and its answer.
_THROUGH: Final = bytes((0xD4, 0x42))
_CAME_BACK: Final = bytes((0xD5, 0x43, 0x00))
_CAPABILITIES_FILE: Final = 0xE103
_CAPABILITIES_BYTES: Final = 15
_OFFSET_MAX: Final = 0x7FFF
_OK: Final = (0x90, 0x00)
_MORE, _WRONG_SIZE = 0x61, 0x6C


class ChipGone(Exception):
    """The chip stopped answering in the middle; `uid` is what it had said of itself before."""

    def __init__(self, uid: bytes | None = None) -> None:
        super().__init__("the chip stopped answering: hold it there a little longer")
        self.uid = uid


class CardConnection(Protocol):
    """What pyscard calls a card connection, as far as it is used here."""

    def transmit(self, apdu: list[int]) -> tuple[Sequence[int], int, int]:
        """Return the answer's bytes and its two status bytes; `ChipGone` if nothing answers."""


@dataclass(frozen=True, slots=True)
class Chip:
    """What a chip says: its UID (4, 7, 8 or 10 bytes), its text, and how often it was read.

    Each is None if there is none.
    """

    uid: bytes | None
    text: str | None
    taps: int | None = None


@dataclass(frozen=True, slots=True)
class _Memory:
    """A Type 2 chip's data area as far as it was read, its size, and the message in it."""

    eighths: int
    area: bytes
    message: bytes


def read_chip(connection: CardConnection, atr: bytes, *, passes_through: bool = False) -> Chip:
    """Ask a chip, whose answer to reset is `atr`, for all it says; `ChipGone` if it went away.

    `passes_through` says that the reader holds a PN532 and hands commands on to it.
    """
    uid, status = _ask(connection, _GET_UID)
    known = uid if status == _OK and len(uid) in UID_SIZES else None
    taps = None
    try:
        if _STORAGE in atr:
            message, taps = _from_pages(connection, passes_through=passes_through)
        else:
            message = _from_file(connection)
    except ChipGone as gone:
        raise ChipGone(known) from gone
    return Chip(known, None if message is None else first_text(message), taps)


def _from_pages(
    connection: CardConnection, *, passes_through: bool
) -> tuple[bytes | None, int | None]:
    """The message on a Type 2 chip and its count; None for what it has not.

    Where the chip shows its count within the message, zeros stand in what is given back: a text is
    the same at every reading.
    """
    memory = _read_memory(connection)
    if memory is None:
        return None, None
    message = memory.message or None
    try:
        counter = _find_counter(connection, memory)
        if counter is None:
            return message, None
        if counter.shown_at is None:
            return message, _ask_count(connection) if passes_through else None
        return _without_count(memory, counter.shown_at) or None, _see_count(
            connection, memory, counter.shown_at
        )
    except ChipGone:
        # What was to be read is there: a guest need not hold the chip longer for its count.
        return message, None


def _read_memory(connection: CardConnection) -> _Memory | None:
    """Read as much of a Type 2 chip as its message needs; None if it is another chip."""
    first, status = _ask(connection, _read_pages(_CAPABILITIES_PAGE))
    if status != _OK or len(first) < PAGE_BYTES:
        return None
    magic, version, eighths, access = first[:PAGE_BYTES]
    if magic != 0xE1 or version >> 4 != 1 or access >> 4 != 0:  # noqa: PLR2004  from the standard
        return None
    size = min(eighths * 8, (PAGES_MAX - _DATA_PAGE) * PAGE_BYTES)
    area = first[PAGE_BYTES:]
    while True:
        found = message_in_memory(area[:size])
        if found is Memory.NOTHING:
            return _Memory(eighths, area[:size], b"")
        if isinstance(found, bytes):
            return _Memory(eighths, area[:size], found)
        area = area[: len(area) - len(area) % PAGE_BYTES]
        if len(area) >= size:
            return _Memory(eighths, area[:size], b"")
        page = _DATA_PAGE + len(area) // PAGE_BYTES
        area += _read_on(connection, page, 1)


def _read_on(connection: CardConnection, page: int, size: int) -> bytes:
    """At least `size` bytes from a page on: a reader may give four or sixteen at a time."""
    area = b""
    while len(area) < size:
        block, status = _ask(connection, _read_pages(page + len(area) // PAGE_BYTES))
        if status != _OK or len(block) < PAGE_BYTES:
            raise ChipGone
        area += block[: len(block) - len(block) % PAGE_BYTES]
    return area


def _find_counter(connection: CardConnection, memory: _Memory) -> Counter | None:
    page = SETTINGS_PAGES.get(memory.eighths)
    return None if page is None else counter_in(_read_on(connection, page, SETTINGS_BYTES))


def _see_count(connection: CardConnection, memory: _Memory, at: int) -> int | None:
    digits = memory.area[at : at + DIGITS]
    if len(digits) < DIGITS and at + DIGITS <= memory.eighths * 8:
        inset = at % PAGE_BYTES
        page = _DATA_PAGE + at // PAGE_BYTES
        digits = _read_on(connection, page, inset + DIGITS)[inset : inset + DIGITS]
    return shown(digits)


def _without_count(memory: _Memory, at: int) -> bytes:
    area = memory.area
    if shown(area[at : at + DIGITS]) is None:
        return memory.message
    written = message_in_memory(area[:at] + NOT_COUNTED + area[at + DIGITS :])
    return written if isinstance(written, bytes) else memory.message


def _ask_count(connection: CardConnection) -> int | None:
    """Ask the chip itself, through the PN532 in the reader."""
    asked = _THROUGH + READ_COUNTER
    command = bytes((0xFF, 0x00, 0x00, 0x00, len(asked))) + asked
    answer, status = _ask(connection, command)
    if status != _OK or not answer.startswith(_CAME_BACK):
        return None
    return counted(answer.removeprefix(_CAME_BACK))


def _read_pages(page: int) -> bytes:
    return bytes((0xFF, 0xB0, 0x00, page, BLOCK_BYTES))


def _from_file(connection: CardConnection) -> bytes | None:
    """The message on a Type 4 chip; None if it is another chip or holds none."""
    if _ask(connection, _SELECT_NDEF)[1] != _OK or not _select(connection, _CAPABILITIES_FILE):
        return None
    capabilities = _read_file(connection, 0, _CAPABILITIES_BYTES)
    if len(capabilities) < _CAPABILITIES_BYTES or capabilities[7:9] != b"\x04\x06":
        return None
    per_read = min(int.from_bytes(capabilities[3:5]), FILE_BYTES_PER_READ_MAX)
    file, room = int.from_bytes(capabilities[9:11]), int.from_bytes(capabilities[11:13])
    if capabilities[13] != 0 or not per_read or not _select(connection, file):
        return None
    size = int.from_bytes(_read_file(connection, 0, 2))
    if not 0 < size <= min(room - 2, MESSAGE_BYTES_MAX, _OFFSET_MAX - 2):
        return None
    message = b""
    while len(message) < size:
        part = _read_file(connection, 2 + len(message), min(per_read, size - len(message)))
        if not part:
            raise ChipGone
        message += part
    return message[:size]


def _select(connection: CardConnection, file: int) -> bool:
    command = bytes((0x00, 0xA4, 0x00, 0x0C, 0x02, *file.to_bytes(2)))
    return _ask(connection, command)[1] == _OK


def _read_file(connection: CardConnection, offset: int, size: int) -> bytes:
    """At most `size` bytes of the selected file; none if the chip does not say."""
    command = bytes((0x00, 0xB0, *offset.to_bytes(2), size))
    answer, status = _ask(connection, command)
    return answer if status == _OK else b""


def _ask(connection: CardConnection, command: bytes) -> tuple[bytes, tuple[int, int]]:
    """Return an answer whole: a chip may give it in pieces, or ask for another size."""
    whole = b""
    for _ in range(ANSWERS_MAX):
        data, status, size = connection.transmit(list(command))
        whole += bytes(data)
        if status == _MORE:
            command = bytes((0x00, 0xC0, 0x00, 0x00, size))
        elif status == _WRONG_SIZE:
            command = bytes((*command[:4], size))
        else:
            return whole, (status, size)
    raise ChipGone
