"""What a neighbour gives back to a box from an older image, and what two copies learn of it."""

import shutil
from pathlib import Path

import pytest

from edge.taking_back import take_back
from edge.terminal import Terminal
from sync.cells import CellKind
from sync.names import Area
from tests.edge.bar.tills import BAND, BEER, PLACE
from tests.edge.boxes import make_folder, office_says
from tests.edge.by_hand import Neighbour, forks, put_back, started, till_of
from tests.edge.real_boxes import CASH


def north_and_south(tmp_path: Path) -> tuple[Path, Terminal]:
    """Return the folder of a till of which its neighbour holds everything, and the neighbour."""
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
    return folder, other


@pytest.mark.parametrize("way", ["exchange", "tell"])
def test_what_only_a_neighbour_holds_comes_back_with_the_risk_that_it_was(
    tmp_path: Path, way: str
) -> None:
    """The office has never heard of those sales, so they still use up the till's room."""
    folder, other = north_and_south(tmp_path)
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


def test_a_box_that_lost_its_store_has_what_only_a_neighbour_holds_before_the_office_speaks(
    tmp_path: Path,
) -> None:
    """The office may not have heard it yet: a run opened without it would fork the journal."""
    folder, other = north_and_south(tmp_path)
    for part in folder.glob("terminal.db*"):
        part.unlink()
    lost = started(folder)
    assert lost.own_facts() == 0
    take_back(lost, [Neighbour(lost, other)])
    assert lost.own_facts() == 2  # its opening and a top-up
    assert lost.run is None
    assert lost.is_recovering
    lost.close()
    other.close()


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
