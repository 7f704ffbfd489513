"""The camera on a Raspberry Pi's ribbon cable, through the system's own `rpicam-vid`.

OpenCV cannot speak to it, so the system's program writes JPEG pictures to a pipe, one behind the
other. What has piled up in the pipe is thrown away but for the newest picture before it is decoded,
so that a slow reader sees the present.
"""

import select
import shutil
import subprocess
from collections.abc import Callable
from typing import Any, Final

PROGRAMS: Final = ("rpicam-vid", "libcamera-vid")
FRAMES_PER_SECOND: Final = 30
FRAME_BYTES_MAX: Final = 8 << 20
READ_BYTES: Final = 1 << 16
SILENCE_MS_MAX: Final = 4_000
READS_PER_PICTURE_MAX: Final = 1_024
ENDING_S: Final = 2

_BEGIN, _END, _SCAN = b"\xff\xd8", b"\xff\xd9", 0xDA
_MARK: Final = 0xFF
_HEAD_BYTES: Final = 4


def pi_program() -> str | None:
    """Return the system's camera program, the older name if need be; None if there is none."""
    return next((name for name in PROGRAMS if shutil.which(name)), None)


class JpegSplitter:
    """Cuts a flow of bytes into JPEG pictures; whatever comes, it holds 8 MiB at most."""

    def __init__(self) -> None:
        """Begin outside a picture."""
        self._buffer = bytearray()
        self._at = 0
        self._in_scan = False

    def feed(self, content: bytes) -> list[bytes]:
        """Take bytes, cut anywhere; return the pictures that are whole now."""
        self._buffer += content
        pictures = []
        while (end := self._find_end()) is not None:
            pictures.append(bytes(self._buffer[:end]))
            self._drop(end)
        if len(self._buffer) > FRAME_BYTES_MAX:
            self._drop(len(self._buffer))
        return pictures

    def _drop(self, count: int) -> None:
        del self._buffer[:count]
        self._at, self._in_scan = 0, False

    def _find_end(self) -> int | None:
        """Where the first picture ends; None if it is not whole or there is none."""
        while not self._in_scan:
            if self._at == 0 and not self._find_begin():
                return None
            if len(self._buffer) < self._at + _HEAD_BYTES:
                return None
            mark, kind, *size = self._buffer[self._at : self._at + _HEAD_BYTES]
            if mark != _MARK:
                self._drop(len(_BEGIN))  # no picture after all: look for the next beginning
                continue
            # A part of the head is passed over whole: it may hold a small picture of its own.
            self._at += 1 if kind == _MARK else 2 + int.from_bytes(size)
            self._in_scan = kind == _SCAN
        end = self._buffer.find(_END, self._at)
        if end < 0:
            self._at = max(self._at, len(self._buffer) - 1)
            return None
        return end + len(_END)

    def _find_begin(self) -> bool:
        begin = self._buffer.find(_BEGIN)
        if begin < 0:
            self._drop(max(0, len(self._buffer) - 1))
            return False
        self._drop(begin)
        self._at = len(_BEGIN)
        return True


class PiFeed:
    """One run of the camera program; see `hardware.camera.Capture`."""

    def __init__(
        self,
        program: str,
        number: int,
        size: tuple[int, int],
        decode: Callable[[bytes], Any],
    ) -> None:
        """Start the program for a camera's number and a size in pixels.

        `decode` makes a BGR array of a JPEG picture's bytes, or None of a broken one.
        """
        self._decode = decode
        self._splitter = JpegSplitter()
        width, height = size
        self._process = subprocess.Popen(
            [
                *(program, "--camera", str(number), "--codec", "mjpeg", "--timeout", "0"),
                *("--width", str(width), "--height", str(height)),
                *("--framerate", str(FRAMES_PER_SECOND), "--nopreview", "--flush", "-o", "-"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )

    def begins(self) -> bool:
        """Wait for the first bytes; tell whether the program has found its camera."""
        content = self._some(SILENCE_MS_MAX)
        self._splitter.feed(content or b"")
        return bool(content)

    def read(self) -> tuple[bool, Any]:
        """Wait for a picture; (False, None) when the program ended or is silent for 4 s."""
        newest: bytes | None = None
        for _ in range(READS_PER_PICTURE_MAX):
            content = self._some(0 if newest else SILENCE_MS_MAX)
            if content:
                pictures = self._splitter.feed(content)
                newest = pictures[-1] if pictures else newest
                continue
            image = None if newest is None else self._decode(newest)
            if image is not None:
                return True, image
            if newest is None or content is not None:
                break
            newest = None  # it was broken, and the program goes on: wait for the next
        return False, None

    def release(self) -> None:
        """End the program."""
        self._process.terminate()
        try:
            self._process.wait(ENDING_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _some(self, wait_ms: int) -> bytes | None:
        """What the program wrote; nothing at its end, None if it is silent for so long."""
        pipe = self._process.stdout
        if pipe is None or not select.select([pipe], [], [], wait_ms / 1000)[0]:
            return None
        return bytes(pipe.read(READ_BYTES))
