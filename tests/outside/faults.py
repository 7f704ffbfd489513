"""What stands between a box and the system in a test: a shifted clock, a disk that cannot sync.

Both are libraries that are loaded before the box's own and answer in the system's place. Each is
steered while the box runs: the clock through a file, the disk through a pipe.
"""

import subprocess
from pathlib import Path
from typing import Final

_EIO: Final = 5
_FIU_LIBRARIES: Final = ("fiu_run_preload.so", "fiu_posix_preload.so")
_FIU_FOLDERS: Final = ("/usr/lib/fiu", "/usr/local/lib/fiu")
_FAKETIME: Final = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/*/faketime/libfaketimeMT.so.1")
_STEER_S: Final = 20


class NoFault(Exception):
    """The library that would make the fault is not there, or does not do what it is told."""


class ShiftedClock:
    """A wall clock that is wrong by what is set; the steady clock is left alone."""

    def __init__(self, folder: Path, shift: str) -> None:
        """Begin with a shift such as ``+10y``, ``-1d`` or ``+0``; `NoFault` without faketime."""
        found = [path for one in _FAKETIME for path in Path("/").glob(one[1:])]
        if not found:
            message = "libfaketimeMT.so.1 was not found"
            raise NoFault(message)
        self._control = folder / "clock.shift"
        self.set(shift)
        self.surroundings = {
            "LD_PRELOAD": str(found[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self._control),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    def set(self, shift: str) -> None:
        """Let the clock be wrong by this from now on, in one step."""
        part = self._control.with_suffix(".part")
        part.write_text(f"{shift}\n", "utf-8")
        part.replace(self._control)


class FailingSync:
    """A disk whose `fdatasync`, which is what SQLite calls, can be made to fail with EIO."""

    def __init__(self, folder: Path) -> None:
        """Stand for boxes that are started with `surroundings`; `NoFault` without libfiu."""
        for place in map(Path, _FIU_FOLDERS):
            if all((place / one).exists() for one in _FIU_LIBRARIES):
                break
        else:
            message = "the libraries of libfiu were not found"
            raise NoFault(message)
        self._pipe = folder / "fiu"
        self.surroundings = {
            "LD_PRELOAD": " ".join(str(place / one) for one in _FIU_LIBRARIES),
            "FIU_CTRL_FIFO": str(self._pipe),
            # In each thread libfiu looks its functions up at the first call, under a lock of its
            # own: threads that begin while a library is loaded could stand still for ever.
            "OPENBLAS_NUM_THREADS": "1",
        }

    def fail(self, pid: int) -> None:
        """Let every further `fdatasync` of a running box fail."""
        words = f"enable name=posix/io/sync/fdatasync,failinfo={_EIO}"
        done = subprocess.run(
            ["fiu-ctrl", "-f", str(self._pipe), "-c", words, str(pid)],
            capture_output=True,
            text=True,
            check=False,
            timeout=_STEER_S,
        )
        if done.returncode or done.stdout.strip():
            message = f"fiu-ctrl: {done.stdout} {done.stderr}"
            raise NoFault(message)

    @property
    def from_the_start(self) -> dict[str, str]:
        """The surroundings of a box whose every `fdatasync` fails."""
        words = f"enable name=posix/io/sync/fdatasync,failinfo={_EIO}"
        return {**self.surroundings, "FIU_ENABLE": words}
