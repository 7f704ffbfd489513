"""Fakes for the ports: a clock moved by hand, a camera that is a list, a lamp that takes notes."""

from collections.abc import Iterable
from typing import Any

from hardware.ports import CameraState, Frame


class ManualClock:
    """A clock that stands still until it is moved; pausing moves it."""

    def __init__(self, now_ms: int = 1_700_000_000_000, monotonic_ms: int = 0) -> None:
        """Start at a wall time and a monotonic time, both in milliseconds."""
        self._now_ms = now_ms
        self._monotonic_ms = monotonic_ms

    def now_ms(self) -> int:
        """Return the wall time in Unix milliseconds."""
        return self._now_ms

    def monotonic_ms(self) -> int:
        """Return the monotonic time in milliseconds."""
        return self._monotonic_ms

    def pause(self, duration_ms: int) -> None:
        """Let time pass at once."""
        self.move(duration_ms)

    def move(self, duration_ms: int) -> None:
        """Let some milliseconds pass on both clocks."""
        self._now_ms += duration_ms
        self._monotonic_ms += duration_ms

    def step_wall(self, change_ms: int) -> None:
        """Set the wall clock forward or back, as a person or a time server would."""
        self._now_ms += change_ms


class ListCamera:
    """A camera that hands out given pictures, each once."""

    def __init__(self, images: Iterable[Any]) -> None:
        """Take the pictures in the order in which they will be seen."""
        self._images = list(images)
        self._shown = 0

    @property
    def state(self) -> CameraState:
        """Open until the last picture was handed out."""
        return CameraState.OPEN if self._shown < len(self._images) else CameraState.ENDED

    def newest(self) -> Frame | None:
        """Return the next picture, or None after the last."""
        if self._shown >= len(self._images):
            return None
        frame = Frame(self._images[self._shown], self._shown, f"picture {self._shown}")
        self._shown += 1
        return frame

    def close(self) -> None:
        """Show nothing more."""
        self._shown = len(self._images)
