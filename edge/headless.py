"""A terminal that scripts drive: one JSON object a line in, one JSON object a line out.

Each command has `do` and may have an `id`, which its answer repeats. Answers come in the order of
the commands, and only after what they say is on the disk. What the box says by itself (a code seen
by the camera) has no `id`. A command that cannot be understood is answered with `trouble` and
changes nothing.
"""

import json
import sys
import threading
from collections.abc import Callable
from typing import Any, BinaryIO, Final, Protocol

from edge.chores import report
from edge.lane import LaneFull, LaneStopped
from edge.limits import COMMAND_LINE_BYTES_MAX
from edge.line_input import LineInput
from edge.store.connection import StoreTrouble
from edge.terminal import BROKEN_EXIT_CODE, Terminal
from edge.uplink import Uplink
from sync.cells import area_hashes
from sync.conflicts import conflicts
from sync.names import AREAS_OF_ROLE

Answer = dict[str, Any]
Command = dict[str, Any]
Action = Callable[[Command], Answer]
STOP: Final = "stop"
CHECK: Final = "check"


class BadCommand(Exception):
    """A command that cannot be understood; the message says what was expected. Nothing changed."""


class Desk(Protocol):
    """What a gate or a bar can be told; every method runs in the lane."""

    def commands(self) -> dict[str, Callable[[Command], Answer]]:
        """Return what each `do` does."""

    def greeting(self) -> Answer:
        """Return what the first line says beyond the common part."""


class Speaker:
    """Writes answers, one line each, from whichever thread has one."""

    def __init__(self, out: BinaryIO) -> None:
        """Write to this stream."""
        self._out = out
        self._lock = threading.Lock()

    def say(self, answer: Answer) -> None:
        """Write one line and push it out."""
        self.write(json.dumps(answer, ensure_ascii=False))

    def write(self, line: str) -> None:
        """Write a line of text and push it out."""
        with self._lock:
            self._out.write(line.encode("utf-8", "backslashreplace") + b"\n")
            self._out.flush()


def serve(
    terminal: Terminal,
    uplink: Uplink,
    desk: Desk,
    source: LineInput,
    speaker: Speaker,
    when_ready: Callable[[], object],
    work: Callable[[Action, Command], Answer],
) -> int:
    """Answer commands until there are no more, `stop` is told, or the terminal ends by itself.

    Returns the exit status. `when_ready` is called after the first line was said, `work` does a
    command, in the lane and beyond where a box needs that.
    """
    common = _Common(terminal, uplink)
    actions = {**common.commands(), **desk.commands()}
    speaker.say({**common.greeting(), **terminal.lane.run(desk.greeting)})
    threading.Thread(target=_end_with, args=(terminal, source), name="end", daemon=True).start()
    when_ready()
    for line in source.lines():
        if not _obey(terminal, actions, work, line, speaker):
            break
    if terminal.lane.broken is None:
        return 0
    sys.stderr.write(f"guichet: cannot record: {terminal.lane.broken}. Start again.\n")
    return BROKEN_EXIT_CODE


def _end_with(terminal: Terminal, source: LineInput) -> None:
    """Stop waiting for commands when the terminal ends by itself."""
    terminal.ended.wait()
    source.end()


def _obey(
    terminal: Terminal,
    actions: dict[str, Action],
    do: Callable[[Action, Command], Answer],
    line: bytes | None,
    speaker: Speaker,
) -> bool:
    """Do what one line says and answer it; False if it says to stop."""
    command = _read(line)
    if isinstance(command, str):
        speaker.say({"id": None, "event": "trouble", "sentence": command})
        return True
    number = command.get("id")
    if command.get("do") == STOP:
        speaker.say({"id": number, "event": "done"})
        return False
    speaker.say({"id": number, **_answer(terminal, actions, do, command)})
    return terminal.lane.broken is None


def _read(line: bytes | None) -> Command | str:
    """Return the command that a line spells, or what is wrong with it."""
    if line is None:
        return f"a command has at most {COMMAND_LINE_BYTES_MAX} bytes"
    try:
        command = json.loads(line)
    except (ValueError, RecursionError):
        return "a command is one JSON object on one line"
    return command if isinstance(command, dict) else "a command is one JSON object on one line"


def _answer(
    terminal: Terminal,
    actions: dict[str, Action],
    do: Callable[[Action, Command], Answer],
    command: Command,
) -> Answer:
    """Do one command in the lane; trouble of the command is an answer, of the store an end."""
    action = actions.get(str(command.get("do")))
    if command.get("do") == CHECK:
        return _check(terminal)
    if action is None:
        known = ", ".join(sorted([*actions, CHECK, STOP]))
        return {"event": "trouble", "sentence": f"unknown command; known are: {known}"}

    try:
        return do(action, command)
    except (LaneStopped, LaneFull, StoreTrouble) as trouble:
        return {"event": "trouble", "sentence": str(trouble)}


def obeyed(action: Callable[[Command], Answer], command: Command) -> Answer:
    """Do one command, in the lane; that it cannot be understood is an answer too."""
    try:
        return action(command)
    except BadCommand as trouble:
        return {"event": "trouble", "sentence": str(trouble)}


def _check(terminal: Terminal) -> Answer:
    """Look at the whole store, beside the lane, which goes on recording."""
    try:
        return {"event": "check", **report(terminal.folder)}
    except StoreTrouble as trouble:
        return {"event": "trouble", "sentence": str(trouble)}


class _Common:
    """What gates and bars are asked alike."""

    def __init__(self, terminal: Terminal, uplink: Uplink) -> None:
        self._terminal = terminal
        self._uplink = uplink

    def commands(self) -> dict[str, Callable[[Command], Answer]]:
        return {"status": self._status, "hashes": self._hashes}

    def greeting(self) -> Answer:
        manifest, run = self._terminal.manifest, self._terminal.run
        return {
            "event": "ready",
            "role": manifest.role,
            "name": manifest.name,
            "terminal": manifest.terminal,
            "run": None if run is None else run.hex(),
            "recovering": run is None,
            "notices": self._terminal.notices,
        }

    def _status(self, _: Command) -> Answer:
        terminal, uplink = self._terminal, self._uplink
        quality = terminal.moment().quality
        found = [
            {"kind": one.kind.value, "subject": one.subject}
            for area in AREAS_OF_ROLE[terminal.role]
            for one in conflicts(terminal.store.shelf.cells, area)
        ]
        return {
            "event": "status",
            "facts": terminal.store.facts(),
            "only_here": terminal.only_here(),
            "connected": uplink.is_connected,
            "line": uplink.trouble,
            "is_level": uplink.is_level,
            "office_store_read": uplink.is_office_store_read,
            "heard": terminal.last_heard_ms is not None,
            "last_heard_ms": terminal.last_heard_ms,
            "alone_ms": terminal.alone_ms(),
            "alone_since_ms": terminal.last_heard_ms if terminal.is_alone() else None,
            "clock": {
                "state": quality.state.name.lower(),
                "uncertainty_ms": quality.uncertainty_ms,
            },
            "recovering": terminal.is_recovering,
            "on_snapshot": terminal.store.standing is not None,
            "copied": terminal.is_copied,
            **terminal.lan(),
            "conflicts": found,
        }

    def _hashes(self, _: Command) -> Answer:
        terminal = self._terminal
        hashes = area_hashes(terminal.store.shelf.cells, AREAS_OF_ROLE[terminal.role])
        return {"event": "hashes", **hashes}


def whole(command: Command, name: str, low: int, high: int) -> int:
    """Return a whole number of a command; `BadCommand` if it is missing or out of bounds."""
    value = command.get(name)
    if type(value) is not int or not low <= value <= high:
        message = f"{name} must be a whole number from {low} to {high}"
        raise BadCommand(message)
    return value


def text(command: Command, name: str, chars_max: int) -> str:
    """Return a text of a command; `BadCommand` if it is missing or too long."""
    value = command.get(name)
    if not isinstance(value, str) or len(value) > chars_max:
        message = f"{name} must be a text of at most {chars_max} characters"
        raise BadCommand(message)
    return value


def raw_id(command: Command, name: str, count: int) -> bytes:
    """Return an id of a command, given as hex; `BadCommand` if it is not so many bytes."""
    try:
        value = bytes.fromhex(text(command, name, 2 * count))
    except ValueError:
        value = b""
    if len(value) != count:
        message = f"{name} must be {2 * count} hex characters"
        raise BadCommand(message)
    return value
