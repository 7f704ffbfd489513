"""A site by hand: an office's journal, a hub, tills, and their bytes carried between them."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from edge.bar.desk import WANTS, TillDesk
from edge.hub.authority import HubAuthority, Refused
from edge.neighbours.talk import NeighbourTalk
from edge.terminal import Terminal
from hardware.bench import ManualClock
from sync.asking import Question, Reply, read_reply, spell
from sync.facts import AuthorityHanded, BarSet, PolicySet
from sync.names import Role, TerminalId
from tests.edge.bar.tills import BAND, STAFF, Till
from tests.edge.boxes import NOW_MS, make_folder, office_says, opened, told

HUB = TerminalId(bytes([30]) * 16)
NO_DAILY_LIMIT = PolicySet(1, ((7, -1),))


@dataclass
class Hub:
    """A hub whose clock is moved by hand."""

    terminal: Terminal
    clock: ManualClock
    authority: HubAuthority
    talk: NeighbourTalk

    def ask(self, asker: TerminalId, question: Question | bytes) -> Reply | Refused:
        """Ask in the lane, as the neighbours' server does."""
        content = question if isinstance(question, bytes) else spell(question)
        answer = self.terminal.lane.run(lambda: self.authority.ask(asker, content))
        return answer if isinstance(answer, Refused) else read_reply(answer)

    def close(self) -> None:
        """Stop."""
        self.terminal.close()
        self.authority.close()


def open_hub(folder: Path, clock: ManualClock | None = None, **more: Any) -> Hub:
    """Open a hub's folder, made if it is not there."""
    if not folder.exists():
        make_folder(folder, "hub", 30)
    clock = clock or ManualClock(NOW_MS)
    terminal = Terminal(folder, Role.HUB, clock=clock, synchronised=True, **more)
    terminal.start()
    authority = terminal.lane.run(lambda: HubAuthority(terminal))
    return Hub(terminal, clock, authority, NeighbourTalk(terminal))


class Seller(Till):
    """A till that talks to its neighbours by hand."""

    def __init__(self, folder: Path, number: int, clock: ManualClock) -> None:
        terminal = opened(make_folder(folder, "bar", number), Role.BAR, clock)
        desk = terminal.lane.run(lambda: TillDesk(terminal))
        super().__init__(terminal, desk, clock)
        self.name = terminal.manifest.terminal_id
        self.talk = NeighbourTalk(terminal)


class Site:
    """A hub and two tills that know the office's word and one another's places."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock(NOW_MS)
        self.hub = open_hub(folder / "hub", self.clock)
        self.tills = [Seller(folder / f"till-{n}", n, self.clock) for n in (10, 11)]
        places = [BarSet(till.name, 1, f"Till {till.name[0]}", 4) for till in self.tills]
        self.say(*places, NO_DAILY_LIMIT, *STAFF, number=40)

    @property
    def terminals(self) -> list[Terminal]:
        return [self.hub.terminal, *(till.terminal for till in self.tills)]

    def say(self, *bodies: Any, number: int) -> None:
        """Let the office say something to everybody, as a process of its own."""
        for terminal in self.terminals:
            terminal.lane.run(partial(office_says, terminal, *bodies, number=number))

    def read_office(self) -> None:
        """Let everybody have read the office to its end, without what it acknowledges."""
        for terminal in self.terminals:
            terminal.lane.run(partial(read_office, terminal))

    def hand_to_hub(self) -> None:
        """Make the hub the authority, and let it know all that was lent before."""
        self.say(AuthorityHanded(1, HUB), number=60)
        self.read_office()

    def exchange(self, till: Seller, rounds: int = 3) -> None:
        """Carry messages between a till and the hub, as their neighbours' loops would."""
        hub, lane = self.hub, till.terminal.lane
        for _ in range(rounds):
            said = lane.run(lambda: till.talk.say(HUB))
            answer = hub.terminal.lane.run(partial(hub.talk.answer, till.name, said))
            assert isinstance(answer, bytes)
            lane.run(partial(till.talk.hear, HUB, answer, 0, 0))

    def level(self) -> None:
        """Let everybody hear everybody, through the hub."""
        for _ in range(2):
            for till in self.tills:
                self.exchange(till)

    def sell(self, till: Seller, number: int, amount: int) -> dict[str, Any]:
        """Sell, and ask the hub where that is wanted."""
        till.desk.duty.authority_is_near = lambda: True
        lines = [[9, 1, amount, 0, 0, None]]
        command = {"sale": f"{number:032x}", "lines": lines, "wristband": BAND}
        answer = told(till.terminal, till.desk, "sell", command)
        if answer["event"] == WANTS:
            reply = self.hub.ask(till.name, answer["question"])
            assert isinstance(reply, Reply)
            subject = answer["subject"]
            till.terminal.lane.run(lambda: till.desk.duty.answered(subject, reply))
            answer = told(till.terminal, till.desk, "sell", command)
        return answer

    def close(self) -> None:
        """Stop everything."""
        for till in self.tills:
            till.terminal.close()
        self.hub.close()


def read_office(terminal: Terminal) -> None:
    """Let a terminal have read the office to its end; in the lane, or before it has started."""
    with terminal.store.transaction():
        terminal.acknowledge((), is_read=True)
