"""Draws any body that fits its shapes, however senseless: what a hostile, certified box may say."""

import re
from dataclasses import fields
from typing import Any

from hypothesis import strategies as st

from sync.body import BODIES, Body
from sync.catalogue import Setting
from sync.facts import CertificateIssued, RunOpened
from sync.limits import MONEY_MINOR_MAX
from sync.schema import Shape

IDS = [bytes([n]) * 16 for n in range(3)] + [bytes([21]) * 16, bytes([11]) * 16]
FACTS = [bytes([n]) * 32 for n in range(4)]
TEXTS = [
    "",
    "a",
    "é" * 20,
    "wallet:1",
    "wallet:x",
    "wallet:",
    "drawer::",
    "drawer:zz:1",
    "drawer:" + "15" * 16 + ":0",
    "imbalance",
    "{0}",
]
NUMBERS = [0, 1, 2, 3, 5]
WHOLE = re.compile(r"(-?\d+)…(\d+)\??")
RAW = re.compile(r"bytes (\d+)…(\d+)\??")


def whole(low: int, high: int) -> st.SearchStrategy[int]:
    """Draw from the ends and from few small numbers, so that facts meet."""
    some = [n for n in (*NUMBERS, low, high, low + 1, high - 1) if low <= n <= high]
    return st.sampled_from(sorted(set(some)))


AMOUNT = whole(-MONEY_MINOR_MAX, MONEY_MINOR_MAX)
U16, U32, U64 = whole(0, 65_535), whole(0, 2**32 - 1), whole(0, 2**64 - 1)
SMALL = st.sampled_from([-2, -1, 0, 1, 2])
LINE = st.tuples(
    U32,
    SMALL,
    st.sampled_from([-100, 0, 480, MONEY_MINOR_MAX // 2]),
    whole(0, 9_999),
    whole(0, 9),
    st.none() | U16,
)
PAYMENT = st.tuples(whole(1, 5), AMOUNT, st.none() | U64, st.none() | st.just("note"))
POSTING = st.tuples(st.sampled_from(TEXTS), st.sampled_from([0, 1]), AMOUNT)
STATUS = st.tuples(U64, whole(0, 5), U32, st.none() | U64)
ROWS: dict[str, st.SearchStrategy[Any]] = {
    "payments": st.lists(PAYMENT, max_size=3).map(tuple),
    "postings": st.lists(POSTING, max_size=3).map(tuple),
    "resource": st.tuples(whole(1, 5), U64),
    "settings": st.lists(
        st.tuples(st.sampled_from([*map(int, Setting), 0, 30]), AMOUNT), max_size=6
    ).map(tuple),
    "rows": st.lists(STATUS, max_size=3).map(tuple),
    "last": st.lists(st.tuples(st.sampled_from(IDS), U64), max_size=2).map(tuple),
    "windows": st.none() | st.just(((0, 1_440, 300),)),
    "quotas": st.none() | st.lists(st.tuples(whole(2, 3), U32, U16), max_size=3).map(tuple),
    "cash": st.none() | st.just(((500, 2),)),
    "after": st.lists(st.sampled_from(FACTS), max_size=3).map(tuple),
}


def field_of(body: type[Body], name: str, shape: Shape) -> st.SearchStrategy[Any]:
    """Draw a value for one field."""
    if name == "lines":
        items: st.SearchStrategy[Any] = LINE if "line" in shape.name else U16
        return st.lists(items, max_size=4).map(tuple)
    if name in ROWS:
        return ROWS[name]
    some = _plain(shape)
    return st.none() | some if shape.optional else some


def _plain(shape: Shape) -> st.SearchStrategy[Any]:
    if found := WHOLE.fullmatch(shape.name):
        return whole(int(found[1]), int(found[2]))
    if found := RAW.fullmatch(shape.name):
        pool = [one for one in (*IDS, *FACTS, b"12345678", b"x", bytes(48)) if _fits(shape, one)]
        return st.sampled_from(pool)
    if shape.name.startswith("text"):
        return st.sampled_from([one for one in TEXTS if _fits(shape, one)])
    if shape.name.startswith("yes"):
        return st.booleans()
    return st.lists(whole(0, 3), max_size=2).map(tuple)


def _fits(shape: Shape, value: Any) -> bool:
    try:
        shape.fits(value)
    except ValueError:
        return False
    return True


def bodies() -> st.SearchStrategy[Body]:
    """Draw a body of any kind but those that a journal opens or certifies with."""
    kinds = [one for one in BODIES.values() if one not in {RunOpened, CertificateIssued}]
    return st.sampled_from(kinds).flatmap(_body)


def _body(kind: type[Body]) -> st.SearchStrategy[Body]:
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]  # every body is one
    drawn = [field_of(kind, name, shape) for name, shape in zip(names, kind.SHAPES, strict=True)]
    return st.tuples(*drawn).map(lambda values: kind(*values))
