"""`./guichet bench`: figures as JSON lines, each with its limit measured in the same run."""

import json
from collections.abc import Callable, Iterable
from typing import Any, Final

import click

_EXAMPLE: Final = "\b\nExample: ./guichet bench bar\n         ./guichet bench all"
Bench = Callable[[], Iterable[dict[str, Any]]]


def _kernel() -> list[dict[str, Any]]:
    from tests.rehearsal.bench_kernel import run

    return run()


def _store() -> list[dict[str, Any]]:
    from tests.rehearsal.bench_store import run

    return run()


def _read() -> list[dict[str, Any]]:
    from tests.rehearsal.bench_read import run

    return run()


def _gate() -> Iterable[dict[str, Any]]:
    from tests.rehearsal.bench_gate import run

    return run()


def _bar() -> Iterable[dict[str, Any]]:
    from tests.rehearsal.bench_bar import run

    return run()


def _sync() -> Iterable[dict[str, Any]]:
    from tests.rehearsal.bench_sync import run

    return run()


def _joiner() -> Iterable[dict[str, Any]]:
    from tests.rehearsal.bench_joiner import run

    return run()


def _cloud() -> Iterable[dict[str, Any]]:
    from tests.rehearsal.bench_cloud import run

    return run()


BENCHES: Final[dict[str, Bench]] = {
    "kernel": _kernel,
    "store": _store,
    "read": _read,
    "gate": _gate,
    "bar": _bar,
    "sync": _sync,
    "joiner": _joiner,
    "cloud": _cloud,
}


@click.command("bench", epilog=_EXAMPLE)
@click.argument("what", type=click.Choice([*BENCHES, "all"]))
def bench_command(what: str) -> int:
    """Measure a part and print one JSON line a figure: name, value, unit, limit, ratio, method."""
    for name, bench in BENCHES.items():
        if what in {name, "all"}:
            for row in bench():
                click.echo(json.dumps(row, ensure_ascii=False))
    return 0
