"""A chip's memory is a stranger's: what is well formed is read, the rest is a value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.ndef import (
    MESSAGE_BYTES_MAX,
    RECORDS_MAX,
    TEXT_CHARACTERS_MAX,
    Memory,
    Record,
    first_text,
    message_in_memory,
    records,
)
from tests.hardware.chips import block, record, text_message

HELLO = bytes.fromhex("D1 01 08 54 02 65 6E 47 55 31 3A 41")


def test_a_text_record_from_the_standard_s_own_layout_is_read() -> None:
    assert first_text(HELLO) == "GU1:A"
    assert text_message("GU1:A") == HELLO


def test_a_uri_record_is_read_with_its_beginning() -> None:
    assert first_text(record(b"U", b"\x04tickets.example/7")) == "https://tickets.example/7"
    assert first_text(record(b"U", b"\x00GU1:9")) == "GU1:9"
    assert first_text(record(b"U", b"\x23a")) == "urn:nfc:a"
    assert first_text(record(b"U", b"\x24a")) is None


def test_a_long_record_and_one_with_an_id_are_read() -> None:
    long = "A" * 3_000
    assert first_text(text_message(long)) == long
    with_id = bytes((0xD9, 1, 4, 2)) + b"T" + b"id" + b"\x02enX"
    assert first_text(with_id) == "X"


def test_utf_16_is_read_with_and_without_a_mark() -> None:
    for encoding in ("utf-16", "utf-16-be"):
        assert first_text(record(b"T", b"\x82fr" + "Fête".encode(encoding))) == "Fête"


def test_the_first_text_of_several_records_counts() -> None:
    other = record(b"x", b"binary", 0x92)
    uri = record(b"U", b"\x00GU1:1", 0x11)
    last = record(b"T", b"\x02enlater", 0x51)
    assert first_text(other + uri + last) == "GU1:1"


@pytest.mark.parametrize(
    "message",
    [
        b"",
        HELLO[:-1],
        HELLO + b"\0",
        HELLO[:2],
        b"\x51" + HELLO[1:],  # does not begin a message
        b"\x91" + HELLO[1:],  # does not end it
        b"\xf1" + HELLO[1:],  # a chunk
        HELLO + HELLO,  # begins twice
        record(b"T", b""),
        record(b"T", b"\x42enX"),  # a bit that must be zero
        record(b"T", b"\x3fen"),  # a language longer than the record
        record(b"T", b"\x02en"),  # no text at all
        record(b"T", b"\x02en\xff\xfe\xfd"),
        record(b"T", b"\x82en\xd8"),
        record(b"T", b"\x02enX", 0xD2),  # a media type, not a text
        bytes.fromhex("D0 00 00"),
        bytes.fromhex("D0 00 01 41"),
        bytes.fromhex("C1 01 FF FF FF FF 54"),
    ],
)
def test_what_is_not_a_whole_text_is_none(message: bytes) -> None:
    assert first_text(message) is None


def test_too_many_records_and_too_long_texts_are_refused() -> None:
    middle = record(b"x", b"", 0x11)
    most = record(b"x", b"", 0x91) + middle * (RECORDS_MAX - 2) + record(b"T", b"\x02enX", 0x51)
    assert first_text(most) == "X"
    more = record(b"x", b"", 0x91) + middle * (RECORDS_MAX - 1) + record(b"T", b"\x02enX", 0x51)
    assert first_text(more) is None
    assert first_text(text_message("A" * TEXT_CHARACTERS_MAX)) == "A" * TEXT_CHARACTERS_MAX
    assert first_text(text_message("A" * (TEXT_CHARACTERS_MAX + 1))) is None


def test_the_message_is_found_behind_other_blocks() -> None:
    lock_control = b"\x01\x03\xa0\x10\x44"
    assert message_in_memory(b"\0\0" + lock_control + block(HELLO)) == HELLO
    own = b"\xfd\xff" + (300).to_bytes(2) + bytes(300)
    assert message_in_memory(own + block(HELLO)) == HELLO


def test_a_memory_that_ends_early_is_unfinished_and_one_without_a_message_says_so() -> None:
    whole = block(HELLO)
    for size in range(len(whole) - 1):
        assert message_in_memory(whole[:size]) is Memory.UNFINISHED
    assert message_in_memory(whole[:-1]) == HELLO
    assert message_in_memory(b"\0\xfe" + whole) is Memory.NOTHING
    huge = b"\x03\xff" + (MESSAGE_BYTES_MAX + 1).to_bytes(2)
    assert message_in_memory(huge) is Memory.NOTHING
    assert message_in_memory(block(b"")) == b""


_RECORDS = st.lists(
    st.builds(
        lambda flags, kind, payload: record(kind, payload, flags),
        st.integers(0, 255),
        st.binary(max_size=4),
        st.binary(max_size=40),
    ),
    max_size=6,
).map(b"".join)


@given(st.one_of(st.binary(max_size=300), _RECORDS))
def test_whatever_the_bytes_are_the_answer_is_a_value(content: bytes) -> None:
    text = first_text(content)
    assert text is None or 0 < len(text) <= TEXT_CHARACTERS_MAX
    found = records(content)
    assert found is None or 0 < len(found) <= RECORDS_MAX
    message = message_in_memory(content)
    assert isinstance(message, Memory) or message in content


@given(st.text(min_size=1, max_size=400))
def test_any_text_comes_back_as_it_was_written(text: str) -> None:
    assert first_text(text_message(text)) == text
    found = message_in_memory(block(text_message(text)))
    assert found == text_message(text)


def test_a_record_is_split_into_its_parts() -> None:
    assert records(bytes.fromhex("D0 00 00")) == [Record(0, b"", b"")]
    assert records(bytes.fromhex("D0 00 01 41")) is None
    assert records(HELLO) == [Record(1, b"T", b"\x02enGU1:A")]
