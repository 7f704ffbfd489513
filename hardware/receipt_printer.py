"""A receipt printer with a thread of its own: a till hands slips in and goes on selling.

One thread works, job after job; those who wait are told from other threads. A printer that is gone
costs a sentence, never a wait: each job tries it anew. Nothing is sent twice, because nobody but a
person can see how much of a broken slip is on paper.
"""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hardware.ports import Code, Line, Slip
from hardware.receipts.cables import Cable
from hardware.receipts.language import Writer, drawer_pulse
from hardware.receipts.status import PrinterTrouble
from hardware.telling import Telling

COLUMNS: Final = (32, 42, 48)
COLUMNS_USUAL: Final = 42
JOBS_MAX: Final = 16
SLIP_ROWS_MAX: Final = 400
ROW_CHARACTERS_MAX: Final = 4_096
ENDING_S: Final = 5


@dataclass(frozen=True, slots=True)
class _Job:
    """Something for the printer's thread to do, which may raise `PrinterTrouble`."""

    work: Callable[[], object]
    when_done: Callable[[str], object]
    is_slip: bool


class QueuedPrinter:
    """A receipt printer on a cable; see `hardware.ports.ReceiptPrinter`."""

    def __init__(self, cable: Cable, *, columns: int = COLUMNS_USUAL, drawer: bool = False) -> None:
        """Print on paper of 32, 42 or 48 columns (else a `ValueError`), with a drawer or without.

        The printer need not be there yet.
        """
        if columns not in COLUMNS:
            message = f"paper has {', '.join(map(str, COLUMNS))} columns, not {columns}"
            raise ValueError(message)
        self._cable = cable
        self._columns = columns
        self._has_drawer = drawer
        self._trouble = ""
        self._closed = False
        self._gate = threading.Lock()
        self._inbox: queue.Queue[_Job | None] = queue.Queue()
        self._telling = Telling[str]("receipt-done")
        self._writer: Writer | None = None
        # The first slip shall not wait for what is slow to load.
        self._inbox.put(_Job(self._ready, _nobody, is_slip=False))
        self._thread = self._begin()

    @property
    def trouble(self) -> str:
        """What is wrong, in one sentence; empty once a slip was printed."""
        return self._trouble

    def print(self, slip: Slip, when_done: Callable[[str], object]) -> None:
        """Print a slip after those before it; see `hardware.ports.ReceiptPrinter`."""
        job = _Job(lambda: self._cable.send(self._ready().job(slip)), when_done, is_slip=True)
        refusal = _too_large(slip) or self._queue(job)
        if refusal:
            self._telling.tell(when_done, refusal)

    def open_drawer(self) -> None:
        """Open the drawer after the slips before, if there is one."""
        if self._has_drawer:
            job = _Job(self._kick, _nobody, is_slip=False)
            self._trouble = self._queue(job) or self._trouble

    def close(self) -> None:
        """Finish the slip under way and let go; those who still wait are told."""
        with self._gate:
            if self._closed:
                return
            self._closed = True
            self._inbox.put(None)
        self._thread.join(ENDING_S)
        self._telling.finish(ENDING_S)

    def _queue(self, job: _Job) -> str:
        """Put a job into the inbox; return why not, in one sentence."""
        with self._gate:
            if self._closed:
                return "the receipt printer is closed"
            if self._inbox.qsize() >= JOBS_MAX:
                return (
                    f"{JOBS_MAX} receipts wait for the printer already: {self._trouble or 'wait'}"
                )
            self._inbox.put(job)
        return ""

    def _begin(self) -> threading.Thread:
        thread = threading.Thread(target=self._run, name="receipts", daemon=True)
        thread.start()
        return thread

    def _run(self) -> None:
        """Work until closed, and tell those who were too late.

        A mistake of ours ends this thread, and another goes on with the slips behind.
        """
        is_over = False
        try:
            while (job := self._inbox.get()) is not None:
                if self._closed:
                    self._telling.tell(
                        job.when_done, "the receipt printer was closed before this receipt"
                    )
                else:
                    self._work(job)
            self._cable.close()
            is_over = True
        finally:
            if not is_over:
                self._thread = self._begin()

    def _work(self, job: _Job) -> None:
        """Do one job, and tell its trouble whatever that is."""
        trouble = "the receipt could not be set: a mistake in the program"
        try:
            job.work()
            trouble = ""
        except PrinterTrouble as told:
            trouble = str(told)
        finally:
            if job.is_slip or trouble:
                self._trouble = trouble
            self._telling.tell(job.when_done, trouble)

    def _ready(self) -> Writer:
        if self._writer is None:
            self._writer = Writer(self._columns)
        return self._writer

    def _kick(self) -> None:
        self._cable.send(drawer_pulse(), needs_paper=False)


def _nobody(_: str) -> None:
    """Nobody waits for this."""


def _too_large(slip: Slip) -> str:
    """Why a slip is refused; empty if it is not."""
    if len(slip) > SLIP_ROWS_MAX:
        return f"the receipt has more than {SLIP_ROWS_MAX} rows: print it in parts"
    for row in slip:
        size = len(row.text) if isinstance(row, Line | Code) else 0
        size += len(row.amount) if isinstance(row, Line) else 0
        if size > ROW_CHARACTERS_MAX:
            return f"a row of the receipt has more than {ROW_CHARACTERS_MAX} characters"
    return ""
