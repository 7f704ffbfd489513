"""What the office says once for all: the highest version, final statuses, keys and names."""

import itertools
from dataclasses import replace

import pytest

from sync import catalogue
from sync.catalogue import Policy, Setting
from sync.cells import MemoryCells
from sync.certificates import Certificate, Subject, certify, read_certificate, read_chain
from sync.facts import (
    BarSet,
    Body,
    CertificateIssued,
    KeyRetired,
    PolicySet,
    ProductSet,
    TicketStatus,
    TicketStatusSet,
)
from sync.keys import PublicKey, SecretKey
from sync.names import Role
from sync.schema import Misshapen
from tests.sync.builder import (
    FESTIVAL,
    ISSUING_KEY,
    OFFICE_KEY,
    ROOT,
    bar,
    box_with,
    gate,
    gate_place,
    issuing_certificate,
    office,
    office_certificate,
    status,
    zone,
)

BEER = ProductSet(1, 1, "Beer", "drinks", 480, 2000, 200, 16, True)


def told(*bodies: Body) -> MemoryCells:
    """Return the cells after one office said this, in each order; they must be the same."""
    centre = office()
    facts = centre(*bodies)
    boxes = [box_with([centre.first, *order]) for order in itertools.permutations(facts)]
    assert len({str(box.hashes()) for box in boxes}) == 1
    return boxes[0].cells


def test_the_highest_version_is_what_counts() -> None:
    cells = told(replace(BEER, version=3, price=500), BEER, replace(BEER, version=2))
    product = catalogue.product(cells, 1)
    assert product == replace(BEER, version=3, price=500)


def test_lists_come_in_the_order_of_their_numbers() -> None:
    centre, north, till = office(), gate(), bar()
    centre(replace(BEER, product=300), BEER, zone(2), zone(1))
    centre(gate_place(north, "North"), BarSet(till.terminal, 1, "Bar", 4))
    cells = box_with(centre.records).cells
    assert [one.product for one in catalogue.products(cells)] == [1, 300]
    assert [one.zone for one in catalogue.zones(cells)] == [1, 2]
    assert [one.name for one in catalogue.gates(cells)] == ["North"]
    assert [one.bar for one in catalogue.bars(cells)] == [4]
    place = catalogue.bar_of(cells, till.terminal)
    assert place is not None
    assert place.name == "Bar"
    assert catalogue.gate_of(cells, till.terminal) is None
    assert catalogue.product(cells, 7) is None
    assert catalogue.office_version(cells) == len(centre.records)


FINAL = (TicketStatus.CANCELLED, TicketStatus.REFUNDED, TicketStatus.REPLACED)


@pytest.mark.parametrize("word", FINAL)
@pytest.mark.parametrize("later", [TicketStatus.VALID, TicketStatus.UNPAID, TicketStatus.BLOCKED])
def test_a_final_status_is_not_taken_back(word: TicketStatus, later: TicketStatus) -> None:
    for first, second in ((1, 9), (9, 1)):
        cells = told(status(5, word, first), status(5, later, second))
        known = catalogue.status(cells, 5)
        assert known is not None
        assert (known.word, known.version) == (word, first)


def test_before_it_is_final_the_highest_version_counts() -> None:
    cells = told(
        status(5, TicketStatus.BLOCKED, 2),
        status(5, TicketStatus.VALID, 3),
        status(5, TicketStatus.UNPAID, 1),
    )
    known = catalogue.status(cells, 5)
    assert known is not None
    assert (known.word, known.version) == (TicketStatus.VALID, 3)


def test_two_rows_about_one_ticket_in_one_fact_have_one_meaning() -> None:
    rows = ((5, 0, 1, None), (5, 2, 1, None), (5, 5, 1, 0), (5, 5, 1, None), (5, 5, 1, 7))
    for order in itertools.permutations(rows):
        centre = office()
        centre(TicketStatusSet(order))
        known = catalogue.status(box_with(centre.records).cells, 5)
        assert known is not None
        assert (known.word, known.replaced_by) == (TicketStatus.REPLACED, None)


def test_keys_are_taken_until_they_are_retired_in_any_order() -> None:
    issued = CertificateIssued(issuing_certificate(1))
    centre = office()
    facts = centre(issued, CertificateIssued(issuing_certificate(2)), KeyRetired(2))
    boxes = [box_with([centre.first, *order]) for order in itertools.permutations(facts)]
    assert len({str(box.hashes()) for box in boxes}) == 1
    for box in boxes:
        assert catalogue.issuing_keys(box.cells) == {1: ISSUING_KEY.public}


def test_the_office_names_its_terminals() -> None:
    centre, north = office(), gate(21, "North")
    centre(CertificateIssued(north.chain[1]), CertificateIssued(b"no certificate"))
    cells = box_with(centre.records).cells
    assert catalogue.terminal_names(cells) == {north.terminal: "North"}


# --- certificates ---


def certificate(subject: Subject = Subject.WRITER) -> Certificate:
    key = gate().identity.public
    return Certificate(FESTIVAL, subject, Role.GATE, gate().terminal, key, "North", 1, 2)


def test_a_chain_holds_only_link_by_link() -> None:
    office_one, mine = office_certificate(), certify(certificate(), OFFICE_KEY)
    assert read_chain([office_one, mine], ROOT.public, FESTIVAL) == certificate()
    wrong = SecretKey(b"w" * 32)
    for chain in (
        [office_one],
        [mine, office_one],
        [office_one, office_one],
        [office_one, mine, mine],
        [office_one, certify(certificate(), ROOT)],
        [office_one, certify(certificate(), wrong)],
        [office_one, certify(certificate(Subject.OFFICE), OFFICE_KEY)],
        [certify(certificate(), ROOT), mine],
        [office_certificate(8), mine],
    ):
        assert read_chain(chain, ROOT.public, FESTIVAL) is None
    assert read_chain([office_one, mine], wrong.public, FESTIVAL) is None
    assert read_chain([office_one, mine], ROOT.public, FESTIVAL + 1) is None


def test_a_certificate_with_a_changed_byte_proves_nothing() -> None:
    content = certify(certificate(), OFFICE_KEY)
    for at in range(len(content)):
        broken = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
        assert read_certificate(broken, OFFICE_KEY.public, FESTIVAL) is None
        assert read_certificate(content[:at], OFFICE_KEY.public, FESTIVAL) is None


def test_a_certificate_out_of_its_ranges_is_not_made() -> None:
    with pytest.raises(Misshapen):
        certify(replace(certificate(), holder=bytes(17)), OFFICE_KEY)
    with pytest.raises(Misshapen):
        certify(replace(certificate(), valid_until=-1), OFFICE_KEY)


def test_keys_are_of_their_length_and_never_print_their_secret() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        PublicKey(bytes(31))
    with pytest.raises(ValueError, match="32 bytes"):
        SecretKey(bytes(33))
    assert OFFICE_KEY.public.raw.hex() in repr(OFFICE_KEY)
    assert (b"\2" * 32).hex() not in repr(OFFICE_KEY)
    signature = OFFICE_KEY.sign(b"a\0", b"message")
    assert OFFICE_KEY.public.verifies(b"a\0", b"message", signature)
    assert not OFFICE_KEY.public.verifies(b"b\0", b"message", signature)
    assert not OFFICE_KEY.public.verifies(b"a\0", b"message", signature[:63])


@pytest.mark.parametrize(
    "setting,value",
    [
        (Setting.DAY_BOUNDARY_MINUTES, 24 * 60),
        (Setting.DAY_BOUNDARY_MINUTES, -1),
        (Setting.UNDO_SECONDS, 10**9),
        (Setting.ALONE_LIMIT, -2),
        (99, 5),
    ],
)
def test_a_setting_that_cannot_be_has_its_default(setting: int, value: int) -> None:
    limits = catalogue.policy(told(PolicySet(1, ((int(setting), value), (2, 700)))))
    assert limits == Policy(till_cap=700, version=1)
