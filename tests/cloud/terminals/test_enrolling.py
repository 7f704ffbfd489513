"""A box and a real office on loopback: who is taken in, who is refused, and what is left behind."""

import asyncio
import contextlib
import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest

from cloud.terminals.service import WRONG_TRIES_MAX
from provisioning import manifest as manifests
from provisioning.enrol import OfficeUnreachable
from provisioning.enrolment import CODE_LIFE_S, CODE_TRIES_MAX, read_code
from provisioning.enrolment_messages import SEAL_HEADER, TERMINAL_PATH
from provisioning.manifest import Manifest
from sync.certificates import read_chain
from sync.facts import BarSet, CertificateIssued, GateSet
from sync.names import Role
from tests.cloud.terminals.enrolling_office import (
    Desk,
    Office,
    enrol_box,
    enrolled,
    open_office,
    refused,
)

CHECKOUT = Path(__file__).resolve().parents[3]


def changed(code: str, place: int) -> str:
    """Return the code with another character at this place (dashes not counted)."""
    letters = list(code.replace("-", ""))
    letters[place] = "Z" if letters[place] != "Z" else "Y"
    return "".join(letters)


async def test_a_box_is_taken_in_and_its_folder_is_complete_and_private(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        box = tmp_path / "north"
        manifest = await enrolled(box, office, office.code())
    assert manifests.load(box) == manifest
    assert (manifest.role, manifest.name, manifest.office) == ("gate", "North", office.address)
    assert (manifest.festival_name, manifest.day_boundary_minutes) == ("Été", 360)
    assert manifest.office_key == office.desk.key.public
    assert manifests.identity(box).public == manifest.certificate.key
    assert sorted(path.name for path in box.iterdir()) == ["identity.key", "manifest.json"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in box.iterdir()} == {0o600}
    assert stat.S_IMODE(box.stat().st_mode) == 0o700


@pytest.mark.one_engine
async def test_the_file_of_codes_is_private(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        office.code()
    assert stat.S_IMODE((tmp_path / "enrolment.db").stat().st_mode) == 0o600


async def test_the_office_states_the_certificate_and_the_place_once(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        gate = await enrolled(tmp_path / "a", office, office.code("gate", "North", 3))
        bar = await enrolled(tmp_path / "b", office, office.code("bar", "Main bar", 9))
    certified_gate, gate_set, certified_bar, bar_set = office.desk.said
    assert gate_set == GateSet(gate.terminal_id, 1, "North", 3, ())
    assert bar_set == BarSet(bar.terminal_id, 1, "Main bar", 9)
    for fact, manifest in ((certified_gate, gate), (certified_bar, bar)):
        assert fact == CertificateIssued(manifest.chain[1])
        found = read_chain(manifest.chain, office.desk.festival_key, 7)
        assert found is not None
        assert found.holder == manifest.terminal_id
    assert (gate.writer_role, bar.writer_role) == (Role.GATE, Role.BAR)


async def test_a_hub_is_certified_and_has_no_place(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        hub = await enrolled(tmp_path / "hub", office, office.code("hub", "Hub 1"))
    assert (hub.role, hub.writer_role) == ("hub", Role.HUB)
    assert office.desk.said == [CertificateIssued(hub.chain[1])]


async def test_a_code_is_taken_in_any_case_and_spacing(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        code = office.code().lower().replace("-", "  ").replace("0", "o").replace("1", "l")
        assert (await enrolled(tmp_path / "a", office, f" {code} ")).name == "North"


async def test_an_office_with_another_festival_key_is_refused_before_anything_is_proved(
    tmp_path: Path,
) -> None:
    (tmp_path / "true").mkdir()
    (tmp_path / "false").mkdir()
    stranger = Desk(festival_seed=bytes([9]) * 32)
    async with (
        open_office(tmp_path / "true") as office,
        open_office(tmp_path / "false", desk=stranger) as other,
    ):
        sentence = await refused(tmp_path / "box", other.address, office.code())
    assert "festival key is another" in sentence
    assert not (tmp_path / "box").exists()
    assert stranger.said == []


async def test_an_office_that_shows_the_key_but_holds_no_certificate_of_it_is_refused(
    tmp_path: Path,
) -> None:
    stranger = Desk(festival_seed=bytes([9]) * 32)
    stranger.festival_key = Desk().festival_key
    async with open_office(tmp_path, desk=stranger) as office:
        sentence = await refused(tmp_path / "box", office.address, office.code())
    assert "festival key is another" in sentence
    assert not (tmp_path / "box").exists()


async def test_an_office_that_certifies_with_a_key_of_its_own_is_refused(tmp_path: Path) -> None:
    impostor = Desk()
    impostor.key = Desk(bytes([9]) * 32).key.__class__(bytes([8]) * 32)
    async with open_office(tmp_path, desk=impostor) as office:
        sentence = await refused(tmp_path / "box", office.address, office.code())
    assert "not sealed by the festival's office" in sentence
    assert not (tmp_path / "box").exists()


async def test_after_five_wrong_tries_the_right_code_is_refused(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        code = office.code()
        for place in range(3, 3 + CODE_TRIES_MAX):
            sentence = await refused(tmp_path / "box", office.address, changed(code, place))
            assert "does not know this code" in sentence
        assert "too often" in await refused(tmp_path / "box", office.address, code)
        assert not (tmp_path / "box").exists()
        assert office.desk.said == []
        assert (await enrolled(tmp_path / "box", office, office.code())).name == "North"


async def test_four_wrong_tries_leave_the_right_code_good(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        code = office.code()
        for place in range(3, 2 + CODE_TRIES_MAX):
            await refused(tmp_path / "box", office.address, changed(code, place))
        assert (await enrolled(tmp_path / "box", office, code)).name == "North"


async def test_a_stranger_who_misses_the_first_characters_spends_nobodys_tries(
    tmp_path: Path,
) -> None:
    async with open_office(tmp_path) as office:
        code = office.code()
        for _ in range(CODE_TRIES_MAX + 1):
            await refused(tmp_path / "box", office.address, changed(code, 0))
        assert (await enrolled(tmp_path / "box", office, code)).name == "North"


async def test_an_address_with_many_wrong_codes_has_to_wait(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office, aiohttp.ClientSession() as session:
        code = office.code()
        question = {"key": "00" * 32, "selector": "000", "proof": "00" * 32}
        for _ in range(WRONG_TRIES_MAX):
            async with session.post(office.address + TERMINAL_PATH, json=question) as answer:
                assert answer.status == 403
        assert "Wait some minutes" in await refused(tmp_path / "box", office.address, code)
        office.now_s += CODE_LIFE_S
        assert (await enrolled(tmp_path / "box", office, office.code())).name == "North"


async def test_a_code_dies_after_a_quarter_of_an_hour(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        late, just = office.code(), office.code()
        office.now_s += CODE_LIFE_S - 1
        await enrolled(tmp_path / "just", office, just)
        office.now_s += 1
        assert "15 minutes are over" in await refused(tmp_path / "late", office.address, late)


async def test_a_used_code_takes_no_second_box(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        code = office.code()
        await enrolled(tmp_path / "first", office, code)
        sentence = await refused(tmp_path / "second", office.address, code)
        assert "used by another box" in sentence
        assert len(office.desk.said) == 2


async def test_two_boxes_that_race_for_one_code_make_one_terminal(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        code = office.code()
        results = await asyncio.gather(
            *(enrol_box(tmp_path / name, office.address, code) for name in "abc")
        )
        assert sum(isinstance(result, Manifest) for result in results) == 1
        assert len(office.desk.said) == 2


async def test_an_answer_that_is_lost_is_given_again_to_the_same_box(tmp_path: Path) -> None:
    async with open_office(tmp_path, drop_answers=2) as office:
        manifest = await enrolled(tmp_path / "box", office, office.code())
        assert manifests.load(tmp_path / "box") == manifest
        assert len(office.desk.said) == 2


async def test_a_box_that_gave_up_enrols_later_with_the_same_key_and_code(tmp_path: Path) -> None:
    async with open_office(tmp_path, drop_answers=5) as office:
        code, box = office.code(), tmp_path / "box"
        with pytest.raises(OfficeUnreachable, match="the code still counts"):
            await enrol_box(box, office.address, code)
        assert [path.name for path in box.iterdir()] == [".enrolling"]
        with pytest.raises(manifests.BadManifest, match="not an enrolled terminal"):
            manifests.load(box)
        manifest = await enrolled(box, office, code)
        assert sorted(path.name for path in box.iterdir()) == ["identity.key", "manifest.json"]
        assert office.desk.said[0] == CertificateIssued(manifest.chain[1])
        assert len(office.desk.said) == 2


async def test_an_enrolled_folder_is_replaced_only_when_asked_and_nothing_is_lost(
    tmp_path: Path,
) -> None:
    async with open_office(tmp_path) as office:
        box = tmp_path / "box"
        first = await enrolled(box, office, office.code())
        (box / "terminal.db").write_bytes(b"sales")
        code = office.code(name="South")
        assert "enrolled already" in await refused(box, office.address, code)
        assert manifests.load(box) == first
        second = await enrolled(box, office, code, again=True)
        third = await enrolled(box, office, office.code(name="West"), again=True)
    assert manifests.load(box) == third
    assert manifests.load(box / "before-1") == first
    assert manifests.load(box / "before-2") == second
    assert (box / "before-1" / "terminal.db").read_bytes() == b"sales"
    assert len({first.terminal, second.terminal, third.terminal}) == 3
    names = ["before-1", "before-2", "identity.key", "manifest.json"]
    assert sorted(path.name for path in box.iterdir()) == names


async def test_an_enrolment_killed_at_any_moment_is_finished_by_the_same_command(
    tmp_path: Path,
) -> None:
    """Kill the command at each file operation in turn, until one run comes through."""
    async with open_office(tmp_path) as office:
        box, killed = tmp_path / "box", 0
        await enrolled(box, office, office.code())
        first = manifests.load(box)
        for step in range(1, 80):
            code = office.code(name="South")
            if await _run_until(step, box, office, code) == 0:
                break
            killed += 1
            with contextlib.suppress(manifests.BadManifest):
                found = manifests.load(box)
                assert manifests.identity(box).public == found.certificate.key
            manifest = await enrolled(box, office, code, again=True)
            assert manifests.identity(box).public == manifest.certificate.key
            assert not (box / ".enrolling").exists()
        assert killed > 10
    assert manifests.load(box / "before-1") == first


async def _run_until(step: int, box: Path, office: Office, code: str) -> int:
    """Run an enrolment that kills itself before its file operation number `step`."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.cloud.terminals.dying_box",
        str(step),
        str(box),
        office.address,
        code,
        cwd=CHECKOUT,
        stderr=subprocess.PIPE,
    )
    _, errors = await child.communicate()
    assert child.returncode in {0, -signal.SIGKILL}, errors.decode()
    return child.returncode


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff" * 900,
        b"[" * 1_000,
        b"0" * 100_000,
        json.dumps({"key": "00" * 32, "selector": "0000", "proof": "00" * 32}).encode(),
        json.dumps({"key": "00" * 32, "selector": "UUU", "proof": "00" * 32}).encode(),
        json.dumps({"key": "00" * 31, "selector": "000", "proof": "00" * 32}).encode(),
        json.dumps({"key": "00" * 32, "selector": "000", "proof": 7}).encode(),
    ],
)
async def test_garbage_is_refused_and_changes_nothing(tmp_path: Path, content: bytes) -> None:
    async with open_office(tmp_path) as office, aiohttp.ClientSession() as session:
        code = office.code()
        async with session.post(office.address + TERMINAL_PATH, data=content) as answer:
            assert answer.status == 400
            assert (await answer.json(content_type=None))["reason"] == "malformed"
            assert SEAL_HEADER not in answer.headers
        await enrolled(tmp_path / "box", office, code)


async def test_something_else_at_the_address_is_named(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        dead = "http://127.0.0.1:1"
        with pytest.raises(OfficeUnreachable, match="cannot be reached"):
            await enrol_box(tmp_path / "box", dead, office.code())
        sentence = await refused(tmp_path / "other", "ftp://host", office.code())
        assert "looks like http" in sentence
        assert "no enrolment code" in await refused(tmp_path / "other", office.address, "ABC")
        assert not (tmp_path / "other").exists()


@pytest.mark.one_engine
async def test_a_code_says_its_secret_to_nobody_in_the_office(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        code = read_code(office.code())
    assert code is not None
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("enrolment.db*"))
    assert code.selector.encode() in kept
    assert code.secret.encode() not in kept
    assert code.secret not in repr(code)
    assert os.sep not in code.text
