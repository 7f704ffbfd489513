"""What a till risks while it is alone: sums for its status line and for the organiser."""

from typing import Any

from edge.terminal import Terminal
from sync import catalogue, spending


def exposure_of(terminal: Terminal) -> dict[str, Any]:
    """Return the till's unacknowledged sums, its caps and the worst loss; amounts in minor units.

    -1 is without limit. `worst_loss_minor` is what this till alone can have oversold at most.
    """
    limits = catalogue.policy(terminal.store.shelf.cells)
    book = terminal.store.till
    cap = spending.fleet_bound(1, limits, book.renewed())
    spent = book.spent_unacknowledged_everywhere()
    return {
        "unacknowledged_minor": spent,
        "unacknowledged_top_ups_minor": book.topped_up(),
        "alone_limit_minor": limits.alone_limit,
        "till_cap_minor": limits.till_cap,
        "renewed_minor": book.renewed(),
        "room_minor": -1 if cap is None else max(0, cap - spent),
        "worst_loss_minor": spent,
        "only_here": terminal.only_here(),
        "alone_ms": terminal.alone_ms(),
    }
