"""What is wrong with the picture, so that the screen can say it before somebody calls for help.

A camera that is covered, blinded, dirty or stuck looks to a gate like a guest without a code. A few
cheap figures of a small grey picture tell: how bright it is, how much it spans from dark to bright,
how steep its steepest edges are for that span, and how much of it is rough in both directions like
the modules of a code. A hint must hold for a second, since a hand that passes is no fault.
"""

from enum import StrEnum
from typing import Any, Final

import numpy as np

from hardware.camera import is_live, reduced_grey
from hardware.ports import Frame

LOOK_MS: Final = 200
HOLD_MS: Final = 1_000
FROZEN_MS: Final = 2_000

WIDTH, HEIGHT = 320, 180
TILE_WIDTH, TILE_HEIGHT = 40, 36

# Brightness goes from 0 to 255. The bright end of a picture is what 2 % of its cells exceed.
BLACK_BRIGHT_END_MAX: Final = 30
BLACK_SPAN_MAX: Final = 20
DARK_BRIGHT_END_MAX: Final = 60
WHITE: Final = 250
WHITE_PERCENT_MIN: Final = 50
# The steepest edges (1 in 1,000), in percent of the span: 70 and more in a sharp picture, 33 where
# lens or distance spread an edge over 25 pixels, under 7 on a bare wall, which tells nothing.
SPAN_MIN: Final = 50
STEEP_PERCENT_MAX: Final = 33
STEEP_PERCENT_MIN: Final = 7
# A tile that is rough as a code: its contrast, and its mean step in each of the two directions.
ROUGH_CONTRAST_MIN: Final = 30
ROUGH_STEP_MIN: Final = 4
ROUGH_TILES_PERCENT_MIN: Final = 75


class Hint(StrEnum):
    """What a person at the gate should do something about."""

    FINE = "fine"
    BLACK = "black"  # the lens is covered
    DARK = "dark"  # light is missing
    BRIGHT = "bright"  # glare, or far too much light
    FROZEN = "frozen"  # the same picture comes again and again
    BLURRED = "blurred"  # nothing is sharp: the lens is dirty or out of focus
    CLOSE = "close"  # a code fills more than the picture: too close


class View:
    """Watches the frames of one camera.

    Whether it is live, so that a picture can never repeat, is known by the frame's `source_name`.
    """

    def __init__(self) -> None:
        """Begin with a view that is fine."""
        self._hint = Hint.FINE
        self._suspected = Hint.FINE
        self._suspected_ms = 0
        self._looked_ms: int | None = None
        self._found_ms: int | None = None
        self._same = b""
        self._same_ms = 0

    def look(self, frame: Frame, *, found: bool = False) -> Hint:
        """Return what is wrong with the view now; `found` tells that a code was read in it.

        Costs next to nothing for most frames: it looks five times a second, by `taken_ms`.
        """
        now_ms = frame.taken_ms
        if found:
            self._found_ms = now_ms
        if self._looked_ms is not None and 0 <= now_ms - self._looked_ms < LOOK_MS:
            return self._hint
        self._looked_ms = now_ms
        hint = judged(reduced_grey(frame.image, WIDTH, HEIGHT))
        if self._found_ms is not None and now_ms - self._found_ms < HOLD_MS:
            hint = Hint.FINE
        self._hint = self._held(hint, now_ms)
        # A covered or blinded sensor gives the same picture too; that is said in those words.
        if self._is_frozen(frame, now_ms) and hint not in {Hint.BLACK, Hint.BRIGHT}:
            self._hint = Hint.FROZEN
        return self._hint

    def _held(self, hint: Hint, now_ms: int) -> Hint:
        """Return the hint once it was suspected for long enough."""
        if hint is not self._suspected:
            self._suspected, self._suspected_ms = hint, now_ms
        return hint if now_ms - self._suspected_ms >= HOLD_MS else Hint.FINE

    def _is_frozen(self, frame: Frame, now_ms: int) -> bool:
        """Whether single pixels, with their noise, have been the same for too long."""
        if not is_live(frame.source_name):
            return False
        pixels = frame.image[::4, ::4].tobytes()
        if pixels != self._same:
            self._same, self._same_ms = pixels, now_ms
        return now_ms - self._same_ms > FROZEN_MS


def judged(grey: Any) -> Hint:
    """Return what is wrong with one reduced picture: `HEIGHT` × `WIDTH` bytes of grey."""
    counts = np.bincount(grey.ravel(), minlength=256).cumsum()
    dark_end, bright_end = (int(np.searchsorted(counts, grey.size * p // 100)) for p in (2, 98))
    span = bright_end - dark_end
    if bright_end < BLACK_BRIGHT_END_MAX and span < BLACK_SPAN_MAX:
        return Hint.BLACK
    if grey.size - int(counts[WHITE - 1]) >= grey.size * WHITE_PERCENT_MIN // 100:
        return Hint.BRIGHT
    if bright_end < DARK_BRIGHT_END_MAX:
        return Hint.DARK
    if span < SPAN_MIN:
        return Hint.FINE
    shades = grey.astype(np.int16)
    across = np.abs(np.diff(shades, axis=1, append=shades[:, -1:])).astype(np.uint8)
    down = np.abs(np.diff(shades, axis=0, append=shades[-1:])).astype(np.uint8)
    if _rough_percent(grey, across, down) >= ROUGH_TILES_PERCENT_MIN:
        return Hint.CLOSE
    steps = np.bincount(np.maximum(across, down).ravel(), minlength=256).cumsum()
    steep = 100 * int(np.searchsorted(steps, grey.size * 999 // 1000)) // span
    return Hint.BLURRED if STEEP_PERCENT_MIN <= steep < STEEP_PERCENT_MAX else Hint.FINE


def _rough_percent(grey: Any, across: Any, down: Any) -> int:
    """How much of the picture has contrast and edges in both directions, in percent of tiles."""
    contrast = _tiles(grey).std(axis=(1, 3))
    steps = np.minimum(_tiles(across).mean(axis=(1, 3)), _tiles(down).mean(axis=(1, 3)))
    rough = (contrast >= ROUGH_CONTRAST_MIN) & (steps >= ROUGH_STEP_MIN)
    return 100 * int(rough.sum()) // int(rough.size)


def _tiles(picture: Any) -> Any:
    return picture.reshape(HEIGHT // TILE_HEIGHT, TILE_HEIGHT, WIDTH // TILE_WIDTH, TILE_WIDTH)
