"""Whatever is put, deleted and restored in whatever order, a catalogue holds together."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloud.api.problems import Problem
from cloud.cashless.online import ONLINE_PRODUCTS_FROM
from cloud.festivals import catalogue
from cloud.festivals.bars import BARS
from cloud.festivals.catalogue_routes import SORTS
from cloud.festivals.gates import GATES
from cloud.festivals.products import PRODUCTS
from cloud.festivals.sight import Sight, sight_of
from cloud.festivals.sorts import Sort, present
from cloud.festivals.ticket_types import TICKET_TYPES, folded
from cloud.festivals.vouchers import VOUCHERS
from cloud.festivals.zones import ZONES
from cloud.office import Office
from cloud.store.orders import OfferBook
from sync.catalogue import office_version
from tests.cloud.festivals.test_details import office_at
from tests.cloud.offices import new_folder

REQUEST = make_mocked_request("PUT", "/")
NUMBER = st.integers(1, 3)
SOME = st.sets(NUMBER, max_size=2).map(list)
NAME = st.sampled_from(["Été", "ÉTÉ", "Weekend"])
BODIES: dict[Sort[Any, Any], st.SearchStrategy[dict[str, Any]]] = {
    ZONES: st.fixed_dictionaries({"name": NAME}),
    GATES: st.fixed_dictionaries({"name": NAME, "zone": NUMBER, "types": SOME}),
    TICKET_TYPES: st.fixed_dictionaries(
        {"name": NAME, "zones": SOME, "visibility": st.sampled_from(["public", "internal"])}
    ),
    BARS: st.fixed_dictionaries({"name": NAME}),
    PRODUCTS: st.fixed_dictionaries(
        {"name": NAME, "price": st.just(5), "bars": SOME, "ticket_type": NUMBER | st.none()}
    ),
    VOUCHERS: st.fixed_dictionaries({"name": NAME, "products": SOME}),
}
DEEDS = st.one_of(
    *(st.tuples(st.just(sort), NUMBER, body) for sort, body in BODIES.items()),
    *(st.tuples(st.just(sort), NUMBER, st.sampled_from([None, "restore"])) for sort in BODIES),
)
FIRST: list[tuple[Sort[Any, Any], int, Any]] = [
    (sort, number, {"name": f"{number}"} | more)
    for number in (1, 2, 3)
    for sort, more in (
        (ZONES, {}),
        (BARS, {}),
        (TICKET_TYPES, {"visibility": "public"}),
        (PRODUCTS, {"price": 5}),
        (VOUCHERS, {}),
        (GATES, {"zone": 1}),
    )
]


def deed(sort: Sort[Any, Any], number: int, what: Any) -> catalogue.Job:
    if what is None:
        return catalogue.delete(sort, number, REQUEST, "me")
    if what == "restore":
        return catalogue.restore(sort, number, "me")
    listed = {key: tuple(one) if isinstance(one, list) else one for key, one in what.items()}
    body = sort.taken.model_validate(listed, strict=False)
    return catalogue.put(sort, number, body, REQUEST, "me")


def shown(sight: Sight, sort: Sort[Any, Any]) -> dict[int, Any]:
    return {number: sort.show(sight, number) for number in present(sort, sight)}


def holds_together(office: Office) -> None:
    sight = sight_of(office)
    zones, gates, types, bars, products, vouchers = (shown(sight, sort) for sort in SORTS_IN_ORDER)
    names = [folded(one.name) for one in types.values()]
    assert len(names) == len(set(names))
    for gate in gates.values():
        assert gate.zone in zones
        assert set(gate.types) <= set(types)
    for one in types.values():
        assert set(one.zones) <= set(zones)
    for one in products.values():
        assert set(one.bars) <= set(bars)
        assert one.ticket_type is None or one.ticket_type in types
    for one in vouchers.values():
        assert set(one.products) <= set(products)
    offered = {one.type for one in OfferBook(sight.connection, sight.festival).all()}
    assert offered == {number for number, one in types.items() if one.visibility != "internal"}


def written(office: Office) -> tuple[int, int]:
    """How many facts were stated, and how many words were kept."""
    (words,) = office.store.connection.execute("SELECT count(*) FROM detail").fetchone()
    return office_version(office.cells), words


SORTS_IN_ORDER = (ZONES, GATES, TICKET_TYPES, BARS, PRODUCTS, VOUCHERS)


@pytest.mark.one_engine  # drawn examples: the engines are compared by the tests of the API
@settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=40)
@given(deeds=st.lists(DEEDS, min_size=40, max_size=80))
def test_names_stay_unique_and_nothing_names_what_is_not_there(
    deeds: list[tuple[Sort[Any, Any], int, Any]],
) -> None:
    with TemporaryDirectory() as name:
        office = office_at(new_folder(Path(name) / "office").path)
        for sort, number, what in FIRST + deeds:
            (before,) = office.transact([written])
            (result,) = office.transact([deed(sort, number, what)])
            office.transact([holds_together])
            (after,) = office.transact([written])
            if isinstance(result, Problem):
                assert result.status in {404, 409, 422}
                assert before == after
        office.close()


@pytest.mark.one_engine  # nothing is stored
def test_the_sorts_of_the_routes_are_those_that_are_tried_here() -> None:
    assert set(SORTS) == set(BODIES)
    assert PRODUCTS.number_max < ONLINE_PRODUCTS_FROM
