"""Wristbands that seem to be two: paid with at two bars at once, or whose chip counted backwards.

A copied code pays wherever it is shown. What gives it away is the same in every order of facts: two
payments at different bars closer in time than anybody walks, judged with the uncertainty of both
clocks, and a chip that counts its taps and says the same number twice or a lower one later.

One cell for each wallet and minute keeps its payments, so that a fact looks at few of them.
"""

from typing import Final

from sync.cells import CellKey, CellKind, Cells
from sync.clock import ClockState
from sync.conflicts import ConflictKind, add_evidence
from sync.facts import Method, Sold
from sync.journal import Record
from sync.names import Area, Role

WALK_MS: Final = 20_000
"""Nobody pays at two bars within this time."""
UNCERTAINTY_MS_MAX: Final = 5_000
_SPAN_MS: Final = 60_000


def fold(cells: Cells, record: Record, role: Role) -> None:  # noqa: ARG001 - every fold's form
    """Look at a sale that a wristband paid; other facts are left alone."""
    body = record.body
    if not isinstance(body, Sold):
        return
    if body.bar and record.clock.state is ClockState.TRUSTED:
        for method, _, wallet, _ in body.payments:
            if method == Method.WALLET and wallet is not None:
                _visit(cells, record, body.bar, wallet)
    if body.taps is not None and body.wristband is not None:
        _tapped(cells, record, body.wristband, body.taps)


def _visit(cells: Cells, record: Record, bar: int, wallet: int) -> None:
    at_ms, unsure_ms = record.stamp.physical_ms, record.clock.uncertainty_ms
    if unsure_ms > UNCERTAINTY_MS_MAX:
        return
    span, within_ms = divmod(at_ms, _SPAN_MS)
    start = wallet.to_bytes(8, "big")
    key = _visit_key(start, span)
    known = cells.get(key) or ()
    near = [known]
    beside = _beside(span, within_ms)
    if beside is not None:
        near.append(cells.get(_visit_key(start, beside)) or ())
    mine = (at_ms, unsure_ms, bar, record.id)
    for visits in near:
        for then_ms, then_unsure_ms, where, fact in visits:
            apart_ms = abs(at_ms - then_ms) + unsure_ms + then_unsure_ms
            if where != bar and apart_ms < WALK_MS:
                _suspect(cells, wallet, fact, record.id)
    cells.set(key, tuple(sorted({*known, mine})) if known else (mine,))


def _tapped(cells: Cells, record: Record, wristband: int, taps: int) -> None:
    """Keep what a chip said it had counted: in one run's order it only ever grows."""
    key = CellKey(Area.MONEY, CellKind.TAPS, wristband.to_bytes(8, "big"))
    known = cells.get(key) or ()
    for run, number, counted, fact in known:
        is_same = counted == taps
        is_later = run == record.run and (number < record.number) != (counted < taps)
        if is_same or is_later:
            _suspect(cells, wristband, fact, record.id)
    cells.set(key, tuple(sorted({*known, (record.run, record.number, taps, record.id)})))


def _suspect(cells: Cells, wristband: int, *facts: bytes) -> None:
    kind = ConflictKind.CLONED_WRISTBAND
    add_evidence(cells, Area.MONEY, kind, f"wristband {wristband}", *facts)


def visit_keys(wallet: int, at_ms: int) -> list[CellKey]:
    """Return where payments of a wallet at about this time (Unix ms) are kept."""
    span, within_ms = divmod(at_ms, _SPAN_MS)
    start, beside = wallet.to_bytes(8, "big"), _beside(span, within_ms)
    spans = [span] if beside is None else [span, beside]
    return [_visit_key(start, one) for one in spans]


def _beside(span: int, within_ms: int) -> int | None:
    """Return the minute beside this one that may hold payments nearer than anybody walks."""
    if within_ms < WALK_MS and span:
        return span - 1
    return span + 1 if within_ms > _SPAN_MS - WALK_MS else None


def _visit_key(wallet: bytes, span: int) -> CellKey:
    return CellKey(Area.MONEY, CellKind.VISITS, wallet + span.to_bytes(6, "big"))
