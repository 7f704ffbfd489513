"""A box that joins late asks the office: what it is given, and what nobody else is."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from cloud.limits import SNAPSHOT_FACTS_MIN, SNAPSHOT_GROWTH_FACTS_MIN
from cloud.settings import open_office as settings_of
from cloud.snapshots import upkeep
from cloud.snapshots.making import folder_of, make
from cloud.snapshots.upkeep import UPKEEP, Upkeep
from provisioning.request_signing import NONCE_HEADER, check_answer, receiver_id_of, sign_request
from sync.journal import read_record
from sync.keys import digest
from sync.limits import SNAPSHOT_ASK_BYTES_MAX
from sync.names import Role
from sync.snapshot import Head, pages_of, read_head
from sync.snapshot_asking import (
    Ask,
    State,
    Wanted,
    read_content,
    read_records,
    spell_ask,
)
from tests.cloud.box import Box, other_terminal
from tests.cloud.facts import admitted, sold, topped_up
from tests.cloud.offices import START_MS, TestOffice, open_office
from tests.rehearsal.boxes import guichet
from tests.sync.joiners import joiner

PATH = "/sync/v1/snapshot"
ZONE = {"kind": "zone", "zone": 1, "name": "Field", "capacity": None}


async def asked(office: TestOffice, box: Box, body: bytes, **more: Any) -> tuple[int, bytes]:
    """Ask as a box does, with the nonce that a first try brings, and return (status, body)."""
    nonce = more.pop("nonce", "00")
    chain_owner = more.pop("headers", {})
    content = b""
    for _ in range(2):
        to = receiver_id_of(box.office_key)
        headers = {**sign_request(box.identity, "POST", PATH, body, to, nonce)}
        headers |= {"Guichet-Terminal": box.terminal.hex(), **chain_owner}
        async with office.session.post(office.url + PATH, data=body, headers=headers) as answer:
            content = await answer.read()
            nonce = answer.headers.get(NONCE_HEADER, "")
            if answer.status == 200:
                assert check_answer(box.office_key, headers, content, answer.headers)
            if answer.status != 401:
                return answer.status, content
    return 401, content


def want(box: Box, wanted: Wanted, **more: Any) -> bytes:
    return spell_ask(Ask(box.chain, wanted, **more))


async def head_for(office: TestOffice, box: Box) -> Head:
    status, content = await asked(office, box, want(box, Wanted.HEAD))
    state, head = read_content(content)
    assert (status, state) == (200, State.HERE)
    return read_head(head, box.office_key, office.folder.festival, box.role)


async def worked(office: TestOffice) -> tuple[Box, Box]:
    """Let a gate and a till work, make snapshots, and return the two."""
    gate, bar = await office.gate(), await office.bar()
    gate.say(admitted(1), admitted(2))
    bar.say(topped_up(5, 2_000), sold(5, 450, 2))
    await office.level(gate, bar)
    for role in (Role.GATE, Role.BAR):
        assert make(office.folder, role, START_MS) is not None
    return gate, bar


async def test_a_box_that_was_never_heard_is_given_all_parts_of_a_snapshot(tmp_path: Path) -> None:
    async with open_office(tmp_path, ZONE) as office:
        await worked(office)
        new = office.box(Role.GATE, "South", 12)
        head = await head_for(office, new)
        assert (head.position[0], head.made_at_ms) == (
            await office.do(lambda o: o.store.shelf.arrived),
            START_MS,
        )
        pages = []
        for mark, size in head.parts:
            status, content = await asked(office, new, want(new, Wanted.PART, mark=mark))
            state, part = read_content(content)
            assert (status, state, len(part), digest(part)) == (200, State.HERE, size, mark)
            pages += list(pages_of(part, mark))
        joined = joiner(pages, Role.GATE)
        summary = await office.get("/api/v1/summary")
        inside = {str(zone): 2 for zone in (1,)}
        assert summary["inside"] == inside
        assert joined.shelf.runs()


async def test_the_records_behind_a_snapshot_are_given_run_by_run(tmp_path: Path) -> None:
    async with open_office(tmp_path, ZONE) as office:
        gate, bar = await worked(office)
        new = office.box(Role.GATE, "South", 12)
        run = gate.shelf.runs()[0].run
        own = next(i.run for i in gate.shelf.runs() if i.terminal == gate.terminal)
        assert run is not None
        ask = want(new, Wanted.RECORDS, run=own, low=1, high=2)
        status, content = await asked(office, new, ask)
        assert status == 200
        numbers = [read_record(raw).number for raw in read_records(content)]
        assert numbers == [1, 2]
        till = next(i.run for i in bar.shelf.runs() if i.terminal == bar.terminal)
        status, content = await asked(
            office, new, want(new, Wanted.RECORDS, run=till, low=0, high=9)
        )
        assert (status, read_records(content)) == (200, ())


async def test_nobody_else_is_given_anything(tmp_path: Path) -> None:
    async with open_office(tmp_path, ZONE) as office:
        gate, bar = await worked(office)
        head = await head_for(office, gate)
        body = want(gate, Wanted.HEAD)
        async with office.session.post(office.url + PATH, data=body) as answer:
            assert answer.status == 401
        strange = {"headers": other_terminal(gate)}
        assert (await asked(office, gate, body, **strange))[0] == 403
        stolen = spell_ask(Ask(bar.chain, Wanted.HEAD))
        assert (await asked(office, gate, stolen))[0] == 403
        assert (await asked(office, gate, b"hello"))[0] == 400
        assert (await asked(office, gate, b"x" * (SNAPSHOT_ASK_BYTES_MAX + 1)))[0] == 413
        status, content = await asked(office, bar, want(bar, Wanted.PART, mark=head.parts[-1][0]))
        assert (status, read_content(content)) == (200, (State.NONE, b""))
        for role in (Role.OFFICE, Role.HUB):
            other = office.box(role, "Other", 40 + role)
            assert (await asked(office, other, want(other, Wanted.HEAD)))[0] == 403


async def test_a_signature_over_another_question_is_not_heard(tmp_path: Path) -> None:
    async with open_office(tmp_path, ZONE) as office:
        gate, _ = await worked(office)
        body, other = want(gate, Wanted.HEAD), want(gate, Wanted.PART, mark=b"m" * 32)
        nonce = office.desk.mint.give(office.desk.now_s())
        headers = sign_request(
            gate.identity, "POST", PATH, body, receiver_id_of(gate.office_key), nonce
        )
        headers |= {"Guichet-Terminal": gate.terminal.hex()}
        async with office.session.post(office.url + PATH, data=other, headers=headers) as answer:
            assert answer.status == 401


async def test_a_revoked_terminal_is_given_nothing(tmp_path: Path) -> None:
    async with open_office(tmp_path, ZONE) as office:
        gate, _ = await worked(office)
        await office.state({"kind": "revoke", "terminal": gate.terminal.hex()})
        for body in (want(gate, Wanted.HEAD), want(gate, Wanted.PART, mark=b"m" * 32)):
            assert (await asked(office, gate, body))[0] == 403


async def test_a_small_festival_has_none_and_one_in_the_making_says_so(tmp_path: Path) -> None:
    async with open_office(tmp_path, ZONE) as office:
        gate = await office.gate()
        status, content = await asked(office, gate, want(gate, Wanted.HEAD))
        assert (status, read_content(content)) == (200, (State.NONE, b""))


async def test_a_snapshot_of_another_store_is_not_given(tmp_path: Path) -> None:
    """The store was put back to an older image: what the snapshot stands for is not there."""
    async with open_office(tmp_path, ZONE) as office:
        gate, _ = await worked(office)
        await office.do(lambda o: o.store.recovery.begin(START_MS, bytes(16)))
        status, content = await asked(office, gate, want(gate, Wanted.HEAD))
        assert (status, read_content(content)) == (200, (State.NONE, b""))
        assert make(office.folder, Role.GATE, START_MS) is None


async def test_parts_of_the_snapshot_before_stay_for_who_is_fetching_them(tmp_path: Path) -> None:
    async with open_office(tmp_path, ZONE) as office:
        gate, _ = await worked(office)
        folder = folder_of(office.folder.path, Role.GATE)
        heads = []
        for serial in (11, 12, 13):
            gate.say(admitted(serial))
            await office.level(gate)
            heads.append(make(office.folder, Role.GATE, START_MS + serial))
        here = {path.stem for path in folder.glob("*.part")}
        first, second, third = ({mark.hex() for mark, _ in head.parts} for head in heads if head)
        assert second | third == here
        assert first - here


def test_snapshots_can_be_made_by_hand_while_the_office_runs_or_not(tmp_path: Path) -> None:
    folder = tmp_path / "office"
    guichet("cloud", "init", folder, "--festival", "7", "--name", "Fair", "--currency", "EUR")
    said = guichet("cloud", "snapshot", folder)
    assert said.startswith("gate: ")
    assert "bar: " in said
    opened = settings_of(folder)
    for role in (Role.GATE, Role.BAR):
        content = (folder_of(folder, role) / "head").read_bytes()
        assert read_head(content, opened.key.public, 7, role).facts > 0


async def test_the_office_makes_snapshots_by_itself_once_it_is_large_and_has_grown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_office(tmp_path, ZONE) as office:
        gate, _ = await worked(office)
        facts = await office.do(lambda o: o.store.shelf.arrived)
        keeper = Upkeep(office.desk)
        await keeper._make_if_new()
        assert facts < SNAPSHOT_FACTS_MIN
        head = folder_of(office.folder.path, Role.GATE) / "head"
        made = head.read_bytes()
        monkeypatch.setattr(upkeep, "SNAPSHOT_FACTS_MIN", facts)
        assert await keeper._make_if_new() > 0
        newer = head.read_bytes()
        assert newer != made
        gate.say(admitted(99))
        await office.level(gate)
        assert SNAPSHOT_GROWTH_FACTS_MIN > 1
        assert await keeper._make_if_new() == 0
        assert head.read_bytes() == newer


async def test_an_office_that_ends_while_a_snapshot_is_made_ends_the_making_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_office(tmp_path, ZONE) as office:
        await worked(office)
        monkeypatch.setattr(upkeep, "SNAPSHOT_FACTS_MIN", 1)
        keeper = Upkeep(office.desk)
        task = asyncio.create_task(keeper.work())
        while not keeper.is_at_work:  # noqa: ASYNC110 - nothing tells when it begins
            await asyncio.sleep(0)
        child = keeper._child
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert child is not None
        assert child.returncode is not None
    assert UPKEEP is not None
