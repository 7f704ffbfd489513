"""What every route of the API is given by its declaration: guards, limits, refusals, tags."""

from pathlib import Path

import pytest
from aiohttp import web
from multidict import CIMultiDict

from cloud.accounts.access import organisers, public, signed_in, staff, superadmins
from cloud.api import pace as paces
from cloud.api.call import Answer, Call
from cloud.api.models import Given, Minor, Nothing, Page, PageQuery, SerialText, Taken
from cloud.api.pace import Pace
from cloud.api.problems import Problem
from cloud.api.routes import Routes
from cloud.api.serving import check_match
from cloud.limits import (
    REQUESTS_AT_ONCE_OF_ADDRESS_MAX,
    REQUESTS_PER_S_OF_ADDRESS_MAX,
)
from cloud.office import Office
from cloud.once import Deed
from tests.cloud.api.houses import MINE, OTHERS, open_house

ROUTES = Routes("trial")
OWNERS = {7: MINE, 8: OTHERS}


class Coat(Taken):
    """Something that comes in."""

    price: Minor
    serial: SerialText = "0"


class Hung(Given):
    """Something that goes out."""

    price: int
    where: int


@ROUTES.post("/api/v1/festivals/{festival}/coats", may=organisers("tickets:write"), status=201)
async def hang(call: Call, body: Coat) -> Hung:
    """Hang a coat."""
    return Hung(price=body.price, where=call.festival)


@ROUTES.get("/api/v1/festivals/{festival}/coats", may=staff("tickets:read"))
async def list_coats(call: Call, query: PageQuery) -> Page[Hung]:
    """List coats."""
    return Page[Hung](items=[Hung(price=query.limit, where=call.festival)], next=query.after)


@ROUTES.get("/api/v1/coat", may=signed_in())
async def own_coat(_: Call) -> Hung:
    """Show one's own coat."""
    return Hung(price=1, where=2)


@ROUTES.put("/api/v1/coat", may=signed_in())
async def change_coat(call: Call, body: Coat) -> Nothing:
    """Change one's own coat."""
    check_match(call.request, Hung(price=body.price, where=2))
    return Nothing()


DONE: list[bytes] = []


@ROUTES.post(
    "/api/v1/festivals/{festival}/mends",
    may=organisers("orders:write"),
    status=201,
    idempotent=True,
)
async def mend(call: Call, body: Coat) -> Answer[Hung]:
    """Mend a coat."""

    def job(_: Office, deed: Deed) -> Hung | Problem:
        DONE.append(deed.operation)
        if body.price == 13:
            return Problem(409, "It cannot be mended.", "hopeless")
        return Hung(price=body.price, where=len(DONE))

    return await call.once(job)


@ROUTES.delete("/api/v1/coats", may=superadmins())
async def burn(_: Call) -> None:
    """Burn all coats."""


@ROUTES.get("/api/v1/weather", may=public())
async def break_down(_: Call) -> Hung:
    """Break down."""
    message = "secret 1234567"
    raise ZeroDivisionError(message)


def test_a_route_that_does_not_say_who_may_ask_cannot_be_declared() -> None:
    with pytest.raises(TypeError):
        Routes("x").get("/api/v1/x")(own_coat)
    with pytest.raises(TypeError):
        Routes("x").get("/api/v1/x", may=None)


def test_a_route_without_a_description_cannot_be_declared() -> None:
    async def bare(call: Call) -> Hung:
        return Hung(price=1, where=call.festival)

    bare.__doc__ = None
    with pytest.raises(ValueError, match="description"):
        Routes("x").get("/api/v1/x", may=public())(bare)


@pytest.mark.parametrize(
    "method, path, role, status",
    [
        ("GET", "/api/v1/festivals/7/coats", "", 401),
        ("GET", "/api/v1/festivals/7/coats", "rubbish", 401),
        ("GET", "/api/v1/festivals/7/coats", "organiser", 200),
        ("GET", "/api/v1/festivals/7/coats", "agent", 200),
        ("GET", "/api/v1/festivals/7/coats", "technician", 403),
        ("GET", "/api/v1/festivals/7/coats", "guest", 403),
        ("GET", "/api/v1/festivals/7/coats", "organiser of others", 404),
        ("GET", "/api/v1/festivals/8/coats", "organiser", 404),
        ("GET", "/api/v1/festivals/9/coats", "organiser", 404),
        ("GET", "/api/v1/festivals/07/coats", "organiser", 404),
        ("GET", "/api/v1/festivals/4294967296/coats", "organiser", 404),
        ("GET", "/api/v1/festivals/x/coats", "organiser", 404),
        ("DELETE", "/api/v1/coats", "organiser", 403),
        ("DELETE", "/api/v1/coats", "superadmin of nobody", 204),
        ("GET", "/api/v1/coat", "", 401),
        ("GET", "/api/v1/coat", "guest", 200),
        ("PATCH", "/api/v1/coat", "guest", 405),
        ("GET", "/api/v1/nothing", "organiser", 404),
    ],
)
async def test_who_may_ask_is_what_the_route_says(
    tmp_path: Path, method: str, path: str, role: str, status: int
) -> None:
    async with open_house(tmp_path, OWNERS, ROUTES.operations) as house:
        found, headers, body = await house.ask(method, path, role)
        assert found == status, body
        if status >= 400:
            assert headers["Content-Type"].startswith("application/problem+json")
            assert body["id"] == headers["Guichet-Request"]


@pytest.mark.parametrize(
    "body, where",
    [
        (b"", "body"),
        (b"{", "body"),
        (b"[]", "body"),
        (b"{}", "price"),
        (b'{"price": 1.0}', "price"),
        (b'{"price": "1"}', "price"),
        (b'{"price": true}', "price"),
        (b'{"price": -1}', "price"),
        (b'{"price": 99999999999999999999}', "price"),
        (b'{"price": 1, "colour": "violet"}', "colour"),
        (b'{"price": 1, "serial": "18446744073709551616"}', "serial"),
        (b'{"price": 1, "serial": "007"}', "serial"),
        (b'{"price": 1, "serial": 7}', "serial"),
        (b'{"price": "\xff"}', "body"),
        (b"[" * 50_000, "body"),
    ],
)
async def test_a_field_that_is_wrong_is_named_and_what_it_held_is_not(
    tmp_path: Path, body: bytes, where: str
) -> None:
    async with open_house(tmp_path, OWNERS, ROUTES.operations) as house:
        status, _, told = await house.ask(
            "POST",
            "/api/v1/festivals/7/coats",
            data=body,
            headers={"Content-Type": "application/json"},
        )
        assert (status, told["code"]) == (422, "invalid")
        assert where in {fault["where"] for fault in told["errors"]}
        assert "violet" not in str(told)


async def test_what_is_no_json_or_too_long_is_refused(tmp_path: Path) -> None:
    async with open_house(tmp_path, OWNERS, ROUTES.operations) as house:
        path = "/api/v1/festivals/7/coats"
        assert (await house.ask("POST", path, data=b"price=1"))[0] == 415
        json = {"Content-Type": "application/json"}
        long = b'{"price": 1, "serial": "' + b"1" * 70_000 + b'"}'
        assert (await house.ask("POST", path, data=long, headers=json))[0] == 413


async def test_a_query_is_read_strictly_too(tmp_path: Path) -> None:
    async with open_house(tmp_path, OWNERS, ROUTES.operations) as house:
        path = "/api/v1/festivals/7/coats"
        status, _, body = await house.ask("GET", f"{path}?limit=3&after=x")
        assert (status, body) == (200, {"items": [{"price": 3, "where": 7}], "next": "x"})
        for query in ("limit=0", "limit=501", "limit=x", "colour=red", "limit=1&limit=2"):
            assert (await house.ask("GET", f"{path}?{query}"))[0] == 422


def named(tag: str) -> dict[str, tuple[int, int]]:
    """Return what a client may send about a tag: what a reader and what a writer is answered."""
    return {
        tag: (304, 200),
        "*": (304, 200),
        f'"older", {tag}': (304, 200),
        f'W/"older",{tag} , "newer"': (304, 200),
        f"W/{tag}": (304, 412),
        "": (200, 200),
        '"older"': (200, 412),
        '"*"': (200, 412),
        tag.strip('"'): (200, 412),
        f'"{tag[1:-1]}0"': (200, 412),
        f'{tag[:-2]}"': (200, 412),
        tag.upper(): (200, 412),
        "é": (200, 412),
    }


async def test_a_tag_is_compared_as_a_whole_and_a_weak_one_changes_nothing(tmp_path: Path) -> None:
    async with open_house(tmp_path, OWNERS, ROUTES.operations) as house:
        tag = (await house.ask("GET", "/api/v1/coat"))[1]["ETag"]
        for shown, (read, changed) in named(tag).items():
            again = await house.ask("GET", "/api/v1/coat", headers={"If-None-Match": shown})
            assert (again[0], again[1]["ETag"]) == (read, tag), shown
            assert again[1]["Cache-Control"] == "private, no-cache"
            match, put = {"If-Match": shown}, {"price": 1}
            found = await house.ask("PUT", "/api/v1/coat", json=put, headers=match)
            assert found[0] == changed, shown


async def test_tags_may_stand_in_several_lines(tmp_path: Path) -> None:
    async with open_house(tmp_path, OWNERS, ROUTES.operations) as house:
        tag = (await house.ask("GET", "/api/v1/coat"))[1]["ETag"]
        shown = CIMultiDict({"Authorization": "Bearer organiser", "If-Match": '"older"'})
        shown.add("If-Match", tag)
        url = f"{house.url}/api/v1/coat"
        async with house.session.put(url, json={"price": 1}, headers=shown) as answer:
            assert answer.status == 200


async def test_a_mistake_of_ours_tells_nothing_but_its_id(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_house(tmp_path, OWNERS, ROUTES.operations) as house:
        status, headers, body = await house.ask("GET", "/api/v1/weather", "")
        assert status == 500
        assert body["id"] == headers["Guichet-Request"]
        assert "1234567" not in str(body) + caplog.text


def test_who_asks_too_often_waits_and_others_do_not() -> None:
    now = 0
    pace = Pace(lambda: now)
    for _ in range(REQUESTS_AT_ONCE_OF_ADDRESS_MAX):
        pace.admit(("address", "a"))
    with pytest.raises(Problem) as refusal:
        pace.admit(("address", "a"))
    assert (refusal.value.status, refusal.value.headers) == (429, {"Retry-After": "1"})
    pace.admit(("address", "b"))
    now += 1_000
    for _ in range(REQUESTS_PER_S_OF_ADDRESS_MAX):
        pace.admit(("address", "a"))
    with pytest.raises(Problem):
        pace.admit(("address", "a"))


async def test_a_network_has_one_pace_and_whoever_shows_a_credential_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(paces._LIMITS, "address", (1, 2))
    async with open_house(tmp_path, OWNERS, proxies=frozenset({"127.0.0.1"})) as house:

        async def ask(address: str, role: str = "") -> int:
            forwarded = {"X-Forwarded-For": address}
            return (await house.ask("GET", "/health/live", role, headers=forwarded))[0]

        for place in range(2):
            assert await ask(f"2001:db8::{place}") == 200
        assert await ask("2001:db8::2") == 429, "the second half is one's own to choose"
        assert await ask("2001:db8:0:1::2") == 200
        for _ in range(3):
            assert await ask("2001:db8::2", "organiser") == 200


def test_two_operations_of_one_name_are_a_mistake_of_ours() -> None:
    from cloud.api.serving import add_operations

    with pytest.raises(ValueError, match="two operations"):
        add_operations(web.Application(), [*ROUTES.operations, *ROUTES.operations])


async def test_every_answer_keeps_a_browser_from_running_anything(tmp_path: Path) -> None:
    async with open_house(tmp_path, OWNERS, ROUTES.operations) as house:
        for path in ("/api/v1/coat", "/api/v1/docs", "/nowhere", "/"):
            headers = (await house.ask("GET", path))[1]
            assert "default-src 'none'" in headers["Content-Security-Policy"]
            assert "unsafe" not in headers["Content-Security-Policy"]
            assert headers["X-Content-Type-Options"] == "nosniff"


async def test_the_log_names_the_route_and_nothing_that_came_in_its_place(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "guichet.office")
    async with open_house(tmp_path, OWNERS, ROUTES.operations) as house:
        await house.ask("GET", "/api/v1/festivals/7/coats?after=secret")
        await house.ask("GET", "/nowhere/secret")
    rows = [record.__dict__["row"] for record in caplog.records if "row" in record.__dict__]
    paths = {row["path"] for row in rows if "path" in row}
    assert paths == {"/api/v1/festivals/{festival}/coats", "(unknown)"}
    assert "secret" not in str(rows)


async def test_a_deed_that_is_asked_for_again_is_done_once_and_answered_alike(
    tmp_path: Path,
) -> None:
    DONE.clear()
    async with open_house(tmp_path, OWNERS, ROUTES.operations) as house:

        async def mend_it(price: int, key: str) -> tuple[int, str]:
            found = await house.session.post(
                f"{house.url}/api/v1/festivals/7/mends",
                json={"price": price},
                headers={"Authorization": "Bearer organiser", "Idempotency-Key": key},
            )
            return found.status, await found.text()

        first = await mend_it(5, "k1")
        assert first[0] == 201
        assert await mend_it(5, "k1") == first
        assert (await mend_it(6, "k1"))[0] == 409
        assert len(DONE) == 1
        refused = await mend_it(13, "k2")
        assert refused[0] == 409
        assert "hopeless" in refused[1]
        assert await mend_it(13, "k2") == refused
        assert len(DONE) == 2
        assert len({await mend_it(7, "k3") for _ in range(3)}) == 1
        assert len(set(DONE)) == 3
        for key in ("", "k" * 256, "k k"):
            assert (await mend_it(5, key))[0] == 400
