"""Which fact knew of which: the graph along `after`, as one whole number for each fact.

Bit n of a fact's number stands for the n-th fact, known here or only named. So what a fact knew of,
through any number of others, is one operation on numbers, however long a ticket's history is.
"""

from collections.abc import Iterator, Mapping


class Causes:
    """The graph of some facts: id → the ids that it names as known."""

    def __init__(self, after: Mapping[bytes, tuple[bytes, ...]]) -> None:
        """Read the graph; what is named and is not among the facts is missing."""
        self._bit = {fact: at for at, fact in enumerate(after)}
        for named in after.values():
            for fact in named:
                self._bit.setdefault(fact, len(self._bit))
        self._facts = list(self._bit)
        self._missing = (1 << len(self._facts)) - (1 << len(after))
        self._past: dict[bytes, int] = {}
        for fact in after:
            self._reach(fact, after)

    def _reach(self, fact: bytes, after: Mapping[bytes, tuple[bytes, ...]]) -> None:
        todo = [fact]
        while todo:
            named = after.get(todo[-1], ())
            unknown = [one for one in named if one not in self._past]
            if unknown:
                todo += unknown
                continue
            past = 0
            for one in named:
                past |= self._past[one] | 1 << self._bit[one]
            self._past[todo.pop()] = past

    def past(self, fact: bytes) -> int:
        """Return everything that a fact knew of, directly or through others."""
        return self._past[fact]

    def depth(self, fact: bytes) -> int:
        """Return how many facts a fact knew of: more than any of those did."""
        return self._past[fact].bit_count()

    def knew(self, fact: bytes, other: bytes) -> bool:
        """Tell whether a fact knew of another one."""
        return bool(self._past[fact] >> self._bit[other] & 1)

    def is_whole(self, fact: bytes) -> bool:
        """Tell whether everything that a fact knew of is here."""
        return not self._past[fact] & self._missing

    def mark(self, fact: bytes) -> int:
        """Return the number in which this fact alone is set."""
        return 1 << self._bit[fact]

    def facts(self, number: int) -> Iterator[bytes]:
        """Walk over the facts that are set in a number."""
        while number:
            lowest = number & -number
            yield self._facts[lowest.bit_length() - 1]
            number ^= lowest
