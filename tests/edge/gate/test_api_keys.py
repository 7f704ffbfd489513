"""The technician makes, lists and revokes the keys of a gate's scan API."""

import stat
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from edge.gate.api.keys import KEYS_FILE, BadKeys, KeyRing, Scope, add_key, read_keys
from edge.gate.keys_command import gate_key
from edge.limits import API_KEYS_MAX
from provisioning.manifest import BadManifest
from tests.edge.boxes import make_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "gate", "gate")


def run(*words: str | Path) -> Result:
    """Run the command as the start script does."""
    return CliRunner().invoke(gate_key, [str(word) for word in words])


def test_a_key_is_shown_once_and_only_its_digest_is_kept(folder: Path) -> None:
    done = run(folder, "--name", "Kiosk 1")
    key = done.stdout.strip()
    assert done.exit_code == 0
    assert len(key) == len("gsk_") + 43
    path = folder / KEYS_FILE
    assert key not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    opened = KeyRing(folder).open(key)
    assert opened is not None
    assert (opened.name, opened.scope) == ("Kiosk 1", Scope.SCAN)
    assert KeyRing(folder).open(key[:-1]) is None


def test_keys_are_listed_by_name_and_scope_and_taken_away_by_name(folder: Path) -> None:
    run(folder, "--name", "Kiosk 1")
    run(folder, "--name", "Prometheus", "--scope", "look")
    assert run(folder, "--list").stdout == "scan  Kiosk 1\nlook  Prometheus\n"
    assert run(folder, "--revoke", "Kiosk 1").exit_code == 0
    assert [key.name for key in read_keys(folder)] == ["Prometheus"]


@pytest.mark.parametrize(
    "words,expected",
    [
        ((), "say one of"),
        (("--list", "--name", "a"), "say one of"),
        (("--scope", "look", "--list"), "belongs to --name"),
        (("--name", ""), "a key's name"),
        (("--name", "a\nb"), "a key's name"),
        (("--name", "x" * 41), "a key's name"),
        (("--name", "Kiosk 1"), "already"),
        (("--revoke", "nobody"), "no key called"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    folder: Path, words: tuple[str, ...], expected: str
) -> None:
    add_key(folder, "Kiosk 1", Scope.SCAN)
    done = run(folder, *words)
    assert (done.exit_code, expected in done.stderr) == (2, True), done.stderr
    assert len(read_keys(folder)) == 1


def test_a_folder_that_is_no_gates_gets_no_key(tmp_path: Path) -> None:
    done = run(make_folder(tmp_path / "bar", "bar"), "--name", "Kiosk 1")
    assert (done.exit_code, "not a gate" in done.stderr) == (2, True)
    (tmp_path / "empty").mkdir()
    assert isinstance(run(tmp_path / "empty", "--list").exception, BadManifest)


def test_there_are_only_so_many_keys(folder: Path) -> None:
    for number in range(API_KEYS_MAX):
        add_key(folder, f"Kiosk {number}", Scope.SCAN)
    with pytest.raises(BadKeys, match="at most"):
        add_key(folder, "One more", Scope.SCAN)


def test_a_key_file_that_others_may_read_is_not_taken(folder: Path) -> None:
    add_key(folder, "Kiosk 1", Scope.SCAN)
    (folder / KEYS_FILE).chmod(0o640)
    with pytest.raises(BadKeys, match="chmod 600"):
        KeyRing(folder)


def test_the_help_says_that_nothing_is_encrypted() -> None:
    text = gate_key.get_help(click.Context(gate_key, info_name="gate-key"))
    assert "encryption" in " ".join(text.split())
    assert "Example: ./guichet gate-key" in text
