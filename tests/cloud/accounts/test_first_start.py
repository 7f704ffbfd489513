"""The first start: the printed link leads to a page, and on it somebody comes to run the house."""

import json
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from click.testing import CliRunner

from cloud.__main__ import commands
from cloud.accounts.house_key import open_house_key
from cloud.accounts.superadmin import link_of, make_link
from cloud.accounts.superadmin_page import ACCEPT
from cloud.accounts.superadmin_words import WORDS, sentences
from cloud.accounts.troubles import Trouble
from cloud.clock_and_chance import random_bytes
from cloud.middleware import SAFE_HEADERS
from cloud.settings import BadOffice, open_office
from tests.cloud.api.houses import TestHouse, open_house
from tests.cloud.api.matrix_world import account, open_world

CHECKOUT = Path(__file__).resolve().parents[3]
PAGE = "/superadmin"
CAN_COME = (
    Trouble.LINK_INVALID,
    Trouble.EMAIL_TAKEN,
    Trouble.EMAIL_MALFORMED,
    Trouble.PASSWORD_LENGTH,
    Trouble.PASSWORD_EASY,
    Trouble.WRONG_CREDENTIALS,
)
"""What accepting, signing in and joining can answer to a person who has the page before them."""


class Seen(HTMLParser):
    """What a browser finds on a page: its language, what it fetches, what is labelled."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inline: list[str] = []
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside in {"script", "style"} and data.strip():
            self.inline.append(data)

    def each(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


async def fetched(house: TestHouse, path: str, **headers: str) -> tuple[Mapping[str, str], str]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    status, told, text = await house.ask("GET", path, "", headers=sent)
    assert status == 200
    return told, str(text)


@pytest.mark.one_engine
async def test_page_script_and_style_come_from_here_and_nothing_is_inline(tmp_path: Path) -> None:
    async with open_house(tmp_path, {}) as house:
        headers, text = await fetched(house, PAGE, Authorization="Bearer nonsense")
        page = Seen(text)
        assert page.inline == []
        wanted = [one["src"] for one in page.each("script")]
        wanted += [one["href"] for one in page.each("link") if one["rel"] == "stylesheet"]
        assert len(wanted) == 2
        for _, attributes in page.tags:
            assert not any(name == "style" or name.startswith("on") for name in attributes)
            assert "//" not in str(attributes.get("src", "")) + str(attributes.get("href", ""))
        for one in (PAGE, *(urljoin(PAGE, str(path)) for path in wanted)):
            headers, _ = await fetched(house, one)
            policy = "Content-Security-Policy"
            assert headers[policy] == SAFE_HEADERS[policy]
            assert "'unsafe" not in headers[policy]


@pytest.mark.one_engine
async def test_the_page_speaks_the_browsers_language_and_labels_what_is_asked(
    tmp_path: Path,
) -> None:
    async with open_house(tmp_path, {}) as house:
        for wanted, language in (("fr-CH, en;q=0.5", "fr"), ("de, fr;q=0.8", "fr"), ("de", "en")):
            headers, text = await fetched(house, PAGE, Accept_Language=wanted)
            page = Seen(text)
            assert headers["Vary"] == "Accept-Language"
            assert page.each("html")[0]["lang"] == language
            assert f"<h1>{WORDS[language]['title']}</h1>" in text
            labelled = {one["for"] for one in page.each("label")}
            assert labelled == {one["id"] for one in page.each("input")}


@pytest.mark.one_engine
async def test_the_page_has_a_sentence_for_each_refusal_that_can_come(tmp_path: Path) -> None:
    async with open_house(tmp_path, {}) as house:
        _, script = await fetched(house, f"{PAGE}/page.js")
        told = set(sentences("en"))
        for language in ("en", "fr"):
            _, text = await fetched(house, PAGE, Accept_Language=language)
            assert {one["data-code"] for one in Seen(text).each("li")} == told
            assert set(sentences(language)) == told
    assert told >= set(CAN_COME)
    assert set(re.findall(r'(?:tell\(|code: |: )"(\w+_\w+)"', script)) <= told
    assert '"superadmin/accept"' in script
    assert WORDS["en"].keys() == WORDS["fr"].keys()


async def test_what_the_page_sends_makes_somebody_run_the_house_once(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        secret = await make_link(world.accounts)
        assert link_of("", secret) == f"{PAGE}#{secret.show()}"
        row = account("new root") | {"secret": secret.show(), "language": "fr"}
        found = await world.done("POST", ACCEPT, json=row)
        assert found["role"] == "superadmin"
        again = account("second root") | {"secret": secret.show()}
        status, told = await world.ask("POST", ACCEPT, json=again)
        assert (status, told["code"]) == (404, "link_invalid")


@pytest.mark.one_engine
def test_the_link_that_the_first_start_prints_leads_to_the_page(tmp_path: Path) -> None:
    folder = tmp_path / "house"
    CliRunner().invoke(commands, ["init", str(folder)], catch_exceptions=False)
    with serving(folder) as row:
        page, _, secret = row["superadmin"].partition("#")
        status, text = asked(page)
        assert (status, "superadmin/page.js" in text) == (200, True)
        by_hand = account("root") | {"secret": secret}
        status, text = asked(row["url"] + ACCEPT, by_hand)
        assert (status, json.loads(text)["role"]) == (201, "superadmin")
    with serving(folder) as row:
        assert "superadmin" not in row


@pytest.mark.one_engine
def test_a_command_about_a_festival_asks_a_house_without_one_for_its_folder(tmp_path: Path) -> None:
    open_house_key(tmp_path, random_bytes)
    with pytest.raises(BadOffice, match=f"such as {re.escape(str(tmp_path))}/festivals/1"):
        open_office(tmp_path)


@pytest.mark.one_engine
@pytest.mark.parametrize("name", ["superadmin-link", "metrics-key"])
def test_a_command_about_a_house_says_how_to_make_one(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadOffice, match=r"Make one: \./guichet cloud init"):
        CliRunner().invoke(commands, [name, str(tmp_path)], catch_exceptions=False)
    assert list(tmp_path.iterdir()) == []


@contextmanager
def serving(folder: Path) -> Iterator[dict[str, str]]:
    """Run the office's process, and give the line with which it begins."""
    with subprocess.Popen(
        [sys.executable, "-m", "cloud", "serve", str(folder), "--json"],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as child:
        try:
            assert child.stdout is not None
            yield json.loads(child.stdout.readline())
        finally:
            child.send_signal(signal.SIGTERM)
            assert child.wait(timeout=30) == 0


def asked(url: str, row: dict[str, Any] | None = None) -> tuple[int, str]:
    """Ask the process on loopback, with a body if there is one."""
    body = None if row is None else json.dumps(row).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, body, headers)  # noqa: S310 - our own office on loopback
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()
