"""Who works here and who answers for what a terminal does: staff, and their coming and going.

No name stands in a fact: a member of staff is the serial of a badge and a call sign.
"""

from dataclasses import dataclass

from sync.body import Body, kind
from sync.keys import PIN_PROOF_BYTES
from sync.schema import U16, U32, U64, maybe, raw, text


@kind(19, U64, U32, text(24), U16, maybe(raw(PIN_PROOF_BYTES)))
@dataclass(frozen=True, slots=True)
class StaffSet(Body):
    """A member of staff: badge, version, call sign, `Right` bits (0: none any more), PIN's proof.

    The proof is what `sync.keys.pin_proof` makes of the PIN; without one nobody can sign in.
    """

    badge: int
    version: int
    label: str
    rights: int
    pin: bytes | None


@kind(45, U64)
@dataclass(frozen=True, slots=True)
class SignedIn(Body):
    """A member of staff took over this terminal with badge and PIN."""

    badge: int


@kind(46, U64)
@dataclass(frozen=True, slots=True)
class SignedOut(Body):
    """A member of staff left this terminal."""

    badge: int


@kind(47, U64)
@dataclass(frozen=True, slots=True)
class PinRefused(Body):
    """Somebody showed this badge and did not know its PIN."""

    badge: int
