"""What looks at a terminal, which may be running: gate-explain, bar-exposure."""

import json
from pathlib import Path
from typing import Any, Final

import click

from edge.chores import compare
from edge.gate.explain import explain
from edge.store.store import look_into
from hardware.wall_clock import SystemClock, is_synchronised
from provisioning import manifest as manifests
from sync import catalogue, spending
from sync.limits import MONEY_MINOR_MAX

_FOLDER: Final = click.Path(path_type=Path, exists=True, file_okay=False)


@click.command(
    "gate-explain", epilog='\b\nExample: ./guichet gate-explain gate-1 "GU1:NCF…" --compare'
)
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.argument("code", metavar="CODE")
@click.option("--compare", "with_comparison", is_flag=True, help="Compare state and journal too.")
def gate_explain(folder: Path, code: str, with_comparison: bool) -> int:  # noqa: FBT001
    """Say what the box in DIR knows of a code, from its own journal, and why it says what it says.

    CODE is a code's text or a ticket's number. The box may be running. One JSON object is printed:
    the verdict now, its rule, the facts that it rests on, how old they are, and by which clock.
    """
    now_ms = SystemClock().now_ms()
    told = explain(folder, code, now_ms, is_synchronised=is_synchronised())
    wrong = compare(folder) if with_comparison else []
    if with_comparison:
        told["cells_that_differ"] = [f"{key.kind.name.lower()} {key.key.hex()}" for key in wrong]
    click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    return 1 if wrong else 0


@click.command("bar-exposure", epilog="\b\nExample: ./guichet bar-exposure bar-1 --tills 12")
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.option("--tills", type=click.IntRange(1, 100_000), default=1, show_default=True)
def bar_exposure(folder: Path, tills: int) -> int:
    """Print the worst that the till in DIR can cost, and all tills together, in minor units.

    What a till sells before the office hears of it is its risk: at most its cap and what
    supervisors renewed, and at most the alone limit for each wallet and till that is cut off.
    A bound of null, like a limit of -1, is none.
    """
    manifest = manifests.load(folder)
    store = look_into(folder)
    try:
        limits = catalogue.policy(store.shelf.cells)
        is_bounded = limits.balance_max != catalogue.UNLIMITED
        highest = limits.balance_max if is_bounded else MONEY_MINOR_MAX
        renewed = store.till.renewed()
        row: dict[str, Any] = {
            "currency": manifest.currency,
            "tills": tills,
            "alone_limit_minor": limits.alone_limit,
            "till_cap_minor": limits.till_cap,
            "topup_cap_minor": limits.topup_cap,
            "renewed_minor": renewed,
            "this_till_minor": spending.fleet_bound(1, limits, renewed),
            "per_wallet_minor": spending.overspend_bound(highest, tills, limits),
            "all_tills_minor": spending.fleet_bound(tills, limits, renewed),
            "unacknowledged_here_minor": store.till.spent_unacknowledged_everywhere(),
        }
    finally:
        store.connection.close()
    click.echo(json.dumps(row))
    return 0
