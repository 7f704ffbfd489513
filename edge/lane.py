"""The one loop of a terminal: everything that reads or changes its state goes through here.

Camera, keys and network live in threads of their own and may do one thing: put a job into the
bounded inbox. Jobs run one after the other, so nothing inside needs a lock, and only this thread
writes to the store.

A job that fails has broken the promise that what is shown was recorded: the disk is full or gone,
or we made a mistake. Then nothing more is done. The lane stops, every waiting job fails, and the
process ends so that it starts clean from what is truly on the disk. It never tries the commit
again: after a failed write nobody knows what the disk holds.
"""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from edge.limits import INBOX_JOBS_MAX, LANE_IDLE_MS

T = TypeVar("T")
_Job = tuple[Callable[[], Any], Future[Any]]


class LaneStopped(Exception):
    """The lane takes no more jobs; the terminal must be started again."""


class LaneFull(Exception):
    """More jobs wait than a terminal can have meant; the newest was not taken."""


class Lane:
    """Runs jobs one at a time in a thread of its own."""

    def __init__(
        self, when_idle: Callable[[], object], when_broken: Callable[[BaseException], object]
    ) -> None:
        """`when_idle` runs in the lane when no job waits; `when_broken` once, after a failure."""
        self._inbox: queue.Queue[_Job | None] = queue.Queue(INBOX_JOBS_MAX)
        self._when_idle = when_idle
        self._when_broken = when_broken
        self._closed = threading.Event()
        self.broken: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="lane", daemon=True)

    def start(self) -> None:
        """Begin to take jobs."""
        self._thread.start()

    def ask(self, job: Callable[[], T], *, wait_s: int | None = None) -> Future[T]:
        """Queue a job and return its future result.

        Waits for room in the inbox at most `wait_s` seconds (None: as long as it takes), then
        raises `LaneFull`; `LaneStopped` if no more jobs are taken.
        """
        future: Future[T] = Future()
        if self._closed.is_set():
            raise LaneStopped(self._why())
        try:
            self._inbox.put((job, future), timeout=wait_s)
        except queue.Full as trouble:
            message = f"{INBOX_JOBS_MAX} jobs wait already: the terminal cannot keep up"
            raise LaneFull(message) from trouble
        if self._closed.is_set():
            self._refuse_rest()
        return future

    def run(self, job: Callable[[], T]) -> T:
        """Do a job in the lane and wait for its result."""
        return self.ask(job).result()

    def work_off(self) -> None:
        """Do the jobs that wait in the caller's thread: for a world that has no threads."""
        while not self._closed.is_set():
            try:
                item = self._inbox.get_nowait()
            except queue.Empty:
                return
            if item is not None:
                self._do(*item)

    def stop(self) -> None:
        """Finish the jobs that wait, then end."""
        if not self._closed.is_set() and self._thread.is_alive():
            self._inbox.put(None)
            self._thread.join()

    def _run(self) -> None:
        idle = False
        while True:
            try:
                item = self._inbox.get(timeout=None if idle else LANE_IDLE_MS / 1000)
            except queue.Empty:
                idle = self._do(self._when_idle, Future())
                if self.broken is not None:
                    return
                continue
            idle = False
            if item is None or not self._do(*item):
                break
        self._closed.set()
        self._refuse_rest()

    def _do(self, job: Callable[[], Any], future: Future[Any]) -> bool:
        """Do one job; False if it failed, which ends the lane."""
        try:
            result = job()
        except BaseException as trouble:
            self.broken = trouble
            self._closed.set()
            self._when_broken(trouble)
            future.set_exception(trouble)
            self._refuse_rest()
            return False
        future.set_result(result)
        return True

    def _refuse_rest(self) -> None:
        while True:
            try:
                item = self._inbox.get_nowait()
            except queue.Empty:
                return
            if item is not None:
                item[1].set_exception(LaneStopped(self._why()))

    def _why(self) -> str:
        if self.broken is None:
            return "the terminal is stopping"
        return f"cannot record: {self.broken}. The terminal must start again."
