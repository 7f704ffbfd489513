"""The one strict codec: each value has one spelling, and everything else is refused."""

from collections.abc import Callable

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.codec import Malformed, decode, encode
from sync.limits import CBOR_DEPTH_LEVELS_MAX, U64_MAX

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-U64_MAX - 1, U64_MAX)
    | st.binary(max_size=40)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=5).map(tuple)
        | st.dictionaries(st.integers(0, U64_MAX), inner, max_size=5)
    ),
    max_leaves=15,
)

FORBIDDEN = {
    "nothing at all": "",
    "trailing bytes": "0000",
    "an int in two bytes that fits one": "1817",
    "an int in three bytes that fits two": "1900ff",
    "an int in five bytes that fits three": "1a0000ffff",
    "an int in nine bytes that fits five": "1b00000000ffffffff",
    "a negative int that is not the shortest": "3817",
    "a byte string whose length is not the shortest": "580100",
    "a text whose length is not the shortest": "780161",
    "an array whose length is not the shortest": "980100",
    "a map whose length is not the shortest": "b8010000",
    "duplicate keys": "a200000001",
    "keys out of order": "a201000000",
    "a tag": "c000",
    "a tag of a big number": "c24105",
    "a tag of a date": "c11a514b67b0",
    "a tag of a shared value": "d81c80",
    "a reference to a shared value": "d81d00",
    "a tag of a set": "d9010280",
    "an unknown tag": "d9ffff00",
    "the tag of CBOR itself": "d9d9f700",
    "a half float": "f90000",
    "a float": "fa47c35000",
    "a double": "fb3ff199999999999a",
    "not a number": "f97e00",
    "undefined": "f7",
    "another simple value": "e0",
    "a simple value in two bytes": "f8ff",
    "an indefinite byte string": "5f4100ff",
    "an indefinite text": "7f6161ff",
    "an indefinite array": "9f00ff",
    "an indefinite map": "bf0000ff",
    "a break on its own": "ff",
    "a negative key": "a12000",
    "a text key": "a1616100",
    "a byte key": "a1416100",
    "a yes-or-no key": "a1f500",
    "an array as a key": "a18000",
    "bad UTF-8": "61ff",
    "a lone surrogate": "63eda080",
    "reserved lengths": "1c",
    "a string that is cut": "4401",
    "an array that is cut": "8200",
    "an array longer than any memory": "9bffffffffffffffff",
    "a string longer than any memory": "5bffffffffffffffff",
    "a map longer than any memory": "bbffffffffffffffff",
}


@settings(max_examples=60, derandomize=True, deadline=None)
@given(values)
def test_what_is_encoded_comes_back_the_same(value: object) -> None:
    assert decode(encode(value), 1 << 16) == value


@settings(max_examples=60, derandomize=True, deadline=None)
@given(values)
def test_a_value_has_one_spelling_only(value: object) -> None:
    content = encode(value)
    assert encode(decode(content, 1 << 16)) == content
    for tail in (b"\0", content):
        with pytest.raises(Malformed):
            decode(content + tail, 1 << 16)
    for end in range(len(content)):
        with pytest.raises(Malformed):
            decode(content[:end], 1 << 16)


@pytest.mark.parametrize("spelling", FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_no_other_spelling_is_read(spelling: str) -> None:
    with pytest.raises(Malformed):
        decode(bytes.fromhex(spelling), 100)
    for wrapped in ("81" + spelling, "a100" + spelling):
        with pytest.raises(Malformed):
            decode(bytes.fromhex(wrapped), 100)


def test_only_so_deep_and_no_deeper() -> None:
    for level in (b"\x81", b"\xa1\x00"):
        assert decode(level * CBOR_DEPTH_LEVELS_MAX + b"\0", 100)
        for levels in (CBOR_DEPTH_LEVELS_MAX + 1, 1_000, 100_000):
            with pytest.raises(Malformed):
                decode(level * levels + b"\0", 300_000)


def test_more_bytes_than_allowed_are_not_even_looked_at() -> None:
    assert decode(encode(b"1234"), 5) == b"1234"
    with pytest.raises(Malformed, match="5 bytes are more"):
        decode(encode(b"1234"), 4)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.binary(max_size=80))
def test_random_bytes_are_read_or_refused_and_nothing_else_happens(content: bytes) -> None:
    try:
        value = decode(content, 80)
    except Malformed:
        return
    assert encode(value) == content


@settings(max_examples=60, derandomize=True, deadline=None)
@given(values, st.data())
def test_a_changed_byte_is_read_as_its_own_value_or_refused(
    value: object, data: st.DataObject
) -> None:
    content = bytearray(encode(value))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    try:
        other = decode(bytes(content), 1 << 16)
    except Malformed:
        return
    assert encode(other) == bytes(content)


def head(major: int, number: int, width: int) -> bytes:
    """Spell a head that is at least as wide as asked: 0, 1, 2, 4 or 8 bytes after the first."""
    least = next(w for w in (0, 1, 2, 4, 8) if number < (24 if w == 0 else 1 << 8 * w))
    wide = max(least, width)
    if wide == 0:
        return bytes([major << 5 | number])
    info = {1: 24, 2: 25, 4: 26, 8: 27}[wide]
    return bytes([major << 5 | info]) + number.to_bytes(wide, "big")


def spelled(value: object, width: Callable[[], int]) -> bytes:
    """Spell a value with heads as wide as is drawn, otherwise as the format has it."""
    if value is None or isinstance(value, bool):
        return {False: b"\xf4", True: b"\xf5", None: b"\xf6"}[value]
    if isinstance(value, int):
        return head(0, value, width()) if value >= 0 else head(1, ~value, width())
    if isinstance(value, bytes):
        return head(2, len(value), width()) + value
    if isinstance(value, str):
        return head(3, len(value.encode()), width()) + value.encode()
    if isinstance(value, dict):
        rows = [spelled(one, width) for key in sorted(value) for one in (key, value[key])]
        return head(5, len(value), width()) + b"".join(rows)
    assert isinstance(value, tuple)
    return head(4, len(value), width()) + b"".join(spelled(one, width) for one in value)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(values, st.data())
def test_a_value_is_read_if_and_only_if_every_head_is_the_shortest(
    value: object, data: st.DataObject
) -> None:
    widths = st.sampled_from((0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 8))
    content = spelled(value, lambda: data.draw(widths))
    is_shortest = content == spelled(value, lambda: 0)
    assert encode(value) == spelled(value, lambda: 0)
    if is_shortest:
        assert decode(content, 1 << 16) == value
    else:
        with pytest.raises(Malformed):
            decode(content, 1 << 16)


@pytest.mark.parametrize(
    "value",
    [1.5, {1.0: 2}, {"a": 1}, {-1: 1}, {b"a": 1}, {True: 1}, U64_MAX + 1, -U64_MAX - 2, {1, 2},
     cbor2.undefined, object(), bytearray(b"a")],
)  # fmt: skip
def test_what_the_format_does_not_have_is_not_written(value: object) -> None:
    with pytest.raises(Malformed):
        encode([value])
    with pytest.raises(Malformed):
        encode({1: value})


def test_the_ends_of_the_integers_are_written_in_nine_bytes() -> None:
    assert encode(U64_MAX).hex() == "1bffffffffffffffff"
    assert encode(-U64_MAX - 1).hex() == "3bffffffffffffffff"
    assert encode({2: 0, 1: 0, 24: 0, 300: 0}).hex() == "a401000200181800" + "19012c00"
