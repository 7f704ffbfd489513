"""The ports to the world: what a terminal may ask of its hardware, and what a frame is.

A lamp knows no tickets: nothing of ours is imported here, and whatever implements a port can be
replaced by a fake in a test (`hardware.bench`) or by another device.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol


class CameraState(StrEnum):
    """What a camera is doing, for the status line."""

    OPEN = "open"
    UNPLUGGED = "unplugged"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture: a numpy array of bytes, height × width (grey) or height × width × 3 (BGR).

    `taken_ms` is monotonic, in milliseconds; `source_name` says where the picture came from.
    """

    image: Any
    taken_ms: int
    source_name: str


class Camera(Protocol):
    """A source of frames that never makes its reader wait."""

    @property
    def state(self) -> CameraState:
        """What the camera is doing now."""

    def newest(self) -> Frame | None:
        """Return the newest frame that was not yet handed out, or None."""

    def close(self) -> None:
        """Let go of the device; the camera gives no frame afterwards."""


class WallClock(Protocol):
    """Time as the box has it, and a way to wait."""

    def now_ms(self) -> int:
        """Return Unix time in milliseconds, right or wrong."""

    def monotonic_ms(self) -> int:
        """Return milliseconds that only ever grow while the box runs."""

    def pause(self, duration_ms: int) -> None:
        """Wait for some milliseconds."""
