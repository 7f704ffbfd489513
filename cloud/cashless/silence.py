"""Which tills may hold sales that the office has not heard, looked up once for many payments.

To walk over two thousand tills takes longer than everything else that a payment needs. So what was
found serves for half a second, as if what came meanwhile had been a moment longer on its way. Who
would be refused by it is judged anew by what is known now.
"""

from collections.abc import Callable, Mapping

from cloud.limits import SILENT_TILLS_KNOWN_MS
from sync.cells import Cells
from sync.loans import silent_tills


class Silence:
    """The silent tills of one festival, as one process knows them."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._found: set[bytes] = set()
        self._at_ms: int | None = None

    def tills(
        self,
        cells: Cells,
        level_ms: Callable[[], Mapping[bytes, int]],
        now_ms: int,
        *,
        is_fresh: bool,
    ) -> set[bytes]:
        """Return the silent tills of half a second ago at most, or of now if it `is_fresh`.

        `level_ms` reads when each was last heard with nothing held back (Unix ms, like `now_ms`).
        """
        at_ms = self._at_ms
        if is_fresh or at_ms is None or not 0 <= now_ms - at_ms < SILENT_TILLS_KNOWN_MS:
            self._found = silent_tills(cells, level_ms(), now_ms)
            self._at_ms = now_ms
        return self._found
