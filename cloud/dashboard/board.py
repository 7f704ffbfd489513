"""The live page's figures as HTML, made at most once a second whoever is looking.

A large festival's figures take longer to add up; they are then made less often, so that looking
never takes more than a tenth of the office's time.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import jinja2

from cloud.dashboard.queries import figures
from cloud.dashboard.words import (
    ago_words,
    amount_words,
    count_words,
    health_words,
    reason_words,
    word,
)
from cloud.desk import Desk
from cloud.limits import LIVE_EVERY_MS, LIVE_REST_TIMES, PAGE_REFRESH_S

TEMPLATES: Final = Path(__file__).with_name("templates")
SHAPES: Final = {
    "heard": "●", "late": "▲", "silent": "■", "never": "○", "copied": "◆", "revoked": "✕",
}  # fmt: skip


def words_for(language: str, currency: str) -> dict[str, Any]:
    """Return what templates call to spell words, counts, money and times in a language."""
    return {
        "lang": language,
        "t": partial(word, language=language),
        "count": partial(count_words, language=language),
        "amount": partial(amount_words, language=language),
        "currency": currency,
        "reason": partial(reason_words, language=language),
        "ago": partial(ago_words, language=language),
        "shapes": SHAPES,
        "refresh_s": PAGE_REFRESH_S,
    }


class Board:
    """Renders the figures; what was made a moment ago is shown again."""

    def __init__(self, desk: Desk, monotonic_ms: Callable[[], int]) -> None:
        """Look through the desk; `monotonic_ms` only ever grows."""
        self._desk = desk
        self._monotonic_ms = monotonic_ms
        self._figures: dict[str, Any] = {}
        self._next_ms: int | None = None
        self._one_at_a_time = asyncio.Lock()
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    @property
    def templates(self) -> jinja2.Environment:
        """Where the page's templates come from; everything in them is escaped."""
        return self._templates

    async def fragment(self, language: str) -> str:
        """Return the figures as HTML in a language."""
        found = await self._fresh()
        settings = self._desk.folder.settings
        rows = found["terminals"]
        counts = {
            "conflicts": found["conflicts_count"],
            "silent": sum(row["state"] == "silent" for row in rows),
            "late": sum(row["state"] == "late" for row in rows),
        }
        return self._templates.get_template("figures.html").render(
            found,
            health=health_words(counts, language),
            is_well=not any(counts.values()) and not found["recovering"],
            now_ms=self._desk.now_ms(),
            **words_for(language, settings.currency),
        )

    async def _fresh(self) -> dict[str, Any]:
        async with self._one_at_a_time:
            began_ms = self._monotonic_ms()
            if self._next_ms is None or began_ms >= self._next_ms:
                desk = self._desk
                settings, wall_ms = desk.folder.settings, desk.now_ms()
                self._figures = await desk.look(lambda seen: figures(seen, settings, wall_ms))
                ended_ms = self._monotonic_ms()
                rest_ms = max(LIVE_EVERY_MS, LIVE_REST_TIMES * (ended_ms - began_ms))
                self._next_ms = ended_ms + rest_ms
            return self._figures
