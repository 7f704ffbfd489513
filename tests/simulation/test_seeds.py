"""Whole festivals from seeds: every promise holds in them, and a seed is a festival for good."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulation.festival import Festival, open_festival
from tests.simulation.planted import BUGS
from tests.simulation.regressions import REGRESSIONS
from tests.simulation.seeds import live

DAILY = range(50)
LONG = range(2_000)
PARTS = 5
CAUGHT_WITHIN = 200


@pytest.fixture(scope="module")
def festival() -> Iterator[Festival]:
    with open_festival() as made:
        yield made


def sound(festival: Festival, seed: int) -> str:
    """Live through a seed; return how to see what was wrong, "" if nothing was."""
    lived = live(festival, seed)
    if lived.is_sound:
        return ""
    how = f"./guichet simulate --seeds {seed}-{seed} --trace"
    return f"seed {seed}: {lived.check}: {lived.sentence} (to see it: {how})"


@pytest.mark.parametrize("part", range(PARTS))
def test_a_day_of_trouble_breaks_no_promise(festival: Festival, part: int) -> None:
    found = [sound(festival, seed) for seed in DAILY[part::PARTS]]
    assert [line for line in found if line] == []


@pytest.mark.parametrize("seed", REGRESSIONS)
def test_a_seed_that_found_a_mistake_finds_it_no_more(festival: Festival, seed: int) -> None:
    assert sound(festival, seed) == "", REGRESSIONS[seed]


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_mistake_is_caught_by_a_seed_that_is_known_to(
    festival: Festival, name: str
) -> None:
    lived = live(festival, BUGS[name].seed, bug=BUGS[name].patch())
    assert lived.is_caught, f"{BUGS[name].sentence}: {lived.sentence}"


def test_nothing_of_a_planted_mistake_is_left_after_its_world(festival: Festival) -> None:
    before = live(festival, 1)
    for bug in BUGS.values():
        with bug.patch():
            pass
    assert live(festival, 1) == before
    assert before.is_sound


def test_the_same_seed_is_the_same_festival_in_any_process(
    festival: Festival, checkout: Path
) -> None:
    seed = 7
    here = live(festival, seed)
    assert here.acts > 0
    assert live(festival, seed).mark == here.mark
    assert live(festival, seed + 1).mark != here.mark
    code = (
        "from tests.simulation.festival import open_festival;"
        "from tests.simulation.seeds import live\n"
        f"with open_festival() as f: print(live(f, {seed}).mark)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=checkout,
        env={**os.environ, "PYTHONHASHSEED": "4711"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == here.mark


@pytest.mark.long
def test_two_thousand_days_of_trouble_break_no_promise(festival: Festival) -> None:
    found = [sound(festival, seed) for seed in LONG]
    assert [line for line in found if line] == []


@pytest.mark.long
@pytest.mark.parametrize("name", BUGS)
def test_a_planted_mistake_is_caught_within_two_hundred_seeds(
    festival: Festival, name: str
) -> None:
    seeds = range(CAUGHT_WITHIN)
    assert any(live(festival, seed, bug=BUGS[name].patch()).is_caught for seed in seeds)
