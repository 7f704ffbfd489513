"""The letters on tickets: fonts that the system has, else the one that comes with reportlab.

A character is set in the first font that has it. Where none has it, it loses its accents, because
a name that is spelled plainly can still be read at a gate and an empty box cannot. Scripts that
join their letters or run from the right are not joined or turned.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from typing import Final

import reportlab
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

FOLDERS: Final = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
# In the order in which they are asked; apt: fonts-dejavu-core, fonts-liberation, fonts-noto-core,
# fonts-droid-fallback.
FILES: Final = (
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"),
    ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf"),
    ("DroidSansFallbackFull.ttf", "DroidSansFallbackFull.ttf"),
    ("DroidSansFallback.ttf", "DroidSansFallback.ttf"),
)
OWN: Final = ("Vera.ttf", "VeraBd.ttf")
_PLAIN: Final = str.maketrans(
    {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ħ": "h", "Ħ": "H", "ı": "i",
     "ŧ": "t", "Ŧ": "T", "ŋ": "n", "Ŋ": "N", "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe",
     "Œ": "OE", "þ": "th", "Þ": "Th", "ð": "d", "Ð": "D"}
)  # fmt: skip
_NOT_THERE: Final = "?"


@dataclass(frozen=True, slots=True)
class Font:
    """A font under the name by which reportlab knows it, and its file."""

    name: str
    path: Path
    letters: frozenset[int]

    def width(self, text: str, points: float) -> float:
        """Return how wide a text is, in points."""
        return float(pdfmetrics.stringWidth(text, self.name, points))


class Fonts:
    """The fonts of one weight, asked in turn."""

    def __init__(self, fonts: Iterable[Font]) -> None:
        """`fonts` are in the order in which they are asked; there is at least one."""
        self._fonts = tuple(fonts)
        self.main = self._fonts[0]

    def runs(self, text: str) -> list[tuple[Font, str]]:
        """Return a text in pieces, each with the font that has its letters."""
        found = [piece for char in unicodedata.normalize("NFC", text) for piece in self._set(char)]
        return [
            (font, "".join(char for _, char in group))
            for font, group in groupby(found, key=lambda piece: piece[0])
        ]

    def width(self, text: str, points: float) -> float:
        """Return how wide a text is, in points."""
        return sum(font.width(piece, points) for font, piece in self.runs(text))

    def fitted(self, text: str, points: float, width: float) -> str:
        """Return a text, shortened with an ellipsis if it is wider than `width` points.

        The place to cut is found by halving: to measure is slow, and names of zones can be
        thousands of letters together.
        """
        if self.width(text, points) <= width:
            return text
        fits, over = 0, len(text)
        while over - fits > 1:
            middle = (fits + over) // 2
            if self.width(f"{text[:middle]}…", points) <= width:
                fits = middle
            else:
                over = middle
        return f"{text[:fits].rstrip()}…"

    def _set(self, char: str) -> list[tuple[Font, str]]:
        """Return one character, or what stands in for it, with fonts."""
        font = self._having(char)
        if font is not None:
            return [(font, char)]
        letters = unicodedata.normalize("NFKD", char.translate(_PLAIN))
        kept = [c for c in letters if not unicodedata.combining(c)]
        return [(self._having(c) or self.main, c if self._having(c) else _NOT_THERE) for c in kept]

    @lru_cache(maxsize=4_096)  # noqa: B019 - there are two of these for as long as the process lives
    def _having(self, char: str) -> Font | None:
        return next((font for font in self._fonts if ord(char) in font.letters), None)


@cache
def fonts(*, bold: bool, folders: tuple[Path, ...] = FOLDERS) -> Fonts:
    """Return the fonts of one weight; the files are looked for once."""
    found = {path.name: path for folder in folders for path in folder.rglob("*.ttf")}
    paths = [found[pair[bold]] for pair in FILES if pair[bold] in found]
    own = Path(reportlab.__file__).parent / "fonts" / OWN[bold]
    return Fonts(font for path in [*paths, own] for font in _opened(path))


@cache
def _opened(path: Path) -> tuple[Font, ...]:
    """Open a font and make it known to reportlab; one that cannot be read is left out."""
    name = f"guichet-{path.stem}"
    try:
        font = TTFont(name, str(path))
    except TTFError:
        return ()
    pdfmetrics.registerFont(font)
    return (Font(name, path, frozenset(font.face.charToGlyph)),)
