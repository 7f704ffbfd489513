"""A till whose power goes out at a numbered step of its work, for the tests."""

import os
import signal
import sys
from pathlib import Path

from edge.bar.desk import TillDesk
from edge.terminal import Terminal
from sync.names import Role

SALES = 3
LINES = [[1, 2, 480, 2000, 0, None]]


def main(folder: str, step: int) -> int:
    """Sell, say each sale that is on the disk, and die by SIGKILL at the step."""
    left = step

    def count(_: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    terminal = Terminal(Path(folder), Role.BAR, step=count)
    terminal.start()
    desk = TillDesk(terminal)
    for number in range(SALES):
        sale = f"{number:032x}"
        payments = [["cash", 960]]
        command = {"sale": sale, "lines": LINES, "payments": payments}
        answer = terminal.lane.run(lambda c=command: desk.commands()["sell"](c))  # type: ignore[misc]
        sys.stdout.write(f"{answer['fact']}\n")
        sys.stdout.flush()
    terminal.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
