"""A wristband as it is shown at a till: by its code, its chip, its number, and what it spends from.

A printed code can be photographed and shown by anybody; a chip with a UID cannot be shown so
easily, which is why the two are told apart.
"""

from dataclasses import dataclass
from typing import Any, Final

from edge.bar.known_codes import KnownCodes
from edge.bar.sayings import say
from edge.headless import BadCommand
from edge.terminal import Terminal
from sync import ledger
from sync.codes import CodeKind, Ticket
from sync.keys import digest
from sync.limits import U32_MAX, U64_MAX
from sync.sentences import sentence_of
from sync.short_number import read_short_number, short_number, wristbands_with

UID_SIZES: Final = (4, 7, 10)
_CHIP_PURPOSE: Final = b"guichet-chip-v1\0"
_SERIAL_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Wristband:
    """A wristband and the wallet that it spends from; its own serial if it was blocked.

    `taps` is what its chip has counted, None if it has no counter. `is_by_code`: no chip was there.
    """

    serial: int
    wallet: int
    is_blocked: bool
    is_by_code: bool = True
    taps: int | None = None

    @property
    def number(self) -> str:
        """The short number of its wallet, as guests are told it."""
        return short_number(self.wallet)


def read_wristband(terminal: Terminal, codes: KnownCodes, shown: Any, language: str) -> Wristband:
    """Return the wristband that was shown; `BadCommand` if it is none.

    It is a code's text, {"serial": n}, {"number": "short number"}, or what a chip gave as
    {"text": …, "uid": hex, "taps": n} with any of them missing.
    """
    if isinstance(shown, str):
        return _wristband(terminal, _opened(codes, shown, language))
    if not isinstance(shown, dict):
        message = 'wristband must be the text of its code, {"serial": n} or {"number": "…"}'
        raise BadCommand(message)
    if "serial" in shown:
        return _wristband(terminal, _whole(shown["serial"], U64_MAX, "serial"))
    if "number" in shown:
        return _wristband(terminal, _by_number(terminal, shown["number"], language))
    return _chip(terminal, codes, shown, language)


def _wristband(terminal: Terminal, serial: int) -> Wristband:
    wallet = ledger.wallet_of(terminal.store.shelf.cells, serial)
    return Wristband(serial, serial if wallet is None else wallet, wallet is None)


def _chip(terminal: Terminal, codes: KnownCodes, shown: dict[str, Any], language: str) -> Wristband:
    """Read what a chip gave: its code if it holds one, else it is known by its UID."""
    uid = _uid(shown.get("uid"))
    if isinstance(shown.get("text"), str):
        serial = _opened(codes, shown["text"], language)
    elif uid is not None:
        serial = int.from_bytes(digest(_CHIP_PURPOSE + uid)[:_SERIAL_BYTES], "big")
    else:
        message = "a chip gives a text or a uid"
        raise BadCommand(message)
    taps = None if shown.get("taps") is None else _whole(shown["taps"], U32_MAX, "taps")
    band = _wristband(terminal, serial)
    return Wristband(band.serial, band.wallet, band.is_blocked, uid is None, taps)


def _uid(given: Any) -> bytes | None:
    if given is None:
        return None
    try:
        uid = bytes.fromhex(given)
    except (TypeError, ValueError):
        uid = b""
    if len(uid) not in UID_SIZES:
        message = f"uid must be the hex of {', '.join(map(str, UID_SIZES))} bytes"
        raise BadCommand(message)
    return uid


def _by_number(terminal: Terminal, typed: Any, language: str) -> int:
    """Find the one wristband that is known here by the number printed on it."""
    bits = read_short_number(typed) if isinstance(typed, str) else None
    if bits is None:
        raise BadCommand(say("number_wrong", language))
    found = wristbands_with(terminal.store.shelf.cells, bits)
    if len(found) != 1:
        raise BadCommand(say("number_several" if found else "number_unknown", language))
    return found[0]


def _whole(value: Any, high: int, name: str) -> int:
    if type(value) is not int or not 0 <= value <= high:
        message = f"{name} must be a whole number from 0 to {high}"
        raise BadCommand(message)
    return value


def _opened(codes: KnownCodes, code: str, language: str) -> int:
    ticket = codes.opened(code)
    if not isinstance(ticket, Ticket):
        raise BadCommand(sentence_of("refuse", ticket.value, language))
    if ticket.kind is not CodeKind.WRISTBAND:
        raise BadCommand(say("not_a_band", language))
    return ticket.serial
