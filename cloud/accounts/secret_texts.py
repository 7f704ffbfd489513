"""How credentials are spelled: a prefix that says what it is, then ids and a secret in base64url.

The prefix lets people and scanners of leaked files know what they found. A secret has 32 random
bytes, so a keyed digest of it may be kept; the text itself is shown once and kept nowhere.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from typing import Final

from cloud.limits import CREDENTIAL_CHARS_MAX

SECRET_BYTES: Final = 32
ID_BYTES: Final = 16
SHORT_ID_BYTES: Final = 8
_NUMBER_BYTES: Final = 4


class SecretText:
    """A credential on its way to its owner; it is never printed by accident."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """Hold the text."""
        self._text = text

    def show(self) -> str:
        """Return the text, for the one answer in which it is told."""
        return self._text

    def __repr__(self) -> str:
        """Show nothing of the secret."""
        return "SecretText()"


class Spelling:
    """One kind of credential: a prefix and parts of fixed lengths in bytes."""

    def __init__(self, prefix: str, *sizes: int) -> None:
        """Name the prefix, which ends with an underscore, and the parts' lengths."""
        self.prefix: Final = prefix
        self._sizes = sizes

    def spell(self, *parts: bytes) -> SecretText:
        """Return the text of these parts; `ValueError` if a length is wrong."""
        if tuple(map(len, parts)) != self._sizes:
            message = f"a text of kind {self.prefix} has parts of {self._sizes} bytes"
            raise ValueError(message)
        return SecretText(self.prefix + _spelled(b"".join(parts)))

    def read(self, text: str) -> tuple[bytes, ...] | None:
        """Return the parts, None if the text is anything but what `spell` makes."""
        if not text.startswith(self.prefix) or len(text) > CREDENTIAL_CHARS_MAX:
            return None
        body = text.removeprefix(self.prefix)
        try:
            content = urlsafe_b64decode(body + "=" * (-len(body) % 4))
        except (Error, ValueError):
            return None
        if len(content) != sum(self._sizes) or _spelled(content) != body:
            return None
        parts, start = [], 0
        for size in self._sizes:
            parts.append(content[start : start + size])
            start += size
        return tuple(parts)


API_KEY: Final = Spelling("gk_", SHORT_ID_BYTES, ID_BYTES, SECRET_BYTES)
"""Key id, organiser, secret."""
CLIENT_ID: Final = Spelling("gc_", SHORT_ID_BYTES, ID_BYTES)
"""Client id, organiser; not secret."""
CLIENT_SECRET: Final = Spelling("gx_", SECRET_BYTES)
PAGE_SESSION: Final = Spelling("gs_", ID_BYTES, ID_BYTES, SECRET_BYTES)
"""User, session, proof."""
REFRESH: Final = Spelling("gr_", ID_BYTES, ID_BYTES, _NUMBER_BYTES, SECRET_BYTES)
"""User, session, which refresh of the session this is, proof."""
INVITATION: Final = Spelling("gi_", SHORT_ID_BYTES, ID_BYTES, SECRET_BYTES)
"""Invitation, organiser, secret."""
SUPERADMIN_LINK: Final = Spelling("gl_", SECRET_BYTES)


def mark_of(key: bytes, purpose: str, *parts: bytes) -> bytes:
    """Return the keyed digest (32 bytes) that may be kept of a secret, or that proves a session.

    Parts have fixed lengths for each purpose, so that two lists of parts never read alike.
    """
    return hmac.digest(key, purpose.encode() + b"\0" + b"".join(parts), "sha256")


def fits(one: bytes, other: bytes) -> bool:
    """Tell whether two digests are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(one, other)


def _spelled(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()
