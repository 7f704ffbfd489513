"""Where the scan API listens: an address of this machine, and beyond it only where it was meant.

There is no TLS here. On loopback nobody else hears what is said; anywhere else keys and codes
travel open, so only the festival's own closed LAN will do, and somebody must have said so.
"""

import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

_ADDRESS: Final = re.compile(r"(?P<v4>[0-9.]+)|\[(?P<v6>[0-9A-Fa-f:.]+)\]")
_PORT: Final = re.compile(r"[0-9]{1,5}")
_PORT_MAX: Final = 65_535
_WAITING: Final = 32
_HTTP_PORT: Final = 80


class ApiTrouble(Exception):
    """The scan API cannot start; the message is a sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Address:
    """An address of this machine and a TCP port; port 0 lets the system choose one."""

    host: IPv4Address | IPv6Address
    port: int

    @property
    def url(self) -> str:
        """Return the address as clients on this machine write it."""
        host = self.host
        if host.is_unspecified:
            host = ip_address("127.0.0.1") if host.version == 4 else ip_address("::1")  # noqa: PLR2004
        return f"http://{_in_url(host)}:{self.port}"

    def hosts(self) -> frozenset[str]:
        """Return the Host headers that are taken, in lower case; empty takes any.

        On loopback a page from elsewhere whose name was pointed here (DNS rebinding) brings its
        own name, and is refused. On a LAN the box has names that it does not know.
        """
        if not self.host.is_loopback:
            return frozenset()
        names = (_in_url(self.host), "localhost")
        bare = names if self.port == _HTTP_PORT else ()
        return frozenset((*(f"{name}:{self.port}" for name in names), *bare))


def read_address(text: str, *, allow_lan: bool) -> Address:
    """Return the address that a text like ``127.0.0.1:8471`` or ``[::1]:8471`` names.

    Raises `ApiTrouble`: it is no numeric address and port, or reaches beyond this machine without
    `allow_lan`.
    """
    before, _, after = text.rpartition(":")
    found = _ADDRESS.fullmatch(before)
    if found is None or not _PORT.fullmatch(after) or int(after) > _PORT_MAX:
        raise ApiTrouble(_no_address(text))
    try:
        host = ip_address(found["v4"] or found["v6"])
    except ValueError as trouble:
        raise ApiTrouble(_no_address(text)) from trouble
    if not host.is_loopback and not allow_lan:
        message = (
            f"{text} can be reached by other machines, and the scan API is not encrypted: listen on"
            " 127.0.0.1, or allow the LAN if it is the festival's own and closed"
        )
        raise ApiTrouble(message)
    return Address(host, int(after))


def listen(address: Address) -> tuple[socket.socket, Address]:
    """Return a listening socket and the address with its true port; `ApiTrouble` if it is taken."""
    is_v6 = address.host.version == 6  # noqa: PLR2004
    door = socket.socket(socket.AF_INET6 if is_v6 else socket.AF_INET, socket.SOCK_STREAM)
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if is_v6:
            door.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        door.bind((str(address.host), address.port))
        door.listen(_WAITING)
        door.setblocking(False)
    except OSError as trouble:
        door.close()
        message = (
            f"the scan API cannot listen on {_in_url(address.host)}:{address.port}"
            f" ({trouble.strerror}): another program may be there; choose another port"
        )
        raise ApiTrouble(message) from trouble
    return door, Address(address.host, int(door.getsockname()[1]))


def _in_url(host: IPv4Address | IPv6Address) -> str:
    return f"[{host}]" if isinstance(host, IPv6Address) else str(host)


def _no_address(text: str) -> str:
    return f"{text!r} is no address for the scan API; write it as 127.0.0.1:8471 or [::1]:8471"
