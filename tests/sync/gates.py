"""A gate that scans, as tests of admission see it: a place, a clock, and what it has heard."""

from collections.abc import Sequence
from dataclasses import replace

from sync.admission import Admit, Ask, Direction, Question, Refuse, Verdict, judge
from sync.clock import TRUSTED_CLOCK, ClockQuality, ClockState, Moment
from sync.codes import CodeRefusal, Ticket
from sync.facts import Body, Refused
from sync.journal import Record
from tests.sync.builder import NOW_MS, Box, Pen, gate, gate_place, office, ticket, zone

COARSE = ClockQuality(ClockState.COARSE, 5 * 60_000)


class Site:
    """An office and gates called North and South, all on one machine that hears everything."""

    def __init__(self, *decrees: Body) -> None:
        self.office, self.north, self.south = office(), gate(21), gate(22)
        self.box = Box()
        self.box.take(self.office.first, self.north.first, self.south.first)
        self.time_ms = NOW_MS
        self.decree(zone(1), zone(2), gate_place(self.north, "North"))
        self.decree(gate_place(self.south, "South"), *decrees)

    def decree(self, *bodies: Body) -> None:
        for body in bodies:
            self.box.take(self.office.write(body, self.moment()))

    def moment(self, quality: ClockQuality = TRUSTED_CLOCK) -> Moment:
        return Moment(self.time_ms, quality)

    def wait(self, minutes: float) -> None:
        self.time_ms += round(minutes * 60_000)

    def question(
        self, pen: Pen, code: Ticket | CodeRefusal, way: Direction = Direction.IN, alone_ms: int = 0
    ) -> Question:
        return Question(code, b"digest8!", pen.terminal, way, self.moment(), 60, alone_ms)

    def ask(
        self,
        pen: Pen | None = None,
        code: Ticket | CodeRefusal | None = None,
        way: Direction = Direction.IN,
        **more: object,
    ) -> Verdict:
        """Return what the gate says and record nothing."""
        asked = self.question(pen or self.north, ticket() if code is None else code, way)
        return judge(self.box.shelf.cells, replace(asked, **more))  # type: ignore[arg-type]  # by name

    def scan(
        self,
        pen: Pen | None = None,
        code: Ticket | CodeRefusal | None = None,
        way: Direction = Direction.IN,
        **more: object,
    ) -> Verdict:
        """Return what the gate says and record what follows from it."""
        verdict = self.ask(pen, code, way, **more)
        if verdict.fact is not None:
            self.commit(pen or self.north, verdict.fact)
        return verdict

    def commit(self, pen: Pen, body: Body, quality: ClockQuality = TRUSTED_CLOCK) -> Record:
        record = pen.write(body, self.moment(quality))
        self.box.take(record)
        return record


def says(verdict: Verdict) -> str:
    """Return a verdict as one word and its reason."""
    word = {Admit: "admit", Ask: "ask", Refuse: "refuse"}[type(verdict)]
    return f"{word} {verdict.reason}".strip()


def refused_fact(verdict: Verdict) -> Refused:
    assert isinstance(verdict, Refuse)
    assert isinstance(verdict.fact, Refused)
    return verdict.fact


def sentences(verdict: Verdict) -> Sequence[str]:
    return [verdict.sentence(language) for language in ("en", "fr")]
