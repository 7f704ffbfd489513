"""A camera is anything that gives pictures, and never makes the gate wait or restart."""

import threading
from pathlib import Path

import cv2
import numpy as np
import pytest

from hardware.bench import ListCamera, ManualClock
from hardware.camera import CameraTrouble, FolderCamera, open_camera, read_picture
from hardware.ports import Camera, CameraState


def _picture(folder: Path, name: str, shade: int) -> Path:
    path = folder / name
    cv2.imwrite(str(path), np.full((48, 64, 3), shade, dtype=np.uint8))
    return path


def _all_names(camera: Camera) -> list[str]:
    names = []
    while frame := camera.newest():
        names.append(frame.source_name)
    return names


def test_a_folder_is_shown_in_the_order_of_names_and_each_picture_once(tmp_path: Path) -> None:
    for name in ("b.png", "a.jpg", "c.webp"):
        _picture(tmp_path, name, 90)
    (tmp_path / "notes.txt").write_text("no picture")
    camera = open_camera(str(tmp_path), keep_all=True, clock=ManualClock())
    assert _all_names(camera) == ["a.jpg", "b.png", "c.webp"]
    _picture(tmp_path, "d.png", 10)
    assert _all_names(camera) == ["d.png"]


def test_a_folder_gives_only_the_newest_unless_all_are_wanted(tmp_path: Path) -> None:
    for name in ("1.png", "2.png", "3.png"):
        _picture(tmp_path, name, 5)
    assert _all_names(open_camera(str(tmp_path), clock=ManualClock())) == ["3.png"]


def test_a_picture_that_is_still_being_written_is_shown_when_it_is_whole(tmp_path: Path) -> None:
    whole = _picture(tmp_path, "x.png", 70).read_bytes()
    (tmp_path / "x.png").write_bytes(whole[:40])
    camera = FolderCamera(tmp_path, ManualClock(), keep_all=True)
    assert camera.newest() is None
    (tmp_path / "x.png").write_bytes(whole)
    assert _all_names(camera) == ["x.png"]


def test_a_paced_folder_shows_pictures_at_the_rate_of_a_camera(tmp_path: Path) -> None:
    for name in ("1.png", "2.png"):
        _picture(tmp_path, name, 5)
    clock = ManualClock()
    camera = FolderCamera(tmp_path, clock, frames_per_second=10, keep_all=True)
    assert camera.newest() is not None
    assert camera.newest() is None
    clock.move(100)
    assert camera.newest() is not None


def test_a_folder_that_disappears_is_unplugged_and_comes_back(tmp_path: Path) -> None:
    folder = tmp_path / "stick"
    folder.mkdir()
    camera = FolderCamera(folder, ManualClock(), keep_all=True)
    folder.rmdir()
    states = [camera.state]
    assert camera.newest() is None
    folder.mkdir()
    _picture(folder, "back.png", 1)
    states.append(camera.state)
    assert states == [CameraState.UNPLUGGED, CameraState.OPEN]
    assert _all_names(camera) == ["back.png"]


def test_a_video_file_is_read_until_its_end(tmp_path: Path) -> None:
    path = tmp_path / "gate.avi"
    video = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30, (64, 48))
    for shade in range(0, 200, 10):
        video.write(np.full((48, 64, 3), shade, dtype=np.uint8))
    video.release()
    camera = open_camera(str(path), frames_per_second=200)
    seen = 0
    pause = threading.Event()
    for _ in range(400):
        seen += camera.newest() is not None
        if camera.state is CameraState.ENDED:
            break
        pause.wait(0.01)
    camera.close()
    assert camera.state is CameraState.ENDED
    assert seen >= 2


@pytest.mark.parametrize("source", ["/nowhere/at/all.mp4", "77"])
def test_a_camera_that_is_not_there_says_what_to_do(source: str) -> None:
    with pytest.raises(CameraTrouble, match=r"name a device|plugged in"):
        open_camera(source)


def test_a_file_that_is_no_picture_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ticket.png"
    path.write_bytes(b"not a picture at all")
    with pytest.raises(CameraTrouble, match=r"ticket\.png"):
        read_picture(path)


def test_a_tiny_webp_is_read(tmp_path: Path) -> None:
    path = tmp_path / "dot.webp"
    cv2.imwrite(str(path), np.zeros((1, 1, 3), dtype=np.uint8), [cv2.IMWRITE_WEBP_QUALITY, 101])
    assert read_picture(path).shape == (1, 1, 3)


def test_a_list_of_pictures_serves_as_a_camera() -> None:
    camera = ListCamera([np.zeros((2, 2), dtype=np.uint8)])
    assert camera.newest() is not None
    assert camera.state is CameraState.ENDED
