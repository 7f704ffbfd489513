"""Mistakes at the till and the gate: what is done twice, and what is not asked."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest import mock

from edge.bar.duty import Duty
from edge.bar.sales import Sales
from edge.gate.scans import Scans
from sync import accounts

Planted = AbstractContextManager[object]


def sale_not_idempotent() -> Planted:
    """The same sale, given again, is sold again."""
    return mock.patch.object(Sales, "_sold_before", return_value=None)


def lent_is_sold_too() -> Planted:
    """A till sells from what is lent to another one as if it were there."""

    def balance_left(self: Duty, wallet: int) -> int:
        return accounts.wallet_balance(self.cells, wallet)

    return mock.patch.object(Duty, "balance_left", balance_left)


def confirmed_without_judging() -> Planted:
    """The second step records what the first one judged."""
    kept: dict[bytes, Any] = {}
    whole_confirm = Scans.confirm

    def confirm(self: Scans, session: bytes, *rest: Any) -> Any:
        waiting = self._waiting.get(session)
        if waiting is None or waiting.answer is not None or waiting.asked:
            return whole_confirm(self, session, *rest)
        verdict = kept.get(session)
        if verdict is None:
            return whole_confirm(self, session, *rest)
        waiting.answer = self._settle(waiting.question, verdict)
        return waiting.answer

    whole_wait = Scans._wait

    def wait(self: Scans, asked: Any, why: str = "") -> Any:
        told = whole_wait(self, asked, why)
        if not why:
            kept[bytes.fromhex(told["session"])] = self._judge(asked)
        return told

    @contextmanager
    def both() -> Iterator[None]:
        with (
            mock.patch.object(Scans, "confirm", confirm),
            mock.patch.object(Scans, "_wait", wait),
        ):
            yield

    return both()


PLANTED = {
    "sale_not_idempotent": ("the same sale happens twice", sale_not_idempotent),
    "lent_is_sold_too": ("what is lent elsewhere is sold as well", lent_is_sold_too),
    "confirmed_without_judging": ("the second step judges nothing", confirmed_without_judging),
}
