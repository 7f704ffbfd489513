"""A small disk that can be filled to its last byte."""

import os
import subprocess
from contextlib import suppress
from pathlib import Path

DISK_BYTES = 3 << 20


def mount(place: Path) -> str:
    """Mount a disk of three megabytes there; return why that cannot be, empty if it was done."""
    words = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(place)]
    mounted = subprocess.run(words, capture_output=True, check=False, text=True)
    return "" if mounted.returncode == 0 else mounted.stderr.strip() or "mount failed"


def unmount(place: Path) -> None:
    """Take the disk away, whoever still has a file open on it."""
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(place: Path, number: int = 0) -> Path:
    """Leave no byte on a disk and return what fills it."""
    rest = place / f"rest-{number}"
    handle = os.open(rest, os.O_CREAT | os.O_WRONLY)
    try:
        with suppress(OSError):
            while True:
                os.write(handle, bytes(4_096))
    finally:
        os.close(handle)
    return rest
