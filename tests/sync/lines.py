"""Nodes that converse over a line that loses, repeats, delays and cuts what is said."""

import random
from collections.abc import Iterable

from sync.codec import decode, encode
from sync.conversation import BadMessage, Conversation, Heard, Node, PartnerMemory
from sync.journal import Record
from sync.limits import MESSAGE_BYTES_MAX
from sync.message import read_message
from sync.names import AREAS_OF_ROLE, Role, TerminalId
from sync.partner import Head
from tests.sync.builder import Box, Pen


class Speaker:
    """A machine with its pen, and what it remembers of each partner between exchanges."""

    def __init__(self, pen: Pen, store: int = 0, *, offers: bool = False) -> None:
        """Speak for a pen; one that `offers` pushes its own records and offers all others."""
        self.pen = pen
        self.offers = offers
        self.box = Box(pen.role, bytes([store]) * 15 + pen.terminal[:1])
        self.node = Node(pen.terminal, pen.chain, pen.role)
        self.memories: dict[bytes, bytes] = {}
        self.box.take(*pen.records)

    def memory(self, partner: bytes) -> PartnerMemory:
        row = self.memories.get(partner)
        return PartnerMemory() if row is None else PartnerMemory.of(decode(row, 1 << 20))

    def with_(self, partner: "Speaker") -> Conversation:
        terminal = TerminalId(partner.pen.terminal)
        only = self.pen.terminal if self.offers else None
        return Conversation(self.node, terminal, self.memory(terminal), self.box.log, only)

    def say(self, partner: "Speaker") -> bytes:
        return self.with_(partner).say(offered=self.heads_of_others() if self.offers else ())

    def heads_of_others(self) -> list[Head]:
        own = {run for run, _ in self.box.log.runs_of(self.pen.terminal)}
        return [head for head in self.box.log.heads(frozenset(Role)) if head[0] not in own]

    def hear(self, partner: "Speaker", content: bytes) -> Heard:
        """Take a message and keep the memory as a store would: as bytes."""
        conversation = self.with_(partner)
        heard = conversation.hear(content)
        self.memories[partner.pen.terminal] = encode(conversation.memory.row())
        return heard

    def writes(self, *records: Record) -> None:
        self.box.take(*records)

    @property
    def held(self) -> set[bytes]:
        return {record.id for record, _ in self.box.shelf.records}


def exchange(client: Speaker, server: Speaker) -> tuple[Heard, Heard]:
    """Let a client ask and a server answer once, over a line that works."""
    at_server = server.hear(client, client.say(server))
    at_client = client.hear(server, server.say(client))
    return at_client, at_server


def records_said(client: Speaker, server: Speaker) -> list[bytes]:
    """Return the records that both would say to each other now."""
    both = (client.say(server), server.say(client))
    return [record for content in both for record in read_message(content).records]


class BadLine:
    """A line that does to messages what the seed draws."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._before: list[tuple[Speaker, Speaker, bytes]] = []

    def exchange(self, client: Speaker, server: Speaker) -> None:
        """Try one exchange; either message may be lost, cut, changed, or come again much later."""
        if self._carry(client, server, client.say(server)):
            self._carry(server, client, server.say(client))
        if self._before and self._chance.random() < 0.3:
            source, target, content = self._chance.choice(self._before)
            target.hear(source, content)

    def _carry(self, source: Speaker, target: Speaker, content: bytes) -> bool:
        assert len(content) <= MESSAGE_BYTES_MAX
        self._before.append((source, target, content))
        fate = self._chance.random()
        if fate < 0.3:
            return False
        if fate < 0.5:
            cut = content[: self._chance.randrange(len(content))]
            try:
                target.hear(source, cut)
            except BadMessage:
                return False
            message = "a message that was cut was taken"
            raise AssertionError(message)
        for _ in range(self._chance.choice((1, 1, 2))):
            target.hear(source, content)
        return True


def agree(hub: Speaker, others: Iterable[Speaker]) -> bool:
    """Tell whether everybody has the hub's state in the areas that they hold."""
    whole = hub.box.hashes()
    return all(
        one.box.own_hashes() == {area.name.lower(): whole[area.name.lower()] for area in areas}
        for one in others
        for areas in [AREAS_OF_ROLE[one.pen.role]]
    )


def rounds_until_agreed(hub: Speaker, others: list[Speaker], most: int) -> int:
    """Return how many rounds of exchanges over a good line it takes until all agree."""
    for number in range(most + 1):
        if agree(hub, others):
            return number
        for one in others:
            exchange(one, hub)
    message = f"still different after {most} rounds"
    raise AssertionError(message)
