"""Places in a zone: what phones let in and what gates hold is together never too much."""

import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cloud.access.opening import SeenKeys, show
from cloud.access.queries import gates, quotas, zones
from cloud.access.service import Known, OnlineScans, Scan
from cloud.api.problems import Problem
from cloud.festivals.service import state
from cloud.office import Office
from cloud.settings import open_office as reopen
from sync import allotments, history, lending
from sync.admission import Direction, Question, judge
from sync.clock import TRUSTED_CLOCK, Moment
from sync.codes import open_code
from sync.facts import (
    Admitted,
    AllotmentReturned,
    AuthorityHanded,
    CertificateIssued,
    GateSet,
    Left,
    Moved,
)
from sync.names import FactId, Role
from sync.replica import Replica
from sync.shelf import MemoryShelf
from sync.undoing import undo
from tests.cloud.access.scanning import (
    AGENT,
    GATE,
    ISSUING_KEY,
    KEY_ID,
    PHONES,
    PLACES,
    TYPE,
    ZONE,
    certificate,
    code,
    free,
    inside,
    read_answer,
    says,
    scanning,
)
from tests.cloud.box import Box
from tests.cloud.engines import Engine
from tests.cloud.offices import START_MS, TestOffice, new_folder, serving

SMALL = ZONE | {"capacity": 3}
STRICT = TYPE | {"allow_reentry": True}


async def test_an_online_gate_is_lent_nothing_and_no_box_is_awaited_there(tmp_path: Path) -> None:
    async with scanning(tmp_path, SMALL) as (office, _):
        assert await free(office) == 3
        assert await office.do(lambda o: allotments.holdings(o.cells, PLACES)) == {}
        summary = await office.get("/api/v1/summary")
        assert summary["terminals"] == []
        (gate,) = await office.do(lambda o: gates(o.cells))
        assert (gate["name"], gate["zone"], gate["places"]) == ("Phones", 1, None)


async def test_phones_let_in_as_many_as_there_are_places_and_again_when_one_leaves(
    tmp_path: Path,
) -> None:
    async with scanning(tmp_path, SMALL, STRICT) as (office, phone):
        told = [says(await phone.admit(code(serial))) for serial in range(4)]
        assert told == ["admit", "admit", "admit", "refuse capacity_full"]
        assert says(await phone.leave(code(0))) == "admit out"
        assert says(await phone.admit(code(3))) == "admit"
        assert await inside(office) == 3


async def test_the_figures_of_a_zone_count_the_places_that_phones_have_filled(
    tmp_path: Path,
) -> None:
    async with scanning(tmp_path, SMALL) as (office, phone):
        await phone.admit(code(1))
        await phone.admit(code(2))
        (zone,) = await office.do(lambda o: zones(o.cells))
        assert (zone["inside"], zone["capacity"], zone["lent"]) == (2, 3, 2)
        (quota,) = await office.do(lambda o: quotas(o.cells, set()))
        assert (quota["used"], quota["lent"]) == (2, 2)


async def test_a_new_process_of_the_office_counts_what_the_last_one_let_in(tmp_path: Path) -> None:
    async with scanning(tmp_path, SMALL) as (office, phone):
        for serial in range(2):
            await phone.admit(code(serial))
        folder, now_ms = office.folder, office.now_ms
    async with serving(folder, seed=2) as other:
        other.now_ms = now_ms
        phone = replace(phone, office=other)
        assert says(await phone.admit(code(2))) == "admit"
        assert says(await phone.admit(code(3))) == "refuse capacity_full"
        assert says(await phone.leave(code(0))) == "admit out"
        assert await free(other) == 1


async def test_what_a_gate_holds_is_not_for_phones_and_what_phones_took_is_not_lent(
    tmp_path: Path,
) -> None:
    async with scanning(tmp_path, ZONE | {"capacity": 10}) as (office, phone):
        north = await office.gate()
        await office.level(north)
        held = await office.do(lambda o: allotments.held(o.cells, PLACES, north.terminal))
        assert held > 0
        told = [says(await phone.admit(code(serial))) for serial in range(10)]
        assert told.count("admit") == 10 - held
        await office.level(north)
        assert await free(office) == 0
        assert await office.do(lambda o: allotments.held(o.cells, PLACES, north.terminal)) == held


async def test_who_leaves_by_a_box_gives_the_place_back_to_the_phones(tmp_path: Path) -> None:
    async with scanning(tmp_path, SMALL | {"capacity": 1}) as (office, phone):
        assert says(await phone.admit(code(1))) == "admit"
        north = await office.gate()
        await office.level(north)
        verdict = judge(north.shelf.cells, box_question(north, code(1), Direction.OUT))
        assert verdict.fact is not None
        north.say(verdict.fact)
        await office.level(north)
        assert await inside(office) == 0
        told = judge(north.shelf.cells, box_question(north, code(1), Direction.IN))
        assert told.reason in {"capacity_full", ""}


async def test_while_a_hub_is_the_authority_no_place_is_taken_but_other_zones_are_open(
    tmp_path: Path,
) -> None:
    open_air = {"kind": "zone", "zone": 2, "name": "Open air"}
    other = PHONES | {"online": 2, "zone": 2}
    async with scanning(tmp_path, SMALL, open_air, other) as (office, phone):
        assert says(await phone.admit(code(1))) == "admit"
        hub = office.box(Role.HUB, "Hub", 41)
        await office.say(CertificateIssued(hub.certificate), AuthorityHanded(1, hub.terminal))
        assert says(await phone.admit(code(2))) == "refuse capacity_full"
        assert says(await phone.admit(code(2), gate=2)) == "admit"
        assert says(await phone.leave(code(1))) == "admit out"


async def test_while_the_office_recovers_no_place_is_taken(tmp_path: Path) -> None:
    async with scanning(tmp_path, SMALL) as (office, phone):
        await office.gate()
        await office.state({"kind": "restored"})
        assert await office.do(lambda o: o.is_recovering)
        assert says(await phone.admit(code(1))) == "refuse capacity_full"


async def test_an_exit_is_taken_back_only_while_its_place_is_free(tmp_path: Path) -> None:
    async with scanning(tmp_path, SMALL | {"capacity": 1}) as (office, phone):
        await phone.admit(code(1))
        out = (await phone.leave(code(1)))["fact"]
        assert says(await phone.admit(code(2))) == "admit"
        assert isinstance(await phone.undo(out), Problem)
        out = (await phone.leave(code(2)))["fact"]
        assert isinstance(await phone.undo(out), dict)
        assert await inside(office) == 1


def box_question(box: Box, text: str, way: Direction) -> Question:
    opened = open_code(text, {KEY_ID: ISSUING_KEY.public}, 7)
    moment = Moment(box.now_ms, TRUSTED_CLOCK)
    return Question(opened, b"digest8!", box.terminal, way, moment, 60, 0)


# --- any interleaving ---


@dataclass
class World:
    """An office on a real store that starts anew at times, and gates that are heard at times."""

    folder: Path
    office: Office
    boxes: list[Box]
    capacity: int
    chance: random.Random
    now_ms: int = START_MS
    facts: tuple[str, ...] = ()

    def moment(self) -> Moment:
        self.now_ms += 1
        return Moment(self.now_ms, TRUSTED_CLOCK)

    def do(self, job: object) -> object:
        return self.office.transact([job])[0]  # type: ignore[list-item]  # a job

    def phone(self, serial: int, way: Direction) -> None:
        shown = show(code(serial), SeenKeys(), 7)
        drawn = self.chance.randbytes(16)
        scan = Scan(AGENT, drawn, shown, gate=1, direction=way, is_one_step=True)
        answer = self.do(lambda o: self._scans(o).request(scan))
        assert isinstance(answer, bytes)
        fact = read_answer(answer)["fact"]
        self.facts += (fact,) if fact else ()

    def undo(self, number: int) -> None:
        if self.facts:
            target = FactId(bytes.fromhex(self.facts[number % len(self.facts)]))
            self.do(lambda o: self._scans(o).undo(target, None))

    def box(self, number: int, serial: int, way: Direction) -> None:
        box = self.boxes[number]
        verdict = judge(box.shelf.cells, box_question(box, code(serial), way))
        if verdict.fact is not None:
            box.say(verdict.fact)

    def box_undo(self, number: int, which: int) -> None:
        box = self.boxes[number]
        acts = [one for one, _ in box.shelf.records if one.terminal == box.terminal]
        acts = [one for one in acts if isinstance(one.body, Admitted | Left | Moved)]
        if acts:
            one = acts[which % len(acts)]
            serial = getattr(one.body, "serial", 0)
            body = undo(box.shelf.cells, serial, FactId(one.id), box.terminal, self.moment())
            if body is not None:
                box.say(body)

    def give_back(self, number: int) -> None:
        box = self.boxes[number]
        held = allotments.held(box.shelf.cells, PLACES, box.terminal)
        if held > 0:
            box.say(AllotmentReturned(PLACES, held))

    def exchange(self, number: int) -> None:
        box = self.boxes[number]
        for _ in range(3):
            talk = box.conversation()
            message = talk.say()
            answer = self.do(lambda o, m=message: o.converse(box.terminal, m)[0])
            assert isinstance(answer, bytes)
            talk.hear(answer)
            box.memory = talk.memory

    def restart(self) -> None:
        self.office.close()
        self.office = Office(reopen(self.folder), self.moment, self.chance.randbytes)

    def _scans(self, office: Office) -> OnlineScans:
        return OnlineScans(office, AGENT, SeenKeys(), Known())

    def judge_truth(self) -> None:
        """Put together what everybody has stated, heard or not, and count."""
        shelf = MemoryShelf()
        replica = Replica(self.office.folder.festival, self.office.folder.festival_key, shelf)
        raw = [content for content, _ in self.office.store.shelf.all_records()]
        raw += [record.raw for box in self.boxes for record, _ in box.shelf.records]
        replica.take(raw)
        parts = allotments.holdings(shelf.cells, PLACES)
        used = sum(max(0, part.used) for part in parts.values())
        assert used <= self.capacity
        assert history.inside_count(shelf.cells, 1) <= self.capacity
        quota = lending.read(shelf.cells, PLACES)
        assert quota is not None
        assert quota.committed <= self.capacity


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """Return an office's folder whose store was opened once, to be copied."""
    folder = new_folder(tmp_path / "template")
    office = TestOffice(folder)
    office.office.transact([lambda o: o.say(certificate(folder))])
    office.office.close()
    return folder.path


@contextmanager
def world(engine: Engine, template: Path, seed: int, capacity: int) -> Iterator[World]:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "office"
        engine.copy(template, folder)
        chance = random.Random(seed)
        opened = reopen(folder)
        clock = iter(range(START_MS, START_MS + 1_000_000))
        office = Office(opened, lambda: Moment(next(clock), TRUSTED_CLOCK), chance.randbytes)
        keys = (opened.festival, opened.festival_key, opened.certificate, opened.key)
        boxes = [Box(*keys, Role.GATE, f"G{n}", n) for n in (11, 12)]
        made = World(folder, office, boxes, capacity, chance)
        rows = [ZONE | {"capacity": capacity}, STRICT | {"exit_required": False}, PHONES]
        made.do(lambda o: state(o, rows))
        for box in boxes:
            place = GateSet(box.terminal, 1, box.name, 1, ())
            made.do(lambda o, b=box, p=place: o.say(CertificateIssued(b.certificate), p))
        try:
            yield made
        finally:
            made.office.close()


SUPPRESSED = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
WAY = st.sampled_from([Direction.IN, Direction.IN, Direction.OUT])
SERIAL = st.integers(0, 7)
BOX = st.integers(0, 1)
STEP = st.one_of(
    st.tuples(st.just("phone"), SERIAL, WAY),
    st.tuples(st.just("phone"), SERIAL, WAY),
    st.tuples(st.just("box"), BOX, SERIAL, WAY),
    st.tuples(st.just("exchange"), BOX),
    st.tuples(st.just("exchange"), BOX),
    st.tuples(st.just("give_back"), BOX),
    st.tuples(st.just("undo"), st.integers(0, 30)),
    st.tuples(st.just("box_undo"), BOX, st.integers(0, 30)),
    st.tuples(st.just("restart")),
)


AN_EXIT_TAKEN_BACK_TOO_LATE: list[tuple[object, ...]] = [
    ("box", 0, 1, Direction.IN),
    ("exchange", 0),
    ("phone", 1, Direction.OUT),
    ("exchange", 0),
    ("box", 0, 2, Direction.IN),
    ("box", 0, 3, Direction.IN),
    ("phone", 4, Direction.IN),
    ("undo", 0),
    ("box", 1, 6, Direction.IN),
]
"""The place is the box's, which has given it to somebody else and was not heard since."""


AN_EXIT_TAKEN_BACK_BY_ITS_GATE: list[tuple[object, ...]] = [
    ("box", 0, 1, Direction.IN),
    ("exchange", 0),
    ("exchange", 1),
    ("box", 1, 1, Direction.OUT),
    ("exchange", 1),
    ("exchange", 0),
    ("box", 0, 2, Direction.IN),
    ("box_undo", 1, 0),
]
"""The same at gates alone: North gave the place again that South's mistake had brought back."""


@pytest.mark.one_engine
@example(steps=AN_EXIT_TAKEN_BACK_BY_ITS_GATE, capacity=1, seed=0)
@example(steps=AN_EXIT_TAKEN_BACK_BY_ITS_GATE, capacity=2, seed=0)
@example(steps=AN_EXIT_TAKEN_BACK_TOO_LATE, capacity=4, seed=0)
@given(steps=st.lists(STEP, max_size=40), capacity=st.integers(1, 9), seed=st.integers(0, 9))
@settings(max_examples=60, deadline=None, suppress_health_check=SUPPRESSED)
def test_whatever_comes_between_never_too_many_are_inside(
    engine: Engine, template: Path, steps: list[tuple[object, ...]], capacity: int, seed: int
) -> None:
    with world(engine, template, seed, capacity) as made:
        play(made, steps)


@pytest.mark.parametrize("seed", range(2))
def test_a_long_day_never_has_too_many_inside(engine: Engine, template: Path, seed: int) -> None:
    chance = random.Random(seed)
    steps: list[tuple[object, ...]] = [("box", 0, 1, Direction.IN), ("exchange", 0)]
    for _ in range(60):
        way = chance.choice([Direction.IN, Direction.OUT])
        serial, box = chance.randrange(8), chance.randrange(2)
        drawn: list[tuple[object, ...]] = [
            ("phone", serial, way),
            ("box", box, serial, way),
            ("exchange", box),
            ("undo", chance.randrange(30)),
            ("box_undo", box, chance.randrange(30)),
        ]
        steps.append(chance.choice(drawn))
    with world(engine, template, seed, 5) as made:
        play(made, [*steps, ("restart",), *steps])


def play(made: World, steps: list[tuple[object, ...]]) -> None:
    """Take the steps, count after each, and in the end see everybody agree."""
    for number in range(2):
        made.exchange(number)
    for name, *values in steps:
        getattr(made, str(name))(*values)
        made.judge_truth()
    for number in (0, 1, 0, 1):
        made.exchange(number)
    made.judge_truth()
    office = made.office.transact([lambda o: history.inside_counts(o.cells)])[0]
    for box in made.boxes:
        assert history.inside_counts(box.shelf.cells) == office
    bodies = [record.body for record, _ in made.boxes[0].shelf.records]
    online = [one for one in bodies if isinstance(one, Admitted) and one.gate == GATE]
    assert all(body.zone == 1 for body in online)
