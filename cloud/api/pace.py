"""How many requests somebody may send: a bucket each, which fills again as time goes by."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from cloud.api.problems import Problem
from cloud.limits import (
    PACES_KEPT_MAX,
    REQUESTS_AT_ONCE_OF_ADDRESS_MAX,
    REQUESTS_AT_ONCE_OF_PRINCIPAL_MAX,
    REQUESTS_PER_S_OF_ADDRESS_MAX,
    REQUESTS_PER_S_OF_PRINCIPAL_MAX,
)

_MS: Final = 1_000
_LIMITS: Final = {
    "address": (REQUESTS_PER_S_OF_ADDRESS_MAX, REQUESTS_AT_ONCE_OF_ADDRESS_MAX),
    "principal": (REQUESTS_PER_S_OF_PRINCIPAL_MAX, REQUESTS_AT_ONCE_OF_PRINCIPAL_MAX),
}


class Pace:
    """The buckets of this process; whoever was quiet longest is forgotten first, and is full."""

    def __init__(self, monotonic_ms: Callable[[], int]) -> None:
        """`monotonic_ms` only ever grows."""
        self._monotonic_ms = monotonic_ms
        self._buckets: OrderedDict[tuple[str, str], tuple[int, int]] = OrderedDict()

    def admit(self, who: tuple[str, str]) -> None:
        """Count a request of ("address" or "principal", its name); a `Problem` (429) if too many.

        A bucket is kept in thousandths of a request, so that it fills a little each millisecond.
        """
        per_s, at_once = _LIMITS[who[0]]
        now_ms = self._monotonic_ms()
        left, then_ms = self._buckets.pop(who, (at_once * _MS, now_ms))
        left = min(at_once * _MS, left + (now_ms - then_ms) * per_s)
        is_admitted = left >= _MS
        self._buckets[who] = (left - _MS if is_admitted else left, now_ms)
        if len(self._buckets) > PACES_KEPT_MAX:
            self._buckets.popitem(last=False)
        if not is_admitted:
            wait_s = max(1, (_MS - left) // (per_s * _MS) + 1)
            title = f"Too many requests: at most {per_s} a second."
            raise Problem(429, title, "too_many", headers={"Retry-After": str(wait_s)})
