import asyncio
from http.cookies import SimpleCookie
from pathlib import Path

import aiohttp
import pytest

from cloud.dashboard.guard import COOKIE
from cloud.dashboard.words import ago_words, health_words, money_words
from sync.names import Role
from tests.cloud.facts import admitted, left, refused, sold, topped_up
from tests.cloud.offices import TestOffice, open_office

ZONE: dict[str, object] = {"kind": "zone", "zone": 1, "name": "Field <b>", "capacity": 80}


async def page(office: TestOffice, path: str = "/", **headers: str) -> tuple[int, str]:
    async with office.session.get(office.url + path, headers=office.bearer | headers) as answer:
        return answer.status, await answer.text()


async def busy(office: TestOffice) -> None:
    """Let two gates and a bar work, with a copied ticket and an overspent wallet."""
    north, south = await office.gate(), await office.gate("South", seed=12)
    bar = await office.bar()
    (first,) = north.say(admitted(1))
    north.say(left(1, first.id), admitted(4242), refused(None, "not_a_code"))
    south.say(admitted(4242))
    bar.say(topped_up(5, 2_000), sold(5, 2_500, 1))
    await office.level(north, south, bar)


async def test_the_summary_has_every_figure(tmp_path: Path) -> None:
    async with open_office(tmp_path, ZONE) as office:
        await busy(office)
        found = await office.get("/api/v1/summary")
    assert found["facts"] == 20
    assert found["inside"] == {"1": 2}
    assert found["gates"]["North"] == {"admitted": 2, "left": 1, "refused": {"not_a_code": 1}}
    assert found["bars"]["Main"] == {"sales": 1, "voids": 0, "topups": 1, "sold_minor": 2_500}
    assert (found["money_sum_minor"], found["overspend_minor"]) == (0, 500)
    assert found["wallets"] == {"count": 1, "total_minor": -500}
    assert {row["kind"] for row in found["conflicts"]} == {"second_admission", "overspent_wallet"}
    assert set(found["hashes"]) == {"office", "access", "money"}
    main = next(row for row in found["terminals"] if row["name"] == "Main")
    assert (main["role"], main["held"], main["state"]) == ("bar", 3, "heard")
    assert [number for _, number in main["runs"]] == [2]


async def test_conflicts_are_told_in_sentences_with_names_and_times(tmp_path: Path) -> None:
    async with open_office(tmp_path, ZONE) as office:
        await busy(office)
        rows = {row["kind"]: row for row in await office.get("/api/v1/conflicts")}
    twice = rows["second_admission"]
    assert "Ticket 4242 was let in 2 times" in twice["sentence_en"]
    assert "North 12:06" in twice["sentence_en"]
    assert "South 12:06" in twice["sentence_fr"]
    assert len(twice["facts"]) == 2
    assert "5.00\u00a0EUR" in rows["overspent_wallet"]["sentence_en"]
    assert "5,00\u00a0EUR" in rows["overspent_wallet"]["sentence_fr"]
    assert rows["overspent_wallet"]["details"] == [500]


async def test_a_wallet_and_what_is_safe_of_it(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        bar = await office.bar()
        bar.say(topped_up(5, 9_000))
        await office.level(bar)
        expected = {"wallet": 5, "balance_minor": 9_000, "safe_balance_minor": 9_000}
        assert await office.get("/api/v1/wallets/5") == expected
        office.now_ms += 3_600_000
        expected["safe_balance_minor"] = 4_000
        assert await office.get("/api/v1/wallets/5") == expected
        assert (await office.get("/api/v1/wallets/6"))["balance_minor"] == 0
        for wrong in ("x", "-1", str(1 << 64), "٥"):
            url = f"{office.url}/api/v1/wallets/{wrong}"
            async with office.session.get(url, headers=office.bearer) as answer:
                assert answer.status == 404


async def test_without_the_key_there_is_a_sentence_and_no_figure(tmp_path: Path) -> None:
    async with open_office(tmp_path, ZONE) as office:
        for headers in ({}, {"Authorization": "Bearer x"}, {"Cookie": f"{COOKIE}=x"}):
            async with office.session.get(office.url, headers=headers) as answer:
                text = await answer.text()
                assert answer.status == 401
                assert "Field" not in text
                assert "link" in text
            for path in ("summary", "hashes", "conflicts", "wallets/5"):
                url = f"{office.url}/api/v1/{path}"
                async with office.session.get(url, headers=headers) as answer:
                    assert answer.status == 401
                    assert (await answer.json(content_type=None))["status"] == 401
            async with office.session.get(office.url + "/live/events", headers=headers) as answer:
                assert answer.status == 401


async def test_the_link_gives_a_cookie_once_and_the_key_leaves_the_address(tmp_path: Path) -> None:
    async with open_office(tmp_path, ZONE) as office:
        link = f"{office.url}/?key={office.admin_key.text}"
        async with office.session.get(link, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, "/")
            cookie = SimpleCookie(answer.headers["Set-Cookie"])[COOKIE]
        for asked, place in (("fr", "/?lang=fr"), ("//elsewhere", "/")):
            spoken = {"key": office.admin_key.text, "lang": asked}
            async with office.session.get(
                office.url, params=spoken, allow_redirects=False
            ) as answer:
                assert answer.headers["Location"] == place
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")
        assert office.admin_key.text not in cookie.value
        async with aiohttp.ClientSession() as session:
            headers = {"Cookie": f"{COOKIE}={cookie.value}"}
            async with session.get(office.url, headers=headers) as answer:
                assert answer.status == 200
            wrong = f"{office.url}/?key=0{office.admin_key.text[1:]}x"
            async with session.get(wrong, allow_redirects=False) as answer:
                assert "Set-Cookie" not in answer.headers


async def test_the_page_shows_the_figures_and_escapes_names(tmp_path: Path) -> None:
    async with open_office(tmp_path, ZONE) as office:
        await busy(office)
        status, text = await page(office)
    assert status == 200
    assert "Field &lt;b&gt;" in text
    assert "<b>" not in text
    assert "Ticket 4242 was let in 2 times" in text
    assert "not a ticket 1" in text
    assert "2 conflicts to look at" in text


async def test_the_page_speaks_french_to_those_who_ask(tmp_path: Path) -> None:
    async with open_office(tmp_path, ZONE) as office:
        await busy(office)
        for path, headers in (("/?lang=fr", {}), ("/", {"Accept-Language": "de, fr;q=0.8"})):
            _, text = await page(office, path, **headers)
            assert '<html lang="fr">' in text
            assert "2 conflits à regarder" in text


async def test_a_quiet_festival_is_well_and_a_silent_terminal_is_said(tmp_path: Path) -> None:
    async with open_office(tmp_path, ZONE) as office:
        gate = await office.gate()
        await office.level(gate)
        assert "All is well" in (await page(office))[1]
        office.now_ms += 3_600_000
        await asyncio.sleep(1.1)
        _, text = await page(office)
        assert "1 terminal silent" in text
        assert "■" in text


async def test_every_answer_forbids_what_a_page_must_not_do(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        for path in ("/", "/health/live", "/nowhere", "/static/live.css", "/api/v1/summary"):
            async with office.session.get(office.url + path) as answer:
                policy = answer.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy
                assert "unsafe" not in policy
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert answer.headers["Guichet-Request"]
        _, text = await page(office)
        assert "<script>" not in text
        assert "style=" not in text
        assert "http://" not in text
        assert "https://" not in text


async def test_an_open_page_hears_of_news_and_ends_with_the_office(tmp_path: Path) -> None:
    async with open_office(tmp_path, ZONE) as office:
        url = f"{office.url}/live/events?lang=en"
        async with office.session.get(url, headers=office.bearer) as answer:
            assert "All is well" in await _event(answer)
            await busy(office)
            assert "2 conflicts to look at" in await _event(answer)


async def _event(answer: aiohttp.ClientResponse) -> str:
    """Return the data of the next event of figures."""
    lines: list[str] = []
    async with asyncio.timeout(10):
        while True:
            line = (await answer.content.readline()).decode().rstrip("\r\n")
            if not line and lines:
                return "\n".join(lines)
            if line.startswith("data: "):
                lines.append(line.removeprefix("data: "))


@pytest.mark.one_engine
async def test_health_is_answered_to_anyone_and_says_when_the_disk_failed(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        async with office.session.get(office.url + "/health/live") as answer:
            assert await answer.json() == {"status": "live"}
        async with office.session.get(office.url + "/health/ready") as answer:
            assert answer.status == 200
        (office.folder.path / "office.db").rename(office.folder.path / "gone.db")
        async with office.session.get(office.url + "/health/ready") as answer:
            assert answer.status == 503
            assert "missing" in (await answer.json(content_type=None))["title"]


async def test_unknown_paths_and_methods_are_problems(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        async with office.session.get(office.url + "/nowhere") as answer:
            assert answer.status == 404
            assert answer.content_type == "application/problem+json"
        async with office.session.post(office.url + "/api/v1/summary") as answer:
            assert answer.status == 405
            assert answer.headers["Allow"]


async def test_terminals_of_one_name_are_told_apart(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.gate("North", seed=1)
        await office.gate("North", seed=2)
        found = await office.get("/api/v1/summary")
        assert len(found["gates"]) == 2
        assert all(name.startswith("North (") for name in found["gates"])
        assert office.box(Role.GATE, "North", 1).terminal.hex()[:4] in str(found["gates"])


def test_words_for_money_time_and_health() -> None:
    assert money_words(-120_450, "en", "EUR") == "−1,204.50\u00a0EUR"
    assert money_words(5, "fr", "EUR") == "0,05\u00a0EUR"
    assert (ago_words(0, "en"), ago_words(75, "en"), ago_words(-5, "fr")) == (
        "now",
        "1 min ago",
        "à l’instant",
    )
    counts = {"conflicts": 1, "silent": 0, "late": 2}
    assert health_words(counts, "en") == "1 conflict to look at · 2 terminals late"
    assert health_words(dict.fromkeys(counts, 0), "fr") == "Tout va bien"
