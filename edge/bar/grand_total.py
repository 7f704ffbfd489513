"""What a till has sold in all its shifts together: a sum that only a store that is lost forgets.

After each closed shift the sum stands in the store under the shift's number. It is a memory, not a
truth: where it is missing (the power went out at that moment, or the store was lost and came back)
it is made again from the journal, as far back as the newest sum that is known.
"""

from collections.abc import Callable, Iterable
from typing import Final

from edge.store.store import Store

_NAME: Final = "goods sold up to shift "

Closed = Callable[[], Iterable[tuple[int, int]]]
"""Walks over (number, gross in minor units) of closed shifts, the newest first."""


class GrandTotal:
    """Σ gross goods of one till's closed shifts, in minor units; in the lane only."""

    def __init__(self, store: Store) -> None:
        """Keep the sums in this store."""
        self._store = store

    def before(self, shift: int, closed: Closed) -> int:
        """Return what was sold in all shifts before this one."""
        if shift <= 1:
            return 0
        known = self._known(shift - 1)
        if known is not None:
            return known
        return self._made_again(shift - 1, closed)

    def keep(self, shift: int, total: int) -> None:
        """Remember what was sold up to the end of a shift, in a transaction of its own."""
        with self._store.transaction():
            self._store.set_meta(f"{_NAME}{shift}", total)

    def _known(self, shift: int) -> int | None:
        value = self._store.meta(f"{_NAME}{shift}")
        return None if value is None else int(value)

    def _made_again(self, shift: int, closed: Closed) -> int:
        """Add up the shifts from the newest known sum to this one, and remember each sum."""
        missing: list[tuple[int, int]] = []
        total = 0
        for number, gross in closed():
            if number > shift:
                continue
            known = self._known(number)
            if known is not None:
                total = known
                break
            missing.append((number, gross))
        sums: dict[int, int] = {}
        for number, gross in reversed(missing):
            total += gross
            sums[number] = total
        sums[shift] = total
        with self._store.transaction():
            for number, so_far in sums.items():
                self._store.set_meta(f"{_NAME}{number}", so_far)
        return total
