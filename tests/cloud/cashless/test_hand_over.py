"""The authority goes to a hub on the site and comes back: what the office lends meanwhile."""

from pathlib import Path

import pytest

from sync import handover
from sync.asking import Reply
from sync.facts import Allotted, AuthorityHanded, CertificateIssued, ZoneSet
from sync.handover import OFFICE
from sync.names import Role
from tests.cloud.box import Box
from tests.cloud.cashless.asking import ask, held, link, loan, pay_out
from tests.cloud.facts import topped_up
from tests.cloud.offices import TestOffice, new_folder, open_office, serving

NOT_HERE = Reply(0, "not_authority", 0, ())


async def venue_hub(office: TestOffice, name: str = "Hub 1", seed: int = 41) -> Box:
    hub = office.box(Role.HUB, name, seed)
    await office.say(CertificateIssued(hub.certificate))
    return hub


async def with_money(office: TestOffice) -> Box:
    till = await office.bar()
    till.say(topped_up(5, 12_000))
    await office.level(till)
    return till


async def holder(office: TestOffice) -> str:
    told = (await office.get("/api/v1/summary"))["authority"]
    return str(told["name"])


async def test_while_a_hub_is_the_authority_the_office_lends_and_links_nothing(
    tmp_path: Path,
) -> None:
    async with open_office(tmp_path) as office:
        till, hub = await with_money(office), await venue_hub(office)
        assert await holder(office) == "the office"
        assert isinstance(await office.state({"kind": "authority", "to": "Hub 1"}), dict)
        assert await holder(office) == "Hub 1"
        assert await ask(office, till, loan(5, 100)) == NOT_HERE
        assert await ask(office, till, pay_out(5, 100, operation=2)) == NOT_HERE
        assert await ask(office, till, link(5, 6, "123456", operation=3)) == NOT_HERE
        await office.level(hub, till)
        assert handover.is_authority(till.shelf.cells, hub.terminal)


async def test_handed_back_the_office_lends_once_it_knows_all_that_the_hub_lent(
    tmp_path: Path,
) -> None:
    folder = new_folder(tmp_path / "office")
    async with serving(folder) as office:
        till, hub = await with_money(office), await venue_hub(office)
        await office.state({"kind": "authority", "to": "Hub 1"})
        await office.level(hub, till)
        hub.say(Allotted((5, 5), till.terminal, 3_000, 1))
        (back,) = hub.say(AuthorityHanded(2, None))
        await office.do(lambda o: o.store.replica.take([hub.shelf.records[0][0].raw, back.raw]))
        assert await ask(office, till, loan(5, 100)) == Reply(0, "catching_up", 0, ())
        await office.level(hub, till)
        assert held(till, 5) == 3_000
        reply = await ask(office, till, loan(5, 7_000, operation=2))
        assert (reply.granted, reply.reason, reply.safe) == (0, "known_balance", 4_000)
        assert (await ask(office, till, loan(5, 4_000, operation=3))).granted == 4_000
        newest = await office.do(lambda o: handover.authority(o.cells))
        assert (newest.version, newest.holder, newest.giver) == (2, OFFICE, hub.terminal)
    async with serving(folder, seed=2) as office:
        await office.level(till)
        assert (await ask(office, till, loan(5, 1_000, operation=4))).reason == "known_balance"


async def test_places_in_zones_are_lent_by_the_authority_alone(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        hub = await venue_hub(office)
        await office.state({"kind": "authority", "to": "Hub 1"})
        gate = await office.gate()
        await office.say(ZoneSet(1, 1, "Field", 80))
        await office.level(hub, gate)
        zones = (await office.get("/api/v1/summary"))["zones"]
        assert zones[0]["lent"] == 0
        hub.say(AuthorityHanded(2, None))
        await office.level(hub)
        zones = (await office.get("/api/v1/summary"))["zones"]
        assert zones[0]["lent"] == 40
        assert (await office.get("/api/v1/summary"))["conflicts"] == []


@pytest.mark.parametrize(
    "row, why",
    [
        ({"to": "Main"}, "is no hub"),
        ({"to": "Nobody"}, "no terminal is called"),
        ({}, "no terminal is called"),
        ({"to": "Hub 1", "take_back": True}, "or take_back is true"),
        ({"take_back": True}, "the office is the authority already"),
        ({"by": "force"}, "not a field"),
    ],
)
async def test_a_hand_over_that_makes_no_sense_says_what_is_wrong(
    tmp_path: Path, row: dict[str, object], why: str
) -> None:
    async with open_office(tmp_path) as office:
        await office.bar()
        result = await office.state({"kind": "authority"} | row)
        assert why in str(result)
        assert not isinstance(result, dict)


async def test_the_authority_is_taken_back_only_from_a_revoked_hub(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        till = await with_money(office)
        await venue_hub(office)
        await venue_hub(office, "Hub 2", seed=42)
        await office.state({"kind": "authority", "to": "Hub 1"})
        assert "is the authority" in str(await office.state({"kind": "authority", "to": "Hub 2"}))
        take_back = {"kind": "authority", "take_back": True}
        assert "is not revoked" in str(await office.state(take_back))
        assert isinstance(await office.state({"kind": "revoke", "terminal": "Hub 1"}), dict)
        assert (await office.get("/api/v1/summary"))["authority"]["revoked"] is True
        assert (await ask(office, till, loan(5, 100))).reason == "not_authority"
        assert isinstance(await office.state(take_back), dict)
        assert (await ask(office, till, loan(5, 100, operation=2))).granted == 100
        assert "was revoked" in str(await office.state({"kind": "authority", "to": "Hub 1"}))
        assert isinstance(await office.state({"kind": "authority", "to": "Hub 2"}), dict)


async def test_the_authority_is_not_given_on_before_it_is_wholly_here(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        hub = await venue_hub(office)
        await office.state({"kind": "authority", "to": "Hub 1"})
        await office.level(hub)
        (back,) = hub.say(AuthorityHanded(2, None))
        await office.do(lambda o: o.store.replica.take([back.raw]))
        refused = await office.state({"kind": "authority", "to": "Hub 1"})
        assert "has not read everything" in str(refused)
        await office.state({"kind": "revoke", "terminal": "Hub 1"})
        await venue_hub(office, "Hub 2", seed=42)
        assert isinstance(await office.state({"kind": "authority", "to": "Hub 2"}), dict)
