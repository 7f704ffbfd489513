"""Colours of the till's screen; whatever has a colour says the same in words or signs too."""

from typing import Final

from rich.style import Style

from edge.screen.style import COMMON_CSS

CSS: Final = f"""{COMMON_CSS}
#panel {{ height: 1fr; width: 100%; }}
#status {{ height: 1; max-height: 1; }}
#keys {{ height: 1; }}
#head.admit, #last.admit, #keys.admit {{ background: #0b6b2e; color: #ffffff; }}
#head.refuse, #last.refuse, #keys.refuse {{ background: #a3001b; color: #ffffff; }}
"""

_GROUND: Final = "#101418"
_WORDS: Final = "#f2f2f2"
_CATEGORIES: Final = (
    "#7a4a00",
    "#0b5a6b",
    "#6b1f3a",
    "#2d5a1b",
    "#4b3a8a",
    "#74401f",
    "#1f4a7a",
    "#5a4b1b",
)
_NEXT: Final = (
    "#5c3800",
    "#084451",
    "#50172c",
    "#224414",
    "#382b68",
    "#573017",
    "#17385c",
    "#443814",
)
"""The same a little darker: rows of products that lie close together are told apart."""
_TONES: Final = {
    "ready": (_WORDS, _GROUND),
    "admit": ("#ffffff", "#0b6b2e"),
    "ask": ("#ffcf66", "#241a00"),
    "refuse": ("#ffffff", "#a3001b"),
    "trouble": ("#ffffff", "#7a4a00"),
    "closed": ("#d8e0e8", "#1b2229"),
}
LOOKS: Final[dict[str, Style]] = {
    "plain": Style(color=_WORDS, bgcolor=_GROUND),
    "dim": Style(color="#8fa0b0", bgcolor=_GROUND),
    "bold": Style(color="#ffffff", bgcolor=_GROUND, bold=True),
    "meant": Style(color="#000000", bgcolor="#d8e0e8", bold=True),
    "button": Style(color="#ffffff", bgcolor="#2b3640"),
    "button_key": Style(color="#ffffff", bgcolor="#4a5a68", bold=True),
    "on": Style(color="#000000", bgcolor="#ffcf66", bold=True),
    "gone": Style(color="#8fa0b0", bgcolor="#1b2229", strike=True),
    "gone_word": Style(color="#c8d0d8", bgcolor="#1b2229", italic=True),
    "vacant": Style(color="#3a4650", bgcolor=_GROUND),
    "hint": Style(color="#ffcf66", bgcolor=_GROUND, bold=True),
}
for _number, _colour in enumerate(_CATEGORIES):
    LOOKS[f"cat{_number}"] = Style(color="#ffffff", bgcolor=_colour)
    LOOKS[f"cat{_number}_bold"] = Style(color="#ffffff", bgcolor=_colour, bold=True)
    LOOKS[f"cat{_number}_next"] = Style(color="#ffffff", bgcolor=_NEXT[_number])
    LOOKS[f"cat{_number}_next_bold"] = Style(color="#ffffff", bgcolor=_NEXT[_number], bold=True)
for _tone, (_front, _back) in _TONES.items():
    LOOKS[_tone] = Style(color=_front, bgcolor=_back)
    LOOKS[f"{_tone}_bold"] = Style(color=_front, bgcolor=_back, bold=True)
    LOOKS[f"{_tone}_frame"] = Style(color="#ffffff" if _tone != "ask" else "#ffb000", bgcolor=_back)
