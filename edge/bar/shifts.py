"""A till's shifts: opened with a counted float, closed with a counted drawer, each with a number.

The journal alone says which shift is open, so a till that was killed in the middle of one goes on
with it. A close makes every sum again from the journal and compares: the till's running sums, that
walk, and the ledger's drawer must be the same. A difference is told in the report (`check`), and
the shift is closed all the same: a drawer must be counted however the machine feels.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from edge.bar.counted_cash import Cash, ShiftTrouble, counted_money, spelled
from edge.bar.grand_total import GrandTotal
from edge.bar.history import history
from edge.bar.own_shifts import OwnShift, shifts_back
from edge.bar.report import Frame, call_sign, expected_in_drawer, report_of
from edge.bar.tally import Tally
from edge.headless import Answer, BadCommand, Command, whole
from edge.store.own_walk import walk_back
from edge.terminal import StillRecovering, Terminal
from sync import ledger
from sync.accounts import balance, shift_key
from sync.body import Body
from sync.catalogue import is_revoked
from sync.cells import Cells
from sync.facts import ShiftClosed, ShiftOpened
from sync.journal import Record, RecordTooLarge
from sync.ledger_effects import drawer_account
from sync.limits import MONEY_MINOR_MAX, U32_MAX
from sync.names import RunId
from sync.schema import Misshapen
from sync.sentences import LANGUAGES

Who = Callable[[], int]
Told = Callable[[Command], Answer]
_FAILURES: Final = (Misshapen, RecordTooLarge, StillRecovering)


def _nobody() -> int:
    """Nobody is signed in, and the till stands nowhere."""
    return 0


@dataclass(frozen=True, slots=True)
class Shift:
    """An open shift: number, who opened it at which bar, when (Unix ms), float in minor units."""

    number: int
    seller: int
    bar: int
    opened_ms: int
    float_minor: int
    first_number: int


class ShiftBook:
    """Which shift is open at a till, and what each came to; in the lane only."""

    def __init__(self, terminal: Terminal, *, seller: Who = _nobody, bar: Who = _nobody) -> None:
        """Read from the own journal whether a shift is open, and what it came to so far.

        `seller` and `bar` tell a command who is signed in, and where. Shifts are recorded through
        `record`, which somebody who must know of every record may set.
        """
        self._terminal = terminal
        self._seller, self._bar = seller, bar
        self.record: Callable[[Body], Record] = terminal.record
        self._own = terminal.manifest.terminal_id
        self._totals = GrandTotal(terminal.store)
        self._read_for: RunId | None = None
        self._closed_here: set[int] = set()
        self._shift: Shift | None = None
        self._read()

    @property
    def current(self) -> Shift | None:
        """The open shift, None while there is none."""
        if self._read_for != self._terminal.run:
            self._read()  # a lost store has come back since
        return self._shift

    @property
    def number(self) -> int:
        """The open shift's number, 0 while none is open."""
        shift = self.current
        return 0 if shift is None else shift.number

    def look(self) -> dict[str, Any] | None:
        """Return the open shift as screens show it, None while there is none."""
        shift = self.current
        if shift is None:
            return None
        return {
            "shift": shift.number,
            "seller": call_sign(self._cells, shift.seller),
            "seller_badge": shift.seller,
            "opened_ms": shift.opened_ms,
            "float_minor": shift.float_minor,
        }

    def open(self, seller: int, bar: int, float_minor: int, cash: Cash | None) -> Record:
        """Open the next shift with what was counted into the drawer (minor units).

        `ShiftTrouble` if one is open; what `Terminal.record` raises leaves no shift open.
        """
        if self.current is not None:
            raise ShiftTrouble("shift_open", str(self.number))
        body = ShiftOpened(self._highest + 1, bar, seller, float_minor, cash)
        record = self.record(body)
        self._begin(record, body)
        return record

    def close(self, seller: int, counted_minor: int, cash: Cash | None) -> tuple[Record, Answer]:
        """Close the open shift with what was counted in the drawer; return the fact and its Z.

        `ShiftTrouble` if none is open.
        """
        shift = self._open_shift()
        walked = self._tally_of(next(self._walk()))
        check = self._check(shift, walked)
        before = self._totals.before(shift.number, self._closed_before)
        expected = expected_in_drawer(shift.float_minor, walked)
        last = self._last_number()
        body = ShiftClosed(
            shift.number,
            shift.bar,
            seller,
            counted_minor,
            last,
            cash,
            expected if abs(expected) <= MONEY_MINOR_MAX else None,
        )
        record = self.record(body)
        self._shift = None
        self._closed_here.add(shift.number)
        self._totals.keep(shift.number, before + walked.gross)
        closed_ms = record.stamp.physical_ms
        frame = self._frame(shift, last, before, check, closed_ms, counted_minor)
        return record, report_of(frame, walked, self._cells)

    def report(self, shift: int | None = None) -> Answer:
        """Return the X of the open shift, or the Z of a closed one as a duplicate.

        `ShiftTrouble` if no shift is open, or there was none with this number.
        """
        if shift is None or shift == self.number:
            now = self._open_shift()
            before = self._totals.before(now.number, self._closed_before)
            check = self._check(now, self._running)
            frame = self._frame(now, self._last_number(), before, check)
            return report_of(frame, self._running, self._cells)
        found = next((one for one in self._walk() if one.number == shift), None)
        if found is None:
            raise ShiftTrouble("unknown_shift", str(shift))
        return self._made_again(found)

    def was_closed_here(self, shift: int) -> bool:
        """Tell whether this process closed the shift: then its Z may be on paper only from here."""
        return shift in self._closed_here

    def note(self, record: Record) -> None:
        """Take up a record that this till has just made."""
        if self.current is not None:
            self._running.note(record)

    def commands(self) -> dict[str, Told]:
        """Return what a till can be told of its shifts and its sales."""
        return {
            "open_shift": lambda command: self._told(command, self._open_told),
            "close_shift": lambda command: self._told(command, self._close_told),
            "report": lambda command: self._told(command, self._report_told),
            "history": lambda command: history(self._terminal, command),
        }

    # --- commands ---

    def _told(self, command: Command, do: Told) -> Answer:
        try:
            return do(command)
        except ShiftTrouble as trouble:
            asked = command.get("language")
            language = asked if asked in LANGUAGES else self._terminal.manifest.language
            raise BadCommand(trouble.sentence(language)) from trouble
        except _FAILURES as trouble:
            raise BadCommand(str(trouble)) from trouble

    def _open_told(self, command: Command) -> Answer:
        amount, cash = counted_money(command, "float_minor")
        record = self.open(self._seller(), self._bar(), amount, cash)
        return {
            "event": "shift",
            "shift": self.number,
            "float_minor": amount,
            "fact": record.id.hex(),
        }

    def _close_told(self, command: Command) -> Answer:
        self._open_shift()
        record, report = self.close(self._seller(), *counted_money(command, "counted_minor"))
        return {**report, "fact": record.id.hex()}

    def _report_told(self, command: Command) -> Answer:
        if command.get("shift") is None:
            return self.report()
        return self.report(whole(command, "shift", 1, U32_MAX))

    # --- the journal ---

    @property
    def _cells(self) -> Cells:
        return self._terminal.store.shelf.cells

    def _read(self) -> None:
        """Find the highest number that was given out, and the shift that is open, if one is.

        Shifts have cells of their own, so the journal is read only if one may be open; in a till
        whose later facts no longer count, always.
        """
        self._read_for = self._terminal.run
        self._shift = None
        self._running = self._tally(0)
        self._highest, may_be_open = 0, False
        while (known := self._cells.get(shift_key(self._own, self._highest + 1))) is not None:
            self._highest += 1
            may_be_open |= known[0] > known[1]
        if not may_be_open and not is_revoked(self._cells, self._own):
            return
        newest = next(shifts_back(self._raws(), is_open=True), None)
        if newest is None:
            return
        self._highest = max(self._highest, newest.number)
        if newest.closed is None:
            self._begin(newest.opened, newest.opening)
            self._running.note_all(newest.records())

    def _begin(self, record: Record, body: ShiftOpened) -> None:
        self._highest = max(self._highest, body.shift)
        self._running = self._tally(body.shift)
        self._shift = Shift(
            body.shift,
            body.seller,
            body.bar,
            record.stamp.physical_ms,
            body.float_counted,
            record.number,
        )

    def _raws(self) -> Iterator[bytes]:
        return walk_back(self._terminal.store, self._terminal.run)

    def _walk(self) -> Iterator[OwnShift]:
        return shifts_back(self._raws(), is_open=self.current is not None)

    def _closed_before(self) -> Iterator[tuple[int, int]]:
        """Walk over (number, gross) of the closed shifts, the newest first."""
        for one in self._walk():
            if one.closed is not None:
                yield one.number, self._tally_of(one).gross

    def _tally(self, shift: int) -> Tally:
        return Tally(self._own, shift, lambda sale: ledger.sale(self._cells, sale))

    def _tally_of(self, one: OwnShift) -> Tally:
        tally = self._tally(one.number)
        tally.note_all(one.records())
        return tally

    # --- reports ---

    def _open_shift(self) -> Shift:
        shift = self.current
        if shift is None:
            raise ShiftTrouble("no_shift")
        return shift

    def _last_number(self) -> int:
        """Return the number of the newest record of this run."""
        run = self._terminal.run
        info = None if run is None else self._terminal.store.shelf.run(run)
        return 0 if info is None else info.head_number

    def _frame(
        self,
        shift: Shift,
        last: int,
        before: int,
        check: str,
        closed_ms: int | None = None,
        counted: int | None = None,
    ) -> Frame:
        return Frame(
            shift=shift.number,
            bar=shift.bar,
            till=self._terminal.manifest.name,
            seller=shift.seller,
            opened_ms=shift.opened_ms,
            closed_ms=closed_ms,
            first_number=shift.first_number,
            last_number=last,
            float_minor=shift.float_minor,
            counted=counted,
            total_before=before,
            check=check,
        )

    def _made_again(self, one: OwnShift) -> Answer:
        """Make a closed shift's Z again; `check` compares it with what the close stated."""
        opening, closing = one.opening, one.closing
        if one.closed is None or closing is None:
            raise ShiftTrouble("unknown_shift", str(one.number))
        tally = self._tally_of(one)
        expected = expected_in_drawer(opening.float_counted, tally)
        check = ""
        if closing.expected is not None and closing.expected != expected:
            check = (
                f"The close stated {spelled(closing.expected)} in the drawer,"
                f" the journal comes to {spelled(expected)}."
            )
        frame = Frame(
            shift=one.number,
            bar=opening.bar,
            till=self._terminal.manifest.name,
            seller=opening.seller,
            opened_ms=one.opened.stamp.physical_ms,
            closed_ms=one.closed.stamp.physical_ms,
            first_number=one.opened.number,
            last_number=closing.last_number,
            float_minor=opening.float_counted,
            counted=closing.counted,
            total_before=self._totals.before(one.number, self._closed_before),
            check=check,
            is_duplicate=True,
        )
        return report_of(frame, tally, self._cells)

    def _check(self, shift: Shift, walked: Tally) -> str:
        """Return in English what does not agree about an open shift, "" if everything does."""
        told = []
        wrong = {key[0].value for key, _ in {*self._running.figures()} ^ {*walked.figures()}}
        if wrong:
            told.append(f"The running sums differ from the journal: {', '.join(sorted(wrong))}.")
        expected = expected_in_drawer(shift.float_minor, walked)
        booked = -balance(self._cells, drawer_account(self._own, shift.number))
        if booked != expected:
            told.append(
                f"The ledger has {spelled(booked)} in the drawer, the till {spelled(expected)}."
            )
        if walked.unexplained:
            told.append(f"Payments differ from what was paid for by {spelled(walked.unexplained)}.")
        return " ".join(told)
