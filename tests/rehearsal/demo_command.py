"""`./guichet demo`: a small festival on this machine, told as it happens."""

import json
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from hardware.wall_clock import SystemClock
from sync.money import Money
from tests.rehearsal.boxes import BoxTrouble
from tests.rehearsal.demo_story import STEPS, Story, failures, reckon
from tests.rehearsal.demo_world import CURRENCY, World, make_codes, open_world

_EXAMPLE: Final = "\b\nExample: ./guichet demo\n         ./guichet demo --headless --json"
Tell = Callable[[str], None]


@click.command("demo", epilog=_EXAMPLE)
@click.option("--headless", is_flag=True, help="End by itself; the live page does not stay up.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end.")
def demo_command(headless: bool, as_json: bool) -> int:
    """Play a small festival with real processes: an office, two gates, two bars.

    They work connected, one gate and one bar are cut off, a copied ticket goes in twice, one
    wristband is spent in two places, the cables come back, and everything is reconciled. The exit
    status is 0 only if every check held. The live page stays up until Ctrl-C.
    """
    started_ms = SystemClock().monotonic_ms()
    with tempfile.TemporaryDirectory(prefix="guichet-demo-") as place, _ends_cleanly():
        try:
            with open_world(Path(place)) as world:
                with _told(quiet=as_json) as (tell, step):
                    report = _play(world, tell, step)
                report["wall_seconds"] = (SystemClock().monotonic_ms() - started_ms) // 1000
                report["office_url"] = world.office.url
                wrong = failures(report)
                _print(report, wrong, as_json=as_json)
                if not headless:
                    _stay(world)
        except BoxTrouble as trouble:
            click.echo(f"guichet: the demo stopped: {trouble}", err=True)
            return 1
    return 1 if wrong else 0


def _play(world: World, tell: Tell, step: Callable[[int], None]) -> dict[str, Any]:
    tell("A festival is made: 260 tickets, 80 wristbands, an office, two gates, two bars.")
    Story(world, make_codes(world), tell, step).play()
    return reckon(world)


@contextmanager
def _told(*, quiet: bool) -> Iterator[tuple[Tell, Callable[[int], None]]]:
    """Give what is told each sentence and each step: people see a story and a bar."""
    if quiet:
        yield lambda _: None, lambda _: None
        return
    console = Console(highlight=False)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("guests and sales", total=STEPS)
        yield (
            lambda text: bar.console.print(f"• {text}", soft_wrap=True),
            lambda done: bar.advance(task, done),
        )


def _print(report: dict[str, Any], wrong: list[str], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False))
    else:
        click.echo(_readable(report))
    for one in wrong:
        click.echo(f"guichet: {one}", err=True)


def _readable(report: dict[str, Any]) -> str:
    refused = ", ".join(f"{reason} {count}" for reason, count in report["refused"].items())
    found = "\n".join(f"  ! {conflict['sentence']}" for conflict in report["conflicts"])
    equal = all(report["state_hashes_equal"].values())
    return (
        f"\n{report['admitted']} guests let in, refused: {refused}.\n"
        f"{report['sales']} sales, {report['voids']} void, {report['topups']} top-ups;"
        f" all money sums to {_money(report['money_sum_minor'])}.\n"
        f"Overspent {_money(report['overspend_minor'])}, the bound was"
        f" {_money(report['overspend_bound_minor'])}.\n"
        f"{report['facts']} facts, {report['lost_facts']} lost; every machine has"
        f" {'the same' if equal else 'ANOTHER'} state.\n"
        f"What people must look at:\n{found}\n"
        f"{report['wall_seconds']} s"
    )


def _money(minor: int) -> str:
    return f"{Money(minor)} {CURRENCY}"


def _stay(world: World) -> None:
    """Say where the live page is and keep it up until Ctrl-C."""
    key = (world.office.folder / "admin.key").read_text("utf-8").strip()
    try:
        click.echo(f"\nThe live page: {world.office.url}/?key={key}\nEnd with Ctrl-C.")
        sys.stdout.flush()
        threading.Event().wait()
    except KeyboardInterrupt:
        click.echo("\nEnding.")


@contextmanager
def _ends_cleanly() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end the demo alike, so that no process of it stays behind.

    Ctrl-C is asked for aloud: whoever starts the demo in the background has it ignored otherwise.
    """

    def end(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
