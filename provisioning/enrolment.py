"""How a new box and its office come to believe each other from twenty characters: pure, both sides.

Theory. A technician reads a code from the office and types it into a box. Its second half is the
beginning of SHA-256 of the festival's public key: whoever shows the box another festival's key is
not its office. Its first half is a secret of 50 bits that is never sent. The box sends the secret's
first three characters, by which the office finds the code and counts tries, and an HMAC over both
public keys under a key that a slow function makes of the whole secret. The office answers with the
certificates and the box's settings, signed over that very proof, so nothing on the way can change a
word of it. See `provisioning/DESIGN.md` for the numbers.
"""

import hashlib
import hmac
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from sync.certificates import Certificate, Subject, certify
from sync.codec import encode
from sync.keys import PublicKey, SecretKey, digest
from sync.names import Role

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base32: no letter looks like a digit, and none of I, L, O, U is needed."""

SECRET_CHARS: Final = 10
MARK_CHARS: Final = 10
SELECTOR_CHARS: Final = 3
SECRET_BYTES: Final = 7
CODE_LIFE_S: Final = 15 * 60
CODE_TRIES_MAX: Final = 5
PROOF_BYTES: Final = 32
CODE_TEXT_CHARS_MAX: Final = 64

_GROUP_CHARS: Final = 5
_CHAR_BITS: Final = 5
_LOOK_ALIKES: Final = str.maketrans("OIL", "011", " -\t")
_PURPOSE: Final = b"guichet-enrol-v1\0"
_ANSWER_PURPOSE: Final = b"guichet-enrolled-v1\0"
_NO_KEY: Final = bytes(PROOF_BYTES)
_SCRYPT_N: Final = 1 << 14
_SCRYPT_R: Final = 8
_SCRYPT_BYTES_MAX: Final = 64 << 20


class EnrolmentRefusal(StrEnum):
    """Why an office does not enrol a box; only who holds the code learns more than WRONG_CODE."""

    WRONG_CODE = "wrong_code"
    EXPIRED = "expired"
    TRIES_SPENT = "tries_spent"
    USED = "used"
    MALFORMED = "malformed"
    TOO_OFTEN = "too_often"
    RECOVERING = "recovering"

    @property
    def sentence(self) -> str:
        """What a technician reads."""
        return _SENTENCES[self]


_NEW_CODE: Final = "Make a new one: ./guichet cloud terminal-code DIR --role ROLE --name NAME"
_SENTENCES: Final = {
    EnrolmentRefusal.WRONG_CODE: "The office does not know this code. Compare every character.",
    EnrolmentRefusal.EXPIRED: f"The code's 15 minutes are over. {_NEW_CODE}",
    EnrolmentRefusal.TRIES_SPENT: f"The code was typed wrongly too often. {_NEW_CODE}",
    EnrolmentRefusal.USED: f"The code was used by another box. {_NEW_CODE}",
    EnrolmentRefusal.MALFORMED: "The office could not read the request: are both of one version?",
    EnrolmentRefusal.RECOVERING: (
        "The office was put back to an older copy and takes no box in until it has heard its"
        " terminals. Its page says whom it waits for."
    ),
    EnrolmentRefusal.TOO_OFTEN: "Too many wrong codes came from this address. Wait some minutes.",
}


@dataclass(frozen=True, slots=True)
class EnrolmentCode:
    """What a technician types: 10 characters of secret, 10 that mark the festival."""

    secret: str
    mark: str

    @property
    def selector(self) -> str:
        """The part of the secret by which the office finds the code."""
        return self.secret[:SELECTOR_CHARS]

    @property
    def text(self) -> str:
        """The code in groups of five, as it is read out."""
        whole = self.secret + self.mark
        groups = range(0, len(whole), _GROUP_CHARS)
        return "-".join(whole[at : at + _GROUP_CHARS] for at in groups)

    def is_for(self, festival_key: PublicKey) -> bool:
        """Tell whether the code was made by an office with this festival key."""
        return hmac.compare_digest(self.mark, mark_of(festival_key))

    def __repr__(self) -> str:
        """Show nothing that is secret."""
        return f"EnrolmentCode(mark={self.mark})"


def make_code(chance: bytes, festival_key: PublicKey) -> EnrolmentCode:
    """Return a new code from 7 random bytes; `ValueError` for another number of bytes."""
    if len(chance) != SECRET_BYTES:
        message = f"a code's secret is made from {SECRET_BYTES} random bytes"
        raise ValueError(message)
    return EnrolmentCode(_characters(chance, SECRET_CHARS), mark_of(festival_key))


def read_code(text: str) -> EnrolmentCode | None:
    """Return the code that somebody typed, in any case and spacing, or None if it is none."""
    if len(text) > CODE_TEXT_CHARS_MAX or not text.isascii():
        return None
    plain = text.strip().upper().translate(_LOOK_ALIKES)
    if len(plain) != SECRET_CHARS + MARK_CHARS or not set(plain) <= set(ALPHABET):
        return None
    return EnrolmentCode(plain[:SECRET_CHARS], plain[SECRET_CHARS:])


def mark_of(festival_key: PublicKey) -> str:
    """Return the ten characters by which a code names its festival's key."""
    return _characters(digest(festival_key.raw), MARK_CHARS)


def proof_key_of(code: EnrolmentCode, festival_key: PublicKey) -> bytes:
    """Return the key for proofs: slow on purpose (some 50 ms and 16 MiB), so nobody tries all."""
    return hashlib.scrypt(
        code.secret.encode(),
        salt=_PURPOSE + festival_key.raw,
        n=_SCRYPT_N,
        r=_SCRYPT_R,
        p=1,
        maxmem=_SCRYPT_BYTES_MAX,
        dklen=PROOF_BYTES,
    )


def prove(proof_key: bytes, festival_key: PublicKey, box_key: PublicKey) -> bytes:
    """Return the proof that a box with this key knows the code of this festival: 32 bytes."""
    return hmac.digest(proof_key, _PURPOSE + festival_key.raw + box_key.raw, "sha256")


@dataclass(frozen=True, slots=True)
class StoredCode:
    """What an office keeps of a code that it gave out; the secret itself is not among it.

    `place` is the zone of a gate or the number of a bar (a hub has none), `ends_s` the Unix second
    at which the code dies, `tries` how many wrong proofs came for it, `box_key` whose code it has
    become.
    """

    selector: str
    proof_key: bytes
    terminal: bytes
    role: Role
    name: str
    place: int
    ends_s: int
    tries: int = 0
    box_key: bytes | None = None


def judge_try(
    code: StoredCode | None,
    proof: bytes,
    festival_key: PublicKey,
    box_key: PublicKey,
    now_s: int,
) -> tuple[StoredCode | None, EnrolmentRefusal | None]:
    """Return the code as it must be kept now, and why the box is refused, or None if it is not.

    Only a right proof learns what has become of the code; every other try reads as wrong.
    """
    proof_key = _NO_KEY if code is None else code.proof_key
    is_right = hmac.compare_digest(prove(proof_key, festival_key, box_key), proof)
    if code is None:
        return None, EnrolmentRefusal.WRONG_CODE
    if not is_right:
        return replace(code, tries=code.tries + 1), EnrolmentRefusal.WRONG_CODE
    if code.tries >= CODE_TRIES_MAX:
        return code, EnrolmentRefusal.TRIES_SPENT
    if now_s >= code.ends_s:
        return code, EnrolmentRefusal.EXPIRED
    if code.box_key not in {None, box_key.raw}:
        return code, EnrolmentRefusal.USED
    return replace(code, box_key=box_key.raw), None


def writer_certificate(
    festival: int,
    terminal: bytes,
    role: Role,
    name: str,
    box_key: PublicKey,
    office_key: SecretKey,
) -> bytes:
    """Return the certificate of an enrolled box; the same box gets the same bytes again."""
    certificate = Certificate(
        festival=festival,
        subject=Subject.WRITER,
        role=role,
        holder=terminal,
        key=box_key,
        name=name,
        valid_from=0,
        valid_until=0,
    )
    return certify(certificate, office_key)


def seal_answer(office_key: SecretKey, proof: bytes, body: bytes) -> bytes:
    """Return the office's signature over its answer to this very proof: 64 bytes."""
    return office_key.sign(_ANSWER_PURPOSE, encode([proof, body]))


def answer_holds(office_key: PublicKey, proof: bytes, body: bytes, seal: bytes) -> bool:
    """Tell whether the office sealed this answer to this proof."""
    return office_key.verifies(_ANSWER_PURPOSE, encode([proof, body]), seal)


def _characters(content: bytes, count: int) -> str:
    """Return the first so many characters of the base32 of some bytes."""
    bits = int.from_bytes(content, "big") >> (8 * len(content) - _CHAR_BITS * count)
    mask = len(ALPHABET) - 1
    places = range(_CHAR_BITS * (count - 1), -1, -_CHAR_BITS)
    return "".join(ALPHABET[bits >> place & mask] for place in places)
