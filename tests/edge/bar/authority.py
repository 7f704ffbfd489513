"""An office process that lends what a till asks for, as the real one does, in a test's hands."""

from typing import Any

from edge.bar.desk import TillDesk
from edge.terminal import Terminal
from sync import allotments
from sync.asking import Question, Reply
from sync.clock import TRUSTED_CLOCK, Moment
from sync.facts import Allotted
from sync.journal import Writer
from sync.keys import SecretKey
from sync.names import FestivalId, Role, RunId, TerminalId
from tests.edge.boxes import FESTIVAL, NOW_MS, OFFICE_CERTIFICATE, writer_certificate


class Authority:
    """Lends to one till; what it wrote is the same bytes in every process."""

    def __init__(self, terminal: Terminal, desk: TillDesk) -> None:
        self._terminal, self._desk = terminal, desk
        key, name = SecretKey(bytes([50]) * 32), TerminalId(bytes([50]) * 16)
        chain = (OFFICE_CERTIFICATE, writer_certificate(Role.OFFICE, name, key, "Office"))
        self._pen = Writer(FestivalId(FESTIVAL), name, RunId(name), SecretKey(bytes([51]) * 32))
        self._moment = Moment(NOW_MS, TRUSTED_CLOCK)
        self._first = self._pen.open(key, chain, None, "test", "boot", self._moment)
        desk.duty.authority_is_near = lambda: True

    def lends(self, question: Question) -> Reply:
        """Lend all of what was asked."""
        own = self._terminal.manifest.terminal_id
        resource = question.resource or allotments.wallet_resource(question.wallet)
        fact = Allotted(resource, own, question.amount)
        record = self._pen.write(fact, self._moment)
        return Reply(question.amount, "", 9_999, (self._first.raw, record.raw))

    def answers(self, wants: dict[str, Any], reply: Reply | None) -> None:
        """Bring an answer to the till, None for no answer."""
        duty = self._desk.duty
        self._terminal.lane.run(lambda: duty.answered(wants["subject"], reply))
