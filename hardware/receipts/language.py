"""A slip in the language of receipt printers (ESC/POS), through python-escpos.

What the printer's code pages hold is sent as text and printed in its own letters; a row with
anything else is drawn, its amount beside it on paper as text wherever that can be; what no font has
becomes "?". The whole job is made before a byte is sent: nothing here touches a device.

The library is loaded late, by the printer's thread: it reads a large table, sets up the log of the
whole process and leaves a folder behind, which is undone here.
"""

import contextlib
import logging
import os
import shutil
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, assert_never

from hardware.ports import Code, Feed, Line, Rule, Slip, Style
from hardware.receipts.layout import (
    JOINERS,
    at_right,
    cells,
    in_middle,
    tidy,
    with_amount,
    wrapped,
)

if TYPE_CHECKING:
    from hardware.receipts.pictures import Fonts

DOTS_PER_COLUMN: Final = 12
FEED_LINES_MAX: Final = 255
# Where Epson and nearly all others keep their tables; more would be less certain to be there.
CODE_PAGES: Final[Mapping[str, int]] = {
    "CP437": 0,
    "CP850": 2,
    "CP1252": 16,
    "CP866": 17,
    "CP852": 18,
    "CP858": 19,
}
# Printers from China begin in a mode in which two bytes beyond ASCII are one Chinese character.
_NO_KANJI: Final = b"\x1c."
_DRAWER_PIN: Final = 2


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Keep the library from setting up the log of this process: it does so where there is none."""
    nobody = logging.NullHandler()
    logging.getLogger().addHandler(nobody)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(nobody)


def library() -> ModuleType:
    """Load the library, or return it if it is loaded."""
    with quietly():
        import escpos.printer  # type: ignore[import-untyped]
        from escpos import capabilities

        if "ESCPOS_CAPABILITIES_PICKLE_DIR" not in os.environ:
            shutil.rmtree(capabilities.pickle_dir, ignore_errors=True)
        module: ModuleType = escpos.printer
        return module


def drawer_pulse() -> bytes:
    """Return the bytes that open the cash drawer on the printer's socket."""
    printer = library().Dummy()
    printer.cashdraw(_DRAWER_PIN)
    return bytes(printer.output)


class Writer:
    """Turns slips into the bytes of a job for paper of so many columns."""

    def __init__(self, columns: int, fonts: "Fonts | None" = None) -> None:
        """Load the library and look for fonts, which may take a second on a small box."""
        self._columns = columns
        self._printers = library()
        from escpos.capabilities import Profile  # type: ignore[import-untyped]

        from hardware.receipts.pictures import Fonts

        self._fonts = Fonts() if fonts is None else fonts
        profile = {**Profile.profile_data}
        width = {"mm": "Unknown", "pixels": str(columns * DOTS_PER_COLUMN)}
        profile["media"] = {"dpi": "Unknown", "width": width}
        self._profile = type("PaperProfile", (Profile,), {"profile_data": profile})(
            features=profile["features"]
        )

    def job(self, slip: Slip) -> bytes:
        """Return all that is to be sent for a slip, from resetting the printer to the cut."""
        job = _Job(self._printers, self._profile, self._columns, self._fonts)
        job.begin()
        for row in slip:
            match row:
                case Line():
                    job.line(row)
                case Rule():
                    job.text("-" * self._columns, Style.NORMAL)
                case Code():
                    job.code(row.text)
                case Feed():
                    job.feed(row.lines)
                case _:
                    assert_never(row)
        return job.end()


class _Job:
    """One job in the making."""

    def __init__(self, printers: ModuleType, profile: Any, columns: int, fonts: "Fonts") -> None:
        from escpos.magicencode import Encoder  # type: ignore[import-untyped]

        self._encoder = Encoder(dict(CODE_PAGES))
        self._printer = printers.Dummy(
            profile=profile, magic_encode_args={"encoder": self._encoder}
        )
        self._columns = columns
        self._fonts = fonts

    def begin(self) -> None:
        """Forget what a job before may have left behind."""
        self._printer.hw("INIT")
        self._printer._raw(_NO_KANJI)  # noqa: SLF001  the library's documented way for other bytes

    def end(self) -> bytes:
        """Cut, leaving the slip hang by a corner, and return all bytes."""
        self._printer.cut(mode="PART")
        return bytes(self._printer.output)

    def feed(self, lines: int) -> None:
        """Leave lines empty."""
        self._printer.print_and_feed(max(1, min(lines, FEED_LINES_MAX)))

    def line(self, line: Line) -> None:
        """Print a text and its amount."""
        columns = self._columns // 2 if line.style is Style.LARGE else self._columns
        text, amount = self._possible(tidy(line.text)), self._possible(tidy(line.amount))
        if line.style is Style.CENTRED:
            whole = f"{text} {amount}".strip()
            self._rows(wrapped(whole, columns) or [""], line.style, "middle")
        elif self._is_text(text + amount):
            self._rows(with_amount(text, amount, columns) or [""], line.style, "left")
        else:
            self._rows(wrapped(text, columns), line.style, "left")
            self._rows(wrapped(amount, columns), line.style, "right")

    def code(self, text: str) -> None:
        """Print a QR code, or the text itself if no QR code on this paper holds it."""
        if not text:
            return
        from hardware.receipts.pictures import code_picture

        picture = code_picture(text, self._columns)
        if picture is None:
            self.line(Line(text))
        else:
            self._printer.image(picture)

    def text(self, row: str, style: Style) -> None:
        """Print one row in the printer's own letters."""
        match style:
            case Style.BOLD:
                self._printer.set(bold=True)
            case Style.LARGE:
                self._printer.set(double_width=True, double_height=True)
            case Style.NORMAL | Style.CENTRED:
                pass
            case _:
                assert_never(style)
        self._printer.textln(row)
        if style is Style.BOLD:
            self._printer.set(bold=False)
        elif style is Style.LARGE:
            self._printer.set(normal_textsize=True)

    def _rows(self, rows: list[str], style: Style, align: str) -> None:
        """Print rows that fit, each as text if that can be, or drawn."""
        columns = self._columns // 2 if style is Style.LARGE else self._columns
        place = {"left": lambda row, _: row, "middle": in_middle, "right": at_right}[align]
        for row in rows:
            if self._is_text(row):
                self.text(place(row, columns), style)
            else:
                self._draw(row, style, align)

    def _draw(self, row: str, style: Style, align: str) -> None:
        from hardware.receipts.pictures import row_picture

        is_bold, is_large = style is Style.BOLD, style is Style.LARGE
        picture = row_picture(
            row, self._fonts, self._columns, align=align, bold=is_bold, large=is_large
        )
        self._printer.image(picture)

    def _possible(self, text: str) -> str:
        """Return a text in which "?" stands for what can be neither printed nor drawn.

        Marks that take no room are left away where they cannot be drawn, or all else is text.
        """
        possible = "".join(map(self._possible_character, text))
        plain = "".join(c for c in possible if cells(c))
        return plain if self._is_text(plain) else possible

    def _possible_character(self, character: str) -> str:
        if self._has_letter(character) or character in JOINERS or self._fonts.has(character):
            return character
        return "?" if cells(character) else ""

    def _is_text(self, text: str) -> bool:
        return all(map(self._has_letter, text))

    def _has_letter(self, character: str) -> bool:
        return any(self._encoder.can_encode(page, character) for page in CODE_PAGES)
