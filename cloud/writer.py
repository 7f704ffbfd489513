"""The one thread that writes: gathers what came in while it was busy and commits it together.

Requests put jobs into a bounded inbox and wait. While one transaction runs, the next jobs gather;
they then share one commit, so that a busy office pays for few of them. If a job fails, nothing of
its transaction happened, and the others are done again, each alone: one bad message does not hurt
its neighbours.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from cloud.limits import GATHERED_JOBS_MAX, INBOX_JOBS_MAX
from cloud.office import Office
from cloud.store.store import StoreBroken

T = TypeVar("T")
Held = TypeVar("Held")
Held_co = TypeVar("Held_co", covariant=True)


class Busy(Exception):
    """More work waits than should: ask again in a moment."""


class Stopped(Exception):
    """The office takes no more work: it is ending, or its disk failed."""


class Transacting(Protocol[Held_co]):
    """What has a store: it does jobs in one transaction, or nothing of them."""

    def transact(self, jobs: Sequence[Callable[[Held_co], Any]], /) -> list[Any]:
        """Do jobs and return their results in order, once they are durable."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    job: Callable[[Any], Any]
    answer: asyncio.Future[Any]


class Writer(Generic[Held]):
    """Does jobs on what has a store, in the order in which they came, from the event loop's side.

    `Held` is what a job is handed.
    """

    def __init__(
        self, store: Transacting[Held], when_broken: Callable[[], object], name: str
    ) -> None:
        """`when_broken` is called once if the store fails: the process must then end.

        `name` is the thread's.
        """
        self._store = store
        self._when_broken = when_broken
        self._inbox: asyncio.Queue[_Waiting] = asyncio.Queue(INBOX_JOBS_MAX)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def is_open(self) -> bool:
        """Tell whether work is taken."""
        return not self._closed

    @property
    def jobs_waiting(self) -> int:
        """How many jobs wait for the next transaction."""
        return self._inbox.qsize()

    def start(self) -> None:
        """Begin to work, in the running event loop."""
        self._task = asyncio.create_task(self._work())

    async def do(self, job: Callable[[Held], T]) -> T:
        """Do a job in a transaction and return its result once that is on the disk.

        Raises `Busy` or `Stopped` if it was not taken, `StoreBroken` if the disk failed, and
        whatever the job itself raised; then nothing of it happened.
        """
        if self._closed:
            raise Stopped("the office is ending")
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        try:
            self._inbox.put_nowait(_Waiting(job, answer))
        except asyncio.QueueFull as trouble:
            message = f"{INBOX_JOBS_MAX} requests wait already"
            raise Busy(message) from trouble
        return await answer

    async def stop(self) -> None:
        """Finish what was taken, then end."""
        self._closed = True
        if self._task is not None:
            await self._inbox.join()
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self._thread.shutdown()

    async def _work(self) -> None:
        while True:
            batch = [await self._inbox.get()]
            with suppress(asyncio.QueueEmpty):
                while len(batch) < GATHERED_JOBS_MAX:
                    batch.append(self._inbox.get_nowait())
            await self._do_batch(batch)
            for _ in batch:
                self._inbox.task_done()

    async def _do_batch(self, batch: list[_Waiting]) -> None:
        """Do jobs together; if that fails for one of them, each alone."""
        loop = asyncio.get_running_loop()
        jobs = [waiting.job for waiting in batch]
        done = loop.run_in_executor(self._thread, self._transact, jobs)
        await asyncio.wait([done])
        trouble = done.exception()
        if trouble is None:
            for waiting, result in zip(batch, done.result(), strict=True):
                _answer(waiting, result)
        elif isinstance(trouble, StoreBroken):
            self._break(batch, trouble)
        elif len(batch) == 1:
            _fail(batch[0], trouble)
        else:
            for waiting in batch:
                await self._do_batch([waiting])

    def _transact(self, jobs: Sequence[Callable[[Held], Any]]) -> list[Any]:
        """Do jobs together; no future carries a `StopIteration`, and nobody would ever wake."""
        try:
            return self._store.transact(jobs)
        except StopIteration as trouble:
            message = "a job looked for something that was not there"
            raise RuntimeError(message) from trouble

    def _break(self, batch: list[_Waiting], trouble: BaseException) -> None:
        for waiting in batch:
            _fail(waiting, trouble)
        if not self._closed:
            self._closed = True
            self._when_broken()


class OfficeWriter(Writer[Office]):
    """Does jobs on a festival's office."""

    def __init__(self, office: Office, when_broken: Callable[[], object]) -> None:
        """`when_broken` is called once if the store fails: the process must then end."""
        super().__init__(office, when_broken, "office-writer")


def _answer(waiting: _Waiting, result: object) -> None:
    """Tell the result, unless the one who asked has gone."""
    if not waiting.answer.done():
        waiting.answer.set_result(result)


def _fail(waiting: _Waiting, trouble: BaseException) -> None:
    if not waiting.answer.done():
        waiting.answer.set_exception(trouble)
