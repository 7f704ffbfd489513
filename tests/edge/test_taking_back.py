"""A box that was put back to an older image takes back what it had lost before it goes on."""

import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.bar.desk import TillDesk
from edge.neighbours.talk import NeighbourTalk
from edge.store.connection import StoreTrouble
from edge.taking_back import Exchanged, OfficePartner, take_back
from edge.terminal import StillRecovering, Terminal
from hardware.bench import ManualClock
from sync.cells import CellKind
from sync.conversation import Heard
from sync.facts import SignedOut
from sync.names import Area, Role
from sync.quarantine import is_quarantined
from sync.replica import Outcome
from tests.edge.bar.tills import BAND, BEER, PLACE, Till
from tests.edge.boxes import NOW_MS, make_folder, office_says
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


def put_back(folder: Path, image: Path) -> None:
    shutil.rmtree(folder)
    shutil.copytree(image, folder)


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

    def close(self) -> None:
        """Nothing is held."""


def started(folder: Path, role: Role = Role.BAR) -> Terminal:
    terminal = Terminal(folder, role, clock=ManualClock(NOW_MS), synchronised=True, opens_run=False)
    terminal.start()
    return terminal


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


def test_a_box_that_lost_its_store_waits_for_the_office_and_asks_nobody_else(
    tmp_path: Path,
) -> None:
    folder = make_folder(tmp_path / "till", "bar")
    (folder / "terminal.started").touch()
    terminal = started(folder)
    liar = Liar()
    take_back(terminal, [liar])
    assert liar.exchanges == 0
    assert terminal.run is None
    terminal.close()


def test_a_store_that_fails_meanwhile_is_trouble_that_says_so(tmp_path: Path) -> None:
    terminal = started(make_folder(tmp_path / "till", "bar"))
    terminal.lane.run(lambda: terminal.store.connection.execute("PRAGMA query_only = ON"))
    with pytest.raises(StoreTrouble):
        take_back(terminal, [])
    with pytest.raises(StoreTrouble):
        take_back(terminal, [])
    terminal.close()


# --- a neighbour, its bytes carried by hand ---


class Neighbour:
    """One box's line to another, as far as taking back needs it."""

    def __init__(self, terminal: Terminal, other: Terminal) -> None:
        self.name = other.manifest.name
        self._terminal, self._other = terminal, other
        self._talk, self._others_talk = NeighbourTalk(terminal), NeighbourTalk(other)

    def exchange(self) -> Exchanged:
        mine, theirs = self._terminal.manifest.terminal_id, self._other.manifest.terminal_id
        said = self._terminal.lane.run(lambda: self._talk.say(theirs))
        answer = self._other.lane.run(lambda: self._others_talk.answer(mine, said))
        assert isinstance(answer, bytes)
        heard = self._terminal.lane.run(lambda: self._talk.hear(theirs, answer, 0, 0))
        assert isinstance(heard, Heard)
        self._terminal.lane.run(self._talk.settle)
        self._other.lane.run(self._others_talk.settle)
        brought = sum(one.outcome is Outcome.NEW for one in heard.taken)
        return Exchanged(True, self._talk.has_lost, heard.more, brought)

    def tell(self) -> None:
        """Let the other know the newest own fact at once, and nothing else."""
        mine, theirs = self._terminal.manifest.terminal_id, self._other.manifest.terminal_id
        store = self._terminal.store
        newest = self._terminal.lane.run(lambda: store.newest_of(mine, 1))
        told = self._terminal.lane.run(lambda: self._talk.tell(theirs, newest))
        assert isinstance(self._other.lane.run(lambda: self._others_talk.answer(mine, told)), bytes)
        self._other.lane.run(self._others_talk.settle)

    def close(self) -> None:
        """Nothing is held."""


def till_of(terminal: Terminal) -> Till:
    desk = terminal.lane.run(lambda: TillDesk(terminal))
    return Till(terminal, desk, ManualClock(NOW_MS))


def forks(terminal: Terminal, of: Terminal | None = None) -> bool:
    """Tell whether a box knows that it, or another one, was copied."""
    name = (of or terminal).manifest.terminal_id
    return terminal.lane.run(lambda: is_quarantined(terminal.store.shelf.cells, name))


@pytest.mark.parametrize("way", ["exchange", "tell"])
def test_what_only_a_neighbour_holds_comes_back_with_the_risk_that_it_was(
    tmp_path: Path, way: str
) -> None:
    """The office has never heard of those sales, so they still use up the till's room."""
    other = started(make_folder(tmp_path / "south", "bar", 11))
    take_back(other, [])
    folder = make_folder(tmp_path / "north", "bar", 10)
    first = started(folder)
    take_back(first, [])
    first.lane.run(lambda: office_says(first, BEER, PLACE))
    till = till_of(first)
    till.top_up(1, 10_000)
    line = Neighbour(first, other)
    for _ in range(4):
        line.exchange()
    first.close()
    shutil.copytree(folder, tmp_path / "image")
    again = started(folder)
    line = Neighbour(again, other)
    take_back(again, [line])
    assert again.notices == []
    till = till_of(again)
    for number in range(5):
        assert till.sell(100 + number, 700)["event"] == "paid"
        line.tell()
    if way == "exchange":
        for _ in range(3):
            line.exchange()
    assert again.store.till.spent_unacknowledged(77) == 3_500
    again.close()

    put_back(folder, tmp_path / "image")
    older = started(folder)
    take_back(older, [Neighbour(older, other)])
    (notice,) = older.notices
    assert "6 facts" in notice
    assert older.store.till.spent_unacknowledged(77) == 3_500
    till = till_of(older)
    assert till.sell(104, 700)["again"] is True
    declined = till.sell(200, 1_600)
    assert (declined["rule"], declined["possible_minor"]) == ("alone_limit", 1_500)
    assert till.sell(201, 1_500)["event"] == "paid"
    line = Neighbour(older, other)
    for _ in range(3):
        line.exchange()
    assert not forks(older)
    assert not forks(other, of=older)
    older.close()
    taken_up = started(folder)  # the book is on the disk like the cells
    assert taken_up.store.till.spent_unacknowledged(77) == 5_000
    for terminal in (taken_up, other):
        terminal.close()


def test_a_box_alone_forks_and_the_first_neighbour_that_has_both_branches_proves_it(
    tmp_path: Path,
) -> None:
    other = started(make_folder(tmp_path / "south", "bar", 11))
    take_back(other, [])
    folder = make_folder(tmp_path / "north", "bar", 10)
    started_once = started(folder)
    take_back(started_once, [])
    started_once.close()
    shutil.copytree(folder, tmp_path / "copy")
    copies = [started(folder), started(tmp_path / "copy")]
    for number, copy in enumerate(copies):
        take_back(copy, [])
        till = till_of(copy)
        till.do("sell", sale=f"{number:032x}", **CASH)
        exchanges(copy, other)
    assert forks(other, of=copies[0])
    assert not forks(other)
    assert forks(copies[1])
    assert not forks(copies[0])
    exchanges(copies[0], other)
    assert forks(copies[0])
    for terminal in (*copies, other):
        assert terminal.lane.run(lambda t=terminal: sales(t)) == 2  # type: ignore[misc]
        terminal.close()


def exchanges(terminal: Terminal, other: Terminal) -> None:
    line = Neighbour(terminal, other)
    for _ in range(4):
        line.exchange()


def sales(terminal: Terminal) -> int:
    return len(list(terminal.store.shelf.cells.items(Area.MONEY, CellKind.SALE)))


def test_a_till_that_knows_of_its_copy_takes_cash_and_no_wristband(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "north", "bar", 10)
    terminal = started(folder)
    take_back(terminal, [])
    terminal.lane.run(lambda: office_says(terminal, BEER, PLACE))
    till = till_of(terminal)
    till.top_up(1, 5_000)
    assert till.sell(1, 500)["event"] == "paid"
    terminal.close()
    shutil.copytree(folder, tmp_path / "copy")
    copies = [started(folder), started(tmp_path / "copy")]
    for copy in copies:
        take_back(copy, [])
    exchange_between(*copies)
    till = till_of(copies[0])
    assert forks(copies[0])
    for language, words in (("en", "enrol the other again"), ("fr", "enrôlez l'autre de nouveau")):
        declined = till.sell(2, 500, language=language)
        assert (declined["event"], declined["rule"]) == ("declined", "copied")
        assert words in declined["sentence"]
    paid_out = till.do("pay_out", operation="09" * 16, wristband=BAND, method="cash")
    assert (paid_out["event"], paid_out["rule"]) == ("declined", "copied")
    assert till.do("sell", sale="05" * 16, **CASH)["event"] == "paid"
    assert till.top_up(9, 500)["event"] == "done"
    assert till.do("balance", wristband=BAND)["balance_minor"] == 5_000
    for copy in copies:
        copy.close()


def exchange_between(one: Terminal, other: Terminal) -> None:
    """Let one take what the other wrote, as a partner of both would pass it on."""
    raws = other.lane.run(
        lambda: [raw for raw, _ in other.store.shelf.all_records()]  # every record, in order
    )

    def take() -> None:
        with one.store.transaction():
            one.replica.take(raws)

    one.lane.run(take)
