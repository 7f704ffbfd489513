"""What the README names exists, and every command explains itself with an example."""

import re
import subprocess
from collections.abc import Iterator

import pytest

from tests.tidy.sources import CHECKOUT, OURS, kept_texts

# Each command of the start script, and the file that answers it.
ANSWERED_BY = {
    "demo": "tests/rehearsal/__main__.py",
    "replay": "tests/rehearsal/__main__.py",
    "simulate": "tests/rehearsal/__main__.py",
    "bench": "tests/rehearsal/__main__.py",
    "test": "guichet",
    "cloud": "cloud/__main__.py",
    "gate": "edge/__main__.py",
    "bar": "edge/__main__.py",
    "hub": "edge/__main__.py",
    "gate-explain": "edge/__main__.py",
    "bar-exposure": "edge/__main__.py",
    "gate-key": "edge/__main__.py",
    "read": "edge/__main__.py",
    "provision": "provisioning/__main__.py",
    "code": "provisioning/__main__.py",
}
# Commands that are followed by the name of an action.
WITH_ACTIONS = ("bench", "cloud", "code", "provision")

QUOTED = re.compile(r"`([^`\n]+)`")
STARTED = re.compile(r"\./guichet +([a-z][a-z-]*)(?: +([a-z][a-z-]*))?")
FILE_ENDINGS = (".md", ".py", ".toml", ".lock", ".in", ".service", ".timer", ".sh", "/")


def missing_files(text: str) -> Iterator[str]:
    """Files and folders of ours that a text names between backticks and that do not exist."""
    for name in QUOTED.findall(text):
        is_ours = name.split("/", 1)[0] in OURS or "/" not in name.rstrip("/")
        is_file = name.endswith(FILE_ENDINGS) and " " not in name
        if is_ours and is_file and not (CHECKOUT / name).exists():
            yield name


def started_commands(text: str) -> set[tuple[str, ...]]:
    """Every command, with its action where it takes one, that a text starts."""
    found: set[tuple[str, ...]] = set()
    for command, action in STARTED.findall(text):
        found.add((command, action) if action and command in WITH_ACTIONS else (command,))
    return found


def readme() -> str:
    """The way in for a stranger."""
    return (CHECKOUT / "README.md").read_text("utf-8")


def helped(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a command with `--help`."""
    return subprocess.run(
        [str(CHECKOUT / "guichet"), *command, "--help"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def listed_commands() -> set[str]:
    """The commands that the start script's own help lists."""
    return set(re.findall(r"^  ([a-z][a-z-]*)  ", helped().stdout, re.MULTILINE))


def test_the_start_script_lists_every_command() -> None:
    assert listed_commands() == set(ANSWERED_BY)


@pytest.mark.parametrize("command", ANSWERED_BY)
def test_every_command_explains_itself_with_an_example(command: str) -> None:
    done = helped(command)
    assert done.returncode == 0, done.stderr
    assert "Example" in done.stdout
    assert f"./guichet {command}" in done.stdout


def test_every_command_that_a_text_of_ours_starts_exists() -> None:
    known = listed_commands() | {"help"}
    found = [
        f"{path}: ./guichet {command[0]}"
        for path, text in kept_texts()
        if path.endswith(".md")
        for command in started_commands(text)
        if command[0] not in known
    ]
    assert found == []


def test_every_action_that_the_readme_starts_explains_itself() -> None:
    for command in sorted(started_commands(readme())):
        done = helped(*command)
        assert done.returncode == 0, (command, done.stderr)


def test_every_file_that_the_readme_names_exists() -> None:
    found = [
        f"{path} names {name}"
        for path, text in kept_texts()
        if path == "README.md"
        for name in missing_files(text)
    ]
    assert found == []


def test_planted_names_of_missing_files_are_found() -> None:
    text = "See `sync/nowhere.py`, `guichet`, `pyproject.toml` and `NEWS.md`, not `/etc/a.service`."
    assert list(missing_files(text)) == ["sync/nowhere.py", "NEWS.md"]


def test_commands_are_read_from_a_text_with_their_actions() -> None:
    text = "`./guichet demo --json`, then `./guichet cloud serve DIR` or `./guichet gate box`"
    assert started_commands(text) == {("demo",), ("cloud", "serve"), ("gate",)}
