"""`./guichet cloud superadmin-link`: beside a running office, and without one."""

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cloud import cli_accounts
from cloud.accounts.house_key import open_house_key
from cloud.accounts.superadmin import accept_link
from cloud.clock_and_chance import now_ms, random_bytes
from cloud.settings import BadOffice
from tests.cloud.accounts.people import good, new, open_people
from tests.cloud.api.matrix_world import account, open_world
from tests.cloud.engines import current


async def test_without_a_running_office_the_command_writes_the_link_itself(tmp_path: Path) -> None:
    current().furnish(tmp_path)
    open_house_key(tmp_path, random_bytes)
    told = await asyncio.to_thread(_command, tmp_path)
    assert told["link"] == f"/superadmin#{told['secret']}"
    async with open_people(tmp_path) as people:
        people.now_ms = now_ms()
        root = good(await accept_link(people.accounts, told["secret"], new("root@example.org")))
        assert root.principal.is_superadmin


async def test_a_running_office_is_asked_for_the_link(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        secret = await asyncio.to_thread(cli_accounts._ask, tmp_path, world.url)
        row = account("second") | {"secret": secret}
        found = await world.done("POST", "/api/v1/superadmin/accept", json=row)
        assert found["role"] == "superadmin"


@pytest.mark.postgres_only
async def test_beside_an_office_on_a_shared_database_the_link_has_its_address(
    tmp_path: Path,
) -> None:
    async with open_world(tmp_path) as world:
        world.house.tell_address(world.url)
        told = await asyncio.to_thread(_command, tmp_path)
        assert told["link"] == f"{world.url}/superadmin#{told['secret']}"
        row = account("third") | {"secret": told["secret"]}
        found = await world.done("POST", "/api/v1/superadmin/accept", json=row)
        assert found["role"] == "superadmin"


def test_no_accounts_are_made_in_a_folder_that_is_no_office(tmp_path: Path) -> None:
    with pytest.raises(BadOffice, match="is no office"):
        CliRunner().invoke(cli_accounts.superadmin_link, [str(tmp_path)], catch_exceptions=False)
    assert list(tmp_path.iterdir()) == []


def _command(folder: Path) -> dict[str, str]:
    found = CliRunner().invoke(
        cli_accounts.superadmin_link, [str(folder), "--json"], catch_exceptions=False
    )
    told: dict[str, str] = json.loads(found.output)
    return told
