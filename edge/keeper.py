"""Keeps a box's inside running behind its screen: opens it, and opens it anew after a failure.

After a failed commit nothing of the old inside is used again: it is closed, and a new one starts
from what is truly on the disk. Until that succeeds every code is answered with "cannot record".
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, ClassVar, Final, Generic, TypeVar

from edge.headless import Answer, obeyed
from edge.health import health
from edge.inside import Inside
from edge.lane import LaneFull, LaneStopped
from edge.outside import Outside, Scan, Tell
from edge.store.connection import StoreTrouble
from edge.wanted import Wanted
from hardware.ports import Signal
from provisioning import manifest as manifests

OPEN_AGAIN_S: Final = 2
InsideT = TypeVar("InsideT", bound=Inside)
OutsideT = TypeVar("OutsideT", bound=Outside)


class Keeper(ABC, Generic[InsideT, OutsideT]):
    """One box behind a screen; `tell` hears everything, from any thread."""

    # What can keep the inside from opening now and not for ever.
    troubles: ClassVar[tuple[type[Exception], ...]] = (StoreTrouble,)

    def __init__(
        self, folder: Path, wanted: Wanted, tell: Tell, connect: Callable[[Scan], OutsideT]
    ) -> None:
        """Open the hardware by `connect`, which is handed who takes the codes.

        `BadManifest`, or what `connect` raises, says what is wrong.
        """
        self.manifest = manifests.load(folder)
        self.tell = tell
        self._wanted = wanted
        self._stopped = threading.Event()
        self.box: InsideT | None = None
        self.outside = connect(self.scan)
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)

    @abstractmethod
    def open_inside(self) -> InsideT:
        """Return a new inside from what is on the disk; one of `troubles` if there is none."""

    @abstractmethod
    def cannot_record(self) -> Answer:
        """Return what is said to everybody while there is no inside."""

    @abstractmethod
    def glance(self, box: InsideT) -> Answer:
        """Return what the screen shows of this box beside its health; in the lane only."""

    def start(self) -> None:
        """Open the inside, and begin to look and to listen."""
        self._thread.start()
        self.outside.start()

    def stop(self) -> None:
        """End in order: the eye, then the inside."""
        self.outside.close_eyes()
        self.outside.close()  # first, so that who did not pass a turnstile is still given back
        self._stopped.set()
        box = self.box
        if box is not None:
            box.terminal.ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def scan(self, text: str) -> Answer | None:
        """Take a text that was read, from any thread; without an inside nothing is done with it."""
        box = self.box
        if box is not None:
            return box.scan(text)
        self._signal_trouble()
        return self.cannot_record()

    def do(self, what: str, command: dict[str, Any]) -> "Future[Answer]":
        """Have the desk do a command; trouble is an answer too."""
        box = self.box
        if box is None:
            return answered(self.cannot_record())
        action = box.desk.commands()[what]

        try:
            return box.terminal.lane.ask(lambda: obeyed(action, command), wait_s=1)
        except (LaneStopped, LaneFull) as trouble:
            return answered({"event": "trouble", "sentence": str(trouble)})

    def look(self) -> "Future[Answer] | None":
        """Return the health of the box and a glance at it, None while it has no inside."""
        box = self.box
        if box is None:
            return None

        def job() -> Answer:
            own = self.glance(box)
            return {"event": "look", "health": health(box.terminal, box.uplink)} | own

        try:
            return box.terminal.lane.ask(job, wait_s=1)
        except (LaneStopped, LaneFull):
            return None

    def expect(self, what: str) -> None:
        """Let codes mean this from now on; what is in view counts as new."""
        if self._wanted.expects != what:
            self._wanted.expects = what
            self.outside.forget()

    def _run(self) -> None:
        while not self._stopped.is_set():
            box = self._open()
            if box is None:
                self._stopped.wait(OPEN_AGAIN_S)
                continue
            if self._stopped.is_set():  # `stop` may not have seen the box that was just opened
                box.terminal.ended.set()
            box.terminal.ended.wait()
            broken = box.terminal.lane.broken
            self.box = None
            box.stop()
            if broken is not None:
                self._cannot(broken)

    def _open(self) -> InsideT | None:
        """Open the inside and say so; None, said too, if that cannot be now."""
        try:
            box = self.open_inside()
        except self.troubles as trouble:
            self._cannot(trouble)
            return None
        try:
            box.start()
        except self.troubles as trouble:
            box.stop()
            self._cannot(trouble)
            return None
        self.box = box
        self.tell({"event": "opened", "notices": box.terminal.notices})
        return box

    def _cannot(self, trouble: BaseException) -> None:
        """Say why the inside does not work."""
        self._signal_trouble()
        self.tell({"event": "broken", "sentence": f"{trouble}"})

    def _signal_trouble(self) -> None:
        for signal in self.outside.wiring.signals:
            signal.show(Signal.TROUBLE)


def answered(answer: Answer) -> "Future[Answer]":
    """Return what was answered at once in the form of what is still awaited."""
    future: Future[Answer] = Future()
    future.set_result(answer)
    return future
