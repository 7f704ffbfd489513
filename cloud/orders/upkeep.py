"""Lets orders lapse and old answers be forgotten while the office serves.

Nothing depends on when this happens: whoever finds no place left looks for lapsed orders first, and
an order whose time is over is told as expired. Several processes may do it at once.
"""

import asyncio
import logging
from contextlib import suppress
from typing import Final

from aiohttp import web

from cloud.desk import DESK, Desk
from cloud.limits import ANSWER_KEPT_MS, EXPIRE_EVERY_S, EXPIRED_AT_ONCE_MAX
from cloud.office import Office
from cloud.orders.service import expire_due
from cloud.store.connection import StoreTrouble
from cloud.store.idempotency import AnswerBook
from cloud.store.orders import OrderBook
from cloud.writer import Busy, Stopped

_LOG: Final = logging.getLogger("guichet.cloud")
_TASK: Final = web.AppKey("task_of_orders", asyncio.Task[None])


async def keep_up(desk: Desk, every_s: float = EXPIRE_EVERY_S) -> None:
    """Look after a festival's orders until cancelled."""
    while True:
        await asyncio.sleep(every_s)
        try:
            await look_after(desk)
        except Stopped:
            return
        except (Busy, StoreTrouble) as trouble:
            _LOG.warning("orders were not looked after", extra={"row": {"why": str(trouble)}})


async def look_after(desk: Desk) -> int:
    """Let due orders lapse and forget old answers; return how many orders that were."""
    now_ms = desk.now_ms()
    too_old_ms = now_ms - ANSWER_KEPT_MS
    is_needed = await desk.look(
        lambda seen: bool(
            OrderBook(seen.connection, seen.festival).due(now_ms, 1)
            or AnswerBook(seen.connection, seen.festival).has_older(too_old_ms)
        )
    )
    if not is_needed:
        return 0

    def job(office: Office) -> int:
        AnswerBook(office.store.connection, office.folder.festival).forget_older(too_old_ms)
        return expire_due(office)

    lapsed = count = await desk.writer.do(job)
    while count == EXPIRED_AT_ONCE_MAX:
        count = await desk.writer.do(expire_due)
        lapsed += count
    return lapsed


def add_upkeep(app: web.Application) -> None:
    """Look after a festival's orders for as long as its application runs."""
    app.on_startup.append(_begin)
    app.on_cleanup.append(_end)


async def _begin(app: web.Application) -> None:
    app[_TASK] = asyncio.create_task(keep_up(app[DESK]))


async def _end(app: web.Application) -> None:
    app[_TASK].cancel()
    with suppress(asyncio.CancelledError):
        await app[_TASK]
