"""The inside of a box, without what only a gate or a till has: terminal, line, and what it scans.

A screen's keeper starts it, stops it, and opens another after a failed commit; a box that scripts
drive has one for as long as it runs.
"""

from abc import ABC, abstractmethod
from typing import Final

from edge.headless import Action, Answer, Command, Desk, obeyed
from edge.lane import LaneFull, LaneStopped
from edge.looking_back import LookingBack
from edge.neighbours.asking_back import NeighboursPartner
from edge.neighbours.lan import Lan
from edge.neighbours.site import Neighbours
from edge.part_asking import PART_PATH, PartAsking
from edge.parts import Parts
from edge.parts_chore import PartsChore
from edge.taking_back import OfficePartner, Partner, take_back
from edge.terminal import Terminal
from edge.uplink import Uplink

_ANSWER_S: Final = 30


class Inside(ABC):
    """A box that records; `start` and `stop` once each."""

    desk: Desk
    parts: Parts

    def __init__(self, terminal: Terminal, lan: Lan | None = None) -> None:
        """Connect this terminal to its office and to its neighbours; nothing runs yet."""
        self.terminal = terminal
        self.uplink = Uplink(terminal)
        self.neighbours = None if lan is None else Neighbours(terminal, lan)
        self.looking_back = LookingBack(terminal)
        self._chore: PartsChore | None = None

    def care_for(self, parts: Parts) -> None:
        """Look after this box's parts of quotas from when its lines start until it stops."""
        self.parts = parts
        if self.neighbours is not None:
            self.neighbours.talk.answers[PART_PATH] = parts.answer
        asking = PartAsking(self.terminal, self.uplink, self.neighbours)
        self._chore = PartsChore(
            self.terminal, parts, asking.ask, lambda: asking.is_possible, asking.close
        )

    def hurry_parts(self) -> None:
        """Ask at once for what is short, because somebody waits; from any thread."""
        if self._chore is not None:
            self._chore.hurry()

    @abstractmethod
    def hear(self, text: str) -> Answer:
        """Take a text that was read; in the lane only."""

    @abstractmethod
    def cannot_record(self) -> Answer:
        """Show outside that nothing can be recorded, and return what is said to everybody then."""

    def partners(self) -> list[Partner]:
        """Return whom the box asks at start what they hold of its journal.

        A box that never met a neighbour does not wait for any. One that lost its store does not
        know whom it met, and hears the office later, for as long as it takes.
        """
        terminal = self.terminal
        is_recovering = terminal.lane.run(lambda: terminal.is_recovering)
        asked: list[Partner] = [] if is_recovering else [OfficePartner(terminal)]
        has_met = is_recovering or terminal.lane.run(terminal.store.has_met_neighbours)
        if self.neighbours and has_met:
            asked.append(NeighboursPartner(self.neighbours))
        return asked

    def begin(self) -> None:
        """Let the lane work, and open the run once others were asked.

        `StoreTrouble` or `LanTrouble` say what is in the way.
        """
        self.terminal.start()
        if self.neighbours is not None:
            self.neighbours.start()
        take_back(self.terminal, self.partners())

    def start(self) -> None:
        """Let lane and line work; after any trouble the caller must `stop` it."""
        self.begin()
        self.start_lines()

    def start_lines(self) -> None:
        """Begin to converse with the office, and what hangs on that."""
        self.uplink.start()
        if self._chore is not None:
            self._chore.start()
        self.looking_back.start()

    def scan(self, text: str) -> Answer | None:
        """Take a text that was read and wait for the answer, from any thread but the lane's.

        None if the box cannot keep up: the code can be shown again.
        """
        try:
            future = self.terminal.lane.ask(lambda: self.hear(text), wait_s=1)
            # Whatever the lane ended with, whoever reads codes must go on reading them.
            if future.exception(_ANSWER_S) is None:
                return future.result()
        except LaneFull:
            return None
        except (LaneStopped, TimeoutError):
            pass
        return self.cannot_record()

    def work(self, action: Action, command: Command) -> Answer:
        """Do a command and wait for its answer, from any thread but the lane's.

        `LaneStopped` or `LaneFull` if it cannot be done, or what the store failed with.
        """
        return self.terminal.lane.run(lambda: obeyed(action, command))

    def stop(self) -> None:
        """End in order: what goes on in the background, the lines, then the store."""
        self.looking_back.stop()
        if self._chore is not None:
            self._chore.stop()
        self.uplink.stop()
        if self.neighbours is not None:
            self.neighbours.stop()
        self.terminal.close()
