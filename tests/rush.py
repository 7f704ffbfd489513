"""A recorded rush: a video of guests who hold their codes before a gate, and who was when in view.

A tool of the tests and rehearsals. The same codes and seed give the same video. Each guest comes
from a random side with a phone or a sheet of paper, blurred while it moves, holds it for about a
second with the "usual" look of `tests.frames`, and goes; somebody always walks by behind. Only the
part of a frame in which something changes is drawn, and no frame is kept.
"""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from tests.frames import Look, background, draw_look, render_code

SIZE: Final = (1280, 720)
FRAMES_PER_SECOND: Final = 15
MOVING_FRAMES: Final = 3
GAP_FRAMES: Final = 2
HELD_FRAMES_MIN: Final = 12  # 0.8 s
HELD_FRAMES_MAX: Final = 22  # 1.5 s
SHUTTER: Final = 0.25
GUESTS_A_MINUTE_MAX: Final = 45
_NOISE_FIELDS: Final = 5
_NOISE_MEAN: Final = 12
_BORDER: Final = 0.12

Guests = Sequence[str | tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Shown:
    """A code and the frames, counted from 0, from which it comes into view until it is gone."""

    text: str
    first_frame: int
    last_frame: int


@dataclass(frozen=True, slots=True)
class _Hold:
    """One code in one hand: its card, its look, and the way that it takes."""

    shown: Shown
    card: Any
    look: Look
    scale: float
    angle: float
    pulls: tuple[float, ...]
    start: tuple[float, float]
    stay: tuple[float, float]
    end: tuple[float, float]

    def middle(self, frame: float) -> tuple[float, float]:
        """Return where the card's middle is: quick to come and go, trembling while it is held."""
        came = self.shown.first_frame + MOVING_FRAMES
        goes = self.shown.last_frame - MOVING_FRAMES
        x, y = self.stay
        if frame < came:
            far, (away_x, away_y) = (came - frame) / MOVING_FRAMES, self.start
        else:
            far, (away_x, away_y) = max(0.0, frame - goes) / MOVING_FRAMES, self.end
        tremble = 1.5 * math.sin(1.7 * frame), 1.5 * math.cos(2.3 * frame)
        return x + far * far * (away_x - x) + tremble[0], y + far * far * (away_y - y) + tremble[1]


def write_rush(
    path: Path, guests: Guests, seed: int, guests_a_minute: int = 36, quiet_s: int = 1
) -> list[Shown]:
    """Write an MJPEG video of 1280x720 pixels and 15 frames a second; return what it shows.

    A guest is a text, or two texts that are held up at once; a text may come again. After the last
    guest the picture stays empty for `quiet_s` seconds.
    """
    if not 1 <= guests_a_minute <= GUESTS_A_MINUTE_MAX:
        message = f"guests_a_minute must be from 1 to {GUESTS_A_MINUTE_MAX}"
        raise ValueError(message)
    chance = random.Random(seed)
    dice = np.random.default_rng(seed)
    writer = cv2.VideoWriter(
        str(path), cv2.VideoWriter.fourcc(*"MJPG"), FRAMES_PER_SECOND, SIZE, isColor=True
    )
    if not writer.isOpened():
        message = f"{path}: no video can be written there"
        raise OSError(message)
    empty = cv2.cvtColor(background(chance, dice, SIZE, calm=False), cv2.COLOR_BGR2GRAY)
    noise = [_noise(dice) for _ in range(_NOISE_FIELDS)]
    darker = np.full((SIZE[1], SIZE[0]), _NOISE_MEAN, dtype=np.uint8)
    slot = 60 * FRAMES_PER_SECOND // guests_a_minute
    shown: list[Shown] = []
    number = 0
    for guest in (*guests, None):
        holds = [] if guest is None else _holds(guest, number, slot, chance)
        shown += [hold.shown for hold in holds]
        for at in range(number, number + (slot if guest else quiet_s * FRAMES_PER_SECOND)):
            frame = _with_walker(empty, at)
            for hold in holds:
                if hold.shown.first_frame <= at <= hold.shown.last_frame:
                    _draw(frame, hold, at)
            frame = cv2.add(cv2.subtract(frame, darker), chance.choice(noise))
            writer.write(cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR))
        number += slot
    writer.release()
    return shown


def _noise(dice: Any) -> Any:
    """Return a field of noise around the mean that was taken from the frame before."""
    field = dice.normal(_NOISE_MEAN, 4, (SIZE[1], SIZE[0]))
    return np.clip(field, 0, 255).astype(np.uint8)


def _with_walker(empty: Any, at: int) -> Any:
    """Return a fresh frame in which somebody walks by behind the guests."""
    frame = empty.copy()
    x = (at * 9) % (SIZE[0] + 400) - 200
    cv2.ellipse(frame, (x, 520), (90, 260), 0, 0, 360, 70, -1, cv2.LINE_AA)
    cv2.circle(frame, (x, 210), 70, 130, -1, cv2.LINE_AA)
    return frame


def _holds(
    guest: str | tuple[str, str], number: int, slot: int, chance: random.Random
) -> list[_Hold]:
    """Return the one or two codes that a guest holds in a slot that begins at a frame."""
    held_max = min(HELD_FRAMES_MAX, slot - 2 * MOVING_FRAMES - GAP_FRAMES)
    length = 2 * MOVING_FRAMES + chance.randint(HELD_FRAMES_MIN, held_max)
    first = number + chance.randint(0, slot - length - GAP_FRAMES)
    if isinstance(guest, str):
        places = [(guest, chance.uniform(0.35, 0.65), 1.0)]
    else:
        places = [(guest[0], 0.26, 0.8), (guest[1], 0.74, 0.8)]
    return [
        _hold(Shown(text, first, first + length - 1), x * SIZE[0], size, chance)
        for text, x, size in places
    ]


def _hold(shown: Shown, x: float, size: float, chance: random.Random) -> _Hold:
    look = draw_look(chance, "usual", SIZE[1])
    card = _card(shown.text, look, chance)
    outside = 1.5 * look.side
    away = [
        (x, -outside),
        (x, SIZE[1] + outside),
        (-outside if x < SIZE[0] / 2 else SIZE[0] + outside, SIZE[1] / 2),
    ]
    return _Hold(
        shown=shown,
        card=card,
        look=look,
        scale=size * look.side / (card.shape[0] / (1 + 2 * _BORDER)),
        angle=math.radians(chance.uniform(-20, 20)),
        pulls=tuple(1 - chance.uniform(0, look.tilt) for _ in range(4)),
        start=chance.choice(away),
        stay=(x, SIZE[1] * chance.uniform(0.45, 0.55)),
        end=chance.choice(away),
    )


def _card(text: str, look: Look, chance: random.Random) -> Any:
    """Return a phone's screen or a sheet of paper with its code, its glare and its scratches."""
    code = render_code(text, 6)
    if look.grid:
        code[::3, :] = (code[::3, :] * 0.75).astype(np.uint8)
    border = int(_BORDER * code.shape[0])
    around = chance.choice((25, 235))  # a phone, or paper
    card = cv2.copyMakeBorder(
        code, border, border, border, border, cv2.BORDER_CONSTANT, value=around
    )
    side = card.shape[0]
    for _ in range(look.scratches):
        start = chance.randrange(side), chance.randrange(side)
        end = chance.randrange(side), chance.randrange(side)
        cv2.line(card, start, end, chance.randrange(120, 255), 2, cv2.LINE_AA)
    lit = card.astype(np.float32) * look.light
    if look.glare:
        spot = np.zeros_like(lit)
        centre = chance.randrange(side), chance.randrange(side)
        cv2.circle(spot, centre, chance.randrange(side // 8, side // 4), 1.0, -1)
        lit += 255 * look.glare * cv2.GaussianBlur(spot, (0, 0), side / 12)
    return np.clip(lit, 0, 255).astype(np.uint8)


def _corners(hold: _Hold, at: float) -> Any:
    """Return where the card's corners are in a frame, turned and tilted as a hand holds it."""
    half = hold.scale * hold.card.shape[0] / 2
    cosine, sine = math.cos(hold.angle), math.sin(hold.angle)
    x, y = hold.middle(at)
    corners = []
    for (across, down), pull in zip(((-1, -1), (1, -1), (1, 1), (-1, 1)), hold.pulls, strict=True):
        turned = across * cosine - down * sine, across * sine + down * cosine
        corners.append((x + half * pull * turned[0], y + half * pull * turned[1]))
    return np.array(corners, dtype=np.float32)


def _draw(frame: Any, hold: _Hold, at: int) -> None:
    """Lay the card into the frame, blurred by lens and movement; only its surroundings change."""
    corners = _corners(hold, at)
    x, y = hold.middle(at)
    next_x, next_y = hold.middle(at + SHUTTER)
    reach = int(math.hypot(next_x - x, next_y - y)) | 1
    margin = reach + 6
    left, top = (max(0, int(low) - margin) for low in corners.min(axis=0))
    right, bottom = (
        min(most, int(high) + margin) for high, most in zip(corners.max(axis=0), SIZE, strict=True)
    )
    if left >= right or top >= bottom:
        return
    last = hold.card.shape[0] - 1
    flat = np.array([(0, 0), (last, 0), (last, last), (0, last)], dtype=np.float32)
    origin = np.array((left, top), dtype=np.float32)
    warp = cv2.getPerspectiveTransform(flat, corners - origin)
    size = (right - left, bottom - top)
    laid = cv2.warpPerspective(hold.card, warp, size, flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.full_like(hold.card, 255), warp, size)
    part = frame[top:bottom, left:right]
    np.copyto(part, laid, where=mask > 127)
    if reach > 1:
        part[:] = cv2.filter2D(part, -1, _streak(reach, math.atan2(next_y - y, next_x - x)))
    part[:] = cv2.GaussianBlur(part, (0, 0), hold.look.blur)


def _streak(reach: int, angle: float) -> Any:
    """Return the kernel of a movement of so many pixels (odd) in a direction."""
    line = np.zeros((reach, reach), dtype=np.float32)
    line[reach // 2, :] = 1
    turn = cv2.getRotationMatrix2D((reach // 2, reach // 2), -math.degrees(angle), 1)
    turned = cv2.warpAffine(line, turn, (reach, reach))
    return turned / turned.sum()


def frames_of(path: Path) -> Iterator[Any]:
    """Yield the BGR frames of a video, one at a time."""
    capture = cv2.VideoCapture(str(path))
    while True:
        good, frame = capture.read()
        if not good:
            capture.release()
            return
        yield frame
