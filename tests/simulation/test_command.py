"""`./guichet simulate` as scripts meet it."""

import json

import pytest
from click.testing import CliRunner, Result

from tests.simulation.command import simulate_command
from tests.simulation.planted import BUGS


def run(*words: str) -> Result:
    return CliRunner().invoke(simulate_command, words, standalone_mode=False)


def test_sound_seeds_are_told_as_one_object() -> None:
    done = run("--seeds", "1-2", "--json")
    found = json.loads(done.output)
    assert (found["seeds"], found["violations"], found["failing_seeds"]) == (2, 0, [])
    assert found["simulated_hours"] == 48
    assert done.return_value == 0


def test_a_planted_mistake_that_is_caught_names_its_seed() -> None:
    done = run("--seeds", "0-5", "--bug", "prune_too_early", "--json")
    found = json.loads(done.output)
    assert (found["planted"], found["caught"], found["missed"]) == (1, 1, 0)
    assert found["details"][0]["seed"] == BUGS["prune_too_early"].seed
    assert found["details"][0]["check"]
    assert done.return_value == 0


def test_a_planted_mistake_that_is_missed_fails_the_command() -> None:
    done = run("--seeds", "1-1", "--bug", "revocation_ignored")
    assert "revocation_ignored: missed in 1 seeds" in done.output
    assert done.return_value == 1


def test_a_trace_reads_like_a_story() -> None:
    done = run("--seeds", "1-1", "--trace")
    assert "from now on nothing goes wrong any more" in done.output
    assert "everybody agrees after" in done.output


@pytest.mark.parametrize("span", ["x", "5-2", "-1", "0-9999999"])
def test_a_span_that_is_none_is_refused_with_an_example(span: str) -> None:
    done = run(f"--seeds={span}")
    assert done.exception is not None
    assert done.exit_code != 0
