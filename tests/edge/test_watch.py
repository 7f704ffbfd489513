"""The eye of a box: each code once, several at once not at all, trouble said."""

import threading
from collections.abc import Iterable
from typing import Any

import cv2
import numpy as np

from edge.watch import Watch
from hardware.bench import ManualClock
from hardware.ports import CameraState, Frame
from tests.frames import render_code

PATIENCE_S = 20


class Film:
    """A camera that shows given pictures, one each 100 ms of its own time, then ends."""

    def __init__(self, pictures: Iterable[Any]) -> None:
        self._pictures = list(pictures)
        self._at = 0
        self.ended = threading.Event()

    @property
    def state(self) -> CameraState:
        return CameraState.OPEN if self._at < len(self._pictures) else CameraState.ENDED

    def newest(self) -> Frame | None:
        if self._at >= len(self._pictures):
            self.ended.set()
            return None
        self._at += 1
        return Frame(self._pictures[self._at - 1], 100 * self._at, "film")

    def close(self) -> None:
        self.ended.set()


def picture(*texts: str) -> Any:
    """Return a picture in which these codes are, side by side."""
    if not texts:
        return np.full((400, 400), 128, dtype=np.uint8)
    codes = [cv2.copyMakeBorder(render_code(t), 20, 20, 20, 20, 0, value=255) for t in texts]
    height = max(code.shape[0] for code in codes)
    return cv2.hconcat([cv2.resize(code, (height, height)) for code in codes])


def watched(*pictures: Any, forget_at: int = -1) -> tuple[list[str], list[dict[str, Any]]]:
    """Return the texts that were scanned and what was told, after a whole film."""
    scanned: list[str] = []
    told: list[dict[str, Any]] = []
    film = Film(pictures)
    seen: list[bool] = []

    def look(_: Frame, found: bool) -> None:
        seen.append(found)
        if len(seen) == forget_at:
            watch.forget()

    def scan(text: str) -> dict[str, Any]:
        scanned.append(text)
        return {"event": "verdict", "verdict": "admit"}

    watch = Watch(film, ManualClock(), scan, told.append, look)
    watch.start()
    assert film.ended.wait(PATIENCE_S)
    watch.stop()
    assert len(seen) == len(pictures)
    return scanned, told


def test_a_code_that_stays_in_view_is_one_scan() -> None:
    scanned, told = watched(*[picture("GU1:A")] * 10)
    assert scanned == ["GU1:A"]
    assert [one["state"] for one in told if one["event"] == "camera"][:1] == ["open"]


def test_a_code_that_comes_back_is_another_scan() -> None:
    scanned, _ = watched(picture("GU1:A"), *[picture()] * 20, picture("GU1:A"))
    assert scanned == ["GU1:A", "GU1:A"]


def test_several_of_our_codes_at_once_are_told_once_and_not_judged() -> None:
    scanned, told = watched(*[picture("GU1:A", "GU1:B")] * 5)
    assert scanned == []
    assert [one["codes"] for one in told if one["event"] == "several"] == [2]


def test_when_one_is_left_it_is_judged() -> None:
    scanned, _ = watched(picture("GU1:A", "GU1:B"), picture("GU1:B"))
    assert scanned == ["GU1:B"]


def test_the_guest_before_does_not_hold_up_the_next() -> None:
    scanned, told = watched(picture("GU1:A"), picture("GU1:A", "GU1:B"), picture("GU1:A", "GU1:B"))
    assert scanned == ["GU1:A", "GU1:B"]
    assert not any(one["event"] == "several" for one in told)


def test_a_poster_beside_a_ticket_is_not_judged_and_alone_it_is_once() -> None:
    poster = "https://example.org"
    assert watched(*[picture("GU1:A", poster)] * 3)[0] == ["GU1:A"]
    assert watched(*[picture(poster)] * 5)[0] == [poster]


def test_a_box_that_means_something_else_now_takes_what_is_in_view_as_new() -> None:
    scanned, _ = watched(*[picture("GU1:A")] * 6, forget_at=3)
    assert scanned == ["GU1:A", "GU1:A"]
