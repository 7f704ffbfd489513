"""Network namespaces that carry the name of the process that made them, and go away with it.

A thread enters a namespace for as long as it starts a process or makes a connection there; what it
starts stays there. A namespace outlives a process that was killed, so the next one that makes any
sweeps first: whatever carries the name of a process that is gone is emptied and deleted.
"""

import ctypes
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_PLACE: Final = Path("/run/netns")
_MARK: Final = "guichet"
_CLONE_NEWNET: Final = 0x40000000
_SELF: Final = Path("/proc/thread-self/ns/net")
SYSTEM_FOLDERS: Final = "/usr/local/sbin:/usr/sbin:/sbin"
_libc: Final = ctypes.CDLL(None, use_errno=True)


class NoNamespaces(Exception):
    """Network namespaces cannot be made here; the message says what the system answered."""


def run(*words: str, given: str = "") -> str:
    """Run a tool of the system and return what it printed; `NoNamespaces` if it refuses."""
    path = f"{os.environ.get('PATH', os.defpath)}:{SYSTEM_FOLDERS}"
    surroundings = {**os.environ, "PATH": path}
    try:
        done = subprocess.run(
            words, input=given, env=surroundings, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as trouble:
        message = f"{words[0]} is missing"
        raise NoNamespaces(message) from trouble
    if done.returncode:
        message = f"{' '.join(words)}: {done.stderr.strip() or done.returncode}"
        raise NoNamespaces(message)
    return done.stdout


class Namespace:
    """One network namespace of this process."""

    def __init__(self, number: int, name: str) -> None:
        """Make it; its name says which process it belongs to."""
        self.name = f"{_MARK}-{os.getpid()}-{_started(os.getpid())}-{number}-{name}"
        run("ip", "netns", "add", self.name)
        self.ip("link", "set", "lo", "up")

    def ip(self, *words: str) -> None:
        """Run `ip` on what lies in this namespace."""
        run("ip", "-n", self.name, *words)

    def run(self, *words: str, given: str = "") -> str:
        """Run another tool inside."""
        with self.inside():
            return run(*words, given=given)

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Let this thread start processes and make connections there, within the block."""
        with _SELF.open("rb") as before, (_PLACE / self.name).open("rb") as there:
            _enter(there.fileno())
            try:
                yield
            finally:
                _enter(before.fileno())

    def close(self) -> None:
        """End what runs inside and delete it."""
        _delete(self.name)


def sweep() -> list[str]:
    """Delete every namespace whose process is gone, as after a `kill -9`; return their names."""
    swept = []
    for place in _PLACE.glob(f"{_MARK}-*") if _PLACE.is_dir() else ():
        parts = place.name.split("-")
        if len(parts) > 2 and _started(int(parts[1])) != parts[2]:
            _delete(place.name)
            swept.append(place.name)
    return swept


def _delete(name: str) -> None:
    with suppress(NoNamespaces):  # somebody else may sweep at the same moment
        for pid in run("ip", "netns", "pids", name).split():
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        run("ip", "netns", "delete", name)


def _started(pid: int) -> str:
    """Return when a process was started, in the kernel's ticks; an empty text if it is gone."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1]
    except OSError:
        return ""
    return after_name.split()[19]


def _enter(handle: int) -> None:
    if _libc.setns(handle, _CLONE_NEWNET):
        number = ctypes.get_errno()
        raise NoNamespaces(os.strerror(number))
