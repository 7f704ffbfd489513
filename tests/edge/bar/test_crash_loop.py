"""The power goes out at every step of a shift: nothing is lost or doubled, and all is known."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from edge.bar.desk import TillDesk
from edge.terminal import Terminal
from sync.accounts import accounts, postings_sum
from sync.facts import Sold
from sync.ledger import sale
from tests.edge.bar.dying_shift import STORY, opened_till, work
from tests.edge.bar.tills import BEER, CIDER, PLACE
from tests.edge.boxes import CHECKOUT, make_folder, office_says

STEPS_MAX = 400
MONEY = {"sell", "top_up", "void", "refund", "pay_out"}


def furnished(folder: Path) -> Path:
    terminal, _ = opened_till(make_folder(folder, "bar"), lambda _: None)
    terminal.lane.run(lambda: office_says(terminal, BEER, CIDER, PLACE, number=40))
    terminal.close()
    return folder


def books(terminal: Terminal) -> list[tuple[str, int, int]]:
    return sorted(accounts(terminal.store.shelf.cells))


def died(folder: Path, step: int) -> tuple[list[dict[str, Any]], bool]:
    """Let the till work until it dies at a step; return what it answered, and whether it died."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.edge.bar.dying_shift", str(folder), str(step)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()], done.returncode != 0


def judged(
    folder: Path, said: list[dict[str, Any]], truth: list[dict[str, Any]], whole: list[Any]
) -> None:
    """See that what was answered is there, that nothing is half, and that going on heals all."""
    terminal, desk = opened_till(folder, lambda _: None)
    before = {f["fact"] for f in _facts(terminal, desk)}
    for line in said:
        kind = STORY[line["command"]]["do"]
        if line["event"] in {"paid", "done"} and kind in MONEY:
            assert _is_there(terminal, STORY[line["command"]]), (line, before)
    cells = terminal.store.shelf.cells
    assert set(postings_sum(cells).values()) == {0}
    greeted = terminal.lane.run(desk.greeting)["last"]
    newest = [f for f in _facts(terminal, desk) if f["kind"] == "Sold"]
    assert (greeted is None) == (not newest)
    if greeted is not None:
        assert greeted["fact"] == newest[0]["fact"]
    again = work(terminal, desk, lambda _: None)
    assert [a["event"] for a in again[1:-1]] == [t["event"] for t in truth[1:-1]]
    assert books(terminal) == whole
    for command in STORY:
        if command["do"] == "sell":
            assert len(sale(cells, bytes.fromhex(command["sale"])).baskets) <= 1
    terminal.close()


def _facts(terminal: Terminal, _: TillDesk) -> list[dict[str, str]]:
    own = terminal.store.newest_of(terminal.manifest.terminal_id, 1_000)
    return [{"fact": r.id.hex(), "kind": type(r.body).__name__} for r in own]


def _is_there(terminal: Terminal, command: dict[str, Any]) -> bool:
    name = command.get("operation") or command["sale"]
    if command["do"] == "refund":
        name = command["sale"]
    bodies = [r.body for r in terminal.store.records_with(bytes.fromhex(name))]
    return any(isinstance(body, Sold) or command["do"] != "sell" for body in bodies)


def test_a_till_killed_at_any_step_of_a_shift_loses_and_doubles_nothing(tmp_path: Path) -> None:
    fresh = furnished(tmp_path / "bar")
    shutil.copytree(fresh, tmp_path / "whole" / "bar")
    terminal, desk = opened_till(tmp_path / "whole" / "bar", lambda _: None)
    truth = work(terminal, desk, lambda _: None)
    whole = books(terminal)
    terminal.close()
    assert [a["event"] for a in truth].count("paid") == 3
    for step in range(1, STEPS_MAX):
        folder = tmp_path / str(step) / "bar"
        shutil.copytree(fresh, folder)
        said, has_died = died(folder, step)
        if not has_died:
            break
        judged(folder, said, truth, whole)
        shutil.rmtree(folder)
    assert 50 < step < STEPS_MAX - 1
