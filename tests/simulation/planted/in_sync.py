"""Mistakes in the kernel: what is believed, in which order, and what it comes to."""

from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from typing import Any
from unittest import mock

import sync.admission
import sync.allotments
import sync.fold
import sync.ledger_effects
import sync.lending
import sync.replica
from sync.certificates import peek_certificate
from sync.clock import Moment
from sync.conversation import Conversation
from sync.facts import LineKind
from sync.history_effects import Reading, Seen
from sync.journal import Record, Writer
from sync.message import Message
from sync.replica import Outcome, Replica
from tests.simulation.agenda import START_MS

Planted = AbstractContextManager[object]
_TWO_DAYS_MS = 2 * 24 * 3_600_000


def no_dedupe() -> Planted:
    """A record that comes again is folded again."""
    whole = Replica._judge

    def judge(self: Replica, record: Record) -> Outcome:
        outcome = whole(self, record)
        info = self.shelf.run(record.run)
        if outcome is Outcome.KNOWN and info is not None:
            sync.replica._fold_one(self.shelf.cells, record, info.role)
        return outcome

    return mock.patch.object(Replica, "_judge", judge)


def number_from_wall_clock() -> Planted:
    """A record's number is the minute in which it was made."""
    whole = Writer.write

    def write(self: Writer, body: Any, moment: Moment) -> Record:
        self._number = moment.now_ms // 60_000
        return whole(self, body, moment)

    return mock.patch.object(Writer, "write", write)


def merge_keeps_ours() -> Planted:
    """A run whose place in its journal is taken by another is not taken."""
    whole = Replica._judge_first

    def judge_first(self: Replica, record: Record) -> Outcome:
        if self.shelf.following(record.terminal, record.previous):
            return Outcome.KNOWN
        return whole(self, record)

    return mock.patch.object(Replica, "_judge_first", judge_first)


def float_money() -> Planted:
    """Revenue and VAT are worked out in floating point and cut off."""
    whole = sync.ledger_effects._post_line

    def post_line(effect: Any, basket: Any, line: Any, quantity: int) -> None:
        _, _, unit, vat, kind, _ = line
        if kind != LineKind.ITEM:
            whole(effect, basket, line, quantity)
            return
        net = quantity * unit / (1 + vat / 10_000)
        effect[f"revenue:{basket.bar}:{vat}", 0] += int(net)
        effect[f"vat:{vat}", 0] += int(net * vat / 10_000)

    return mock.patch.object(sync.ledger_effects, "_post_line", post_line)


def signature_not_checked() -> Planted:
    """Whatever names a known run is believed."""
    return mock.patch.object(sync.replica, "signed_by", return_value=True)


def certificate_not_checked() -> Planted:
    """A journal's certificates are read and not checked."""
    return mock.patch.object(
        sync.replica, "read_chain", lambda chain, *_: peek_certificate(chain[-1])
    )


def history_by_clock() -> Planted:
    """A ticket's facts are put into order by their stamps."""

    def by_clock(self: Reading, row: Seen) -> tuple[int, bytes, bytes]:
        return row.stamp_ms, row.terminal, row.fact

    return mock.patch.object(Reading, "_by_cause", by_clock)


def second_admission_by_clock() -> Planted:
    """Two admissions are a conflict only if they lie within an hour of each other."""
    whole = Reading.unaware

    def unaware(self: Reading) -> list[Seen]:
        found = whole(self)
        times = [row.stamp_ms for row in found]
        return found if times and max(times) - min(times) < 3_600_000 else []

    return mock.patch.object(Reading, "unaware", unaware)


def spent_twice_unnoticed() -> Planted:
    """A part that an older image spends again is not looked for."""
    return mock.patch.object(sync.allotments, "_overspent", return_value=0)


def void_twice() -> Planted:
    """Each void of a line takes it back once more."""
    whole = sync.ledger_effects._post_voids

    def post_voids(effect: Any, basket: Any, sale: Any) -> None:
        for void in sale.voids:
            whole(effect, basket, sale._replace(voids=(void,)))

    return mock.patch.object(sync.ledger_effects, "_post_voids", post_voids)


def cursor_not_reset() -> Planted:
    """A partner's new store is read on from where its old one was left, and it does not notice."""
    whole = Conversation.take

    def take(self: Conversation, message: Message) -> Any:
        if self.memory.store is not None:
            self.memory = replace(self.memory, store=message.store_id)
        return whole(self, message)

    def partner_read(self: Conversation, message: Message) -> Any:
        is_ours = message.your_store_id == self._log.store_id
        return (message.read_up_to if is_ours else None), False

    stack = ExitStack()
    stack.enter_context(mock.patch.object(Conversation, "take", take))
    stack.enter_context(mock.patch.object(Conversation, "_partner_read", partner_read))
    return stack


def exit_refused_by_clock() -> Planted:
    """Nobody is let out when the clock says that the festival is over."""
    whole = sync.admission._let_out

    def let_out(cells: Any, question: Any, *rest: Any) -> Any:
        if abs(question.moment.now_ms - START_MS) > _TWO_DAYS_MS:
            return sync.admission._refuse(cells, question, "too_late", "")
        return whole(cells, question, *rest)

    return mock.patch.object(sync.admission, "_let_out", let_out)


def room_not_counted() -> Planted:
    """A gate lets in as many as come, whatever it was lent."""
    return mock.patch.object(sync.lending, "room", return_value=None)


def refund_without_limit() -> Planted:
    """More of a line is paid back than was sold, if more is asked for."""
    return mock.patch.object(
        sync.ledger_effects,
        "refundable",
        lambda basket, line, _: 10**6 if line < len(basket.lines) else 0,
    )


def past_forgotten() -> Planted:
    """An admission names nothing that its gate knew."""
    whole = sync.admission._admitted

    def admitted(*what: Any) -> Any:
        return replace(whole(*what), after=())

    return mock.patch.object(sync.admission, "_admitted", admitted)


PLANTED = {
    "no_dedupe": ("a record that comes twice counts twice", no_dedupe),
    "number_from_wall_clock": ("a record's number comes from the clock", number_from_wall_clock),
    "merge_keeps_ours": ("a run whose place is taken is dropped", merge_keeps_ours),
    "float_money": ("VAT is worked out in floating point", float_money),
    "signature_not_checked": ("records' signatures are not checked", signature_not_checked),
    "certificate_not_checked": ("journals' certificates are not checked", certificate_not_checked),
    "history_by_clock": ("passages are ordered by the clock", history_by_clock),
    "second_admission_by_clock": ("conflicts depend on the clock", second_admission_by_clock),
    "spent_twice_unnoticed": ("a restored gate spends again unnoticed", spent_twice_unnoticed),
    "void_twice": ("two voids of a line undo it twice", void_twice),
    "cursor_not_reset": ("a new store is read from the old position", cursor_not_reset),
    "exit_refused_by_clock": ("the clock keeps guests inside", exit_refused_by_clock),
    "room_not_counted": ("a gate ignores what it was lent", room_not_counted),
    "refund_without_limit": ("a line is paid back beyond what was sold", refund_without_limit),
    "past_forgotten": ("an admission names no causes", past_forgotten),
}
