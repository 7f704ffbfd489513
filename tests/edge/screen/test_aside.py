"""What libraries complain of goes into a file and never over a verdict."""

import os
import stat
import sys
from pathlib import Path

import pytest

from edge.screen.aside import LOG_BYTES_MAX, errors_aside

LOG_FILE = "box.log"


def paint(text: str) -> None:
    """Paint as the screen's library does."""
    screen = sys.__stderr__
    assert screen is not None
    screen.write(text)
    screen.flush()


def test_a_library_writes_into_the_file_and_the_screen_onto_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with errors_aside(tmp_path / LOG_FILE):
        os.write(2, b"a camera is missing\n")
        paint("COME IN")
    os.write(2, b" afterwards")
    assert capfd.readouterr().err == "COME IN afterwards"
    log = tmp_path / LOG_FILE
    assert log.read_text() == "a camera is missing\n"
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_the_file_goes_on_and_begins_anew_when_it_has_grown_large(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for text in (b"one", b"two"):
        with errors_aside(tmp_path / LOG_FILE):
            os.write(2, text)
    log = tmp_path / LOG_FILE
    assert log.read_bytes() == b"onetwo"
    log.write_bytes(bytes(LOG_BYTES_MAX + 1))
    with errors_aside(tmp_path / LOG_FILE):
        os.write(2, b"three")
    assert log.read_bytes() == b"three"
    assert capfd.readouterr().err == ""


def test_without_a_place_for_the_file_the_screen_is_kept_clean_all_the_same(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / LOG_FILE).symlink_to(tmp_path / "elsewhere")
    with errors_aside(tmp_path / LOG_FILE):
        os.write(2, b"lost")
        paint("STOP")
    assert capfd.readouterr().err == "STOP"
    assert not (tmp_path / "elsewhere").exists()
