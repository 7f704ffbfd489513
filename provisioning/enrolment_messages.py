"""What box and office say to each other while enrolling: one spelling for both ends, as JSON."""

import json
from dataclasses import dataclass
from typing import Any, Final

from provisioning.enrolment import ALPHABET, PROOF_BYTES, SELECTOR_CHARS, EnrolmentRefusal
from sync.keys import PUBLIC_KEY_BYTES, PublicKey
from sync.limits import U32_MAX

OFFICE_PATH: Final = "/enrol/v1/office"
TERMINAL_PATH: Final = "/enrol/v1/terminal"
SEAL_HEADER: Final = "Guichet-Seal"
REQUEST_BYTES_MAX: Final = 1_024
ANSWER_BYTES_MAX: Final = 65_536


@dataclass(frozen=True, slots=True)
class Offer:
    """What any box may ask of an office: which festival it is, and the proof of its own key."""

    festival: int
    festival_key: PublicKey
    certificate: bytes

    def spell(self) -> bytes:
        """Return the JSON bytes."""
        row = {
            "festival": self.festival,
            "festival_key": self.festival_key.raw.hex(),
            "certificate": self.certificate.hex(),
        }
        return json.dumps(row).encode()


@dataclass(frozen=True, slots=True)
class Question:
    """What a box sends to be enrolled; `selector` finds the code, `proof` shows that it has it."""

    key: PublicKey
    selector: str
    proof: bytes

    def spell(self) -> bytes:
        """Return the JSON bytes."""
        row = {"key": self.key.raw.hex(), "selector": self.selector, "proof": self.proof.hex()}
        return json.dumps(row).encode()


def read_offer(content: bytes) -> Offer | None:
    """Return the offer that the bytes spell, or None if they spell none."""
    row = json_object(content)
    key = _raw(row.get("festival_key"), PUBLIC_KEY_BYTES)
    certificate = _raw(row.get("certificate"))
    festival = row.get("festival")
    if key is None or certificate is None or type(festival) is not int:
        return None
    if not 0 <= festival <= U32_MAX:
        return None
    return Offer(festival, PublicKey(key), certificate)


def read_question(content: bytes) -> Question | None:
    """Return the question that the bytes spell, or None if they spell none."""
    if len(content) > REQUEST_BYTES_MAX:
        return None
    row = json_object(content)
    key = _raw(row.get("key"), PUBLIC_KEY_BYTES)
    proof = _raw(row.get("proof"), PROOF_BYTES)
    selector = row.get("selector")
    if key is None or proof is None or not isinstance(selector, str):
        return None
    if len(selector) != SELECTOR_CHARS or not set(selector) <= set(ALPHABET):
        return None
    return Question(PublicKey(key), selector, proof)


def spell_refusal(reason: EnrolmentRefusal, status: int) -> bytes:
    """Return a problem (RFC 9457) with the reason, as JSON bytes."""
    row = {
        "type": "about:blank",
        "title": reason.sentence,
        "status": status,
        "reason": str(reason),
    }
    return json.dumps(row).encode()


def read_refusal(content: bytes) -> EnrolmentRefusal | None:
    """Return the reason that a problem names, or None if it names none that is known here."""
    try:
        return EnrolmentRefusal(str(json_object(content).get("reason")))
    except ValueError:
        return None


def json_object(content: bytes) -> dict[str, Any]:
    """Return the JSON object that the bytes spell, or an empty one."""
    try:
        row = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return row if isinstance(row, dict) else {}


def raw_of(text: str) -> bytes:
    """Return the bytes of a hex text, or no bytes if it is none."""
    return _raw(text) or b""


def _raw(value: object, count: int | None = None) -> bytes | None:
    """Return the bytes that lower-case hex spells, if there are as many as asked."""
    try:
        content = bytes.fromhex(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if content is None or content.hex() != value or count not in {None, len(content)}:
        return None
    return content
