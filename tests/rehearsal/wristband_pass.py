"""The second pass of a replay: the same baskets, paid with wristbands under the default policy.

The records do not say who bought what, so baskets are given to guests by chance from a seed: each
guest is there on one day and buys about four times. Each tops up beforehand what they will spend,
as far as a wristband may hold it. What is then declined shows what the limits of tills that are
alone cost a real bar; a till that was declined does not sell, and its later voids fall away.
"""

import random
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from hardware.wall_clock import SystemClock
from sync.catalogue import Policy
from sync.spending import fleet_bound, overspend_bound
from tests.rehearsal.boxes import Box, BoxTrouble
from tests.rehearsal.replay import (
    FESTIVAL,
    Fair,
    NotReplayed,
    Progress,
    Wishes,
    open_fair,
    records_of,
)
from tests.rehearsal.replay_totals import fold_anew, totals_of
from tests.rehearsal.till_plan import Plan, Sell, Step, Void
from tests.rehearsal.till_records import TillRecords
from tests.rehearsal.till_runner import Command, TillRunner, run_all

BASKETS_PER_GUEST: Final = 4
ACKNOWLEDGED_EVERY: Final = 40
TOP_UP_TILL: Final = "top-up desk"
ACKNOWLEDGED_TRIES_MAX: Final = 500


@dataclass(slots=True)
class Guests:
    """Who buys what: wristband code by sale, and what each wristband will spend."""

    codes: list[tuple[int, str]]
    of_sale: dict[bytes, int] = field(default_factory=dict)
    spends: Counter[int] = field(default_factory=Counter)


def wristband_pass(
    records: TillRecords, plan: Plan, wishes: Wishes, progress: Progress
) -> dict[str, Any]:
    """Run the pass in a festival of its own and return its figures; amounts in minor units."""
    with tempfile.TemporaryDirectory(prefix="guichet-wristbands-") as place:
        folder = Path(place)
        with open_fair(folder, plan, None, records.currency, progress) as fair:
            guests = _invite(fair, records, plan, wishes.seed)
            topped = _top_up(fair, guests, len(plan.steps) + 1, progress)
            fair.wait_until_level(progress)
            runners = _sell(fair, plan, guests, wishes, progress)
            fair.wait_until_level(progress)
            hashes = fair.hashes()
        raws, key = records_of(folder / "office")
    folded = fold_anew(raws, FESTIVAL, key, 0)
    totals = totals_of(raws)
    if folded.postings_sum or any(
        folded.areas["money"] != areas["money"] for areas in hashes.values()
    ):
        message = "the wristband pass did not end in one state that sums to zero"
        raise NotReplayed(message)
    bound = _bound(runners, guests, topped)
    declined = sum((runner.result.declined for runner in runners), Counter())
    return {
        "wristbands": len(guests.codes),
        "topped_up_minor": totals.topped_up_minor,
        "sales": totals.sales,
        "sold_minor": totals.lines_total_minor,
        "voids": totals.voids,
        "declined": dict(sorted(declined.items())),
        "declined_share": round(sum(declined.values()) / max(1, len(guests.of_sale)), 4),
        "declined_minor": sum(runner.result.declined_minor for runner in runners),
        "crashes": sum(runner.result.crashes for runner in runners),
        "overspend_minor": folded.overspend_minor,
        "overspend_bound_minor": bound,
        "postings_sum": folded.postings_sum,
        "state_hash": folded.state_hash,
    }


def _invite(fair: Fair, records: TillRecords, plan: Plan, seed: int) -> Guests:
    """Issue wristbands and give every basket to a guest who is there on its day."""
    rng = random.Random(seed)
    day_of = {one.number: one.closed.date() for one in records.transactions}
    by_day: dict[Any, list[Sell]] = {}
    for step in (step for steps in plan.steps.values() for step in steps):
        if isinstance(step, Sell):
            by_day.setdefault(day_of[step.transaction], []).append(step)
    counts = {day: -(-len(sales) // BASKETS_PER_GUEST) for day, sales in by_day.items()}
    words = ("--kind", "wristband", "--type", "1", "--count", str(sum(counts.values())))
    codes = []
    for row in fair.office.do("issue", *words).splitlines():
        serial, text = row.split("\t")
        codes.append((int(serial), text))
    guests, first = Guests(codes), 0
    for day in sorted(by_day):
        for step in by_day[day]:
            guest = first + rng.randrange(counts[day])
            guests.of_sale[step.sale] = guest
            guests.spends[guest] += max(0, step.total)
        first += counts[day]
    return guests


def _top_up(fair: Fair, guests: Guests, number: int, progress: Progress) -> dict[int, int]:
    """Top every wristband up with what it will spend, as far as it may hold; return the amounts."""
    limits = Policy()
    fair.add_till(TOP_UP_TILL, number)
    fair.wait_until_level(progress)
    desk = fair.tills[TOP_UP_TILL]
    topped: dict[int, int] = {}
    for at, (guest, spends) in enumerate(sorted(guests.spends.items())):
        amount = min(spends, limits.balance_max)
        if amount:
            topped[guest] = amount
            _charge(desk, guests.codes[guest][1], amount, at)
        progress("topping up", at, len(guests.spends))
    return topped


def _charge(desk: Box, code: str, amount: int, number: int) -> None:
    command = {
        "operation": f"{number:032x}",
        "wristband": code,
        "amount_minor": amount,
        "method": "cash",
    }
    answer = desk.ask("top_up", **command)
    for _ in range(ACKNOWLEDGED_TRIES_MAX):
        if answer["event"] != "declined":
            break
        SystemClock().pause(20)  # the desk's cap is full until the office has acknowledged
        answer = desk.ask("top_up", **command)
    if answer["event"] != "done":
        message = f"a top-up was not taken: {answer}"
        raise BoxTrouble(message)


def _sell(
    fair: Fair, plan: Plan, guests: Guests, wishes: Wishes, progress: Progress
) -> list[TillRunner]:
    runners: list[TillRunner] = []

    def command_of(step: Step) -> Command | None:
        if isinstance(step, Void):
            if not any(step.sale in runner.result.sold for runner in runners):
                return None
            return {"do": "void", "sale": step.sale.hex(), "lines": list(step.lines)}
        if not step.lines:
            return None
        return {
            "do": "sell",
            "sale": step.sale.hex(),
            "lines": [list(line) for line in step.lines],
            "wristband": guests.codes[guests.of_sale[step.sale]][1],
            "seller": step.seller,
        }

    what = "paying with wristbands"
    runners += fair.runners(plan.steps, wishes, command_of, progress, what, ACKNOWLEDGED_EVERY)
    run_all(runners)
    return runners


def _bound(runners: list[TillRunner], guests: Guests, topped: dict[int, int]) -> int | None:
    """Return the printed bound: per wallet what its tills may risk, at most the sum of their caps.

    The highest balance that a till can have believed in is what was topped up.
    """
    limits, total = Policy(), 0
    fleet = fleet_bound(len(runners), limits)
    tills: Counter[int] = Counter()
    for runner in runners:
        tills.update({guests.of_sale[sale] for sale in runner.result.sold})
    for guest, count in tills.items():
        bound = overspend_bound(topped.get(guest, 0), count, limits)
        if bound is None:
            return None
        total += bound
    return total if fleet is None else min(total, fleet)
