"""What a till has done lately, by sale id, so that a command given twice is answered once.

It is made again from the till's own records at every start, so a till that was killed knows what
became of the sale in hand.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from edge.limits import SALES_REMEMBERED_MAX
from edge.terminal import Terminal
from sync.facts import PaidOut, Refunded, Sold, ToppedUp, Voided
from sync.journal import Record
from sync.names import RunId

Work = Sold | Voided | Refunded | ToppedUp | PaidOut


@dataclass(frozen=True, slots=True)
class Done:
    """One recorded piece of work, the id of its fact, and when it was by its stamp (Unix ms)."""

    fact: bytes
    body: Work
    at_ms: int


class TillMemory:
    """The till's newest records by what they are about; older ones are looked up in the journal."""

    def __init__(
        self, terminal: Terminal, listener: Callable[[Record], object] = lambda _: None
    ) -> None:
        """Read the newest own records; `listener` is shown each of them, the oldest first."""
        self._terminal = terminal
        self._done: OrderedDict[bytes, Done] = OrderedDict()
        self._listener = listener
        self._read_for: RunId | None = None
        self._last: Done | None = None
        self._read()

    @property
    def last(self) -> Done | None:
        """The newest sale."""
        if self._read_for != self._terminal.run:
            self._read()  # a lost store has come back since
        return self._last

    def _read(self) -> None:
        terminal = self._terminal
        self._read_for = terminal.run
        newest = terminal.store.newest_of(terminal.manifest.terminal_id, SALES_REMEMBERED_MAX)
        for record in reversed(newest):
            self.note(record)
            self._listener(record)

    def note(self, record: Record) -> None:
        """Remember a record of this till."""
        body = record.body
        if not isinstance(body, Work):
            return
        done = Done(record.id, body, record.stamp.physical_ms)
        self._done[_key(body)] = done
        if isinstance(body, Sold):
            self._last = done
        if len(self._done) > SALES_REMEMBERED_MAX:
            self._done.popitem(last=False)

    def sale(self, sale: bytes) -> tuple[bytes, Sold] | None:
        """Return (fact id, body) of a sale that this till recorded, however long ago."""
        done = self._find(_sale_key(sale), sale)
        return (done.fact, done.body) if done is not None and isinstance(done.body, Sold) else None

    def void(self, sale: bytes, lines: tuple[int, ...]) -> bytes | None:
        """Return the fact id of a void of these lines that this till recorded."""
        done = self._find(_void_key(sale, lines), sale)
        return None if done is None else done.fact

    def operation(self, operation: bytes) -> Done | None:
        """Return the top-up, pay-out or refund with this id that this till recorded."""
        return self._find(_operation_key(operation), operation)

    def _find(self, key: bytes, named: bytes) -> Done | None:
        """Look in memory, then among the own records whose bytes hold the id that is named."""
        done = self._done.get(key)
        if done is not None:
            return done
        own = self._terminal.manifest.terminal_id
        for record in self._terminal.store.records_with(named, own):
            body = record.body
            if isinstance(body, Work) and _key(body) == key:
                return Done(record.id, body, record.stamp.physical_ms)
        return None


def _key(body: Work) -> bytes:
    match body:
        case Sold():
            return _sale_key(body.sale)
        case Voided():
            return _void_key(body.sale, body.lines)
        case Refunded() | ToppedUp() | PaidOut():
            return _operation_key(body.operation)


def _sale_key(sale: bytes) -> bytes:
    return b"s" + sale


def _operation_key(operation: bytes) -> bytes:
    return b"o" + operation


def _void_key(sale: bytes, lines: tuple[int, ...]) -> bytes:
    return b"v" + sale + b"".join(number.to_bytes(2, "big") for number in lines)
