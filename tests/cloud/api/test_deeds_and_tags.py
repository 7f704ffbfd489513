"""What is done once, what is changed only if it is still the same, and how far a key reaches."""

from dataclasses import replace
from pathlib import Path

import pytest
from multidict import CIMultiDict

from cloud.accounts.access import Kind, Principal, Scope
from tests.cloud.api.houses import MINE, OTHERS, open_house
from tests.cloud.api.trial import DONE, OWNERS, ROUTES


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


async def test_a_key_names_one_deed_of_one_who_asks_at_one_place(tmp_path: Path) -> None:
    DONE.clear()
    async with open_house(tmp_path, {7: MINE, 8: MINE}, ROUTES.operations) as house:
        house.register.people["other"] = replace(house.register.people["organiser"], id="another")

        async def air_it(festival: int, coat: str, role: str = "organiser") -> int:
            path = f"/api/v1/festivals/{festival}/coats/{coat}/airings"
            return (await house.ask("POST", path, role, headers={"Idempotency-Key": "k"}))[0]

        async def dye_it(coat: str) -> int:
            path, key = f"/api/v1/festivals/7/coats/{coat}/dyes", {"Idempotency-Key": "k"}
            return (await house.ask("POST", path, json={"price": 5}, headers=key))[0]

        assert [await air_it(7, "a") for _ in range(2)] == [200, 200]
        assert len(DONE) == 1
        assert await air_it(7, "b") == 409, "the same key for another coat"
        assert await air_it(7, "a", "other") == 200
        assert await air_it(8, "a") == 200, "each festival keeps its own answers"
        assert [await dye_it("a") for _ in range(2)] == [200, 200], "another kind of deed"
        assert await dye_it("b") == 409
        assert len(DONE) == 4


@pytest.mark.parametrize("kind", [Kind.KEY, Kind.CLIENT])
@pytest.mark.parametrize(
    "festivals, scope, named, status",
    [
        ({7}, Scope.TICKETS_WRITE, 7, 200),
        ({7}, Scope.TICKETS_WRITE, 9, 404),
        ({7}, Scope.TICKETS_WRITE, 8, 404),
        ({7, 8}, Scope.TICKETS_WRITE, 8, 404),
        ({7}, Scope.TICKETS_READ, 7, 403),
        ({7}, Scope.TICKETS_READ, 9, 404),
        (None, Scope.TICKETS_WRITE, 9, 200),
        (None, Scope.TICKETS_WRITE, 8, 404),
        (None, Scope.TICKETS_WRITE, 10, 404),
        (set(), Scope.TICKETS_WRITE, 7, 404),
    ],
)
async def test_a_limited_key_reaches_no_other_festival_by_naming_it_in_a_body(
    tmp_path: Path, kind: Kind, festivals: set[int] | None, scope: Scope, named: int, status: int
) -> None:
    limits = None if festivals is None else frozenset(festivals)
    owners = {7: MINE, 8: OTHERS, 9: MINE}
    async with open_house(tmp_path, owners, ROUTES.operations) as house:
        key = Principal(kind, "k", None, MINE, limits, frozenset({scope}))
        house.register.people["key"] = key
        found = await house.ask("POST", "/api/v1/cloakroom", "key", json={"festival": named})
        assert found[0] == status
        if status == 404:
            assert found[2]["title"] == "There is no such festival for you."
