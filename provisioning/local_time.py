"""How far a festival's local time is ahead of UTC: gates and the office must count days alike."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_HOUR_MS: Final = 3_600_000


def offset_minutes(time_zone: str, time_ms: int) -> int:
    """Return how far a zone's time is ahead of UTC at a Unix time in ms; 0 for an unknown zone."""
    return _offset_in_hour(time_zone, time_ms // _HOUR_MS)


@lru_cache(maxsize=256)
def _offset_in_hour(time_zone: str, hour: int) -> int:
    """Look an offset up once an hour: zones change theirs on the hour, in some places the half."""
    try:
        zone = ZoneInfo(time_zone)
        offset = datetime.fromtimestamp(hour * _HOUR_MS // 1000, UTC).astimezone(zone).utcoffset()
    except (ZoneInfoNotFoundError, ValueError, OverflowError):
        return 0
    return 0 if offset is None else int(offset.total_seconds()) // 60
