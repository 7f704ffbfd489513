"""What no kept file may say: where packages come from, or on which machine this was written."""

import re
from collections.abc import Iterator

import pytest

from tests.tidy.sources import kept_texts

# Written in pieces, so that this file does not break its own rule.
PACKAGE_HOSTS = (
    "py" + "pi.org",
    "python" + "hosted.org",
    "pi" + "wheels.org",
    "deb.debian" + ".org",
    "archive.raspberry" + "pi.",
    "registry.npm" + "js",
    "crates" + ".io",
    "proxy.go" + "lang",
)
THIS_MACHINE = (
    "/wo" + "rk/",
    "/tmp/" + "plan",
    "/opt/" + "pypi",
    "/opt/" + "wheels",
    "/ro" + "ot/",
)
WORKSHOP = re.compile(r"\bissue #?\d|\bissues (show|note|resolved)\b")


def hosts_and_places(path: str, text: str) -> Iterator[str]:
    """Lines that name a package registry's host, a folder of one machine, or the workshop."""
    for number, line in enumerate(text.splitlines(), start=1):
        for word in (*PACKAGE_HOSTS, *THIS_MACHINE):
            if word in line:
                yield f"{path}:{number} says {word}"
        if found := WORKSHOP.search(line):
            yield f"{path}:{number} says {found.group()}"


def test_no_kept_file_names_a_package_host_or_the_machine_it_was_written_on() -> None:
    found = [line for path, text in kept_texts() for line in hosts_and_places(path, text)]
    assert found == []


@pytest.mark.parametrize("word", [*PACKAGE_HOSTS, *THIS_MACHINE, "see issue #" + "7"])
def test_a_planted_host_or_place_is_found(word: str) -> None:
    assert len(list(hosts_and_places("README.md", f"first\nfetch it from {word} today"))) == 1


def test_ordinary_sentences_are_left_alone() -> None:
    text = "The office issues 300 codes. Work/life. https://localhost:8080/live"
    assert list(hosts_and_places("README.md", text)) == []
