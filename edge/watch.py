"""The eye of a box: frames become texts, and each text that comes into view a scan.

It runs in a thread of its own and may do one thing: hand on the text. The quick readers
look at every frame; after a second in which something sharp was seen and nothing read, the slow
opinions are asked in their own worker. Nobody is judged while several of our codes come into view
together: nobody could tell whose turn it was.
"""

import threading
from collections.abc import Callable
from typing import Final

from edge.headless import Answer
from edge.limits import CAMERA_IDLE_MS
from hardware.code_reader import CodeReader, Patience, Reading, SlowReader
from hardware.ports import Camera, CameraState, Frame, WallClock
from hardware.repeats import SameCode
from sync.limits import CODE_PREFIX

_STOP_S: Final = 30


class Watch:
    """Looks through one camera for one box."""

    def __init__(
        self,
        camera: Camera,
        clock: WallClock,
        scan: Callable[[str], Answer | None],
        tell: Callable[[Answer], object],
        look: Callable[[Frame, bool], object] | None = None,
    ) -> None:
        """Let `scan` judge what the camera shows, and tell each answer; None is no answer.

        `look` gets every frame and whether a code was read in it, in the camera's thread: for a
        preview, or a hint about the light.
        """
        self._camera = camera
        self._clock = clock
        self._scan = scan
        self._tell = tell
        self._look = look
        self._same = SameCode()
        self._is_forgetting = threading.Event()
        self._several = 0
        self._state: CameraState | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def forget(self) -> None:
        """Take what is in view as new: the box means something else by it now."""
        self._is_forgetting.set()

    def stop(self) -> None:
        """Close the camera and end."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(_STOP_S)
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
                if self._look is not None:
                    self._look(frame, bool(reading.texts))
                if patience.is_over(found=bool(reading.texts), now_ms=frame.taken_ms):
                    with_slow.offer(frame.image)
                self._see(reading, frame.source_name, frame)
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
        """Scan what just came into view; several of ours at once are not judged."""
        now_ms = self._clock.monotonic_ms() if frame is None else frame.taken_ms
        if self._is_forgetting.is_set():
            self._is_forgetting.clear()
            self._same = SameCode()
        fresh = [text for text in reading.texts if not self._same.is_in_view(text, now_ms)]
        ours = [text for text in fresh if text.startswith(CODE_PREFIX)]
        if len(ours) > 1:
            for text in set(reading.texts) - set(fresh):
                self._same.is_new(text, now_ms)
            self._tell_several(len(ours))
            return
        self._several = 0
        for text in reading.texts:
            if self._same.is_new(text, now_ms) and (text in ours or not ours):
                verdict = self._scan(text)
                if verdict is not None:
                    micros = reading.microseconds
                    self._tell({**verdict, "source": source, "read_microseconds": micros})

    def _tell_several(self, count: int) -> None:
        if count != self._several:
            self._several = count
            self._tell({"event": "several", "codes": count})
