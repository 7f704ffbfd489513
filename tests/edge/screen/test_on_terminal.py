"""A box whose terminal vanishes ends in order and lets its folder go."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from edge.terminal import Terminal
from sync.names import Role
from tests.edge.boxes import CHECKOUT, make_folder
from tests.rehearsal.on_screen import OnScreen

READY = {"gate": "Hold the ticket before the camera.", "bar": "No shift is open"}


@pytest.mark.parametrize("role", READY)
def test_a_box_whose_terminal_is_gone_ends_and_can_be_started_again(
    role: str, tmp_path: Path
) -> None:
    folder = make_folder(tmp_path / role, role)
    box = OnScreen(role, folder, ready_words=READY[role])
    box.start()
    os.close(box._handle)
    child = box._child
    assert child is not None
    assert child.wait(20) == 0
    Terminal(folder, Role.GATE if role == "gate" else Role.BAR).close()


def test_a_box_that_is_told_to_end_lets_its_folder_go(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "bar", "bar")
    box = OnScreen("bar", folder, ready_words=READY["bar"])
    box.start()
    box.stop()
    Terminal(folder, Role.BAR).close()


@pytest.mark.parametrize("role", READY)
def test_without_a_terminal_the_command_says_what_to_do(role: str, tmp_path: Path) -> None:
    folder = make_folder(tmp_path / role, role)
    done = subprocess.run(
        [sys.executable, "-m", "edge", role, str(folder)],
        cwd=CHECKOUT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "--headless" in done.stderr
