"""The eye of a gate: frames become texts, and each text that comes into view a scan.

It runs in a thread of its own and may do one thing: hand the text to the lane. The quick readers
look at every frame; after a second in which something sharp was seen and nothing read, the slow
opinions are asked in their own worker.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

from edge.gate.desk import GateDesk
from edge.headless import Answer
from edge.lane import LaneFull, LaneStopped
from edge.limits import CAMERA_IDLE_MS
from edge.store.connection import StoreTrouble
from edge.terminal import Terminal
from hardware.code_reader import CodeReader, Patience, Reading, SlowReader
from hardware.ports import Camera, CameraState, Frame
from hardware.repeats import SameCode
from sync.admission import Direction

_ANSWER_S: Final = 30


class Watch:
    """Looks through one camera for one gate."""

    def __init__(
        self,
        terminal: Terminal,
        desk: GateDesk,
        camera: Camera,
        direction: Direction,
        tell: Callable[[Answer], None],
    ) -> None:
        """Let the desk judge what the camera shows and tell each verdict."""
        self._terminal = terminal
        self._desk = desk
        self._camera = camera
        self._direction = direction
        self._tell = tell
        self._same = SameCode()
        self._state: CameraState | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Close the camera and end."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(_ANSWER_S)
        self._camera.close()

    def _run(self) -> None:
        reader, patience = CodeReader(), Patience()
        with_slow = SlowReader()
        try:
            while not self._stopped.is_set():
                self._tell_state()
                frame = self._camera.newest()
                slow = with_slow.collect()
                if slow is not None and slow.texts:
                    self._see(slow, "")
                if frame is None:
                    self._pause()
                    continue
                reading = reader.read(frame.image)
                if patience.is_over(found=bool(reading.texts), now_ms=frame.taken_ms):
                    with_slow.offer(frame.image)
                self._see(reading, frame.source_name, frame)
        except (LaneStopped, StoreTrouble):
            return  # the terminal is ending and says why itself
        finally:
            with_slow.close()

    def _tell_state(self) -> None:
        """Say when the camera is opened, lost or at its end."""
        state = self._camera.state
        if state is not self._state:
            self._state = state
            self._tell({"event": "camera", "state": state.value})

    def _pause(self) -> None:
        if self._camera.state is CameraState.ENDED:
            self._stopped.wait(1)
        self._stopped.wait(CAMERA_IDLE_MS / 1000)

    def _see(self, reading: Reading, source: str, frame: Frame | None = None) -> None:
        now_ms = self._terminal.timekeeper.monotonic_ms() if frame is None else frame.taken_ms
        for text in reading.texts:
            if self._same.is_new(text, now_ms):
                verdict = self._scan(text)
                if verdict is not None:
                    micros = reading.microseconds
                    self._tell({**verdict, "source": source, "read_microseconds": micros})

    def _scan(self, text: str) -> Answer | None:
        """Hand a text to the lane and wait for the verdict; a full inbox leaves it to be shown."""
        try:
            future: Future[Answer] = self._terminal.lane.ask(
                lambda: self._desk.scan(text, self._direction), wait_s=1
            )
        except LaneFull:
            return None
        return future.result(_ANSWER_S)
