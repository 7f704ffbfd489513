"""What a keyboard-wedge scanner sends: input events as the kernel gives them, for a text."""

from itertools import count

from hardware.keys import EVENT, LAYOUTS

ENTER = 28
SHIFT = 42
RIGHT_ALT = 100
BETWEEN_MS = 3


def event(at_ms: int, kind: int, code: int, value: int) -> bytes:
    """One `struct input_event` of this machine."""
    return EVENT.pack(at_ms // 1000, at_ms % 1000 * 1000, kind, code, value)


def key(at_ms: int, code: int, value: int) -> bytes:
    """A key with what the kernel sends around it: the scan code before, the report after."""
    return event(at_ms, 4, 4, 0x70000 + code) + event(at_ms, 1, code, value) + event(at_ms, 0, 0, 0)


def press(at_ms: int, code: int, modifier: int | None = None) -> bytes:
    """Press and release a key, with a modifier held around it."""
    stroke = key(at_ms, code, 1) + key(at_ms + 1, code, 0)
    if modifier is None:
        return stroke
    return key(at_ms, modifier, 1) + stroke + key(at_ms + 1, modifier, 0)


def typed(
    text: str, layout: str = "us", start_ms: int = 1_000, ending: int | None = ENTER
) -> bytes:
    """The events of a scanner that types a text and an ending key."""
    plain, shifted, alternate = ({c: k for k, c in keys.items()} for keys in LAYOUTS[layout])
    times = count(start_ms, BETWEEN_MS)
    sent = b""
    for character in text:
        if character in plain:
            sent += press(next(times), plain[character])
        elif character in shifted:
            sent += press(next(times), shifted[character], SHIFT)
        else:
            sent += press(next(times), alternate[character], RIGHT_ALT)
    return sent if ending is None else sent + press(next(times), ending)
