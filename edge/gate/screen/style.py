"""Colours and places that only the gate's screen has."""

from typing import Final

from edge.screen.style import COMMON_CSS

CSS: Final = f"""{COMMON_CSS}
#head.rehearsal {{ background: #5b2a86; }}
#middle {{ height: 1fr; }}
#camera {{ width: 35%; height: 100%; }}
"""
