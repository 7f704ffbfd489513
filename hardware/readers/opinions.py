"""Ways to look at a grey frame: each prepares it for a decoder and says what it then reads.

What each costs and what it alone brings was measured; the table stands in `hardware/DESIGN.md`. An
opinion on a part looks only at the square of the frame that is most like a code.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np

from hardware.readers.decoders import Found, read_wechat, read_zbar, read_zxing

LOOKED_AT_PIXELS: Final = 320
PART_SHARE: Final = 0.8
WHOLE_PIXELS_MAX: Final = 640
# A QR code has 21 modules at least; a smaller picture holds none.
CODE_PIXELS_MIN: Final = 21
_GRAIN: Final = 9
_PLACE: Final = 61
_PATCH: Final = 31
# Lines thinner than this are scratches; modules of a code held up to be read are larger.
_SCRATCH: Final = np.ones((7, 7), dtype=np.uint8)

Opinion = Callable[[Any], Found]


@dataclass(frozen=True, slots=True)
class Part:
    """The square of a frame that is most like a code, and how much so: grey levels a step."""

    grey: Any
    likeness: float


def most_code_like(grey: Any) -> Part:
    """Find where the grey changes finely in both directions at once, as in a code's modules.

    Edges of things change in one direction, and noise is gone at a quarter of the size.
    """
    height, width = grey.shape
    if min(height, width) < CODE_PIXELS_MIN:
        return Part(grey, 0.0)
    step = max(1, round(max(height, width) / LOOKED_AT_PIXELS))
    small = cv2.resize(
        grey, (max(2, width // step), max(2, height // step)), interpolation=cv2.INTER_AREA
    )
    calm = cv2.GaussianBlur(small.astype(np.float32), (3, 3), 0)
    across = cv2.blur(cv2.absdiff(calm[:-1, 1:], calm[:-1, :-1]), (_GRAIN, _GRAIN))
    down = cv2.blur(cv2.absdiff(calm[1:, :-1], calm[:-1, :-1]), (_GRAIN, _GRAIN))
    both = cv2.min(across, down)
    border = cv2.BORDER_CONSTANT  # beyond the frame there is nothing
    likeness = float(cv2.blur(both, (_PATCH, _PATCH), borderType=border).max())
    if max(height, width) <= WHOLE_PIXELS_MAX:
        return Part(grey, likeness)
    _, _, _, (x, y) = cv2.minMaxLoc(cv2.blur(both, (_PLACE, _PLACE), borderType=border))
    side = int(PART_SHARE * min(height, width))
    left = min(max(x * step - side // 2, 0), width - side)
    top = min(max(y * step - side // 2, 0), height - side)
    return Part(grey[top : top + side, left : left + side], likeness)


def plain(grey: Any) -> Found:
    """The frame as it is, by zxing: small clean codes in about a millisecond."""
    return read_zxing(grey)


def calmed(grey: Any) -> Found:
    """A little blurred, by zxing: noise hides a code, and makes the search slow."""
    return read_zxing(cv2.GaussianBlur(grey, (3, 3), 0))


def sharpened(grey: Any) -> Found:
    """By zxing after undoing some blur of lens and hand."""
    return read_zxing(_sharp(grey, 1.5, 3))


def flattened(grey: Any) -> Found:
    """Black and white by the neighbourhood, by zxing: uneven light, shadows, glare."""
    return read_zxing(_flat(cv2.GaussianBlur(grey, (5, 5), 0), 51))


def evened(grey: Any) -> Found:
    """Sharpened, then black and white by a small neighbourhood, by zxing."""
    around = cv2.ADAPTIVE_THRESH_MEAN_C
    return read_zxing(
        cv2.adaptiveThreshold(_sharp(grey, 3, 2), 255, around, cv2.THRESH_BINARY, 35, 0)
    )


def doubled(grey: Any) -> Found:
    """At double size, by zxing: codes of few pixels a module."""
    return read_zxing(
        cv2.resize(_sharp(grey, 3, 2), None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)
    )


def lifted(grey: Any) -> Found:
    """By zxing after stretching the contrast of each region: night."""
    calm = cv2.GaussianBlur(grey, (3, 3), 0)
    return read_zxing(_sharp(cv2.createCLAHE(clipLimit=4, tileGridSize=(8, 8)).apply(calm), 3, 2))


def finely_flattened(grey: Any) -> Found:
    """Black and white by a closer neighbourhood, by zxing: small codes near a lamp."""
    return read_zxing(_flat(cv2.GaussianBlur(grey, (5, 5), 0), 25))


def smoothed(grey: Any) -> Found:
    """Black and white after a filter that keeps edges, by zxing: grainy night pictures."""
    return read_zxing(_flat(cv2.bilateralFilter(grey, 5, 40, 3), 51))


def cleaned(grey: Any) -> Found:
    """Black and white after a median, by zxing: scratches and the pixel grid of a phone."""
    return read_zxing(_flat(cv2.medianBlur(grey, 5), 51))


def mended(grey: Any) -> Found:
    """By zxing after taking thin bright lines away: a scratched glass over a corner's sign."""
    return read_zxing(cv2.morphologyEx(grey, cv2.MORPH_OPEN, _SCRATCH))


def by_zbar(grey: Any) -> Found:
    """Sharpened, by zbar: another search for the same code."""
    return read_zbar(_sharp(grey, 3, 2))


def by_wechat(grey: Any) -> Found:
    """Sharpened, by OpenCV's WeChat reader: the slowest, and it reads what no other does."""
    return read_wechat(_sharp(grey, 3, 2))


def _sharp(grey: Any, reach: float, amount: float) -> Any:
    """Take away what the neighbourhood within `reach` pixels has in common, `amount` times."""
    calm = cv2.GaussianBlur(grey, (3, 3), 0)
    return cv2.addWeighted(calm, 1 + amount, cv2.GaussianBlur(calm, (0, 0), reach), -amount, 0)


def _flat(grey: Any, neighbourhood: int) -> Any:
    around = cv2.ADAPTIVE_THRESH_GAUSSIAN_C
    return cv2.adaptiveThreshold(grey, 255, around, cv2.THRESH_BINARY, neighbourhood, 0)
