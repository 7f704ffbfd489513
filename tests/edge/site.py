"""Gates on one LAN with an office beyond a line, in simulated time: who tells the office what."""

import random
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from edge.limits import UPLINK_GATHER_MS
from edge.neighbours.talk import NeighbourTalk
from edge.office_talk import OfficeTalk
from edge.terminal import Terminal
from hardware.bench import ManualClock
from sync.body import Body
from sync.conversation import Conversation, Heard
from sync.facts import RunOpened
from sync.journal import Record, read_record
from sync.message import Message, read_message
from sync.names import Role
from tests.edge.boxes import NOW_MS, make_folder
from tests.sync.builder import Pen, admitted, office
from tests.sync.lines import Speaker

TICK_MS = 20
RETRY_MS = 1_000
GOSSIP_MS = 200
VIEW = 4


class WholeTalk(OfficeTalk):
    """What a box would say to the office if it pushed all that it holds: the control."""

    def _conversation(self) -> Conversation:
        conversation = super()._conversation()
        return Conversation(self._node, None, conversation.memory, self._log)


class SiteBox:
    """A gate, and how far it is in its exchange with the office."""

    def __init__(self, site: "Site", folder: Path, number: int, *, whole: bool) -> None:
        self.site, self.folder, self.number = site, folder, number
        self._whole = whole
        self.reaches_office = True
        self.open()

    def open(self) -> None:
        """Open the terminal, as at the start of a process."""
        clock = self.site.clock
        self.terminal = Terminal(self.folder, Role.GATE, clock=clock, synchronised=True)
        connection = self.terminal.store.connection
        connection.execute("PRAGMA synchronous=OFF")  # no power is cut here
        self.terminal.relay._draw = self.site.chance.randrange
        self.terminal.relay.meet(self.site.gates - 1)
        self.name = self.terminal.manifest.terminal_id
        self.office = (WholeTalk if self._whole else OfficeTalk)(self.terminal)
        self.lan = NeighbourTalk(self.terminal)
        self.at_ms = clock.monotonic_ms()
        self.sent: bytes | None = None
        self.answer: bytes | None = None

    def restart(self) -> None:
        """End the process and start it again."""
        self.terminal.close()
        self.open()

    def record(self, body: Body) -> Record:
        """Record a fact and tell it to all neighbours at once, as gates do."""
        record = self.terminal.record(body)
        for other in self.site.boxes:
            if other is not self and other.lan_holds and self.lan_holds:
                answer = other.lan.answer(self.name, self.lan.tell(other.name, [record]))
                assert isinstance(answer, bytes)
                assert isinstance(self.lan.hear(other.name, answer, 0, 0), Heard)
        return record

    lan_holds = True

    def gossip(self, other: "SiteBox") -> None:
        """Exchange with a neighbour if there is something new to it."""
        self.lan.note_news()
        if self.lan.has_news(other.name):
            answer = other.lan.answer(self.name, self.lan.say(other.name))
            assert isinstance(answer, bytes)
            assert isinstance(self.lan.hear(other.name, answer, 0, 0), Heard)

    def tick(self, now_ms: int) -> None:
        """Go on with the exchange: each of its two ways takes half of the line's round trip."""
        is_woken = self.terminal.news.is_set() and self.sent is None and self.answer is None
        if now_ms < self.at_ms and not is_woken:
            return
        self.at_ms = now_ms + self.site.round_trip_ms // 2
        if self.answer is not None:
            heard = self.office.hear(self.answer)
            assert isinstance(heard, Heard)
            self.answer = None
            self.at_ms = now_ms + (UPLINK_GATHER_MS if heard.more else self.office.rest_ms)
        elif self.sent is not None:
            self.answer, self.sent = self.site.answer(self, self.sent), None
            if self.answer is None:
                self.at_ms = now_ms + RETRY_MS
        else:
            self.terminal.news.clear()
            self.sent = self.office.say()


class Site:
    """Gates, their office, and one clock for all of them."""

    def __init__(self, folder: Path, gates: int, *, whole: bool = False, seed: int = 1) -> None:
        self.clock = ManualClock(NOW_MS)
        self.chance = random.Random(seed)
        self.round_trip_ms = 40
        self.gates = gates
        self.office = Speaker(office(200))
        self.said: list[tuple[SiteBox, Message]] = []
        self.boxes: list[SiteBox] = []
        for number in range(10, 10 + gates):
            place = make_folder(folder / f"gate{number}", "gate", number)
            self.boxes.append(SiteBox(self, place, number, whole=whole))
        for box in self.boxes:
            box.at_ms = self.chance.randrange(2_000)

    def close(self) -> None:
        """Close every terminal."""
        for box in self.boxes:
            box.terminal.close()

    def answer(self, box: SiteBox, content: bytes) -> bytes | None:
        """Let the office hear a message and answer; None if the box does not reach it."""
        if not box.reaches_office:
            return None
        speaker = Speaker(Pen(Role.GATE, box.number))
        self.said.append((box, read_message(content)))
        self.office.hear(speaker, content)
        return self.office.say(speaker)

    def pass_time(self, duration_ms: int) -> None:
        """Let time pass: boxes converse with the office and gossip with each other."""
        for _ in range(duration_ms // TICK_MS):
            self.clock.move(TICK_MS)
            now_ms = self.clock.monotonic_ms()
            for box in self.boxes:
                box.tick(now_ms)
            if now_ms % GOSSIP_MS == 0:
                self._gossip()

    def _gossip(self) -> None:
        """Let each box look after one of its view, the next ones in a ring."""
        for index, box in enumerate(self.boxes):
            step = 1 + self.chance.randrange(min(VIEW, len(self.boxes) - 1))
            other = self.boxes[(index + step) % len(self.boxes)]
            if box.lan_holds and other.lan_holds:
                box.gossip(other)

    def copies(self, facts: Iterable[Record]) -> Counter[bytes]:
        """Count how often each of these facts came to the office in a message."""
        wanted = {fact.raw for fact in facts}
        brought = (raw for _, message in self.said for raw in message.records)
        return Counter(raw for raw in brought if raw in wanted)

    def office_lacks(self) -> set[bytes]:
        """Return what any box holds and the office does not."""
        held = {fact for box in self.boxes for fact in _ids(box)}
        return held - self.office.held

    def settle(self) -> None:
        """Let everybody meet everybody: longer than anything is held and offered anew."""
        self.pass_time(12_000)


def _ids(box: SiteBox) -> list[bytes]:
    rows = box.terminal.store.connection.execute("SELECT id FROM journal")
    return [row[0] for row in rows]


def some_facts(site: Site, boxes: Iterable[SiteBox], rounds: int, gap_ms: int) -> list[Record]:
    """Let boxes record facts, one each in every round, and time pass in between."""
    facts = []
    for number in range(rounds):
        for box in boxes:
            facts.append(box.record(admitted(1_000 * box.number + number)))
            site.pass_time(gap_ms)
    return facts


def is_opening(raw: bytes) -> bool:
    """Tell whether a record opens a run."""
    return isinstance(read_record(raw).body, RunOpened)
