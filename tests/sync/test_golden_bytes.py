"""The formats as literal bytes: whoever changes one of these breaks every box in the field."""

import hashlib

import pytest

from sync.body import BODIES
from sync.certificates import Certificate, Subject, certify, read_certificate
from sync.codec import decode, encode
from sync.codes import issue, open_code
from sync.conversation import Conversation, Node, PartnerMemory
from sync.facts import Body, TicketStatus, body_map, body_of
from sync.journal import read_record
from sync.names import Role
from tests.sync import golden
from tests.sync.builder import (
    FESTIVAL,
    ISSUING_KEY,
    KEY_ID,
    OFFICE_KEY,
    Box,
    Pen,
    admitted,
    bar,
    box_with,
    gate,
    gate_place,
    left,
    office,
    sold,
    status,
    ticket,
    ticket_type,
    topped_up,
    voided,
    zone,
)
from tests.sync.every_kind import EVERY_KIND, GROWN, GROWN_AGAIN


def small_world() -> Box:
    centre, north, till = office(), gate(), bar()
    centre(zone(), ticket_type(), gate_place(north, "North"), status(6, TicketStatus.CANCELLED))
    entered = north.write(admitted())
    north(left(entered.id), admitted(serial=6))
    till(topped_up(), sold(), voided())
    return box_with([*centre.records, *north.records, *till.records])


def message() -> bytes:
    centre, till = office(), bar()
    box = box_with(centre(zone()))
    box.take(centre.first, till.first)
    node = Node(centre.terminal, centre.chain, Role.OFFICE)
    return Conversation(node, till.terminal, PartnerMemory(), box.log).say()


def test_every_kind_of_fact_has_its_golden_bytes() -> None:
    assert {type(body).KIND for body in EVERY_KIND} == set(BODIES) == set(golden.BODY_DIGESTS)


@pytest.mark.parametrize("body", EVERY_KIND, ids=lambda body: type(body).__name__)
def test_a_kind_of_fact_is_spelled_as_it_always_was(body: Body) -> None:
    content = encode(body_map(body))
    assert hashlib.sha256(content).hexdigest() == golden.BODY_DIGESTS[body.KIND]
    assert content.hex() == golden.BODIES.get(body.KIND, content.hex())
    assert body_of(body.KIND, decode(content, 4096)) == body


@pytest.mark.parametrize("body", GROWN, ids=lambda body: type(body).__name__)
def test_a_field_that_came_later_is_spelled_as_it_was_from_then_on(body: Body) -> None:
    content = encode(body_map(body))
    assert content.hex() == golden.GROWN[body.KIND]
    assert body_of(body.KIND, decode(content, 4096)) == body


@pytest.mark.parametrize("body", GROWN_AGAIN, ids=lambda body: type(body).__name__)
def test_a_field_that_came_last_is_spelled_as_it_was_from_then_on(body: Body) -> None:
    content = encode(body_map(body))
    assert content.hex() == golden.GROWN_AGAIN[body.KIND]
    assert body_of(body.KIND, decode(content, 4096)) == body


@pytest.mark.parametrize("body", EVERY_KIND[1:], ids=lambda body: type(body).__name__)
def test_the_record_of_a_fact_is_spelled_as_it_always_was(body: Body) -> None:
    record = Pen(Role.OFFICE, 31).write(body)
    assert hashlib.sha256(record.raw).hexdigest() == golden.RECORD_DIGESTS[body.KIND]
    assert read_record(record.raw) == record


def test_the_record_that_opens_a_run_is_spelled_as_it_always_was() -> None:
    assert gate().first.raw.hex() == golden.RUN_OPENED
    assert gate().first.id.hex() == golden.RUN_OPENED_ID


def test_an_admission_is_spelled_as_it_always_was() -> None:
    assert gate().write(admitted()).raw.hex() == golden.ADMISSION


def test_a_certificate_is_spelled_as_it_always_was() -> None:
    north = gate()
    mine = Certificate(
        FESTIVAL, Subject.WRITER, Role.GATE, north.terminal, north.identity.public, "North", 1, 2
    )
    content = certify(mine, OFFICE_KEY)
    assert content.hex() == golden.CERTIFICATE
    assert read_certificate(content, OFFICE_KEY.public, FESTIVAL) == mine


def test_a_ticket_code_is_spelled_as_it_always_was() -> None:
    mine = ticket(2**63 + 5, flags=1, valid_from=1_795_262_400, valid_until=1_795_348_800)
    assert issue(mine, ISSUING_KEY) == golden.CODE
    assert open_code(golden.CODE, {KEY_ID: ISSUING_KEY.public}, FESTIVAL) == mine


def test_a_message_is_spelled_as_it_always_was() -> None:
    content = message()
    assert hashlib.sha256(content).hexdigest() == golden.MESSAGE_DIGEST
    assert content[-120:].hex() == golden.MESSAGE_END


def test_the_same_facts_hash_to_the_same_state_as_they_always_did() -> None:
    assert small_world().hashes() == golden.STATE
