"""The doorway to signatures: Ed25519 through PyNaCl, each purpose with its own prefix.

A signature made for one purpose can never be passed off as another's, because what is signed
begins with the purpose. Signing is deterministic (RFC 8032): no randomness is needed or taken.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from nacl.bindings import (
    crypto_pwhash_alg,
    crypto_pwhash_ALG_ARGON2ID13,
    crypto_sign,
    crypto_sign_open,
    crypto_sign_seed_keypair,
)
from nacl.exceptions import CryptoError

SEED_BYTES: Final = 32
PUBLIC_KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64

CODE_PURPOSE: Final = b"guichet-code-v1\0"
FACT_PURPOSE: Final = b"guichet-fact-v1\0"
CERTIFICATE_PURPOSE: Final = b"guichet-cert-v1\0"
REQUEST_PURPOSE: Final = b"guichet-request-v1\0"
TLS_PURPOSE: Final = b"guichet-tls-v1\0"
SNAPSHOT_PURPOSE: Final = b"guichet-snapshot-v1\0"

PIN_SALT_BYTES: Final = 16
PIN_PROOF_BYTES: Final = 48
PIN_DIGITS_MIN: Final = 6
PIN_DIGITS_MAX: Final = 12
_PIN_PASSES: Final = 3
_PIN_MEMORY_BYTES: Final = 32 << 20


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that can check signatures and make none: 32 bytes."""

    raw: bytes

    def __post_init__(self) -> None:
        """Refuse anything that is not 32 bytes."""
        if len(self.raw) != PUBLIC_KEY_BYTES:
            message = f"a public key has {PUBLIC_KEY_BYTES} bytes, not {len(self.raw)}"
            raise ValueError(message)

    def verifies(self, purpose: bytes, message: bytes, signature: bytes) -> bool:
        """Tell whether the signature was made by this key, for this purpose, over this message."""
        if len(signature) != SIGNATURE_BYTES:
            return False
        try:
            crypto_sign_open(signature + purpose + message, self.raw)
        except CryptoError:
            return False
        return True


class SecretKey:
    """A signing key made from a 32-byte seed; it never prints itself."""

    __slots__ = ("_secret", "public")

    def __init__(self, seed: bytes) -> None:
        """Make the key pair; `ValueError` if the seed is not 32 bytes."""
        if len(seed) != SEED_BYTES:
            message = f"a key's seed has {SEED_BYTES} bytes, not {len(seed)}"
            raise ValueError(message)
        public, self._secret = crypto_sign_seed_keypair(seed)
        self.public: Final = PublicKey(public)

    def secret_for(self, label: bytes) -> bytes:
        """Return 32 secret bytes for one purpose: the same for whoever holds this key."""
        return hmac.digest(self._secret[:SEED_BYTES], label, "sha256")

    def sign(self, purpose: bytes, message: bytes) -> bytes:
        """Return the 64-byte signature for this purpose and message."""
        return crypto_sign(purpose + message, self._secret)[:SIGNATURE_BYTES]

    def __repr__(self) -> str:
        """Show the public half only."""
        return f"SecretKey(public={self.public.raw.hex()})"


def digest(content: bytes) -> bytes:
    """Return SHA-256 of some bytes: 32 bytes."""
    return hashlib.sha256(content).digest()


def is_pin(pin: str) -> bool:
    """Tell whether a text can be a PIN: 6 to 12 of the digits 0 to 9."""
    return PIN_DIGITS_MIN <= len(pin) <= PIN_DIGITS_MAX and pin.isascii() and pin.isdigit()


def pin_proof(pin: str, salt: bytes) -> bytes:
    """Return what may be kept of a PIN: the salt (16 bytes) and 32 bytes of Argon2id over it.

    Slow and 32 MiB large on purpose (RFC 9106). Short PINs can be guessed by who holds the proof
    and has time, so a proof never replaces the badge. `ValueError` if it is no PIN or salt.
    """
    if not is_pin(pin) or len(salt) != PIN_SALT_BYTES:
        message = f"a PIN has {PIN_DIGITS_MIN} to {PIN_DIGITS_MAX} digits"
        raise ValueError(message)
    length = PIN_PROOF_BYTES - PIN_SALT_BYTES
    made: bytes = crypto_pwhash_alg(
        length, pin.encode(), salt, _PIN_PASSES, _PIN_MEMORY_BYTES, crypto_pwhash_ALG_ARGON2ID13
    )
    return salt + made


def pin_fits(pin: str, proof: bytes) -> bool:
    """Tell whether a PIN is the one of which this proof was made."""
    if not is_pin(pin) or len(proof) != PIN_PROOF_BYTES:
        return False
    return hmac.compare_digest(pin_proof(pin, proof[:PIN_SALT_BYTES]), proof)
