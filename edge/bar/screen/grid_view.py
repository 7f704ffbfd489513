"""Draws the grid: categories, products each at its place, modifiers, and the large keys below."""

from dataclasses import dataclass
from typing import Any, Final

from edge.bar.screen.grid import LETTERS, Grid, price_of
from edge.bar.screen.hand import Hand
from edge.bar.screen.money_words import amount
from edge.bar.screen.rows import (
    EMPTY,
    Bit,
    Row,
    filled,
    fit,
    fit_middle,
    fit_right,
    key_name,
    wrapped,
)
from edge.bar.screen.words import word

_CATEGORY_ROWS: Final = 2
_PER_CATEGORY_ROW: Final = 5
_FOOT_ROWS: Final = 4
_PAGE_CELLS: Final = 2
_KEYBOARD: Final = (10, 9, 7)
_CELL_COLUMNS: Final = 13
_CELL_COLUMNS_WIDE: Final = 16
_KEYBOARD_COLUMNS_MIN: Final = 130
_COLUMNS_MAX: Final = 10
_COLUMNS_MIN: Final = 4
_TIMES: Final = (("f2", 2), ("f3", 3), ("f4", 4))


@dataclass(frozen=True, slots=True)
class Place:
    """What of the grid is looked at."""

    category: int = 0
    page: int = 0


@dataclass(frozen=True, slots=True)
class _View:
    """What is drawn, together."""

    grid: Grid
    place: Place
    hand: Hand
    language: str


def grid_rows(
    grid: Grid, place: Place, hand: Hand, language: str, columns: int, rows: int
) -> list[Row]:
    """Return the grid as rows of cells, so many columns wide and rows high."""
    view = _View(grid, place, hand, language)
    cells, high, per_row = _geometry(columns, rows)
    drawn = _category_rows(grid, place, columns)
    room = rows - _CATEGORY_ROWS - _FOOT_ROWS
    lines: list[Row] = []
    width = columns // per_row - 1
    for start in range(0, len(cells), per_row):
        names = cells[start : start + per_row]
        shade = "_next" if start // per_row % 2 else ""
        blocks = [_cell(view, name, shade, width, high) for name in names]
        for line in range(high):
            row: Row = EMPTY
            for block in blocks:
                row = (*row, *block[line], Bit(" "))
            lines.append(row)
    lines += [EMPTY] * (room - len(lines))
    drawn += lines[:room]
    return [filled(row, columns) for row in drawn + _foot(hand, language, columns)]


def _geometry(columns: int, rows: int) -> tuple[list[str], int, int]:
    """Return which keys lie where, how high a cell is, and how many lie side by side."""
    room = rows - _CATEGORY_ROWS - _FOOT_ROWS
    if columns >= _KEYBOARD_COLUMNS_MIN:
        cells, start = [], 0
        for count in _KEYBOARD:
            cells += [*LETTERS[start : start + count], *[""] * (_COLUMNS_MAX - count)]
            start += count
        cells[-_PAGE_CELLS:] = ["left", "right"]
        return cells, max(1, room // len(_KEYBOARD)), _COLUMNS_MAX
    per_row = max(_COLUMNS_MIN, min(_COLUMNS_MAX, columns // _CELL_COLUMNS_WIDE))
    cells = [*LETTERS, "left", "right"]
    cells += [""] * (-len(cells) % per_row)
    return cells, max(1, room // (len(cells) // per_row)), per_row


def _category_rows(grid: Grid, place: Place, columns: int) -> list[Row]:
    width = columns // _PER_CATEGORY_ROW
    lines: list[Row] = []
    for start in range(0, _CATEGORY_ROWS * _PER_CATEGORY_ROW, _PER_CATEGORY_ROW):
        row: Row = EMPTY
        for number in range(start, start + _PER_CATEGORY_ROW):
            if number >= len(grid.categories):
                row = (*row, Bit(" " * width))
                continue
            one = grid.categories[number]
            is_here = number == place.category
            look = f"cat{one.colour}_bold" if is_here else f"cat{one.colour}"
            mark = "▸" if is_here else " "
            text = fit(f"{one.key}{mark}{one.name}", width - 1)
            row = (*row, Bit(text, look, one.key), Bit(" "))
        lines.append(row)
    return lines


def _cell(view: _View, name: str, shade: str, width: int, high: int) -> list[Row]:
    """Return one place of the grid as rows: a product, a page key, or nothing."""
    if name in {"left", "right"}:
        return _page_cell(view.grid, view.place, name, width, high)
    product = view.grid.at(view.place.category, view.place.page, name) if name else None
    if product is None:
        letter = fit_right(f"{name} ", width)
        above: list[Row] = [(Bit(" " * width),)] * (high - 1)
        return [*above, (Bit(letter, "vacant"),)]
    return _product_cell(view, name, product, shade, width, high)


def _product_cell(
    view: _View, name: str, product: dict[str, Any], shade: str, width: int, high: int
) -> list[Row]:
    """Return a product: its name, what one costs as the modifiers are, its letter."""
    hand, offered = view.hand, product["offered"]
    price = price_of(product, hand.measure, mixer=hand.mixer)
    is_there = offered == "yes" and price is not None
    look = f"cat{view.grid.categories[view.place.category].colour}{shade}"
    title, foot = (f"{look}_bold", look) if is_there else ("gone", "gone_word")
    state = "—" if price is None else amount(price, view.language)
    if offered != "yes":
        state = word(offered, view.language)
    said = fit(f" {state}", width - 2) + fit_right(name, 2)
    lines: list[Row] = [
        (Bit(" ", foot, name), Bit(fit(one, width - 1), title, name))
        for one in _titles(product["name"], width - 1, max(1, high - 1))
    ]
    lines += [(Bit(" " * width, foot, name),)] * (high - 1 - len(lines))
    return [*lines, (Bit(said, foot, name),)]


def _titles(name: str, width: int, lines: int) -> list[str]:
    """Return a name in as many lines as there are, the last one cut."""
    found = wrapped(name, width)
    if len(found) <= lines:
        return found
    return [*found[: lines - 1], " ".join(found[lines - 1 :])]


def _page_cell(grid: Grid, place: Place, name: str, width: int, high: int) -> list[Row]:
    pages = grid.pages(place.category)
    if pages == 1:
        nothing: Row = (Bit(" " * width),)
        return [nothing] * high
    arrow = key_name(name)
    text = fit_middle(f"{arrow} {place.page + 1}/{pages}", width)
    above: list[Row] = [(Bit(" " * width, "button", name),)] * (high - 1)
    return [*above, (Bit(text, "button", name),)]


def _foot(hand: Hand, language: str, columns: int) -> list[Row]:
    """Return the modifiers and the large keys below the products."""
    times = [(key, f"×{number}", hand.times == number) for key, number in _TIMES]
    is_many = hand.times not in {1, 2, 3, 4}
    times.append(("asterisk", f"×{hand.times}" if is_many else "×…", is_many))
    kinds = [
        ("f5", word("half", language), hand.measure == "half"),
        ("f6", word("double", language), hand.measure == "double"),
        ("f7", word("mixer", language), hand.mixer),
    ]
    large = [
        ("space", word("key_cup", language), False),
        ("T", word("key_top_up", language), False),
        ("tab", word("key_more", language), False),
    ]
    return [
        _keys(times, columns),
        _keys(kinds, columns),
        *_large_keys(large, columns),
    ]


def _keys(keys: list[tuple[str, str, bool]], columns: int) -> Row:
    """Return keys side by side over the whole width; those that hold now are marked."""
    width = columns // len(keys)
    row: Row = EMPTY
    for key, label, is_on in keys:
        name = key_name(key)
        text = fit(f"{'●' if is_on else ' '}{label}", width - len(name) - 3)
        look = "on" if is_on else "button"
        row = (*row, Bit(f" {name} ", "button_key", key), Bit(text, look, key), Bit(" "))
    return row


def _large_keys(keys: list[tuple[str, str, bool]], columns: int) -> list[Row]:
    upper: Row = EMPTY
    for key, label, _ in keys:
        width = columns // len(keys) - 1
        upper = (*upper, Bit(fit_middle(label, width), "button_key", key), Bit(" "))
    lower: Row = EMPTY
    for key, _, _ in keys:
        width = columns // len(keys) - 1
        lower = (*lower, Bit(fit_middle(key_name(key), width), "button_key", key), Bit(" "))
    return [upper, lower]
