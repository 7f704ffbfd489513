"""What a receipt printer says of itself, where it says anything, in Epson's status bytes.

ESC/POS: DLE EOT n is answered at once, even by a printer that stands still, with one byte whose
bits 0, 1, 4 and 7 are fixed; GS r 1 is answered when all before it is on paper, with bits 4 and 7
clear. Many cheap printers answer neither, some the first alone: silence is no trouble by itself.
"""

from collections.abc import Callable
from typing import Final

ANSWER_MS: Final = 400
PRINTED_MS: Final = 5_000

PAPER: Final = b"\x10\x04\x04"
WHY_OFFLINE: Final = b"\x10\x04\x02"
WHEN_PRINTED: Final = b"\x1dr\x01"

_FIXED, _FIXED_VALUE = 0x93, 0x12
_PAPER_OUT: Final = 0x60
_COVER_OPEN, _STOPPED_BY_PAPER, _ERROR = 0x04, 0x20, 0x40

# From linux/lp.h: what LPGETSTATUS gives for /dev/usb/lp0; the third is on while there is no error.
_PORT_PAPER_OUT, _PORT_SELECTED, _PORT_NO_ERROR = 0x20, 0x10, 0x08

# Sends bytes and waits at most so many milliseconds for an answer; empty if there is none.
Ask = Callable[[bytes, int], bytes]


class PrinterTrouble(Exception):
    """A job was not printed, or not to its end; the message is one sentence."""


def answers(ask: Ask, name: str) -> bool:
    """Ask a printer how it is; tell whether it answers. `PrinterTrouble` if it cannot print now."""
    paper = _status(ask(PAPER, ANSWER_MS))
    if paper is None:
        return False
    offline = _status(ask(WHY_OFFLINE, ANSWER_MS)) or 0
    if paper & _PAPER_OUT or offline & _STOPPED_BY_PAPER:
        message = f"{name} is out of paper"
        raise PrinterTrouble(message)
    if offline & _COVER_OPEN:
        message = f"{name} has its cover open"
        raise PrinterTrouble(message)
    if offline & _ERROR:
        message = f"{name} reports an error: look for jammed paper, then switch it off and on"
        raise PrinterTrouble(message)
    return True


def print_and_wait(ask: Ask, job: bytes, name: str) -> None:
    """Send a job to a printer that answers, and wait until it is on paper.

    One that does not know the question is asked how it is instead. `PrinterTrouble` if it is not
    well, or no longer answers.
    """
    if ask(job + WHEN_PRINTED, PRINTED_MS):
        return
    if not answers(ask, name):
        message = f"{name} stopped answering"
        raise PrinterTrouble(message)


def port_trouble(status: int, name: str) -> str:
    """Return what a printer port's status byte says is wrong, in one sentence; empty if nothing."""
    if status & _PORT_PAPER_OUT:
        return f"{name} is out of paper"
    if not status & _PORT_SELECTED:
        return f"{name} is offline: is it on, and its cover shut?"
    if not status & _PORT_NO_ERROR:
        return f"{name} reports an error: look for jammed paper, then switch it off and on"
    return ""


def _status(answer: bytes) -> int | None:
    """The last status byte in an answer; None if there is none."""
    found = [byte for byte in answer if byte & _FIXED == _FIXED_VALUE]
    return found[-1] if found else None
