"""Requests and answers between a terminal and the office: who, to whom, and how fresh."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioning.request_signing import (
    NONCE_HEADER,
    NONCE_LIFE_S_MAX,
    SIGNATURE_HEADER,
    TIME_HEADER,
    NonceMint,
    RequestRefusal,
    check_answer,
    check_request,
    receiver_id_of,
    sign_answer,
    sign_request,
    terminal_of,
)
from sync.keys import SecretKey

TERMINAL = SecretKey(bytes([1]) * 32)
OFFICE = SecretKey(bytes([2]) * 32)
OFFICE_ID = receiver_id_of(OFFICE.public)
MINT = NonceMint(bytes(range(32)))
NOW_S = 1_795_000_000
PATH = "/sync/v1/conversation"
BODY = b"what is new"


def signed(nonce: str | None = None, receiver: bytes = OFFICE_ID) -> dict[str, str]:
    nonce = MINT.give(NOW_S) if nonce is None else nonce
    return sign_request(TERMINAL, "POST", PATH, BODY, receiver, nonce, terminal=bytes(16))


def judged(
    headers: dict[str, str],
    *,
    method: str = "POST",
    path: str = PATH,
    body: bytes = BODY,
    now_s: int = NOW_S,
    mint: NonceMint = MINT,
) -> RequestRefusal | None:
    return check_request(TERMINAL.public, method, path, body, OFFICE_ID, headers, mint, now_s)


def test_a_signed_request_is_believed_and_says_its_terminal() -> None:
    assert judged(signed()) is None
    assert terminal_of(signed()) == bytes(16)
    assert terminal_of({}) is None


def test_a_request_without_or_with_a_damaged_signature_header_is_unsigned() -> None:
    assert judged({}) is RequestRefusal.UNSIGNED
    for bad in ("", "zz", "00" * 63, "AB" * 64):
        assert judged(signed() | {SIGNATURE_HEADER: bad}) is RequestRefusal.UNSIGNED


def test_a_nonce_lives_for_two_minutes_and_not_a_second_longer() -> None:
    headers = signed()
    assert judged(headers, now_s=NOW_S + NONCE_LIFE_S_MAX) is None
    late = judged(headers, now_s=NOW_S + NONCE_LIFE_S_MAX + 1)
    assert late is RequestRefusal.STALE_NONCE


def test_a_nonce_from_the_future_or_of_another_office_is_stale() -> None:
    assert judged(signed(MINT.give(NOW_S + 1))) is RequestRefusal.STALE_NONCE
    assert judged(signed(), mint=NonceMint(bytes(32))) is RequestRefusal.STALE_NONCE


@pytest.mark.parametrize("nonce", ["", "00", "é" * 48, " " * 48, "0" * 48, "F" * 48])
def test_a_made_up_nonce_is_stale(nonce: str) -> None:
    assert judged(signed(nonce)) is RequestRefusal.STALE_NONCE


def test_a_signature_counts_for_one_method_path_body_and_receiver_only() -> None:
    bad = RequestRefusal.BAD_SIGNATURE
    assert judged(signed(), method="PUT") is bad
    assert judged(signed(), path=PATH + "/") is bad
    assert judged(signed(), body=BODY + b"!") is bad
    assert judged(signed(receiver=bytes(16))) is bad
    other = MINT.give(NOW_S - 1)
    assert judged(signed() | {NONCE_HEADER: other}) is bad


@settings(max_examples=60)
@given(st.integers(0, 64 * 8 - 1))
def test_no_flipped_bit_of_a_signature_is_believed(bit: int) -> None:
    headers = signed()
    content = bytearray.fromhex(headers[SIGNATURE_HEADER])
    content[bit // 8] ^= 1 << bit % 8
    altered = headers | {SIGNATURE_HEADER: content.hex()}
    assert judged(altered) is RequestRefusal.BAD_SIGNATURE


def test_an_answer_tells_the_time_to_the_request_that_it_answers() -> None:
    request = signed()
    headers = sign_answer(OFFICE, request, b"nothing new", NOW_S * 1000)
    assert check_answer(OFFICE.public, request, b"nothing new", headers) == NOW_S * 1000


def test_an_answer_to_another_request_or_with_another_body_or_time_is_refused() -> None:
    request = signed()
    headers = sign_answer(OFFICE, request, b"nothing new", NOW_S * 1000)
    other = signed(MINT.give(NOW_S - 5))
    assert check_answer(OFFICE.public, other, b"nothing new", headers) is None
    assert check_answer(OFFICE.public, request, b"something", headers) is None
    assert check_answer(TERMINAL.public, request, b"nothing new", headers) is None
    for time in ("", "-1", "１", "9" * 400, "1e3", str(NOW_S * 1000 + 1)):
        moved = headers | {TIME_HEADER: time}
        assert check_answer(OFFICE.public, request, b"nothing new", moved) is None
