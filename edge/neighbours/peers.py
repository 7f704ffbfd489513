"""The neighbours that proved themselves, the places where they listen, and the lines to them."""

from dataclasses import dataclass, field

import aiohttp

from edge.neighbours.lan import Place
from edge.neighbours.line import NeighbourLine
from edge.terminal import Terminal
from sync.certificates import Certificate
from sync.journal import Record
from sync.names import TerminalId


@dataclass(slots=True)
class Peer:
    """A neighbour: its line, who it proved to be, and facts that wait to be told to it."""

    line: NeighbourLine
    certificate: Certificate
    waiting: list[Record] = field(default_factory=list)
    is_telling: bool = False
    failures: int = 0


class Peers:
    """Everybody who was met; in the loop of the neighbours only."""

    def __init__(self, terminal: Terminal, own_port: int) -> None:
        """Begin with nobody; `session` must be set before a line is wanted."""
        self._terminal = terminal
        self._own_port = own_port
        self._peers: dict[TerminalId, Peer] = {}
        self._places: dict[Place, TerminalId | None] = {}
        self._gone = [0, 0, 0]
        self.session: aiohttp.ClientSession | None = None

    def of(self, partner: TerminalId) -> Peer | None:
        """Return a neighbour that was met."""
        return self._peers.get(partner)

    def all(self) -> dict[TerminalId, Peer]:
        """Return everybody who was met."""
        return dict(self._peers)

    def is_known(self, place: Place) -> bool:
        """Tell whether somebody was met at a place, is being greeted there, or it is this box."""
        return place in self._places

    def line_to(self, place: Place) -> NeighbourLine | None:
        """Return a new line to a place that nobody greets yet, else None."""
        if self.session is None or place in self._places:
            return None
        self._places[place] = None
        return NeighbourLine(self._terminal, self.session, place, self._own_port)

    def meet(self, partner: TerminalId, peer: Peer) -> None:
        """Note who was met where; the line that is there already stays."""
        self._places[peer.line.place] = partner
        self._peers.setdefault(partner, peer)

    def unmet(self, place: Place, *, for_good: bool = False) -> None:
        """Note that nobody of ours was at a place; it may be tried again unless it is this box."""
        if not for_good:
            self._places.pop(place, None)

    def forget(self, partner: TerminalId) -> None:
        """Forget a neighbour and where it was."""
        peer = self._peers.pop(partner, None)
        self._places = {place: one for place, one in self._places.items() if one != partner}
        if peer is not None:
            self._count(peer.line, self._gone)

    def figures(self) -> dict[str, int]:
        """Return how many requests were sent, and bytes sent and heard for them."""
        sums = list(self._gone)
        for peer in self._peers.values():
            self._count(peer.line, sums)
        return {"requests_sent": sums[0], "bytes_sent": sums[1], "bytes_answered": sums[2]}

    @staticmethod
    def _count(line: NeighbourLine, sums: list[int]) -> None:
        sums[0] += line.requests
        sums[1] += line.sent_bytes
        sums[2] += line.heard_bytes
