"""Boxes whose runs are opened by the test, and lines between them whose bytes it carries."""

import shutil
from pathlib import Path

from edge.bar.desk import TillDesk
from edge.neighbours.talk import NeighbourTalk
from edge.taking_back import Exchanged
from edge.terminal import Terminal
from hardware.bench import ManualClock
from sync.conversation import Heard
from sync.names import Role
from sync.quarantine import is_quarantined
from sync.replica import Outcome
from tests.edge.bar.tills import Till
from tests.edge.boxes import NOW_MS


def put_back(folder: Path, image: Path) -> None:
    shutil.rmtree(folder)
    shutil.copytree(image, folder)


def started(folder: Path, role: Role = Role.BAR) -> Terminal:
    terminal = Terminal(folder, role, clock=ManualClock(NOW_MS), synchronised=True, opens_run=False)
    terminal.start()
    return terminal


class Neighbour:
    """One box's line to another, as far as taking back needs it."""

    def __init__(self, terminal: Terminal, other: Terminal) -> None:
        self.name = other.manifest.name
        self._terminal, self._other = terminal, other
        self._talk, self._others_talk = NeighbourTalk(terminal), NeighbourTalk(other)

    def exchange(self) -> Exchanged:
        mine, theirs = self._terminal.manifest.terminal_id, self._other.manifest.terminal_id
        said = self._terminal.lane.run(lambda: self._talk.say(theirs))
        answer = self._other.lane.run(lambda: self._others_talk.answer(mine, said))
        assert isinstance(answer, bytes)
        heard = self._terminal.lane.run(lambda: self._talk.hear(theirs, answer, 0, 0))
        assert isinstance(heard, Heard)
        self._terminal.lane.run(self._talk.settle)
        self._other.lane.run(self._others_talk.settle)
        brought = sum(one.outcome is Outcome.NEW for one in heard.taken)
        return Exchanged(True, self._talk.has_lost, heard.more, brought)

    def tell(self) -> None:
        """Let the other know the newest own fact at once, and nothing else."""
        mine, theirs = self._terminal.manifest.terminal_id, self._other.manifest.terminal_id
        store = self._terminal.store
        newest = self._terminal.lane.run(lambda: store.newest_of(mine, 1))
        told = self._terminal.lane.run(lambda: self._talk.tell(theirs, newest))
        assert isinstance(self._other.lane.run(lambda: self._others_talk.answer(mine, told)), bytes)
        self._other.lane.run(self._others_talk.settle)

    def abandon(self) -> None:
        """Nothing comes late."""

    def close(self) -> None:
        """Nothing is held."""


def till_of(terminal: Terminal) -> Till:
    desk = terminal.lane.run(lambda: TillDesk(terminal))
    return Till(terminal, desk, ManualClock(NOW_MS))


def forks(terminal: Terminal, of: Terminal | None = None) -> bool:
    """Tell whether a box knows that it, or another one, was copied."""
    name = (of or terminal).manifest.terminal_id
    return terminal.lane.run(lambda: is_quarantined(terminal.store.shelf.cells, name))
