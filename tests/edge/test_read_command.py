"""`read` prints what the codes in image files say, one JSON object a line."""

import json
from pathlib import Path

import cv2
import numpy as np
from click.testing import CliRunner

from edge.read_command import read_command
from tests.frames import camera_frame

TEXT = "GU1:ABC 123"


def test_each_file_gets_a_line_with_its_texts_and_bytes(tmp_path: Path) -> None:
    code, blank = tmp_path / "code.png", tmp_path / "blank.webp"
    cv2.imwrite(str(code), camera_frame(TEXT, 1, "easy"))
    cv2.imwrite(str(blank), np.zeros((90, 160, 3), dtype=np.uint8))
    result = CliRunner().invoke(read_command, [str(code), str(blank)])
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert [row["texts"] for row in rows] == [[TEXT], []]
    assert rows[0]["bytes_hex"] == [TEXT.encode().hex()]
    assert rows[0]["file"] == str(code)
    assert rows[0]["milliseconds"] > 0


def test_a_file_that_is_no_picture_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    code, broken = tmp_path / "code.png", tmp_path / "broken.png"
    cv2.imwrite(str(code), camera_frame(TEXT, 1, "easy"))
    broken.write_bytes(b"\x89PNG but no more")
    result = CliRunner().invoke(read_command, [str(broken), str(code), str(tmp_path / "none.jpg")])
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    assert ["error" in row for row in rows] == [True, False, True]
    assert rows[1]["texts"] == [TEXT]
    assert "broken.png" in result.stderr
    assert "none.jpg" in result.stderr


def test_the_help_gives_an_example() -> None:
    result = CliRunner().invoke(read_command, ["--help"])
    assert result.exit_code == 0
    assert "Example: ./guichet read" in result.output
