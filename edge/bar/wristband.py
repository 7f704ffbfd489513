"""A wristband as it is shown at a till: its code's text, or a serial that a person typed."""

from dataclasses import dataclass
from typing import Any

from edge.headless import BadCommand
from edge.terminal import Terminal
from sync import catalogue, ledger
from sync.codes import CodeKind, Ticket, open_code
from sync.limits import U64_MAX
from sync.sentences import sentence_of


@dataclass(frozen=True, slots=True)
class Wristband:
    """A wristband and the wallet that it spends from; its own serial if it was blocked."""

    serial: int
    wallet: int
    is_blocked: bool


def read_wristband(terminal: Terminal, shown: Any) -> Wristband:
    """Return the wristband that was shown, as text or {"serial": n}; `BadCommand` if it is none."""
    if isinstance(shown, dict) and type(shown.get("serial")) is int:
        serial = shown["serial"]
        if not 0 <= serial <= U64_MAX:
            message = "a wristband's serial is a whole number below 2^64"
            raise BadCommand(message)
    elif isinstance(shown, str):
        serial = _opened(terminal, shown)
    else:
        message = 'wristband must be the text of its code or {"serial": number}'
        raise BadCommand(message)
    wallet = ledger.wallet_of(terminal.store.shelf.cells, serial)
    return Wristband(serial, serial if wallet is None else wallet, wallet is None)


def _opened(terminal: Terminal, code: str) -> int:
    keys = catalogue.issuing_keys(terminal.store.shelf.cells)
    ticket = open_code(code, keys, terminal.manifest.festival)
    language = terminal.manifest.language
    if not isinstance(ticket, Ticket):
        raise BadCommand(sentence_of("refuse", ticket.value, language))
    if ticket.kind is not CodeKind.WRISTBAND:
        message = "this code is not a wristband's"
        raise BadCommand(message)
    return ticket.serial
