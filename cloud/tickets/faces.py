"""What stands on a ticket, in the guest's language: the same words on paper and on a screen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from cloud.settings import Settings, zone_of
from cloud.store.tickets import TicketRow
from sync import catalogue
from sync.cells import Cells
from sync.codes import CodeFlag
from sync.short_number import short_number

_WORDS: Final[dict[str, dict[str, str]]] = {
    "en": {
        "valid": "Valid",
        "from": "from {}",
        "until": "until {}",
        "both": "{} – {}",
        "zones": "Access",
        "every_zone": "everywhere",
        "holder": "Guest",
        "reference": "Order",
        "number": "Ticket",
        "one": "Show this code at the gate. Whoever shows it first comes in: keep it to yourself.",
        "many": "Show this code at the gate. It lets in up to {} guests: keep it to yourself.",
        "test": "TEST – lets nobody in",
    },
    "fr": {
        "valid": "Valable",
        "from": "à partir du {}",
        "until": "jusqu’au {}",
        "both": "{} – {}",
        "zones": "Accès",
        "every_zone": "partout",
        "holder": "Au nom de",
        "reference": "Commande",
        "number": "Billet",
        "one": "Montrez ce code à l’entrée. Qui le montre en premier entre : gardez-le pour vous.",
        "many": "Montrez ce code à l’entrée. Il fait entrer jusqu’à {} personnes. Gardez-le.",
        "test": "ESSAI – ne fait entrer personne",
    },
}
_MONTHS_FR: Final = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
)
_MONTHS_EN: Final = (
    "January February March April May June July August September October November December".split()
)
_MONTHS: Final = {"en": _MONTHS_EN, "fr": _MONTHS_FR}


@dataclass(frozen=True, slots=True)
class Face:
    """A ticket as it is shown: texts, rows of (label, value), and the code to be drawn."""

    festival: str
    type: str
    rows: tuple[tuple[str, str], ...]
    number: str
    sentence: str
    warning: str
    code: str


def face_of(
    cells: Cells, settings: Settings, row: TicketRow, code: str, holder: str, language: str
) -> Face:
    """Return what stands on a ticket, in English ("en") or French ("fr")."""
    words = _WORDS[language]
    kind = catalogue.ticket_type(cells, row.type)
    zones = () if kind is None else kind.zones
    guests = 1 if kind is None else kind.group_max
    rows = (
        (words["valid"], _window(row, zone_of(settings), language)),
        (words["zones"], ", ".join(_zone_names(cells, zones)) or words["every_zone"]),
        (words["holder"], holder),
        (words["reference"], row.reference),
    )
    return Face(
        festival=settings.name,
        type=f"Type {row.type}" if kind is None else kind.name,
        rows=tuple((label, value) for label, value in rows if value),
        number=f"{words['number']} {short_number(row.serial)}",
        sentence=words["one"] if guests <= 1 else words["many"].format(guests),
        warning=words["test"] if row.flags & CodeFlag.TEST else "",
        code=code,
    )


def _window(row: TicketRow, zone: ZoneInfo, language: str) -> str:
    """Return when a ticket is valid, in the festival's time, or nothing if it always is."""
    words = _WORDS[language]
    start, end = _date(row.valid_from, zone, language), _date(row.valid_until, zone, language)
    if row.valid_from and row.valid_until:
        return words["both"].format(start, end)
    if row.valid_from:
        return words["from"].format(start)
    return words["until"].format(end) if row.valid_until else ""


def _date(seconds: int, zone: ZoneInfo, language: str) -> str:
    when = datetime.fromtimestamp(seconds, zone)
    return f"{when.day} {_MONTHS[language][when.month - 1]} {when.year}, {when:%H:%M}"


def _zone_names(cells: Cells, zones: Sequence[int]) -> list[str]:
    found = [(number, catalogue.zone(cells, number)) for number in zones]
    return [f"Zone {number}" if zone is None else zone.name for number, zone in found]
