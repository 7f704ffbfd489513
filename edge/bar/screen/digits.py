"""Digits three rows high, so that what is to be paid is read across a bar."""

from typing import Final

HEIGHT: Final = 3
_ROWS: Final = {
    "0": ("█▀█", "█ █", "▀▀▀"),
    "1": ("▀█ ", " █ ", "▀▀▀"),
    "2": ("▀▀█", "█▀▀", "▀▀▀"),
    "3": ("▀▀█", " ▀█", "▀▀▀"),
    "4": ("█ █", "▀▀█", "  ▀"),
    "5": ("█▀▀", "▀▀█", "▀▀▀"),
    "6": ("█▀▀", "█▀█", "▀▀▀"),
    "7": ("▀▀█", "  █", "  ▀"),
    "8": ("█▀█", "█▀█", "▀▀▀"),
    "9": ("█▀█", "▀▀█", "▀▀▀"),
    ".": (" ", " ", "▀"),
    ",": (" ", " ", "▜"),
    "−": ("   ", "▀▀▀", "   "),
    "+": ("   ", "▀█▀", " ▀ "),
    " ": (" ", " ", " "),
}


def drawn(text: str) -> tuple[str, ...]:
    """Return an amount as three rows; a sign that is not drawn here is left out."""
    found = [_ROWS[char] for char in text if char in _ROWS]
    return tuple(" ".join(one[row] for one in found) for row in range(HEIGHT))
