"""Before a box goes on with its journal it asks others whether they hold more of it than it does.

A card that was put back from an older image does not know what was written after the image was
made. If the box opened a run now, that run would name a record which another one follows already:
its journal would fork, and the box would be under quarantine for good. So at start each partner is
asked once, all of them together two seconds at most, and what is missing is taken back first.

If nobody answers the box goes on alone: people stand before it. A fork is then found as soon as
both branches are on one node.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

from edge.lane import LaneStopped
from edge.limits import (
    FIRST_ANSWERS_S,
    TAKING_BACK_EMPTY_EXCHANGES_MAX,
    TAKING_BACK_REST_S,
    TAKING_BACK_S_MAX,
    UPLINK_ANSWER_MS_MAX,
    UPLINK_TIMEOUT_S,
)
from edge.office_exchange import OfficeExchange
from edge.office_line import LineTrouble, Patience
from edge.store.connection import StoreTrouble
from edge.terminal import Terminal
from sync.replica import Outcome

_PATIENCE: Final = Patience(FIRST_ANSWERS_S, UPLINK_TIMEOUT_S, UPLINK_ANSWER_MS_MAX)
_COPIED: Final = (
    "This box was copied, or went on from an older image: its journal is forked. Nothing is lost."
    " Put one of the two away and enrol the other again."
)


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What became of one exchange with a partner.

    `has_lost`: the partner holds records of the own journal that are not here. `brought` is how
    many records were new here, whoever wrote them; `more` is what the conversation said.
    """

    answered: bool
    has_lost: bool = False
    more: bool = False
    brought: int = 0


class Partner(Protocol):
    """Somebody who may hold a part of the own journal; used by one thread, never by the lane."""

    @property
    def name(self) -> str:
        """What people call it, for the notice."""

    def exchange(self) -> Exchanged:
        """Exchange once; a partner that cannot be reached has not answered and raises nothing."""

    def abandon(self) -> None:
        """Take no answer any more: others speak for the box from now on. From any thread."""

    def close(self) -> None:
        """Let go of the line."""


class OfficePartner:
    """The office, over a line of its own."""

    name = "the office"

    def __init__(self, terminal: Terminal) -> None:
        """Exchange for this terminal."""
        self._exchange = OfficeExchange(terminal, _PATIENCE)

    def exchange(self) -> Exchanged:
        """Exchange once with the office."""
        try:
            heard = self._exchange.once()
        except LineTrouble:
            return Exchanged(answered=False)
        brought = sum(one.outcome is Outcome.NEW for one in heard.taken)
        return Exchanged(True, self._exchange.talk.has_lost, heard.more, brought)

    def abandon(self) -> None:
        """Take no answer any more."""
        self._exchange.abandon()

    def close(self) -> None:
        """Let go of the connection."""
        self._exchange.close()


def take_back(terminal: Terminal, partners: Sequence[Partner]) -> None:
    """Take back what partners hold of the own journal and is not here, then open the run.

    The lane runs, and this is not in it. A box that lost its store opens none: it waits for the
    office, however long that takes, and what neighbours hold of its journal, which the office may
    not have heard yet, is here before. `StoreTrouble` if the store failed.
    """
    try:
        lane = terminal.lane
        is_recovering = lane.run(lambda: terminal.is_recovering)
        before = lane.run(terminal.own_facts)
        asked = [_Asked(partner) for partner in partners]
        _ask(asked)
        if is_recovering:
            return
        came_back = lane.run(terminal.own_facts) - before
        terminal.notices += _notices(asked, came_back)
        lane.run(lambda: _open_run(terminal))
        if lane.run(lambda: terminal.is_copied):
            terminal.notices.append(_COPIED)
    except LaneStopped as trouble:
        raise StoreTrouble(str(trouble)) from trouble


def _open_run(terminal: Terminal) -> None:
    if terminal.run is None and not terminal.is_recovering:
        terminal.open_run()


class _Asked:
    """One partner, asked in a thread of its own, which goes on while something is missing."""

    def __init__(self, partner: Partner) -> None:
        self.partner = partner
        self.is_settled = False  # has answered once, or cannot
        self.is_over = False
        self.has_lost = False

    def run(self, stopped: threading.Event, tell: Callable[[Callable[[], None]], None]) -> None:
        """Exchange until nothing of the own journal is missing, or nothing comes any more."""
        try:
            with suppress(LaneStopped):
                self._exchange(stopped, tell)
        finally:
            tell(self._end)
            self.partner.close()

    def _exchange(
        self, stopped: threading.Event, tell: Callable[[Callable[[], None]], None]
    ) -> None:
        empty = 0
        while not stopped.is_set():
            exchanged = self.partner.exchange()
            if exchanged.answered:
                tell(lambda now=exchanged.has_lost: self._settle(has_lost=now))  # type: ignore[misc]
            empty = 0 if exchanged.brought else empty + 1
            if not self.has_lost or empty == TAKING_BACK_EMPTY_EXCHANGES_MAX:
                return
            if not exchanged.answered:
                stopped.wait(TAKING_BACK_REST_S)

    def _settle(self, *, has_lost: bool) -> None:
        self.is_settled, self.has_lost = True, has_lost

    def _end(self) -> None:
        self.is_settled = self.is_over = True


def _ask(asked: Sequence[_Asked]) -> None:
    """Ask everybody at once; return when all answered, or it took too long."""
    changed, stopped = threading.Condition(), threading.Event()

    def tell(change: Callable[[], None]) -> None:
        with changed:
            change()
            changed.notify_all()

    for one in asked:
        threading.Thread(
            target=one.run, args=(stopped, tell), name="taking-back", daemon=True
        ).start()
    with changed:
        changed.wait_for(lambda: all(one.is_settled for one in asked), FIRST_ANSWERS_S)
        changed.wait_for(
            lambda: all(one.is_over or not one.has_lost for one in asked), TAKING_BACK_S_MAX
        )
    stopped.set()
    for one in asked:
        one.partner.abandon()


def _notices(asked: Sequence[_Asked], came_back: int) -> list[str]:
    """Say what came back, and who holds more than that."""
    notices = []
    if came_back:
        notices.append(
            f"This box was put back to an older image: {came_back} facts of its own came back from"
            " others. Nothing of them is lost."
        )
    holders = ", ".join(one.partner.name for one in asked if one.has_lost)
    if holders:
        notices.append(
            f"More of this box's journal is held by {holders} than could be taken back. The box"
            " goes on; if it is shown as copied, enrol it again."
        )
    return notices
