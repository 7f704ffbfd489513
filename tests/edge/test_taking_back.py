"""A box that was put back to an older image takes back what it had lost before it goes on."""

import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.store.connection import StoreTrouble
from edge.taking_back import Exchanged, OfficePartner, take_back
from edge.terminal import StillRecovering
from sync.facts import SignedOut
from tests.edge.boxes import make_folder
from tests.edge.by_hand import put_back, started
from tests.edge.real_boxes import CASH, Boxes, is_level, until
from tests.rehearsal.boxes import Box, Office
from tests.rehearsal.cable import Cable


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    one = Office(tmp_path_factory.mktemp("taking") / "office", 7, "Fair", "EUR")
    one.do("type", "--type", "1", "--name", "Day")
    one.serve()
    yield one
    one.stop()


@pytest.fixture
def cable(office: Office) -> Iterator[Cable]:
    one = Cable(office.port)
    yield one
    one.close()


@pytest.fixture
def boxes(office: Office, tmp_path: Path) -> Iterator[Boxes]:
    every = Boxes(office, tmp_path)
    yield every
    every.stop()


def conflicts(office: Office) -> list[str]:
    return [one["kind"] for one in office.ask("/api/v1/conflicts")]


def sells_thirty(till: Box, run: int, boxes: Boxes) -> None:
    box = boxes.run(till.folder, "bar")
    for number in range(30):
        box.ask("sell", sale=f"{run}{number:031x}", **CASH)
    until(lambda: is_level(box))
    box.stop()


# --- the office, over real lines ---


def test_a_till_from_an_older_image_takes_its_sales_back_and_forks_nothing(
    office: Office, boxes: Boxes, cable: Cable, tmp_path: Path
) -> None:
    till = boxes.start("bar", "till", cable.port)
    till.ask("sell", sale="01" * 16, **CASH)
    until(lambda: is_level(till))
    till.stop()
    shutil.copytree(till.folder, tmp_path / "image")
    for run in range(2):  # what was lost are two whole runs
        sells_thirty(till, run, boxes)
    put_back(till.folder, tmp_path / "image")
    till = boxes.run(till.folder, "bar")
    assert till.ready["run"] is not None
    assert not till.ready["recovering"]
    (notice,) = till.ready["notices"]
    assert "62 facts" in notice  # two openings and sixty sales
    assert till.ready["last"]["sale"] == f"1{29:031x}"
    again = till.ask("sell", sale=f"1{29:031x}", **CASH)
    assert (again["event"], again["again"]) == ("paid", True)
    assert till.ask("sell", sale="03" * 16, **CASH)["event"] == "paid"
    until(lambda: is_level(till))
    assert conflicts(office) == []
    assert not till.ask("status")["copied"]
    found = office.ask("/api/v1/summary")
    assert till.ask("hashes")["money"] == found["hashes"]["money"]
    (row,) = [one for one in found["terminals"] if one["terminal"] == till.ready["terminal"]]
    assert len(row["runs"]) == 4  # the image's, the two that were lost, and one more


def test_a_box_that_lost_nothing_starts_without_a_word(boxes: Boxes, office: Office) -> None:
    gate = boxes.start("gate", "north", office.port)
    until(lambda: is_level(gate))
    gate.stop()
    gate = boxes.run(gate.folder, "gate")
    assert gate.ready["notices"] == []
    assert gate.ready["run"] is not None


def test_nobody_reachable_forks_which_is_proved_where_both_branches_meet(
    office: Office, boxes: Boxes, cable: Cable, tmp_path: Path
) -> None:
    till = boxes.start("bar", "copied till", cable.port)
    till.ask("sell", sale="11" * 16, **CASH)
    until(lambda: is_level(till))
    till.stop()
    shutil.copytree(till.folder, tmp_path / "image")
    till = boxes.run(till.folder, "bar")
    till.ask("sell", sale="12" * 16, **CASH)
    until(lambda: is_level(till))
    till.stop()
    put_back(till.folder, tmp_path / "image")
    cable.pull()
    till = boxes.run(till.folder, "bar")
    assert till.ready["notices"] == []
    assert till.ask("sell", sale="13" * 16, **CASH)["event"] == "paid"
    assert not till.ask("status")["copied"]
    cable.plug()
    until(lambda: is_level(till))
    assert till.ask("status")["copied"]
    assert conflicts(office) == ["forked_journal"]
    name = till.ready["terminal"]
    found = office.ask("/api/v1/summary")
    assert [t["state"] for t in found["terminals"] if t["terminal"] == name] == ["copied"]
    assert sum(bar["sales"] for bar in found["bars"].values() if bar["sold_minor"] == 1_500) == 3
    till.stop()
    till = boxes.run(till.folder, "bar")
    assert any("copied" in notice for notice in till.ready["notices"])


# --- lines that are none ---


class Silence:
    """A partner whose answer never comes while the box waits."""

    name = "silence"

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.may_answer = threading.Event()
        self.closed = threading.Event()

    def exchange(self) -> Exchanged:
        self.asked.set()
        self.may_answer.wait(20)
        return Exchanged(answered=False)

    def abandon(self) -> None:
        """Nothing comes late."""

    def close(self) -> None:
        self.closed.set()


class Liar:
    """A partner that claims to hold more and brings nothing."""

    name = "a liar"

    def __init__(self) -> None:
        self.exchanges = 0

    def exchange(self) -> Exchanged:
        self.exchanges += 1
        return Exchanged(answered=True, has_lost=True, more=True)

    def abandon(self) -> None:
        """Nothing comes late."""

    def close(self) -> None:
        """Nothing is held."""


def test_a_box_records_nothing_before_it_has_asked_and_says_why(tmp_path: Path) -> None:
    terminal = started(make_folder(tmp_path / "till", "bar"))
    assert terminal.run is None
    assert not terminal.is_recovering
    told = []

    def job() -> None:
        with pytest.raises(StillRecovering, match="is starting") as caught:
            terminal.record(SignedOut(1))
        told.append(str(caught.value))

    terminal.lane.run(job)
    take_back(terminal, [])
    assert terminal.run is not None
    assert "lost its store" not in told[0]
    terminal.close()


def test_partners_are_asked_side_by_side_and_a_refusal_is_an_answer(tmp_path: Path) -> None:
    """The office of this folder refuses at once; nobody waits for it."""
    terminal = started(make_folder(tmp_path / "till", "bar"))
    silence = Silence()
    silence.may_answer.set()
    take_back(terminal, [OfficePartner(terminal), silence])
    assert silence.asked.is_set()
    assert silence.closed.wait(10)
    assert terminal.run is not None
    assert terminal.notices == []
    terminal.close()


def test_a_partner_that_never_answers_does_not_keep_a_box_from_working(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.taking_back.FIRST_ANSWERS_S", 0.05)
    terminal = started(make_folder(tmp_path / "till", "bar"))
    silence = Silence()
    take_back(terminal, [silence])
    assert terminal.run is not None
    silence.may_answer.set()
    assert silence.closed.wait(10)
    terminal.close()


def test_an_office_that_takes_the_connection_and_says_nothing_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.taking_back.FIRST_ANSWERS_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as hole:
        address = f"http://127.0.0.1:{hole.getsockname()[1]}"
        terminal = started(make_folder(tmp_path / "till", "bar", office=address))
        take_back(terminal, [OfficePartner(terminal)])
        assert terminal.run is not None
    terminal.close()


def test_a_partner_that_only_claims_to_hold_more_is_given_up_and_told(tmp_path: Path) -> None:
    terminal = started(make_folder(tmp_path / "till", "bar"))
    liar = Liar()
    take_back(terminal, [liar])
    assert liar.exchanges == 4
    assert terminal.run is not None
    (notice,) = terminal.notices
    assert "a liar" in notice
    terminal.close()


def test_a_box_that_lost_its_store_waits_for_the_office_whatever_neighbours_say(
    tmp_path: Path,
) -> None:
    folder = make_folder(tmp_path / "till", "bar")
    (folder / "terminal.started").touch()
    terminal = started(folder)
    liar, notices = Liar(), list(terminal.notices)
    take_back(terminal, [liar])
    assert liar.exchanges == 4
    assert terminal.run is None
    assert terminal.is_recovering
    assert terminal.notices == notices
    terminal.close()


def test_a_store_that_fails_meanwhile_is_trouble_that_says_so(tmp_path: Path) -> None:
    terminal = started(make_folder(tmp_path / "till", "bar"))
    terminal.lane.run(lambda: terminal.store.connection.execute("PRAGMA query_only = ON"))
    with pytest.raises(StoreTrouble):
        take_back(terminal, [])
    with pytest.raises(StoreTrouble):
        take_back(terminal, [])
    terminal.close()
