"""How a box was told to meet its neighbours: by finding them, by a list, or not at all."""

import re
import socket
from dataclasses import dataclass
from typing import Final

AUTO: Final = "auto"
OFF: Final = "off"
LISTEN: Final = "0.0.0.0:0"
_PORT_MAX: Final = 65_535
_LISTED_MAX: Final = 512
_WAITING: Final = 64
_HOST: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,252})|\[[0-9A-Fa-f:.]+\]")

Place = tuple[str, int]
"""A host name or address, and a port."""


class LanTrouble(Exception):
    """Neighbours cannot be met as asked; the message is a sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Lan:
    """Whether neighbours are searched for, which places are known, and where this box listens."""

    finds: bool
    listed: tuple[Place, ...]
    listen: Place


def read_lan(neighbours: str, listen: str = LISTEN) -> Lan | None:
    """Return what `auto`, `off` or a list of HOST:PORT asks for; None is off.

    `listen` is the address and port of this box, port 0 lets the system choose. `LanTrouble` says
    what is wrong.
    """
    if neighbours == OFF:
        return None
    own = _place(listen, port_min=0)
    if neighbours == AUTO:
        return Lan(finds=True, listed=(), listen=own)
    listed = tuple(_place(text.strip(), port_min=1) for text in neighbours.split(","))
    if len(listed) > _LISTED_MAX:
        message = f"a list of neighbours names at most {_LISTED_MAX}"
        raise LanTrouble(message)
    return Lan(finds=False, listed=listed, listen=own)


def door_at(place: Place) -> socket.socket:
    """Return a listening socket; `LanTrouble` if the address is not ours or taken."""
    host, port = place
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind((host, port))
        door.listen(_WAITING)
        door.setblocking(False)
    except OSError as trouble:
        door.close()
        message = (
            f"neighbours cannot be heard on {host}:{port} ({trouble.strerror}): choose another"
            " address or port with --lan, or --neighbours off"
        )
        raise LanTrouble(message) from trouble
    return door


def _place(text: str, port_min: int) -> Place:
    host, _, port = text.rpartition(":")
    is_port = port.isascii() and port.isdigit() and port_min <= int(port) <= _PORT_MAX
    if _HOST.fullmatch(host) is None or not is_port:
        message = (
            f"{text!r} is no place of a neighbour; write auto, off, or HOST:PORT with commas"
            " between several"
        )
        raise LanTrouble(message)
    return host.strip("[]"), int(port)
