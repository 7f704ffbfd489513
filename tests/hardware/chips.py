"""Chips that answer commands as real ones do, and a PC/SC service that answers as pcscd does."""

import threading
from collections.abc import Callable
from typing import Any, ClassVar, Protocol

STORAGE_ATR = bytes.fromhex("3B8F8001804F0CA0000003060300030000000068")
PROCESSOR_ATR = bytes.fromhex("3B80800101")
UID = bytes.fromhex("04A1B2C3D4E5F6")
OK, UNKNOWN, NOT_FOUND = b"\x90\x00", b"\x6d\x00", b"\x6a\x82"


def record(kind: bytes, payload: bytes, flags: int = 0xD1) -> bytes:
    """One NDEF record: by default the only one of its message, short, well known."""
    if flags & 0x10:
        return bytes((flags, len(kind), len(payload))) + kind + payload
    return bytes((flags, len(kind))) + len(payload).to_bytes(4) + kind + payload


def text_message(text: str, language: bytes = b"en") -> bytes:
    """A message that is one text record."""
    payload = bytes((len(language),)) + language + text.encode()
    return record(b"T", payload, 0xD1 if len(payload) < 256 else 0xC1)


def block(message: bytes) -> bytes:
    """A message in its TLV block, with the end after it."""
    size = len(message)
    length = bytes((size,)) if size < 0xFF else b"\xff" + size.to_bytes(2)
    return b"\x03" + length + message + b"\xfe"


class Tag(Protocol):
    """A chip under test."""

    atr: bytes

    def answer(self, command: bytes) -> bytes:
        """Answer a command, with the two status bytes at the end."""


class Pages:
    """An NTAG: UID, capability container and pages of four bytes (Type 2)."""

    def __init__(self, area: bytes, size: int = 888, per_read: int = 16) -> None:
        self.atr = STORAGE_ATR
        self.capabilities = bytes((0xE1, 0x10, size // 8, 0x00))
        self.pages = bytes(12) + self.capabilities + area.ljust(size, b"\0")
        self.per_read = per_read
        self.commands: list[bytes] = []

    def answer(self, command: bytes) -> bytes:
        self.commands.append(command)
        if command == bytes.fromhex("FFCA000000"):
            return UID + OK
        if command[:2] == b"\xff\xb0":
            at = 4 * int.from_bytes(command[2:4])
            found = self.pages[at : at + min(command[4], self.per_read)]
            return found + OK if found else b"\x63\x00"
        return UNKNOWN


class Ntag(Pages):
    """An NTAG213, 215 or 216 as its data sheet says: settings, counter and mirror.

    The counter grows at the first read after power, if it is on. `mirror` says where in the data
    area the chip shows it, `with_uid` after its UID and an "x". What the chip refuses puts it to
    sleep. `through` says that the reader hands commands on, as the ACR122U does.
    """

    SIZES: ClassVar = {213: (0x12, 0x29), 215: (0x3E, 0x83), 216: (0x6D, 0xE3)}

    def __init__(
        self,
        area: bytes,
        kind: int = 213,
        *,
        mirror: int | None = None,
        with_uid: bool = False,
        access: int = 0x10,
        per_read: int = 16,
        through: bool = False,
    ) -> None:
        eighths, self.settings_page = self.SIZES[kind]
        super().__init__(area, eighths * 8, per_read)
        self.mirror, self.with_uid, self.access = mirror, with_uid, access
        self.through = through
        self.count = 0
        self.is_fresh, self.sleeps = True, False
        page, byte = divmod(mirror or 0, 4)
        conf = 0 if mirror is None else 0xC0 if with_uid else 0x80
        settings = bytes((0x04 | conf | byte << 4, 0, page + 4 if conf else 0, 0xFF))
        settings += bytes((access, 0x05, 0, 0)) + bytes(8)
        self.pages = self.pages.ljust(4 * self.settings_page, b"\0") + settings

    def power_up(self) -> None:
        """Come into a field anew."""
        self.is_fresh, self.sleeps = True, False

    def answer(self, command: bytes) -> bytes:
        if self.sleeps:
            return b"\x63\x00"
        if command[:2] == b"\xff\xb0":
            if self.is_fresh and self.access & 0x10:
                self.count += 1
            self.is_fresh = False
        if command[:4] == b"\xff\x00\x00\x00" and self.through:
            self.commands.append(command)
            return self._handed_on(command[5 : 5 + command[4]])
        whole, self.pages = self.pages, self._with_mirror()
        try:
            answer = super().answer(command)
        finally:
            self.pages = whole
        self.sleeps = answer == b"\x63\x00"
        return answer

    def _handed_on(self, asked: bytes) -> bytes:
        if asked == bytes.fromhex("D4423902") and self.access & 0x18 == 0x10:
            return b"\xd5\x43\x00" + self.count.to_bytes(3, "little") + OK
        self.sleeps = True
        return b"\xd5\x43\x01" + OK

    def _with_mirror(self) -> bytes:
        if self.mirror is None or self.access & 0x18 != 0x10:
            return self.pages
        shown = b"%06X" % self.count
        if self.with_uid:
            shown = UID.hex().upper().encode() + b"x" + shown
        at = 16 + self.mirror
        return self.pages[:at] + shown + self.pages[at + len(shown) :]


class Files:
    """A chip with files (Type 4); `pieces` makes it answer 61xx first, as T=0 does."""

    def __init__(self, message: bytes, per_read: int = 59, *, pieces: bool = False) -> None:
        self.atr = PROCESSOR_ATR
        size = len(message) + 2
        capabilities = b"\x00\x0f\x20" + per_read.to_bytes(2) + b"\x00\x34\x04\x06\xe1\x04"
        capabilities += size.to_bytes(2) + b"\x00\x00"
        self.files = {0xE103: capabilities, 0xE104: len(message).to_bytes(2) + message}
        self.per_read = per_read
        self.pieces = pieces
        self.selected = b""
        self.rest = b""
        self.knows_ndef = True

    def answer(self, command: bytes) -> bytes:
        if command == bytes.fromhex("FFCA000000"):
            return UID + OK
        if command == bytes.fromhex("00A4040007D276000085010100"):
            return OK if self.knows_ndef else NOT_FOUND
        if command[:5] == bytes.fromhex("00A4000C02"):
            content = self.files.get(int.from_bytes(command[5:7]))
            self.selected = content or b""
            return NOT_FOUND if content is None else OK
        if command[:2] == b"\x00\xb0":
            return self._read(int.from_bytes(command[2:4]), command[4])
        if command[:2] == b"\x00\xc0":
            return self.rest + OK
        return UNKNOWN

    def _read(self, offset: int, size: int) -> bytes:
        if size > self.per_read:
            return b"\x6c" + bytes((self.per_read,))
        found = self.selected[offset : offset + size]
        if self.pieces and len(found) > 1:
            self.rest = found[1:]
            return found[:1] + b"\x61" + bytes((len(self.rest),))
        return found + OK


class Connection:
    """A card connection as pyscard's: lists of numbers, and the status apart."""

    def __init__(self, tag: Tag) -> None:
        self._tag = tag

    def transmit(self, apdu: list[int]) -> tuple[list[int], int, int]:
        assert all(0 <= byte <= 255 for byte in apdu)
        answer = self._tag.answer(bytes(apdu))
        return list(answer[:-2]), answer[-2], answer[-1]


class Service:
    """pyscard's lowest layer before a service with one reader, in which a test lays chips.

    As pcscd does, it counts every coming and going in the upper half of the state, tells a change
    when somebody uses the chip, and fails with numbers.
    """

    SCARD_SCOPE_USER = 0
    SCARD_S_SUCCESS = 0
    SCARD_E_TIMEOUT = 0x8010000A
    SCARD_E_NO_SERVICE = 0x8010001D
    SCARD_E_NO_READERS_AVAILABLE = 0x8010002E
    SCARD_E_UNKNOWN_READER = 0x80100009
    SCARD_E_NO_SMARTCARD = 0x8010000C
    SCARD_W_REMOVED_CARD = 0x80100069
    SCARD_STATE_UNAWARE, SCARD_STATE_CHANGED, SCARD_STATE_UNKNOWN = 0, 2, 4
    SCARD_STATE_UNAVAILABLE, SCARD_STATE_EMPTY, SCARD_STATE_PRESENT = 8, 16, 32
    SCARD_STATE_INUSE, SCARD_STATE_MUTE = 256, 512
    SCARD_SHARE_SHARED, SCARD_RESET_CARD = 2, 1
    SCARD_PROTOCOL_T0, SCARD_PROTOCOL_T1 = 1, 2
    SCARD_PCI_T0, SCARD_PCI_T1 = object(), object()

    def __init__(self, readers: tuple[str, ...] = ("Bench Reader 00 00",)) -> None:
        self.readers = readers
        self.runs = True
        self.mute = False
        self.contexts: set[int] = set()
        self.connected = 0
        self.on_answer: Callable[[bytes], bool] | None = None
        self._tag: Tag | None = None
        self._counter = 0
        self._in_use = 0
        self._changed = threading.Condition()

    def lay(self, tag: Tag | None) -> None:
        """Lay a chip on the reader, or take it away."""
        with self._changed:
            self._tag = tag
            self._counter += 1
            self._power_up()
            self._changed.notify_all()

    def SCardEstablishContext(self, scope: int) -> tuple[int, int]:  # noqa: N802
        if not self.runs:
            return self.SCARD_E_NO_SERVICE, 0
        context = 1 + max(self.contexts, default=0)
        self.contexts.add(context)
        return 0, context

    def SCardReleaseContext(self, context: int) -> int:  # noqa: N802
        self.contexts.remove(context)
        return 0

    def SCardListReaders(self, context: int, groups: list[str]) -> tuple[int, list[str]]:  # noqa: N802
        assert context in self.contexts
        return (0, list(self.readers)) if self.readers else (self.SCARD_E_NO_READERS_AVAILABLE, [])

    def SCardGetStatusChange(  # noqa: N802
        self, context: int, wait_ms: int, states: list[tuple[str, int]]
    ) -> tuple[int, list[tuple[str, int, list[int]]]]:
        (name, known), *_ = states
        with self._changed:
            if self._now(name) == known:
                self._changed.wait(wait_ms / 1000)
            if not self.runs:
                return self.SCARD_E_NO_SERVICE, []
            now = self._now(name)
            if now == known:
                return self.SCARD_E_TIMEOUT, [(name, now, [])]
            atr = list(self._tag.atr) if self._tag else []
            return 0, [(name, now | self.SCARD_STATE_CHANGED, atr)]

    def _now(self, name: str) -> int:
        if name not in self.readers:
            return self.SCARD_STATE_UNKNOWN | self.SCARD_STATE_UNAVAILABLE
        state = self.SCARD_STATE_PRESENT if self._tag else self.SCARD_STATE_EMPTY
        state |= self.SCARD_STATE_MUTE if self.mute and self._tag else 0
        state |= self.SCARD_STATE_INUSE if self._in_use else 0
        return self._counter << 16 | state

    def SCardConnect(self, context: int, name: str, mode: int, protocols: int) -> Any:  # noqa: N802
        assert context in self.contexts
        if self._tag is None:
            return self.SCARD_E_NO_SMARTCARD, 0, 0
        self.connected += 1
        with self._changed:
            self._in_use += 1
            self._changed.notify_all()
        return 0, self._counter, self.SCARD_PROTOCOL_T1

    def SCardDisconnect(self, card: int, ending: int) -> int:  # noqa: N802
        with self._changed:
            self._in_use -= 1
            if ending == self.SCARD_RESET_CARD:
                self._power_up()
            self._changed.notify_all()
        return 0

    def _power_up(self) -> None:
        if isinstance(self._tag, Ntag):
            self._tag.power_up()

    def SCardTransmit(self, card: int, header: object, apdu: list[int]) -> tuple[int, list[int]]:  # noqa: N802
        assert header is self.SCARD_PCI_T1
        fails = self.on_answer is not None and self.on_answer(bytes(apdu))
        if fails or self._tag is None or card != self._counter:
            return self.SCARD_W_REMOVED_CARD, []
        return 0, list(self._tag.answer(bytes(apdu)))
