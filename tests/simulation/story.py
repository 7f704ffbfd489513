"""What happened in a simulated world, as somebody who stood beside it would tell it."""

import hashlib
from collections.abc import Callable

from tests.simulation.agenda import Agenda


class Story:
    """Lines with the time of day, and a mark that is the same only for the same world."""

    def __init__(self, agenda: Agenda, tell: Callable[[str], None] | None = None) -> None:
        self._agenda = agenda
        self._tell = tell
        self._mark = hashlib.sha256()
        self.lines: list[str] = []

    def say(self, sentence: str) -> None:
        """Tell one thing."""
        line = f"{clock_face(self._agenda.now_ms)} {sentence}"
        self.note(line.encode())
        self.lines.append(line)
        if self._tell is not None:
            self._tell(line)

    def note(self, content: bytes) -> None:
        """Take something into the mark that nobody needs to read."""
        self._mark.update(len(content).to_bytes(4, "big") + content)

    @property
    def mark(self) -> str:
        """SHA-256 (hex) over everything that was told and noted."""
        return self._mark.hexdigest()


def clock_face(now_ms: int) -> str:
    """Return the hours, minutes and seconds since the festival began."""
    seconds = now_ms // 1000
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
