"""The parts of quotas that this box holds: given back, asked for, and passed on to neighbours.

What a box may spend follows from the cells alone; here stands what it does about it. Beyond what it
needs it gives back by itself. Of what it is short of it asks, the office or a neighbour, by
questions that keep their id until they are answered. What it passes on it deducts first: the pass
is on the disk before the asker hears of it, and names the question, so a question that comes again
is answered by the same records, also by a box that died in between.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from edge.limits import (
    PART_ANSWER_LIFE_MS,
    PARTS_NEEDED_MS,
    PASSES_READ_MAX,
    PASSES_REMEMBERED_MAX,
)
from edge.terminal import Terminal
from provisioning.chance import random_bytes
from sync import allotments, catalogue, lending, passing
from sync.allotments import Resource
from sync.asking import Asked, BadAsking, Question, Reply, read_question, spell
from sync.authority import AREA_OF_WRITER
from sync.body import Body
from sync.facts import AllotmentPassed, AllotmentReturned, Allotted
from sync.journal import Record
from sync.limits import PART_ASKED_UNITS_MAX, QUANTITY_UNITS_MAX
from sync.names import ID_BYTES, FactId, RunId, TerminalId
from sync.replica import Outcome


@dataclass(frozen=True, slots=True)
class _Given:
    """A pass that was recorded: to whom, of what, which fact, since when it is remembered."""

    asker: bytes
    resource: Resource
    amount: int
    fact: FactId
    since_ms: int


class Parts:
    """What one box does about its parts; in the lane only."""

    def __init__(self, terminal: Terminal, record: Callable[[Body], Record] | None = None) -> None:
        """Care for this terminal's parts; `record` makes its facts if others must know of them."""
        self._terminal = terminal
        self._record = record or terminal.record
        self._own = terminal.manifest.terminal_id
        self._area = AREA_OF_WRITER[terminal.role]
        self._missed: dict[Resource, tuple[int, int]] = {}
        self._asked: dict[Resource, tuple[Question, int]] = {}
        self._given: OrderedDict[bytes, _Given] = OrderedDict()
        self._read_for: RunId | None = None

    def held(self, resource: Resource) -> int:
        """Return how many units of a resource this box may still spend, never below 0.

        A box that was copied may spend nothing: its copy was lent the same.
        """
        if self._terminal.is_copied:
            return 0
        return max(0, allotments.held(self._cells, resource, self._own))

    def missed(self, resource: Resource, amount: int) -> None:
        """Note that so many units were wanted in hand and not there: they are asked for a while."""
        self._missed[resource] = (amount, self._now_ms())

    def tidy(self) -> int:
        """Give back whatever is over; return of how many resources something was."""
        if not self._is_at_work:
            return 0
        count = 0
        for resource in lending.limited(self._cells, self._area):
            over = self._over(resource)
            if over > 0:
                self._record(AllotmentReturned(resource, min(over, QUANTITY_UNITS_MAX)))
                count += 1
        return count

    def wanted(self) -> list[Question]:
        """Return what this box is short of now, as questions to the office or to a neighbour.

        A question keeps its id until `took` brought what answers it, or for ten minutes.
        """
        if not self._is_at_work:
            return []
        questions = []
        for resource in lending.limited(self._cells, self._area):
            amount = self._short_of(resource)
            if amount > 0:
                questions.append(self._question(resource, amount))
            else:
                self._asked.pop(resource, None)
        return questions

    def give(self, asker: TerminalId, question: Question) -> Reply:
        """Pass on what this box can spare of what a proved neighbour asks for, or say why not.

        The same question is answered by the same records for ten minutes.
        """
        resource = question.resource
        if question.kind != Asked.PART or resource is None:
            return Reply(0, "no_part", 0, ())
        if not self._is_at_work:
            return Reply(0, "recovering", 0, ())
        before = self._given_before(question.operation)
        if before is not None:
            if (before.asker, before.resource) != (asker, resource):
                return Reply(0, "reused", 0, ())
            return self._reply(before)
        if allotments.area_of(resource) is not self._area:
            return Reply(0, "no_part", 0, ())
        if asker == self._own or asker not in lending.holders(self._cells, resource):
            return Reply(0, "no_holder", 0, ())
        amount = self._spare(resource, question.amount)
        if amount <= 0:
            return Reply(0, "nothing_spare", self.held(resource), ())
        body = AllotmentPassed(resource, asker, amount, question.operation)
        return self._reply(self._remember(self._record(body), body))

    def answer(self, asker: TerminalId, content: bytes) -> bytes | None:
        """Return the bytes that answer a proved neighbour's question, None if it is none."""
        try:
            return spell(self.give(asker, read_question(content)))
        except BadAsking:
            return None

    def took(self, reply: Reply) -> int:
        """Take the records of an answer; return how many parts in them are this box's own.

        What makes no sense here changes nothing: each record is checked like any other.
        """
        if not reply.records:
            return 0
        terminal = self._terminal
        terminal.step("answered")
        with terminal.store.transaction():
            taken = terminal.replica.take(list(reply.records))
        terminal.step("lent")
        found = 0
        for one in taken:
            is_here = one.record is not None and one.outcome in {Outcome.NEW, Outcome.KNOWN}
            body = one.record.body if is_here and one.record is not None else None
            if isinstance(body, AllotmentPassed | Allotted) and body.terminal == self._own:
                self._asked.pop(body.resource, None)
                found += 1
        return found

    @property
    def _cells(self) -> Any:
        return self._terminal.store.shelf.cells

    @property
    def _is_at_work(self) -> bool:
        """Whether this box may record, and is believed.

        A box that was copied gives nothing back and passes nothing on: both copies would.
        """
        terminal = self._terminal
        if terminal.is_recovering or terminal.run is None:
            return False
        return not catalogue.is_revoked(self._cells, self._own) and not terminal.is_copied

    def _now_ms(self) -> int:
        return self._terminal.timekeeper.monotonic_ms()

    def _needed(self, resource: Resource) -> int:
        """Return how many units were wanted in hand within the last minute."""
        amount, at_ms = self._missed.get(resource, (0, 0))
        return amount if self._now_ms() - at_ms <= PARTS_NEEDED_MS else 0

    def _over(self, resource: Resource) -> int:
        held = self.held(resource)
        quota = lending.read(self._cells, resource) if held else None
        if quota is None:
            return 0
        return min(quota.surplus(self._own), held - self._needed(resource))

    def _short_of(self, resource: Resource) -> int:
        quota = lending.read(self._cells, resource)
        if quota is None or self._own not in quota.holders:
            return 0
        short = max(quota.missing(self._own), self._needed(resource) - self.held(resource))
        return min(short, PART_ASKED_UNITS_MAX)

    def _spare(self, resource: Resource, asked: int) -> int:
        """Return what can be given: nothing of what this box was short of itself just now."""
        if self._needed(resource):
            return 0
        asked = min(asked, PART_ASKED_UNITS_MAX)
        return passing.spare(self._cells, resource, self._own, asked)

    def _question(self, resource: Resource, amount: int) -> Question:
        """Return the question for a part that is under way, else a new one."""
        known = self._asked.get(resource)
        if known is not None and self._now_ms() - known[1] <= PART_ANSWER_LIFE_MS:
            return known[0]
        operation = random_bytes(ID_BYTES)
        question = Question(int(Asked.PART), operation, 0, amount, resource=resource)
        self._asked[resource] = (question, self._now_ms())
        return question

    # --- what was given ---

    def _given_before(self, operation: bytes) -> _Given | None:
        """Return the pass that answered a question within the last minutes."""
        if self._read_for != self._terminal.run:
            self._read()
        known = self._given.get(operation)
        if known is not None and self._now_ms() - known.since_ms > PART_ANSWER_LIFE_MS:
            return None
        return known

    def _read(self) -> None:
        """Take up the passes of earlier runs, which may be asked for once more."""
        self._read_for = self._terminal.run
        for record in reversed(self._terminal.store.newest_of(self._own, PASSES_READ_MAX)):
            body = record.body
            if isinstance(body, AllotmentPassed) and body.operation not in self._given:
                self._remember(record, body)

    def _remember(self, record: Record, body: AllotmentPassed) -> _Given:
        given = _Given(body.terminal, body.resource, body.amount, record.id, self._now_ms())
        if body.operation is not None:
            self._given[body.operation] = given
        if len(self._given) > PASSES_REMEMBERED_MAX:
            self._given.popitem(last=False)
        return given

    def _reply(self, given: _Given) -> Reply:
        """Return an answer with the pass and the record that opens its run."""
        store = self._terminal.store
        passed = store.record(given.fact)
        if passed is None:
            return Reply(0, "nothing_spare", 0, ())
        opening = [store.record(fact) for fact in store.shelf.at(passed.run, 0)]
        records = [one.raw for one in opening if one is not None][:1]
        return Reply(given.amount, "", self.held(given.resource), (*records, passed.raw))
