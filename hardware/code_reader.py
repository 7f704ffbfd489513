"""Codes out of frames: several opinions in the order in which they pay, and the doorway to each.

Measured on real photographs and hard synthetic frames: zxing-cpp reads most codes in about a
millisecond, so it sees every frame. zbar reads some that zxing misses and is slow, so it is asked
only where zxing found nothing and the picture is sharp somewhere: the variance of the Laplacian in
the sharpest 40-pixel tile of the reduced frame (over the whole frame it would measure noise). The
slow opinions (adaptive threshold, OpenCV's WeChat reader) belong into a worker: `SlowReader`.
"""

import sys
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Final

import cv2
import zxingcpp

from hardware.wall_clock import monotonic_us

try:
    from pyzbar import pyzbar
except ImportError:  # the system's libzbar is missing; zxing alone still reads
    pyzbar = None

REDUCED_WIDTH: Final = 640
REDUCED_HEIGHT: Final = 360
TILE_PIXELS: Final = 40
SHARP_VARIANCE: Final = 150
PATIENCE_MS: Final = 1_000
CODES_PER_FRAME_MAX: Final = 16
_FORMATS: Final[Any] = [
    zxingcpp.BarcodeFormat.QRCode,
    zxingcpp.BarcodeFormat.MicroQRCode,
    zxingcpp.BarcodeFormat.RMQRCode,
]
_WECHAT_PIXELS_MAX: Final = 1600


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read in one frame: texts, the same as bytes, by whom, and in how long."""

    texts: tuple[str, ...]
    payloads: tuple[bytes, ...]
    reader: str
    microseconds: int


class CodeReader:
    """The in-line reader: zxing-cpp on every frame, zbar where it may help."""

    def __init__(self) -> None:
        """Say once on standard error if zbar is missing."""
        if pyzbar is None:
            sys.stderr.write("zbar is missing (install libzbar0): codes are read by zxing alone\n")

    def read(self, image: Any) -> Reading:
        """Return the codes in a frame: height × width (grey) or height × width × 3 (BGR), bytes."""
        started_us = monotonic_us()
        grey = grey_of(image)
        reader, found = "zxing", read_zxing(grey)
        if not found and pyzbar is not None and sharpest_tile(grey) >= SHARP_VARIANCE:
            reader, found = "zbar", read_zbar(grey)
        return _reading(found, reader if found else "", started_us)


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

    def __init__(self) -> None:
        """Start the worker when the first frame comes."""
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="slow-reader")
        self._job: Future[Reading] | None = None

    def offer(self, image: Any) -> bool:
        """Give the worker a frame; False if it is still busy or its answer was not collected."""
        if self._job is not None:
            return False
        self._job = self._pool.submit(read_slowly, image)
        return True

    def collect(self) -> Reading | None:
        """Return the worker's answer once, or None while there is none."""
        if self._job is None or not self._job.done():
            return None
        job, self._job = self._job, None
        return job.result()

    def close(self) -> None:
        """End the worker after the frame in hand."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def grey_of(image: Any) -> Any:
    """Return the frame as height × width bytes."""
    grey_dimensions = 2
    return image if image.ndim == grey_dimensions else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)


def sharpest_tile(grey: Any) -> int:
    """Return the variance of the Laplacian in the sharpest 40-pixel tile of the reduced frame."""
    reduced = cv2.resize(grey, (REDUCED_WIDTH, REDUCED_HEIGHT), interpolation=cv2.INTER_AREA)
    edges = cv2.Laplacian(reduced, cv2.CV_32F)
    rows, columns = REDUCED_HEIGHT // TILE_PIXELS, REDUCED_WIDTH // TILE_PIXELS
    tiles = edges.reshape(rows, TILE_PIXELS, columns, TILE_PIXELS)
    return int(tiles.var(axis=(1, 3)).max())


def read_zxing(grey: Any) -> list[tuple[str, bytes]]:
    """Return (text, bytes) of each code that zxing-cpp finds."""
    found = zxingcpp.read_barcodes(grey, formats=_FORMATS, text_mode=zxingcpp.TextMode.Plain)
    return [(code.text, bytes(code.bytes)) for code in found if code.valid][:CODES_PER_FRAME_MAX]


def read_zbar(grey: Any) -> list[tuple[str, bytes]]:
    """Return (text, bytes) of each code that zbar finds; the text as far as it is UTF-8."""
    symbols = [pyzbar.ZBarSymbol.QRCODE]
    found = pyzbar.decode(grey, symbols=symbols)
    return [(code.data.decode("utf-8", "replace"), code.data) for code in found][
        :CODES_PER_FRAME_MAX
    ]


def read_slowly(image: Any) -> Reading:
    """Return the first success of the slower opinions on a frame."""
    started_us = monotonic_us()
    grey = grey_of(image)
    for name, opinion in _OPINIONS:
        found = opinion(grey)
        if found:
            return _reading(found, name, started_us)
    return _reading([], "", started_us)


def read_all(image: Any, reader: CodeReader) -> Reading:
    """Return what the in-line reader finds, else what the slower opinions find."""
    started_us = monotonic_us()
    reading = reader.read(image)
    if not reading.texts:
        reading = read_slowly(image)
    return replace(reading, microseconds=monotonic_us() - started_us)


def _threshold(grey: Any) -> list[tuple[str, bytes]]:
    calm = cv2.GaussianBlur(grey, (5, 5), 0)
    flat = cv2.adaptiveThreshold(
        calm, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY, 51, 5
    )
    return read_zxing(flat)


def _contrast(grey: Any) -> list[tuple[str, bytes]]:
    levelled = cv2.createCLAHE(clipLimit=4, tileGridSize=(8, 8)).apply(grey)
    return read_zxing(levelled)


def _larger(grey: Any) -> list[tuple[str, bytes]]:
    double = cv2.resize(grey, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    return read_zxing(double)


def _calmer(grey: Any) -> list[tuple[str, bytes]]:
    return read_zxing(cv2.medianBlur(grey, 5))


def _wechat(grey: Any) -> list[tuple[str, bytes]]:
    largest = max(grey.shape)
    if largest > _WECHAT_PIXELS_MAX:
        scale = _WECHAT_PIXELS_MAX / largest
        grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    texts, _ = cv2.wechat_qrcode.WeChatQRCode().detectAndDecode(grey)
    return [(text, text.encode("utf-8", "surrogateescape")) for text in texts if text]


_OPINIONS: Final[tuple[tuple[str, Callable[[Any], list[tuple[str, bytes]]]], ...]] = (
    ("threshold", _threshold),
    ("contrast", _contrast),
    ("calmer", _calmer),
    ("larger", _larger),
    ("wechat", _wechat),
)


def _reading(found: Iterable[tuple[str, bytes]], reader: str, started_us: int) -> Reading:
    once = dict(found)
    return Reading(tuple(once), tuple(once.values()), reader, monotonic_us() - started_us)
