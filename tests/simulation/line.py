"""What lies between a box and its office: bytes that come late, twice, altered, or not at all.

An exchange is a request and its answer. Between them time passes, and the box goes on scanning and
selling. When a box speaks is drawn: soon after something new, and now and then, as the product's
own uplink would do every two seconds if simulated days had room for it.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from edge.timekeeper import TimeTold
from provisioning.request_signing import (
    NONCE_HEADER,
    TERMINAL_HEADER,
    check_answer,
    sign_request,
)
from sync.asking import BadAsking, Question, Reply, read_reply, spell
from sync.conversation import BadMessage, Heard
from tests.simulation import checks
from tests.simulation.attacks import Attacks
from tests.simulation.box import Box, Died
from tests.simulation.office import AUTHORITY, CONVERSATION, Answer, Request
from tests.simulation.plan import Way
from tests.simulation.trouble import Violation

if TYPE_CHECKING:
    from tests.simulation.world import World

_GATHER_MS = 20
_GIVEN_UP_MS = 10_000
_ASKING_MS = 300
_GOES_ON_MAX = 200


class Line:
    """One box's way to the office and back."""

    def __init__(self, world: "World", box: Box) -> None:
        self.world = world
        self.box = box
        self.is_connected = False
        self._chance = world.stream(f"line {box.name}")
        self._outages = [one for one in world.plan.outages if one.box == box.plan.number]
        self._attacks = Attacks(world, box, self._chance)
        self._nonce = ""
        self._exchange = 0
        self._goes_on = 0
        self._due_ms: int | None = None

    # --- when ---

    def soon(self, low_ms: int = _GATHER_MS, high_ms: int = 2_000) -> None:
        """See that the box speaks within some time, if it does not do so anyway before."""
        due_ms = self.world.agenda.now_ms + self._chance.spread_ms(low_ms, high_ms)
        if self._due_ms is not None and self._due_ms <= due_ms:
            return
        self._due_ms = due_ms
        self.world.agenda.at(due_ms, lambda: self._when_due(due_ms))

    def _when_due(self, due_ms: int) -> None:
        if self._due_ms == due_ms:
            self._due_ms = None
            self.begin()

    def passes(self, way: Way) -> bool:
        """Draw whether something sent this way now arrives."""
        now_ms = self.world.agenda.now_ms
        for outage in self._outages:
            if outage.begins_ms <= now_ms < outage.ends_ms and way in outage.ways:
                return self._chance.randrange(100) >= outage.loses_percent
        return True

    def is_open(self) -> bool:
        """Tell whether nothing is wrong with the line just now."""
        now_ms = self.world.agenda.now_ms
        return not any(one.begins_ms <= now_ms < one.ends_ms for one in self._outages)

    # --- an exchange ---

    def begin(self) -> None:
        """Say what there is to say."""
        if not self.box.is_on:
            return
        self._exchange += 1
        number = self._exchange
        held = self.box.knows
        try:
            body = self.box.lane(self.box.talk.say)
        except Died:
            self.world.died(self.box)
            return
        self._send(number, body, held, again=False)

    def _send(self, number: int, body: bytes, held: int, *, again: bool) -> None:
        request = self._signed(CONVERSATION, body)
        agenda = self.world.agenda
        if not self.passes(Way.UP):
            agenda.after(_GIVEN_UP_MS, lambda: self._failed(number))
            return
        sent_ms = self.box.clock.monotonic_ms()
        arrives = self._chance.spread_ms(1, 2_000)
        agenda.after(arrives, lambda: self._arrive(number, request, sent_ms, held, again=again))

    def _arrive(
        self, number: int, request: Request, sent_ms: int, held: int, *, again: bool
    ) -> None:
        world = self.world
        self._attacks.on_the_way_up(request)
        answer = world.office.hear(request)
        if answer is None or not self.passes(Way.DOWN):
            world.agenda.after(_GIVEN_UP_MS, lambda: self._failed(number))
            return
        back: Callable[[], None] = lambda: self._answered(  # noqa: E731 - it is used twice
            number, request, answer, sent_ms, held, again=again
        )
        world.agenda.after(self._chance.spread_ms(1, 2_000), back)

    def _answered(
        self,
        number: int,
        request: Request,
        answer: Answer,
        sent_ms: int,
        held: int,
        *,
        again: bool,
    ) -> None:
        if number != self._exchange or not self.box.is_on:
            return
        if sent_ms > self.box.clock.monotonic_ms():
            return  # the box was started anew meanwhile
        self._nonce = answer.headers.get(NONCE_HEADER, self._nonce)
        if answer.status == 401 and not again:
            self._send(number, request.body, held, again=True)
        elif answer.status == 200:
            self._hear(request, answer, sent_ms, held)
        else:
            self._failed(number)

    def _hear(self, request: Request, answer: Answer, sent_ms: int, held: int) -> None:
        box, clock = self.box, self.box.clock
        self._attacks.on_the_way_down(request, answer)
        office_ms = check_answer(
            self.world.office.folder.key.public, request.headers, answer.body, answer.headers
        )
        if office_ms is None:
            raise Violation("genuine messages are heard", f"{box.name} refused its office's answer")
        told = TimeTold(office_ms, sent_ms, clock.monotonic_ms())
        try:
            heard = box.lane(lambda: box.talk.hear(answer.body, told))
        except Died:
            self.world.died(box)
            return
        if isinstance(heard, BadMessage):
            raise Violation("genuine messages are heard", f"{box.name}: {heard}")
        self.is_connected = True
        checks.told_time_is_believed(self.world, box)
        box.learn()
        box.acked |= answer.knows & box.knows
        self._check_level(heard, answer, held)
        self.world.exchanged(box)
        if self._chance.is_one_in(4):
            self.world.agenda.after(1, self._tidy)
        self._goes_on = self._goes_on + 1 if heard.more else 0
        if self._goes_on > _GOES_ON_MAX:
            raise Violation("a conversation ends", f"{box.name} goes on talking")
        if heard.more:
            self.soon(_GATHER_MS, _GATHER_MS + 1)

    def _tidy(self) -> None:
        """Do the box's chore: what it holds of quotas beyond its need goes back."""
        box = self.box
        if not box.is_on:
            return
        try:
            if box.lane(box.parts.tidy):
                self.soon()
        except Died:
            self.world.died(box)

    def _check_level(self, heard: Heard, answer: Answer, held: int) -> None:
        """See that both hold what the other had, if the exchange says that nothing is left."""
        world, box = self.world, self.box
        if heard.more:
            return
        lost = held & world.books.of_writer(box.id) & ~answer.knows
        if lost and not box.is_revoked:
            names = world.books.names_of(lost)
            raise Violation("what was said was heard", f"the office has not {names} of {box.name}")
        missing = answer.knows & world.books.wanted_by(box) & ~box.knows
        if missing:
            names = world.books.names_of(missing)
            raise Violation("what was said was heard", f"{box.name} has not heard of {names}")

    def _failed(self, number: int) -> None:
        if number == self._exchange:
            self.is_connected = False
            self.soon(1_000, 7_200_000)

    def _signed(self, path: str, body: bytes) -> Request:
        manifest, identity = self.box.terminal.manifest, self.box.terminal.identity
        signed = sign_request(identity, "POST", path, body, manifest.office_id, self._nonce)
        return Request(path, {**signed, TERMINAL_HEADER: manifest.terminal}, body)

    # --- a question that cannot wait ---

    def ask(self, question: Question) -> Reply | None:
        """Ask the authority; None if there is no answer within 300 ms."""
        body = spell(question)
        for _ in range(2):
            if not self.passes(Way.UP) or self._chance.spread_ms(2, 600) > _ASKING_MS:
                return None
            request = self._signed(AUTHORITY, body)
            answer = self.world.office.hear(request)
            self._note_granted(question, answer)
            if answer is None or not self.passes(Way.DOWN):
                return None
            self._nonce = answer.headers.get(NONCE_HEADER, self._nonce)
            if answer.status == 200:
                return self._reply(answer)
            if answer.status != 401:
                return None
        return None

    def _note_granted(self, question: Question, answer: Answer | None) -> None:
        """Keep what the office may have lent, whether or not its answer arrives."""
        place = (self.box.name, question.wallet)
        if answer is None:  # it died over the question, and may have lent before
            self.world.money.granted[place] += question.amount
        elif answer.status == 200:
            granted = read_reply(answer.body).granted
            self.world.money.granted[place] += granted
            if granted:
                self.world.tell_of_loan(self.box)

    def _reply(self, answer: Answer) -> Reply | None:
        if self._chance.spread_ms(2, 600) > _ASKING_MS:
            return None  # it came too late and is not used
        try:
            return read_reply(answer.body)
        except BadAsking as trouble:
            raise Violation(
                "genuine messages are heard", f"{self.box.name}: {trouble}"
            ) from trouble
