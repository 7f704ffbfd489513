"""What no column can hold is refused at the door: a NUL in a text, a number beyond 64 bits."""

from pathlib import Path
from typing import Any, Final

from cloud.api.models import PageQuery
from cloud.app import operations
from tests.cloud.api.matrix_world import World, open_world

NUL: Final = "Fair\0"
FESTIVALS: Final = "/api/v1/festivals"
BODIES: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    ("POST", "", {"title": NUL, "time_zone": "Europe/Paris"}),
    ("PATCH", "/{festival}", {"title": NUL}),
    ("POST", "/{festival}/bars", {"name": NUL}),
    ("POST", "/{festival}/terminals/codes", {"role": "bar", "bar": 1, "name": NUL}),
)
PLACES: Final = (
    "-1", str(1 << 63), str(1 << 64), str(1 << 200), "9" * 199, "\0", f"1{NUL}",
    f"{1 << 63}.{1 << 64}", f"{1 << 64}-1", f"{1 << 70}.{'0' * 32}", f"{1 << 63}-{'f' * 32}",
)  # fmt: skip
LISTS: Final = [
    one.path for one in operations() if one.query is not None and issubclass(one.query, PageQuery)
]


def path_in(world: World, path: str) -> str:
    return path.replace("{festival}", str(world.festival))


async def test_a_name_that_no_column_holds_is_refused_with_a_sentence(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        bars = path_in(world, FESTIVALS + "/{festival}/bars")
        await world.done("POST", bars, "organiser", json={"name": "Main"})
        for method, path, body in BODIES:
            place = path_in(world, FESTIVALS + path)
            status, answer = await world.ask(method, place, "organiser", json=body)
            assert (status, answer.get("code")) == (422, "invalid"), (method, path, answer)
            right = {name: "Fair" if value == NUL else value for name, value in body.items()}
            await world.done(method, place, "organiser", json=right)


async def test_a_list_goes_on_at_no_place_that_no_column_holds(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        for path in LISTS:
            for who in ("organiser", "superadmin"):
                for place in PLACES:
                    found = await world.ask(
                        "GET", path_in(world, path), who, params={"after": place}
                    )
                    assert found[0] < 500, (path, place, found)
