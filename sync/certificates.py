"""Who may sign as whom: the festival key vouches for office keys, those for writers and code keys.

A journal carries its own proof: the record that opens a run brings the chain of certificates, so
that every machine can check it with nothing but the festival's public key. Dates are judged when
connecting, never when folding: a record is not undone because a certificate has since run out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from sync.codec import Malformed, decode, encode
from sync.keys import CERTIFICATE_PURPOSE, PublicKey, SecretKey
from sync.names import Role
from sync.schema import TEXT, U32, Misshapen, raw, row, whole

CERTIFICATE_VERSION: Final = 1
CERTIFICATE_BYTES_MAX: Final = 400
CHAIN_CERTIFICATES_MAX: Final = 2


class Subject(IntEnum):
    """What a certificate vouches for."""

    OFFICE = 1
    WRITER = 2
    ISSUING_KEY = 3


@dataclass(frozen=True, slots=True)
class Certificate:
    """A public key and what it may be used for.

    `holder` is the terminal id of a writer, the key id as one byte of an issuing key, and the
    office's name otherwise; times are Unix seconds, 0 means open.
    """

    festival: int
    subject: Subject
    role: Role
    holder: bytes
    key: PublicKey
    name: str
    valid_from: int
    valid_until: int


_PAYLOAD: Final = row(
    whole(1, 1), U32, whole(1, 3), whole(1, 4), raw(0, 16), raw(32), TEXT, U32, U32
)
_SIGNED: Final = row(raw(1, CERTIFICATE_BYTES_MAX), raw(64))


def certify(certificate: Certificate, issuer: SecretKey) -> bytes:
    """Return the signed certificate as bytes; `Misshapen` if a field is out of range."""
    payload = encode(
        _PAYLOAD.fits(
            [
                CERTIFICATE_VERSION,
                certificate.festival,
                int(certificate.subject),
                int(certificate.role),
                certificate.holder,
                certificate.key.raw,
                certificate.name,
                certificate.valid_from,
                certificate.valid_until,
            ]
        )
    )
    return encode([payload, issuer.sign(CERTIFICATE_PURPOSE, payload)])


def read_certificate(content: bytes, issuer: PublicKey, festival: int) -> Certificate | None:
    """Return the certificate if this issuer signed it for this festival, else None."""
    parts = _parts(content)
    if parts is None:
        return None
    payload, signature, certificate = parts
    if certificate.festival != festival:
        return None
    if not issuer.verifies(CERTIFICATE_PURPOSE, payload, signature):
        return None
    return certificate


def peek_certificate(content: bytes) -> Certificate | None:
    """Return what a certificate says without checking who signed it.

    Only for certificates that come inside a fact of a certified office, which vouches for them.
    """
    parts = _parts(content)
    return None if parts is None else parts[2]


def _parts(content: bytes) -> tuple[bytes, bytes, Certificate] | None:
    """Return payload, signature and fields, or None if the bytes are not a certificate."""
    try:
        payload, signature = _SIGNED.fits(decode(content, CERTIFICATE_BYTES_MAX))
        fields = _PAYLOAD.fits(decode(payload, CERTIFICATE_BYTES_MAX))
    except (Malformed, Misshapen):
        return None
    _, festival, subject, role, holder, key, name, valid_from, valid_until = fields
    certificate = Certificate(
        festival=festival,
        subject=Subject(subject),
        role=Role(role),
        holder=holder,
        key=PublicKey(key),
        name=name,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    return payload, signature, certificate


def read_chain(
    chain: Sequence[bytes], festival_key: PublicKey, festival: int
) -> Certificate | None:
    """Return the last certificate of (office, writer or issuing key) if every link holds."""
    if len(chain) != CHAIN_CERTIFICATES_MAX:
        return None
    office = read_certificate(chain[0], festival_key, festival)
    if office is None or office.subject is not Subject.OFFICE:
        return None
    last = read_certificate(chain[1], office.key, festival)
    if last is None or last.subject is Subject.OFFICE:
        return None
    return last
