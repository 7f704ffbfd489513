"""What a box is connected to: eye, lamps, scanners, a turnstile. It outlives a store that failed.

While the box behind it cannot record, codes are still read and answered: nobody is let in, nothing
is sold, and everybody is told why.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.headless import Answer
from edge.neighbours.lan import LISTEN, OFF, Lan, read_lan
from edge.watch import Watch
from hardware.camera import open_camera
from hardware.ports import Frame, Heard
from hardware.wall_clock import SystemClock
from hardware.wiring import Wiring, open_wiring

HARDWARE_FILE: Final = "hardware.toml"
NOTHING_WIRED: Final = Wiring((), None, ())

Scan = Callable[[str], Answer | None]
Tell = Callable[[Answer], object]
Look = Callable[[Frame, bool], object]


@dataclass(frozen=True, slots=True)
class Options:
    """How a box was started: its folder and what is connected to it."""

    folder: Path
    camera: str | None = None
    frames_per_second: int | None = None
    keep_all: bool = False
    hardware: Path | None = None
    neighbours: str = OFF
    lan: str = LISTEN

    def lan_wanted(self) -> Lan | None:
        """Return how this box meets its neighbours; `LanTrouble` if that makes no sense."""
        return read_lan(self.neighbours, self.lan)

    @property
    def wiring_file(self) -> Path | None:
        """Where it stands what is connected, None if nothing is."""
        own = self.folder / HARDWARE_FILE
        return self.hardware or (own if own.is_file() else None)


class Outside:
    """The hardware of one box; `scan` gets what it reads, from the hardware's own threads."""

    def __init__(self, options: Options, scan: Scan, tell: Tell, look: Look | None = None) -> None:
        """Open what is connected; `BadWiring` or `CameraTrouble` say what is wrong.

        A camera that is not there yet is waited for; a file that is not there is an error.
        """
        clock = SystemClock()
        self._scan = scan
        self._tell = tell
        self.wiring = NOTHING_WIRED
        if options.wiring_file is not None:
            self.wiring = open_wiring(options.wiring_file, clock)
        self.watch: Watch | None = None
        with ExitStack() as undo:
            undo.callback(self.wiring.close)
            self.check()
            if options.camera is not None:
                camera = open_camera(
                    options.camera,
                    frames_per_second=options.frames_per_second,
                    keep_all=options.keep_all,
                    patient=True,
                )
                self.watch = Watch(camera, clock, scan, tell, look)
            undo.pop_all()

    def check(self) -> None:
        """Raise what says why this wiring cannot serve the box; most serve any."""

    def start(self) -> None:
        """Begin to look and to listen, once somebody can hear what is told."""
        for source in self.wiring.sources:
            source.start(self.hear)
        if self.watch is not None:
            self.watch.start()

    def hear(self, heard: Heard) -> None:
        """Take what a hand scanner or NFC reader gave, from its thread."""
        if heard.text is not None:
            answer = self._scan(heard.text)
            if answer is not None:
                self._tell(answer | {"source": heard.source_name})

    def forget(self) -> None:
        """Take what is in view as new: the box means something else by it now."""
        if self.watch is not None:
            self.watch.forget()

    def close_eyes(self) -> None:
        """Look no more."""
        if self.watch is not None:
            self.watch.stop()

    def close(self) -> None:
        """Let go of everything that is wired."""
        self.wiring.close()
