"""One till's inside, wired together: terminal, line, authority, desk, and what a code means to it.

A code that is read sells nothing by itself: what follows from a wristband is the seller's choice,
so it is told as what it is and the screen, or a script, gives the command.
"""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from edge.bar.authority_line import AuthorityLine
from edge.bar.desk import WANTS, TillDesk
from edge.bar.quotas import ASKED_PER_BASKET_MAX
from edge.bar.sayings import say
from edge.headless import Action, Answer, Command, obeyed
from edge.inside import Inside
from edge.joining import open_terminal
from edge.lane import LaneFull, LaneStopped
from edge.limits import LOANS_LOOKED_AT_S
from edge.neighbours.lan import Lan
from edge.outside import Tell
from edge.wanted import BADGE, WRISTBAND
from hardware.ports import ReceiptPrinter
from sync.codes import CodeKind, Ticket
from sync.names import Role
from sync.sentences import sentence_of

VOUCHER: Final = "voucher"
_QUESTIONS_MAX: Final = 2 + ASKED_PER_BASKET_MAX


class BarBox(Inside):
    """A till that records; `start` and `stop` once each."""

    desk: TillDesk

    def __init__(
        self,
        folder: Path,
        tell: Tell,
        printer: ReceiptPrinter | None,
        *,
        needs_staff: bool,
        needs_shift: bool,
        lan: Lan | None = None,
    ) -> None:
        """Open the folder; what cannot be opened says so, and nothing is left open.

        `tell` hears what the till does by itself, such as a receipt that came out, from any thread.
        """
        terminal = open_terminal(folder, Role.BAR)
        with ExitStack() as undo:
            undo.callback(terminal.close)
            super().__init__(terminal, lan)
            self.desk = TillDesk(
                terminal, tell, printer, needs_staff=needs_staff, needs_shift=needs_shift
            )
            self.care_for(self.desk.duty.parts)
            neighbours = self.neighbours
            self._authority = AuthorityLine(
                terminal,
                lambda: self.uplink.is_connected,
                None if neighbours is None else neighbours.ask,
            )
            self.desk.duty.authority_is_near = self._authority.is_near
            self._asking = ThreadPoolExecutor(1, thread_name_prefix="asking")
            self._stopped = threading.Event()
            self._chores = threading.Thread(target=self._do_chores, name="chores", daemon=True)
            undo.pop_all()

    def start(self) -> None:
        """Let lane, line and chores work."""
        super().start()
        self._chores.start()

    def stop(self) -> None:
        """End in order: nobody asks any more, then the line, then the store."""
        self._stopped.set()
        if self._chores.is_alive():
            self._chores.join()
        self._asking.shutdown(wait=True, cancel_futures=True)
        self._authority.close()
        super().stop()

    def work(self, action: Action, command: Command) -> Answer:
        """Do a command, and ask the authority where it wants that; from any thread but the lane's.

        `LaneStopped` or `LaneFull` if it cannot be done, or what the store failed with.
        """
        lane = self.terminal.lane
        answer = super().work(action, command)
        for _ in range(_QUESTIONS_MAX):
            if answer["event"] != WANTS:
                return answer
            subject, reply = answer["subject"], self._authority.ask(answer["question"])
            lane.run(lambda s=subject, r=reply: self.desk.duty.answered(s, r))  # type: ignore[misc]
            answer = super().work(action, command)
        return answer

    def work_soon(self, action: Action, command: Command) -> "Future[Answer]":
        """Do a command and return its future answer; only what must be asked takes a thread."""
        done: Future[Answer] = Future()

        def first(asked: "Future[Answer]") -> None:
            if asked.exception() is None and asked.result()["event"] == WANTS:
                self._asking.submit(self.work, action, command).add_done_callback(last)
            else:
                last(asked)

        def last(asked: "Future[Answer]") -> None:
            trouble = asked.exception()
            if trouble is None:
                done.set_result(asked.result())
            else:
                done.set_exception(trouble)

        job = self.terminal.lane.ask(lambda: obeyed(action, command), wait_s=1)
        job.add_done_callback(first)
        return done

    def hear(self, text: str) -> Answer:
        """Say what a code is; in the lane only."""
        permits = self.desk.duty.permits
        shown = permits.opened(text)
        kind = shown.kind if isinstance(shown, Ticket) else None
        if kind is CodeKind.STAFF_BADGE:
            return {"event": BADGE, "text": text}
        if permits.is_required and not permits.staff.is_open():
            return {"event": "closed"}
        if kind is CodeKind.WRISTBAND:
            return {"event": WRISTBAND, "text": text, "shown": text}
        if kind is CodeKind.VOUCHER:
            return {"event": VOUCHER, "text": text}
        language = self.terminal.manifest.language
        if isinstance(shown, Ticket):
            return {"event": "strange", "sentence": say("not_a_band", language)}
        reason = str(getattr(shown, "value", shown))
        return {"event": "strange", "sentence": sentence_of("refuse", reason, language)}

    def troubles(self) -> list[str]:
        """Return what is wrong around the till, for its status line."""
        trouble = self.desk.printing.trouble
        return [trouble] if trouble else []

    def cannot_record(self) -> Answer:
        """Return what is said to everybody while nothing can be recorded."""
        return cannot_record(self.terminal.manifest.language)

    def _do_chores(self) -> None:
        """Give loans back for which nothing is under way any more."""
        while not self._stopped.wait(LOANS_LOOKED_AT_S):
            try:
                self.terminal.lane.ask(self.desk.duty.give_back, wait_s=1)
            except LaneFull:
                continue
            except LaneStopped:
                return


def cannot_record(language: str) -> Answer:
    """Return what is said to everybody while nothing can be recorded."""
    return {"event": "trouble", "sentence": say("cannot_record", language)}
