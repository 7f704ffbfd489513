"""A till that works through a whole shift and dies at a numbered step of it, for the tests."""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edge.bar.cart import Cart
from edge.bar.desk import WANTS, TillDesk
from edge.headless import obeyed
from edge.terminal import Terminal
from hardware.bench import ManualClock
from sync.accounts import shift_key
from sync.asking import Reply
from sync.names import Role
from tests.edge.bar.authority import Authority
from tests.edge.bar.tills import BAND
from tests.edge.boxes import NOW_MS

BEERS = [[3, 2, 500, 2000, 0, None], [3, 2, -50, 2000, 6, 0], [3, 2, 100, 0, 1, 0]]
CART = Cart(sale="0e" * 16, tip=50)
STORY: list[dict[str, Any]] = [
    {"do": "open_shift", "float_minor": 5_000},
    {"do": "top_up", "operation": "01" * 16, "wristband": BAND, "amount_minor": 12_000,
     "method": "cash"},
    {"do": "keep", "slot": "hand", "cart": CART.row()},
    {"do": "sell", "sale": "02" * 16, "lines": BEERS, "wristband": BAND},
    {"do": "sell", "sale": "03" * 16, "lines": [[9, 1, 7_000, 0, 0, None]], "wristband": BAND},
    {"do": "sell", "sale": "04" * 16, "lines": BEERS, "payments": [["cash", 1_100]]},
    {"do": "sell", "sale": "05" * 16, "lines": BEERS, "wristband": {"serial": 5}},
    {"do": "void", "sale": "04" * 16, "lines": [0], "payments": [["cash", -1_100]]},
    {"do": "refund", "operation": "06" * 16, "sale": "02" * 16, "lines": [[0, 1]]},
    {"do": "pay_out", "operation": "07" * 16, "wristband": BAND, "amount_minor": 1_000,
     "method": "cash"},
    {"do": "stock", "product": 3, "counted": 30},
    {"do": "close_shift", "counted_minor": 16_000},
]  # fmt: skip


def work(
    terminal: Terminal, desk: TillDesk, tell: Callable[[dict[str, Any]], object]
) -> list[dict[str, Any]]:
    """Give every command of the shift, and tell each answer; return them all."""
    office = Authority(terminal, desk)
    replies: dict[int, Reply] = {}
    answers = []
    for number, command in enumerate(STORY):
        action = desk.commands()[command["do"]]

        def job(command: dict[str, Any] = command, action: Any = action) -> dict[str, Any]:
            if command["do"] == "open_shift" and _was_opened(terminal):
                return {"event": "again"}
            return obeyed(action, command)

        answer = terminal.lane.run(job)
        while answer["event"] == WANTS:
            if number not in replies:
                replies[number] = office.lends(answer["question"])
            office.answers(answer, replies[number])
            answer = terminal.lane.run(job)
        tell({"command": number, "event": answer["event"]})
        answers.append(answer)
    return answers


def opened_till(folder: Path, step: Callable[[str], object]) -> tuple[Terminal, TillDesk]:
    """Open the folder with a clock that stands still; `step` hears each numbered step."""
    terminal = Terminal(folder, Role.BAR, clock=ManualClock(NOW_MS), synchronised=True, step=step)
    terminal.start()
    return terminal, terminal.lane.run(lambda: TillDesk(terminal))


def _was_opened(terminal: Terminal) -> bool:
    key = shift_key(terminal.manifest.terminal_id, 1)
    return terminal.store.shelf.cells.get(key) is not None


def main(folder: str, step: int) -> int:
    """Work, say each answer once what it says is on the disk, and die by SIGKILL at the step."""
    left = step

    def count(_: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def tell(line: dict[str, Any]) -> None:
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()

    terminal, desk = opened_till(Path(folder), count)
    work(terminal, desk, tell)
    terminal.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
