"""Tickets on paper: a PDF with a page for each, A4 or A6, its code as sharp squares.

The code is drawn as lines and not as a picture, so no viewer and no printer smooths it. Error
correction is a quarter (Q), for paper is folded and rained on; around it are four modules of white.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import segno
from reportlab.lib.pagesizes import A4, A6
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from cloud.tickets.faces import Face
from cloud.tickets.fonts import Fonts, fonts

QUIET_MODULES: Final = 4
_OVERLAP: Final = 0.02
_WRAPPED_LINES_MAX: Final = 3


class Paper(StrEnum):
    """The size of a page."""

    A4 = "a4"
    A6 = "a6"


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where things stand on a page, in points."""

    size: tuple[float, float]
    margin: float
    title: float
    text: float
    code: float


_LAYOUTS: Final = {
    Paper.A4: _Layout(A4, 22 * mm, 30, 14, 92 * mm),
    Paper.A6: _Layout(A6, 8 * mm, 18, 9, 62 * mm),
}


def pdf_of(faces: Iterable[Face], paper: Paper, language: str) -> bytes:
    """Return a PDF with a page for each ticket, at least one."""
    layout = _LAYOUTS[paper]
    content = io.BytesIO()
    canvas = Canvas(content, pagesize=layout.size, invariant=1, lang=language)
    canvas.setCreator("Guichet")
    for face in faces:
        canvas.setTitle(face.festival)
        _draw(canvas, layout, face)
        canvas.showPage()
    canvas.save()
    return content.getvalue()


def _draw(canvas: Canvas, layout: _Layout, face: Face) -> None:
    width, height = layout.size
    room = width - 2 * layout.margin
    plain, bold = fonts(bold=False), fonts(bold=True)
    y = height - layout.margin
    for line in wrapped(bold, face.festival, layout.title, room, 2):
        y -= layout.title * 1.15
        _write(canvas, bold, line, layout.margin, y, layout.title)
    for line in wrapped(bold, face.type, layout.text * 1.4, room, 2):
        y -= layout.text * 1.9
        _write(canvas, bold, line, layout.margin, y, layout.text * 1.4)
    y -= layout.text * 0.5
    label_width = max((plain.width(label, layout.text) for label, _ in face.rows), default=0)
    start = layout.margin + label_width + layout.text
    for label, value in face.rows:
        canvas.setFillGray(0.35)
        _write(canvas, plain, label, layout.margin, y - layout.text * 1.5, layout.text)
        canvas.setFillGray(0)
        for line in wrapped(plain, value, layout.text, width - layout.margin - start, 2):
            y -= layout.text * 1.5
            _write(canvas, plain, line, start, y, layout.text)
    below = layout.text * (1.5 * (1 + _WRAPPED_LINES_MAX) + 2)
    side = min(layout.code, room, y - layout.margin - below)
    y -= side
    draw_code(canvas, face.code, (width - side) / 2, y, side)
    y -= layout.text * 1.2
    _centred(canvas, bold, face.number, width / 2, y, layout.text * 1.2)
    for line in wrapped(plain, face.sentence, layout.text, room, _WRAPPED_LINES_MAX):
        y -= layout.text * 1.5
        _centred(canvas, plain, line, width / 2, y, layout.text)
    if face.warning:
        y -= layout.text * 2
        _centred(canvas, bold, face.warning, width / 2, y, layout.text * 1.2)


def draw_code(canvas: Canvas, text: str, x: float, y: float, side: float) -> None:
    """Draw a code with its white border into a square whose lower left corner is (x, y) points.

    Rows of squares overlap by a fiftieth, or viewers would show fine lines between them.
    """
    rows = dark_rows(text, "q")
    module = side / (len(rows) + 2 * QUIET_MODULES)
    path = canvas.beginPath()
    top = y + side - QUIET_MODULES * module
    for number, row in enumerate(rows):
        for first, length in _stretches(row):
            left = x + (QUIET_MODULES + first) * module
            bottom = top - (number + 1 + _OVERLAP) * module
            path.rect(left, bottom, length * module, module * (1 + 2 * _OVERLAP))
    canvas.setFillGray(0)
    canvas.drawPath(path, stroke=0, fill=1, fillMode=1)


def dark_rows(text: str, error: str) -> list[bytearray]:
    """Return the modules of a text's QR code, 1 is dark, without a border; never a Micro QR."""
    return [bytearray(row) for row in segno.make_qr(text, error=error, boost_error=False).matrix]


def _stretches(row: Sequence[int]) -> Iterable[tuple[int, int]]:
    """Yield (first, length) of each stretch of dark modules."""
    first = None
    for at, dark in enumerate([*row, 0]):
        if dark and first is None:
            first = at
        elif not dark and first is not None:
            yield first, at - first
            first = None


def wrapped(font: Fonts, text: str, points: float, room: float, lines_max: int) -> list[str]:
    """Return a text in lines that fit (points); what does not fit into the last is cut off."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if not line or len(lines) == lines_max - 1 or font.width(longer, points) <= room:
            line = longer
        else:
            lines.append(line)
            line = word
    return [font.fitted(one, points, room) for one in (*lines, line)]


def _write(canvas: Canvas, font: Fonts, text: str, x: float, y: float, points: float) -> None:
    for face, piece in font.runs(text):
        canvas.setFont(face.name, points)
        canvas.drawString(x, y, piece)
        x += face.width(piece, points)


def _centred(canvas: Canvas, font: Fonts, text: str, x: float, y: float, points: float) -> None:
    _write(canvas, font, text, x - font.width(text, points) / 2, y, points)
