"""The ports to the world: what a terminal may ask of its hardware, and what a frame is.

A lamp knows no tickets: nothing of ours is imported here, and whatever implements a port can be
replaced by a fake in a test (`hardware.bench`) or by another device.
"""

from collections.abc import Callable
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


class Signal(StrEnum):
    """What a gate tells everybody who stands near it."""

    READY = "ready"
    ADMIT = "admit"
    ASK = "ask"
    REFUSE = "refuse"
    TROUBLE = "trouble"


class SignalOutput(Protocol):
    """A lamp, a buzzer or a loudspeaker."""

    @property
    def trouble(self) -> str:
        """What is wrong, in one English sentence; empty if the device works."""

    def show(self, signal: Signal) -> None:
        """Begin to show a signal in place of the one before.

        It never blocks and never raises for a broken device: `trouble` tells.
        """

    def close(self) -> None:
        """Go dark and silent, and let go of the device."""


class Way(StrEnum):
    """Through a turnstile: into the zone, or out of it."""

    IN = "in"
    OUT = "out"


class Turnstile(Protocol):
    """An arm that lets guests pass one after the other and counts who truly did."""

    @property
    def wish(self) -> Way | None:
        """Which way somebody stands at the arm now, by the direction contact.

        None if nobody stands there or there is no such contact.
        """

    @property
    def tells_direction(self) -> bool:
        """Whether there are direction contacts, so that `wish` can ever be something."""

    @property
    def trouble(self) -> str:
        """What is wrong, in one English sentence; empty if the turnstile works."""

    def open(self, way: Way, guests: int, when_done: Callable[[int], object]) -> None:
        """Release the arm for `guests` passages, one after the other; never block.

        `when_done` is called exactly once, from a thread of the turnstile, with the number of
        guests who truly passed: after the last passage, when a passage did not happen within the
        time-out, at trouble with the hardware, or at `close`. A second `open` ends the first, whose
        `when_done` gets what has passed so far. Fewer than one guest is a `ValueError`.
        """

    def close(self) -> None:
        """End what is under way, lock the arm and let go of the pins."""


class SourceState(StrEnum):
    """What a scanner or NFC reader is doing, for the status line."""

    OPEN = "open"
    UNPLUGGED = "unplugged"


@dataclass(frozen=True, slots=True)
class Heard:
    """What a scanner or NFC reader gave: a text, a chip's UID, or both.

    `text` is None if the chip holds none; `uid` is 4, 7 or 10 bytes from a chip and None from a
    scanner. `source_name` says which device it was. `taps` is a chip's own count of how often it
    was read (0 to 16,777,215), which grows each time it is held to any reader and never shrinks;
    None where the chip or the reader has none.
    """

    text: str | None
    uid: bytes | None
    source_name: str
    taps: int | None = None


class CodeSource(Protocol):
    """A device that gives codes by itself: a hand scanner or an NFC reader."""

    @property
    def state(self) -> SourceState:
        """What the device is doing now; a lost one is tried again without a restart."""

    def start(self, hear: Callable[[Heard], object]) -> None:
        """Begin to listen, once; `hear` is called from the source's own thread and must be quick.

        What `hear` raises ends that thread: it must not raise.
        """

    def close(self) -> None:
        """Stop listening and let go of the device; `hear` is not called afterwards."""


class Style(StrEnum):
    """How a line stands on paper: large is twice as high and wide, so half as much fits."""

    NORMAL = "normal"
    BOLD = "bold"
    LARGE = "large"
    CENTRED = "centred"


@dataclass(frozen=True, slots=True)
class Line:
    """A text at the left, wrapped where it is too long, and an amount at the right, never cut.

    Centred lines stand in the middle, with their amount behind the text.
    """

    text: str
    amount: str = ""
    style: Style = Style.NORMAL


@dataclass(frozen=True, slots=True)
class Rule:
    """A line drawn from edge to edge."""


@dataclass(frozen=True, slots=True)
class Code:
    """A text as a QR code in the middle."""

    text: str


@dataclass(frozen=True, slots=True)
class Feed:
    """Empty lines, 1 to 255."""

    lines: int = 1


Slip = tuple[Line | Rule | Code | Feed, ...]


class ReceiptPrinter(Protocol):
    """A printer of slips that never makes a guest wait for it."""

    @property
    def trouble(self) -> str:
        """What is wrong, in one English sentence; empty if the last job was printed."""

    def print(self, slip: Slip, when_done: Callable[[str], object]) -> None:
        """Print a slip after those before it and cut the paper; never block, never raise.

        `when_done` is called exactly once, from a thread of the printer, with an empty text or
        with the trouble in one English sentence. Nothing is printed twice by itself: a slip that
        failed may be asked for again, and a sentence says if part of it may be on paper.
        """

    def open_drawer(self) -> None:
        """Open the cash drawer after the slips before, if one is connected; never block or raise.

        Whether it opened is not known; `trouble` tells if the printer could not be reached.
        """

    def close(self) -> None:
        """Finish the slip under way, tell the others that they were not printed, and let go."""
