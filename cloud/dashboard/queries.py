"""Everything that the live page and its JSON show, from one look at what was committed."""

from typing import Any, Final

from cloud.access import queries as access
from cloud.cashless import hand_over
from cloud.cashless import queries as cashless
from cloud.dashboard.conflict_words import Teller, plain_details
from cloud.limits import CONFLICTS_SHOWN_MAX
from cloud.settings import Settings, zone_of
from cloud.store.look import Look
from cloud.terminals.hearing import away, terminals
from cloud.terminals.queries import terminal_name
from cloud.terminals.recovering import awaited
from sync.cells import area_hashes
from sync.conflicts import conflicts as conflicts_of
from sync.loans import silent_tills
from sync.names import Area, Role

_GATE_FIELDS: Final = ("admitted", "left", "refused")
_BAR_FIELDS: Final = ("sales", "voids", "topups", "sold_minor")


def figures(seen: Look, settings: Settings, now_ms: int) -> dict[str, Any]:
    """Return what the page shows: facts, zones, quotas, gates, bars, money, conflicts, terminals.

    Of the conflicts at most 100 are told; `conflicts_count` counts all. `now_ms` is Unix time.
    """
    cells = seen.cells
    told = conflicts(seen, settings, CONFLICTS_SHOWN_MAX)
    offices = {run.terminal for run in seen.runs() if run.role is Role.OFFICE}
    return {
        "facts": seen.facts(),
        "authority": hand_over.told(cells),
        **recovery(seen),
        "zones": access.zones(cells),
        "quotas": access.quotas(cells, away(seen, now_ms)),
        "gates": access.gates(cells),
        "bars": cashless.bars(cells, offices),
        "conflicts": told,
        "conflicts_count": sum(len(conflicts_of(cells, area)) for area in Area),
        "terminals": terminals(seen, now_ms),
        "exposure": cashless.exposure(cells, silent_tills(cells, seen.level_ms(), now_ms)),
        **cashless.money(cells),
    }


def recovery(seen: Look) -> dict[str, Any]:
    """Return whether the office is recovering, since when (Unix ms, None), and whom it awaits."""
    since_ms = seen.recovery.since_ms
    waits_for = awaited(seen.cells, seen.recovery.caught_up()) if since_ms else []
    return {
        "recovering": since_ms > 0,
        "recovering_since_ms": since_ms or None,
        "waits_for": sorted(terminal_name(seen.cells, one) for one in waits_for),
    }


def summary(seen: Look, settings: Settings, now_ms: int) -> dict[str, Any]:
    """Return the same for programs: gates and bars by name, guests by zone, and the hashes.

    Names that several terminals have are told apart by the beginning of the id.
    """
    found = figures(seen, settings, now_ms)
    return found | {
        "inside": {str(zone["zone"]): zone["inside"] for zone in found["zones"]},
        "gates": _by_name(found["gates"], _GATE_FIELDS),
        "bars": _by_name(found["bars"], _BAR_FIELDS),
        "conflicts": conflicts(seen, settings),
        "hashes": hashes(seen),
    }


def hashes(seen: Look) -> dict[str, str]:
    """Return the state hash of each area, as every terminal computes its own."""
    return area_hashes(seen.cells, Area)


def conflicts(seen: Look, settings: Settings, count_max: int | None = None) -> list[dict[str, Any]]:
    """Return the open conflicts with a sentence for people in both languages."""
    teller = Teller(seen, zone_of(settings), settings.currency)
    every = [conflict for area in Area for conflict in conflicts_of(seen.cells, area)]
    rows = []
    for conflict in every[:count_max]:
        english, french = teller.sentences(conflict)
        rows.append(
            {
                "area": conflict.area.name.lower(),
                "kind": conflict.kind.value,
                "subject": conflict.subject,
                "sentence_en": english,
                "sentence_fr": french,
                "details": plain_details(conflict.details),
                "facts": [fact.hex() for fact in conflict.facts],
            }
        )
    return rows


def _by_name(rows: list[dict[str, Any]], fields: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    names = [row["name"] for row in rows]
    found = {}
    for row in rows:
        name = row["name"]
        if names.count(name) > 1:
            name = f"{name} ({row['terminal'][:4]})"
        found[name] = {field: row[field] for field in fields}
    return found
