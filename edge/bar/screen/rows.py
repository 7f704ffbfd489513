"""Rows of cells before anybody paints them: text, how it looks, and what a finger on it presses.

Whatever a product is called, it takes exactly the cells that it is given: what has no width of its
own, turns the writing round or joins signs into one is left out.
"""

import unicodedata
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len, set_cell_size

KEY_NAMES: Final = {
    "enter": "⏎",
    "escape": "Esc",
    "backspace": "←",
    "delete": "Del",
    "up": "↑",
    "down": "↓",
    "left": "◀",
    "right": "▶",
    "space": "␣",
    "tab": "Tab",
    "asterisk": "*",
    "plus": "+",
    "minus": "−",
    "comma": ",",
    "full_stop": ".",
} | {f"f{number}": f"F{number}" for number in range(1, 13)}
_CUT: Final = "…"
_LEFT_OUT: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_VARIANTS: Final = range(0xFE00, 0xFE10)


@dataclass(frozen=True, slots=True)
class Bit:
    """Some text in a row: `look` is a name of `style.LOOKS`, `key` what a finger on it presses."""

    text: str
    look: str = "plain"
    key: str = ""


Row = tuple[Bit, ...]
EMPTY: Final[Row] = ()


def key_name(key: str) -> str:
    """Return how a key is called on the screen."""
    return f"⇧{key}" if len(key) == 1 and key.isupper() else KEY_NAMES.get(key, key)


def clean(text: str) -> str:
    """Return a text of which every sign has a width that terminals agree on."""
    if text.isascii() and text.isprintable():
        return text
    kept = (" " if char in "\t\n\r" else char for char in unicodedata.normalize("NFC", text))
    return "".join(
        char
        for char in kept
        if unicodedata.category(char) not in _LEFT_OUT and ord(char) not in _VARIANTS
    )


def wide(text: str) -> int:
    """Return how many cells a clean text takes."""
    return cell_len(text)


def fit(text: str, columns: int) -> str:
    """Return a text in exactly so many cells: cut with a sign, or filled up at its right."""
    said = clean(text)
    if wide(said) > columns:
        said = set_cell_size(said, max(0, columns - 1)) + _CUT[:columns]
    return set_cell_size(said, max(0, columns))


def fit_right(text: str, columns: int) -> str:
    """Return a text in exactly so many cells, filled up at its left."""
    said = clean(text)
    return fit(said, columns) if wide(said) > columns else " " * (columns - wide(said)) + said


def fit_middle(text: str, columns: int) -> str:
    """Return a text in exactly so many cells, in their middle."""
    said = clean(text)
    return fit(" " * max(0, (columns - wide(said)) // 2) + said, columns)


def row_width(row: Row) -> int:
    """Return how many cells a row takes."""
    return sum(wide(bit.text) for bit in row)


def filled(row: Row, columns: int, look: str = "plain") -> Row:
    """Return a row filled up at its right."""
    missing = columns - row_width(row)
    return (*row, Bit(" " * missing, look)) if missing > 0 else row


def beside(left: list[Row], right: list[Row], left_columns: int) -> list[Row]:
    """Return two blocks of the same height side by side."""
    pairs = zip(left, right, strict=True)
    return [(*filled(one, left_columns), *other) for one, other in pairs]


def key_at(row: Row, column: int) -> str:
    """Return what a finger presses in a column of a row, "" if nothing."""
    for bit in row:
        column -= wide(bit.text)
        if column < 0:
            return bit.key
    return ""


def wrapped(text: str, columns: int) -> list[str]:
    """Return a text in lines of at most so many cells, broken between words where that can be."""
    lines: list[str] = []
    rest = ""
    for word in clean(text).split():
        joined = f"{rest} {word}" if rest else word
        if wide(joined) <= columns:
            rest = joined
            continue
        if rest:
            lines.append(rest)
        rest = fit(word, columns).rstrip() if wide(word) > columns else word
    return [*lines, rest] if rest or not lines else lines


def texts(rows: list[Row]) -> list[str]:
    """Return the words of rows, for who only wants to read them."""
    return ["".join(bit.text for bit in row) for row in rows]
