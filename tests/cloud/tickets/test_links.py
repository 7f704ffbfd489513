import random
from pathlib import Path

import pytest

from cloud.clock_and_chance import random_bytes
from cloud.limits import TICKET_LINK_DAYS_MAX
from cloud.store.connection import STORE_FILE
from cloud.store.look import look
from cloud.store.ticket_links import LinkBook
from cloud.tickets import service
from cloud.tickets.links import SECRET_CHARS, Made, make_link, revoke_link, tickets_of
from cloud.tickets.refusals import Refusal, Why
from tests.cloud.offices import FESTIVAL, TestOffice
from tests.cloud.tickets.desk import change, issue, open_desk

DAY_MS = 24 * 3600 * 1_000


async def link_to(office: TestOffice, *serials: int, days: int = 10) -> Made:
    made = await try_link(office, *serials, days=days)
    assert isinstance(made, Made), made
    return made


async def try_link(office: TestOffice, *serials: int, days: int = 10) -> Made | Refusal:
    ends_ms = office.now_ms + days * DAY_MS
    return await office.do(lambda o: make_link(o, list(serials), ends_ms, "Ann", random_bytes))


def shown(office: TestOffice, secret: str) -> list[int] | Refusal:
    with look(office.folder.path, office.folder.festival) as seen:
        found = tickets_of(seen, secret, office.now_ms)
    return found if isinstance(found, Refusal) else [row.serial for row in found]


async def test_a_link_shows_exactly_its_tickets_in_its_order(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as office:
        first, second, _ = [row.serial for row in await issue(office, 3)]
        made = await link_to(office, second, first)
        assert shown(office, made.secret) == [second, first]


async def test_two_links_to_one_ticket_have_secrets_of_their_own(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as office:
        (row,) = await issue(office)
        secrets = {(await link_to(office, row.serial)).secret for _ in range(20)}
        assert len(secrets) == 20
        assert {len(secret) for secret in secrets} == {SECRET_CHARS}


async def test_a_link_ends_and_one_that_is_revoked_ends_at_once(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as office:
        (row,) = await issue(office)
        short, other = await link_to(office, row.serial, days=1), await link_to(office, row.serial)
        assert await office.do(lambda o: revoke_link(o, other.row.link)) is None
        again = await office.do(lambda o: revoke_link(o, other.row.link))
        assert again == Refusal(Why.NO_LINK)
        assert shown(office, other.secret) == Refusal(Why.NO_LINK)
        assert shown(office, short.secret) == [row.serial]
        office.now_ms = short.row.ends_ms
        assert shown(office, short.secret) == Refusal(Why.NO_LINK)


@pytest.mark.parametrize("days", [0, -1, TICKET_LINK_DAYS_MAX + 1])
async def test_a_link_ends_after_now_and_not_too_late(tmp_path: Path, days: int) -> None:
    async with open_desk(tmp_path) as office:
        (row,) = await issue(office)
        refusal = await try_link(office, row.serial, days=days)
        assert isinstance(refusal, Refusal)
        assert refusal.why is Why.BAD_END


async def test_only_tickets_that_are_there_and_not_withdrawn_are_linked(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as office:
        first, second = await issue(office, 2)
        assert await try_link(office, first.serial, 5) == Refusal(Why.NOT_FOUND, "5")
        await change(office, service.cancel, second.serial)
        refusal = await try_link(office, second.serial)
        assert refusal == Refusal(Why.WITHDRAWN, str(second.serial))


async def test_a_link_does_not_show_what_was_put_in_the_place_of_its_ticket(
    tmp_path: Path,
) -> None:
    async with open_desk(tmp_path) as office:
        (old,) = await issue(office)
        made = await link_to(office, old.serial)
        await change(office, service.reissue, old.serial)
        assert shown(office, made.secret) == [old.serial]


@pytest.mark.one_engine  # it reads SQLite's file
async def test_no_secret_stands_in_the_file(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as office:
        (row,) = await issue(office)
        made = await link_to(office, row.serial)
        files = office.folder.path.glob(f"{STORE_FILE}*")
        content = b"".join(path.read_bytes() for path in files)
        assert made.secret.encode() not in content
        assert made.row.link in content


async def test_texts_that_are_no_secret_show_nothing(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as office:
        (row,) = await issue(office)
        secret = (await link_to(office, row.serial)).secret
        chance = random.Random(1)
        wrong = ["", "x", secret[:-1], secret + "A", secret.swapcase(), "é" * SECRET_CHARS]
        wrong += ["!" * SECRET_CHARS]
        wrong += ["".join(chance.choices("abcdefghij", k=SECRET_CHARS)) for _ in range(50)]
        assert {str(shown(office, text)) for text in wrong} == {str(Refusal(Why.NO_LINK))}


async def test_links_are_listed_in_the_order_in_which_they_were_made(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as office:
        (row,) = await issue(office)
        made = [(await link_to(office, row.serial)).row for _ in range(5)]
        with look(office.folder.path, office.folder.festival) as seen:
            book = LinkBook(seen.connection, FESTIVAL)
            first = book.listed(None, 3)
            rest = book.listed((first[-1].made_ms, first[-1].link), 3)
        assert first + rest == made
