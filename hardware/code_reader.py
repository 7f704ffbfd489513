"""Codes out of frames: several opinions in the order in which they pay, within a budget of time.

Theory. zxing reads most codes in about a millisecond, as they are or slightly blurred, so these
two looks are taken at every frame. Where they find nothing and some part of the frame is like a
code, costlier opinions follow: two at the whole frame, then one at that part, another one with each
frame, because the next frame of the same code is 70 ms away. No opinion is begun when a frame's
budget is used up, and a purse bounds what all of them cost while nothing is read. The slowest
belong into a worker: `SlowReader`. A text is reported only if a decoder's own error correction has
confirmed it.
"""

import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Final

import cv2

from hardware.readers import opinions
from hardware.readers.decoders import Found, has_zbar, read_zxing
from hardware.readers.opinions import WHOLE_PIXELS_MAX, Opinion, Part, most_code_like
from hardware.readers.purse import Purse
from hardware.wall_clock import monotonic_us

__all__ = [
    "CodeReader",
    "Patience",
    "Reading",
    "SlowReader",
    "grey_of",
    "read_all",
    "read_slowly",
    "read_zxing",
]

PATIENCE_MS: Final = 1_000
FRAME_BUDGET_US: Final = 30_000
LIKENESS_MIN: Final = 2.0
INLINE_PURSE_US: Final = 400_000
INLINE_SHARE_PERCENT: Final = 4
WORKER_PURSE_US: Final = 500_000
WORKER_SHARE_PERCENT: Final = 3

_WHOLE: Final[tuple[tuple[str, Opinion], ...]] = (
    ("sharpened", opinions.sharpened),
    ("flattened", opinions.flattened),
)
_IN_TURN: Final[tuple[tuple[str, Opinion], ...]] = (
    ("evened", opinions.evened),
    ("doubled", opinions.doubled),
    ("lifted", opinions.lifted),
    ("zbar", opinions.by_zbar),
    ("mended", opinions.mended),
)
_SLOW_WHOLE: Final[tuple[tuple[str, Opinion], ...]] = (
    ("sharpened", opinions.sharpened),
    ("flattened", opinions.flattened),
    ("evened", opinions.evened),
    ("smoothed", opinions.smoothed),
    ("cleaned", opinions.cleaned),
)
_SLOW_PART: Final[tuple[tuple[str, Opinion], ...]] = (
    ("doubled", opinions.doubled),
    ("lifted", opinions.lifted),
    ("finely flattened", opinions.finely_flattened),
    ("zbar", opinions.by_zbar),
    ("mended", opinions.mended),
    ("wechat", opinions.by_wechat),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read in one frame: texts, the same as bytes, by whom, and in how long."""

    texts: tuple[str, ...]
    payloads: tuple[bytes, ...]
    reader: str
    microseconds: int


class CodeReader:
    """The in-line reader: two quick looks at every frame, more where a code may be."""

    def __init__(self, now_us: Callable[[], int] = monotonic_us) -> None:
        """Measure the budgets with this clock. Says once on standard error if zbar is missing."""
        self._now_us = now_us
        self._purse = Purse(INLINE_PURSE_US, INLINE_SHARE_PERCENT)
        self._turn = 0
        self._in_view: set[str] = set()
        if not has_zbar():
            sys.stderr.write("zbar is missing (install libzbar0): codes are read by zxing alone\n")

    def read(self, image: Any) -> Reading:
        """Return the codes in a frame: height × width (grey) or height × width × 3 (BGR), bytes."""
        started_us = self._now_us()
        grey = grey_of(image)
        name, found = "plain", opinions.plain(grey)
        if not found:
            name, found = "calmed", opinions.calmed(grey)
        if not found:
            name, found = self._look_closely(grey, started_us)
        elif max(grey.shape) > WHOLE_PIXELS_MAX and self._in_view.issuperset(dict(found)):
            found = found + self._look_again(grey)
        self._in_view = set(dict(found))
        if found:
            self._purse.fill()
        return _reading(found, name if found else "", self._now_us() - started_us)

    def _look_closely(self, grey: Any, started_us: int) -> tuple[str, Found]:
        """Ask the costly opinions, as far as budget and purse go, where a code may be."""
        part = most_code_like(grey)
        if part.likeness < LIKENESS_MIN:
            return "", []
        begun_us = self._now_us()
        if not self._purse.is_open(begun_us):
            return "", []
        name, found = self._ask(grey, part, started_us)
        self._purse.spend(self._now_us() - begun_us)
        return name, found

    def _ask(self, grey: Any, part: Part, started_us: int) -> tuple[str, Found]:
        self._turn += 1
        last, opinion = _IN_TURN[self._turn % len(_IN_TURN)]
        looks = [(name, ask, grey) for name, ask in _WHOLE]
        for name, ask, where in (*looks, (last, opinion, part.grey)):
            if self._now_us() - started_us >= FRAME_BUDGET_US:
                break
            found = ask(where)
            if found:
                return name, found
        return "", []

    def _look_again(self, grey: Any) -> Found:
        """Look for a harder code beside those that stay in view and are read anyhow."""
        self._turn += 1
        return (opinions.calmed, opinions.sharpened)[self._turn % 2](grey)


class Patience:
    """Tells when a scene has gone long enough without success to ask the slower opinions."""

    def __init__(self, patience_ms: int = PATIENCE_MS) -> None:
        """Wait `patience_ms` milliseconds between two slow opinions."""
        self._patience_ms = patience_ms
        self._since_ms: int | None = None

    def is_over(self, *, found: bool, now_ms: int) -> bool:
        """Note a frame's success at a monotonic time; tell whether the worker is due."""
        if found or self._since_ms is None:
            self._since_ms = now_ms
            return False
        if now_ms - self._since_ms < self._patience_ms:
            return False
        self._since_ms = now_ms
        return True


class SlowReader:
    """The slower opinions, one frame at a time in a thread beside the in-line reader.

    OpenCV and zxing let go of Python's lock while they work, so a thread is enough; frames that
    come while it is busy are not kept.
    """

    def __init__(self, now_us: Callable[[], int] = monotonic_us) -> None:
        """Start the worker when the first frame comes; measure its purse with this clock."""
        self._now_us = now_us
        self._purse = Purse(WORKER_PURSE_US, WORKER_SHARE_PERCENT)
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="slow-reader")
        self._job: Future[Reading] | None = None

    def offer(self, image: Any) -> bool:
        """Give the worker a frame.

        False if it is still busy, its answer was not collected, it has spent its share of the
        processor, or nothing in the frame is like a code.
        """
        if self._job is not None or not self._purse.is_open(self._now_us()):
            return False
        if most_code_like(grey_of(image)).likeness < LIKENESS_MIN:
            return False
        self._job = self._pool.submit(read_slowly, image, self._now_us)
        return True

    def collect(self) -> Reading | None:
        """Return the worker's answer once, or None while there is none."""
        if self._job is None or not self._job.done():
            return None
        job, self._job = self._job, None
        reading = job.result()
        self._purse.spend(reading.microseconds)
        if reading.texts:
            self._purse.fill()
        return reading

    def close(self) -> None:
        """End the worker after the frame in hand."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def grey_of(image: Any) -> Any:
    """Return the frame as height × width bytes."""
    grey_dimensions = 2
    return image if image.ndim == grey_dimensions else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)


def read_slowly(image: Any, now_us: Callable[[], int] = monotonic_us) -> Reading:
    """Return the first success of the slower opinions on a frame."""
    started_us = now_us()
    grey = grey_of(image)
    part = most_code_like(grey)
    looks = [(name, ask, grey) for name, ask in _SLOW_WHOLE]
    looks += [(name, ask, part.grey) for name, ask in _SLOW_PART]
    for name, ask, where in looks:
        found = ask(where)
        if found:
            return _reading(found, name, now_us() - started_us)
    return _reading([], "", now_us() - started_us)


def read_all(image: Any, reader: CodeReader) -> Reading:
    """Return what the in-line reader finds, else what the slower opinions find."""
    reading = reader.read(image)
    if reading.texts:
        return reading
    slow = read_slowly(image)
    return replace(slow, microseconds=reading.microseconds + slow.microseconds)


def _reading(found: Found, reader: str, microseconds: int) -> Reading:
    once = dict(found)
    return Reading(tuple(once), tuple(once.values()), reader, microseconds)
