"""A disk of its own whose power can be cut: ext4 in a file, shut down under whoever writes to it.

The kernel's own shutdown of a mounted ext4 lets nothing further through to the disk, not even its
journal: what was not synchronised is gone after the next mount, what was is there. That is what a
power cut does to the file system. What it does to a memory card is not simulated.
"""

import fcntl
import os
import struct
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.outside.namespaces import SYSTEM_FOLDERS

DISK_BYTES: Final = 96 << 20
_SHUTDOWN: Final = 0x8004587D  # FS_IOC_SHUTDOWN: _IOR('X', 125, __u32), linux/fs.h
_NO_LOG_FLUSH: Final = 2  # EXT4_GOING_FLAGS_NOLOGFLUSH, fs/ext4/ext4.h


class NoDisk(Exception):
    """No disk can be mounted here; the message says what the system answered."""


class LoopDisk:
    """An ext4 file system in a file, mounted within a block."""

    def __init__(self, folder: Path) -> None:
        """Make and mount it below a folder; `NoDisk` if this process may not."""
        self.place = folder / "disk"
        self._image = folder / "disk.img"
        self.place.mkdir()
        with self._image.open("wb") as image:
            image.truncate(DISK_BYTES)
        _run("mkfs.ext4", "-q", "-F", self._image)
        self._mount()

    def cut_power(self) -> None:
        """Let nothing more through to the disk, in the middle of whatever goes on."""
        handle = os.open(self.place, os.O_RDONLY)
        try:
            fcntl.ioctl(handle, _SHUTDOWN, struct.pack("I", _NO_LOG_FLUSH))
        finally:
            os.close(handle)

    def restore_power(self) -> None:
        """Mount it again, as after a start; nobody may have a file open on it any more."""
        _run("umount", self.place)
        self._mount()

    def _mount(self) -> None:
        _run("mount", "-o", "loop", self._image, self.place)

    def __enter__(self) -> Self:
        """Use the disk within a block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take it away at the end of the block, whoever still has a file open on it."""
        _run("umount", "--lazy", self.place)


def _run(*words: str | Path) -> None:
    path = f"{os.environ.get('PATH', os.defpath)}:{SYSTEM_FOLDERS}"
    surroundings = {**os.environ, "PATH": path}
    done = subprocess.run(
        [*map(str, words)], env=surroundings, capture_output=True, text=True, check=False
    )
    if done.returncode:
        message = f"{' '.join(map(str, words))}: {done.stderr.strip()}"
        raise NoDisk(message)
