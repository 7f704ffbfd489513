"""The X.509 form of a festival's certificate: what TLS shows, and how it is believed.

TLS wants X.509; a festival certifies in its own form. So each process draws a key for TLS, signs
itself an X.509 certificate with it, and puts into an extension the chain that the festival gave
this terminal, with the identity key's signature over the TLS key. Who sees it needs nothing but the
festival's public key, and needs no parser: there is one spelling for each key and extension, so
what was shown is made again from what was found in it and compared byte by byte (X.690, RFC 5280,
RFC 8410).

X.509's own dates say nothing here; a terminal's clock may be years off.
"""

from dataclasses import dataclass
from typing import Final

from sync.certificates import CERTIFICATE_BYTES_MAX, Certificate, Subject, read_chain
from sync.codec import Malformed, decode, encode
from sync.keys import SIGNATURE_BYTES, TLS_PURPOSE, PublicKey, SecretKey, digest
from sync.schema import Misshapen, many, raw, row

X509_BYTES_MAX: Final = 2_048
_SEQUENCE: Final = 0x30
_SET: Final = 0x31
_INTEGER: Final = b"\x02"
_ED25519: Final = bytes.fromhex("300506032b6570")
_KEY_START: Final = bytes.fromhex("302a300506032b6570032100")
_PKCS8_START: Final = bytes.fromhex("302e020100300506032b657004220420")
_COMMON_NAME: Final = bytes.fromhex("0603550403")
_ALWAYS: Final = bytes.fromhex("180f31393730303130313030303030305a") + bytes.fromhex(
    "180f39393939313233313233353935395a"
)
# 2.25.(a random 128-bit number): an arc that needs nobody's register (X.667).
_OID: Final = bytes.fromhex("061369f7aceeceaf8feee6e2ece790b58afc9bab4f")
_SHOWN: Final = row(many(raw(1, CERTIFICATE_BYTES_MAX), 2), raw(SIGNATURE_BYTES))
_BIT_STRING: Final = 0x03
_OCTETS: Final = 0x04
_LONG_FORM: Final = 0x80
_VERSION_3: Final = bytes.fromhex("a003020102")
_EXTENSIONS: Final = 0xA3
_SERIAL_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Shown:
    """A TLS certificate (DER) and its private key (PKCS #8, DER)."""

    certificate: bytes
    private_key: bytes


def show(identity: SecretKey, chain: tuple[bytes, ...], seed: bytes) -> Shown:
    """Return what TLS shows for a terminal; `seed` are 32 fresh random bytes for the TLS key."""
    key = SecretKey(seed)
    proof = identity.sign(TLS_PURPOSE, key.public.raw)
    body = _body(key.public.raw, encode([list(chain), proof]))
    signature = key.sign(b"", body)
    return Shown(_signed(body, signature), _PKCS8_START + seed)


def believe(der: bytes, festival_key: PublicKey, festival: int) -> Certificate | None:
    """Return whom the festival certified as the one who shows this, None if nobody.

    That who shows it holds the TLS key is what the handshake proves.
    """
    found = _found(der)
    if found is None:
        return None
    key, content, chain, proof = found
    body = _body(key, content)
    if der != _signed(body, der[-SIGNATURE_BYTES:]):
        return None
    certificate = read_chain(chain, festival_key, festival)
    if certificate is None or certificate.subject is not Subject.WRITER:
        return None
    return certificate if certificate.key.verifies(TLS_PURPOSE, key, proof) else None


def _found(der: bytes) -> tuple[bytes, bytes, tuple[bytes, ...], bytes] | None:
    """Return the key, the extension's content, the chain and the proof, if they are where we look.

    Nothing of it is believed before the whole was made again from it.
    """
    at_key, at_oid = der.find(_KEY_START), der.find(_OID)
    if len(der) > X509_BYTES_MAX or at_key < 0 or at_oid < 0:
        return None
    start = at_key + len(_KEY_START)
    key = der[start : start + 32]
    content = _content(der[at_oid + len(_OID) :])
    try:
        chain, proof = _SHOWN.fits(decode(content, X509_BYTES_MAX))
    except (Malformed, Misshapen):
        return None
    return (key, content, chain, proof) if len(key) == 32 else None  # noqa: PLR2004


def _content(rest: bytes) -> bytes:
    """Return the octets of the string that begins here, as far as they are there."""
    size, start = (rest[1], 2) if len(rest) > 1 else (0, 2)
    if size >= _LONG_FORM:
        start += size - _LONG_FORM
        size = int.from_bytes(rest[2:start], "big")
    return rest[start : start + size]


def _body(key: bytes, content: bytes) -> bytes:
    """Return what is signed: version 3, number, who, from ever to ever, key, extension."""
    number = bytes([1]) + digest(key)[: _SERIAL_BYTES - 1]
    name = _der(_SEQUENCE, _der(_SET, _der(_SEQUENCE, _COMMON_NAME + _der(0x0C, b"guichet"))))
    extension = _der(_SEQUENCE, _OID + _der(_OCTETS, content))
    return _der(
        _SEQUENCE,
        _VERSION_3
        + _INTEGER + bytes([len(number)]) + number
        + _ED25519
        + name
        + _der(_SEQUENCE, _ALWAYS)
        + name
        + _KEY_START + key
        + _der(_EXTENSIONS, _der(_SEQUENCE, extension)),
    )  # fmt: skip


def _signed(body: bytes, signature: bytes) -> bytes:
    return _der(_SEQUENCE, body + _ED25519 + _der(_BIT_STRING, b"\0" + signature))


def _der(tag: int, content: bytes) -> bytes:
    """Return one DER element: tag, shortest length, content."""
    size = len(content)
    if size < _LONG_FORM:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, _LONG_FORM | len(length)]) + length + content
