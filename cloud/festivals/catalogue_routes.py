"""`/api/v1/festivals/{festival}/zones` and other numbered things: seven routes for each sort."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from cloud.accounts.access import organisers, staff
from cloud.api.call import Call
from cloud.api.models import Page
from cloud.api.routes import API, Routes
from cloud.festivals import catalogue
from cloud.festivals.bars import BARS
from cloud.festivals.catalogue_models import CatalogueQuery
from cloud.festivals.gates import GATES
from cloud.festivals.products import PRODUCTS
from cloud.festivals.sorts import Sort
from cloud.festivals.stating import do, who
from cloud.festivals.ticket_types import TICKET_TYPES
from cloud.festivals.vouchers import VOUCHERS
from cloud.festivals.zones import ZONES

ROUTES: Final = Routes("festivals")
SORTS: Final[tuple[Sort[Any, Any], ...]] = (ZONES, GATES, TICKET_TYPES, BARS, PRODUCTS, VOUCHERS)
_READ: Final = staff("festivals:read")
_WRITE: Final = organisers("festivals:write")
_TAG: Final = (
    "With `If-Match` it is changed only if it is still what that tag was read with (412 if not)."
)
Handler = Callable[..., Awaitable[Any]]


def _called(handler: Handler, name: str, text: str, **hints: Any) -> Handler:
    """Return the handler with the name, the words and the models of the sort that it is for."""
    handler.__name__ = name
    handler.__doc__ = text
    handler.__annotations__ = {"call": Call} | hints
    return handler


def _open_many(sort: Sort[Any, Any], every: str) -> None:
    """Declare the routes of all things of a sort."""
    plain, single = sort.path.replace("-", "_"), sort.word.replace(" ", "_")

    async def listed(call: Call, query: CatalogueQuery) -> Any:
        see = catalogue.every(sort, query.limit, query.after, of_deleted=query.deleted)
        return await call.desk.look(see)

    async def made(call: Call, body: Any) -> Any:
        return await do(call, catalogue.put(sort, None, body, call.request, who(call)))

    hints: dict[str, Any] = {"query": CatalogueQuery, "return": Page[sort.given]}  # type: ignore[name-defined]
    text = f"List the {sort.word}s, in the order of their numbers."
    ROUTES.get(every, may=_READ)(_called(listed, f"list_{plain}", text, **hints))
    text = f"Make a {sort.word} under the next free number."
    hints = {"body": sort.taken, "return": sort.given}
    ROUTES.post(every, may=_WRITE, status=201)(_called(made, f"make_{single}", text, **hints))


def _open_one(sort: Sort[Any, Any], one: str) -> None:
    """Declare the routes of one thing of a sort."""
    word, single = sort.word, sort.word.replace(" ", "_")

    async def shown(call: Call) -> Any:
        number = call.places[sort.kind]
        found = await call.desk.look(catalogue.one(sort, number))
        if found is None:
            raise catalogue.unknown(sort, number)
        return found

    async def put(call: Call, body: Any) -> Any:
        number = call.places[sort.kind]
        return await do(call, catalogue.put(sort, number, body, call.request, who(call)))

    async def deleted(call: Call) -> None:
        number = call.places[sort.kind]
        await do(call, catalogue.delete(sort, number, call.request, who(call)))

    async def restored(call: Call) -> Any:
        return await do(call, catalogue.restore(sort, call.places[sort.kind], who(call)))

    gives: dict[str, Any] = {"return": sort.given}
    takes = {"body": sort.taken} | gives
    text = f"Show a {word}; the answer's `ETag` is for `If-Match`."
    ROUTES.get(one, may=_READ)(_called(shown, f"show_{single}", text, **gives))
    text = f"Make a {word} under this number, or change it to be what the body says.\n\n{_TAG}"
    ROUTES.put(one, may=_WRITE)(_called(put, f"put_{single}", text, **takes))
    text = (
        f"Delete a {word}: it is hidden and sold no more, and keeps its number.\n\n"
        f"Refused (409) while something still depends on it. Restoring undoes it. {_TAG}"
    )
    ROUTES.delete(one, may=_WRITE)(_called(deleted, f"delete_{single}", text, **{"return": None}))
    text = f"Bring back a {word} that was deleted, as it was."
    name = f"restore_{single}"
    ROUTES.post(f"{one}/restore", may=_WRITE)(_called(restored, name, text, **gives))


for _sort in SORTS:
    _every = f"{API}/festivals/{{festival}}/{_sort.path}"
    _open_many(_sort, _every)
    _open_one(_sort, f"{_every}/{{{_sort.kind}}}")
