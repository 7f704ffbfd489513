"""Frames from a USB or Pi camera, a video file, a stream, or a folder of images.

A live camera is read by a thread of its own that keeps only the newest frame, so whoever asks never
waits and never sees an old picture. A camera that is unplugged is opened again, more and more
patiently, without a restart. A folder is shown picture by picture, also those that come later: that
is how rehearsals hold codes before a gate.
"""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, Protocol

import cv2
import numpy as np

from hardware.pi_camera import PiFeed, pi_program
from hardware.ports import Camera, CameraState, Frame, WallClock
from hardware.wall_clock import SystemClock

PICTURE_ENDINGS: Final = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp"})
PICTURE_BYTES_MAX: Final = 64 << 20
PICTURE_BYTES_MIN: Final = 64
REOPEN_MS_MIN: Final = 250
REOPEN_MS_MAX: Final = 5_000
FOLDER_ATTEMPTS_MAX: Final = 200
RATE_USUAL: Final = 15
RATE_MAX: Final = 60
STREAM_OPEN_MS_MAX: Final = 4_000
STREAM_READ_MS_MAX: Final = 4_000

# A camera that is missing is said once, by its state, and not each time it is looked for.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


class CameraTrouble(Exception):
    """A source of pictures cannot be used; the message says what to do."""


class Capture(Protocol):
    """What gives one picture after the other, as OpenCV's captures do."""

    def read(self) -> tuple[bool, Any]:
        """Wait for the next picture: (True, BGR array), or (False, anything) if it is over."""

    def release(self) -> None:
        """Let go of the device."""


def read_picture(path: Path) -> Any:
    """Return a picture file as a BGR array; `CameraTrouble` if it cannot be read as one."""
    try:
        if path.stat().st_size > PICTURE_BYTES_MAX:
            message = f"{path}: larger than {PICTURE_BYTES_MAX >> 20} MiB"
            raise CameraTrouble(message)
        content = np.fromfile(path, dtype=np.uint8)
    except OSError as trouble:
        message = f"{path}: cannot be read ({trouble.strerror})"
        raise CameraTrouble(message) from trouble
    image = decoded(content)
    if image is None:
        message = f"{path}: not a picture that can be read (PNG, JPEG or WebP expected)"
        raise CameraTrouble(message)
    return image


def decoded(content: Any) -> Any:
    """Return a picture's bytes (bytes, or an array of them) as a BGR array, or None."""
    flat = np.frombuffer(content, dtype=np.uint8)
    try:
        return cv2.imdecode(_padded(flat), cv2.IMREAD_COLOR) if flat.size else None
    except cv2.error:
        return None


def reduced_grey(image: Any, width: int, height: int) -> Any:
    """Return a frame as `height` × `width` bytes of grey: each cell the mean of what it covers.

    In two steps, as the first is five times quicker than a mean over all pixels; a frame of four
    times the size loses nothing by that.
    """
    half = cv2.resize(image, (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR)
    small = cv2.resize(half, (width, height), interpolation=cv2.INTER_AREA)
    grey_dimensions = 2
    return small if small.ndim == grey_dimensions else cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)


def is_live(source: str) -> bool:
    """Tell whether a source's name is that of a sensor, not of a file or folder."""
    is_pi = source == "pi" or source.startswith("pi:")
    is_device = source.isdigit() or source.startswith("/dev/")
    return not Path(source).is_dir() and (is_pi or is_device or "://" in source)


def _padded(content: Any) -> Any:
    """Return the bytes with room behind them: OpenCV refuses a WebP file of one pixel as short."""
    missing = PICTURE_BYTES_MIN - content.size
    return np.pad(content, (0, missing)) if missing > 0 else content


def open_camera(
    source: str,
    *,
    width: int = 1280,
    height: int = 720,
    frames_per_second: int | None = None,
    keep_all: bool = False,
    clock: WallClock | None = None,
    patient: bool = False,
) -> Camera:
    """Open a source by its name, at `width` × `height` pixels where it lets us choose.

    A device number or path, `pi` or `pi:0`, an http or rtsp address, a video file, or a folder.
    `frames_per_second` paces a folder or a video as a camera would. `keep_all` makes a folder give
    every picture once instead of only the newest. A `patient` camera may come later: a device, Pi
    camera or stream that does not open is UNPLUGGED at first and tried again and again. Otherwise
    `CameraTrouble` says what to do, and always for a name that is no camera.
    """
    clock = clock or SystemClock()
    path = Path(source)
    if path.is_dir():
        return FolderCamera(path, clock, frames_per_second, keep_all=keep_all)
    size = (width, height)
    if source == "pi" or source.startswith("pi:"):
        number = source.partition(":")[2] or "0"
        if not number.isdecimal():
            message = f"{source}: name a Pi camera by its number, as pi:0 or pi:1"
            raise CameraTrouble(message)
        if pi_program() is None and not patient:
            message = f"{source}: no rpicam-vid here; install it with `apt-get install rpicam-apps`"
            raise CameraTrouble(message)
        index = int(number)
        return StreamCamera(source, clock, lambda: _open_pi(index, size), patient=patient)
    if source.isdigit() or source.startswith("/dev/"):
        device: int | str = int(source) if source.isdigit() else source
        return StreamCamera(source, clock, lambda: _open_device(device, size), patient=patient)
    if "://" in source:
        return StreamCamera(source, clock, lambda: _open_stream(source), patient=patient)
    if not path.is_file():
        message = f"{source}: no such camera, file or folder; name a device number, a file or a URL"
        raise CameraTrouble(message)
    pace = frames_per_second or _rate_of(source)
    return StreamCamera(
        source, clock, lambda: _working(cv2.VideoCapture(source)), frames_per_second=pace, ends=True
    )


def _open_device(device: int | str, size: tuple[int, int]) -> Capture | None:
    capture = cv2.VideoCapture(device)
    if capture.isOpened():
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])
    return _working(capture)


def _open_stream(address: str) -> Capture | None:
    """Open a stream by FFmpeg, which alone knows when to give up."""
    limits = [
        *(cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, STREAM_OPEN_MS_MAX),
        *(cv2.CAP_PROP_READ_TIMEOUT_MSEC, STREAM_READ_MS_MAX),
    ]
    return _working(cv2.VideoCapture(address, cv2.CAP_FFMPEG, limits))


def _rate_of(source: str) -> int:
    """Return how many frames a second a recording was made with, a camera's 15 if it cannot be."""
    capture = cv2.VideoCapture(source)
    rate = round(capture.get(cv2.CAP_PROP_FPS)) if capture.isOpened() else 0
    capture.release()
    return rate if 1 <= rate <= RATE_MAX else RATE_USUAL


def _working(capture: Any) -> Capture | None:
    if capture.isOpened():
        opened: Capture = capture
        return opened
    capture.release()
    return None


def _open_pi(number: int, size: tuple[int, int]) -> Capture | None:
    program = pi_program()
    if program is None:
        return None
    feed = PiFeed(program, number, size, decoded)
    if feed.begins():
        return feed
    feed.release()
    return None


class FolderCamera:
    """A folder whose pictures are shown in the order of their names, then those that come later."""

    def __init__(
        self,
        folder: Path,
        clock: WallClock,
        frames_per_second: int | None = None,
        *,
        keep_all: bool = False,
    ) -> None:
        """Watch a folder; a picture still being written is tried again."""
        self._folder = folder
        self._clock = clock
        self._between_ms = 0 if frames_per_second is None else 1000 // frames_per_second
        self._keep_all = keep_all
        self._attempts: dict[str, int] = {}
        self._next_ms = 0
        self._open = True

    @property
    def state(self) -> CameraState:
        """Open while the folder is there."""
        if not self._open:
            return CameraState.ENDED
        return CameraState.OPEN if self._folder.is_dir() else CameraState.UNPLUGGED

    def newest(self) -> Frame | None:
        """Return the next picture that can be read, or None if there is no new one."""
        now_ms = self._clock.monotonic_ms()
        if not self._open or now_ms < self._next_ms:
            return None
        for path in self._waiting():
            image = self._try(path)
            if image is not None:
                self._next_ms = now_ms + self._between_ms
                return Frame(image, now_ms, path.name)
        return None

    def close(self) -> None:
        """Show nothing more."""
        self._open = False

    def _waiting(self) -> Iterator[Path]:
        try:
            names = sorted(p.name for p in self._folder.iterdir() if p.suffix in PICTURE_ENDINGS)
        except OSError:
            return
        new = [n for n in names if self._attempts.get(n, 0) < FOLDER_ATTEMPTS_MAX]
        if not self._keep_all and len(new) > 1:
            for old in new[:-1]:
                self._attempts[old] = FOLDER_ATTEMPTS_MAX
            new = new[-1:]
        for name in new:
            yield self._folder / name

    def _try(self, path: Path) -> Any:
        try:
            image = read_picture(path)
        except CameraTrouble:
            self._attempts[path.name] = self._attempts.get(path.name, 0) + 1
            return None
        self._attempts[path.name] = FOLDER_ATTEMPTS_MAX
        return image


class StreamCamera:
    """A device, stream or video file read by a thread that keeps only the newest frame."""

    def __init__(
        self,
        source: str,
        clock: WallClock,
        open_capture: Callable[[], Capture | None],
        *,
        frames_per_second: int | None = None,
        ends: bool = False,
        patient: bool = False,
    ) -> None:
        """Open the source once to see that it works, then go on reading in the background.

        A patient one begins UNPLUGGED and opens in the background too.
        """
        self._source = source
        self._clock = clock
        self._open_capture = open_capture
        self._between_ms = 0 if frames_per_second is None else 1000 // frames_per_second
        self._ends = ends
        self._state = CameraState.UNPLUGGED if patient else CameraState.OPEN
        self._frame: Frame | None = None
        self._lock = threading.Lock()
        self._stop = threading.Event()
        capture = None if patient else open_capture()
        if capture is None and not patient:
            message = f"camera {source} does not open: is it plugged in, and free?"
            raise CameraTrouble(message)
        self._thread = threading.Thread(
            target=self._run, args=(capture,), name="camera", daemon=True
        )
        self._thread.start()

    @property
    def state(self) -> CameraState:
        """What the camera is doing now."""
        return self._state

    def newest(self) -> Frame | None:
        """Return the newest frame that was not yet handed out, or None."""
        with self._lock:
            frame, self._frame = self._frame, None
        return frame

    def close(self) -> None:
        """Stop the thread and let go of the device."""
        self._stop.set()
        self._thread.join(timeout=5)

    def _run(self, capture: Capture | None) -> None:
        """Read until closed or ended; a lost device is opened again with growing patience."""
        wait_ms = REOPEN_MS_MIN
        while not self._stop.is_set():
            capture = capture or self._open_capture()
            if capture is not None and self._read(capture):
                wait_ms = REOPEN_MS_MIN
            if capture is not None:
                capture.release()
                capture = None
            if self._ends:
                self._state = CameraState.ENDED
                return
            self._state = CameraState.UNPLUGGED
            self._stop.wait(wait_ms / 1000)
            wait_ms = min(2 * wait_ms, REOPEN_MS_MAX)

    def _read(self, capture: Capture) -> bool:
        """Keep the newest frame until closed or nothing comes; tell whether anything came."""
        came = False
        while not self._stop.is_set():
            good, image = capture.read()
            if not good:
                break
            came = True
            self._state = CameraState.OPEN
            with self._lock:
                self._frame = Frame(image, self._clock.monotonic_ms(), self._source)
            if self._between_ms:
                self._stop.wait(self._between_ms / 1000)
        return came
