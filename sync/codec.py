"""The one strict codec: values to deterministic CBOR and back, and the doorway to cbor2.

Accepted on decoding (RFC 8949, section 4.2): one item, shortest integers, definite lengths, maps
with non-negative integer keys in ascending order and none twice, arrays, byte strings, text, true,
false, null; depth at most 16. Refused: tags, floats, other simple values, trailing bytes. So there
is exactly one spelling of every value, and a signature over bytes is a signature over the value.

Theory. Every item has one shortest spelling, and any other (a longer head, bytes left over) is
longer. What was decoded is in its shortest spelling if and only if the bytes that came in are as
many as the shortest spellings of all its items together; that is counted, not spelled again.
"""

from collections.abc import Mapping
from typing import Any, Final, Never

import cbor2

from sync.limits import CBOR_DEPTH_LEVELS_MAX, U64_MAX

_KNOWN_TAGS: Final = (
    *range(6), 24, 25, 28, 29, 30, 35, 36, 37, 52, 54, 100, 256, 258, 260, 261, 1004, 43000, 55799,
)  # fmt: skip


class Malformed(ValueError):
    """Bytes that are not the one strict spelling of a value; the message says in which way."""


def _no_tag(*_: object) -> Never:
    message = "tags are not part of any Guichet format"
    raise Malformed(message)


_LEAST: Final = -U64_MAX - 1
_TOO_WIDE: Final = "an integer is wider than 64 bits"
_SMALL: Final = 24
"""Numbers below this one are spelled in the byte that announces them (RFC 8949, section 3)."""
_LEAVES: Final = frozenset({bytes, str, bool, type(None)})
_DECODERS: Final = dict.fromkeys(_KNOWN_TAGS, _no_tag)


def encode(value: Any) -> bytes:
    """Return the deterministic encoding of a value made of int, bytes, str, bool, None, list, dict.

    `Malformed` for a value outside the format (floats, huge integers, other keys).
    """
    in_order = _check(value)
    return cbor2.dumps(value, canonical=not in_order)


def decode(content: bytes, bytes_max: int) -> Any:
    """Return the value that the bytes spell; arrays come as tuples, maps as dicts.

    Raises `Malformed` for anything but the one strict spelling, or for more than `bytes_max` bytes.
    """
    if len(content) > bytes_max:
        message = f"{len(content)} bytes are more than the {bytes_max} allowed"
        raise Malformed(message)
    try:
        value = cbor2.loads(
            content,
            max_depth=CBOR_DEPTH_LEVELS_MAX,
            allow_indefinite=False,
            allow_duplicate_keys=False,
            tag_hook=_no_tag,
            semantic_decoders=_DECODERS,
            immutable=True,
        )
    except (cbor2.CBORDecodeError, Malformed, RecursionError, UnicodeError) as trouble:
        message = "not CBOR in Guichet's strict form"
        raise Malformed(message) from trouble
    if _shortest(value) != len(content):
        message = "not the shortest, ordered spelling, or bytes are left over"
        raise Malformed(message)
    return value


def _check(value: Any) -> bool:
    """Refuse every type that the format does not have, before it is encoded.

    Tells whether every map has its keys in ascending order already, so that none need be sorted.
    """
    kind = type(value)
    if kind is int:
        if not _LEAST <= value <= U64_MAX:
            raise Malformed(_TOO_WIDE)
        return True
    if kind in _LEAVES:
        return True
    in_order = True
    if kind is tuple or kind is list:
        for item in value:
            if type(item) is int:
                if not _LEAST <= item <= U64_MAX:
                    raise Malformed(_TOO_WIDE)
            elif type(item) not in _LEAVES:
                in_order &= _check(item)
    elif kind is dict or kind is cbor2.frozendict:
        last = -1
        for key, item in value.items():
            if type(key) is not int or key < 0:
                message = "map keys are whole numbers from 0"
                raise Malformed(message)
            in_order &= last < key
            last = key
            if type(item) is int:
                if not _LEAST <= item <= U64_MAX:
                    raise Malformed(_TOO_WIDE)
            elif type(item) not in _LEAVES:
                in_order &= _check(item)
    else:
        message = f"{kind.__name__} is not part of the format"
        raise Malformed(message)
    return in_order


def _shortest(value: Any) -> int:
    """Return how many bytes the shortest spelling of what was decoded has.

    `Malformed` for a type that the format does not have, and for map keys out of order. Integers
    have at most 64 bits here, for wider ones are tags.
    """
    kind = type(value)
    if kind is int:
        number = value if value >= 0 else ~value
        return 1 if number < _SMALL else _head(number)
    if kind is bytes:
        return _head(len(value)) + len(value)
    if kind is tuple:
        return _head(len(value)) + sum([_shortest(item) for item in value])
    if value is None or kind is bool:
        return 1
    if kind is str:
        count = len(value) if value.isascii() else len(value.encode())
        return _head(count) + count
    if kind is cbor2.frozendict:
        return _shortest_map(value)
    message = f"{kind.__name__} is not part of the format"
    raise Malformed(message)


def _shortest_map(value: Mapping[Any, Any]) -> int:
    count, last = _head(len(value)), -1
    for key, item in value.items():
        if type(key) is not int or key <= last:
            message = "map keys are whole numbers from 0, in ascending order"
            raise Malformed(message)
        last = key
        count += (1 if key < _SMALL else _head(key)) + _shortest(item)
    return count


def _head(number: int) -> int:
    """Return how many bytes announce a number, or so many bytes or items."""
    if number < _SMALL:
        return 1
    if number < 1 << 8:
        return 2
    if number < 1 << 16:
        return 3
    return 5 if number < 1 << 32 else 9
