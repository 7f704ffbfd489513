"""What TLS shows for a terminal, read by somebody else's library and by ours."""

import random

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_private_key

from edge.neighbours.x509 import believe, show
from sync.keys import SecretKey
from sync.names import Role
from tests.edge.boxes import (
    FESTIVAL,
    FESTIVAL_KEY,
    OFFICE_CERTIFICATE,
    OFFICE_KEY,
    writer_certificate,
)

IDENTITY = SecretKey(bytes([9]) * 32)
GATE = bytes([10]) * 16
CHAIN = (OFFICE_CERTIFICATE, writer_certificate(Role.GATE, GATE, IDENTITY, "Gate North"))
SEED = bytes([77]) * 32


def test_another_library_reads_it_as_a_certificate_signed_by_its_own_key() -> None:
    shown = show(IDENTITY, CHAIN, SEED)
    read = x509.load_der_x509_certificate(shown.certificate)
    key = read.public_key()
    assert isinstance(key, Ed25519PublicKey)
    key.verify(read.signature, read.tbs_certificate_bytes)
    private = load_der_private_key(shown.private_key, None)
    assert private.public_key() == key
    assert len(list(read.extensions)) == 1


def test_it_names_whom_the_festival_certified() -> None:
    found = believe(show(IDENTITY, CHAIN, SEED).certificate, FESTIVAL_KEY.public, FESTIVAL)
    assert found is not None
    assert (found.holder, found.role, found.key) == (GATE, Role.GATE, IDENTITY.public)


def test_another_festival_another_key_and_somebody_elses_chain_are_not_believed() -> None:
    shown = show(IDENTITY, CHAIN, SEED).certificate
    assert believe(shown, FESTIVAL_KEY.public, FESTIVAL + 1) is None
    assert believe(shown, OFFICE_KEY.public, FESTIVAL) is None
    thief = show(SecretKey(bytes([8]) * 32), CHAIN, SEED).certificate
    assert believe(thief, FESTIVAL_KEY.public, FESTIVAL) is None


def test_a_proof_that_was_copied_into_a_certificate_with_another_key_is_not_believed() -> None:
    honest = show(IDENTITY, CHAIN, SEED).certificate
    thief = SecretKey(bytes([5]) * 32)
    copied = honest.replace(SecretKey(SEED).public.raw, thief.public.raw)
    assert copied != honest
    assert believe(copied, FESTIVAL_KEY.public, FESTIVAL) is None


@pytest.mark.parametrize("seed", range(5))
def test_no_change_of_a_byte_before_the_signature_is_believed(seed: int) -> None:
    shown = show(IDENTITY, CHAIN, SEED).certificate
    chance = random.Random(seed)
    for _ in range(300):
        place = chance.randrange(len(shown) - 64)
        changed = bytearray(shown)
        changed[place] ^= 1 << chance.randrange(8)
        assert believe(bytes(changed), FESTIVAL_KEY.public, FESTIVAL) is None


def test_what_is_cut_or_longer_is_not_believed_and_raises_nothing() -> None:
    shown = show(IDENTITY, CHAIN, SEED).certificate
    for size in range(len(shown)):
        assert believe(shown[:size], FESTIVAL_KEY.public, FESTIVAL) is None
    assert believe(shown + b"\0", FESTIVAL_KEY.public, FESTIVAL) is None
    assert believe(shown * 9, FESTIVAL_KEY.public, FESTIVAL) is None
