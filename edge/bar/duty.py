"""A till on duty: who sells, in which shift, and the one way in which its work is recorded.

What a till may not decide alone it asks of the authority. The lane never waits for that: the work
ends with `Wanted`, somebody outside asks, and the same work is done again with what was answered.
"""

from collections.abc import Callable
from typing import Any, Final, Protocol

from edge.bar.band import Wristband, read_wristband
from edge.bar.guest_secrets import GuestSecrets
from edge.bar.memory import TillMemory
from edge.bar.office_word import OfficeWord
from edge.bar.permits import Permits
from edge.bar.sayings import say
from edge.headless import BadCommand, Command
from edge.parts import Parts
from edge.terminal import StillRecovering, Terminal
from provisioning.chance import random_bytes
from sync import accounts, allotments
from sync.asking import Question, Reply
from sync.body import Body
from sync.cells import CellKind
from sync.facts import AllotmentReturned, ResourceKind
from sync.journal import Record, RecordTooLarge
from sync.names import ID_BYTES, Area
from sync.schema import Misshapen

_WALLET: Final = bytes([ResourceKind.WALLET])
_WALLET_BYTES: Final = 8


class Wanted(Exception):
    """Work that cannot go on without the authority; nothing of it has happened yet."""

    def __init__(self, subject: bytes, question: Question) -> None:
        """Name what is done (a sale's or operation's id) and what is to be asked."""
        super().__init__("the authority is wanted")
        self.subject = subject
        self.question = question


class Shifts(Protocol):
    """What the rest of a till needs to know of its shifts."""

    @property
    def number(self) -> int:
        """The open shift's number, 0 while none is open."""

    def note(self, record: Record) -> None:
        """Take up a record of this till."""


class Duty:
    """What every part of a till's work stands on; in the lane only."""

    def __init__(
        self, terminal: Terminal, permits: Permits, shifts: Shifts, *, needs_shift: bool
    ) -> None:
        """Work at this terminal; with `needs_shift` nothing is sold while no shift is open."""
        self.terminal = terminal
        self.permits = permits
        self.shifts = shifts
        self.office = OfficeWord(terminal)
        self.secrets = GuestSecrets(terminal)
        self.parts = Parts(terminal, self.record)
        self.memory = TillMemory(terminal, self.secrets.remember)
        self.listener: Callable[[Body], object] = lambda _: None
        self.authority_is_near: Callable[[], bool] = lambda: False
        self._needs_shift = needs_shift
        self._replies: dict[bytes, Reply | None] = {}

    @property
    def cells(self) -> Any:
        """The folded state."""
        return self.terminal.store.shelf.cells

    @property
    def bar(self) -> int:
        """The bar whose revenue this till books, 0 while the office has not placed it."""
        return self.office.bar

    @property
    def shift(self) -> int:
        """The open shift's number, 0 while none is open."""
        return self.shifts.number

    @property
    def is_copied(self) -> bool:
        """Tell whether this till is known to have a copy: then it works on no wallet's balance."""
        return self.terminal.is_copied

    def language(self, command: Command) -> str:
        """Return the language in which a command wants its sentences."""
        return self.permits.language(command)

    def wristband(self, shown: Any, language: str) -> Wristband:
        """Return the wristband that was shown; `BadCommand` if it is none."""
        return read_wristband(self.terminal, self.permits.codes, shown, language)

    def check_working(self, command: Command) -> None:
        """See that somebody sells here and a shift is open; `BadCommand` if not."""
        language = self.language(command)
        self.permits.check_open(language)
        if self._needs_shift and not self.shift:
            raise BadCommand(say("no_shift", language))

    def record(self, body: Body) -> Record:
        """Commit a fact of this till; `BadCommand` if it cannot be one, and nothing happened."""
        try:
            record = self.terminal.record(body)
        except RecordTooLarge as trouble:
            words = say("basket_too_large", self.terminal.manifest.language)
            message = f"{words} ({trouble})"
            raise BadCommand(message) from trouble
        except (Misshapen, StillRecovering) as trouble:
            raise BadCommand(str(trouble)) from trouble
        self.memory.note(record)
        self.shifts.note(record)
        self.listener(body)
        return record

    # --- the authority ---

    def ask(self, subject: bytes, kind: int, wallet: int, amount: int, **more: Any) -> Reply | None:
        """Return what the authority answered; None if it did not, or cannot be reached.

        Raises `Wanted` if it was not asked yet.
        """
        if subject in self._replies:
            return self._replies[subject]
        if not self.authority_is_near():
            return None
        raise Wanted(subject, Question(int(kind), random_bytes(ID_BYTES), wallet, amount, **more))

    def answered(self, subject: bytes, reply: Reply | None) -> None:
        """Take what the authority wrote for this till, and remember what it said."""
        self._replies[subject] = reply
        if reply is not None and reply.records:
            self.terminal.step("answered")
            with self.terminal.store.transaction():
                self.terminal.replica.take(list(reply.records))
            self.terminal.step("lent")

    def done_asking(self, subject: bytes) -> None:
        """Forget an answer: the work for which it was asked is done or given up."""
        self._replies.pop(subject, None)

    def loan(self, wallet: int) -> int:
        """Return what the authority has lent this till of a wallet and is not spent."""
        own = self.terminal.manifest.terminal_id
        return max(0, allotments.held(self.cells, allotments.wallet_resource(wallet), own))

    def balance_left(self, wallet: int) -> int:
        """Return what a wallet holds as far as was heard, less what is lent to any till of it.

        What is lent will be spent by whoever holds it; it must not be sold from as well.
        """
        resource = allotments.wallet_resource(wallet)
        balance = accounts.wallet_balance(self.cells, wallet)
        return balance - allotments.unspent(self.cells, resource)

    def give_back(self) -> int:
        """Give back every loan for which nothing is under way; return how many there were.

        A till that was copied keeps them: given back by both they would count twice.
        """
        if self._replies or self.terminal.run is None or self.is_copied:
            return 0
        own = self.terminal.manifest.terminal_id
        held = []
        for key, _ in self.cells.items(Area.MONEY, CellKind.SLOTS, _WALLET):
            wallet, holder = key.key[1 : 1 + _WALLET_BYTES], key.key[1 + _WALLET_BYTES :]
            if holder == own:
                number = int.from_bytes(wallet, "big")
                held.append((number, self.loan(number)))
        given = [(wallet, amount) for wallet, amount in held if amount]
        for wallet, amount in given:
            self.record(AllotmentReturned(allotments.wallet_resource(wallet), amount))
        return len(given)
