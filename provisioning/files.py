"""Small files that must never be half there and never be read by others: keys and manifests."""

import os
import stat
from pathlib import Path
from typing import Final

PRIVATE_MODE: Final = 0o600
PRIVATE_FOLDER_MODE: Final = 0o700
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_NEW: Final = ".new"


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all, and onto the disk.

    A power cut leaves the old content or the new one, at worst beside a forgotten ``NAME.new``.
    """
    new = path.with_name(path.name + _NEW)
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, PRIVATE_MODE)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Bring the folder's list of names onto the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_private_folder(folder: Path) -> None:
    """Make a folder that only its owner may enter, with its parents; one that exists stays."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=PRIVATE_FOLDER_MODE, exist_ok=True)


def others_may_read(path: Path) -> bool:
    """Tell whether anyone but the owner has any right to the file."""
    return bool(path.stat().st_mode & _OTHERS)
