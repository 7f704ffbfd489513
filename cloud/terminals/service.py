"""What the office does when a box comes with a code: judge, certify, state it as facts.

Nothing here knows HTTP. `Desk` is what is needed of the office; wrong tries of one address are
counted in memory, those of one code in its row.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from cloud.store.enrolment_codes import EnrolmentCodes
from provisioning.enrolment import (
    CODE_LIFE_S,
    SECRET_BYTES,
    EnrolmentCode,
    EnrolmentRefusal,
    StoredCode,
    judge_try,
    make_code,
    proof_key_of,
    seal_answer,
    writer_certificate,
)
from provisioning.enrolment_messages import Offer, Question, read_question
from provisioning.manifest import ROLES
from sync.body import Body
from sync.facts import BarSet, CertificateIssued, GateSet
from sync.keys import PublicKey, SecretKey
from sync.names import ID_BYTES, Role

WRONG_TRIES_MAX: Final = 20
WRONG_TRIES_WINDOW_S: Final = 15 * 60
ADDRESSES_MAX: Final = 10_000
DRAWS_MAX: Final = 20
_ROLE_NAMES: Final = {role: name for name, role in ROLES.items()}


class Desk(Protocol):
    """What enrolment needs of the office."""

    @property
    def festival(self) -> int:
        """The festival's number."""

    @property
    def festival_key(self) -> PublicKey:
        """The festival's public key."""

    @property
    def key(self) -> SecretKey:
        """The key with which this office certifies."""

    @property
    def certificate(self) -> bytes:
        """The office's certificate, signed by the festival key."""

    def manifest_settings(self) -> Mapping[str, object]:
        """Return festival_name, currency, time_zone, language and day_boundary_minutes."""

    def is_recovering(self) -> bool:
        """Tell whether the office was put back to an older copy and states nothing yet."""

    async def take_in(self, terminal: bytes, *bodies: Body) -> None:
        """State a terminal, unless it was stated already; return when that is on the disk."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The answer to a box that is taken in, and the office's signature over it."""

    body: bytes
    seal: bytes


class WrongTries:
    """How often each address came with a wrong code, within the last 15 minutes."""

    def __init__(self) -> None:
        self._times: dict[str, list[int]] = {}

    def add(self, address: str, now_s: int) -> None:
        """Count a wrong try; the address that was quiet longest is forgotten for it."""
        times = self._recent(address, now_s)
        self._times.pop(address, None)
        if len(self._times) >= ADDRESSES_MAX:
            del self._times[next(iter(self._times))]
        self._times[address] = [*times, now_s]

    def spent(self, address: str, now_s: int) -> bool:
        """Tell whether the address has to wait."""
        return len(self._recent(address, now_s)) >= WRONG_TRIES_MAX

    def _recent(self, address: str, now_s: int) -> list[int]:
        times = self._times.get(address, [])
        return [time for time in times if 0 <= now_s - time < WRONG_TRIES_WINDOW_S]


class Enrolment:
    """The office's side of enrolling."""

    def __init__(self, codes: EnrolmentCodes, desk: Desk, now_s: Callable[[], int]) -> None:
        """Stand at the desk with the codes; `now_s` reads Unix seconds from the clock's doorway."""
        self._codes = codes
        self._desk = desk
        self._now_s = now_s
        self._wrong = WrongTries()

    def offer(self) -> Offer:
        """Return what any box may know: the festival's key and this office's certificate."""
        desk = self._desk
        return Offer(desk.festival, desk.festival_key, desk.certificate)

    async def answer(self, content: bytes, address: str) -> Enrolled | EnrolmentRefusal:
        """Enrol the box that asks, or say why not; `address` is where the question came from."""
        question = read_question(content)
        if question is None:
            return EnrolmentRefusal.MALFORMED
        now_s = self._now_s()
        if self._wrong.spent(address, now_s):
            return EnrolmentRefusal.TOO_OFTEN
        found = await asyncio.to_thread(self._judge, question, now_s)
        if isinstance(found, EnrolmentRefusal):
            if found is EnrolmentRefusal.WRONG_CODE:
                self._wrong.add(address, now_s)
            return found
        desk = self._desk
        if await asyncio.to_thread(desk.is_recovering):
            return EnrolmentRefusal.RECOVERING
        certificate = writer_certificate(
            desk.festival, found.terminal, found.role, found.name, question.key, desk.key
        )
        facts = (CertificateIssued(certificate), *_place_of(found))
        await desk.take_in(found.terminal, *facts)
        body = self._spell(found, certificate)
        return Enrolled(body, seal_answer(self._desk.key, question.proof, body))

    def _judge(self, question: Question, now_s: int) -> StoredCode | EnrolmentRefusal:
        """Judge the try and keep what has become of the code, before anyone hears of it."""
        result: StoredCode | EnrolmentRefusal = EnrolmentRefusal.WRONG_CODE

        def decide(code: StoredCode | None) -> StoredCode | None:
            nonlocal result
            key = self._desk.festival_key
            kept, refusal = judge_try(code, question.proof, key, question.key, now_s)
            if refusal is not None:
                result = refusal
            elif kept is not None:
                result = kept
            return kept

        self._codes.change(question.selector, decide)
        return result

    def _spell(self, code: StoredCode, certificate: bytes) -> bytes:
        """Return the box's manifest but for the office's address, as JSON bytes."""
        row = dict(self._desk.manifest_settings()) | {
            "festival": self._desk.festival,
            "festival_key": self._desk.festival_key.raw.hex(),
            "terminal": code.terminal.hex(),
            "role": _ROLE_NAMES[code.role],
            "name": code.name,
            "certificates": [self._desk.certificate.hex(), certificate.hex()],
        }
        return json.dumps(row, sort_keys=True).encode()


def give_out(
    codes: EnrolmentCodes,
    festival_key: PublicKey,
    role: Role,
    name: str,
    place: int,
    now_s: int,
    draw: Callable[[int], bytes],
) -> EnrolmentCode:
    """Make and keep a code for one gate (place: its zone), bar or hub; it lives 15 minutes.

    `draw` gives random bytes. Raises `TooManyCodes` if no more are given out.
    """
    for _ in range(DRAWS_MAX):
        code = make_code(draw(SECRET_BYTES), festival_key)
        stored = StoredCode(
            selector=code.selector,
            proof_key=proof_key_of(code, festival_key),
            terminal=draw(ID_BYTES),
            role=role,
            name=name,
            place=place,
            ends_s=now_s + CODE_LIFE_S,
        )
        if codes.add(stored, now_s):
            return code
    message = "no free code was found: the source of chance repeats itself."
    raise RuntimeError(message)


def _place_of(code: StoredCode) -> list[Body]:
    """Return the fact that says where the new terminal stands; a hub has no place."""
    if code.role is Role.HUB:
        return []
    if code.role is Role.GATE:
        return [GateSet(code.terminal, 1, code.name, code.place, ())]
    return [BarSet(code.terminal, 1, code.name, code.place)]
