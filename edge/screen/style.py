"""Colours and places that all screens share; each tone also has a frame of its own."""

from typing import Final

COMMON_CSS: Final = """
Screen { layers: base; background: #101418; color: #f2f2f2; }
#head { height: 1; padding: 0 1; background: #2b3640; text-style: bold; }
#last { height: 1; padding: 0 1; background: #1b2229; }
#status { height: auto; min-height: 1; max-height: 2; padding: 0 1; background: #2b3640; }
#status.alone { background: #8a5a00; color: #ffffff; text-style: bold; }
#keys { height: 2; padding: 0 1; background: #101418; color: #c8d0d8; }
PanelView { width: 1fr; height: 100%; padding: 0 1; }
.tone-ready { border: round #5a6b7a; background: #101418; color: #f2f2f2; }
.tone-admit { border: tall #0b6b2e; background: #0b6b2e; color: #ffffff; }
.tone-ask { border: heavy #ffb000; background: #241a00; color: #ffcf66; }
.tone-refuse { border: double #ffffff; background: #a3001b; color: #ffffff; }
.tone-trouble { border: wide #ffb000; background: #7a4a00; color: #ffffff; }
.tone-closed { border: round #7f8fa0; background: #1b2229; color: #d8e0e8; }
"""
