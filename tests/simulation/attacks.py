"""People on the line who change what passes, send it again, or say what nobody said.

Whatever is not genuine must change nothing: neither the office's records nor a box's. A box that is
dishonest itself signs its messages rightly and puts forged records into them.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from provisioning.enrolment import writer_certificate
from provisioning.request_signing import (
    NONCE_HEADER,
    SIGNATURE_HEADER,
    TERMINAL_HEADER,
    TIME_HEADER,
    check_answer,
    sign_request,
)
from sync.certificates import Certificate, Subject, certify
from sync.clock import TRUSTED_CLOCK, Moment
from sync.conversation import BadMessage
from sync.facts import Method, ToppedUp
from sync.journal import Writer
from sync.keys import SecretKey
from sync.limits import MESSAGE_RECORDS_MAX
from sync.message import read_message, spell
from sync.names import Role, RunId, TerminalId
from tests.simulation.box import Box
from tests.simulation.chance import Chance
from tests.simulation.festival import FESTIVAL
from tests.simulation.office import Answer, Request
from tests.simulation.plan import Fault
from tests.simulation.trouble import Violation

if TYPE_CHECKING:
    from tests.simulation.world import World

_OFTEN = 8
_KEPT_MAX = 20
_HEADERS = (NONCE_HEADER, SIGNATURE_HEADER, TERMINAL_HEADER)
_STRANGERS_WALLET = 9_999


class Attacks:
    """What strangers do on one box's line."""

    def __init__(self, world: "World", box: Box, chance: Chance) -> None:
        self.world = world
        self._box = box
        self._chance = chance
        self._heard: list[Request] = []
        self._answers: list[tuple[str, Answer]] = []
        self._is_on = Fault.ATTACKS in world.plan.faults

    def on_the_way_up(self, request: Request) -> None:
        """Meddle with a request before it arrives; the genuine one arrives all the same."""
        if not self._is_on:
            return
        if self._chance.is_one_in(_OFTEN):
            kind = self._chance.choice(["bit", "cut", "header", "again", "passengers"])
            if kind == "passengers" and self._box.is_on:
                self._with_passengers(request)
            elif kind == "again":
                self._again()
            elif kind != "passengers":
                self._altered(request, kind)
        self._heard = [*self._heard[-_KEPT_MAX:], request]

    def on_the_way_down(self, request: Request, answer: Answer) -> None:
        """Meddle with an answer: neither an altered nor an older one may be believed."""
        if not self._is_on:
            return
        if self._chance.is_one_in(_OFTEN):
            self._believes_none(request, self._changed(answer))
            mark = request.headers[SIGNATURE_HEADER]
            older = [one for asked, one in self._answers if asked != mark]
            if older:  # the same request with the same nonce has the same answer
                self._believes_none(request, self._chance.choice(older))
        self._answers = [*self._answers[-_KEPT_MAX:], (request.headers[SIGNATURE_HEADER], answer)]

    # --- requests ---

    def _altered(self, request: Request, kind: str) -> None:
        body, headers = request.body, dict(request.headers)
        if kind == "bit":
            body = self._flipped(body)
        elif kind == "cut":
            body = body[: self._chance.randrange(len(body))]
        else:
            name = self._chance.choice(_HEADERS)
            headers[name] = self._flipped_hex(headers[name])
        before = self.world.office.state_of()
        answer = self.world.office.hear(replace(request, body=body, headers=headers))
        is_taken = answer is not None and answer.status == 200
        if is_taken or self.world.office.state_of() != before:
            raise Violation("altered messages change nothing", f"the office took one ({kind})")

    def _again(self) -> None:
        """Send an older request again: if its nonce still holds it is heard, and brings nothing."""
        if not self._heard:
            return
        before = self.world.office.state_of()
        self.world.office.hear(self._chance.choice(self._heard))
        if self.world.office.state_of() != before:
            raise Violation("replayed messages change nothing", "the office took one again")

    def _with_passengers(self, request: Request) -> None:
        """Let a dishonest box add forged records to what it says, under its own signature."""
        try:
            message = read_message(request.body)
        except BadMessage:
            return
        forged = (*self._of_a_stranger(), *self._of_others(message.records))
        room = MESSAGE_RECORDS_MAX - len(message.records)
        body = spell(replace(message, records=(*message.records, *forged[:room])))
        terminal = self._box.terminal
        nonce = request.headers[NONCE_HEADER]
        signed = sign_request(
            terminal.identity, "POST", request.path, body, terminal.manifest.office_id, nonce
        )
        name = {TERMINAL_HEADER: request.headers[TERMINAL_HEADER]}
        self.world.office.hear(Request(request.path, signed | name, body))
        for raw in forged:
            if self.world.office.rows("SELECT 1 FROM record WHERE raw = ?", raw):
                raise Violation("forged records are refused", "the office keeps a forged record")

    def _of_others(self, records: tuple[bytes, ...]) -> list[bytes]:
        """Alter records that others made, and this box's own."""
        known = [row[0] for row in self._box.rows("SELECT raw FROM journal ORDER BY arrival")]
        chosen = self._chance.some([*known, *records], 1, 4)
        return [self._flipped(raw) for raw in chosen]

    def _of_a_stranger(self) -> list[bytes]:
        """Make a journal whose certificates nobody of this festival signed."""
        chance = self._chance
        false_office, identity = SecretKey(chance.randbytes(32)), SecretKey(chance.randbytes(32))
        terminal = TerminalId(chance.randbytes(16))
        office = certify(
            Certificate(
                FESTIVAL, Subject.OFFICE, Role.OFFICE, b"office", false_office.public, "", 0, 0
            ),
            false_office,
        )
        mine = writer_certificate(
            FESTIVAL, terminal, Role.BAR, "Bar", identity.public, false_office
        )
        run = RunId(chance.randbytes(16))
        festival = self._box.terminal.manifest.festival_id
        pen = Writer(festival, terminal, run, SecretKey(chance.randbytes(32)))
        moment = Moment(self.world.agenda.true_ms, TRUSTED_CLOCK)
        first = pen.open(identity, (office, mine), None, "", "", moment)
        gift = ToppedUp(
            chance.randbytes(16), _STRANGERS_WALLET, 10_000, int(Method.CASH), 1, 0, None
        )
        return [first.raw, pen.write(gift, moment).raw]

    # --- answers ---

    def _changed(self, answer: Answer) -> Answer:
        headers = dict(answer.headers)
        kind = self._chance.choice(["bit", "signature", "time"])
        if kind == "bit" and answer.body:
            return replace(answer, body=self._flipped(answer.body))
        if kind == "time":
            headers[TIME_HEADER] = str(int(headers[TIME_HEADER]) + 3_600_000)
        else:
            headers[SIGNATURE_HEADER] = self._flipped_hex(headers[SIGNATURE_HEADER])
        return replace(answer, headers=headers)

    def _believes_none(self, request: Request, answer: Answer) -> None:
        """See that the box's own check refuses an answer; what is not checked is never read."""
        key = self._box.terminal.manifest.office_key
        if check_answer(key, request.headers, answer.body, answer.headers) is not None:
            raise Violation("altered messages change nothing", f"{self._box.name} believed one")

    def _flipped(self, content: bytes) -> bytes:
        if not content:
            return b"\0"
        changed = bytearray(content)
        changed[self._chance.randrange(len(changed))] ^= 1 << self._chance.randrange(8)
        return bytes(changed)

    def _flipped_hex(self, text: str) -> str:
        return self._flipped(bytes.fromhex(text)).hex()
