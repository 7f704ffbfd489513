"""The doorway to sealed fields: XChaCha20-Poly1305 through PyNaCl.

What is sealed is bound to its purpose and its row, so that nobody who writes in the database can
pass one person's field off as another's. Nonces have 24 random bytes: chance does not repeat them.
"""

from typing import Final

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
)
from nacl.exceptions import CryptoError

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 24


class NotOpened(Exception):
    """A sealed field does not fit its key, purpose or row: somebody changed the database."""


def seal(content: bytes, key: bytes, place: str, nonce: bytes) -> bytes:
    """Return nonce and sealed content; `place` is the purpose and the row that it belongs to."""
    sealed = crypto_aead_xchacha20poly1305_ietf_encrypt(content, place.encode(), nonce, key)
    return nonce + bytes(sealed)


def opened(sealed: bytes, key: bytes, place: str) -> bytes:
    """Return what was sealed with this key for this place, or raise `NotOpened`."""
    nonce, content = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        return bytes(
            crypto_aead_xchacha20poly1305_ietf_decrypt(content, place.encode(), nonce, key)
        )
    except (CryptoError, ValueError) as trouble:
        message = f"a sealed field ({place.partition(' ')[0]}) does not open with this house's key"
        raise NotOpened(message) from trouble
