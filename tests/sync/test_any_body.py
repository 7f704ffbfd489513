"""No well-formed fact of a certified writer, however senseless, stops a machine that hears it."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync import accounts, catalogue, history
from sync.admission import Direction, Question, judge
from sync.body import Body
from sync.cells import area_hashes
from sync.codec import decode, encode
from sync.codes import CodeKind, Ticket
from sync.conflicts import conflicts
from sync.ledger import bar_counts
from sync.names import Area
from sync.spending import overspend_bound
from tests.sync.any_body import bodies
from tests.sync.builder import FESTIVAL, Box, at, bar, folded_anew, gate, office

CELL_BYTES_MAX = 16 << 20


def look_at_everything(box: Box) -> None:
    """Ask what screens, pages and gates ask."""
    cells = box.cells
    for area in Area:
        conflicts(cells, area)
        for _, value in cells.items(area):
            assert encode(decode(encode(value), CELL_BYTES_MAX)) == encode(value)
    assert set(accounts.postings_sum(cells).values()) <= {0}
    list(accounts.wallets(cells))
    bar_counts(cells)
    history.gate_counts(cells)
    catalogue.issuing_keys(cells)
    limits = catalogue.policy(cells)
    overspend_bound(5_000, 2, limits)
    for serial in (0, 1, 2, 2**64 - 1):
        ticket = Ticket(CodeKind.TICKET, 1, FESTIVAL, serial, 1, 0, 0, 0)
        for direction in Direction:
            question = Question(ticket, bytes(8), bytes([21]) * 16, direction, at(), 60, 0)
            verdict = judge(cells, question)
            for language in ("en", "fr"):
                assert verdict.sentence(language)


@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), bodies()), min_size=1, max_size=25))
def test_any_well_formed_fact_is_taken_folded_and_looked_at(
    said: list[tuple[int, Body]],
) -> None:
    pens = [office(), gate(), bar()]
    box = Box()
    box.take(*[pen.first for pen in pens])
    for who, body in said:
        assert box.take(pens[who].write(body)) == ["new"]
    look_at_everything(box)
    assert area_hashes(box.cells, Area) == folded_anew(box)
