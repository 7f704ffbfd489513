"""Fakes for the ports: a clock moved by hand, a camera that is a list, a lamp that takes notes."""

import threading
from collections.abc import Callable, Iterable
from typing import Any

from hardware.ports import CameraState, Frame, Heard, Signal, Slip, SourceState, Way


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


class BenchSignals:
    """A lamp that takes notes: `shown` holds every signal in its order."""

    def __init__(self) -> None:
        """Begin with nothing shown and no trouble; a test may set `trouble`."""
        self.shown: list[Signal] = []
        self.closed = False
        self.trouble = ""

    def show(self, signal: Signal) -> None:
        """Note a signal."""
        self.shown.append(signal)

    def close(self) -> None:
        """Note that the lamp was let go."""
        self.closed = True


class BenchTurnstile:
    """A turnstile whose guests are moved by a test: `walk` and `run_out` are theirs to call.

    The callbacks come from a thread of its own, as the port says, and before the call that caused
    them returns, so that a test need not wait.
    """

    def __init__(self, *, tells_direction: bool = False) -> None:
        """Stand locked, with nobody at the arm; a test may set `wish` and `trouble`."""
        self.opened: list[tuple[Way, int]] = []
        self.closed = False
        self.tells_direction = tells_direction
        self.trouble = ""
        self.wish: Way | None = None
        self._lock = threading.Lock()
        self._waiting: tuple[int, Callable[[int], object]] | None = None
        self._passed = 0

    @property
    def is_open(self) -> bool:
        """Whether the arm is released now."""
        return self._waiting is not None

    def open(self, way: Way, guests: int, when_done: Callable[[int], object]) -> None:
        """Release the arm; what was under way ends with what has passed so far."""
        if guests < 1:
            message = f"a turnstile opens for at least one guest, not for {guests}"
            raise ValueError(message)
        self.run_out()
        with self._lock:
            self.opened.append((way, guests))
            if not self.closed:
                self._waiting, self._passed = (guests, when_done), 0
                return
        _in_a_thread(when_done, 0)

    def walk(self, guests: int = 1) -> None:
        """Let so many guests walk through the open arm; a `ValueError` if it is locked."""
        for _ in range(guests):
            with self._lock:
                if self._waiting is None:
                    message = "the arm is locked: nobody can walk through it"
                    raise ValueError(message)
                self._passed += 1
                is_last = self._passed >= self._waiting[0]
            if is_last:
                self.run_out()

    def run_out(self) -> None:
        """Let the time-out pass: what is under way ends with what has passed so far."""
        with self._lock:
            waiting, self._waiting = self._waiting, None
            passed = self._passed
        if waiting is not None:
            _in_a_thread(waiting[1], passed)

    def close(self) -> None:
        """End what is under way; later calls of `open` end at once with nobody."""
        self.closed = True
        self.run_out()


class BenchSource:
    """A scanner or NFC reader that says what a test puts into its mouth."""

    def __init__(self, name: str = "bench") -> None:
        """Begin plugged in; a test may set `state`."""
        self.state = SourceState.OPEN
        self.closed = False
        self._name = name
        self._hear: Callable[[Heard], object] | None = None

    def start(self, hear: Callable[[Heard], object]) -> None:
        """Remember who listens."""
        self._hear = hear

    def say(self, text: str | None, uid: bytes | None = None, taps: int | None = None) -> None:
        """Give a code from a thread of its own; return when the listener has taken it."""
        if self._hear is not None and not self.closed:
            _in_a_thread(self._hear, Heard(text, uid, self._name, taps))

    def close(self) -> None:
        """Say nothing more."""
        self.closed = True


class BenchPrinter:
    """A printer that keeps its slips; a test may set `failing` to the trouble that it shall have.

    The callbacks come from a thread of its own, as the port says, and before the call that caused
    them returns, so that a test need not wait.
    """

    def __init__(self) -> None:
        """Begin with nothing printed, the drawer shut and no trouble."""
        self.slips: list[Slip] = []
        self.drawer_openings = 0
        self.failing = ""
        self.trouble = ""
        self.closed = False

    def print(self, slip: Slip, when_done: Callable[[str], object]) -> None:
        """Keep a slip, or tell the trouble that was set."""
        self.trouble = "the receipt printer is closed" if self.closed else self.failing
        if not self.trouble:
            self.slips.append(slip)
        _in_a_thread(when_done, self.trouble)

    def open_drawer(self) -> None:
        """Count an opening, unless there is trouble."""
        self.trouble = "the receipt printer is closed" if self.closed else self.failing
        if not self.trouble:
            self.drawer_openings += 1

    def close(self) -> None:
        """Print nothing more."""
        self.closed = True


def _in_a_thread(call: Callable[[Any], object], value: object) -> None:
    thread = threading.Thread(target=call, args=(value,), name="bench", daemon=True)
    thread.start()
    thread.join()
