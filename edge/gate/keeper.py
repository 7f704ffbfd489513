"""Keeps a gate's inside running behind its screen: opens it, and opens it anew after a failure.

After a failed commit nothing of the old inside is used again: it is closed, and a new one starts
from what is truly on the disk. Until that succeeds every code is answered with "cannot record".
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final

from edge.gate.api.address import ApiTrouble
from edge.gate.box import GateBox, cannot_record
from edge.gate.outside import Options, Outside
from edge.gate.telling import Answer
from edge.headless import obeyed
from edge.health import health
from edge.lane import LaneFull, LaneStopped
from edge.store.connection import StoreTrouble
from hardware.ports import Frame, Signal
from provisioning import manifest as manifests

OPEN_AGAIN_S: Final = 2


class Keeper:
    """One gate behind a screen; `tell` hears everything, from any thread."""

    def __init__(
        self,
        options: Options,
        tell: Callable[[Answer], object],
        look: Callable[[Frame, bool], object] | None = None,
    ) -> None:
        """Open the hardware; `BadManifest`, `BadWiring` or `CameraTrouble` say what is wrong."""
        self.manifest = manifests.load(options.folder)
        self._options = options
        self.intent = options.intent
        self._tell = tell
        self._stopped = threading.Event()
        self.outside = Outside(options, self.scan, tell, look)
        self.box: GateBox | None = None
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)

    def start(self) -> None:
        """Open the inside, and begin to look and to listen."""
        self._thread.start()
        self.outside.start()

    def stop(self) -> None:
        """End in order: the eye, then the inside."""
        self.outside.close_eyes()
        self.outside.close()  # first, so that who did not pass the turnstile is still given back
        self._stopped.set()
        box = self.box
        if box is not None:
            box.terminal.ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def scan(self, text: str) -> Answer | None:
        """Take a text that was read, from any thread; without an inside nobody is let in."""
        box = self.box
        if box is not None:
            return box.scan(text)
        self._signal_trouble()
        return cannot_record(self.manifest.language)

    def do(self, what: str, command: dict[str, Any]) -> "Future[Answer]":
        """Have the desk do a command; trouble is an answer too."""
        box = self.box
        if box is None:
            done: Future[Answer] = Future()
            done.set_result(cannot_record(self.manifest.language))
            return done
        action = box.desk.commands()[what]

        try:
            return box.terminal.lane.ask(lambda: obeyed(action, command), wait_s=1)
        except (LaneStopped, LaneFull) as trouble:
            failed: Future[Answer] = Future()
            failed.set_result({"event": "trouble", "sentence": str(trouble)})
            return failed

    def look(self) -> "Future[Answer] | None":
        """Return counters and health of the gate, None while it has no inside."""
        box = self.box
        if box is None:
            return None

        def job() -> Answer:
            return {
                "event": "look",
                "counters": box.desk.counters(),
                "health": health(box.terminal, box.uplink),
                "troubles": box.passage.troubles(),
            }

        try:
            return box.terminal.lane.ask(job, wait_s=1)
        except (LaneStopped, LaneFull):
            return None

    def expect(self, what: str) -> None:
        """Let codes mean this from now on; what is in view counts as new."""
        if self.intent.expects != what:
            self.intent.expects = what
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

    def _open(self) -> GateBox | None:
        """Open the inside and say so; None, said too, if that cannot be now."""
        try:
            box = GateBox(
                self._options, self.outside.wiring, self.intent, self._tell, needs_staff=True
            )
        except (StoreTrouble, ApiTrouble) as trouble:
            self._cannot(trouble)
            return None
        try:
            box.start()
        except ApiTrouble as trouble:
            box.stop()
            self._cannot(trouble)
            return None
        self.box = box
        self._tell({"event": "opened", "notices": box.terminal.notices})
        return box

    def _cannot(self, trouble: BaseException) -> None:
        """Say why the inside does not work."""
        self._signal_trouble()
        self._tell({"event": "broken", "sentence": f"{trouble}"})

    def _signal_trouble(self) -> None:
        for signal in self.outside.wiring.signals:
            signal.show(Signal.TROUBLE)
