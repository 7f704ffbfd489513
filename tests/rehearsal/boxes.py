"""Real processes for rehearsals: an office, and boxes spoken to in JSON lines through pipes."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, Final

CHECKOUT: Final = Path(__file__).resolve().parents[2]
START_S: Final = 30
ANSWER_S: Final = 60
STOP_S: Final = 15
WINDOW_COMMANDS: Final = 200
LOOPBACK: Final = "127.0.0.1"
_PLAIN: Final[Mapping[str, str]] = MappingProxyType({})


class BoxTrouble(Exception):
    """A process of the rehearsal did not do what it was told; the message says which and how."""


def environment() -> dict[str, str]:
    """Return the environment in which every process of a rehearsal starts."""
    path = {"PYTHONPATH": str(CHECKOUT), "PYTHONSAFEPATH": "1", "PYTHONUTF8": "1"}
    return {"GUICHET_NEIGHBOURS": "off", **os.environ, **path}


def guichet(module: str, *words: str | Path, given: str = "") -> str:
    """Run one command to its end and return what it printed; `BoxTrouble` if it failed."""
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, words)],
        env=environment(),
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=ANSWER_S,
    )
    if done.returncode:
        message = f"{module} {' '.join(map(str, words))} failed: {done.stderr.strip()[-500:]}"
        raise BoxTrouble(message)
    return done.stdout


class _Process:
    """A child process whose standard output is JSON lines; its errors go into a file."""

    def __init__(
        self,
        name: str,
        words: Sequence[str | Path],
        errors: Path,
        surroundings: Mapping[str, str] = _PLAIN,
    ) -> None:
        self.name = name
        self.errors = errors
        with errors.open("ab") as sink:
            self.child = subprocess.Popen(
                [sys.executable, "-m", *map(str, words)],
                env={**environment(), **surroundings},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=sink,
                start_new_session=True,  # a Ctrl-C is the rehearsal's to handle
            )
        self.lines: queue.Queue[dict[str, Any] | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        out = self.child.stdout
        if out is None:
            return
        for line in out:
            with contextlib.suppress(ValueError):
                self.lines.put(json.loads(line))
        self.lines.put(None)

    def next_line(self, wait_s: int) -> dict[str, Any]:
        """Return the next JSON line; `BoxTrouble` if the process ends or stays silent."""
        try:
            line = self.lines.get(timeout=wait_s)
        except queue.Empty as trouble:
            message = f"{self.name} stays silent for {wait_s} s{self._said()}"
            raise BoxTrouble(message) from trouble
        if line is None:
            self.lines.put(None)
            message = f"{self.name} ended{self._said()}"
            raise BoxTrouble(message)
        return line

    def _said(self) -> str:
        text = self.errors.read_text("utf-8", "replace").strip()[-800:]
        return f": {text}" if text else ""

    def stop(self) -> None:
        """Ask the process to end, and end it if it does not."""
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self.child.kill()
        self._close()

    def kill(self) -> None:
        """End the process as a power cut would: without any warning."""
        self.child.send_signal(signal.SIGKILL)
        self._close()

    def ended(self, wait_s: int) -> tuple[int, list[dict[str, Any]]]:
        """Wait for its end; return the exit status and what it had said that nobody read yet."""
        try:
            status = self.child.wait(wait_s)
        except subprocess.TimeoutExpired as trouble:
            message = f"{self.name} does not end within {wait_s} s{self._said()}"
            raise BoxTrouble(message) from trouble
        said = []
        while (line := self.lines.get(timeout=wait_s)) is not None:
            said.append(line)
        self._close()
        return status, said

    def _close(self) -> None:
        self.child.wait()
        for pipe in (self.child.stdin, self.child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


class Office:
    """A festival's office: its folder, its commands, and its process once it serves."""

    def __init__(self, folder: Path, festival: int, name: str, currency: str) -> None:
        """Create the festival in a new folder."""
        self.folder = folder
        self.url = ""
        self._process: _Process | None = None
        guichet(
            "cloud",
            "init",
            folder,
            *("--festival", str(festival), "--name", name, "--currency", currency),
        )

    @classmethod
    def of(cls, folder: Path) -> "Office":
        """Return the office of a folder that was made before."""
        office = cls.__new__(cls)
        office.folder = folder
        office.url = ""
        office._process = None
        return office

    @property
    def port(self) -> int:
        """The port on loopback at which the office answers."""
        return int(self.url.rsplit(":", 1)[1].strip("/"))

    def do(self, command: str, *words: str | Path) -> str:
        """Give one office command and return what it printed."""
        return guichet("cloud", command, self.folder, *words)

    def say(self, rows: Iterable[dict[str, Any]]) -> None:
        """Let the office state many things at once."""
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        guichet("cloud", "say", self.folder, "-", given=lines)

    @property
    def pid(self) -> int:
        """The number of the office's process, which must have been started."""
        if self._process is None:
            message = "the office was not started"
            raise BoxTrouble(message)
        return self._process.child.pid

    def serve(self, port: int = 0, host: str = LOOPBACK) -> None:
        """Start the office's process and wait until it answers."""
        where = ("--host", host, "--port", str(port))
        words: list[str | Path] = ["cloud", "serve", self.folder, *where, "--json"]
        self._process = _Process("the office", words, self.folder.with_suffix(".log"))
        self.url = str(self._process.next_line(START_S)["url"]).rstrip("/")

    def stop(self) -> None:
        """End the office's process."""
        if self._process is not None:
            self._process.stop()

    def enrol(
        self, box: Path, role: str, name: str, place: int, office_port: int, host: str = LOOPBACK
    ) -> None:
        """Enrol a box's folder as a gate of a zone or as a bar, at the address that it will use."""
        where = "--zone" if role == "gate" else "--bar"
        words = ("--role", role, "--name", name, where, str(place), "--json")
        code = json.loads(self.do("terminal-code", *words))["code"]
        address = f"http://{host}:{office_port}"
        guichet("provisioning", "provision", "enrol", box, "--office", address, "--code", code)

    def ask(self, path: str) -> Any:
        """Return the JSON that the office's own address answers, asked with the admin's key."""
        key = (self.folder / "admin.key").read_text("utf-8").strip()
        request = urllib.request.Request(  # noqa: S310 - our own office on loopback
            self.url + path, headers={"Authorization": f"Bearer {key}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:  # noqa: S310
                return json.load(answer)
        except (urllib.error.URLError, TimeoutError) as trouble:
            message = f"the office does not answer {path}: {trouble}"
            raise BoxTrouble(message) from trouble


class Box:
    """A gate or bar: its folder, and its process once it was started."""

    def __init__(
        self,
        folder: Path,
        role: str,
        *options: str,
        surroundings: Mapping[str, str] = _PLAIN,
        module: str = "edge",
        log: Path | None = None,
    ) -> None:
        """Stand for an enrolled folder; `options` are given to the process at each start.

        `surroundings` are set in its environment, and `module` is what runs it: a test may put
        something between the command and the system. Its errors go to `log`, by default beside
        the folder.
        """
        self.folder = folder
        self.role = role
        self._surroundings = surroundings
        self._module = module
        self._log = log or folder.with_suffix(".log")
        self.ready: dict[str, Any] = {}
        self.loose: list[dict[str, Any]] = []
        self._options = options
        self._process: _Process | None = None
        self._last_id = 0

    def start(self) -> None:
        """Start the process and wait until it takes commands."""
        words: list[str | Path] = [self._module, self.role, self.folder, "--headless"]
        words += self._options
        self._process = _Process(self.folder.name, words, self._log, self._surroundings)
        while True:
            line = self._process.next_line(START_S)
            if line.get("event") == "ready":
                self.ready = line
                return

    def send(self, command: dict[str, Any]) -> int:
        """Give a command without waiting and return its id."""
        process = self._running()
        self._last_id += 1
        line = json.dumps({"id": self._last_id, **command}).encode() + b"\n"
        try:
            pipe: IO[bytes] | None = process.child.stdin
            if pipe is not None:
                pipe.write(line)
                pipe.flush()
        except OSError as trouble:
            message = f"{self.folder.name} takes no command: {trouble}"
            raise BoxTrouble(message) from trouble
        return self._last_id

    def answer(self, number: int) -> dict[str, Any]:
        """Return the answer to a command; what the box says by itself is kept in `loose`."""
        while True:
            line = self._running().next_line(ANSWER_S)
            if line.get("id") == number:
                return line
            self.loose.append(line)

    def ask(self, do: str, **fields: Any) -> dict[str, Any]:
        """Give a command and return its answer."""
        return self.answer(self.send({"do": do, **fields}))

    def hear(self, wait_ms: int) -> dict[str, Any] | None:
        """Return the next thing that the box says by itself, None if it says nothing so long."""
        if self.loose:
            return self.loose.pop(0)
        try:
            line = self._running().lines.get(timeout=wait_ms / 1000)
        except queue.Empty:
            return None
        if line is None:
            message = f"{self.folder.name} ended"
            raise BoxTrouble(message)
        return line

    def stop(self) -> None:
        """End the process in order."""
        if self._process is not None:
            with contextlib.suppress(BoxTrouble):
                self.send({"do": "stop"})
            self._process.stop()
            self._process = None

    def kill(self) -> None:
        """Cut the power."""
        self._running().kill()
        self._process = None

    @property
    def pid(self) -> int:
        """The number of the box's process, which must run."""
        return self._running().child.pid

    def ended(self, wait_s: int = STOP_S) -> tuple[int, list[dict[str, Any]]]:
        """Wait until the box has ended by itself; return its status and its last answers."""
        found = self._running().ended(wait_s)
        self._process = None
        return found

    def die(self) -> list[dict[str, Any]]:
        """Cut the power and return what the box had still answered, as whoever looked saw it."""
        os.kill(self.pid, signal.SIGKILL)
        return self.ended()[1]

    def _running(self) -> _Process:
        if self._process is None:
            message = f"{self.folder.name} was not started"
            raise BoxTrouble(message)
        return self._process
