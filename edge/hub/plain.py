"""A hub without scripts: a line every few seconds in words, and words typed instead of objects."""

import json
from collections.abc import Iterator
from typing import BinaryIO, Final

from edge.headless import Answer, Speaker
from edge.hub.sayings import say
from edge.limits import TYPED_WORDS_MAX
from edge.line_input import LineInput
from provisioning.local_time import offset_minutes

_MINUTE_MS: Final = 60_000
_DAY_S: Final = 86_400


class PlainSpeaker(Speaker):
    """Says answers in words, one line each."""

    def __init__(self, out: BinaryIO, language: str, time_zone: str) -> None:
        """Write to this stream, in ``en`` or ``fr``, with the times of this zone."""
        super().__init__(out)
        self._language = language
        self._time_zone = time_zone

    def say(self, answer: Answer) -> None:
        """Write one line and push it out."""
        self.write(self._line(answer))

    def _line(self, answer: Answer) -> str:
        match answer.get("event"):
            case "ready":
                return f"{answer['name']}. {say('words', self._language)}"
            case "report":
                return f"{self._clock(answer['now_ms'])} {self._report(answer)}"
            case "authority":
                return self._who(answer)
            case "trouble":
                return str(answer["sentence"])
            case "done":
                return say("handed_back" if "fact" in answer else "stopped", self._language)
            case _:
                return json.dumps(answer, ensure_ascii=False)

    def _report(self, answer: Answer) -> str:
        line = say("connected" if answer["connected"] else "not_connected", self._language)
        tills = (answer["tills_level"], answer["tills"])
        who = self._who(answer)
        return say("line", self._language, answer["hub"], who, *tills, line, answer["only_here"])

    def _who(self, answer: Answer) -> str:
        if answer["mine"]:
            return say("mine" if answer["lends"] else "mine_waiting", self._language)
        name = answer["name"] or answer["holder"][:8] or say("office", self._language)
        return say("others", self._language, name)

    def _clock(self, time_ms: int) -> str:
        """Return a Unix time in ms as the festival's time of day."""
        local_ms = time_ms + offset_minutes(self._time_zone, time_ms) * _MINUTE_MS
        minutes, second = divmod(local_ms // 1_000 % _DAY_S, 60)
        hour, minute = divmod(minutes, 60)
        return f"{hour:02d}:{minute:02d}:{second:02d}"


class PlainInput(LineInput):
    """Typed words as commands."""

    def lines(self) -> Iterator[bytes | None]:
        """Yield each line as a command; an empty line says nothing."""
        for line in super().lines():
            words = [] if line is None else line.decode("utf-8", "replace").split()
            if line is None:
                yield None
            elif words:
                yield json.dumps(_command(words)).encode()


def _command(words: list[str]) -> dict[str, str]:
    """Return the command that typed words mean; what means nothing is told as unknown."""
    name = words[0].replace("-", "_")
    command = {"do": name}
    if name == "hand_back" and len(words) == TYPED_WORDS_MAX:
        command |= {"badge": words[1], "pin": words[2]}
    return command
