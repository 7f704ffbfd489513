"""A terminal's folder while it is being filled: whole or untouched, whatever cuts in between.

Everything new is first put into `.enrolling/` inside the folder; then the files are renamed into
place, the manifest last, because a folder with a manifest is an enrolled one. `.enrolling/` is then
called `.enrolled/` and taken away: who finds that name knows that only this was left to do. Each
step can be taken again, so an enrolment that was cut is finished, or begun anew, by the same
command.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from provisioning.files import make_private_folder, sync_folder, write_private
from provisioning.keys import BadKeyFile, load_key_file, make_key_file
from provisioning.manifest import IDENTITY_FILE, MANIFEST_FILE, Manifest, load, save
from sync.keys import SEED_BYTES, SecretKey

STAGING_FOLDER: Final = ".enrolling"
FINISHED_FOLDER: Final = ".enrolled"
BEFORE_FOLDER: Final = "before-"


class FolderBusy(Exception):
    """Another enrolment is working on the folder; the message says so."""


def is_enrolled(folder: Path) -> bool:
    """Tell whether the folder holds an enrolled terminal."""
    return (folder / MANIFEST_FILE).exists()


@contextmanager
def staging(folder: Path) -> Iterator[Path]:
    """Give the place where new files are prepared, to one process at a time."""
    make_private_folder(folder)
    place = folder / STAGING_FOLDER
    make_private_folder(place)
    handle = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as trouble:
            message = f"another enrolment is working on {folder}; wait for it or stop it."
            raise FolderBusy(message) from trouble
        yield place
    finally:
        os.close(handle)


def staged_key(place: Path, draw: Callable[[int], bytes]) -> tuple[SecretKey, bool]:
    """Return the box's key and whether it is new; a cut enrolment's key may be known already."""
    path = place / IDENTITY_FILE
    if path.exists():
        try:
            return load_key_file(path), False
        except BadKeyFile:
            path.unlink()
    return make_key_file(path, draw(SEED_BYTES)), True


def is_cut(folder: Path) -> bool:
    """Tell whether an enrolment was cut between the office's answer and its end."""
    return is_staged(folder / STAGING_FOLDER) or is_finished(folder)


def is_staged(place: Path) -> bool:
    """Tell whether the office has answered and only the renaming is left."""
    return is_enrolled(place)


def is_finished(folder: Path) -> bool:
    """Tell whether everything is in its place and only the tidying up was cut."""
    return (folder / FINISHED_FOLDER).exists()


def finish(folder: Path, place: Path) -> Manifest:
    """Tidy up after an enrolment that was cut at its very end, and return its manifest."""
    shutil.rmtree(place)
    shutil.rmtree(folder / FINISHED_FOLDER)
    return load(folder)


def install(folder: Path, place: Path, manifest: Manifest | None = None) -> Manifest:
    """Put what was prepared in its place and return the manifest.

    What a former enrolment left is moved into `before-N/`, its journal included: nothing is lost.
    """
    if manifest is not None:
        save(manifest, place)
    content = (place / MANIFEST_FILE).read_bytes()
    if is_enrolled(folder) and (folder / MANIFEST_FILE).read_bytes() != content:
        _move_aside(folder)
    if (place / IDENTITY_FILE).exists():
        (place / IDENTITY_FILE).replace(folder / IDENTITY_FILE)
        sync_folder(folder)
    write_private(folder / MANIFEST_FILE, content)
    place.rename(folder / FINISHED_FOLDER)
    sync_folder(folder)
    shutil.rmtree(folder / FINISHED_FOLDER)
    return load(folder)


def forget(folder: Path, place: Path) -> None:
    """Take away what was prepared, after a refusal, and the folder if nothing else is in it."""
    shutil.rmtree(place)
    if not any(folder.iterdir()):
        folder.rmdir()


def _move_aside(folder: Path) -> None:
    """Move the former terminal's files into a folder of their own, its manifest last."""
    taken = [path.name for path in folder.glob(f"{BEFORE_FOLDER}*")]
    number = 1
    while (
        f"{BEFORE_FOLDER}{number}" in taken
        and (folder / f"{BEFORE_FOLDER}{number}" / MANIFEST_FILE).exists()
    ):
        number += 1
    before = folder / f"{BEFORE_FOLDER}{number}"
    make_private_folder(before)
    names = sorted(
        path.name
        for path in folder.iterdir()
        if path.name not in {STAGING_FOLDER, MANIFEST_FILE}
        and not path.name.startswith(BEFORE_FOLDER)
    )
    for name in [*names, MANIFEST_FILE]:
        (folder / name).replace(before / name)
    sync_folder(before)
    sync_folder(folder)
