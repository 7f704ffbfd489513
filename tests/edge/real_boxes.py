"""Real boxes and a real office between which tests pull cables: processes, folders, patience."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsal.boxes import Box, Office

WAIT_S = 20
CASH: dict[str, Any] = {"lines": [[1, 1, 500, 0, 0, None]], "payments": [["cash", 500]]}


class Boxes:
    """Enrols and starts boxes, and stops them at the end."""

    def __init__(self, office: Office, folder: Path) -> None:
        self._office = office
        self._folder = folder
        self._started: list[Box] = []

    def enrolled(self, role: str, name: str, port: int) -> Path:
        """Enrol one more box and return its folder."""
        folder = self._folder / name.replace(" ", "-")
        self._office.enrol(folder, role, f"{self._folder.name} {name}", 1, port)
        return folder

    def start(self, role: str, name: str, port: int) -> Box:
        """Enrol and start a box."""
        return self.run(self.enrolled(role, name, port), role)

    def run(self, folder: Path, role: str) -> Box:
        """Start the box of a folder."""
        box = Box(folder, role)
        self._started.append(box)
        box.start()
        return box

    def stop(self) -> None:
        """Stop every box."""
        for box in self._started:
            box.stop()


def until(question: Callable[[], Any]) -> Any:
    """Ask until the answer is yes, and return it."""
    tick = threading.Event()
    for _ in range(WAIT_S * 20):
        answer = question()
        if answer:
            return answer
        tick.wait(0.05)
    pytest.fail(f"not within {WAIT_S} s: {question}")


def is_level(box: Box) -> bool:
    """Tell whether a box and the office hold the same."""
    status = box.ask("status")
    return bool(status["connected"] and status["is_level"] and not status["only_here"])
