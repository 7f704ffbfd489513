"""What a till has done lately, by sale id, so that a command given twice is answered once.

It is made again from the till's own records at every start, so a till that was killed knows what
became of the sale in hand.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from edge.limits import SALES_REMEMBERED_MAX
from edge.terminal import Terminal
from sync.facts import Sold, ToppedUp, Voided
from sync.journal import Record


@dataclass(frozen=True, slots=True)
class Done:
    """One recorded sale, void or top-up, and the id of its fact."""

    fact: bytes
    body: Sold | Voided | ToppedUp


class TillMemory:
    """The till's newest records by what they are about; older ones are looked up in the journal."""

    def __init__(self, terminal: Terminal) -> None:
        """Read the newest own records."""
        self._terminal = terminal
        self._done: OrderedDict[bytes, Done] = OrderedDict()
        self.last: Done | None = None
        newest = terminal.store.newest_of(terminal.manifest.terminal_id, SALES_REMEMBERED_MAX)
        for record in reversed(newest):
            self.note(record)

    def note(self, record: Record) -> None:
        """Remember a record of this till."""
        body = record.body
        if not isinstance(body, Sold | Voided | ToppedUp):
            return
        done = Done(record.id, body)
        self._done[_key(body)] = done
        if isinstance(body, Sold):
            self.last = done
        if len(self._done) > SALES_REMEMBERED_MAX:
            self._done.popitem(last=False)

    def sale(self, sale: bytes) -> tuple[bytes, Sold] | None:
        """Return (fact id, body) of a sale that this till recorded, however long ago."""
        done = self._done.get(b"s" + sale)
        if done is not None and isinstance(done.body, Sold):
            return done.fact, done.body
        for record in self._own_records():
            if isinstance(record.body, Sold) and record.body.sale == sale:
                return record.id, record.body
        return None

    def void(self, sale: bytes, lines: tuple[int, ...]) -> bytes | None:
        """Return the fact id of a void of these lines that this till recorded."""
        done = self._done.get(_void_key(sale, lines))
        if done is not None:
            return done.fact
        for record in self._own_records():
            body = record.body
            if isinstance(body, Voided) and (body.sale, body.lines) == (sale, lines):
                return record.id
        return None

    def top_up(self, operation: bytes) -> tuple[bytes, ToppedUp] | None:
        """Return (fact id, body) of a top-up that this till recorded."""
        done = self._done.get(b"o" + operation)
        if done is not None and isinstance(done.body, ToppedUp):
            return done.fact, done.body
        for record in self._own_records():
            if isinstance(record.body, ToppedUp) and record.body.operation == operation:
                return record.id, record.body
        return None

    def _own_records(self) -> Iterator[Record]:
        return self._terminal.store.records_of(self._terminal.manifest.terminal_id)


def _key(body: Sold | Voided | ToppedUp) -> bytes:
    match body:
        case Sold():
            return b"s" + body.sale
        case Voided():
            return _void_key(body.sale, body.lines)
        case ToppedUp():
            return b"o" + body.operation


def _void_key(sale: bytes, lines: tuple[int, ...]) -> bytes:
    return b"v" + sale + b"".join(number.to_bytes(2, "big") for number in lines)
