"""Key files: 64 hex characters that only their owner may read."""

import re
from pathlib import Path
from typing import Final

from provisioning.files import others_may_read, write_private
from sync.keys import SEED_BYTES, PublicKey, SecretKey

_HEX: Final = re.compile(r"[0-9a-fA-F]{64}")
_KEY_FILE_BYTES_MAX: Final = 256


class BadKeyFile(Exception):
    """A key file is missing, open to others or damaged; the message says what to do."""


def make_key_file(path: Path, seed: bytes) -> SecretKey:
    """Write a new key made from 32 random bytes, mode 0600; an existing file is never replaced."""
    key = SecretKey(seed)
    if path.exists():
        message = f"{path} exists already: a key is never overwritten. Move it away first."
        raise BadKeyFile(message)
    write_private(path, seed.hex().encode() + b"\n")
    return key


def load_key_file(path: Path) -> SecretKey:
    """Return the key of a private file; `BadKeyFile` if it is missing, damaged or open."""
    return SecretKey(load_key_bytes(path))


def load_key_bytes(path: Path) -> bytes:
    """Return a private file's 32 bytes, for a key that signs nothing; `BadKeyFile` as above."""
    text = _text_of(path)
    if others_may_read(path):
        message = (
            f"{path} can be read by others: it may be known already. Close it: chmod 600 {path}"
        )
        raise BadKeyFile(message)
    return _bytes_of(text, path)


def load_seed_file(path: Path) -> tuple[SecretKey, bool]:
    """Return the key of a file that a person handed in, and whether others may read the file."""
    text = _text_of(path)
    return _key_of(text, path), others_may_read(path)


def public_key_of(text: str) -> PublicKey:
    """Return the public key that 64 hex characters spell; `ValueError` for anything else."""
    if not _HEX.fullmatch(text):
        message = "a public key is written as 64 hex characters"
        raise ValueError(message)
    return PublicKey(bytes.fromhex(text))


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_KEY_FILE_BYTES_MAX).decode("ascii", "replace").strip()
    except OSError as trouble:
        message = f"the key file {path} cannot be read: {trouble.strerror}."
        raise BadKeyFile(message) from trouble


def _key_of(text: str, path: Path) -> SecretKey:
    return SecretKey(_bytes_of(text, path))


def _bytes_of(text: str, path: Path) -> bytes:
    """Read the key; nothing of the content goes into the message."""
    if not _HEX.fullmatch(text):
        message = f"{path} is not a key file: it must hold {SEED_BYTES} bytes as 64 hex characters."
        raise BadKeyFile(message)
    return bytes.fromhex(text)
