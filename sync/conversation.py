"""How two nodes come to hold the same facts: a class without any line, clock or disk of its own.

Theory. Each node numbers records in the order in which they arrived there. A reader remembers one
position in its partner's order and states it in every message; the speaker pushes what comes after
it. So the one who reads keeps the cursor, durably, in the transaction with the records, and a lost
answer, a repeat or a cut at any byte only brings records again that are known already.

Nodes that do not know each other's store state heads first: the highest record of every run. What
is missing is then asked for run by run, and the position starts at the partner's end. The same
happens when a stated position no longer fits the partner's store, because one of the two was put
back to an older image.

What came from the partner itself is not pushed back to it, as far as the ranges of arrivals that
it filled are remembered. Forgetting them costs a few repeated records and nothing else. Who states
no position may have lost what it brought, so they are forgotten then. And a node to which a partner
acknowledges records of its own that are not here any more asks for heads, whatever positions say.

Where many nodes hold each other's records and all speak to one partner, each pushes only what it
wrote itself: positions move over everything, but one writer's records are given. What it holds of
others it offers, by run, number and id; the partner asks for what it lacks, and nobody else.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sync.journal import read_record
from sync.limits import (
    GAPS_ASKED_MAX,
    HEADS_MAX,
    MESSAGE_BYTES_MAX,
    MESSAGE_MARGIN_BYTES,
    MESSAGE_RECORDS_MAX,
    ORDINAL_MAX,
    RANGES_REMEMBERED_MAX,
    RECORD_BYTES_MAX,
    RUNS_TOLD_MAX,
)
from sync.message import START, BadMessage, Message, Position, read_message, speaker, spell
from sync.names import INTEREST_OF_ROLE, FactId, Role, RunId, TerminalId
from sync.partner import ROLES_STATED, Gap, Head, Heard, Log, Node, PartnerMemory, has_lost
from sync.replica import Outcome, Taken

__all__ = ["BadMessage", "Conversation", "Heard", "Log", "Node", "PartnerMemory", "speaker"]

_RECORD_HEADER_BYTES: Final = 3


class Conversation:
    """One node's side of the exchange with one partner.

    `memory` is read before and must be kept after `hear`, in the transaction of the records.
    """

    def __init__(
        self,
        own: Node,
        partner: TerminalId | None,
        memory: PartnerMemory,
        log: Log,
        only: TerminalId | None = None,
    ) -> None:
        """Speak as `own`; `partner` is who must answer, or None if the line proves it.

        With `only` no records but this writer's are pushed; others' are given when asked for.
        """
        self._only = only
        self._own = own
        self._partner = partner
        self.memory = memory
        self._log = log

    # --- speaking ---

    def has_news_up_to(self, arrival: int) -> bool:
        """Tell whether records that arrived up to here were neither read nor brought by it."""
        read = self.memory.partner_read
        if read is None or self.memory.asked or self.memory.gaps:
            return True
        position = read[0]
        for after, up_to in self.memory.ranges:
            if after <= position < up_to:
                position = up_to
        if position >= arrival:
            return False
        return self._only is None or self._has_more(position)

    def tell(
        self, records: Sequence[bytes] = (), clock: tuple[int, int, int] | None = None
    ) -> bytes:
        """Return a message that brings these records at once and nothing else.

        It reads nothing and moves no position, so it may go to anybody at any time; what the
        partner lacks before these records comes in the next exchange. Without records it is the
        answer to such a message: what it holds of the partner's runs.
        """
        message = Message(
            who=self._own.terminal,
            certificates=self._own.certificates,
            store_id=self._log.store_id,
            your_store_id=None,
            read_up_to=None,
            heads=None,
            interest=(),
            records=tuple(records),
            acknowledged=self._acknowledged()[:RUNS_TOLD_MAX],
            start=0,
            reached=START,
            end_number=0,
            asked=(),
            served=(),
            clock=clock,
        )
        return spell(message)

    def say(self, clock: tuple[int, int, int] | None = None, offered: Sequence[Head] = ()) -> bytes:
        """Return the next message: what the partner asked for, then what is new to it.

        `clock` is the own time, its state and uncertainty, for a partner who may want to know;
        `offered` are records that are here and that the partner may lack (≤ `OFFERS_MAX`).
        """
        memory, log = self.memory, self._log
        heads, end = self._heads() if memory.partner_read is None else (None, START)
        message = Message(
            who=self._own.terminal,
            certificates=self._own.certificates,
            store_id=log.store_id,
            your_store_id=memory.store,
            read_up_to=memory.read,
            heads=heads,
            interest=tuple(sorted(map(int, INTEREST_OF_ROLE[self._own.role]))),
            records=(),
            acknowledged=self._acknowledged(),
            start=end[0],
            reached=end,
            end_number=log.last_arrival(),
            asked=memory.gaps[:GAPS_ASKED_MAX],
            served=(),
            clock=clock,
            offered=tuple(offered) or None,
        )
        room = _Room(MESSAGE_BYTES_MAX - MESSAGE_MARGIN_BYTES - len(spell(message)))
        message = replace(message, served=self._serve(room))
        if memory.partner_read is not None:
            start = memory.partner_read[0]
            reached = self._push(room, start)
            position = (reached, log.id_at(reached) or START[1])
            message = replace(message, start=start, reached=position)
        return spell(replace(message, records=tuple(room.records)))

    def _heads(self) -> tuple[tuple[tuple[bytes, int, bytes], ...], Position]:
        """Return our heads and the position that they speak for; the start if there are too many.

        Without heads the partner reads everything from the start, which is slow and complete.
        """
        last = self._log.last_arrival()
        wanted = self._interest()
        if self._only is None:
            heads = self._log.heads(wanted)
        else:
            heads = self._log.heads(wanted & ROLES_STATED, self._only)
        if len(heads) > HEADS_MAX:
            return (), START
        return tuple(heads), (last, self._log.id_at(last) or START[1])

    def _interest(self) -> frozenset[Role]:
        """Return which journals the partner wants, or all that we have while it has not said."""
        named = self.memory.interest
        return frozenset(map(Role, named)) if named else INTEREST_OF_ROLE[self._own.role]

    def _acknowledged(self) -> tuple[tuple[bytes, int], ...]:
        partner = self._partner or self.memory.terminal
        return () if partner is None else tuple(self._log.runs_of(TerminalId(partner)))

    def _serve(self, room: "_Room") -> tuple[tuple[bytes, int, bool], ...]:
        """Give what the partner asked for, run by run, as far as there is room."""
        served: list[tuple[bytes, int, bool]] = []
        for run, wanted, before in self.memory.asked:
            if room.is_full():
                break
            first = wanted if not before or self._agrees(run, wanted - 1, before) else 0
            found = self._log.run_records(RunId(run), first, room.count, room.bytes)
            room.fill(found)
            last = read_record(found[-1]).number if found else first
            # A number may be there twice, so a run that was cut goes on with its last number.
            further = last if room.is_full() and last > first else last + 1
            served.append((run, min(further, ORDINAL_MAX), not room.is_full()))
        return tuple(served)

    def _agrees(self, run: bytes, number: int, fact: bytes) -> bool:
        """Tell whether this is our one record of that number; a fork is given from its start."""
        found = self._log.run_records(RunId(run), max(0, number), 2, MESSAGE_BYTES_MAX)
        records = [read_record(content) for content in found]
        return [one.id for one in records if one.number == number] == [fact]

    def _push(self, room: "_Room", start: int) -> int:
        """Give what arrived here after the partner's position, but for what it brought itself."""
        position, last = start, self._log.last_arrival()
        for after, up_to in (*self.memory.ranges, (last, last)):
            if position < after:
                if room.is_full():
                    break
                found, position = self._log.records_after(
                    position, after, self._interest(), room.count, room.bytes, self._only
                )
                room.fill(found)
                if position < after:
                    break
            if after <= position < up_to:
                position = up_to
        return position

    # --- hearing ---

    def hear(self, content: bytes) -> Heard:
        """Take what a message brings; `BadMessage` if it is none, and then nothing has changed."""
        return self.take(self.read(content))

    def read(self, content: bytes) -> Message:
        """Return the message if it is one for this conversation, else `BadMessage`."""
        message = read_message(content)
        self._refuse_strangers(message)
        return message

    def take(self, message: Message) -> Heard:
        """Take what a message that was read brings; nothing of ours is raised from here."""
        if not message.interest:
            return self._take_told(message)
        before = self.memory
        memory = before
        if memory.store != message.store_id:
            memory = PartnerMemory(store=message.store_id)
        partner_read, knows_more = self._partner_read(message)
        if knows_more:
            memory = replace(memory, read=None, gaps=())
        if memory.read is not None and message.start != memory.read[0]:
            memory = replace(memory, ranges=())  # it may be a copy of who brought them
        memory = replace(
            memory,
            terminal=message.who,
            partner_read=partner_read,
            asked=message.asked,
            interest=message.interest,
        )
        if partner_read is None:
            memory = replace(memory, ranges=())
        first = self._log.last_arrival()
        taken = self._log.take(message.records)
        waits = any(one.outcome is Outcome.WAITING_FULL for one in taken)
        memory = _with_range(memory, first, self._log.last_arrival(), message, taken)
        memory = self._with_reading(memory, message, waits=waits)
        memory = self._with_offered(memory, message)
        is_asked_for = memory.gaps or message.heads is not None
        if not is_asked_for and has_lost(self._log, message.acknowledged):
            memory = replace(memory, read=None)
        self.memory = memory
        return Heard(
            terminal=TerminalId(message.who),
            taken=taken,
            acknowledged=tuple((RunId(run), number) for run, number in message.acknowledged),
            partner_knows_more=knows_more,
            more=memory != before and not waits and self._is_more(message),
        )

    def _take_told(self, message: Message) -> Heard:
        """Take what was told; whatever waits for an earlier record is asked for in an exchange."""
        first = self._log.last_arrival()
        taken = self._log.take(message.records)
        last = self._log.last_arrival()
        self.memory = _with_range(self.memory, first, last, message, taken)
        return Heard(
            terminal=TerminalId(message.who),
            taken=taken,
            acknowledged=tuple((RunId(run), number) for run, number in message.acknowledged),
            partner_knows_more=False,
            more=False,
        )

    def _refuse_strangers(self, message: Message) -> None:
        if self._partner not in {None, message.who}:
            text = "the message is not from the partner of this conversation"
            raise BadMessage(text)
        if message.who == self._own.terminal:
            text = "the message is our own"
            raise BadMessage(text)

    def _partner_read(self, message: Message) -> tuple[Position | None, bool]:
        """Return the partner's position in our order, None if it has none that fits our store."""
        stated = message.read_up_to
        if message.your_store_id != self._log.store_id or stated is None:
            return None, False
        here = START[1] if stated[0] == 0 else self._log.id_at(stated[0])
        if here != stated[1]:
            return None, True
        return stated, False

    def _with_reading(
        self, memory: PartnerMemory, message: Message, *, waits: bool
    ) -> PartnerMemory:
        """Move our position and the gaps by what the message stated, gave and served."""
        gaps = dict.fromkeys(memory.gaps)
        for run, number, finished in message.served:
            for gap in [gap for gap in gaps if gap[0] == run]:
                del gaps[gap]
            if not finished:
                gaps[run, number, b""] = None
        memory = replace(memory, gaps=tuple(gaps))
        if waits:
            return memory
        if message.heads is not None:
            wanted = self._missing(message.heads)
            return replace(memory, read=message.reached, gaps=wanted)
        if memory.read is None:
            return memory
        if message.start <= memory.read[0] < message.reached[0]:
            return replace(memory, read=message.reached)
        return memory

    def _with_offered(self, memory: PartnerMemory, message: Message) -> PartnerMemory:
        """Want what is missing of what was offered; of each run from the lowest number on."""
        wanted = self._missing(message.offered or ())
        if not wanted:
            return memory
        gaps = {gap[0]: gap for gap in memory.gaps}
        for gap in wanted:
            known = gaps.get(gap[0], gap)
            gaps[gap[0]] = min(known, gap, key=lambda one: one[1])
        return replace(memory, gaps=tuple(gaps.values())[:HEADS_MAX])

    def _missing(self, heads: Sequence[Head]) -> tuple[Gap, ...]:
        """Return what must be asked for so that we hold everything that the heads stand for."""
        gaps: list[Gap] = []
        for run, number, fact in heads:
            whole = self._log.whole_up_to(RunId(run))
            is_whole = whole is not None and whole[0] >= number
            if is_whole and self._log.holds(FactId(fact)):
                continue
            if whole is None or is_whole:
                gaps.append((run, 0, b""))
            else:
                gaps.append((run, whole[0] + 1, whole[1]))
        return tuple(gaps)

    def _is_more(self, message: Message) -> bool:
        memory = self.memory
        if memory.read is None or memory.partner_read is None or memory.gaps or memory.asked:
            return True
        if memory.read[0] < message.end_number:
            return True
        return self._has_more(memory.partner_read[0])

    def _has_more(self, position: int) -> bool:
        """Tell whether there is something to push after a position, or a way still to look."""
        room = _Room(MESSAGE_BYTES_MAX)
        reached = self._push(room, position)
        return bool(room.records) or reached < self._log.last_arrival()


class _Room:
    """What still fits into a message, in records and bytes."""

    def __init__(self, size_bytes: int) -> None:
        self.records: list[bytes] = []
        self.count = MESSAGE_RECORDS_MAX
        self.bytes = max(0, size_bytes - MESSAGE_RECORDS_MAX * _RECORD_HEADER_BYTES)

    def is_full(self) -> bool:
        """Tell whether the largest record might not fit any more."""
        return self.count <= 0 or self.bytes < RECORD_BYTES_MAX

    def fill(self, records: Sequence[bytes]) -> None:
        """Put records in."""
        for record in records:
            self.records.append(record)
            self.count -= 1
            self.bytes -= len(record)


def _with_range(
    memory: PartnerMemory, first: int, last: int, message: Message, taken: Sequence[Taken]
) -> PartnerMemory:
    """Remember which arrivals the partner brought, unless others were set free by them."""
    brought_all = len(taken) == len(message.records)
    ranges = list(memory.ranges)
    if last > first and brought_all:
        if ranges and ranges[-1][1] == first:
            ranges[-1] = (ranges[-1][0], last)
        else:
            ranges.append((first, last))
    done = memory.partner_read[0] if memory.partner_read is not None else 0
    kept = tuple(one for one in ranges if one[1] > done)
    return replace(memory, ranges=kept[-RANGES_REMEMBERED_MAX:])
