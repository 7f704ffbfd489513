"""Who is silent is looked up once for a moment, and anew whenever that moment cannot be told."""

import pytest

from cloud.cashless.silence import Silence
from cloud.limits import SILENT_TILLS_KNOWN_MS
from sync.cells import MemoryCells

pytestmark = pytest.mark.one_engine  # nothing here asks a database

NOW = 1_795_000_000_000


def test_what_was_found_serves_for_a_moment_and_not_when_the_clock_went_back() -> None:
    silence, cells = Silence(), MemoryCells()
    asked: list[int] = []

    def at(now_ms: int, *, is_fresh: bool = False) -> int:
        def level_ms() -> dict[bytes, int]:
            asked.append(now_ms)
            return {}

        silence.tills(cells, level_ms, now_ms, is_fresh=is_fresh)
        return len(asked)

    assert at(NOW) == at(NOW + SILENT_TILLS_KNOWN_MS - 1) == 1
    assert at(NOW + SILENT_TILLS_KNOWN_MS) == 2
    assert at(NOW) == 3
    assert at(NOW, is_fresh=True) == 4
