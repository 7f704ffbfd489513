"""Disks that fail: full, unable to sync, without power. What a box showed as done stays."""

import os
import random
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from edge.store.connection import STORE_FILE, StoreTrouble
from edge.terminal import BROKEN_EXIT_CODE
from tests import full_disk
from tests.outside.fair import (
    Fair,
    holds,
    is_well,
    sale_of,
    shown_as_done,
    some_answers,
    until,
)
from tests.outside.faults import FailingSync, NoFault
from tests.outside.loop_disk import LoopDisk, NoDisk
from tests.outside.needs import need
from tests.rehearsal.boxes import Box, BoxTrouble

BATCH = 24
ROLES = ["gate", "bar"]
END_S = 30


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    need(root=True, why="mount a small disk")
    place = tmp_path / "small"
    place.mkdir()
    if trouble := full_disk.mount(place):
        pytest.skip(f"a small disk cannot be mounted here: {trouble}")
    yield place
    full_disk.unmount(place)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[LoopDisk]:
    need("mkfs.ext4", "losetup", root=True, why="mount a disk whose power can be cut")
    try:
        one = LoopDisk(tmp_path)
    except NoDisk as trouble:
        pytest.skip(f"no disk can be mounted from a file here: {trouble}")
    with one:
        yield one


def work(fair: Fair, role: str, count: int) -> list[dict[str, Any]]:
    """Return commands that a box of this role must record, each with something new."""
    if role == "gate":
        return [{"do": "scan", "text": text} for _, text in fair.tickets(count)]
    return [sale_of(fair.sale()) for _ in range(count)]


def is_done(answer: dict[str, Any]) -> bool:
    """Tell whether an answer shows green: let in, or paid."""
    return answer.get("verdict") == "admit" or answer.get("event") == "paid"


def answered(box: Box, command: dict[str, Any]) -> dict[str, Any]:
    """Return a box's answer; that it ended before it gave one, as its line may make it, is one."""
    try:
        return box.answer(box.send(command))
    except BoxTrouble:
        return {"event": "trouble"}


def prepared(fair: Fair, name: str, role: str, **how: Any) -> Box:
    """Enrol and start a box and wait until it knows the festival."""
    box = fair.opened(name, role, **how)
    fair.level(name)
    return box


def redone(box: Box, commands: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the same commands again; each is done now, or is known to have been done before."""
    answers = [box.answer(box.send(command)) for command in commands]
    assert all(is_done(one) or one.get("reason") == "already_inside" for one in answers), answers
    return answers


@pytest.mark.parametrize("role", ROLES)
def test_on_a_full_disk_nothing_is_shown_as_done_and_with_room_the_box_goes_on(
    fair: Fair, role: str, small_disk: Path, tmp_path: Path
) -> None:
    name = f"{role}-full"
    # What it says to people goes elsewhere: on a full disk that, too, could not be written.
    box = prepared(fair, name, role, folder=small_disk, log=tmp_path / "errors.log")
    shown: set[str] = set()
    full_disk.fill(small_disk)
    refused = work(fair, role, 1)
    while is_done(answer := answered(box, refused[0])):
        shown |= shown_as_done([answer])
        refused = work(fair, role, 1)
    assert (answer["event"], answer.get("fact")) == ("trouble", None)
    status, said = box.ended(END_S)
    assert (status, shown_as_done(said)) == (BROKEN_EXIT_CODE, set())
    assert "cannot record" in (tmp_path / "errors.log").read_text("utf-8")
    (small_disk / "rest-0").unlink()
    fair.start(name)
    assert holds(box.folder, shown) == set()
    redone(box, refused)
    assert is_well(box)
    assert fair.level(name)["conflicts"] == []


@pytest.mark.parametrize("role", ROLES)
def test_where_the_disk_cannot_sync_nothing_is_shown_as_done_and_the_box_ends(
    fair: Fair, role: str, tmp_path: Path
) -> None:
    need("fiu-ctrl", why="let a disk fail")
    try:
        sync = FailingSync(tmp_path)
    except NoFault as trouble:
        pytest.skip(f"libfiu is needed to let a disk fail: {trouble}")
    name = f"{role}-eio"
    box = prepared(fair, name, role, surroundings=sync.surroundings)
    before = work(fair, role, BATCH)
    shown = shown_as_done(redone(box, before))
    assert len(shown) == BATCH
    sync.fail(box.pid)
    failing = work(fair, role, BATCH)
    answers: list[dict[str, Any]] = []
    with suppress(BoxTrouble):  # it ends before it has read every command
        answers += some_answers(box, [box.send(command) for command in failing], BATCH)
    status, said = box.ended(END_S)
    assert not any(map(is_done, [*answers, *said]))
    assert status == BROKEN_EXIT_CODE
    unable = Box(box.folder, role, surroundings=sync.from_the_start)
    with pytest.raises(BoxTrouble, match="look at the disk"):
        unable.start()
    unable.stop()
    sound = Box(box.folder, role)
    fair.boxes[name] = sound
    fair.start(name)
    assert holds(box.folder, shown) == set()
    redone(sound, failing)
    assert is_well(sound)
    assert fair.level(name)["conflicts"] == []


def cut_at_work(disk: LoopDisk, box: Box, commands: list[dict[str, Any]], moment: int) -> set[str]:
    """Cut the power of a box that works, after so many answers; return what it had shown.

    The processor stands still first, the disk a moment later, in the middle of a write that was
    under way: a box without power shows nothing any more. Without that order this kernel now and
    then tells a `fdatasync` that met the shutdown that all is well.
    """
    answers = some_answers(box, [box.send(command) for command in commands], moment)
    os.kill(box.pid, signal.SIGSTOP)
    until(lambda: stands_still(box.pid), "a box that stands still")
    disk.cut_power()
    answers += box.die()
    disk.restore_power()
    return shown_as_done(answers)


def stands_still(pid: int) -> bool:
    """Tell whether the thread of a process that answers has stopped."""
    after_name = Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1]
    return after_name.split()[0] == "T"


@pytest.mark.parametrize("role", ROLES)
def test_a_power_cut_takes_nothing_that_was_shown_as_done(
    fair: Fair, role: str, disk: LoopDisk, rounds: int, rng: random.Random
) -> None:
    name = f"{role}-cut"
    box = prepared(fair, name, role, folder=disk.place)
    shown: set[str] = set()
    for _ in range(rounds):
        commands = work(fair, role, BATCH)
        shown |= cut_at_work(disk, box, commands, rng.randrange(1, BATCH))
        assert holds(box.folder, shown) == set()
        fair.start(name)
        assert box.ready["notices"] == []
        shown |= shown_as_done(redone(box, commands))
    assert is_well(box)
    assert fair.level(name)["conflicts"] == []


def test_a_box_that_does_not_wait_for_its_disk_loses_what_it_showed(
    fair: Fair, disk: LoopDisk
) -> None:
    box = prepared(fair, "weak", "bar", folder=disk.place)
    box.stop()
    weak = Box(box.folder, "bar", module="tests.outside.weak_box")
    weak.start()
    shown = cut_at_work(disk, weak, work(fair, "bar", BATCH), BATCH // 2)
    assert len(shown) >= BATCH // 2
    try:
        lost = holds(box.folder, shown)
    except StoreTrouble:  # not even the store is whole any more
        assert not (box.folder / STORE_FILE).exists()
        return
    finally:
        del fair.boxes["weak"]
    assert lost
