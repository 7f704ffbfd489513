"""The graph of what facts knew of each other, against plain sets."""

from hypothesis import given
from hypothesis import strategies as st

from sync.causes import Causes

IDS = [bytes([n]) * 32 for n in range(14)]
MISSING = [bytes([n]) * 32 for n in range(100, 103)]


@st.composite
def graphs(draw: st.DrawFn) -> dict[bytes, tuple[bytes, ...]]:
    """Draw facts that name earlier ones, or ones that are not here."""
    after = {}
    for at, fact in enumerate(IDS):
        known = [*IDS[:at], *MISSING]
        after[fact] = tuple(draw(st.lists(st.sampled_from(known), max_size=4, unique=True)))
    order = draw(st.permutations(IDS))
    return {fact: after[fact] for fact in order}


def plain_past(after: dict[bytes, tuple[bytes, ...]], fact: bytes) -> set[bytes]:
    """Return everything that a fact knew of, by walking."""
    past: set[bytes] = set()
    todo = list(after.get(fact, ()))
    while todo:
        one = todo.pop()
        if one not in past:
            past.add(one)
            todo += after.get(one, ())
    return past


@given(graphs())
def test_what_a_fact_knew_of_is_what_a_walk_along_the_names_finds(
    after: dict[bytes, tuple[bytes, ...]],
) -> None:
    causes = Causes(after)
    for fact in after:
        past = plain_past(after, fact)
        assert set(causes.facts(causes.past(fact))) == past
        assert causes.depth(fact) == len(past)
        assert causes.is_whole(fact) == (not past & set(MISSING))
        assert [other for other in after if causes.knew(fact, other)] == [
            other for other in after if other in past
        ]


def test_a_mark_names_one_fact() -> None:
    causes = Causes({IDS[0]: (), IDS[1]: (IDS[0],)})
    assert list(causes.facts(causes.mark(IDS[1]))) == [IDS[1]]
    assert list(causes.facts(0)) == []


def test_a_long_history_is_no_deep_recursion() -> None:
    chain = {n.to_bytes(32, "big"): ((n - 1).to_bytes(32, "big"),) for n in range(5_000, 0, -1)}
    causes = Causes(chain)
    assert causes.depth((5_000).to_bytes(32, "big")) == 5_000
