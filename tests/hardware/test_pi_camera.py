"""The Pi's camera program is a flow of pictures that may break off, and begins again by itself."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.camera import CameraTrouble, decoded, open_camera
from hardware.pi_camera import FRAME_BYTES_MAX, JpegSplitter, PiFeed
from hardware.ports import CameraState
from tests.hardware.waiting import until


def _jpeg(shade: int) -> bytes:
    picture = np.full((48, 64, 3), shade, dtype=np.uint8)
    return bytes(cv2.imencode(".jpg", picture)[1])


def _with_thumbnail(picture: bytes) -> bytes:
    """The same picture with another inside its head, as cameras do."""
    inner = _jpeg(3)
    return picture[:2] + b"\xff\xe1" + (2 + len(inner)).to_bytes(2) + inner + picture[2:]


def _with_filling(picture: bytes) -> bytes:
    """The same picture with a byte of filling before a mark, as the standard allows."""
    return picture[:2] + b"\xff" + picture[2:]


PICTURES = [_jpeg(20), _with_thumbnail(_jpeg(120)), _with_filling(_jpeg(220))]

PROGRAM = """#!{python} -S
import pathlib, signal, sys, time
folder = pathlib.Path({folder!r})
with (folder / "runs").open("a") as runs:
    runs.write(" ".join(sys.argv[1:]) + "\\n")
pictures = [path.read_bytes() for path in sorted(folder.glob("*.jpg"))]
for picture in pictures:
    half = len(picture) // 2
    for part in (picture[:half], picture[half:]):
        sys.stdout.buffer.write(part)
        sys.stdout.buffer.flush()
        time.sleep(0.01)
{ending}
"""

Install = Callable[..., Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put a camera program on the PATH that gives the pictures of a folder and then ends."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("hardware.camera.REOPEN_MS_MIN", 5)
    monkeypatch.setattr("hardware.pi_camera.SILENCE_MS_MAX", 1_500)

    def put(name: str = "rpicam-vid", ending: str = "", pictures: list[bytes] = PICTURES) -> Path:
        for number, picture in enumerate(pictures):
            (tmp_path / f"{number:03}.jpg").write_bytes(picture)
        program = tmp_path / name
        program.write_text(
            PROGRAM.format(python=sys.executable, folder=str(tmp_path), ending=ending)
        )
        program.chmod(0o755)
        return tmp_path

    return put


def _runs(folder: Path) -> list[str]:
    path = folder / "runs"
    return path.read_text().splitlines() if path.exists() else []


def test_pictures_are_cut_out_of_the_flow_wherever_it_is_cut() -> None:
    flow = b"noise\xff" + b"".join(PICTURES) + b"\xff\xd8\xff"
    for size in (1, 2, 3, 1_000, len(flow)):
        splitter = JpegSplitter()
        pieces = [flow[at : at + size] for at in range(0, len(flow), size)]
        assert [p for piece in pieces for p in splitter.feed(piece)] == PICTURES


def test_a_picture_without_an_end_is_dropped_and_the_next_is_found() -> None:
    splitter = JpegSplitter()
    assert splitter.feed(PICTURES[0][:-2] + bytes(FRAME_BYTES_MAX)) == []
    assert len(splitter._buffer) == 0
    assert splitter.feed(PICTURES[2]) == [PICTURES[2]]


def test_what_only_begins_like_a_picture_is_passed_over() -> None:
    splitter = JpegSplitter()
    assert splitter.feed(b"\xff\xd8\x00\x01\x02" * 20_000 + PICTURES[0]) == [PICTURES[0]]


_FLOWS = st.lists(
    st.one_of(
        st.binary(max_size=30), st.sampled_from([b"\xff\xd8", b"\xff\xd9", b"\xff\xda\x00\x02"])
    )
)


@given(_FLOWS)
def test_whatever_flows_the_splitter_goes_on(pieces: list[bytes]) -> None:
    splitter = JpegSplitter()
    for piece in pieces:
        for picture in splitter.feed(piece):
            assert picture.startswith(b"\xff\xd8")
            assert picture.endswith(b"\xff\xd9")


def test_the_pi_camera_shows_pictures_and_begins_again_when_its_program_dies(
    install: Install,
) -> None:
    folder = install()
    camera = open_camera("pi:1", width=640, height=480)
    shades: set[int] = set()

    def look() -> bool:
        frame = camera.newest()
        if frame is not None:
            assert frame.image.shape == (48, 64, 3)
            assert frame.source_name == "pi:1"
            shades.add(round(int(frame.image.mean()) / 100))
        return len(_runs(folder)) >= 3 and 2 in shades

    assert until(look)
    camera.close()
    assert "--camera 1 --codec mjpeg --timeout 0 --width 640 --height 480" in _runs(folder)[0]


def test_the_older_program_serves_where_the_newer_is_missing(install: Install) -> None:
    folder = install("libcamera-vid", "time.sleep(60)")
    camera = open_camera("pi")
    assert until(lambda: camera.newest() is not None)
    assert camera.state is CameraState.OPEN
    camera.close()
    assert "--camera 0 " in _runs(folder)[0]


def test_only_the_newest_of_the_pictures_that_piled_up_is_decoded(install: Install) -> None:
    folder = install(
        ending="(folder / 'done').touch(); time.sleep(60)",
        pictures=[_jpeg(shade) for shade in range(0, 250, 10)],
    )
    seen: list[bytes] = []

    def note(content: bytes) -> Any:
        seen.append(content)
        return decoded(content)

    feed = PiFeed("rpicam-vid", 0, (64, 48), note)
    assert until((folder / "done").exists)
    good, image = feed.read()
    feed.release()
    assert good
    assert (len(seen), round(int(image.mean()), -1)) == (1, 240)


def test_a_broken_picture_is_passed_over(install: Install) -> None:
    broken = PICTURES[0][:20] + b"\xff\xda\x00\x02" + b"rubbish" + b"\xff\xd9"
    install(ending="time.sleep(60)", pictures=[broken, PICTURES[2]])
    camera = open_camera("pi")
    assert until(lambda: camera.newest() is not None)
    camera.close()


def test_a_program_that_finds_no_camera_is_a_camera_that_does_not_open(install: Install) -> None:
    folder = install(pictures=[], ending="sys.exit('no cameras available')")
    with pytest.raises(CameraTrouble, match="pi does not open"):
        open_camera("pi")
    patient = open_camera("pi", patient=True)
    assert patient.state is CameraState.UNPLUGGED
    assert until(lambda: len(_runs(folder)) >= 4)
    assert patient.state is CameraState.UNPLUGGED
    install(ending="time.sleep(60)")
    assert until(lambda: patient.newest() is not None)
    assert str(patient.state) == "open"
    patient.close()


def test_a_program_that_says_nothing_is_given_up(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hardware.pi_camera.SILENCE_MS_MAX", 300)
    install(pictures=[], ending="signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)")
    monkeypatch.setattr("hardware.pi_camera.ENDING_S", 0.2)
    with pytest.raises(CameraTrouble, match="does not open"):
        open_camera("pi")


def test_closing_ends_the_program(install: Install, tmp_path: Path) -> None:
    install(
        ending="signal.signal(signal.SIGTERM, lambda *_: sys.exit((folder / 'asked').touch()))\n"
        "(folder / 'pid').write_text(str(__import__('os').getpid())); time.sleep(60)"
    )
    camera = open_camera("pi")
    assert until((tmp_path / "pid").exists)
    assert until(lambda: (tmp_path / "pid").read_text())
    camera.close()
    assert (tmp_path / "asked").exists()
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_machine_without_the_program_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CameraTrouble, match="apt-get install rpicam-apps"):
        open_camera("pi:0")
    with pytest.raises(CameraTrouble, match="by its number"):
        open_camera("pi:front", patient=True)
    camera = open_camera("pi", patient=True)
    assert camera.state is CameraState.UNPLUGGED
    camera.close()
