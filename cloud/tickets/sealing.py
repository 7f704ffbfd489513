"""Sealing what must be readable only with a key: XSalsa20-Poly1305 through PyNaCl.

Each person's data are sealed with a key of their own, and that key with one that is handed in. Who
takes the person's key away has erased them, also in every copy of the database that lacks it.
"""

from collections.abc import Callable
from typing import Final, Protocol

from nacl.bindings import (
    crypto_secretbox,
    crypto_secretbox_KEYBYTES,
    crypto_secretbox_NONCEBYTES,
    crypto_secretbox_open,
)
from nacl.exceptions import CryptoError

KEY_BYTES: Final = crypto_secretbox_KEYBYTES


class Unsealable(Exception):
    """Sealed bytes that this key did not seal, or that were changed since."""


class Sealer(Protocol):
    """Seals bytes so that only it can open them again."""

    def seal(self, content: bytes) -> bytes:
        """Return the content sealed; twice the same content is sealed differently."""

    def open(self, sealed: bytes) -> bytes:
        """Return the content; `Unsealable` if it was not sealed by this sealer."""


class BoxSealer:
    """A sealer with one key of 32 bytes; it never prints the key."""

    def __init__(self, key: bytes, draw: Callable[[int], bytes]) -> None:
        """`draw` gives random bytes: each sealing takes 24 of them."""
        if len(key) != KEY_BYTES:
            message = f"a sealing key has {KEY_BYTES} bytes, not {len(key)}"
            raise ValueError(message)
        self._key = key
        self._draw = draw

    def seal(self, content: bytes) -> bytes:
        """Return the nonce and the sealed content."""
        nonce = self._draw(crypto_secretbox_NONCEBYTES)
        sealed: bytes = crypto_secretbox(content, nonce, self._key)
        return nonce + sealed

    def open(self, sealed: bytes) -> bytes:
        """Return what was sealed; `Unsealable` if this key did not seal it."""
        nonce, rest = sealed[:crypto_secretbox_NONCEBYTES], sealed[crypto_secretbox_NONCEBYTES:]
        try:
            content: bytes = crypto_secretbox_open(rest, nonce, self._key)
        except (CryptoError, ValueError) as trouble:
            message = "this was sealed with another key, or was changed"
            raise Unsealable(message) from trouble
        return content

    def __repr__(self) -> str:
        """Show nothing of the key."""
        return "BoxSealer()"
