"""Where every draw of a simulated world comes from: the seed, and nothing else.

Each concern draws from a stream of its own, so that one more draw in one place does not change
what happens in all others. The product's own doorway to chance is led to a stream as well.
"""

import math
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TypeVar
from unittest import mock

import edge.terminal
import provisioning.chance

T = TypeVar("T")


class Chance(random.Random):
    """One stream of draws; the same seed and name always give the same."""

    def __init__(self, seed: int, name: str) -> None:
        super().__init__(f"{seed} {name}")

    def is_one_in(self, count: int) -> bool:
        """Tell whether something happens that happens once in so many times."""
        return self.randrange(count) == 0

    def spread_ms(self, low_ms: int, high_ms: int) -> int:
        """Return a duration between two: short ones as likely as long ones, by their size."""
        return int(math.exp(self.uniform(math.log(low_ms), math.log(high_ms))))

    def some(self, what: Sequence[T], least: int, most: int) -> list[T]:
        """Return some of these, in the order in which they stand."""
        count = min(len(what), self.randint(least, most))
        return [what[at] for at in sorted(self.sample(range(len(what)), count))]


@contextmanager
def product_draws_from(chance: Chance) -> Iterator[None]:
    """Let the product draw its keys, ids and nonces from the seed."""
    drawn = SimpleNamespace(token_bytes=chance.randbytes, randbelow=chance.randrange)
    with (
        mock.patch.object(provisioning.chance, "secrets", drawn),
        mock.patch.object(edge.terminal, "boot_id", return_value="simulated"),
    ):
        yield
