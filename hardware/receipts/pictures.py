"""What a printer has no letters for, drawn in dots: lines of any script, and QR codes.

Fonts are those that the system has, by the file names that Debian's packages use; a character is
drawn with the first font that has it. Arabic is joined and runs from the right where Pillow finds
libfribidi. All is black on white, as wide as the paper.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Final

import segno
from PIL import Image, ImageDraw, ImageFont

from hardware.receipts.layout import JOINERS, cells

DOTS_PER_COLUMN: Final = 12
LETTER_DOTS: Final = 24
ROW_DOTS: Final = 34
BASELINE_DOTS: Final = 26
DOTS_PER_MODULE_MAX: Final = 6
QUIET_MODULES: Final = 4
DARK: Final = 170
FONT_FOLDERS: Final = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
# In the order in which they are asked; apt: fonts-dejavu-core, fonts-noto-core, fonts-noto-cjk,
# fonts-wqy-zenhei, fonts-droid-fallback, fonts-symbola, fonts-unifont.
FONT_FILES: Final = (
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "NotoSansArabic-Regular.ttf",
    "NotoSansHebrew-Regular.ttf",
    "NotoSansDevanagari-Regular.ttf",
    "NotoSansBengali-Regular.ttf",
    "NotoSansTamil-Regular.ttf",
    "NotoSansThai-Regular.ttf",
    "NotoSansEthiopic-Regular.ttf",
    "NotoSansCJK-Regular.ttc",
    "wqy-zenhei.ttc",
    "DroidSansFallbackFull.ttf",
    "Symbola_hint.ttf",
    "unifont.otf",
    "unifont.ttf",
)
# No character, for ever: a font answers with the sign that it draws for what it has not.
_NOWHERE: Final = "\uffff"

Font = ImageFont.FreeTypeFont


class Fonts:
    """The fonts of this system, looked for once and opened when they are needed."""

    def __init__(self, folders: Iterable[Path] = FONT_FOLDERS) -> None:
        """Look into folders of fonts; there may be none."""
        found = {path.name: path for folder in folders for path in folder.rglob("*.[ot]t[fc]")}
        self._paths = [found[name] for name in FONT_FILES if name in found]
        self._opened: dict[tuple[Path, int], Font | None] = {}
        self.has = lru_cache(maxsize=4_096)(self._has)

    def _has(self, character: str) -> bool:
        """Whether a font of this system can draw a character."""
        return self._font_for(character, LETTER_DOTS) is not None

    def runs(self, text: str, size: int) -> Iterator[tuple[Font, str]]:
        """Split a text into runs, each with its font; what no font has is left out."""
        last = next((font for c in text if (font := self._font_for(c, size))), None)
        fonts: list[tuple[Font, str]] = []
        for character in text:
            is_neutral = character == " " or character in JOINERS or not cells(character)
            font = last if is_neutral else self._font_for(character, size)
            if font is not None:
                last = font
                fonts.append((font, character))
        for font, run in groupby(fonts, key=lambda pair: pair[0]):
            yield font, "".join(character for _, character in run)

    def _font_for(self, character: str, size: int) -> Font | None:
        for path in self._paths:
            font = self._open(path, size)
            if font is not None and _draws(font, character):
                return font
        return None

    def _open(self, path: Path, size: int) -> Font | None:
        if (path, size) not in self._opened:
            try:
                self._opened[path, size] = ImageFont.truetype(path, size)
            except OSError:
                self._opened[path, size] = None
        return self._opened[path, size]


def _draws(font: Font, character: str) -> bool:
    drawn, nothing = font.getmask(character), font.getmask(_NOWHERE)
    return drawn.getbbox() is not None and (
        drawn.size != nothing.size or bytes(drawn) != bytes(nothing)
    )


def row_picture(
    text: str, fonts: Fonts, columns: int, *, align: str = "left", bold: bool, large: bool
) -> Image.Image:
    """Draw one row, as wide as the paper; what is too wide is squeezed, never cut.

    `align` is "left", "middle" or "right".
    """
    times = 2 if large else 1
    width = columns * DOTS_PER_COLUMN
    runs = list(fonts.runs(text, LETTER_DOTS * times))
    needed = max(1, round(sum(font.getlength(run) for font, run in runs)) + 4)
    drawn = Image.new("L", (needed, ROW_DOTS * times), 255)
    draw = ImageDraw.Draw(drawn)
    at = 2.0
    for font, run in runs:
        place = (at, BASELINE_DOTS * times)
        draw.text(place, run, fill=0, font=font, anchor="ls", stroke_width=int(bold))
        at += font.getlength(run)
    if needed > width:
        drawn = drawn.resize((width, drawn.height))
    room = width - drawn.width
    picture = Image.new("L", (width, drawn.height), 255)
    picture.paste(drawn, ({"left": 0, "middle": room // 2, "right": room}[align], 0))
    return picture.point(lambda dot: 255 if dot >= DARK else 0)


def code_picture(text: str, columns: int) -> Image.Image | None:
    """Draw a QR code in the middle of the paper; None for a text that no QR code holds."""
    try:
        code = segno.make_qr(text, boost_error=False)
    except ValueError:  # too long, or not a text that UTF-8 knows
        return None
    width = columns * DOTS_PER_COLUMN
    modules = int(code.symbol_size(border=QUIET_MODULES)[0])
    scale = min(DOTS_PER_MODULE_MAX, width // modules)
    if not scale:
        return None
    dots = b"".join(
        bytes(255 * (1 - dark) for dark in row)
        for row in code.matrix_iter(scale=scale, border=QUIET_MODULES)
    )
    side = modules * scale
    picture = Image.new("L", (width, side), 255)
    picture.paste(Image.frombytes("L", (side, side), dots), ((width - side) // 2, 0))
    return picture
