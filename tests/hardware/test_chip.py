"""A chip is read by the standards: its UID, and the text in its pages or its files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.chip import Chip, ChipGone, read_chip
from tests.hardware.chips import (
    NOT_FOUND,
    PROCESSOR_ATR,
    STORAGE_ATR,
    UID,
    Connection,
    Files,
    Pages,
    block,
    record,
    text_message,
)

TICKET = "GU1:" + "W8H%50KL30 $*+-./:" * 6


@pytest.mark.parametrize("per_read", [16, 4])
@pytest.mark.parametrize("text", ["A", TICKET, "B" * 800])
def test_the_text_in_pages_is_read_with_readers_that_give_much_or_little(
    text: str, per_read: int
) -> None:
    tag = Pages(block(text_message(text)), per_read=per_read)
    assert read_chip(Connection(tag), tag.atr) == Chip(UID, text)


def test_no_more_pages_are_read_than_the_message_needs() -> None:
    tag = Pages(block(text_message("A" * 30)))
    read_chip(Connection(tag), tag.atr)
    assert len(tag.commands) <= 5


@pytest.mark.parametrize("per_read", [59, 16, 255])
@pytest.mark.parametrize("pieces", [False, True])
def test_the_text_in_a_file_is_read_in_parts_of_the_size_the_chip_allows(
    per_read: int, pieces: bool
) -> None:
    tag = Files(text_message(TICKET * 4), per_read, pieces=pieces)
    assert read_chip(Connection(tag), tag.atr) == Chip(UID, TICKET * 4)


def test_a_uri_is_read_too() -> None:
    tag = Files(record(b"U", b"\x04tickets.example/7"))
    assert read_chip(Connection(tag), tag.atr).text == "https://tickets.example/7"


def test_a_wristband_with_nothing_written_on_it_is_its_uid() -> None:
    never_written = Pages(b"")
    never_written.pages = bytes(64)
    for tag in (never_written, Pages(b"\xfe"), Pages(block(b"")), Pages(b"\0" * 888)):
        assert read_chip(Connection(tag), tag.atr) == Chip(UID, None)
    other = Files(b"x")
    other.knows_ndef = False
    assert read_chip(Connection(other), other.atr) == Chip(UID, None)


def test_a_memory_that_is_locked_or_of_another_version_is_not_read() -> None:
    for capabilities in ("E1106F F0", "E1206F00", "E2106F00"):
        tag = Pages(block(text_message("A")))
        tag.pages = bytes(12) + bytes.fromhex(capabilities) + tag.pages[16:]
        assert read_chip(Connection(tag), tag.atr) == Chip(UID, None)
    locked = Files(text_message("A"))
    locked.files[0xE103] = locked.files[0xE103][:13] + b"\xff\xff"
    assert read_chip(Connection(locked), locked.atr) == Chip(UID, None)


def test_a_message_longer_than_its_file_or_a_file_that_is_missing_is_no_text() -> None:
    lying = Files(text_message("A"))
    for size in (b"\x00\xc8", b"\x7f\xff"):
        lying.files[0xE104] = size + lying.files[0xE104][2:]
        assert read_chip(Connection(lying), lying.atr) == Chip(UID, None)
    missing = Files(text_message("A"))
    del missing.files[0xE104]
    assert read_chip(Connection(missing), missing.atr) == Chip(UID, None)


def test_a_chip_that_stops_in_the_middle_is_gone_and_its_uid_is_kept() -> None:
    short = Pages(block(text_message("B" * 200)))
    short.pages = short.pages[:64]
    with pytest.raises(ChipGone) as gone:
        read_chip(Connection(short), short.atr)
    assert gone.value.uid == UID
    file = Files(text_message("B" * 200))
    file.files[0xE104] = file.files[0xE104][:100]
    with pytest.raises(ChipGone):
        read_chip(Connection(file), file.atr)


class _Echo:
    """A chip that answers whatever it was given, for ever."""

    def __init__(self, atr: bytes, answers: list[bytes]) -> None:
        self.atr = atr
        self._answers = answers
        self.asked = 0

    def answer(self, command: bytes) -> bytes:
        self.asked += 1
        return self._answers[self.asked % len(self._answers)]


_ANSWERS = st.lists(
    st.builds(
        lambda data, status: data + status,
        st.binary(max_size=40),
        st.sampled_from([b"\x90\x00", b"\x61\x05", b"\x6c\x00", NOT_FOUND]),
    ),
    min_size=1,
    max_size=5,
)


@given(_ANSWERS, st.sampled_from([STORAGE_ATR, PROCESSOR_ATR]))
def test_a_hostile_chip_gives_a_value_or_is_gone_after_few_commands(
    answers: list[bytes], atr: bytes
) -> None:
    tag = _Echo(atr, answers)
    try:
        chip = read_chip(Connection(tag), atr)
    except ChipGone as gone:
        chip = Chip(gone.uid, None)
    assert chip.uid is None or len(chip.uid) in {4, 7, 8, 10}
    assert tag.asked < 10_000
