"""Every rule that is left out says why, and every change is checked by what a person runs."""

import os
import re
import tomllib
from collections.abc import Iterator

from tests.tidy.sources import CHECKOUT, kept_texts

RULE = re.compile(r'    "[A-Z]+\d*",')
REASONED_RULE = re.compile(r'    "[A-Z]+\d*", # \S.{5,}')


def unreasoned_rules(settings: str) -> Iterator[str]:
    """Lines that leave a lint rule out without a reason beside it."""
    for line in settings.splitlines():
        if RULE.match(line) and not REASONED_RULE.fullmatch(line):
            yield line.strip()


def test_every_lint_rule_that_is_left_out_says_why() -> None:
    settings = (CHECKOUT / "pyproject.toml").read_text("utf-8")
    assert tomllib.loads(settings)["tool"]["ruff"]["lint"]["select"] == ["ALL"]
    assert list(unreasoned_rules(settings)) == []


def test_warnings_are_errors_and_types_are_strict() -> None:
    tools = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["tool"]
    assert tools["pytest"]["ini_options"]["filterwarnings"][0] == "error"
    assert tools["mypy"]["strict"] is True


def test_no_python_file_switches_a_checker_off_as_a_whole() -> None:
    whole = re.compile(r"^\s*#\s*(ruff:\s*noqa|mypy:\s*ignore-errors|flake8:)", re.MULTILINE)
    found = [path for path, text in kept_texts() if path.endswith(".py") and whole.search(text)]
    assert found == []


def test_every_change_is_checked_by_the_command_that_a_person_runs() -> None:
    script = CHECKOUT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    commands = [
        line
        for line in script.read_text("utf-8").splitlines()
        if line and not line.startswith(("#", "set ", "cd "))
    ]
    assert commands == ["exec ./guichet test"]


def test_a_planted_rule_without_a_reason_is_found() -> None:
    assert list(unreasoned_rules('    "D100", # a test says it\n    "S101",\n')) == ['"S101",']
