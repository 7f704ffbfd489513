"""Replays real till records through real tills: processes, cables, power cuts, an office.

Everything is checked before anything is recorded. Afterwards every figure is counted from the
journals that the office holds.
"""

import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cloud.settings import open_office
from cloud.store.look import look
from hardware.wall_clock import SystemClock
from sync.journal import read_record
from sync.keys import PublicKey
from tests.rehearsal.boxes import Box, BoxTrouble, Office
from tests.rehearsal.cable import Cable
from tests.rehearsal.replay_totals import SHUFFLES, Folded, Totals, fold_anew, totals_of
from tests.rehearsal.till_plan import Plan, Step, Void, make_plan
from tests.rehearsal.till_records import TillRecords, read_till_records
from tests.rehearsal.till_runner import Command, Fate, TillRunner, fates, run_all

FESTIVAL: Final = 1
LEVEL_S: Final = 90
Progress = Callable[[str, int, int], None]
"""Told what is going on, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a replay is run: share of the time without a line, kills in mid-sale, and the seed."""

    offline: float
    crashes: int
    seed: int


class NotReplayed(Exception):
    """The replay did not come out as it must; the message says in what."""


def replay(
    lines: Path, payments: Path, wishes: Wishes, progress: Progress
) -> tuple[dict[str, Any], TillRecords, Plan]:
    """Replay two files as they were paid and return the report, the records and the plan.

    Raises `BadRecords` before anything is recorded, `BoxTrouble` or `NotReplayed` after.
    """
    records = read_till_records(lines, payments)
    plan = make_plan(records)
    with tempfile.TemporaryDirectory(prefix="guichet-replay-") as place:
        folder = Path(place)
        with open_fair(folder, plan, "replay", records.currency, progress) as fair:
            runners = fair.runners(plan.steps, wishes, _command_of, progress, "recording")
            run_all(runners)
            fair.wait_until_level(progress)
            hashes = fair.hashes()
            facts = {fact for runner in runners for fact in runner.result.facts}
        raws, key = records_of(folder / "office")
    lost = facts - {read_record(raw).id.hex() for raw in raws}
    totals = totals_of(raws)
    folded = _folded(raws, key, hashes, progress)
    _check(records, totals, folded, lost)
    crashes = sum(runner.result.crashes for runner in runners)
    return _report(records, totals, folded, crashes), records, plan


def _command_of(step: Step) -> Command:
    """Return what a till is told for a step of its plan: paid as it happened."""
    payments = [list(row) for row in step.payments]
    if isinstance(step, Void):
        return {
            "do": "void",
            "sale": step.sale.hex(),
            "lines": list(step.lines),
            "payments": payments,
            "seller": step.seller,
        }
    return {
        "do": "sell",
        "sale": step.sale.hex(),
        "lines": [list(line) for line in step.lines],
        "payments": payments,
        "seller": step.seller,
    }


# --- the fair: an office, tills, cables ---


class Fair:
    """An office and its tills, each on a cable of its own."""

    def __init__(self, folder: Path, currency: str) -> None:
        """Make the office in a folder; nothing runs yet."""
        self.folder = folder
        self.office = Office(folder / "office", FESTIVAL, "Replay", currency)
        self.tills: dict[str, Box] = {}
        self.cables: dict[str, Cable] = {}
        self._clock = SystemClock()

    def add_till(self, name: str, number: int) -> None:
        """Enrol a till on its own cable and start it."""
        cable = Cable(self.office.port)
        self.cables[name] = cable
        folder = self.folder / f"till-{number}"
        self.office.enrol(folder, "bar", name, number, cable.port)
        box = Box(folder, "bar")
        self.tills[name] = box
        box.start()

    def runners(
        self,
        steps: dict[str, list[Step]],
        wishes: Wishes,
        command_of: Callable[[Step], Command | None],
        progress: Progress,
        what: str,
        acknowledged_every: int = 0,
    ) -> list[TillRunner]:
        """Return a runner for each till, with its fate drawn from the seed."""
        names = [name for name in self.tills if name in steps]
        counts = [len(steps[name]) for name in names]
        drawn: list[Fate] = fates(
            counts, wishes.offline, wishes.crashes, random.Random(wishes.seed)
        )
        done, everything = [0], sum(counts)

        def count(more: int) -> None:
            done[0] += more
            progress(what, done[0], everything)

        return [
            TillRunner(
                self.tills[name],
                self.cables[name],
                steps[name],
                fate,
                command_of,
                count,
                at,
                acknowledged_every,
            )
            for at, (name, fate) in enumerate(zip(names, drawn, strict=True))
        ]

    def wait_until_level(self, progress: Progress) -> None:
        """Wait until every till and the office hold the same facts; `BoxTrouble` after 90 s."""
        start_ms = self._clock.monotonic_ms()
        while True:
            states = [box.ask("status") for box in self.tills.values()]
            wanted = self.office.ask("/api/v1/summary")["facts"]
            behind = sum(state["only_here"] for state in states)
            behind += sum(abs(wanted - state["facts"]) for state in states)
            progress("bringing level", 0, behind)
            if behind == 0 and all(state["is_level"] for state in states):
                return
            if self._clock.monotonic_ms() - start_ms > 1000 * LEVEL_S:
                message = f"tills and office are not level after {LEVEL_S} s: {states}"
                raise BoxTrouble(message)
            self._clock.pause(100)

    def hashes(self) -> dict[str, dict[str, str]]:
        """Return the area hashes of the office and of each till."""
        found = {"office": self.office.ask("/api/v1/summary")["hashes"]}
        for name, box in self.tills.items():
            answer = box.ask("hashes")
            found[name] = {area: answer[area] for area in ("office", "money")}
        return found

    def close(self) -> None:
        """Stop every process and cable."""
        for box in self.tills.values():
            box.stop()
        for cable in self.cables.values():
            cable.close()
        self.office.stop()


@contextmanager
def open_fair(
    folder: Path, plan: Plan, policy: str | None, currency: str, progress: Progress
) -> Iterator[Fair]:
    """Make a festival with the plan's products and tills, level and ready to sell."""
    progress("setting up", 0, 1)
    fair = Fair(folder, currency)
    try:
        if policy is not None:
            fair.office.do("policy", "--policy", policy)
        fair.office.say(
            {"kind": "product", "product": number, "name": name, "price": 0, "on_sale": True}
            for name, number in plan.items.items()
        )
        fair.office.serve()
        for number, name in enumerate(plan.steps, 1):
            fair.add_till(name, number)
        fair.wait_until_level(progress)
        yield fair
    finally:
        fair.close()


# --- afterwards ---


def records_of(office: Path) -> tuple[list[bytes], PublicKey]:
    """Return every record that an office holds, in the order of arrival, and the festival's key."""
    opened = open_office(office)
    with look(office, opened.festival) as held:
        return list(held.records()), opened.festival_key


def _folded(
    raws: list[bytes], key: PublicKey, hashes: dict[str, dict[str, str]], progress: Progress
) -> Folded:
    """Fold from nothing in three shuffles; every hash must be the office's and the tills'."""
    results = []
    for number in range(SHUFFLES):
        progress("folding in another order", number, SHUFFLES)
        results.append(fold_anew(raws, FESTIVAL, key, number))
    first = results[0]
    if any(one.state_hash != first.state_hash for one in results):
        message = "the order of arrival can be seen in the state hash"
        raise NotReplayed(message)
    for name, areas in hashes.items():
        if any(first.areas[area] != value for area, value in areas.items()):
            message = f"{name} has another state than a fold of all facts from nothing"
            raise NotReplayed(message)
    return first


def _check(records: TillRecords, totals: Totals, folded: Folded, lost: set[str]) -> None:
    """See that everything in the files is in the journals, once and to the penny."""
    counted = (
        totals.transactions,
        totals.lines,
        totals.payments,
        totals.lines_total_minor,
        totals.payments_total_minor,
        folded.postings_sum,
        len(lost),
    )
    wanted = (
        len(records.transactions),
        len(records.lines),
        len(records.payments),
        sum(line.amount for line in records.lines),
        sum(payment.amount for payment in records.payments),
        0,
        0,
    )
    if counted != wanted:
        message = f"the journals hold {counted}, the files {wanted}"
        raise NotReplayed(message)


def _report(records: TillRecords, totals: Totals, folded: Folded, crashes: int) -> dict[str, Any]:
    return {
        "transactions": totals.transactions,
        "lines": totals.lines,
        "payments": totals.payments,
        "lines_total_minor": totals.lines_total_minor,
        "payments_total_minor": totals.payments_total_minor,
        "postings_sum": folded.postings_sum,
        "dangling_voids": records.dangling_voids,
        "crashes": crashes,
        "state_hash": folded.state_hash,
        "state_hash_equal_in_shuffles": SHUFFLES,
        "sales": totals.sales,
        "voids": totals.voids,
        "cup_returns": totals.cup_returns,
        "tills": len(records.tills),
        "currency": records.currency,
    }
