"""What a terminal says to its office and takes from it, without any line: jobs of the lane.

What an answer means is worked out in one transaction with the records that came, so a line that
breaks at any byte changes nothing. A gate or till pushes only what it wrote; what it holds of
others it offers when the relay says that the office has not heard it in time.
"""

from edge.limits import RELAY_GAP_MS, UPLINK_QUIET_MS
from edge.store.log import TerminalLog
from edge.store.standing import OFFICE
from edge.terminal import Terminal
from edge.timekeeper import TimeTold
from sync.conversation import BadMessage, Conversation, Heard, Node, PartnerMemory
from sync.names import FactId, Role, RunId


class OfficeTalk:
    """One terminal's side of the conversation with its office; in the lane only."""

    def __init__(self, terminal: Terminal) -> None:
        """Speak for this terminal.

        After an answer `rest_ms` says for how long nothing needs to be said unless something
        happens, in ms.
        """
        manifest = terminal.manifest
        self._terminal = terminal
        self._log = TerminalLog(terminal.store, terminal.replica)
        self._node = Node(manifest.terminal_id, manifest.chain, terminal.role)
        # A hub pushes everything: an office that takes the authority back must have read all of it.
        self._only = None if terminal.role is Role.HUB else self._node.terminal
        self.is_read = False
        self.has_lost = False
        self.rest_ms = UPLINK_QUIET_MS

    def say(self) -> bytes:
        """Return the next message; `hear` takes the answer to the newest one and to no other."""
        relay, now_ms = self._terminal.relay, self._terminal.timekeeper.monotonic_ms()
        conversation = self._conversation()
        if conversation.memory.partner_read is None:
            relay.repeat_all(now_ms)
        if relay.wants_all(now_ms):
            relay.offer_all(self._heads_of_others(), now_ms)
        return conversation.say(offered=relay.offers(now_ms))

    def hear(self, content: bytes, told: TimeTold | None = None) -> Heard | BadMessage:
        """Take an answer in one transaction: records, memory, what is acknowledged, the time.

        An answer that is none is returned as trouble: raised here, it would stop the lane.
        """
        terminal = self._terminal
        conversation = self._conversation()
        try:
            message = conversation.read(content)
        except BadMessage as trouble:
            return trouble
        if told is not None:
            terminal.timekeeper.hear_office(told)
        before = conversation.memory
        is_back = False
        with terminal.store.transaction():
            heard = conversation.take(message)
            memory = conversation.memory
            if memory != before:
                terminal.store.set_partner(OFFICE, memory.row())
            self.is_read = memory.read is not None and memory.read[0] >= message.end_number
            self.is_read = self.is_read and not memory.gaps
            terminal.acknowledge(heard.acknowledged, is_read=self.is_read)
            is_back = terminal.is_recovering and self.is_read and not heard.more
            if is_back:
                terminal.give_back()
            if self.is_read:
                terminal.heard(terminal.moment())
        now_ms = terminal.timekeeper.monotonic_ms()
        terminal.relay.answered(now_ms)
        terminal.relay.office_brought(heard.taken, message.records, now_ms)
        self.rest_ms = max(RELAY_GAP_MS, terminal.relay.wait_ms(now_ms))
        self.has_lost = terminal.lacks(heard.acknowledged)
        if is_back:
            terminal.open_run()
        if heard.taken:
            terminal.stir()
        return heard

    def _heads_of_others(self) -> list[tuple[RunId, int, FactId]]:
        runs = self._terminal.store.shelf.runs_of(self._node.terminal)
        own = {info.run for info in runs}
        return [head for head in self._log.heads(frozenset(Role)) if head[0] not in own]

    def _conversation(self) -> Conversation:
        row = self._terminal.store.partner(OFFICE)
        memory = PartnerMemory() if row is None else PartnerMemory.of(row)
        return Conversation(self._node, None, memory, self._log, self._only)
