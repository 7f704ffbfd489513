"""How the box itself is, in one line; and times in words."""

from datetime import UTC, datetime
from typing import Any, Final

from edge.screen.words import word

_SECOND_MS: Final = 1_000
_MINUTE_MS: Final = 60 * _SECOND_MS
_HOUR_MS: Final = 60 * _MINUTE_MS
_DAY_MS: Final = 24 * _HOUR_MS
_YEAR_MS: Final = 365 * _DAY_MS
_GIB_MIB: Final = 1_024


def status(health: dict[str, Any], language: str, utc_offset_minutes: int) -> str:
    """Return the status line: line, neighbours, facts only here, age of data, clock, disk."""
    parts = [
        _line(health, language, utc_offset_minutes),
        word("neighbours", language, health["neighbours"]),
        word("only_here", language, health["only_here"]),
        word("data", language, span(health["data_age_ms"], language)),
        _clock(health, language),
        word("disk", language, _size(health["disk_free_mib"])),
    ]
    return " · ".join(parts)


def span(time_ms: int, language: str) -> str:
    """Return a span of time in its largest sensible unit, such as ``4 min``."""
    if time_ms >= _YEAR_MS:
        return word("never", language)
    for unit_ms, unit in ((_DAY_MS, "d"), (_HOUR_MS, "h"), (_MINUTE_MS, "min")):
        if time_ms >= unit_ms:
            name = "j" if unit == "d" and language == "fr" else unit
            return f"{time_ms // unit_ms} {name}"
    return f"{time_ms // _SECOND_MS} s"


def face(time_ms: int, utc_offset_minutes: int) -> str:
    """Return a local time of day such as ``14:02``."""
    minutes = (time_ms // _MINUTE_MS + utc_offset_minutes) % (24 * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def day_and_time(time_ms: int, utc_offset_minutes: int) -> str:
    """Return a local day and time such as ``2026-11-21 14:02``; "?" outside of any calendar."""
    try:
        local = datetime.fromtimestamp(time_ms // 1000 + 60 * utc_offset_minutes, UTC)
    except (ValueError, OverflowError, OSError):
        return "?"
    return f"{local:%Y-%m-%d %H:%M}"


def _line(health: dict[str, Any], language: str, utc_offset_minutes: int) -> str:
    if not health["alone"]:
        return word("connected", language)
    if not health["heard"] or health["alone_since_ms"] is None:
        return word("alone_never", language)
    return word("alone_since", language, face(health["alone_since_ms"], utc_offset_minutes))


def _clock(health: dict[str, Any], language: str) -> str:
    name = f"clock_{health['clock']}"
    return word(name, language, span(health["uncertainty_ms"], language))


def _size(mib: int) -> str:
    return f"{mib // _GIB_MIB} GB" if mib >= _GIB_MIB else f"{mib} MB"
