"""Where each character of a receipt stands: rows of fixed width, and amounts at their right end.

A printer's own font has cells of one width; Chinese, Japanese and Korean characters take two, what
is written above or below another takes none (Unicode's East Asian Width and categories). Text comes
from catalogues and names: whatever it holds, no command for the printer may be hidden in it.
"""

import unicodedata
from typing import Final

NAME_COLUMNS_MIN: Final = 12
# Marks take no cell, so a row of cells alone would not bound its characters.
CHARACTERS_PER_CELL_MAX: Final = 4
JOINERS: Final = frozenset("\u200c\u200d")
_NO_CELL: Final = frozenset({"Mn", "Me", "Cf"})
_SPACES: Final = frozenset({"Cc", "Zs", "Zl", "Zp"})


def tidy(text: str) -> str:
    """Return a text as it may be printed: composed, in one line, without controls.

    Controls and every kind of space become spaces, hidden signs of direction vanish (only the
    joiners of scripts stay), halves of characters become "?".
    """
    composed = unicodedata.normalize("NFC", text)
    return " ".join("".join(map(_printable, composed)).split(" ")).strip(" ")


def _printable(character: str) -> str:
    category = unicodedata.category(character)
    if category in _SPACES:
        return " "
    if category == "Cs":
        return "?"
    return "" if category == "Cf" and character not in JOINERS else character


def cells(text: str) -> int:
    """Return how many columns a text takes in a font of fixed width."""
    return sum(map(_cells, text))


def _cells(character: str) -> int:
    if unicodedata.category(character) in _NO_CELL:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def wrapped(text: str, columns: int) -> list[str]:
    """Break a tidy text into rows of at most `columns` cells, between words where it can be."""
    rows: list[str] = []
    row = ""
    for word in text.split(" "):
        longer = f"{row} {word}" if row else word
        if _fits(longer, columns):
            row = longer
            continue
        if row:
            rows.append(row)
        *full, row = _pieces(word, columns)
        rows.extend(full)
    return [*rows, row] if row else rows


def _fits(text: str, columns: int) -> bool:
    return cells(text) <= columns and len(text) <= columns * CHARACTERS_PER_CELL_MAX


def _pieces(word: str, columns: int) -> list[str]:
    """Cut a word that may be longer than a row."""
    pieces = [""]
    for character in word:
        if not _fits(pieces[-1] + character, columns):
            pieces.append("")
        pieces[-1] += character
    return pieces


def at_right(text: str, columns: int) -> str:
    """Return a row with a text at its right end."""
    return " " * (columns - cells(text)) + text


def in_middle(text: str, columns: int) -> str:
    """Return a row with a text in its middle."""
    return " " * ((columns - cells(text)) // 2) + text


def with_amount(text: str, amount: str, columns: int) -> list[str]:
    """Return rows of `columns` cells: the text wrapped at the left, the amount ending the last.

    An amount that leaves too little room for a name stands in rows of its own; none of it is lost.
    """
    if not amount:
        return wrapped(text, columns)
    room = columns - cells(amount) - 1
    if room < min(NAME_COLUMNS_MIN, columns // 2) or len(amount) > columns:
        amounts = [at_right(part, columns) for part in wrapped(amount, columns)]
        return wrapped(text, columns) + amounts
    *above, last = wrapped(text, room) or [""]
    return [*above, last + at_right(amount, columns - cells(last))]
