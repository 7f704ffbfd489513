"""Draws the basket: its lines with amounts at the right, what is to be paid, how it can be paid."""

from dataclasses import dataclass
from typing import Final

from edge.bar.screen import digits
from edge.bar.screen.hand import CHOICE, CUPS, DEPOSIT, TIP, TOP_UP, VOUCHER, Entry, Hand, entries
from edge.bar.screen.money_words import amount, symbol
from edge.bar.screen.rows import EMPTY, Bit, Row, filled, fit, fit_middle, fit_right, key_name, wide
from edge.bar.screen.words import word
from edge.screen import letters

_FOOT_ROWS: Final = 4  # title, hint, two rows of keys
_TALL_ROWS: Final = 28
_PAYING: Final = (
    ("enter", "key_cash"),
    ("f8", "key_card"),
    ("f9", "key_split"),
    ("f10", "key_park"),
)


@dataclass(frozen=True, slots=True)
class Said:
    """What the line below the total says, and whether it is urgent."""

    text: str
    is_urgent: bool = False


def basket_rows(
    hand: Hand,
    said: Said,
    language: str,
    currency: str,
    columns: int,
    rows: int,
    *,
    can_pay: bool = True,
) -> list[Row]:
    """Return the basket as rows of cells, so many columns wide and rows high.

    Without `can_pay` something else is being done, and the keys for paying are not offered.
    """
    total = _total(hand.cart.total, language, columns - 2, is_tall=rows >= _TALL_ROWS)
    room = rows - _FOOT_ROWS - len(total)
    hint = Bit(fit_middle(said.text, columns - 1), "on" if said.is_urgent else "hint")
    drawn = [
        *_lines(hand, language, columns, room),
        _title(hand, language, currency, columns),
        *total,
        (Bit(" "), hint),
        *(_paying(language, columns, is_hand_out=hand.cart.total < 0) if can_pay else 2 * [EMPTY]),
    ]
    return [filled(row, columns) for row in drawn]


def name_of(entry: Entry, language: str) -> str:
    """Return what a line of the basket says: how many of what, and how."""
    if entry.kind == CHOICE:
        words = [entry.name]
        if entry.measure != "whole":
            words.append(word(entry.measure, language))
        if entry.has_mixer:
            words.append(word("with_mixer", language))
        if entry.discount:
            words.append(f"(−{amount(entry.discount, language)})")
        return f"{entry.quantity} × {' '.join(words)}"
    if entry.kind in {DEPOSIT, CUPS}:
        return f"{entry.quantity} × {word(f'line_{entry.kind}', language)}"
    if entry.kind == TOP_UP:
        return word("line_top_up", language, word(f"by_{entry.name}", language))
    if entry.kind == VOUCHER:
        return f"{word('line_voucher', language)} {entry.name}"
    return word(f"line_{TIP}", language)


def _lines(hand: Hand, language: str, columns: int, room: int) -> list[Row]:
    """Return as many lines as there is room, so that the meant one is among them."""
    found = entries(hand.cart)
    if room <= 0:
        return []
    if not found:
        empty = (Bit(" "), Bit(fit(word("basket_empty", language), columns - 1), "dim"))
        return [empty, *[EMPTY] * (room - 1)]
    meant = hand.meant()
    at = found.index(meant) if meant is not None else len(found) - 1
    first = max(0, min(at - room // 2, len(found) - room))
    shown = found[first : first + room]
    drawn = [_line(one, language, columns, is_meant=one == meant) for one in shown]
    if first > 0:
        drawn[0] = _more(f"↑ {first + 1}", "up", columns)
    below = len(found) - first - room
    if below > 0:
        drawn[-1] = _more(f"↓ {below + 1}", "down", columns)
    return drawn + [EMPTY] * (room - len(drawn))


def _line(entry: Entry, language: str, columns: int, *, is_meant: bool) -> Row:
    price = amount(entry.amount, language)
    look = "meant" if is_meant else "dim" if entry.kind == DEPOSIT else "plain"
    key = "" if entry.kind == DEPOSIT else f"line:{entry.kind}:{entry.at}"
    right = wide(price) + 1
    name = fit(name_of(entry, language), columns - right - 2)
    mark = "▸" if is_meant else " "
    return (Bit(f"{mark}{name}{fit_right(price, right)}", look, key),)


def _more(text: str, key: str, columns: int) -> Row:
    return (Bit(" "), Bit(fit_middle(text, columns - 1), "dim", key))


def _title(hand: Hand, language: str, currency: str, columns: int) -> Row:
    name = word("hand_out" if hand.cart.total < 0 else "to_pay", language)
    sign = symbol(currency)
    line = "─" * max(0, columns - wide(name) - wide(sign) - 5)
    return (Bit(f" ─{name}", "bold"), Bit(line, "dim"), Bit(f" {sign} ", "bold"))


def _total(minor: int, language: str, columns: int, *, is_tall: bool) -> list[Row]:
    """Return what is to be paid, as large as there is room; a sum to hand out has no sign."""
    text = amount(abs(minor), language)
    drawn = letters.large(text) if is_tall else digits.drawn(text)
    if len(drawn[0]) > columns:
        drawn = digits.drawn(text)
    if len(drawn[0]) > columns:
        drawn = ("", text, "")
    return [(Bit(fit_right(line, columns), "bold"),) for line in drawn]


def _paying(language: str, columns: int, *, is_hand_out: bool) -> list[Row]:
    """Return the keys by which a basket is paid, two in a row."""
    width = columns // 2
    rows = []
    for pair in (_PAYING[:2], _PAYING[2:]):
        row: Row = EMPTY
        for key, label in pair:
            name = key_name(key)
            text = word(label, language)
            is_off = is_hand_out and key in {"f8", "f9"}
            row = (
                *row,
                Bit(" "),
                Bit(f" {name} ", "button_key", key),
                Bit(fit(f" {text}", width - wide(name) - 3), "dim" if is_off else "button", key),
            )
        rows.append(row)
    return rows
