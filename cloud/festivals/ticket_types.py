"""Ticket types: their rules go to the gates; texts, prices and when they are sold stay here."""

import unicodedata
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from cloud.festivals.catalogue_models import DayWindow, TicketType, TicketTypePut, Visibility
from cloud.festivals.offers import end_offer, offer_words, put_offer
from cloud.festivals.rows import Row
from cloud.festivals.sight import Sight, stated_gates, stated_types
from cloud.festivals.sorts import Sort, missing, numbered, quota_rows, unless_so
from cloud.festivals.zones import ZONES
from sync import allotments, catalogue
from sync.allotments import COUNTER, Resource
from sync.facts import ResourceKind
from sync.limits import U16_MAX

REENTRY: Final = "allow_reentry"
_KIND: Final = int(ResourceKind.TICKET_TYPE)


class TicketTypes(Sort[TicketTypePut, TicketType]):
    """Kinds of tickets, with the rules by which gates judge them."""

    kind: ClassVar = "type"
    path: ClassVar = "ticket-types"
    word: ClassVar = "ticket type"
    number_max: ClassVar = U16_MAX
    taken = TicketTypePut
    given = TicketType

    def numbers(self, sight: Sight) -> set[int]:
        """Return the types that terminals know."""
        return {one.type for one in stated_types(sight.cells)}

    def show(self, sight: Sight, number: int) -> TicketType:
        """Return the rules as gates know them, with what is kept here."""
        rules = catalogue.ticket_type(sight.cells, number)
        if rules is None:
            message = f"ticket type {number} was never stated"
            raise LookupError(message)
        quota = catalogue.quota(sight.cells, _KIND, number)
        daily = rules.window
        window = None
        if daily:
            window = DayWindow(from_minute=daily[0], until_minute=daily[-1])
        words = offer_words(sight, number)
        return TicketType(
            number=number,
            name=rules.name,
            quota=None if quota is None else quota.capacity,
            usage_limit=rules.usage_limit,
            daily_limit=rules.daily_limit,
            cooldown_minutes=rules.cooldown_minutes,
            allow_reentry=rules.allow_reentry,
            exit_required=rules.exit_required,
            window=window,
            zones=rules.zones,
            group_max=rules.group_max,
            age=rules.age or 0,
            note=rules.note or "",
            **words | {"visibility": Visibility(words["visibility"])},
        )

    def rows(self, sight: Sight, number: int, body: TicketTypePut) -> list[Row]:
        """State the rules and the quota."""
        window = body.window
        reentry = body.allow_reentry
        if reentry is None:
            reentry = bool(sight.of_festival().get(REENTRY, True))
        row = {
            "kind": "type",
            "type": number,
            "name": body.name,
            "allow_reentry": reentry,
            "usage_limit": body.usage_limit,
            "daily_limit": body.daily_limit,
            "cooldown_minutes": body.cooldown_minutes,
            "exit_required": body.exit_required,
            "zones": list(body.zones),
            "window": [] if window is None else [window.from_minute, window.until_minute],
            "group_max": body.group_max,
            "note": body.note or None,
            "age": body.age or None,
        }
        quota = catalogue.quota(sight.cells, _KIND, number)
        known = None if quota is None else quota.capacity
        rows = unless_so(catalogue.ticket_type(sight.cells, number), "type", row)
        return rows + quota_rows(known, self.resource(number), body.quota)

    def words(self, sight: Sight, body: TicketTypePut) -> dict[str, Any]:
        """Keep texts, the price and when it is sold."""
        del sight
        return body.model_dump(mode="json", include=set(OFFICE_FIELDS))

    def faults(self, sight: Sight, body: TicketTypePut) -> list[dict[str, str]]:
        """Find zones that are not there and times that end before they begin."""
        faults = missing(ZONES, sight, "zones", body.zones)
        if body.valid_until and body.valid_until <= body.valid_from:
            faults.append({"where": "valid_until", "what": "is not after valid_from"})
        from_ms, until_ms = body.on_sale_from_ms, body.on_sale_until_ms
        if from_ms is not None and until_ms is not None and until_ms <= from_ms:
            faults.append({"where": "on_sale_until_ms", "what": "is not after on_sale_from_ms"})
        window = body.window
        if window is not None and window.from_minute == window.until_minute:
            faults.append({"where": "window", "what": "ends when it begins"})
        return faults

    def clash(self, sight: Sight, number: int, words: Any) -> str:
        """Find another type of this name, whatever the case."""
        wanted = folded(words.name)
        for one in stated_types(sight.cells):
            is_other = one.type != number and not sight.is_deleted(self.kind, one.type)
            if is_other and folded(one.name) == wanted:
                return f"ticket type {one.type} is called {one.name!r} already"
        return ""

    def needed_by(self, sight: Sight, number: int) -> str:
        """Name the tickets, products and gates that it is there for."""
        cells = sight.cells
        out = handed_out(sight, number)
        if out:
            return f"{out} tickets of it were handed out. Make it internal to sell no more of it"
        products = [
            one.name
            for one in catalogue.products(cells)
            if one.ticket_type == number and not sight.is_deleted("product", one.product)
        ]
        if products:
            return f"{numbered('product', products)} hands it out"
        gates = [gate.name for gate in stated_gates(cells) if number in gate.types]
        gates += [
            one.words["name"]
            for one in sight.details.every("gate").values()
            if not one.is_deleted and number in one.words["types"]
        ]
        return f"{numbered('gate', gates)} takes it" if gates else ""

    def also_keep(self, sight: Sight, number: int, words: Mapping[str, Any]) -> None:
        """Let orders sell it as it says."""
        put_offer(sight, number, words)

    def also_hide(self, sight: Sight, number: int) -> None:
        """Let orders sell it no longer."""
        end_offer(sight, number)

    def resource(self, number: int) -> Resource:
        """Places are lent to tills, and to the counter of the office."""
        return (_KIND, number)


OFFICE_FIELDS: Final = frozenset(
    {
        "description", "price", "vat", "visibility", "on_sale_from_ms", "on_sale_until_ms",
        "per_order_max", "valid_from", "valid_until",
    }
)  # fmt: skip


def handed_out(sight: Sight, number: int) -> int:
    """Return how many tickets of a type were sold, reserved or issued, as far as is counted."""
    parts = allotments.holdings(sight.cells, (_KIND, number))
    at_counter = allotments.held(sight.cells, (_KIND, number), COUNTER)
    return sum(max(0, part.used) for part in parts.values()) + max(0, at_counter)


def folded(name: str) -> str:
    """Return a name as it is compared: without case, forms of letters and doubled spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


TICKET_TYPES: Final = TicketTypes()
