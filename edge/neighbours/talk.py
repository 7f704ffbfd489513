"""What a box says to its neighbours and takes from them, without any line: jobs of the lane.

What is remembered of a neighbour lives in memory and goes to the disk with the records that it
brought, or now and then. It may lag behind there: a position that is too old only brings records
again that are known already. So a quiet site writes nothing.
"""

from collections.abc import Callable, Sequence

from edge.confirmed import heard_from
from edge.store.log import TerminalLog
from edge.terminal import Terminal
from edge.timekeeper import TimeTold
from sync import handover
from sync.clock import ClockQuality, ClockState
from sync.conversation import BadMessage, Conversation, Heard, Node, PartnerMemory
from sync.handover import OFFICE
from sync.journal import Record
from sync.message import Message
from sync.names import Role, TerminalId
from sync.replica import Outcome

Answer = Callable[[TerminalId, bytes], bytes | None]
"""Answers what a neighbour asks on a path of its own; None if it makes no sense. In the lane."""


class NeighbourTalk:
    """One terminal's side of the conversations with its neighbours; in the lane only."""

    def __init__(self, terminal: Terminal) -> None:
        """Speak for this terminal."""
        manifest = terminal.manifest
        self._terminal = terminal
        self._log = TerminalLog(terminal.store, terminal.replica)
        self._node = Node(manifest.terminal_id, manifest.chain, terminal.role)
        self._memories: dict[TerminalId, PartnerMemory] = {}
        self._unwritten: set[TerminalId] = set()
        self._holders: set[TerminalId] = set()
        self.exchanges = self.brought = 0
        self._urgent = self._log.last_arrival()
        self.answers: dict[str, Answer] = {}

    @property
    def has_lost(self) -> bool:
        """Tell whether a neighbour holds records of the own journal that are not here."""
        return bool(self._holders)

    def say(self, partner: TerminalId) -> bytes:
        """Return the next message to a neighbour."""
        return self._conversation(partner).say(self._clock())

    def tell(self, partner: TerminalId, facts: Sequence[Record]) -> bytes:
        """Return a message that brings these own facts at once and asks for nothing.

        The record that opened the run goes along until the neighbour said that it holds the run.
        """
        terminal, opening = self._terminal, self._terminal.opening
        records = [fact.raw for fact in facts]
        if opening is not None and not terminal.is_run_held_by(partner):
            records.insert(0, opening.raw)
        return self._conversation(partner).tell(records, self._clock())

    def answer(self, partner: TerminalId, content: bytes) -> bytes | BadMessage:
        """Take what a neighbour sent and return what it is answered."""
        conversation = self._conversation(partner)
        try:
            message = conversation.read(content)
        except BadMessage as trouble:
            return trouble
        self._take(partner, conversation, message)
        return conversation.say(self._clock()) if message.interest else conversation.tell()

    def hear(
        self, partner: TerminalId, content: bytes, asked_ms: int, answered_ms: int
    ) -> Heard | BadMessage:
        """Take a neighbour's answer: asked for and answered when, by the steady clock in ms."""
        conversation = self._conversation(partner)
        try:
            message = conversation.read(content)
        except BadMessage as trouble:
            return trouble
        if message.clock is not None:
            time_ms, state, uncertainty_ms = message.clock
            quality = ClockQuality(ClockState(state), uncertainty_ms)
            told = TimeTold(time_ms, asked_ms, answered_ms)
            runs = self._terminal.store.shelf.runs_of(partner)
            is_hub = bool(runs) and runs[0].role is Role.HUB
            self._terminal.timekeeper.hear_neighbour(partner, told, quality, is_hub=is_hub)
        return self._take(partner, conversation, message)

    def note_news(self) -> None:
        """Note that what arrived last should be passed on soon."""
        self._urgent = self._log.last_arrival()

    def has_news(self, partner: TerminalId) -> bool:
        """Tell whether something is here that a neighbour should be told of soon.

        What was told at once to everybody whom it concerns is no news; the quiet exchange brings it
        to whoever missed it.
        """
        return self._conversation(partner).has_news_up_to(self._urgent)

    def centre(self) -> TerminalId | None:
        """Return the hub that a till must be heard by within seconds, because it lends; or None."""
        if self._terminal.role is not Role.BAR:
            return None
        holder = handover.authority(self._terminal.store.shelf.cells).holder
        return None if holder == OFFICE else TerminalId(holder)

    def settle(self) -> None:
        """Write what is remembered of neighbours and was not written with any record."""
        if self._unwritten:
            with self._terminal.store.transaction():
                for partner in sorted(self._unwritten):
                    self._write(partner)
            self._unwritten.clear()

    def _take(self, partner: TerminalId, conversation: Conversation, message: Message) -> Heard:
        terminal, before = self._terminal, conversation.memory
        if message.records:
            with terminal.store.transaction():
                heard = conversation.take(message)
                self._memories[partner] = conversation.memory
                if conversation.memory != before:
                    self._write(partner)
            self._unwritten.discard(partner)
        else:
            heard = conversation.take(message)
            self._memories[partner] = conversation.memory
            if conversation.memory != before:
                self._unwritten.add(partner)
        terminal.relay.meet(len(self._memories))
        terminal.relay.arrived(heard.taken, terminal.timekeeper.monotonic_ms())
        if heard.taken and message.interest:
            terminal.stir()
        if message.interest:
            read = conversation.memory.read
            is_read = read is not None and read[0] >= message.end_number
            is_read = is_read and not conversation.memory.gaps
            heard_from(terminal, partner, heard.acknowledged, is_read=is_read)
        terminal.held_by(partner, heard.acknowledged)
        if message.interest:
            self.exchanges += 1
        self.brought += sum(one.outcome is Outcome.NEW for one in heard.taken)
        if terminal.lacks(heard.acknowledged):
            self._holders.add(partner)
        else:
            self._holders.discard(partner)
        return heard

    def _write(self, partner: TerminalId) -> None:
        self._terminal.store.set_partner(partner.hex(), self._memories[partner].row())

    def _conversation(self, partner: TerminalId) -> Conversation:
        memory = self._memories.get(partner)
        if memory is None:
            row = self._terminal.store.partner(partner.hex())
            memory = PartnerMemory() if row is None else PartnerMemory.of(row)
            self._memories[partner] = memory
        return Conversation(self._node, partner, memory, self._log)

    def _clock(self) -> tuple[int, int, int]:
        """Return the own time in Unix ms, its state and its uncertainty in ms."""
        moment = self._terminal.moment()
        return moment.now_ms, int(moment.quality.state), moment.quality.uncertainty_ms
