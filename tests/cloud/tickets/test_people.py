from pathlib import Path

import pytest

from cloud.accounts.sealing import NotOpened
from cloud.clock_and_chance import random_bytes
from cloud.store.connection import STORE_FILE
from cloud.store.people import PersonBook
from cloud.tickets.people import Person, Sealer
from tests.cloud.offices import FESTIVAL, TestOffice
from tests.cloud.tickets.desk import open_desk

KEY = bytes(range(32))
ANN = Person("Ann Lee", "ann@example.org")
BOB = Person("Bob Ray", "")


def sealer(key: bytes = KEY, festival: int = FESTIVAL) -> Sealer:
    return Sealer(key, festival, random_bytes)


async def kept(office: TestOffice, *people: Person) -> list[bytes]:
    rows = [sealer().sealed(person) for person in people]
    await office.do(lambda o: PersonBook(o.store.connection, FESTIVAL).put(rows))
    return [row[0] for row in rows]


async def read(office: TestOffice, *ids: bytes) -> dict[bytes, Person]:
    return await office.do(lambda o: sealer().people(PersonBook(o.store.connection, FESTIVAL), ids))


@pytest.mark.one_engine  # it reads SQLite's file
async def test_people_are_read_with_the_key_and_never_stand_in_the_file(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as office:
        first, second = await kept(office, ANN, BOB)
        assert await read(office, first, second, b"x" * 16) == {first: ANN, second: BOB}
        folder = office.folder.path
        content = b"".join(path.read_bytes() for path in folder.glob(f"{STORE_FILE}*"))
        assert b"Ann" not in content
        assert b"example.org" not in content


async def test_who_was_erased_is_gone_and_others_are_not(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as office:
        first, second = await kept(office, ANN, BOB)
        assert await office.do(lambda o: PersonBook(o.store.connection, FESTIVAL).erase(first))
        assert await read(office, first, second) == {second: BOB}
        assert not await office.do(lambda o: PersonBook(o.store.connection, FESTIVAL).erase(first))


def test_without_the_key_or_in_another_place_nobody_is_read() -> None:
    who, key, data = sealer().sealed(ANN)
    other, other_key, other_data = sealer().sealed(BOB)
    assert sealer().opened((who, key, data)) == ANN
    for wrong, row in (
        (sealer(bytes(32)), (who, key, data)),
        (sealer(festival=8), (who, key, data)),
        (sealer(), (other, key, data)),
        (sealer(), (who, other_key, data)),
        (sealer(), (who, key, other_data)),
        (sealer(), (who, key, b"")),
        (sealer(), (who, key[:-1] + bytes([key[-1] ^ 1]), data)),
    ):
        with pytest.raises(NotOpened):
            wrong.opened(row)


def test_a_person_is_sealed_differently_each_time_and_the_sealer_shows_nothing() -> None:
    assert sealer().sealed(ANN)[2] != sealer().sealed(ANN)[2]
    assert repr(sealer()) == "Sealer()"
