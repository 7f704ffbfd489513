"""`/api/v1/festivals/{festival}/summary` and more: figures for whoever is signed in."""

from typing import Any, Final

from cloud.accounts.access import organisers, staff
from cloud.api.call import Call
from cloud.api.models import Page, PageQuery
from cloud.api.problems import Problem
from cloud.api.routes import API, Routes
from cloud.cashless.queries import wallet
from cloud.cashless.shifts import shifts
from cloud.dashboard import queries
from cloud.dashboard.api import one_shift
from cloud.dashboard.models import (
    Conflict,
    Hashes,
    MethodRow,
    Shift,
    ShiftSums,
    ShiftWithSums,
    Summary,
    VatRow,
    WalletFigures,
)
from cloud.festivals.catalogue import part_of
from cloud.store.look import Look
from sync.loans import silent_tills
from sync.names import TerminalId

ROUTES: Final = Routes("figures")
_FESTIVAL: Final = f"{API}/festivals/{{festival}}"
_MAY: Final = organisers("figures:read")
_SAFE_MAX: Final = (1 << 53) - 1


@ROUTES.get(f"{_FESTIVAL}/summary", may=_MAY)
async def summary(call: Call) -> Summary:
    """Show everything that the live page shows, from one committed state, and the state hashes."""
    desk = call.desk
    now_ms, settings = desk.now_ms(), desk.folder.settings
    return Summary(**await desk.look(lambda seen: queries.summary(seen, settings, now_ms)))


@ROUTES.get(f"{_FESTIVAL}/hashes", may=_MAY)
async def hashes(call: Call) -> Hashes:
    """Show the state hash of each area, as every terminal computes its own."""
    return Hashes(**await call.desk.look(queries.hashes))


@ROUTES.get(f"{_FESTIVAL}/conflicts", may=_MAY)
async def list_conflicts(call: Call, query: PageQuery) -> Page[Conflict]:
    """List the open conflicts, each with a sentence for people in English and French."""
    desk = call.desk
    rows = await desk.look(lambda seen: queries.conflicts(seen, desk.folder.settings))
    names = [str(number) for number in range(len(rows))]
    part, following = part_of(rows, names, query)
    items = [Conflict(**row | {"details": _safe(row["details"])}) for row in part]
    return Page[Conflict](items=items, next=following)


@ROUTES.get(f"{_FESTIVAL}/shifts", may=_MAY)
async def list_shifts(call: Call, query: PageQuery) -> Page[Shift]:
    """List the shifts of all tills, the one opened last first, at most 2,000 in all."""
    rows = await call.desk.look(shifts)
    names = [f"{row['terminal']}-{row['shift']}" for row in rows]
    part, following = part_of(rows, names, query)
    return Page[Shift](items=[Shift(**row) for row in part], next=following)


@ROUTES.get(f"{_FESTIVAL}/shifts/{{terminal}}/{{shift}}", may=_MAY)
async def show_shift(call: Call) -> ShiftWithSums:
    """Show one shift with what it comes to by the office's own reckoning.

    `totals` is null if the shift has more records than are added up for one question.
    """
    till = TerminalId(bytes.fromhex(str(call.places["terminal"])))
    number = int(call.places["shift"])
    found = await call.desk.look(lambda seen: one_shift(seen, till, number))
    if found is None:
        title = "This till has opened no such shift, as far as is known here."
        raise Problem(404, title, "not_found")
    totals = found["totals"]
    return ShiftWithSums(**found | {"totals": None if totals is None else _sums(totals)})


@ROUTES.get(f"{_FESTIVAL}/wallets/{{wallet}}", may=staff("cashless:read"))
async def show_wallet(call: Call) -> WalletFigures:
    """Show what a wallet holds; one that was never heard of holds nothing."""
    number, now_ms = int(call.places["wallet"]), call.desk.now_ms()

    def see(seen: Look) -> dict[str, int]:
        tills = silent_tills(seen.cells, seen.level_ms(), now_ms)
        return wallet(seen.cells, number, tills)

    return WalletFigures(wallet=str(number), **await call.desk.look(see))


def _sums(row: dict[str, Any]) -> ShiftSums:
    counts = {name: row[name] for name in _COUNTS}
    return ShiftSums(
        **counts,
        gross_minor=row["gross"],
        by_vat=[
            VatRow(vat=rate, gross_minor=gross, net_minor=net, vat_minor=vat)
            for rate, gross, net, vat in row["by_vat"]
        ],
        by_method=_methods(row["by_method"]),
        topped_up=_methods(row["topped_up"]),
        paid_out=_methods(row["paid_out"]),
        deposits_minor=row["deposits"],
        tips_minor=row["tips"],
        expected_minor=row["expected_minor"],
    )


_COUNTS: Final = ("sales", "voids", "refunds", "declined", "top_ups", "pay_outs")


def _methods(rows: list[list[Any]]) -> list[MethodRow]:
    return [MethodRow(method=method, minor=minor) for method, minor in rows]


def _safe(value: Any) -> Any:
    """Return a value whose whole numbers any reader of JSON reads as they are."""
    if isinstance(value, list):
        return [_safe(item) for item in value]
    is_large = type(value) is int and abs(value) > _SAFE_MAX
    return str(value) if is_large else value
