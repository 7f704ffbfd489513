"""Badges and PINs: who may do what, and what is kept of a PIN."""

import pytest

from sync import catalogue
from sync.facts import Right, SignedIn, StaffSet
from sync.keys import is_pin, pin_fits, pin_proof
from tests.sync.builder import box_with, gate, office

SALT = b"0123456789abcdef"
PROOF = pin_proof("271828", SALT)


def test_a_pin_fits_its_own_proof_and_no_other_pin_does() -> None:
    assert pin_fits("271828", PROOF)
    for other in ("271829", "27182", "2718281", "", "27182x", "２７１８２８", "271828 "):
        assert not pin_fits(other, PROOF)
    assert not pin_fits("271828", PROOF[:-1])
    assert not pin_fits("271828", SALT + bytes(32))


def test_a_proof_is_argon2id_over_the_salt_as_it_always_was() -> None:
    assert PROOF.hex() == SALT.hex() + (
        "b59f201e645c6241d3cae0d651c303517c3e82e6b2908e55c47cb103cff2b61b"
    )


@pytest.mark.parametrize("pin", ["12345", "1234567890123", "abcdef", "12 456", "-12345"])
def test_what_is_no_pin_gets_no_proof(pin: str) -> None:
    assert not is_pin(pin)
    with pytest.raises(ValueError, match="digits"):
        pin_proof(pin, SALT)


def test_staff_are_known_by_badge_and_the_newest_word_counts() -> None:
    centre = office()
    first = StaffSet(77, 1, "N1", int(Right.AGENT | Right.SUPERVISOR), PROOF)
    gone = StaffSet(77, 2, "N1", 0, None)
    centre(gone, first, StaffSet(78, 1, "N2", int(Right.AGENT), None))
    cells = box_with(centre.records).cells
    assert catalogue.staff(cells, 77) == gone
    assert catalogue.staff(cells, 79) is None
    assert [one.badge for one in catalogue.all_staff(cells)] == [77, 78]


def test_only_the_office_names_staff() -> None:
    north = gate()
    north(StaffSet(77, 1, "N1", int(Right.SUPERVISOR), PROOF), SignedIn(77))
    assert catalogue.staff(box_with(north.records).cells, 77) is None
