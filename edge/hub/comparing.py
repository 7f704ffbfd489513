"""Compares guests' claim codes beside the lane: each takes a tenth of a second and 32 MiB.

The lane never waits for one. A question whose claim is not compared yet is answered so, and the
till asks again in a moment; by then the result is here, and is used once.
"""

from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor

from edge.limits import CLAIMS_COMPARED_MAX
from sync.keys import digest, pin_fits
from sync.linking import Claimed


class Comparing:
    """One comparison at a time; in the lane but for the comparing itself."""

    def __init__(self) -> None:
        """Begin with nothing compared."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="comparing")
        self._asked: OrderedDict[tuple[int, bytes, bytes], Future[bool]] = OrderedDict()

    def compared(self, wallet: int, claim: str, proof: bytes) -> Claimed | None:
        """Return how a claim compared with a wallet's proof, None if that is not known yet."""
        key = (wallet, digest(claim.encode()), proof)
        future = self._asked.get(key)
        if future is not None and future.done():
            del self._asked[key]
            return Claimed(proof, future.result())
        is_busy = any(not one.done() for one in self._asked.values())
        if future is None and not is_busy:
            self._asked[key] = self._thread.submit(pin_fits, claim, proof)
            if len(self._asked) > CLAIMS_COMPARED_MAX:
                self._asked.popitem(last=False)
        return None

    def close(self) -> None:
        """Compare no more."""
        self._thread.shutdown(wait=True, cancel_futures=True)
