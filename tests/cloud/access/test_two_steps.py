"""One scan in two steps, or in one: judged again, recorded once, answered the same to the byte."""

import json
from dataclasses import replace
from pathlib import Path

from cloud.api.problems import Problem
from sync.admission import Direction
from sync.codes import CodeKind
from sync.facts import TicketStatus, WristbandGiven
from sync.history import standing
from tests.cloud.access.scanning import (
    AGENT,
    GATE,
    TYPE,
    ZONE,
    Phone,
    code,
    inside,
    says,
    scanning,
)

GROUP = TYPE | {"group_max": 4}
ADULTS = TYPE | {"age": 18}
OTHER_GATE = {"kind": "online_gate", "online": 2, "name": "South", "zone": 1}


async def test_a_scan_in_one_step_is_recorded_at_the_online_gate(tmp_path: Path) -> None:
    async with scanning(tmp_path) as (office, phone):
        answer = await phone.admit(code())
        assert says(answer) == "admit"
        assert answer["sentences"] == {"en": "Welcome.", "fr": "Bienvenue."}
        assert (answer["serial"], answer["type_name"], answer["guests"]) == ("5", "Day", 1)
        known = await office.do(lambda o: standing(o.cells, 5))
        assert [row.terminal for row in known.admissions] == [GATE]
        assert known.admissions[0].fact.hex() == answer["fact"]
        again = await phone.admit(code())
        assert says(again) == "refuse already_inside"
        assert "first let in at Phones" in again["sentences"]["en"]


async def test_the_first_step_records_nothing_and_the_second_admits(tmp_path: Path) -> None:
    async with scanning(tmp_path) as (office, phone):
        first = await phone.request(code())
        assert says(first) == "admit"
        assert first["fact"] is None
        assert first["session_ms"] == 10_000
        assert await inside(office) == 0
        second = await phone.confirm(first["session"])
        assert says(second) == "admit"
        assert second["fact"] is not None
        assert await inside(office) == 1


async def test_a_repeated_confirmation_is_answered_with_the_same_bytes(tmp_path: Path) -> None:
    async with scanning(tmp_path) as (office, phone):
        first = await phone.request(code())
        answers = {await phone.confirm_raw(first["session"]) for _ in range(3)}
        office.now_ms += 60_000
        answers.add(await phone.confirm_raw(first["session"]))
        assert len(answers) == 1
        assert await inside(office) == 1


async def test_another_process_of_the_office_takes_the_confirmation_and_its_repeat(
    tmp_path: Path,
) -> None:
    from tests.cloud.offices import serving

    async with scanning(tmp_path) as (office, phone):
        first = await phone.request(code())
        folder, now_ms = office.folder, office.now_ms
    async with serving(folder, seed=2) as other:
        other.now_ms = now_ms
        phone = replace(phone, office=other)
        told = await phone.confirm_raw(first["session"])
        assert says(json.loads(told)) == "admit"
    async with serving(folder, seed=3) as third:
        third.now_ms = now_ms + 1_000
        phone = replace(phone, office=third)
        assert await phone.confirm_raw(first["session"]) == told
        assert says(await phone.admit(code())) == "refuse already_inside"


async def test_two_sessions_for_one_ticket_admit_once(tmp_path: Path) -> None:
    async with scanning(tmp_path, OTHER_GATE) as (office, phone):
        south = Phone(office, principal="b" * 32, gate=2)
        sessions = [(one, (await one.request(code()))["session"]) for one in (phone, south)]
        told = [says(await one.confirm(session)) for one, session in sessions]
        assert told == ["admit", "refuse already_inside"]
        assert await inside(office) == 1


async def test_a_session_that_is_too_old_has_expired_and_that_is_recorded(tmp_path: Path) -> None:
    async with scanning(tmp_path) as (office, phone):
        first = await phone.request(code())
        office.now_ms += 10_001
        told = await phone.confirm(first["session"])
        assert says(told) == "refuse session_expired"
        assert told["fact"] is not None
        assert await inside(office) == 0


async def test_the_policy_says_how_long_a_session_lives(tmp_path: Path) -> None:
    policy: dict[str, object] = {"kind": "policy", "settings": {"session_seconds": 60}}
    async with scanning(tmp_path, policy) as (office, phone):
        first = await phone.request(code())
        assert first["session_ms"] == 60_000
        office.now_ms += 59_000
        assert says(await phone.confirm(first["session"])) == "admit"


async def test_a_session_is_bound_to_who_asked(tmp_path: Path) -> None:
    async with scanning(tmp_path) as (office, phone):
        first = await phone.request(code())
        thief = replace(phone, principal="c" * 32)
        assert says(await thief.confirm(first["session"])) == "refuse session_expired"
        assert await inside(office) == 0
        assert says(await phone.confirm(first["session"])) == "admit"
        told = await thief.confirm(first["session"])
        assert says(told) == "refuse session_expired"
        assert told["serial"] is None


async def test_a_session_is_bound_to_its_way_and_its_gate(tmp_path: Path) -> None:
    async with scanning(tmp_path, OTHER_GATE) as (office, phone):
        first = await phone.request(code())
        told = await phone.confirm(first["session"], direction=Direction.OUT)
        assert says(told) == "refuse session_expired"
        first = await phone.request(code())
        told = await phone.confirm(first["session"], gate=2)
        assert says(told) == "refuse session_expired"
        first = await phone.request(code())
        told = await phone.confirm(first["session"], gate=1, direction=Direction.IN)
        assert says(told) == "admit"
        assert await inside(office) == 1


async def test_a_confirmation_is_judged_by_what_is_known_by_then(tmp_path: Path) -> None:
    async with scanning(tmp_path) as (office, phone):
        first = await phone.request(code())
        cancelled = TicketStatus.CANCELLED.name.lower()
        await office.state({"kind": "status", "serials": [5], "status": cancelled})
        assert says(await phone.confirm(first["session"])) == "refuse cancelled"
        assert await inside(office) == 0


async def test_a_human_who_says_no_leaves_no_trace(tmp_path: Path) -> None:
    async with scanning(tmp_path) as (office, phone):
        first = await phone.request(code())
        no = await phone.confirm_raw(first["session"], is_yes=False)
        assert json.loads(no) == {"event": "done", "fact": None}
        assert await phone.confirm_raw(first["session"], is_yes=False) == no
        assert says(await phone.confirm(first["session"])) == "refuse session_expired"
        assert await inside(office) == 0


async def test_a_session_that_nobody_opened_has_expired(tmp_path: Path) -> None:
    async with scanning(tmp_path) as (_, phone):
        assert says(await phone.confirm("0" * 32)) == "refuse session_expired"


async def test_a_group_is_asked_how_many_and_then_whatever_else_there_is(tmp_path: Path) -> None:
    async with scanning(tmp_path, GROUP | {"age": 16}) as (office, phone):
        first = await phone.request(code())
        assert (says(first), first["guests_max"]) == ("ask group", 4)
        second = await phone.confirm(first["session"], guests=3)
        assert says(second) == "ask age"
        third = await phone.confirm(second["session"])
        assert (says(third), third["guests"]) == ("admit", 3)
        assert await inside(office) == 3
        last = await phone.request(code())
        assert (says(last), last["guests_max"], last["group"]) == ("ask group", 1, [3, 4])


async def test_one_step_may_bring_how_many_of_a_group_come(tmp_path: Path) -> None:
    async with scanning(tmp_path, GROUP) as (office, phone):
        assert says(await phone.admit(code(), guests=4)) == "admit"
        assert await inside(office) == 4


async def test_one_step_asks_where_a_human_must_look(tmp_path: Path) -> None:
    async with scanning(tmp_path, ADULTS) as (office, phone):
        asked = await phone.admit(code())
        assert says(asked) == "ask age"
        assert await inside(office) == 0
        assert says(await phone.confirm(asked["session"])) == "admit"


async def test_a_wristband_stands_for_the_ticket_for_which_it_was_given(tmp_path: Path) -> None:
    async with scanning(tmp_path) as (office, phone):
        await office.say(WristbandGiven(5, 1, 99))
        band = await phone.admit(code(99, kind=int(CodeKind.WRISTBAND)))
        assert (says(band), band["serial"]) == ("admit", "5")
        typed = await phone.request(None, serial=99)
        assert (says(typed), typed["serial"]) == ("refuse already_inside", "5")


async def test_a_typed_number_has_the_type_with_which_it_was_let_in(tmp_path: Path) -> None:
    async with scanning(tmp_path) as (_, phone):
        await phone.admit(code(5))
        await phone.leave(code(5))
        typed = await phone.request(None, serial=5)
        assert (says(typed), typed["type"], typed["type_name"]) == ("ask typed", 1, "Day")


async def test_a_peek_records_nothing_and_opens_no_session(tmp_path: Path) -> None:
    async with scanning(tmp_path) as (office, phone):
        facts = await office.do(lambda o: o.store.shelf.arrived)
        assert says(await phone.request(code(), is_peek=True)) == "admit"
        peeked = await phone.request("nonsense", is_peek=True, is_one_step=True)
        assert says(peeked) == "refuse not_a_code"
        assert "session" not in peeked
        assert await office.do(lambda o: o.store.shelf.arrived) == facts


async def test_what_was_done_by_mistake_is_taken_back_within_a_minute(tmp_path: Path) -> None:
    async with scanning(tmp_path) as (office, phone):
        fact = (await phone.admit(code()))["fact"]
        other = replace(phone, principal="b" * 32)
        done = await other.undo(fact, 5)
        assert isinstance(done, dict)
        assert done["event"] == "done"
        assert await inside(office) == 0
        assert isinstance(await phone.undo(fact), Problem)
        assert says(await phone.admit(code())) == "admit"


async def test_what_is_too_old_or_not_ours_cannot_be_taken_back(tmp_path: Path) -> None:
    async with scanning(tmp_path) as (office, phone):
        fact = (await phone.admit(code()))["fact"]
        assert isinstance(await phone.undo(fact, 6), Problem)
        assert isinstance(await phone.undo("0" * 64), Problem)
        refusal = (await phone.admit(code()))["fact"]
        assert isinstance(await phone.undo(refusal), Problem)
        office.now_ms += 61_000
        assert isinstance(await phone.undo(fact), Problem)
        assert await inside(office) == 1


async def test_the_gate_may_be_meant_by_its_zone_if_there_is_one_only(tmp_path: Path) -> None:
    backstage = ZONE | {"zone": 2, "name": "Backstage"}
    other = OTHER_GATE | {"zone": 2}
    async with scanning(tmp_path, ZONE, backstage, other) as (office, phone):
        anywhere = replace(phone, gate=None)
        problem = await anywhere.raw(code())
        assert isinstance(problem, Problem)
        assert problem.code == "gate_needed"
        assert says(await anywhere.admit(code(), zone=2)) == "admit"
        assert await inside(office, 2) == 1
        for more in ({"gate": 7}, {"gate": 1, "zone": 2}, {"zone": 3}):
            problem = await anywhere.raw(code(), **more)
            assert isinstance(problem, Problem)
            assert (problem.status, problem.code) == (404, "no_online_gate")


async def test_sessions_are_forgotten_minutes_after_they_ended(tmp_path: Path) -> None:
    async with scanning(tmp_path) as (office, phone):
        for serial in range(3):
            await phone.request(code(serial))
            office.now_ms += 6 * 60_000
        found = await office.do(
            lambda o: o.store.connection.execute("SELECT principal FROM scan_session").fetchall()
        )
        assert found == [(AGENT,)]
