"""Keeps snapshots fresh while the office serves: a process of its own makes them now and then.

Making one takes a large festival half a minute of a processor. A process beside this one takes
nothing from the requests but a share of the machine, and it is told to be the last in line there.
"""

import asyncio
import logging
import sys
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import suppress
from typing import Final

from aiohttp import web

from cloud.clock_and_chance import monotonic_ms
from cloud.desk import DESK, Desk
from cloud.limits import (
    SNAPSHOT_EVERY_S,
    SNAPSHOT_FACTS_MIN,
    SNAPSHOT_GROWTH_FACTS_MIN,
    SNAPSHOT_REST_TIMES,
)
from cloud.store.connection import StoreTrouble

_LOG: Final = logging.getLogger("guichet.cloud")


class Upkeep:
    """Makes snapshots anew as the festival grows; `work` runs until it is cancelled."""

    def __init__(self, desk: Desk, every_s: float = SNAPSHOT_EVERY_S) -> None:
        """Look after this office's snapshots, at most once in `every_s` seconds."""
        self._desk = desk
        self._every_s = every_s
        self._facts = 0
        self._child: asyncio.subprocess.Process | None = None

    @property
    def is_at_work(self) -> bool:
        """Tell whether snapshots are being made just now."""
        return self._child is not None

    async def work(self) -> None:
        """Make snapshots whenever enough is new, resting a multiple of what that took."""
        try:
            while True:
                took_s = await self._make_if_new()
                await asyncio.sleep(max(self._every_s, SNAPSHOT_REST_TIMES * took_s))
        finally:
            await self._end_child()

    async def _make_if_new(self) -> float:
        """Make snapshots if there is enough new; return how many seconds that took."""
        try:
            facts = await self._desk.look(lambda seen: seen.facts())
        except StoreTrouble:
            return 0.0
        grown = self._facts + SNAPSHOT_GROWTH_FACTS_MIN if self._facts else 0
        if facts < max(SNAPSHOT_FACTS_MIN, grown):
            return 0.0
        began_ms = monotonic_ms()
        words = ("-m", "cloud", "snapshot", str(self._desk.path), "--gently")
        self._child = await asyncio.create_subprocess_exec(
            sys.executable, *words, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE
        )
        _, said = await self._child.communicate()
        status = self._child.returncode
        self._child = None
        if status == 0:
            self._facts = facts
        else:
            why = said.decode("utf-8", "replace").strip()
            _LOG.warning("no snapshot was made", extra={"row": {"why": why}})
        return (monotonic_ms() - began_ms) / 1_000

    async def _end_child(self) -> None:
        if self._child is not None:
            with suppress(ProcessLookupError):
                self._child.terminate()
            await self._child.wait()


UPKEEP: Final = web.AppKey("upkeep_of_snapshots", Upkeep)
_TASK: Final = web.AppKey("task_of_snapshots", asyncio.Task[None])


def add_upkeep(app: web.Application) -> None:
    """Let snapshots be made for as long as an application runs."""
    app[UPKEEP] = Upkeep(app[DESK])
    app.on_startup.append(_begin)
    app.on_cleanup.append(_end)


async def _begin(app: web.Application) -> None:
    app[_TASK] = asyncio.create_task(app[UPKEEP].work())


async def _end(app: web.Application) -> None:
    app[_TASK].cancel()
    with suppress(asyncio.CancelledError):
        await app[_TASK]
