"""Every command line of ours ends alike: a status, and one sentence when something is wrong."""

import click
import pytest

from provisioning.command_line import run


class Known(Exception):
    """A trouble that a command expects."""


@click.group()
def commands() -> None:
    """Hold the commands of this test."""


@commands.command("fail")
@click.argument("how", type=click.Choice(["known", "disk", "stop", "three", "well"]))
def fail(how: str) -> int:
    """Fail as told."""
    if how == "known":
        raise Known("the office is closed")
    if how == "disk":
        raise FileNotFoundError(2, "No such file", "keys.json")
    if how == "stop":
        raise KeyboardInterrupt
    return 3 if how == "three" else 0


@pytest.mark.parametrize(
    "words,status,said",
    [
        (["fail", "well"], 0, ""),
        (["fail", "three"], 3, ""),
        (["fail", "known"], 1, "guichet: the office is closed\n"),
        (["fail", "disk"], 1, "guichet: keys.json: No such file\n"),
        (["fail", "stop"], 130, "guichet: stopped\n"),
        (["fail"], 2, "guichet: Missing argument"),
        (["nothing"], 2, "guichet: No such command"),
        ([], 2, "Usage: "),
    ],
)
def test_a_command_ends_with_a_status_and_at_most_one_sentence(
    words: list[str],
    status: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.argv", ["guichet", *words])
    assert run(commands, "./guichet", Known) == status
    assert capsys.readouterr().err.lstrip().startswith(said)


def test_a_mistake_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["guichet", "fail", "known"])
    with pytest.raises(Known):
        run(commands, "./guichet")
