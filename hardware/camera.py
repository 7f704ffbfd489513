"""Frames from anything OpenCV opens: a device, a video file, a stream, or a folder of images.

A live camera is read by a thread of its own that keeps only the newest frame, so whoever asks never
waits and never sees an old picture. A camera that is unplugged is opened again, more and more
patiently, without a restart. A folder is shown picture by picture, also those that come later: that
is how rehearsals hold codes before a gate.
"""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from hardware.ports import Camera, CameraState, Frame, WallClock
from hardware.wall_clock import SystemClock

PICTURE_ENDINGS: Final = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp"})
PICTURE_BYTES_MAX: Final = 64 << 20
PICTURE_BYTES_MIN: Final = 64
REOPEN_MS_MIN: Final = 250
REOPEN_MS_MAX: Final = 5_000
FOLDER_ATTEMPTS_MAX: Final = 200


class CameraTrouble(Exception):
    """A source of pictures cannot be used; the message says what to do."""


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
    try:
        image = cv2.imdecode(_padded(content), cv2.IMREAD_COLOR) if content.size else None
    except cv2.error:
        image = None
    if image is None:
        message = f"{path}: not a picture that can be read (PNG, JPEG or WebP expected)"
        raise CameraTrouble(message)
    return image


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
) -> Camera:
    """Open a source: a device number or path, a video file, an http or rtsp address, a folder.

    `frames_per_second` paces a folder or a video as a camera would. `keep_all` makes a folder give
    every picture once instead of only the newest. `CameraTrouble` says what to do.
    """
    clock = clock or SystemClock()
    path = Path(source)
    if path.is_dir():
        return FolderCamera(path, clock, frames_per_second, keep_all=keep_all)
    if source.isdigit() or source.startswith("/dev/"):
        device: int | str = int(source) if source.isdigit() else source
        return StreamCamera(device, clock, size=(width, height))
    if "://" in source:
        return StreamCamera(source, clock)
    if not path.is_file():
        message = f"{source}: no such camera, file or folder; name a device number, a file or a URL"
        raise CameraTrouble(message)
    return StreamCamera(source, clock, frames_per_second=frames_per_second or 15, ends=True)


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
        source: int | str,
        clock: WallClock,
        *,
        size: tuple[int, int] | None = None,
        frames_per_second: int | None = None,
        ends: bool = False,
    ) -> None:
        """Open the source once to see that it works, then go on reading in the background."""
        self._source = source
        self._clock = clock
        self._size = size
        self._between_ms = 0 if frames_per_second is None else 1000 // frames_per_second
        self._ends = ends
        self._state = CameraState.OPEN
        self._frame: Frame | None = None
        self._lock = threading.Lock()
        self._stop = threading.Event()
        capture = self._capture()
        if capture is None:
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

    def _capture(self) -> Any:
        capture = cv2.VideoCapture(self._source)
        if not capture.isOpened():
            capture.release()
            return None
        if self._size is not None:
            capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._size[0])
            capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._size[1])
        return capture

    def _run(self, capture: Any) -> None:
        """Read until closed or ended; a lost device is opened again with growing patience."""
        wait_ms = REOPEN_MS_MIN
        while not self._stop.is_set():
            good, image = capture.read() if capture is not None else (False, None)
            if good:
                wait_ms = REOPEN_MS_MIN
                self._state = CameraState.OPEN
                with self._lock:
                    self._frame = Frame(image, self._clock.monotonic_ms(), str(self._source))
                if self._between_ms:
                    self._stop.wait(self._between_ms / 1000)
                continue
            if capture is not None:
                capture.release()
            if self._ends:
                self._state = CameraState.ENDED
                return
            self._state = CameraState.UNPLUGGED
            self._stop.wait(wait_ms / 1000)
            wait_ms = min(2 * wait_ms, REOPEN_MS_MAX)
            capture = self._capture()
        if capture is not None:
            capture.release()
