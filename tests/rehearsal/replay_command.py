"""`./guichet replay`: the command, and its report for people."""

import json
import sys
from pathlib import Path
from typing import Any, Final

import click

from hardware.wall_clock import SystemClock
from sync.money import Money
from tests.rehearsal.boxes import BoxTrouble
from tests.rehearsal.progress import progress_bar
from tests.rehearsal.replay import NotReplayed, Wishes, replay
from tests.rehearsal.till_records import BadRecords
from tests.rehearsal.wristband_pass import wristband_pass

_EXAMPLE: Final = (
    "\b\nExample: ./guichet replay sale_lines.csv payments.csv --offline 0.3 --crash 5 --json"
)


@click.command("replay", epilog=_EXAMPLE)
@click.argument("lines", metavar="LINES.csv", type=click.Path(path_type=Path))
@click.argument("payments", metavar="PAYMENTS.csv", type=click.Path(path_type=Path))
@click.option(
    "--offline",
    default=0.2,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Share of the time for which each till is cut off.",
)
@click.option(
    "--crash",
    "crashes",
    default=3,
    show_default=True,
    type=click.IntRange(0, 1_000),
    help="How often a till is killed in mid-sale.",
)
@click.option("--seed", default=1, show_default=True, help="Draws the cuts and the kills.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def replay_command(
    lines: Path,
    payments: Path,
    offline: float,
    crashes: int,
    seed: int,
    as_json: bool,
) -> int:
    """Run real till records through real tills, an office, pulled cables and power cuts.

    The first pass records everything as it was paid, under a policy without limits. The second
    pays every basket with a wristband under the default policy and shows what is declined. Nothing
    is kept afterwards. A row that cannot be understood is named and stops the run.
    """
    started_ms = SystemClock().monotonic_ms()
    wishes = Wishes(offline, crashes, seed)
    try:
        with progress_bar(quiet=as_json) as progress:
            report, records, plan = replay(lines, payments, wishes, progress)
            report["wristband_pass"] = wristband_pass(records, plan, wishes, progress)
    except BadRecords as trouble:
        click.echo(f"guichet: {trouble}. Nothing was recorded.", err=True)
        return 2
    except (BoxTrouble, NotReplayed) as trouble:
        click.echo(f"guichet: {trouble}", err=True)
        return 1
    report["seconds"] = round((SystemClock().monotonic_ms() - started_ms) / 1000, 1)
    if as_json:
        click.echo(json.dumps(report))
    else:
        sys.stdout.write(_readable(report))
    return 0


def _readable(report: dict[str, Any]) -> str:
    coin = report["currency"]
    second = report["wristband_pass"]
    declined = ", ".join(f"{rule} {count}" for rule, count in second["declined"].items())
    bound = second["overspend_bound_minor"]
    rows = [
        (
            f"{report['transactions']} transactions of {report['tills']} tills,"
            f" {report['lines']} lines, {report['payments']} payments: every one exactly once."
        ),
        f"Lines    {_money(report['lines_total_minor'])} {coin}",
        f"Payments {_money(report['payments_total_minor'])} {coin}",
        f"Postings {_money(report['postings_sum'])} {coin} (always zero)",
        (
            f"{report['voids']} voids of earlier sales, {report['cup_returns']} cups brought back,"
            f" {report['dangling_voids']} voiding lines that are not in the file."
        ),
        (
            f"{report['crashes']} kills in mid-sale; three orders of arrival, one state"
            f" {report['state_hash'][:16]}."
        ),
        "",
        (
            f"With wristbands: {second['sales']} sales for {_money(second['sold_minor'])} {coin},"
            f" {second['declined_share']:.1%} declined ({declined or 'none'})."
        ),
        (
            f"Overspent {_money(second['overspend_minor'])} {coin}; the bound was"
            f" {'without limit' if bound is None else _money(bound) + ' ' + coin}."
        ),
        f"{report['seconds']} s",
        "",
    ]
    return "\n".join(rows)


def _money(minor: int) -> str:
    return str(Money(minor))
