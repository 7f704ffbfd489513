"""Camera frames from one seed: a code as a gate's camera sees it, from easy to nearly hopeless.

A tool of the tests and rehearsals, not of the product. The same text, seed and hardness always give
the same picture. Perspective, size, blur, low light, noise, glare, scratches, a phone's pixel grid,
inversion and a cluttered background are drawn from the seed.
"""

import random
from dataclasses import dataclass
from typing import Any, Final, Literal

import cv2
import numpy as np
import segno

Hardness = Literal["easy", "usual", "hard"]
QUIET_MODULES: Final = 4


@dataclass(frozen=True)
class Look:
    """How bad one picture is: sizes in pixels, shares from 0 to 1."""

    side: int
    tilt: float
    blur: float
    motion: int
    light: float
    noise: float
    glare: float
    scratches: int
    grid: bool
    inverted: bool


def render_code(text: str, pixels_per_module: int = 8) -> Any:
    """Return the QR code as a grey array: error level M, quiet zone of 4 modules."""
    code = segno.make_qr(text, error="m", boost_error=False)
    modules = np.array([list(row) for row in code.matrix], dtype=np.uint8)
    grey = np.where(np.pad(modules, QUIET_MODULES) > 0, 0, 255).astype(np.uint8)
    return np.kron(grey, np.ones((pixels_per_module, pixels_per_module), dtype=np.uint8))


def camera_frame(
    text: str, seed: int, hardness: Hardness, size: tuple[int, int] = (1280, 720)
) -> Any:
    """Return one BGR frame, height × width × 3, in which the text's code is somewhere."""
    chance = random.Random(f"{text}/{seed}/{hardness}")
    dice = np.random.default_rng(chance.getrandbits(64))
    look = draw_look(chance, hardness, min(size))
    frame = background(chance, dice, size, calm=hardness == "easy")
    code = render_code(text)
    if look.inverted:
        code = 255 - code
    _paste(frame, code, look, chance)
    frame = _scratched(frame, look, chance)
    return _lit(frame, look, chance, dice)


def hard_frames(count: int, seed: int) -> list[tuple[str, Any]]:
    """Return (text, frame) pairs of hardness "hard" with codes as long as real tickets."""
    chance = random.Random(seed)
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
    texts = ["GU1:" + "".join(chance.choices(alphabet, k=122)) for _ in range(count)]
    return [(text, camera_frame(text, seed + at, "hard")) for at, text in enumerate(texts)]


def crowd_frame(texts: list[str], seed: int, size: tuple[int, int] = (1280, 720)) -> Any:
    """Return one grey frame in which up to ten codes are held up at once, five in a row."""
    chance = random.Random(f"crowd/{seed}")
    dice = np.random.default_rng(chance.getrandbits(64))
    columns, room = 5, (size[0] // 5, size[1] // 2)
    frame = np.full((size[1], size[0]), 110, dtype=np.uint8)
    for at, text in enumerate(texts):
        code = render_code(text)
        side = chance.uniform(0.68, 0.78) * min(room)
        middle = code.shape[0] / 2
        turn = cv2.getRotationMatrix2D(
            (middle, middle), chance.uniform(-15, 15), side / code.shape[0]
        )
        turn[0, 2] += (at % columns + 0.5) * room[0] + chance.uniform(-5, 5) - middle
        turn[1, 2] += (at // columns + 0.5) * room[1] + chance.uniform(-40, 40) - middle
        laid = cv2.warpAffine(code, turn, size, flags=cv2.INTER_AREA)
        mask = cv2.warpAffine(np.full_like(code, 255), turn, size)
        frame[mask > 127] = laid[mask > 127]
    dim = cv2.GaussianBlur(frame, (0, 0), chance.uniform(0.6, 1.2)).astype(np.float32) * 0.7
    return np.clip(dim + dice.normal(0, 6, dim.shape), 0, 255).astype(np.uint8)


def draw_look(chance: random.Random, hardness: Hardness, height: int) -> Look:
    """Draw how bad a picture of this height in pixels is."""
    if hardness == "easy":
        return Look(int(height * 0.6), 0.02, 0.4, 0, 1.0, 2, 0.0, 0, grid=False, inverted=False)
    if hardness == "usual":
        return Look(
            side=int(height * chance.uniform(0.4, 0.7)),
            tilt=chance.uniform(0.02, 0.12),
            blur=chance.uniform(0.4, 1.3),
            motion=chance.choice((0, 0, 3)),
            light=chance.uniform(0.55, 1.0),
            noise=chance.uniform(2, 8),
            glare=chance.choice((0.0, 0.0, 0.35)),
            scratches=chance.randrange(2),
            grid=chance.random() < 0.2,
            inverted=False,
        )
    return Look(
        side=int(height * chance.uniform(0.25, 0.6)),
        tilt=chance.uniform(0.05, 0.22),
        blur=chance.uniform(0.6, 2.4),
        motion=chance.choice((0, 0, 4, 7)),
        light=chance.uniform(0.15, 0.9),
        noise=chance.uniform(4, 22),
        glare=chance.choice((0.0, 0.4, 0.8)),
        scratches=chance.randrange(5),
        grid=chance.random() < 0.4,
        inverted=chance.random() < 0.15,
    )


def background(chance: random.Random, dice: Any, size: tuple[int, int], *, calm: bool) -> Any:
    """Return a BGR frame of blurred colours, with things in it unless it is calm."""
    width, height = size
    coarse = dice.integers(60, 150, (9, 16, 3)).astype(np.uint8)
    frame = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    for _ in range(0 if calm else 25):
        corner = chance.randrange(width), chance.randrange(height)
        other = corner[0] + chance.randrange(20, 200), corner[1] + chance.randrange(10, 120)
        colour = tuple(chance.randrange(256) for _ in range(3))
        cv2.rectangle(frame, corner, other, colour, chance.choice((-1, 1, 3)))
    return frame


def _paste(frame: Any, code: Any, look: Look, chance: random.Random) -> None:
    """Lay the code into the frame, turned and tilted as a hand holds it."""
    height, width = frame.shape[:2]
    side = min(look.side, height - 20)
    half = side / 2
    margin = int(side * 0.72)
    centre_x = chance.uniform(margin, width - margin)
    centre_y = chance.uniform(min(margin, height / 2), max(height - margin, height / 2))
    angle = np.deg2rad(chance.uniform(-25, 25) if look.tilt > 0.02 else chance.uniform(-4, 4))
    corners = []
    for x, y in ((-half, -half), (half, -half), (half, half), (-half, half)):
        turned_x = x * np.cos(angle) - y * np.sin(angle)
        turned_y = x * np.sin(angle) + y * np.cos(angle)
        pull = 1 - chance.uniform(0, look.tilt)
        corners.append((centre_x + turned_x * pull, centre_y + turned_y * pull))
    last = code.shape[0] - 1
    flat = np.array([(0, 0), (last, 0), (last, last), (0, last)], dtype=np.float32)
    warp = cv2.getPerspectiveTransform(flat, np.array(corners, dtype=np.float32))
    if look.grid:
        code = code.copy()
        code[::3, :] = (code[::3, :] * 0.75).astype(np.uint8)
    laid = cv2.warpPerspective(code, warp, (width, height), flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.full_like(code, 255), warp, (width, height))
    frame[mask > 127] = laid[mask > 127][:, None]


def _scratched(frame: Any, look: Look, chance: random.Random) -> Any:
    height, width = frame.shape[:2]
    for _ in range(look.scratches):
        start = chance.randrange(width), chance.randrange(height)
        end = chance.randrange(width), chance.randrange(height)
        shade = chance.randrange(120, 255)
        cv2.line(frame, start, end, (shade, shade, shade), chance.choice((1, 2)), cv2.LINE_AA)
    if look.glare:
        spot = np.zeros((height, width), dtype=np.float32)
        centre = chance.randrange(width), chance.randrange(height)
        cv2.circle(spot, centre, chance.randrange(60, 180), 1.0, -1)
        spot = cv2.GaussianBlur(spot, (0, 0), 40)[:, :, None]
        frame = np.clip(frame + 255 * look.glare * spot, 0, 255).astype(np.uint8)
    return frame


def _lit(frame: Any, look: Look, chance: random.Random, dice: Any) -> Any:
    """Blur as lens and hand do, darken, and add the sensor's noise."""
    if look.motion:
        line = np.zeros((look.motion, look.motion), dtype=np.float32)
        line[look.motion // 2, :] = 1 / look.motion
        middle = (look.motion / 2, look.motion / 2)
        turn = cv2.getRotationMatrix2D(middle, chance.uniform(0, 180), 1)
        frame = cv2.filter2D(frame, -1, cv2.warpAffine(line, turn, line.shape))
    frame = cv2.GaussianBlur(frame, (0, 0), look.blur)
    dim = frame.astype(np.float32) * look.light
    return np.clip(dim + dice.normal(0, look.noise, dim.shape), 0, 255).astype(np.uint8)
