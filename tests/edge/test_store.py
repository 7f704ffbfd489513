"""What was said to be recorded survives everything; what is damaged is found, said and mended."""

import itertools
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from edge.bar.desk import TillDesk
from edge.chores import compare, differing
from edge.limits import TAIL_FACTS_MAX
from edge.store.connection import STORE_FILE, StoreBusy, StoreTrouble, open_reader
from edge.store.store import look_into
from edge.terminal import BROKEN_EXIT_CODE, Terminal, WrongRole
from sync.accounts import accounts, postings_sum
from sync.cells import CellKind
from sync.ledger import sale
from sync.names import FactId, Role
from tests.edge.boxes import CHECKOUT, Child, make_folder, opened
from tests.edge.dying_till import SALES

LINES = [[1, 1, 500, 0, 0, None]]


def sell(terminal: Terminal, number: int) -> str:
    """Record a sale for cash and return its fact."""
    desk = TillDesk(terminal)
    command = {"sale": f"{number:032x}", "lines": LINES, "payments": [["cash", 500]]}
    return str(terminal.lane.run(lambda: desk.commands()["sell"](command))["fact"])


def test_a_till_that_dies_at_any_step_has_each_sale_whole_or_not_at_all(tmp_path: Path) -> None:
    step, clean_end = 0, False
    while not clean_end:
        step += 1
        folder = make_folder(tmp_path / f"till-{step}", "bar")
        done = subprocess.run(
            [sys.executable, "-m", "tests.edge.dying_till", str(folder), str(step)],
            env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        clean_end = done.returncode == 0
        shown = done.stdout.split()
        terminal = opened(folder, Role.BAR)
        cells = terminal.store.shelf.cells
        for fact in shown:
            assert terminal.store.record(FactId(bytes.fromhex(fact))) is not None
        whole = [n for n in range(SALES) if sale(cells, n.to_bytes(16, "big")).baskets]
        assert len(whole) in {len(shown), len(shown) + 1}
        assert postings_sum(cells) == {0: 0}
        assert differing(terminal.store) == []
        terminal.close()
        shutil.rmtree(folder)
    assert step > 4 * SALES


def test_cells_that_were_not_written_yet_are_folded_again_after_a_crash(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "till", "bar")
    terminal = opened(folder, Role.BAR)
    for number in range(TAIL_FACTS_MAX // 2):
        sell(terminal, number)
    before = sorted(accounts(terminal.store.shelf.cells))
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("*.lock"))
    terminal.close()
    again = opened(copy, Role.BAR)
    assert sorted(accounts(again.store.shelf.cells)) == before
    assert differing(again.store) == []
    again.close()


def test_a_box_that_cannot_write_what_waits_at_its_end_says_so_and_lets_its_folder_go(
    tmp_path: Path,
) -> None:
    folder = make_folder(tmp_path / "till", "bar")
    terminal = opened(folder, Role.BAR)
    sell(terminal, 0)
    before = sorted(accounts(terminal.store.shelf.cells))
    terminal.store.connection.execute("PRAGMA query_only = ON")
    with pytest.raises(StoreTrouble):
        terminal.close()
    again = opened(folder, Role.BAR)
    assert sorted(accounts(again.store.shelf.cells)) == before
    again.close()


def test_one_folder_is_used_by_one_process(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "till", "bar")
    terminal = opened(folder, Role.BAR)
    with pytest.raises(StoreBusy, match="in use by another process"):
        Terminal(folder, Role.BAR)
    terminal.close()
    opened(folder, Role.BAR).close()


def test_a_bars_folder_is_no_gate(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "till", "bar")
    with pytest.raises(WrongRole):
        Terminal(folder, Role.GATE)


def test_every_start_is_a_run_that_names_the_end_of_the_one_before(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "till", "bar")
    ends = []
    for number in range(3):
        terminal = opened(folder, Role.BAR)
        sell(terminal, number)
        ends.append(terminal.store.newest_of(terminal.manifest.terminal_id, 2))
        terminal.close()
    for (last, _), (_, first) in itertools.pairwise(ends):
        assert first.number == 0
        assert first.previous == last.id
        assert first.run != last.run


def damage(folder: Path) -> None:
    """Flip bytes within a record in the file, as a failing card does."""
    path = folder / STORE_FILE
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (raw,) = connection.execute(
        "SELECT raw FROM journal ORDER BY arrival LIMIT 1 OFFSET 3"
    ).fetchone()
    connection.close()
    content = path.read_bytes()
    at = content.index(raw) + len(raw) // 2
    path.write_bytes(
        content[:at] + bytes(b ^ 0xFF for b in content[at : at + 4]) + content[at + 4 :]
    )


def test_a_damaged_journal_is_moved_aside_and_the_box_records_nothing(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "till", "bar")
    terminal = opened(folder, Role.BAR)
    for number in range(6):
        sell(terminal, number)
    terminal.close()
    damage(folder)
    again = opened(folder, Role.BAR)
    assert again.is_recovering
    assert again.run is None
    assert "was moved to terminal.db.damaged-1" in again.notices[0]
    assert (folder / f"{STORE_FILE}.damaged-1").exists()
    assert again.store.facts() >= 5  # what could still be read and proved was taken over
    again.close()


def test_a_store_that_is_gone_is_noticed(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "till", "bar")
    opened(folder, Role.BAR).close()
    for path in folder.glob(f"{STORE_FILE}*"):
        path.unlink()
    again = opened(folder, Role.BAR)
    assert again.is_recovering
    assert "missing although" in again.notices[0]
    again.close()


def test_a_damaged_cell_is_made_again_from_the_journal(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "till", "bar")
    terminal = opened(folder, Role.BAR)
    sell(terminal, 1)
    before = sorted(accounts(terminal.store.shelf.cells))
    terminal.close()
    connection = sqlite3.connect(folder / STORE_FILE)
    connection.execute("UPDATE cells SET value = x'00' WHERE kind = 41")
    connection.commit()
    connection.close()
    again = opened(folder, Role.BAR)
    assert "made again" in again.notices[0]
    assert not again.is_recovering
    assert sorted(accounts(again.store.shelf.cells)) == before
    again.close()


def test_a_full_disk_ends_the_till_and_nothing_is_shown_that_is_not_there(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "till", "bar")
    paid = []
    with Child(["edge", "bar", folder, "--headless"], limit_bytes=600_000) as child:
        child.hear()
        for number in range(5_000):
            answer = child.ask(
                id=number, do="sell", sale=f"{number:032x}", lines=LINES, payments=[["cash", 500]]
            )
            if answer.get("event") != "paid":
                break
            paid.append(answer["fact"])
        assert child.process.wait(30) == BROKEN_EXIT_CODE
        assert "cannot record" in child.errors()
    assert len(paid) > 10
    terminal = opened(folder, Role.BAR)
    for fact in paid:
        assert terminal.store.record(FactId(bytes.fromhex(fact))) is not None
    assert postings_sum(terminal.store.shelf.cells) == {0: 0}
    terminal.close()


def test_a_running_box_can_be_looked_into(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "till", "bar")
    with pytest.raises(StoreTrouble, match="has not been started"):
        look_into(folder)
    terminal = opened(folder, Role.BAR)
    sell(terminal, 1)
    store = look_into(folder)
    assert sorted(accounts(store.shelf.cells)) == sorted(accounts(terminal.store.shelf.cells))
    store.connection.close()
    terminal.close()


def test_a_look_sees_one_moment_although_the_box_writes_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_folder(tmp_path / "till", "bar")
    terminal = opened(folder, Role.BAR)

    looked: list[str] = []

    def look(statement: str) -> None:
        """Let the box write its cells when the look has folded one of two sales that wait."""
        if f"kind = {int(CellKind.SALE)} AND key" in statement:
            looked.append(statement)
            if len(looked) == 2:
                terminal.lane.run(terminal.store.settle)

    def reader(path: Path) -> sqlite3.Connection:
        connection = open_reader(path)
        connection.set_trace_callback(look)
        return connection

    monkeypatch.setattr("edge.store.store.open_reader", reader)
    desk = TillDesk(terminal)
    for number in range(3):
        command = {"sale": f"{number:032x}", "lines": LINES, "payments": [["cash", 500]]}
        terminal.lane.run(lambda c=command: desk.commands()["sell"](c))  # type: ignore[misc]
    assert compare(folder) == []
    assert len(looked) >= 2
    terminal.close()
