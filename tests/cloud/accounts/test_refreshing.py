"""Refresh tokens: good once; one that comes again ends the session."""

import asyncio
import logging
from pathlib import Path

import pytest

from cloud.accounts.secret_texts import REFRESH, SecretText
from cloud.accounts.sessions import SignedIn, refresh, sign_out
from cloud.accounts.troubles import Trouble
from cloud.limits import API_SESSION_DAYS_MAX, API_SESSION_IDLE_DAYS, SESSIONS_OF_USER_MAX
from tests.cloud.accounts.people import TestPeople, good, open_people

_DAY_MS = 24 * 3_600_000


async def test_a_refresh_token_gives_new_ones_and_is_good_no_more(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        first = await people.organiser()
        second = good(await _refresh(people, first.refresh))
        assert second.principal == first.principal
        assert second.refresh.show() != first.refresh.show()
        third = good(await _refresh(people, second.refresh))
        assert await people.who(third.access) == first.principal


async def test_a_used_refresh_token_ends_the_session_and_all_that_it_gave(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_people(tmp_path) as people:
        first = await people.organiser()
        second = good(await _refresh(people, first.refresh))
        assert await people.who(second.access) == first.principal
        with caplog.at_level(logging.WARNING):
            assert await _refresh(people, first.refresh) is Trouble.REFRESH_REUSED
        assert any("used again" in line.getMessage() for line in caplog.records)
        assert await _refresh(people, second.refresh) is Trouble.REFRESH_INVALID
        for access in (first.access, second.access):
            assert await people.who(access) == "invalid_credential"


async def test_of_two_refreshes_at_once_one_wins_and_then_the_session_ends(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        first = await people.organiser()
        answers = await asyncio.gather(*(_refresh(people, first.refresh) for _ in range(2)))
        won = [answer for answer in answers if isinstance(answer, SignedIn)]
        assert len(won) == 1
        assert answers.count(Trouble.REFRESH_REUSED) == 1
        assert await _refresh(people, won[0].refresh) is Trouble.REFRESH_INVALID
        assert await people.who(won[0].access) == "invalid_credential"


async def test_a_lost_answer_is_given_again_to_who_names_the_same_attempt(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        first = await people.organiser()
        second = good(await _refresh(people, first.refresh, "try 1"))
        people.pass_ms(30_000)
        again = good(await _refresh(people, first.refresh, "try 1"))
        assert again.refresh.show() == second.refresh.show()
        assert isinstance(await _refresh(people, again.refresh, "try 2"), SignedIn)


async def test_two_tries_at_once_under_one_name_get_one_answer_and_the_session_goes_on(
    tmp_path: Path,
) -> None:
    async with open_people(tmp_path) as people:
        first = await people.organiser()
        answers = await asyncio.gather(
            *(_refresh(people, first.refresh, "try 1") for _ in range(3))
        )
        assert len({good(answer).refresh.show() for answer in answers}) == 1
        assert isinstance(await _refresh(people, good(answers[0]).refresh, "try 2"), SignedIn)


@pytest.mark.parametrize("attempt,later_ms", [("", 0), ("try 2", 0), ("try 1", 61_000)])
async def test_another_attempt_or_a_late_one_is_a_reuse(
    tmp_path: Path, attempt: str, later_ms: int
) -> None:
    async with open_people(tmp_path) as people:
        first = await people.organiser()
        good(await _refresh(people, first.refresh, "try 1"))
        people.pass_ms(later_ms)
        assert await _refresh(people, first.refresh, attempt) is Trouble.REFRESH_REUSED


async def test_an_attempt_is_good_for_the_last_refresh_only(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        first = await people.organiser()
        second = good(await _refresh(people, first.refresh, "same"))
        good(await _refresh(people, second.refresh, "same"))
        assert await _refresh(people, first.refresh, "same") is Trouble.REFRESH_REUSED


async def test_a_forged_refresh_token_is_refused_and_ends_nothing(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        first = await people.guest()
        parts = REFRESH.read(first.refresh.show())
        assert parts is not None
        content, sizes = b"".join(parts), [len(part) for part in parts]
        for place in range(len(content)):
            changed = bytearray(content)
            changed[place] ^= 1 << (place % 8)
            starts = [sum(sizes[:number]) for number in range(len(sizes))]
            forged = [
                bytes(changed[start : start + size])
                for start, size in zip(starts, sizes, strict=True)
            ]
            assert await _refresh(people, REFRESH.spell(*forged)) is Trouble.REFRESH_INVALID
        assert isinstance(await _refresh(people, first.refresh), SignedIn)


@pytest.mark.parametrize("text", ["", "gr_", "gr_!!", "gk_abc", "gr_" + "A" * 5_000, "gr_é"])
async def test_what_is_no_refresh_token_is_refused(tmp_path: Path, text: str) -> None:
    async with open_people(tmp_path) as people:
        assert await refresh(people.accounts, text) is Trouble.REFRESH_INVALID


async def test_a_session_that_rests_for_long_ends(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        first = await people.guest()
        people.pass_ms(API_SESSION_IDLE_DAYS * _DAY_MS)
        assert await _refresh(people, first.refresh) is Trouble.REFRESH_INVALID


async def test_no_session_is_refreshed_for_ever(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        found, days = await people.guest(), 0
        while isinstance(answer := await _refresh(people, found.refresh), SignedIn):
            found, days = answer, days + 20
            people.pass_ms(20 * _DAY_MS)
        assert answer is Trouble.REFRESH_INVALID
        assert API_SESSION_DAYS_MAX <= days < API_SESSION_DAYS_MAX + 20


async def test_signing_out_ends_the_session_at_once(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        first = await people.guest()
        other = good(await people.login("guest@example.org"))
        assert await people.who(first.access) == first.principal
        assert await sign_out(people.accounts, first.principal) is None
        assert await people.who(first.access) == "invalid_credential"
        assert await _refresh(people, first.refresh) is Trouble.REFRESH_INVALID
        assert await people.who(other.access) == other.principal


async def test_the_oldest_session_goes_when_there_are_too_many(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        first = last = await people.guest()
        for _ in range(SESSIONS_OF_USER_MAX):
            people.pass_ms(1)
            last = good(await people.login("guest@example.org"))
        assert await _refresh(people, first.refresh) is Trouble.REFRESH_INVALID
        assert isinstance(await _refresh(people, last.refresh), SignedIn)


async def test_sessions_survive_a_new_start_of_the_office(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        first = await people.organiser()
    async with open_people(tmp_path, seed=2) as people:
        assert await people.who(first.access) == first.principal
        assert isinstance(await _refresh(people, first.refresh), SignedIn)


async def _refresh(people: TestPeople, shown: SecretText, attempt: str = "") -> SignedIn | Trouble:
    return await refresh(people.accounts, shown.show(), attempt)
