"""The keys of the scan API: who may ask this gate, and what for.

The box keeps a SHA-256 of each key, never the key. A key has 256 random bits, so nothing slower
than SHA-256 is needed against guessing. The file is read again as soon as it has changed: a key
that was revoked opens nothing from the next request on. A file that cannot be read opens nothing.
"""

import hashlib
import hmac
import json
import logging
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from edge.limits import (
    API_KEY_CHARS_MAX,
    API_KEY_FILE_BYTES_MAX,
    API_KEY_NAME_CHARS_MAX,
    API_KEYS_MAX,
)
from provisioning.chance import random_bytes
from provisioning.files import others_may_read, write_private

KEYS_FILE: Final = "scan-keys.json"
KEY_BYTES: Final = 32
KEY_PREFIX: Final = "gsk_"
_NAME: Final = re.compile(rf"\w(?:[\w .-]{{0,{API_KEY_NAME_CHARS_MAX - 2}}}\w)?")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")

LOG: Final = logging.getLogger("guichet.gate.api")


class BadKeys(Exception):
    """The key file is not as it must be, or does not hold what was named; a sentence says it."""


class Scope(StrEnum):
    """What a key is for: scanning, or looking only."""

    SCAN = "scan"
    LOOK = "look"


@dataclass(frozen=True, slots=True)
class ScanKey:
    """One key: the name of who holds it, what it may do, and the SHA-256 of its text in hex."""

    name: str
    scope: Scope
    sha256: str


def read_keys(folder: Path) -> tuple[ScanKey, ...]:
    """Return the keys in a terminal's folder, none if there is no file; `BadKeys`, `OSError`."""
    path = folder / KEYS_FILE
    try:
        with path.open("rb") as file:
            content = file.read(API_KEY_FILE_BYTES_MAX + 1)
    except FileNotFoundError:
        return ()
    if others_may_read(path):
        message = f"others may read {path}: chmod 600 {path}"
        raise BadKeys(message)
    try:
        keys = tuple(_key(row) for row in json.loads(content)["keys"])
    except (ValueError, KeyError, TypeError, RecursionError) as trouble:
        message = f"{path} is damaged: take it away and make the keys again"
        raise BadKeys(message) from trouble
    return keys


def add_key(folder: Path, name: str, scope: Scope) -> str:
    """Make a key, keep its digest in the folder and return its text: the only time it is seen.

    Raises `BadKeys`: the name is taken or no name, or there are too many keys.
    """
    if not _NAME.fullmatch(name):
        message = (
            f"a key's name has at most {API_KEY_NAME_CHARS_MAX} letters, digits, spaces, dots,"
            " dashes and underscores, and begins and ends with a letter or digit"
        )
        raise BadKeys(message)
    keys = read_keys(folder)
    if any(key.name == name for key in keys):
        message = f"there is a key called {name!r} already: revoke it first, or name this another"
        raise BadKeys(message)
    if len(keys) >= API_KEYS_MAX:
        message = f"a gate has at most {API_KEYS_MAX} keys: revoke one first"
        raise BadKeys(message)
    text = KEY_PREFIX + urlsafe_b64encode(random_bytes(KEY_BYTES)).decode().rstrip("=")
    _write(folder, (*keys, ScanKey(name, scope, digest_of(text))))
    return text


def revoke_key(folder: Path, name: str) -> None:
    """Take a key away; a gate that runs stops taking it at once. `BadKeys` if there is none."""
    keys = read_keys(folder)
    rest = [key for key in keys if key.name != name]
    if len(rest) == len(keys):
        message = f"there is no key called {name!r}"
        raise BadKeys(message)
    _write(folder, rest)


def digest_of(text: str) -> str:
    """Return the SHA-256 of a key's text, in hex."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


class KeyRing:
    """The keys of one folder as they are at this moment; from one thread."""

    def __init__(self, folder: Path) -> None:
        """Read the keys; `BadKeys` or `OSError` if that cannot be done."""
        self._folder = folder
        self._seen = self._look()
        self._keys = read_keys(folder)

    def __len__(self) -> int:
        return len(self._keys)

    def open(self, shown: str) -> ScanKey | None:
        """Return the key whose text was shown, None if it is none of them.

        All keys are compared, each in constant time, so that time tells nothing.
        """
        self._read_if_changed()
        digest = digest_of(shown[:API_KEY_CHARS_MAX])
        found = None
        for key in self._keys:
            if hmac.compare_digest(key.sha256, digest):
                found = key
        return found

    def _read_if_changed(self) -> None:
        """Read the file again if it is another one than before; without a good one no key opens."""
        seen = self._look()
        if seen == self._seen:
            return
        try:
            self._keys = read_keys(self._folder)
        except (BadKeys, OSError) as trouble:
            self._keys = ()
            LOG.error("no key opens the scan API: %s", trouble)  # noqa: TRY400 - a sentence will do
        self._seen = seen

    def _look(self) -> tuple[int, ...]:
        try:
            found = (self._folder / KEYS_FILE).stat()
        except OSError:
            return ()
        return (found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_size)


def _key(row: dict[str, Any]) -> ScanKey:
    name, digest = row["name"], row["sha256"]
    if not _NAME.fullmatch(name) or not _DIGEST.fullmatch(digest):
        message = "no key"
        raise ValueError(message)
    return ScanKey(name, Scope(row["scope"]), digest)


def _write(folder: Path, keys: Iterable[ScanKey]) -> None:
    rows = [{"name": key.name, "scope": str(key.scope), "sha256": key.sha256} for key in keys]
    content = json.dumps({"keys": rows}, ensure_ascii=False, indent=2)
    write_private(folder / KEYS_FILE, content.encode() + b"\n")
