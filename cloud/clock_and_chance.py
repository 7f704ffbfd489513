"""The office's doorway to time and chance: nothing else here asks the system for either."""

import secrets
import time
from pathlib import Path
from typing import Final

from sync.clock import TRUSTED_CLOCK, Moment

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


def now_ms() -> int:
    """Return Unix time in milliseconds."""
    return time.time_ns() // 1_000_000


def now_s() -> int:
    """Return Unix time in whole seconds."""
    return now_ms() // 1_000


def monotonic_ms() -> int:
    """Return milliseconds that only ever grow while this machine runs."""
    return time.monotonic_ns() // 1_000_000


def moment() -> Moment:
    """Read the time once, for one decision; the office's clock is the one that boxes trust."""
    return Moment(now_ms(), TRUSTED_CLOCK)


def random_bytes(count: int) -> bytes:
    """Return so many bytes that nobody can foresee."""
    return secrets.token_bytes(count)


def boot_id() -> str:
    """Return what the kernel calls this boot, or an empty text where there is no such name."""
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return ""
