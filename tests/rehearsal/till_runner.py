"""Lets one till work through its plan: commands through its pipe, its cable pulled, its power cut.

Which stretches are cut off and at which sales the process is killed comes from a seed. A killed
till is started again and given the same sale once more, as a seller would who saw no green screen.
"""

import random
import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tests.rehearsal.boxes import WINDOW_COMMANDS, Box, BoxTrouble
from tests.rehearsal.cable import Cable
from tests.rehearsal.till_plan import Sell, Step

STRETCHES: Final = 20
CUTS: Final = 3
KILL_MS_MAX: Final = 15
ACKNOWLEDGED_S: Final = 60
Command = dict[str, Any]


@dataclass(slots=True)
class TillResult:
    """What a till answered: `facts` are those that it showed as recorded, in hex."""

    paid: int = 0
    paid_minor: int = 0
    again: int = 0
    voided: int = 0
    crashes: int = 0
    declined: Counter[str] = field(default_factory=Counter)
    declined_minor: int = 0
    sold: set[bytes] = field(default_factory=set)
    facts: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Fate:
    """What happens to a till: step numbers at which it is killed, stretches without a line."""

    kills: frozenset[int]
    cut_stretches: frozenset[int]


def fates(counts: Sequence[int], offline: float, crashes: int, rng: random.Random) -> list[Fate]:
    """Return a fate for each till, given how many steps it has; crashes fall on any of them."""
    places = [(till, at) for till, count in enumerate(counts) for at in range(count)]
    kills = rng.sample(places, min(crashes, len(places)))
    return [
        Fate(frozenset(at for till, at in kills if till == number), _cuts(offline, rng))
        for number in range(len(counts))
    ]


def _cuts(offline: float, rng: random.Random) -> frozenset[int]:
    """Return the stretches without a line: a few long cuts, one in each part of the time."""
    wanted = round(STRETCHES * offline)
    cut: set[int] = set()
    for part in range(CUTS):
        first, end = STRETCHES * part // CUTS, STRETCHES * (part + 1) // CUTS
        length = min(end - first, wanted * (part + 1) // CUTS - wanted * part // CUTS)
        start = rng.randint(first, end - length)
        cut.update(range(start, start + length))
    left = [stretch for stretch in range(STRETCHES) if stretch not in cut]
    cut.update(rng.sample(left, wanted - len(cut)))
    return frozenset(cut)


class TillRunner:
    """One till at work; `run` may be called in a thread of its own."""

    def __init__(
        self,
        box: Box,
        cable: Cable,
        steps: Sequence[Step],
        fate: Fate,
        command_of: Callable[[Step], Command | None],
        progress: Callable[[int], None],
        seed: int,
        acknowledged_every: int = 0,
    ) -> None:
        """`command_of` says what the till is told for a step, None to leave the step out.

        A till that has its line waits after every so many steps until the office has acknowledged
        what it did, as it would have between two sales of a real evening; 0 never waits.
        """
        self.result = TillResult()
        self.trouble: BoxTrouble | None = None
        self._box = box
        self._cable = cable
        self._steps = steps
        self._fate = fate
        self._command_of = command_of
        self._progress = progress
        self._rng = random.Random(seed)
        self._acknowledged_every = acknowledged_every
        self._open: deque[tuple[int, Step, Command]] = deque()

    def run(self) -> None:
        """Work through the plan; the first thing that goes wrong is kept in `trouble`."""
        try:
            for at, step in enumerate(self._steps):
                self._set_cable(at)
                command = self._command_of(step)
                if command is None:
                    self._progress(1)
                elif at in self._fate.kills:
                    self._kill_at(step, command)
                else:
                    self._give(step, command)
                if self._acknowledged_every and at % self._acknowledged_every == 0:
                    self._wait_until_acknowledged()
            self._finish(0)
        except BoxTrouble as trouble:
            self.trouble = trouble
        finally:
            self._cable.plug()

    def _set_cable(self, at: int) -> None:
        stretch = at * STRETCHES // len(self._steps)
        wanted = stretch in self._fate.cut_stretches
        if wanted and not self._cable.is_pulled:
            self._finish(0)
            self._cable.pull()
        elif not wanted and self._cable.is_pulled:
            self._finish(0)
            self._cable.plug()
            if self._acknowledged_every:
                self._wait_until_acknowledged()

    def _wait_until_acknowledged(self) -> None:
        """Let the line do its work, if there is one."""
        if self._cable.is_pulled:
            return
        self._finish(0)
        for _ in range(100 * ACKNOWLEDGED_S):
            if not self._box.ask("status")["only_here"]:
                return
            threading.Event().wait(1 / 100)
        message = f"{self._box.folder.name} was not acknowledged within {ACKNOWLEDGED_S} s"
        raise BoxTrouble(message)

    def _give(self, step: Step, command: Command) -> None:
        self._open.append((self._box.send(command), step, command))
        self._finish(WINDOW_COMMANDS)

    def _finish(self, left: int) -> None:
        """Read answers until at most so many commands are open."""
        while len(self._open) > left:
            number, step, _ = self._open.popleft()
            self._note(step, self._box.answer(number))
            self._progress(1)

    def _kill_at(self, step: Step, command: Command) -> None:
        """Cut the power somewhere within a sale, start again, and give the same sale again."""
        self._finish(0)
        self._box.send(command)
        threading.Event().wait(self._rng.randrange(KILL_MS_MAX) / 1000)
        self._box.kill()
        self.result.crashes += 1
        self._box.start()
        self._give(step, command)

    def _note(self, step: Step, answer: dict[str, Any]) -> None:
        event = answer.get("event")
        if event == "paid" and isinstance(step, Sell):
            self.result.paid += 1
            self.result.paid_minor += answer["total_minor"]
            self.result.again += bool(answer.get("again"))
            self.result.sold.add(step.sale)
            self.result.facts.add(answer["fact"])
        elif event == "done":
            self.result.voided += 1
            self.result.facts.add(answer["fact"])
        elif event == "declined" and isinstance(step, Sell):
            self.result.declined[answer["rule"]] += 1
            self.result.declined_minor += step.total
        else:
            message = f"{self._box.folder.name}: transaction {step.transaction}: {answer}"
            raise BoxTrouble(message)


def run_all(runners: Sequence[TillRunner]) -> None:
    """Let all tills work at the same time; `BoxTrouble` if one of them could not."""
    threads = [threading.Thread(target=runner.run) for runner in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for runner in runners:
        if runner.trouble is not None:
            raise runner.trouble
