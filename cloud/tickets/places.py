"""How tickets take places of their type's quota: by the office's counter, like orders."""

from collections.abc import Mapping
from typing import Final

from cloud.office import Office
from cloud.orders import counter, refusals
from cloud.tickets.refusals import Refusal, Why

_WORDS: Final = {
    refusals.Why.RECOVERING: Why.RECOVERING,
    refusals.Why.NOT_AUTHORITY: Why.NOT_AUTHORITY,
    refusals.Why.CATCHING_UP: Why.CATCHING_UP,
}


def take_places(office: Office, wanted: Mapping[int, int]) -> Refusal | bool:
    """Take places of ticket types (how many by type), all of them or, with a refusal, none.

    Returns whether they were counted. Those of a type without a quota are counted too, for one may
    be stated later; only while a hub lends they are handed out uncounted, and never come back.
    """
    barred = counter.cannot_lend(office)
    if barred is not None:
        is_limited = any(counter.places_left(office.cells, one) is not None for one in wanted)
        word = _WORDS[barred.why]
        return Refusal(word) if is_limited or word is Why.RECOVERING else False
    refusal = counter.take_all(office, wanted)
    return True if refusal is None else Refusal(Why.NO_PLACES, refusal.detail)
