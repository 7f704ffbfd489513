"""The figures for programs: `/api/v1/…`, each answer read from one committed state."""

import re
from typing import Any, Final

from aiohttp import web

from cloud.cashless.queries import wallet
from cloud.cashless.shift_totals import ShiftTotals
from cloud.cashless.shifts import records_of, row, shifts, shifts_of, way_of
from cloud.dashboard.guard import for_organisers
from cloud.dashboard.queries import conflicts, hashes, summary
from cloud.desk import DESK
from cloud.limits import RECORDS_OF_SHIFT_MAX
from cloud.problems import problem
from cloud.store.look import Look
from sync.limits import U32_MAX, U64_MAX
from sync.loans import silent_tills
from sync.names import ID_BYTES, TerminalId

_DIGITS_MAX: Final = len(str(U64_MAX))
_HEX_ID: Final = re.compile(rf"[0-9a-f]{{{2 * ID_BYTES}}}")
_NUMBER: Final = re.compile(r"[0-9]{1,10}")


def add_routes(app: web.Application) -> None:
    """Open the routes in an application."""
    app.router.add_get("/api/v1/summary", show_summary)
    app.router.add_get("/api/v1/hashes", show_hashes)
    app.router.add_get("/api/v1/conflicts", show_conflicts)
    app.router.add_get("/api/v1/wallets/{wallet}", show_wallet)
    app.router.add_get("/api/v1/shifts", show_shifts)
    app.router.add_get("/api/v1/shifts/{terminal}/{shift}", show_shift)


@for_organisers
async def show_summary(request: web.Request) -> web.StreamResponse:
    """Answer everything that the live page shows, and the state hashes."""
    desk = request.app[DESK]
    now_ms = desk.now_ms()
    return web.json_response(
        await desk.look(lambda seen: summary(seen, desk.folder.settings, now_ms))
    )


@for_organisers
async def show_hashes(request: web.Request) -> web.StreamResponse:
    """Answer the state hash of each area."""
    return web.json_response(await request.app[DESK].look(hashes))


@for_organisers
async def show_conflicts(request: web.Request) -> web.StreamResponse:
    """Answer every open conflict."""
    desk = request.app[DESK]
    return web.json_response(await desk.look(lambda seen: conflicts(seen, desk.folder.settings)))


@for_organisers
async def show_wallet(request: web.Request) -> web.StreamResponse:
    """Answer what a wallet holds, in minor units; a wallet never heard of holds nothing."""
    desk = request.app[DESK]
    text = request.match_info["wallet"]
    if not text.isascii() or not text.isdigit() or len(text) > _DIGITS_MAX:
        return problem(request, 404, "A wallet is a whole number of at most 64 bits.")
    number, now_ms = int(text), desk.now_ms()
    if number > U64_MAX:
        return problem(request, 404, "A wallet is a whole number of at most 64 bits.")

    def see(seen: Look) -> dict[str, Any]:
        tills = silent_tills(seen.cells, seen.level_ms(), now_ms)
        return {"wallet": number} | wallet(seen.cells, number, tills)

    return web.json_response(await desk.look(see))


@for_organisers
async def show_shifts(request: web.Request) -> web.StreamResponse:
    """Answer every till's shifts, the newest first."""
    return web.json_response(await request.app[DESK].look(shifts))


@for_organisers
async def show_shift(request: web.Request) -> web.StreamResponse:
    """Answer one shift with what it comes to by the office's own reckoning (`totals`).

    None instead of totals if it has more records than are added up for one question.
    """
    desk = request.app[DESK]
    terminal, shift = request.match_info["terminal"], request.match_info["shift"]
    if not _HEX_ID.fullmatch(terminal) or not _NUMBER.fullmatch(shift) or int(shift) > U32_MAX:
        return problem(request, 404, "A shift is named by its till's id in hex and its number.")
    found = await desk.look(
        lambda seen: one_shift(seen, TerminalId(bytes.fromhex(terminal)), int(shift))
    )
    if found is None:
        return problem(request, 404, "This till has opened no such shift, as far as is known here.")
    return web.json_response(found)


def one_shift(seen: Look, till: TerminalId, number: int) -> dict[str, Any] | None:
    """Return a till's shift with its totals, None if it has opened none of this number."""
    shift = next((one for one in shifts_of(seen, till) if one.opening.shift == number), None)
    if shift is None:
        return None
    way = way_of(seen, shift)
    if sum(stretch.high - stretch.low + 1 for stretch in way.stretches) > RECORDS_OF_SHIFT_MAX:
        return row(seen, shift) | {"totals": None}
    totals = ShiftTotals(seen.cells, till, number, shift.opening.float_counted)
    totals.take(record for record in records_of(seen, way) if record.terminal == till)
    return row(seen, shift) | {"totals": totals.row()}
