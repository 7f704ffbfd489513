"""A hub as the authority: answers tills by the office's rules, in its own journal.

It may lend once it knows all that was lent before it was given the authority, and it counts every
till as silent that it has not heard to its end by itself within some seconds.
"""

from collections.abc import Callable
from enum import StrEnum

from edge.hub.answers import Answers
from edge.hub.comparing import Comparing
from edge.terminal import Terminal
from sync import catalogue, granting, handover
from sync.asking import Asked, BadAsking, Question, Reply, read_question, spell
from sync.catalogue import is_revoked
from sync.cells import Cells
from sync.facts import Allotted
from sync.granting import REUSED, Answered, Standing
from sync.handover import OFFICE
from sync.journal import Record
from sync.keys import digest
from sync.limits import REPLY_RECORDS_MAX
from sync.linking import Claimed, claim_proof
from sync.loans import Judged, Reason, silent_tills
from sync.names import TerminalId
from sync.pace import Pace

Lender = Callable[[Cells], list[Allotted]]
"""Returns what parts of quotas should be lent now, as far as the cells say; all of them."""


class Refused(StrEnum):
    """Why a question is not answered at all, in words for a technician."""

    NO_QUESTION = "These bytes are no question of this version."
    REVOKED = "This terminal was revoked: nothing more of it is believed. Call the organiser."
    NO_TILL = "Only tills that have their place at a bar ask the authority."
    REUSED = "This operation was granted before with another content: give the new one its own id."
    TOO_OFTEN = "This till asks too often."


class HandBackRefused(Exception):
    """The authority cannot be handed back from here; `word` is one of the hub's sayings."""

    def __init__(self, word: str) -> None:
        """Name the reason."""
        super().__init__(word)
        self.word = word


class HubAuthority:
    """Answers questions and lends; in the lane only.

    `lenders` lend parts of quotas besides; each is asked in turn by `lend_parts`.
    """

    def __init__(self, terminal: Terminal) -> None:
        """Answer for this hub."""
        self._terminal = terminal
        self._own = terminal.manifest.terminal_id
        self._answers = Answers(terminal.store)
        self._comparing = Comparing()
        self._pace = Pace()
        self.lenders: list[Lender] = []

    @property
    def is_mine(self) -> bool:
        """Tell whether this hub is the authority, as far as it has heard."""
        return handover.is_authority(self._cells, self._own)

    @property
    def lends(self) -> bool:
        """Tell whether this hub may lend now: it is the authority and knows all that was lent."""
        is_here = self._terminal.run is not None
        return is_here and self.is_mine and self._terminal.confirmed.is_ready

    def silent(self) -> set[bytes]:
        """Return the tills that may hold sales which this hub does not."""
        now_ms = self._terminal.timekeeper.monotonic_ms()
        return silent_tills(self._cells, self._terminal.confirmed.level_ms, now_ms)

    def ask(self, asker: TerminalId, content: bytes) -> bytes | Refused:
        """Return the answer to a proved box's question; what it grants is on the disk by then."""
        try:
            question = read_question(content)
        except BadAsking:
            return Refused.NO_QUESTION
        terminal, cells = self._terminal, self._cells
        if is_revoked(cells, asker):
            return Refused.REVOKED
        is_till = catalogue.bar_of(cells, asker) is not None
        if not is_till and question.kind != Asked.PART:
            return Refused.NO_TILL
        if not self._pace.allows(asker, terminal.timekeeper.monotonic_ms()):
            return Refused.TOO_OFTEN
        if terminal.run is None:
            return spell(Reply(0, Reason.RECOVERING.value, 0, ()))
        mark, now_ms = digest(content), terminal.moment().now_ms
        given = granting.given_back(cells, asker, question)
        before = self._answers.answer(asker, question.operation, now_ms)
        said = granting.said_before(before, mark, given)
        if said is not None:
            return Refused.REUSED if said is REUSED else said
        judged = self._judge(asker, question, now_ms)
        return self._state(asker, question, judged, mark, given, now_ms)

    def lend_parts(self) -> int:
        """Lend what the lenders find that should be lent now; return how many parts that were."""
        if not self.lends:
            return 0
        parts = [part for lend in self.lenders for part in lend(self._cells)]
        for part in parts:
            self._terminal.record(handover.under(self._cells, part))
        return len(parts)

    def hand_back(self) -> Record:
        """Give the authority back to the office; `HandBackRefused` if it is not this hub's to give.

        A hub that does not know all that was lent has nothing that it could pass on.
        """
        if not self.is_mine:
            raise HandBackRefused("not_mine")
        if not self.lends:
            raise HandBackRefused("not_all_known")
        return self._terminal.record(handover.hand_over(self._cells, OFFICE))

    def close(self) -> None:
        """Compare no more claims."""
        self._comparing.close()

    @property
    def _cells(self) -> Cells:
        return self._terminal.store.shelf.cells

    def _judge(self, asker: TerminalId, question: Question, now_ms: int) -> Judged:
        is_locked = self._answers.is_claim_locked(question.wallet, now_ms)
        claimed: Claimed | None = Claimed(None, fits=False)
        if self.lends and not is_locked:
            claimed = self._claimed(question)
        if claimed is None:
            return Judged(0, Reason.COMPARING, 0)
        is_ready = self._terminal.confirmed.is_ready
        standing = Standing(self._own, is_ready, self.silent(), claimed, is_locked)
        return granting.judge(self._cells, asker, question, standing)

    def _claimed(self, question: Question) -> Claimed | None:
        """Return how a question's claim compared; None while that is under way."""
        claim, proof = question.claim, claim_proof(self._cells, question.wallet)
        if question.kind != Asked.LINK or claim is None or proof is None:
            return Claimed(None, fits=False)
        return self._comparing.compared(question.wallet, claim, proof)

    def _state(
        self,
        asker: TerminalId,
        question: Question,
        judged: Judged,
        mark: bytes,
        given: int,
        now_ms: int,
    ) -> bytes:
        """Record what was judged with the answer that a repeat will get; return the answer."""
        if not granting.is_remembered(judged):
            return self._spelled(judged, [])
        replies: list[bytes] = []

        def also(records: list[Record]) -> None:
            replies.append(self._spelled(judged, records))
            answered = Answered(mark, replies[0], judged.granted, given)
            self._answers.put_answer(asker, question.operation, answered, now_ms)
            if judged.reason is Reason.WRONG_CLAIM:
                self._answers.add_wrong_claim(question.wallet, now_ms)
            elif granting.proves_claim(question, judged):
                self._answers.forget_claims(question.wallet)

        self._terminal.record_together(judged.facts, also)
        return replies[0]

    def _spelled(self, judged: Judged, records: list[Record]) -> bytes:
        """Return the answer with the records that the till can fold at once.

        What does not fit the answer reaches the till with everything else.
        """
        opening = self._terminal.opening
        raws = tuple(record.raw for record in records)
        if raws and opening is not None:
            raws = (opening.raw, *raws)
        return spell(
            Reply(judged.granted, judged.reason.value, judged.safe, raws[:REPLY_RECORDS_MAX])
        )
