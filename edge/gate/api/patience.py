"""How much one key may ask, and how long somebody with wrong keys must wait.

Both tables are bounded. Times are of the box's steady clock, in milliseconds. A right key is never
made to wait for the wrong ones of others at its address: 256 bits need no such protection, and one
misconfigured kiosk would stop all others behind the same router.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from edge.limits import (
    API_BURST_REQUESTS_MAX,
    API_KEYS_MAX,
    API_REQUESTS_PER_S,
    API_WRONG_KEY_ADDRESSES_MAX,
    API_WRONG_KEY_FORGOTTEN_MS,
    API_WRONG_KEY_WAIT_S_MAX,
    API_WRONG_KEYS_FREE_MAX,
)

_DOUBLINGS_MAX: Final = 20
_S: Final = 1_000


@dataclass(slots=True)
class _Bucket:
    """What a key may still ask, in thousandths of a request, and when that was so."""

    left: int
    at_ms: int


class Allowance:
    """A bucket for each key: so many requests a second, and a burst of some more."""

    def __init__(self) -> None:
        """Begin with full buckets."""
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, key: str, now_ms: int, cost: int = 1) -> int:
        """Take so many requests from a key's bucket; return 0, or the seconds to wait for them."""
        full = _S * API_BURST_REQUESTS_MAX
        bucket = self._buckets.setdefault(key, _Bucket(full, now_ms))
        self._buckets.move_to_end(key)
        if len(self._buckets) > API_KEYS_MAX:
            self._buckets.popitem(last=False)
        bucket.left = min(full, bucket.left + (now_ms - bucket.at_ms) * API_REQUESTS_PER_S)
        bucket.at_ms = now_ms
        missing = cost * _S - bucket.left
        if missing > 0:
            return -(-missing // (API_REQUESTS_PER_S * _S))
        bucket.left -= cost * _S
        return 0


@dataclass(slots=True)
class _Stranger:
    """How often an address has failed, when last, and until when it must wait."""

    failures: int = 0
    last_ms: int = 0
    until_ms: int = 0


class Strangers:
    """Who has shown wrong keys, by address: some are free, then each doubles the wait."""

    def __init__(self) -> None:
        """Begin with no suspicion."""
        self._known: OrderedDict[str, _Stranger] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def failed(self, address: str, now_ms: int) -> int:
        """Note a wrong key; return 0, or the seconds that this address must still wait.

        While it waits nothing is counted, so that it does not wait for ever.
        """
        one = self._known.get(address)
        if one is None or now_ms - one.last_ms > API_WRONG_KEY_FORGOTTEN_MS:
            one = self._known[address] = _Stranger()
        self._known.move_to_end(address)
        if len(self._known) > API_WRONG_KEY_ADDRESSES_MAX:
            self._known.popitem(last=False)
        if now_ms < one.until_ms:
            return -(-(one.until_ms - now_ms) // _S)
        one.failures += 1
        one.last_ms = now_ms
        over = one.failures - API_WRONG_KEYS_FREE_MAX
        if over >= 0:
            wait_s = min(1 << min(over, _DOUBLINGS_MAX), API_WRONG_KEY_WAIT_S_MAX)
            one.until_ms = now_ms + _S * wait_s
        return 0
