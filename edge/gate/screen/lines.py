"""The first line of the gate's screen: where it stands, who is inside, how fast it goes."""

from typing import Any

from edge.gate.screen.words import word


def head_halves(name: str, counters: dict[str, Any], language: str) -> tuple[str, str]:
    """Return the left and right half of the first line."""
    inside = f"{counters['inside']:,}"
    if counters["capacity"] is not None:
        inside += f" / {counters['capacity']:,}"
    right = (
        f"{word('inside', language)} {inside} · {word('here', language)}"
        f" {counters['admitted_here']:,} · {counters['last_minute']}{word('per_minute', language)}"
    )
    staff = f" · {counters['staff']}" if counters["staff"] else ""
    return f"{name.upper()}{staff}", right
