"""One exchange with the office: said in the lane, carried outside of it, heard in the lane."""

from typing import Final

from edge.office_line import LineAnswer, LineTrouble, OfficeLine, Patience
from edge.office_talk import OfficeTalk
from edge.terminal import Terminal
from edge.timekeeper import TimeTold
from sync.conversation import BadMessage, Heard

PATH: Final = "/sync/v1/conversation"


class OfficeExchange:
    """A terminal's exchanges with its office, one after the other; used by one thread."""

    def __init__(self, terminal: Terminal, patience: Patience) -> None:
        """Exchange for this terminal, and wait no longer than its patience lasts."""
        self.talk = OfficeTalk(terminal)
        self.largest_bytes = 0
        self._is_abandoned = False
        self._terminal = terminal
        self._line = OfficeLine(terminal, patience)

    def once(self) -> Heard:
        """Say, carry and hear one message; `LineTrouble` says why the office was not heard.

        `largest_bytes` is then the size of the larger of the two messages.
        """
        lane = self._terminal.lane
        body = lane.run(self.talk.say)
        answer = self._line.post(PATH, body)
        self.largest_bytes = max(len(body), len(answer.body))
        told = self._told(answer)
        heard = lane.run(lambda: None if self._is_abandoned else self.talk.hear(answer.body, told))
        if heard is None:
            message = "nobody waits for this answer any more"
            raise LineTrouble(message)
        if isinstance(heard, BadMessage):
            message = f"the office's answer means nothing here: {heard}"
            raise LineTrouble(message)
        return heard

    def abandon(self) -> None:
        """Take no answer any more, because somebody else speaks to the office from now on."""
        self._is_abandoned = True

    def close(self) -> None:
        """Let go of the connection."""
        self._line.close()

    def _told(self, answer: LineAnswer) -> TimeTold | None:
        office_ms = self._line.office_ms(answer)
        if office_ms is None:
            return None
        return TimeTold(office_ms, answer.asked_ms, answer.answered_ms)
