"""The one strict codec: values to deterministic CBOR and back, and the doorway to cbor2.

Accepted on decoding (RFC 8949, section 4.2): one item, shortest integers, definite lengths, maps
with non-negative integer keys in ascending order and none twice, arrays, byte strings, text, true,
false, null; depth at most 16. Refused: tags, floats, other simple values, trailing bytes. The check
is that encoding the decoded value again gives the very bytes that came in, so there is exactly one
spelling of every value and a signature over bytes is a signature over the value.
"""

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
    in_order = _check(value)
    if not in_order or cbor2.dumps(value) != content:
        message = "not the shortest, ordered spelling, or bytes are left over"
        raise Malformed(message)
    return value


def _check(value: Any) -> bool:
    """Refuse every type that the format does not have (after decoding, the depth is bounded).

    Tells whether every map has its keys in ascending order already, so that none need be sorted.
    """
    kind = type(value)
    if kind is int:
        if not -U64_MAX - 1 <= value <= U64_MAX:
            message = "an integer is wider than 64 bits"
            raise Malformed(message)
        return True
    if kind in _LEAVES:
        return True
    in_order = True
    if kind is tuple or kind is list:
        for item in value:
            if type(item) not in _LEAVES:
                in_order &= _check(item)
    elif kind is dict or kind is cbor2.frozendict:
        last = -1
        for key, item in value.items():
            if type(key) is not int or key < 0:
                message = "map keys are whole numbers from 0"
                raise Malformed(message)
            in_order &= last < key
            last = key
            if type(item) not in _LEAVES:
                in_order &= _check(item)
    else:
        message = f"{kind.__name__} is not part of the format"
        raise Malformed(message)
    return in_order
