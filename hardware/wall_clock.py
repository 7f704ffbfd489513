"""The doorway to time: the only product file on a terminal that asks the system what time it is."""

import threading
import time
from pathlib import Path
from typing import Final

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
_SYNCHRONISED: Final = Path("/run/systemd/timesync/synchronized")


class SystemClock:
    """The clock of this machine; see `hardware.ports.WallClock`."""

    def now_ms(self) -> int:
        """Return Unix time in milliseconds, right or wrong."""
        return time.time_ns() // 1_000_000

    def monotonic_ms(self) -> int:
        """Return milliseconds that only ever grow while the box runs."""
        return time.monotonic_ns() // 1_000_000

    def pause(self, duration_ms: int) -> None:
        """Wait for some milliseconds (an event's wait also works under a shifted clock)."""
        threading.Event().wait(duration_ms / 1000)


def monotonic_us() -> int:
    """Return microseconds that only ever grow, for measuring a reading."""
    return time.perf_counter_ns() // 1_000


def boot_id() -> str:
    """Return what the kernel calls this boot, or an empty text where there is no such name."""
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return ""


def is_synchronised() -> bool:
    """Tell whether the system says that a time server set its clock since the boot."""
    return _SYNCHRONISED.exists()
