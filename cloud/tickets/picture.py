"""A ticket as a picture for a phone's screen: its code large, a few words, black on white."""

import io
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from cloud.tickets.faces import Face
from cloud.tickets.fonts import Fonts, fonts
from cloud.tickets.paper import QUIET_MODULES, dark_rows, wrapped

WIDTH_PIXELS: Final = 720
_MARGIN: Final = 24
_TITLE: Final = 40
_TEXT: Final = 28


def png_of(face: Face) -> bytes:
    """Return a PNG, 720 pixels wide: the festival, the type, the code, its number, the guest."""
    rows = dark_rows(face.code, "m")
    modules = len(rows) + 2 * QUIET_MODULES
    dots = WIDTH_PIXELS // modules
    side = modules * dots
    plain, bold = fonts(bold=False), fonts(bold=True)
    room = WIDTH_PIXELS - 2 * _MARGIN
    above = [(bold, _TITLE, line) for line in wrapped(bold, face.festival, _TITLE, room, 2)]
    above += [(plain, _TEXT, face.type)]
    below = [(bold, _TEXT, face.number)]
    below += [(plain, _TEXT, value) for _, value in face.rows]
    below += [(bold, _TEXT, face.warning)] if face.warning else []
    height = side + 2 * _MARGIN + sum(_line(points) for _, points, _ in (*above, *below))
    picture = Image.new("L", (WIDTH_PIXELS, height), 255)
    pen = ImageDraw.Draw(picture)
    y = _write(pen, above, _MARGIN, room)
    left = (WIDTH_PIXELS - side) // 2
    for at, row in enumerate(rows):
        for place, dark in enumerate(row):
            if dark:
                x, top = left + (QUIET_MODULES + place) * dots, y + (QUIET_MODULES + at) * dots
                pen.rectangle((x, top, x + dots - 1, top + dots - 1), fill=0)
    _write(pen, below, y + side, room)
    content = io.BytesIO()
    picture.save(content, "PNG", optimize=True)
    return content.getvalue()


def _line(points: int) -> int:
    return points + points // 2


def _write(pen: ImageDraw.ImageDraw, lines: list[tuple[Fonts, int, str]], y: int, room: int) -> int:
    """Write lines in the middle, one below the other, and return where they end."""
    for font, points, text in lines:
        fitted = font.fitted(text, points, room)
        x = (WIDTH_PIXELS - font.width(fitted, points)) / 2
        for face, piece in font.runs(fitted):
            letters = ImageFont.truetype(str(face.path), points)
            pen.text((x, y + points), piece, fill=0, font=letters, anchor="ls")
            x += face.width(piece, points)
        y += _line(points)
    return y
