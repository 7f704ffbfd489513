"""The laws of two steps, whatever the order of requests, answers, delays and restarts."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud.access.opening import SeenKeys, show
from cloud.access.service import Confirmation, Known, OnlineScans, Scan
from cloud.festivals.service import state
from sync import history
from sync.history import standing
from tests.cloud.access.scanning import TYPE, code
from tests.cloud.access.test_places import SUPPRESSED, World, template, world
from tests.cloud.engines import Engine

__all__ = ["template"]

PEOPLE = ("a" * 32, "b" * 32)
STEP = st.one_of(
    st.tuples(st.just("request"), st.integers(0, 1)),
    st.tuples(st.just("confirm"), st.integers(0, 9), st.integers(0, 1), st.booleans()),
    st.tuples(st.just("confirm"), st.integers(0, 9), st.integers(0, 1), st.just(True)),
    st.tuples(st.just("wait"), st.sampled_from([100, 4_000, 10_001])),
    st.tuples(st.just("restart")),
)


class Desk:
    """Two phones that scan one ticket, and what each session was answered."""

    def __init__(self, made: World) -> None:
        self.made = made
        self.sessions: list[tuple[bytes, str]] = []
        self.answers: dict[bytes, bytes] = {}

    def request(self, who: int) -> None:
        session = self.made.chance.randbytes(16)
        scan = Scan(PEOPLE[who], session, show(code(), SeenKeys(), 7), gate=1)
        answer = self.made.do(lambda o: self._scans(o, who).request(scan))
        assert isinstance(answer, bytes)
        if json.loads(answer).get("session") == session.hex():
            self.sessions.append((session, PEOPLE[who]))

    def confirm(self, number: int, who: int, is_yes: object) -> None:
        if not self.sessions:
            return
        session, owner = self.sessions[number % len(self.sessions)]
        drawn = self.made.chance.randbytes(16)
        asked = replace(Confirmation(PEOPLE[who], session, drawn), is_yes=bool(is_yes))
        answer = self.made.do(lambda o: self._scans(o, who).confirm(asked))
        assert isinstance(answer, bytes)
        if owner != PEOPLE[who]:
            assert json.loads(answer)["reason"] == "session_expired"
            return
        known = self.answers.setdefault(session, answer)
        if json.loads(known)["event"] == "done" and is_yes:
            assert json.loads(answer)["reason"] == "session_expired"
        else:
            assert answer == known

    def wait(self, span_ms: object) -> None:
        self.made.now_ms += int(str(span_ms))

    def restart(self) -> None:
        self.made.restart()

    def _scans(self, office: object, who: int) -> OnlineScans:
        return OnlineScans(office, PEOPLE[who], SeenKeys(), Known())  # type: ignore[arg-type]  # an office

    def judge(self) -> None:
        admitted = [json.loads(a) for a in self.answers.values()]
        passed = [one for one in admitted if one.get("verdict") == "admit"]
        known, inside = self.made.office.transact(
            [lambda o: standing(o.cells, 5), lambda o: history.inside_count(o.cells, 1)]
        )
        assert len(passed) == len(known.admissions) == inside <= 1
        assert {one["fact"] for one in passed} == {row.fact.hex() for row in known.admissions}


@pytest.mark.one_engine
@given(steps=st.lists(STEP, max_size=30), seed=st.integers(0, 9))
@settings(max_examples=60, deadline=None, suppress_health_check=SUPPRESSED)
def test_a_ticket_is_admitted_once_and_a_repeat_is_told_the_same(
    engine: Engine,
    template: Path,
    steps: list[tuple[object, ...]],
    seed: int,
) -> None:
    with world(engine, template, seed, 9) as made:
        made.restart()  # from here on the world's own clock is read
        made.do(lambda o: state(o, [TYPE | {"exit_required": True}]))
        desk = Desk(made)
        for name, *values in steps:
            getattr(desk, str(name))(*values)
            desk.judge()
