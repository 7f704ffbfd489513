"""A network on one machine: hosts on a switch, whose links can be cut, made lossy, slow, one-way.

Each host is a network namespace with an address; the switch is a bridge in one more. What goes
wrong goes wrong at the switch: a rule of its packet filter drops what one host sends to another,
all of it or a share drawn by chance, and the cable to a host can be made thin in both directions.
Nothing is visible from outside: the machine's own network is not touched.
"""

from itertools import count
from types import TracebackType
from typing import Final, Self

from tests.outside.namespaces import Namespace, sweep

NETWORK: Final = "10.77.0"
_BRIDGE: Final = "switch"
_CARD: Final = "eth0"
_HOSTS_MAX: Final = 200
_WAIT_MS: Final = 400
_BURST_BYTES: Final = 16_000
_numbers: Final = count()


class Host:
    """One machine of the lab."""

    def __init__(self, name: str, address: str, space: Namespace) -> None:
        """Stand for the namespace in which the machine's processes run."""
        self.name = name
        self.address = address
        self.space = space
        self.inside = space.inside


class Lab:
    """The network; a context manager that ends everything in it, however the block ends."""

    def __init__(self, *names: str) -> None:
        """Make a switch and a host for each name; `NoNamespaces` if this process may not."""
        sweep()
        self._number = next(_numbers)
        self._dropped: dict[tuple[str, str], int] = {}
        self._thin: set[str] = set()
        self.hosts: dict[str, Host] = {}
        self._switch = Namespace(self._number, _BRIDGE)
        try:
            # Without snooping a bridge carries multicast to everybody, as a cheap switch does.
            bridge = ("link", "add", "name", _BRIDGE, "type", "bridge", "mcast_snooping", "0")
            self._switch.ip(*bridge)
            self._switch.ip("link", "set", _BRIDGE, "up")
            for name in names:
                self._add(name)
        except BaseException:
            self.close()
            raise

    def _add(self, name: str) -> None:
        number = len(self.hosts) + 1
        if number > _HOSTS_MAX:
            message = f"a lab has at most {_HOSTS_MAX} hosts"
            raise ValueError(message)
        space = Namespace(self._number, name)
        host = Host(name, f"{NETWORK}.{number}", space)
        self.hosts[name] = host
        ours = self._port(name)
        cable = ("link", "add", "name", ours, "type", "veth")
        self._switch.ip(*cable, "peer", "name", _CARD, "netns", space.name)
        self._switch.ip("link", "set", ours, "master", _BRIDGE, "up")
        space.ip("addr", "add", f"{host.address}/24", "brd", "+", "dev", _CARD)
        space.ip("link", "set", _CARD, "up", "multicast", "on")
        space.ip("route", "add", "224.0.0.0/4", "dev", _CARD)

    def cut(self, name: str, other: str | None = None) -> None:
        """Let nothing through between two hosts, or between one and all the others."""
        for there in self._others(name, other):
            self._dropped[name, there] = self._dropped[there, name] = 100
        self._rule()

    def one_way(self, hears: str, deaf: str) -> None:
        """Let `hears` hear what `deaf` sends, and not the reverse."""
        self._dropped[hears, deaf] = 100
        self._dropped.pop((deaf, hears), None)
        self._rule()

    def lose(self, name: str, percent: int) -> None:
        """Drop a share of the packets to and from a host, each by chance."""
        for there in self._others(name, None):
            self._dropped[name, there] = self._dropped[there, name] = percent
        self._rule()

    def slow(self, name: str, kbit: int) -> None:
        """Let so many kilobits a second through to and from a host, at most."""
        limit = ("rate", f"{kbit}kbit", "burst", f"{_BURST_BYTES}", "latency", f"{_WAIT_MS}ms")
        for space, card in self._ends(name):
            space.run("tc", "qdisc", "replace", "dev", card, "root", "tbf", *limit)
        self._thin.add(name)

    def heal(self) -> None:
        """Let everything through again."""
        self._dropped.clear()
        self._rule()
        for name in self._thin:
            for space, card in self._ends(name):
                space.run("tc", "qdisc", "del", "dev", card, "root")
        self._thin.clear()

    def close(self) -> None:
        """End every process in the lab and take it away."""
        for host in self.hosts.values():
            host.space.close()
        self._switch.close()

    def __enter__(self) -> Self:
        """Use the lab within a block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it at the end of the block."""
        self.close()

    def _others(self, name: str, other: str | None) -> list[str]:
        return [one for one in self.hosts if one != name] if other is None else [other]

    def _ends(self, name: str) -> tuple[tuple[Namespace, str], ...]:
        """Both ends of a host's cable: its own card, and the switch's."""
        return (self.hosts[name].space, _CARD), (self._switch, self._port(name))

    def _port(self, name: str) -> str:
        """Return what the switch calls the cable to a host."""
        return f"port{list(self.hosts).index(name)}"

    def _rule(self) -> None:
        """Give the switch all its rules anew, in one step."""
        rules = [
            f"iifname {self._port(source)} oifname {self._port(sink)} {_share(percent)} drop"
            for (source, sink), percent in self._dropped.items()
        ]
        lines = (
            "table bridge lab {}",
            "delete table bridge lab",
            "table bridge lab {",
            "chain links {",
            "type filter hook forward priority 0;",
            *rules,
            "}",
            "}",
        )
        self._switch.run("nft", "-f", "-", given="\n".join(lines) + "\n")


def _share(percent: int) -> str:
    whole = 100
    return "" if percent >= whole else f"numgen random mod {whole} < {percent}"
