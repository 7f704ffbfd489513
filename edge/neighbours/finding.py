"""How terminals of a site find each other: by multicast DNS, each saying who it is and where.

Nothing that is found is believed: it only says where to knock, and whoever opens there must prove
itself. Terminals of other festivals on the same LAN say another mark and are left alone.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import ifaddr
from zeroconf import IPVersion, ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from edge.limits import LAN_ADDRESSES_LOOKED_MS, LAN_FOUND_MS_MAX
from edge.neighbours.lan import Place
from edge.terminal import Terminal
from sync.keys import digest
from sync.names import ID_BYTES, Role, TerminalId

SERVICE: Final = "_guichet._tcp.local."
_MARK: Final = b"festival"
_MARK_BYTES: Final = 8
_ROLE: Final = b"role"
_ROLES: Final = {str(int(role)).encode(): role for role in Role}
_log = logging.getLogger(__name__)

Found = Callable[[TerminalId, Role, list[Place]], object]
Lost = Callable[[TerminalId], object]


class Finder:
    """Says where this box is and hears where others are; in the loop of the neighbours only."""

    def __init__(self, terminal: Terminal, port: int, found: Found, lost: Lost) -> None:
        """Speak for this terminal, which listens at a port."""
        manifest = terminal.manifest
        self._own = manifest.terminal
        self._mark = digest(manifest.festival_public_key.raw)[:_MARK_BYTES]
        self._role = manifest.writer_role
        self._port = port
        self._found = found
        self._lost = lost
        self._zeroconf: AsyncZeroconf | None = None
        self._browser: AsyncServiceBrowser | None = None
        self._asking: set[asyncio.Task[None]] = set()
        self.trouble = ""

    async def run(self) -> None:
        """Look until cancelled; begin anew whenever this box gets other addresses."""
        known: list[str] = []
        try:
            while True:
                now = _addresses()
                if now != known:
                    await self._end()
                    known = await self._begin(now)
                await asyncio.sleep(LAN_ADDRESSES_LOOKED_MS / 1000)
        finally:
            await self._end()

    async def _begin(self, addresses: list[str]) -> list[str]:
        """Announce and browse; return the addresses for which that worked."""
        try:
            self._zeroconf = AsyncZeroconf(ip_version=IPVersion.V4Only)
            info = AsyncServiceInfo(
                SERVICE,
                f"{self._own}.{SERVICE}",
                port=self._port,
                parsed_addresses=addresses,
                properties={_MARK: self._mark.hex(), _ROLE: str(int(self._role))},
                server=f"guichet-{self._own}.local.",
            )
            await self._zeroconf.async_register_service(info)
            self._browser = AsyncServiceBrowser(
                self._zeroconf.zeroconf, SERVICE, handlers=[self._changed]
            )
        except (OSError, RuntimeError, ValueError) as trouble:
            self.trouble = f"neighbours cannot be searched for ({trouble})"
            _log.info("%s", self.trouble)
            return []
        self.trouble = ""
        return addresses

    async def _end(self) -> None:
        for task in tuple(self._asking):
            task.cancel()
        browser, self._browser = self._browser, None
        found, self._zeroconf = self._zeroconf, None
        with suppress(OSError, RuntimeError, TimeoutError):
            if browser is not None:
                await browser.async_cancel()
            if found is not None:
                await found.async_unregister_all_services()
                await found.async_close()

    def _changed(
        self, zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange
    ) -> None:
        """Take what was heard of a service; the library calls this in the loop."""
        del service_type
        terminal = _terminal_of(name)
        if terminal is None or terminal.hex() == self._own:
            return
        if state_change is ServiceStateChange.Removed:
            self._lost(terminal)
            return
        task = asyncio.get_running_loop().create_task(self._ask(zeroconf, name, terminal))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _ask(self, zeroconf: Zeroconf, name: str, terminal: TerminalId) -> None:
        info = AsyncServiceInfo(SERVICE, name)
        with suppress(OSError, RuntimeError):
            if not await info.async_request(zeroconf, LAN_FOUND_MS_MAX):
                return
        role = _ROLES.get(info.properties.get(_ROLE) or b"")
        is_ours = info.properties.get(_MARK) == self._mark.hex().encode()
        if not is_ours or role is None or info.port is None:
            return
        places = [(host, info.port) for host in info.parsed_addresses(IPVersion.V4Only)]
        self._found(terminal, role, sorted(places, key=_is_loopback))


def _terminal_of(name: str) -> TerminalId | None:
    text = name.removesuffix(f".{SERVICE}")
    try:
        content = bytes.fromhex(text)
    except ValueError:
        return None
    return TerminalId(content) if len(content) == ID_BYTES and content.hex() == text else None


def _is_loopback(place: Place) -> bool:
    return place[0].startswith("127.")


def _addresses() -> list[str]:
    """Return this box's IPv4 addresses, those of the LAN first."""
    found = {str(one.ip) for adapter in ifaddr.get_adapters() for one in adapter.ips if one.is_IPv4}
    return sorted(found, key=lambda host: (host.startswith("127."), host))
