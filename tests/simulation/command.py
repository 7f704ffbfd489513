"""`./guichet simulate`: festivals from seeds, and proof that planted mistakes are caught.

The world is imported when it is lived in, so that other commands of this command line start fast.
"""

import json
import multiprocessing
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import click

from tests.rehearsal.progress import progress_bar

if TYPE_CHECKING:
    from tests.simulation.seeds import Lived

_EXAMPLE: Final = (
    "\b\nExample: ./guichet simulate --seeds 0-49"
    "\n         ./guichet simulate --seeds 17-17 --trace"
    "\n         ./guichet simulate --seeds 0-199 --planted-bugs --json"
)
_SEEDS: Final = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?")
_SEEDS_MAX: Final = 1_000_000
_DAY_HOURS: Final = 24
Task = tuple[int, int, str]
"""The first and the last seed of a piece of work, and a planted bug's name ("" for none)."""


@dataclass
class Result:
    """What came of a piece of work: how many worlds were lived through, and which were unsound."""

    bug: str
    seeds: int = 0
    unsound: "list[Lived]" = field(default_factory=list)


@click.command("simulate", epilog=_EXAMPLE)
@click.option("--seeds", "span", default="0-49", help="The worlds, from one seed to another.")
@click.option("--trace", is_flag=True, help="Tell what happens, line by line.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--planted-bugs", is_flag=True, help="Plant each known mistake; all must be caught.")
@click.option("--bug", "names", multiple=True, metavar="NAME",
              help="Plant this mistake (again for more).")  # fmt: skip
@click.option("--jobs", default=1, type=click.IntRange(1, 64), help="Processes side by side.")
def simulate_command(
    span: str, *, trace: bool, as_json: bool, planted_bugs: bool, names: tuple[str, ...], jobs: int
) -> int:
    """Live through festivals in simulated time, each drawn from one seed, and check every promise.

    The product's own gates, tills and office run in them; clocks, lines, disks and hands are fake.
    """
    first, last = _span_of(span)
    began = time.perf_counter()
    planted = _bugs(names, every=planted_bugs)
    tasks = [(first, last, name) for name in planted] or _parts(first, last, jobs)
    if trace:
        results = [_lived(task, click.echo) for task in tasks]
    else:
        results = list(_worked(tasks, jobs, last - first + 1, quiet=as_json))
    seconds = round(time.perf_counter() - began, 1)
    found = (_bugs_report if planted else _report)(results, first, last, seconds)
    if as_json:
        click.echo(json.dumps(found))
    else:
        _tell(found, seconds)
    return 1 if found.get("violations") or found.get("missed") else 0


def _span_of(text: str) -> tuple[int, int]:
    match = _SEEDS.fullmatch(text)
    if match is None:
        message = f"{text!r} is no span of seeds; example: --seeds 0-49"
        raise click.UsageError(message)
    first, last = int(match[1]), int(match[2] or match[1])
    if not first <= last < first + _SEEDS_MAX:
        message = f"a span begins with its lower seed and has at most {_SEEDS_MAX} of them"
        raise click.UsageError(message)
    return first, last


def _bugs(names: tuple[str, ...], *, every: bool) -> list[str]:
    from tests.simulation.planted import BUGS

    for name in names:
        if name not in BUGS:
            message = f"{name!r} is no planted bug; there are {', '.join(sorted(BUGS))}"
            raise click.UsageError(message)
    return list(BUGS) if every else list(names)


def _parts(first: int, last: int, jobs: int) -> list[Task]:
    """Cut a span into pieces that are done side by side, or one by one with a bar."""
    step = 1 if jobs == 1 else max(1, (last - first + 1) // (8 * jobs))
    return [(at, min(at + step - 1, last), "") for at in range(first, last + 1, step)]


def _worked(tasks: list[Task], jobs: int, seeds: int, *, quiet: bool) -> Iterator[Result]:
    with progress_bar(quiet=quiet) as told:
        results = _side_by_side(tasks, jobs) if jobs > 1 else _one_by_one(tasks)
        for done, result in enumerate(results, 1):
            told(f"{seeds} seeds", done, len(tasks))
            yield result


def _one_by_one(tasks: list[Task]) -> Iterator[Result]:
    from tests.simulation.festival import open_festival

    with open_festival() as festival:
        for task in tasks:
            yield _lived(task, None, festival)


def _side_by_side(tasks: list[Task], jobs: int) -> Iterator[Result]:
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        yield from pool.imap_unordered(_lived, tasks)


def _lived(task: Task, tell: Callable[[str], None] | None = None, festival: Any = None) -> Result:
    """Live through a span of seeds; with a planted bug only until it is caught."""
    from tests.simulation.festival import open_festival
    from tests.simulation.planted import BUGS
    from tests.simulation.seeds import live

    if festival is None:
        with open_festival() as made:
            return _lived(task, tell, made)
    first, last, name = task
    result = Result(name)
    for seed in range(first, last + 1):
        if tell is not None:
            tell(f"--- seed {seed} ---")
        bug = BUGS[name].patch() if name else None
        lived = live(festival, seed, bug=bug, tell=tell)
        result.seeds += 1
        if lived.is_caught if name else not lived.is_sound:
            result.unsound.append(lived)
            if name:
                break
    return result


def _report(results: list[Result], first: int, last: int, seconds: float) -> dict[str, Any]:
    unsound = sorted((one for r in results for one in r.unsound), key=lambda one: one.seed)
    return {
        "seeds": last - first + 1,
        "violations": len(unsound),
        "failing_seeds": [one.seed for one in unsound],
        "simulated_hours": _DAY_HOURS * (last - first + 1),
        "seconds": seconds,
        "details": [
            {"seed": one.seed, "check": one.check, "sentence": one.sentence} for one in unsound
        ],
    }


def _bugs_report(results: list[Result], first: int, last: int, seconds: float) -> dict[str, Any]:
    caught = {r.bug: r.unsound[0] for r in results if r.unsound}
    missed = sorted(r.bug for r in results if not r.unsound)
    lived = sum(r.seeds for r in results)
    return {
        "seeds": last - first + 1,
        "violations": 0,
        "failing_seeds": [],
        "planted": len(results),
        "caught": len(caught),
        "missed": len(missed),
        "missed_bugs": missed,
        "simulated_hours": _DAY_HOURS * lived,
        "seconds": seconds,
        "details": [
            {"bug": name, "seed": one.seed, "check": one.check, "sentence": one.sentence}
            for name, one in sorted(caught.items())
        ],
    }


def _tell(found: dict[str, Any], seconds: float) -> None:
    if "planted" in found:
        for row in found["details"]:
            click.echo(f"{row['bug']}: caught by seed {row['seed']} ({row['check']})")
        for name in found["missed_bugs"]:
            click.echo(f"{name}: missed in {found['seeds']} seeds")
        click.echo(f"{found['caught']} of {found['planted']} planted bugs caught, {seconds} s")
        return
    for row in found["details"]:
        click.echo(f"seed {row['seed']}: {row['check']}: {row['sentence']}")
        click.echo(f"  to see it: ./guichet simulate --seeds {row['seed']}-{row['seed']} --trace")
    click.echo(
        f"{found['seeds']} seeds, {found['simulated_hours']} simulated hours,"
        f" {found['violations']} violations, {seconds} s"
    )
