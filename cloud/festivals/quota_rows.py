"""Statements about quotas: how much there is in all, and what is taken back from a lost terminal.

A write-off is an operator's decision: it says that what the terminal still holds will not be spent.
If it spends it after all, more may be used than there is, and that is found.
"""

from typing import Final

from cloud.festivals.rows import BadStatement, Row, Situation, number_of, only_these, terminal_of
from sync import allotments, catalogue
from sync.allotments import Resource
from sync.body import Body
from sync.cells import Cells
from sync.facts import AllotmentWrittenOff, QuotaSet, ResourceKind
from sync.loans import held_by

KIND_OF: Final = {
    "ticket_type": int(ResourceKind.TICKET_TYPE),
    "voucher": int(ResourceKind.VOUCHER),
    "product": int(ResourceKind.STOCK),
}
"""The fields that name a quota, and what it counts."""
WORD_OF: Final = {kind: word for word, kind in KIND_OF.items()} | {int(ResourceKind.ZONE): "zone"}
"""What people call a resource's kind."""


def quota(situation: Situation, row: Row) -> list[Body]:
    """State how many units there are of a product, a ticket type or a kind of voucher."""
    row = only_these(row, *KIND_OF, "capacity")
    if "capacity" not in row:
        message = "quota: capacity must be given, a whole number or null for no limit"
        raise BadStatement(message)
    kind, number = _named(row, "quota", KIND_OF)
    known = catalogue.quota(situation.cells, kind, number)
    return [QuotaSet(kind, number, 1 if known is None else known.version + 1, row["capacity"])]


def trouble_with_quota(cells: Cells, row: Row) -> str:
    """Say what a quota is about that nobody stated, once all rows of a request are; "" if none."""
    kind, number = _named(row, "quota", KIND_OF)
    if _is_known(cells, kind, number):
        return ""
    return f"quota: there is no {WORD_OF[kind].replace('_', ' ')} {number}; state it first"


def write_off(situation: Situation, row: Row) -> list[Body]:
    """Take back what a terminal holds: of one zone or quota, or of everything and every wallet."""
    row = only_these(row, "terminal", "zone", *KIND_OF)
    terminal = terminal_of(situation, row)
    kinds = {"zone": int(ResourceKind.ZONE)} | KIND_OF
    wanted = _named(row, "write_off", kinds) if kinds.keys() & row.keys() else None
    bodies = written_off(situation.cells, terminal, wanted)
    if not bodies and not (situation.is_recovering and wanted is None):
        of = "" if wanted is None else f" of {WORD_OF[wanted[0]].replace('_', ' ')} {wanted[1]}"
        message = f"write_off: this terminal holds nothing{of}"
        raise BadStatement(message)
    return bodies


def given_up(situation: Situation, row: Row) -> bytes | None:
    """Return the terminal that a row gives up with all that it holds, None if it gives up none."""
    return None if row.keys() & ({"zone"} | KIND_OF.keys()) else terminal_of(situation, row)


def written_off(cells: Cells, terminal: bytes, only: Resource | None = None) -> list[Body]:
    """Return the facts that take back what a terminal holds of everything, or of one resource."""
    zones = [allotments.zone_resource(zone.zone) for zone in catalogue.zones(cells)]
    held = [(zone, allotments.held(cells, zone, terminal)) for zone in zones]
    held += held_by(cells, terminal)
    return [
        AllotmentWrittenOff(resource, terminal, amount)
        for resource, amount in held
        if amount > 0 and only in {None, resource}
    ]


def _named(row: Row, what: str, kinds: dict[str, int]) -> Resource:
    """Return the one resource that a row names."""
    named = sorted(kinds.keys() & row.keys())
    if len(named) != 1:
        message = f"{what}: name one of {', '.join(sorted(kinds))}"
        raise BadStatement(message)
    return kinds[named[0]], number_of(row, named[0])


def _is_known(cells: Cells, kind: int, number: int) -> bool:
    if kind == ResourceKind.STOCK:
        return catalogue.product(cells, number) is not None
    if kind == ResourceKind.VOUCHER:
        return catalogue.voucher(cells, number) is not None
    return catalogue.ticket_type(cells, number) is not None
