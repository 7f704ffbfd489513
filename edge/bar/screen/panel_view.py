"""Draws what a mode says on the till: a frame of its own for each tone, large words, large keys."""

from typing import Final

from edge.bar.screen import digits
from edge.bar.screen.rows import (
    EMPTY,
    Bit,
    Row,
    filled,
    fit,
    fit_middle,
    key_name,
    row_width,
    wide,
    wrapped,
)
from edge.screen import letters
from edge.screen.panel import Choice, Panel, Tone

_FRAMES: Final = {
    Tone.READY: "╭─╮│╰╯",
    Tone.ADMIT: "████▀█",
    Tone.ASK: "┏━┓┃┗┛",
    Tone.REFUSE: "╔═╗║╚╝",
    Tone.TROUBLE: "▛▀▜▌▙▟",
    Tone.CLOSED: "┌─┐│└┘",
}
_SIGNS: Final = {
    Tone.ADMIT: "✔",
    Tone.ASK: "?",
    Tone.REFUSE: "✘",
    Tone.TROUBLE: "!",
    Tone.CLOSED: "■",
    Tone.READY: "●",
}
_PAD: Final = ("789", "456", "123")
_PAD_KEY_COLUMNS: Final = 7
_MARGIN: Final = 2
WARNING: Final = "▲"
"""A line that begins so is painted amber on every tone."""
_LIST_ROWS_MIN: Final = 9


def panel_rows(panel: Panel, columns: int, rows: int) -> list[Row]:
    """Return a panel as rows of cells, so many columns wide and rows high."""
    tone = panel.tone.value
    inner = columns - 2 * _MARGIN
    needed = _needed(panel, inner)
    foot = _foot(panel.choices, inner, tone, is_airy=True)
    if needed > rows - 2 - len(foot):
        foot = _foot(panel.choices, inner, tone, is_airy=False)
    body = _body(panel, inner, rows - 2 - len(foot))
    gap = rows - 2 - len(body) - len(foot)
    drawn = [*body, *[EMPTY] * gap, *foot][: rows - 2]
    upper, lower, side = _frame(panel.tone, columns)
    look = f"{tone}_frame"
    middle = [
        (
            Bit(side, look),
            Bit(" ", tone),
            *filled(row, inner, tone),
            Bit(" ", tone),
            Bit(side, look),
        )
        for row in drawn
    ]
    return [(Bit(upper, look),), *middle, (Bit(lower, look),)]


def _frame(tone: Tone, columns: int) -> tuple[str, str, str]:
    left, line, right, side, low_left, low_right = tuple(_FRAMES[tone])
    across = columns - 2
    return f"{left}{line * across}{right}", f"{low_left}{line * across}{low_right}", side


def _body(panel: Panel, columns: int, room: int) -> list[Row]:
    """Return sign and word, the lines, what is typed, and as many rows of a list as fit."""
    tone = panel.tone.value
    said: list[Row] = []
    for number, line in enumerate(panel.lines):
        look = f"{tone}_bold" if number == 0 else tone
        if line.startswith(WARNING):
            look = "on"
        said += [(Bit(one, look),) for one in wrapped(line, columns)]
    entry = _entry(panel, columns, room - len(said) - 2)
    head = _head(panel, columns, room - len(said) - len(entry))
    left = room - len(head) - len(said) - len(entry) - 1
    rows: list[Row] = [(Bit(fit(row, columns), tone),) for row in panel.rows[: max(0, left)]]
    parts = [part for part in (head, said, entry, rows) if part]
    spare = room - sum(len(part) for part in parts)
    drawn: list[Row] = []
    for part in parts:
        if drawn and spare > 0:
            drawn.append((Bit(" ", tone),))
            spare -= 1
        drawn += part
    return drawn[:room]


def _entry(panel: Panel, columns: int, room: int) -> list[Row]:
    """Return what is typed: amounts large, everything else in one line."""
    if panel.entry is None:
        return []
    look = f"{panel.tone.value}_bold"
    large = digits.drawn(panel.entry)
    mark = " " if panel.tone is Tone.ADMIT else "▸"
    is_amount = bool(panel.entry) and all(char in "0123456789.,−" for char in panel.entry)
    if is_amount and room >= digits.HEIGHT and len(large[0]) <= columns - 2:
        return [(Bit(f"{mark if n == 1 else ' '} {line}", look),) for n, line in enumerate(large)]
    return [(Bit(fit(f"▸ {panel.entry}▏", columns), look),)]


def _head(panel: Panel, columns: int, room: int) -> list[Row]:
    """Return sign and word as large as there is room, in one line otherwise."""
    if not panel.word:
        return []
    look = f"{panel.tone.value}_bold"
    is_drawn = all(char in letters.DRAWN for char in panel.word.upper())
    sign = letters.SIGNS[panel.tone.value]
    drawn = letters.large(panel.word) if is_drawn else ("",) * letters.HEIGHT
    lines = [f"{left}  {right}" for left, right in zip(sign, drawn, strict=True)]
    if not is_drawn or len(lines[0]) > columns or room < letters.HEIGHT + 1:
        return [(Bit(fit(f"{_SIGNS[panel.tone]}  {panel.word}", columns), look),)]
    if 2 * len(lines[0]) <= columns and room > 2 * letters.HEIGHT:
        lines = ["".join(2 * cell for cell in line) for line in lines for _ in range(2)]
    return [(Bit(line.rstrip(), look),) for line in lines]


def _needed(panel: Panel, columns: int) -> int:
    """Return how many rows the words need at least; a long list is content with some."""
    lines = sum(len(wrapped(line, columns)) for line in panel.lines)
    entry = 0 if panel.entry is None else digits.HEIGHT + 1
    return lines + entry + min(len(panel.rows), _LIST_ROWS_MIN) + (2 if panel.word else 1)


def _foot(choices: tuple[Choice, ...], columns: int, tone: str, *, is_airy: bool) -> list[Row]:
    """Return the choices as keys for fingers; digits lie as on a pad."""
    keys = {one.key: one for one in choices}
    if not all(str(digit) in keys for digit in range(10)):
        return _spaced(_flow(list(choices), columns, tone), is_airy=is_airy)
    on_pad = {*"0123456789", "backspace", "enter"}
    others = [one for one in choices if one.key not in on_pad]
    pad = [_pad_row(tuple(line), keys, tone) for line in _PAD]
    left = _spaced([*pad, _pad_row(("backspace", "0", "enter"), keys, tone)], is_airy=is_airy)
    room = columns - 3 * _PAD_KEY_COLUMNS - 2
    right = _spaced(_stack(others, room), is_airy=is_airy)
    high = max(len(left), len(right))
    left += [EMPTY] * (high - len(left))
    right += [EMPTY] * (high - len(right))
    return [
        (*filled(one, 3 * _PAD_KEY_COLUMNS, tone), Bit("  ", tone), *other)
        for one, other in zip(left, right, strict=True)
    ]


def _spaced(rows: list[Row], *, is_airy: bool) -> list[Row]:
    """Return rows of keys with room between them, if there is any."""
    if not is_airy:
        return rows
    spaced: list[Row] = []
    for row in rows:
        spaced += [row, EMPTY]
    return spaced[:-1]


def _pad_row(names: tuple[str, ...], keys: dict[str, Choice], tone: str) -> Row:
    row: Row = EMPTY
    for name in names:
        if name not in keys:
            row = (*row, Bit(" " * _PAD_KEY_COLUMNS, tone))
            continue
        text = fit_middle(key_name(name), _PAD_KEY_COLUMNS - 1)
        row = (*row, Bit(text, "button_key", name), Bit(" ", tone))
    return row


def _button(choice: Choice) -> Row:
    name = key_name(choice.key)
    label = "" if choice.label in {choice.key, name} else f" {choice.label} "
    return (Bit(f" {name} ", "button_key", choice.key), Bit(label, "button", choice.key))


def _stack(choices: list[Choice], columns: int) -> list[Row]:
    """Return choices one below the other."""
    rows: list[Row] = []
    for choice in choices:
        name, label = _button(choice)
        text = fit(label.text, columns - wide(name.text))
        rows.append((name, Bit(text, "button", choice.key)))
    return rows


def _flow(choices: list[Choice], columns: int, tone: str) -> list[Row]:
    """Return choices side by side in as few rows as they need."""
    rows: list[Row] = []
    for choice in choices:
        name, label = _button(choice)
        room = columns - wide(name.text)
        button: Row = (name, label)
        if wide(label.text) > room:
            button = (name, Bit(fit(label.text, room), "button", choice.key))
        if rows and row_width(rows[-1]) + 2 + row_width(button) <= columns:
            rows[-1] = (*rows[-1], Bit("  ", tone), *button)
        else:
            rows.append(button)
    return rows
