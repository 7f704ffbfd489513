"""NDEF, strict and bounded: what a chip's memory says, as a text, or that it says none.

Rules from the NFC Forum: NDEF 1.0 for messages and records, Type 2 Tag 1.1 for the blocks (TLV) in
the memory of NTAG and Ultralight chips, and its record types "T" (text) and "U" (URI). Bytes come
from a stranger's chip: whatever they are, the answer is a value and never an error.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

MESSAGE_BYTES_MAX: Final = 8_192
RECORDS_MAX: Final = 32
TEXT_CHARACTERS_MAX: Final = 4_096

_TLV_NULL: Final = 0x00
_TLV_NDEF: Final = 0x03
_TLV_END: Final = 0xFE
_LONG_LENGTH: Final = 0xFF

_FIRST, _LAST, _CHUNK, _SHORT, _WITH_ID = 0x80, 0x40, 0x20, 0x10, 0x08
_WELL_KNOWN: Final = 1
_EMPTY: Final = 0

_PREFIXES: Final = (
    "",
    "http://www.",
    "https://www.",
    "http://",
    "https://",
    "tel:",
    "mailto:",
    "ftp://anonymous:anonymous@",
    "ftp://ftp.",
    "ftps://",
    "sftp://",
    "smb://",
    "nfs://",
    "ftp://",
    "dav://",
    "news:",
    "telnet://",
    "imap:",
    "rtsp://",
    "urn:",
    "pop:",
    "sip:",
    "sips:",
    "tftp:",
    "btspp://",
    "btl2cap://",
    "btgoep://",
    "tcpobex://",
    "irdaobex://",
    "file://",
    "urn:epc:id:",
    "urn:epc:tag:",
    "urn:epc:pat:",
    "urn:epc:raw:",
    "urn:epc:",
    "urn:nfc:",
)


class Memory(Enum):
    """What can be said of a Type 2 chip's memory that holds no whole message (yet)."""

    UNFINISHED = "more bytes are needed to tell"
    NOTHING = "it holds no message"


@dataclass(frozen=True, slots=True)
class Record:
    """One NDEF record: its type name format (0 to 6), type and payload."""

    format: int
    type: bytes
    payload: bytes


def message_in_memory(area: bytes) -> bytes | Memory:
    """Return the NDEF message in a Type 2 chip's data area, which may be read only in part."""
    at = 0
    while at < len(area):
        tag = area[at]
        at += 1
        if tag == _TLV_NULL:
            continue
        if tag == _TLV_END:
            return Memory.NOTHING
        if at >= len(area):
            break
        length = area[at]
        at += 1
        if length == _LONG_LENGTH:
            if at + 2 > len(area):
                break
            length = int.from_bytes(area[at : at + 2])
            at += 2
        if tag == _TLV_NDEF:
            if length > MESSAGE_BYTES_MAX:
                return Memory.NOTHING
            return area[at : at + length] if at + length <= len(area) else Memory.UNFINISHED
        at += length
    return Memory.UNFINISHED


def records(message: bytes) -> list[Record] | None:
    """Return a message's records; None if it is not a whole and well-formed message."""
    found: list[Record] = []
    at = 0
    while at < len(message):
        if len(found) >= RECORDS_MAX or at + 3 > len(message):
            return None
        flags = message[at]
        is_first, is_last = bool(flags & _FIRST), bool(flags & _LAST)
        if flags & _CHUNK or is_first != (not found):
            return None
        sizes = 1 if flags & _SHORT else 4
        head = at + 2 + sizes + bool(flags & _WITH_ID)
        if head > len(message):
            return None
        type_size = message[at + 1]
        payload_size = int.from_bytes(message[at + 2 : at + 2 + sizes])
        id_size = message[head - 1] if flags & _WITH_ID else 0
        payload_at = head + type_size + id_size
        at = payload_at + payload_size
        if at > len(message):
            return None
        record = Record(flags & 7, message[head : head + type_size], message[payload_at:at])
        if record.format == _EMPTY and (type_size or id_size or payload_size):
            return None
        found.append(record)
        if is_last:
            return found if at == len(message) else None
    return None


def first_text(message: bytes) -> str | None:
    """Return the text of the first text or URI record; None if there is none that is whole."""
    return next(_texts(records(message) or []), None)


def _texts(found: list[Record]) -> Iterator[str]:
    for record in found:
        if record.format != _WELL_KNOWN or not record.payload:
            continue
        text = None
        if record.type == b"T":
            text = _text(record.payload)
        elif record.type == b"U":
            text = _uri(record.payload)
        if text is not None and 0 < len(text) <= TEXT_CHARACTERS_MAX:
            yield text


def _text(payload: bytes) -> str | None:
    """The text of a "T" record: a byte of encoding and language size, the language, the text."""
    status = payload[0]
    language_size = status & 0x3F
    if status & 0x40 or 1 + language_size > len(payload):
        return None
    return _decoded(payload[1 + language_size :], "utf-16" if status & 0x80 else "utf-8")


def _uri(payload: bytes) -> str | None:
    """The address of a "U" record: a byte that stands for its beginning, and the rest."""
    if payload[0] >= len(_PREFIXES):
        return None
    rest = _decoded(payload[1:], "utf-8")
    return None if rest is None else _PREFIXES[payload[0]] + rest


def _decoded(content: bytes, encoding: str) -> str | None:
    if encoding == "utf-16" and content[:2] not in {b"\xff\xfe", b"\xfe\xff"}:
        encoding = "utf-16-be"  # as the record's definition says where no mark tells
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None
