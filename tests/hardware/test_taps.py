"""A wristband says how often it was read, wherever chip and reader can tell it without harm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.chip import Chip, ChipGone, read_chip
from hardware.nfc import NfcReader
from hardware.ports import Heard
from hardware.taps import counted, counter_in, shown
from tests.hardware.chips import UID, Connection, Ntag, Service, block, record, text_message
from tests.hardware.waiting import until

CODE = "GU1:W8H%50KL30 $*+-./:"
COUNT_RECORD = b"guichet.example:n"


def _wristband(text: str = CODE) -> tuple[bytes, int]:
    """A data area with a code and, in a second record, room for the count; and where that is."""
    payload = b"\x02en" + text.encode()
    message = record(b"T", payload, 0x91) + record(COUNT_RECORD, b"000000", 0x54)
    area = block(message)
    return area, area.index(b"000000")


@pytest.mark.parametrize("kind", [213, 215, 216])
@pytest.mark.parametrize("per_read", [16, 4])
def test_the_count_in_a_record_of_its_own_is_read_beside_the_code(kind: int, per_read: int) -> None:
    area, at = _wristband()
    tag = Ntag(area, kind, mirror=at, per_read=per_read)
    for taps in (1, 2, 3):
        tag.power_up()
        assert read_chip(Connection(tag), tag.atr) == Chip(UID, CODE, taps)


def test_a_count_after_the_uid_and_one_far_behind_the_message_are_read() -> None:
    area, _ = _wristband()
    both = Ntag(area, mirror=100, with_uid=True)
    both.count = 0xABCDE
    assert read_chip(Connection(both), both.atr) == Chip(UID, CODE, 0xABCDF)
    far = Ntag(area, 216, mirror=861)
    assert read_chip(Connection(far), far.atr) == Chip(UID, CODE, 1)


def test_a_count_within_the_text_is_no_part_of_what_was_written() -> None:
    area = block(record(b"U", b"\x04tickets.example/?m=" + b"0" * 14 + b"x000000"))
    tag = Ntag(area, mirror=area.index(b"0" * 14), with_uid=True)
    first = read_chip(Connection(tag), tag.atr)
    tag.power_up()
    second = read_chip(Connection(tag), tag.atr)
    written = f"https://tickets.example/?m={UID.hex().upper()}x000000"
    assert (first, second) == (Chip(UID, written, 1), Chip(UID, written, 2))


def test_a_count_that_is_not_shown_is_asked_through_a_reader_that_hands_it_on() -> None:
    tag = Ntag(block(text_message(CODE)), through=True)
    tag.count = 0x00FE_FF
    whole = read_chip(Connection(tag), tag.atr, passes_through=True)
    assert whole == Chip(UID, CODE, 0xFF00)
    tag.power_up()
    assert read_chip(Connection(tag), tag.atr) == Chip(UID, CODE)
    assert sum(command[:2] == b"\xff\x00" for command in tag.commands) == 1


@pytest.mark.parametrize("access", [0x00, 0x18, 0x08, 0x30])
def test_a_chip_that_would_refuse_is_not_asked_and_stays_awake(access: int) -> None:
    area, at = _wristband()
    for mirror in (None, at):
        tag = Ntag(area, mirror=mirror, access=access, through=True)
        assert read_chip(Connection(tag), tag.atr, passes_through=True) == Chip(UID, CODE)
        assert not tag.sleeps


def test_a_chip_that_goes_while_its_count_is_read_has_said_the_rest() -> None:
    area, at = _wristband()

    class Going(Ntag):
        def answer(self, command: bytes) -> bytes:
            if command[3:4] == b"\x29":
                raise ChipGone
            return super().answer(command)

    tag = Going(area, mirror=at)
    chip = read_chip(Connection(tag), tag.atr)
    assert chip.text == CODE
    assert chip.taps is None


def test_a_wristband_without_a_code_still_counts() -> None:
    tag = Ntag(b"\xfe", mirror=40)
    assert read_chip(Connection(tag), tag.atr) == Chip(UID, None, 1)


def test_digits_and_bytes_that_are_no_count_are_none() -> None:
    assert (shown(b"00FF10"), shown(b"00ff10"), shown(b"+00001"), shown(b"12345")) == (
        0xFF10,
        None,
        None,
        None,
    )
    assert (counted(b"\x01\x02\x03"), counted(b""), counted(b"\x01\x02")) == (0x030201, None, None)


@given(st.binary(max_size=12))
def test_any_settings_are_read_without_an_error(settings: bytes) -> None:
    counter = counter_in(settings)
    assert counter is None or counter.shown_at is None or counter.shown_at >= 0


@given(st.binary(min_size=16, max_size=16), st.binary(max_size=144))
def test_any_settings_and_memory_give_a_value_or_a_chip_that_is_gone(
    settings: bytes, area: bytes
) -> None:
    tag = Ntag(area, through=True)
    tag.pages = tag.pages[:-16] + settings
    try:
        chip = read_chip(Connection(tag), tag.atr, passes_through=True)
    except ChipGone:
        return
    assert chip.taps is None or 0 <= chip.taps < 1 << 24
    assert len(tag.commands) < 64


@pytest.mark.parametrize("name,taps", [("ACS ACR122U PICC Interface 00 00", 1), ("Other", None)])
def test_a_reader_hears_the_count_with_the_code(name: str, taps: int | None) -> None:
    service = Service((name,))
    heard: list[Heard] = []
    reader = NfcReader(0, service)
    reader.start(heard.append)
    service.lay(Ntag(block(text_message(CODE)), through=taps is not None))
    assert until(lambda: heard == [Heard(CODE, UID, name, taps)])
    reader.close()
