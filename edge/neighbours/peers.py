"""The neighbours of a box: who they say they are, where they listen, and the lines to them.

What was found is only said; a line proves it when it is first used. So a box that hears of two
thousand others keeps a line to those few that it talks to.
"""

from dataclasses import dataclass, field

import aiohttp

from edge.limits import LAN_KNOWN_MAX, LAN_PLACES_MAX
from edge.neighbours.judging import Refused, judge
from edge.neighbours.lan import Place
from edge.neighbours.line import NeighbourAnswer, NeighbourLine, NeighbourTrouble
from edge.terminal import Terminal
from sync.certificates import Certificate
from sync.journal import Record
from sync.names import Role, TerminalId


@dataclass(slots=True)
class Peer:
    """A neighbour: where it may listen, the line there if it was used, and what waits for it."""

    role: Role
    places: list[Place]
    line: NeighbourLine | None = None
    waiting: list[Record] = field(default_factory=list)
    is_telling: bool = False
    failures: int = 0


class Peers:
    """Everybody who was found or met; in the loop of the neighbours only."""

    def __init__(self, terminal: Terminal, own_port: int) -> None:
        """Begin with nobody; `session` must be set before a line is wanted."""
        self._terminal = terminal
        self._own_port = own_port
        self._peers: dict[TerminalId, Peer] = {}
        self._gone = [0, 0, 0]
        self.session: aiohttp.ClientSession | None = None

    def __len__(self) -> int:
        """Return how many were found or met."""
        return len(self._peers)

    def of(self, partner: TerminalId) -> Peer | None:
        """Return a neighbour that was found or met."""
        return self._peers.get(partner)

    def all(self) -> dict[TerminalId, Peer]:
        """Return everybody who was found or met."""
        return dict(self._peers)

    def is_known(self, place: Place) -> bool:
        """Tell whether somebody is known to listen at a place."""
        return any(place in peer.places for peer in self._peers.values())

    def found(self, partner: TerminalId, role: Role, places: list[Place]) -> bool:
        """Note where somebody says a terminal is; True if that is new.

        What was said before stays in front: a false word hides nobody who is there.
        """
        peer = self._peers.get(partner)
        if peer is None:
            if len(self._peers) >= LAN_KNOWN_MAX:
                return False
            self._peers[partner] = Peer(role, places[:LAN_PLACES_MAX])
            return True
        fresh = [one for one in places if one not in peer.places]
        if len(peer.places) + len(fresh) > LAN_PLACES_MAX:
            peer.places = peer.places[:1]
        peer.places = [*peer.places, *fresh][:LAN_PLACES_MAX]
        return bool(fresh)

    def line_to(self, place: Place) -> NeighbourLine:
        """Return a new line to a place."""
        if self.session is None:
            message = "the neighbours' loop has no session yet"
            raise RuntimeError(message)
        return NeighbourLine(self._terminal, self.session, place, self._own_port)

    def believed(self, certificate: Certificate) -> Refused | None:
        """Return why who was met is no neighbour now, or None if it is."""
        terminal = self._terminal
        return judge(certificate, terminal.manifest.terminal_id, terminal.moment())

    async def ask(self, partner: TerminalId, path: str, body: bytes) -> NeighbourAnswer:
        """Return a neighbour's answer; `NeighbourTrouble` if it is not there, or somebody else."""
        peer = self._peers.get(partner)
        if peer is None or not peer.places:
            message = "nobody knows where this neighbour is"
            raise NeighbourTrouble(message)
        if peer.line is None:
            peer.line = await self._proved(partner, peer)
        try:
            return await peer.line.ask(path, body)
        except NeighbourTrouble:
            self._count(peer.line, self._gone)
            peer.line = None
            peer.places.append(peer.places.pop(0))  # it may be reached another way
            raise

    async def _proved(self, partner: TerminalId, peer: Peer) -> NeighbourLine:
        """Return a line to where a neighbour is said to be, if it proves to be that one."""
        line = self.line_to(peer.places[0])
        try:
            certificate = await line.greet()
        except NeighbourTrouble as trouble:
            peer.places.append(peer.places.pop(0))
            if trouble.why is Refused.STRANGER and len(peer.places) > 1:
                peer.places.pop()
            raise
        why = self.believed(certificate)
        if certificate.holder != partner or certificate.role is not peer.role:
            why = Refused.STRANGER
        if why is Refused.STRANGER and len(peer.places) > 1:
            peer.places.remove(line.place)  # somebody said so falsely; it may be where else it was
        if why is not None:
            message = "who listens there is not who was announced"
            raise NeighbourTrouble(message, why)
        return line

    def forget(self, partner: TerminalId) -> None:
        """Forget a neighbour and where it was."""
        peer = self._peers.pop(partner, None)
        if peer is not None and peer.line is not None:
            self._count(peer.line, self._gone)

    def figures(self) -> dict[str, int]:
        """Return how many requests were sent, and bytes sent and heard for them."""
        sums = list(self._gone)
        for peer in self._peers.values():
            if peer.line is not None:
                self._count(peer.line, sums)
        return {"requests_sent": sums[0], "bytes_sent": sums[1], "bytes_answered": sums[2]}

    @staticmethod
    def _count(line: NeighbourLine, sums: list[int]) -> None:
        sums[0] += line.requests
        sums[1] += line.sent_bytes
        sums[2] += line.heard_bytes
