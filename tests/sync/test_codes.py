"""Ticket codes: what was issued opens, everything else is refused, and in which order."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.codec import encode
from sync.codes import CodeKind, CodeRefusal, Ticket, base45, issue, open_code, unbase45
from sync.keys import CODE_PURPOSE, FACT_PURPOSE, SecretKey
from sync.limits import CODE_PAYLOAD_BYTES_MAX, CODE_TEXT_CHARS_MAX, U16_MAX, U32_MAX, U64_MAX
from tests.sync.builder import FESTIVAL, ISSUING_KEY, KEY_ID, ticket

KEYS = {KEY_ID: ISSUING_KEY.public}
tickets = st.builds(
    Ticket,
    st.sampled_from(CodeKind),
    st.just(KEY_ID),
    st.just(FESTIVAL),
    st.integers(0, U64_MAX),
    st.integers(0, U16_MAX),
    st.integers(0, U32_MAX),
    st.integers(0, U32_MAX),
    st.integers(0, U16_MAX),
)


def code_of(row: object, key: SecretKey = ISSUING_KEY, purpose: bytes = CODE_PURPOSE) -> str:
    payload = row if isinstance(row, bytes) else encode(row)
    return "GU1:" + base45(payload + key.sign(purpose, payload))


def row(**changed: int) -> list[int]:
    named = {"kind": 1, "key": KEY_ID, "festival": FESTIVAL, "serial": 5, "type": 1}
    named |= {"from": 0, "until": 0, "flags": 0}
    return list((named | changed).values())


@pytest.mark.parametrize(
    "plain, text",
    [(b"", ""), (b"AB", "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581"),
     (b"ietf!", "QED8WEX0"), (b"\0", "00"), (b"\0\0", "000"), (b"\xff\xff", "FGW"),
     (b"\xff", "U5")],
)  # fmt: skip
def test_base45_is_that_of_its_standard(plain: bytes, text: str) -> None:
    assert base45(plain) == text
    assert unbase45(text) == plain


@pytest.mark.parametrize("text", ["GGW", "ZZZ", ":::", "A", "AAAA", "V5", "::", "ab", "é0", "١0"])
def test_what_no_bytes_give_is_not_base45(text: str) -> None:
    assert unbase45(text) is None


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.binary(max_size=120))
def test_base45_brings_all_bytes_back(plain: bytes) -> None:
    assert unbase45(base45(plain)) == plain


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.text("0123456789ABCXYZ $%*+-./:", max_size=30))
def test_bytes_have_one_base45_text_only(text: str) -> None:
    plain = unbase45(text)
    assert plain is None or base45(plain) == text


@settings(max_examples=60, derandomize=True, deadline=None)
@given(tickets)
def test_an_issued_code_opens_to_its_ticket(mine: Ticket) -> None:
    text = issue(mine, ISSUING_KEY)
    assert open_code(text, KEYS, FESTIVAL) == mine
    assert len(text) <= CODE_TEXT_CHARS_MAX


def test_the_longest_code_fits_its_bounds() -> None:
    widest = Ticket(CodeKind.VOUCHER, 255, U32_MAX, U64_MAX, U16_MAX, U32_MAX, U32_MAX, U16_MAX)
    text = issue(widest, ISSUING_KEY)
    assert len(encode(row())) <= CODE_PAYLOAD_BYTES_MAX
    assert len(text) <= CODE_TEXT_CHARS_MAX == 154
    assert open_code(text, {255: ISSUING_KEY.public}, U32_MAX) == widest


@settings(max_examples=25, derandomize=True, deadline=None)
@given(tickets, st.randoms(use_true_random=False))
def test_a_code_with_one_bit_changed_never_opens(mine: Ticket, chance: random.Random) -> None:
    content = unbase45(issue(mine, ISSUING_KEY)[4:])
    assert content is not None
    for bit in chance.sample(range(8 * len(content)), 25):
        changed = bytearray(content)
        changed[bit // 8] ^= 1 << bit % 8
        assert isinstance(open_code("GU1:" + base45(bytes(changed)), KEYS, FESTIVAL), CodeRefusal)


def test_every_single_changed_bit_or_character_is_refused() -> None:
    text = issue(ticket(), ISSUING_KEY)
    content = unbase45(text[4:])
    assert content is not None
    for bit in range(8 * len(content)):
        changed = bytearray(content)
        changed[bit // 8] ^= 1 << bit % 8
        assert isinstance(open_code("GU1:" + base45(bytes(changed)), KEYS, FESTIVAL), CodeRefusal)
    for place in range(len(text)):
        other = "A" if text[place] != "A" else "B"
        cut = text[:place] + other + text[place + 1 :]
        assert isinstance(open_code(cut, KEYS, FESTIVAL), CodeRefusal)
        assert isinstance(open_code(text[:place], KEYS, FESTIVAL), CodeRefusal)


STRANGER = SecretKey(b"x" * 32)
REFUSED = {
    "nothing": ("", "not_a_code"),
    "a web address": ("https://example.org/ticket/5", "not_a_code"),
    "lower case": (issue(ticket(), ISSUING_KEY).lower(), "not_a_code"),
    "a space before": (" " + issue(ticket(), ISSUING_KEY), "not_a_code"),
    "a line end": (issue(ticket(), ISSUING_KEY) + "\n", "not_a_code"),
    "the next format": (issue(ticket(), ISSUING_KEY).replace("GU1:", "GU2:"), "not_a_code"),
    "the prefix alone": ("GU1:", "not_a_code"),
    "a signature alone": ("GU1:" + base45(bytes(64)), "not_a_code"),
    "too many characters": ("GU1:" + "0" * 151, "not_a_code"),
    "an unknown kind": (code_of(row(kind=5)), "unknown_format"),
    "kind nothing": (code_of(row(kind=0)), "unknown_format"),
    "a longer array": (code_of([*row(), 0]), "unknown_format"),
    "a shorter array": (code_of(row()[:7]), "unknown_format"),
    "a map": (code_of(dict(enumerate(row()))), "unknown_format"),
    "a negative serial": (code_of(row(serial=-1)), "unknown_format"),
    "a type too wide": (code_of(row(type=U16_MAX + 1)), "unknown_format"),
    "a yes for a flag": (code_of([*row()[:7], True]), "unknown_format"),
    "a longer spelling": (code_of(b"\x98\x08" + encode(row())[1:]), "unknown_format"),
    "a byte too many": (code_of(encode(row()) + b"\0"), "unknown_format"),
    "an unknown key": (code_of(row(key=2)), "unknown_key"),
    "a stranger's key": (code_of(row(), STRANGER), "bad_signature"),
    "a fact's signature": (code_of(row(), purpose=FACT_PURPOSE), "bad_signature"),
    "another festival": (code_of(row(festival=8)), "wrong_festival"),
}  # fmt: skip


@pytest.mark.parametrize("text, reason", REFUSED.values(), ids=REFUSED.keys())
def test_a_text_that_is_no_code_of_ours_is_refused_with_its_reason(text: str, reason: str) -> None:
    assert open_code(text, KEYS, FESTIVAL) == reason


@pytest.mark.parametrize(
    "text, reason",
    [(code_of(row(kind=5, key=2, festival=8), STRANGER), "unknown_format"),
     (code_of(row(key=2, festival=8), STRANGER), "unknown_key"),
     (code_of(row(festival=8), STRANGER), "bad_signature")],
)  # fmt: skip
def test_of_several_faults_the_first_names_the_reason(text: str, reason: str) -> None:
    assert open_code(text, KEYS, FESTIVAL) == reason


def test_a_retired_key_opens_nothing_any_more() -> None:
    assert open_code(issue(ticket(), ISSUING_KEY), {}, FESTIVAL) == "unknown_key"


@pytest.mark.parametrize(
    "field, value", [("serial", U64_MAX + 1), ("serial", -1), ("type", 1 << 16), ("flags", -1)]
)
def test_a_code_outside_its_ranges_is_not_issued(field: str, value: int) -> None:
    with pytest.raises(ValueError, match="must be a whole number"):
        issue(ticket(**{field: value}), ISSUING_KEY)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.text(max_size=160) | st.text("0123456789ABCDEFGHIJ %:", max_size=150).map("GU1:".__add__))
def test_whatever_a_camera_reads_is_refused_without_a_fault(text: str) -> None:
    assert isinstance(open_code(text, KEYS, FESTIVAL), CodeRefusal)
