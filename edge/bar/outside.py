"""What a till is connected to: camera, scanners, NFC reader, receipt printer."""

from dataclasses import dataclass
from typing import Any

from edge.headless import Answer
from edge.outside import Options, Outside
from edge.wanted import USUAL, WRISTBAND
from hardware.ports import Heard


@dataclass(slots=True)
class Intent:
    """What the seller wants of the next code; set from any thread, read by the lane."""

    expects: str = USUAL


@dataclass(frozen=True, slots=True)
class BarOptions(Options):
    """How a till was started."""


class BarOutside(Outside):
    """A till's hardware; a chip's UID and count go along with its text."""

    def hear(self, heard: Heard) -> None:
        """Take what a hand scanner or NFC reader gave, from its thread."""
        answer: Answer | None = {"event": WRISTBAND}
        if heard.text is not None:
            answer = self._scan(heard.text)
        if answer is not None and (heard.text is not None or heard.uid is not None):
            self._tell(with_chip(answer, heard) | {"source": heard.source_name})


def with_chip(answer: Answer, heard: Heard) -> Answer:
    """Return what a code was taken for, with what the chip that held it says of itself."""
    if answer["event"] != WRISTBAND or heard.uid is None:
        return answer
    shown: dict[str, Any] = {"uid": heard.uid.hex(), "taps": heard.taps}
    if heard.text is not None:
        shown["text"] = heard.text
    return answer | {"shown": shown}
