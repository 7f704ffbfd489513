"""What a terminal may pass on to another without hurting itself; pure, and the same everywhere.

Terminals that cannot reach whoever lends help each other out of what they hold. A giver keeps what
it needs until it would be topped up itself, half a part, and gives at most half of what is beyond
that: so a few questions level a busy box and its idle neighbours, and nobody is stripped.
"""

from sync import lending
from sync.allotments import Resource
from sync.cells import Cells
from sync.quarantine import is_quarantined


def spare(cells: Cells, resource: Resource, giver: bytes, asked: int) -> int:
    """Return how many units a terminal can give of what it holds, at most what is asked.

    One that cannot use the resource just now, such as a till between shifts, can give all of it.
    """
    quota = lending.read(cells, resource)
    if quota is None or asked <= 0 or is_quarantined(cells, giver):
        return 0
    held = max(0, quota.held(giver))
    if giver not in quota.holders:
        return min(asked, held)
    beyond = max(0, held - (quota.part + 1) // 2)
    return min(asked, (beyond + 1) // 2)
