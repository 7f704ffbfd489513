"""The demo's story in five acts: open, work, cut, heal, reckon.

What is provoked is known beforehand: one ticket copied and let in at both gates, one wristband
spent at both bars while they cannot hear each other. At the end exactly these two are conflicts.
"""

import random
import threading
from collections.abc import Callable
from typing import Any, Final

from cloud.settings import open_office
from cloud.store.look import look
from sync.catalogue import Policy
from sync.conflicts import ConflictKind
from sync.journal import read_record
from sync.spending import overspend_bound
from tests.rehearsal.boxes import BoxTrouble
from tests.rehearsal.demo_world import CASH, Codes, World, cups_back, sale_line

Tell = Callable[[str], None]
Step = Callable[[int], None]

SHOWN_PER_GATE: Final = 24
SCANNED_PER_GATE: Final = 30
ALONE_PER_GATE: Final = 16
SALES_PER_BAR: Final = 60
ALONE_SALES_PER_BAR: Final = 25
TWICE_SPENT_MINOR: Final = 4_000
TWICE_SPENT_BALANCE: Final = 5_000
STEPS: Final = 2 * (SHOWN_PER_GATE + SCANNED_PER_GATE + ALONE_PER_GATE) + 2 * (
    SALES_PER_BAR + ALONE_SALES_PER_BAR
)
GATES: Final = ("gate-north", "gate-south")
BARS: Final = ("bar-main", "bar-lake")


class Story:
    """One evening; `tell` is told each sentence, `step` how many steps were done."""

    def __init__(self, world: World, codes: Codes, tell: Tell, step: Step) -> None:
        """Play in this world."""
        self._world = world
        self._codes = codes
        self._tell = tell
        self._step = step
        self._day = iter(codes.day)
        self._rng = random.Random(2027)
        self._operations = 0
        self._let_in_by: dict[str, list[str]] = {gate: [] for gate in GATES}
        self._lock = threading.Lock()

    def play(self) -> None:
        """Play all acts but the reckoning."""
        self._open()
        self._work()
        self._cut()
        self._heal()

    # --- act one: some tickets are withdrawn, wristbands are topped up ---

    def _open(self) -> None:
        withdrawn = [next(self._day) for _ in range(3)]
        for (serial, _), word in zip(withdrawn, ("cancelled", "unpaid", "blocked"), strict=True):
            self._world.office.say([{"kind": "status", "serials": [serial], "status": word}])
        self._withdrawn = withdrawn
        self._tell("The office is open. Guests top up their wristbands at both bars.")
        for at, (_, code) in enumerate(self._codes.wristbands):
            amount = TWICE_SPENT_BALANCE if at == 0 else 3_000
            self._top_up(BARS[at % 2], code, amount)
        self._level("before the doors open")

    # --- act two: everything is connected ---

    def _work(self) -> None:
        self._tell("Doors open. Both gates read phones and paper, both bars sell.")
        self._together(
            lambda: self._let_in("gate-north", SHOWN_PER_GATE, SCANNED_PER_GATE),
            lambda: self._let_in("gate-south", SHOWN_PER_GATE, SCANNED_PER_GATE),
            lambda: self._sell("bar-main", SALES_PER_BAR),
            lambda: self._sell("bar-lake", SALES_PER_BAR),
        )
        self._void_one("bar-main")
        self._level("while everybody is connected")
        self._tell("Some come without a right to: forged, withdrawn, for another place.")
        self._refusals()
        inside = self._let_in_by["gate-north"][0]
        verdict = self._world.ask("gate-south", "scan", text=inside)
        self._expect(verdict, "refuse", "already_inside")
        self._tell(f"South about a ticket that North let in: “{verdict['sentence']}”")
        self._world.ask("gate-north", "scan", text=inside, direction="out")

    def _refusals(self) -> None:
        for reason, code in self._codes.strange.items():
            self._expect(self._world.ask("gate-north", "scan", text=code), "refuse", reason)
        for (_, code), word in zip(
            self._withdrawn, ("cancelled", "unpaid", "blocked"), strict=True
        ):
            self._expect(self._world.ask("gate-south", "scan", text=code), "refuse", word)
        verdict = self._world.ask("gate-north", "scan", text=self._codes.backstage[0][1])
        self._expect(verdict, "refuse", "wrong_zone")

    # --- act three: one gate and one bar are cut off ---

    def _cut(self) -> None:
        self._world.cables["gate-south"].pull()
        self._world.cables["bar-lake"].pull()
        self._tell("The cable of South and of the Lake bar is cut. Nobody waits for it.")
        copied, spent = next(self._day), self._codes.wristbands[0][1]
        self._together(
            lambda: self._let_in("gate-north", ALONE_PER_GATE, 0),
            lambda: self._let_in("gate-south", ALONE_PER_GATE, 0),
            lambda: self._sell("bar-main", ALONE_SALES_PER_BAR),
            lambda: self._sell("bar-lake", ALONE_SALES_PER_BAR),
        )
        for gate in GATES:
            self._expect(self._world.ask(gate, "scan", text=copied[1]), "admit", None)
        self._tell("A copied ticket goes in at both gates: neither can know of the other.")
        for bar in BARS:
            answer = self._pay(bar, spent, TWICE_SPENT_MINOR)
            self._expect_paid(answer)
        self._tell(
            "One wristband of 50.00 pays 40.00 at both bars. More is declined at the Lake bar:"
        )
        answer = self._pay("bar-lake", spent, TWICE_SPENT_MINOR)
        if answer["event"] != "declined":
            message = f"the limits did not hold: {answer}"
            raise BoxTrouble(message)
        self._tell(f"“{answer['sentence']}”")

    # --- act four: the cables are back ---

    def _heal(self) -> None:
        for cable in self._world.cables.values():
            cable.plug()
        self._tell("The cables are back. Boxes and office tell each other what happened.")
        self._level("after the cut")

    # --- what people do ---

    def _let_in(self, gate: str, shown: int, scanned: int) -> None:
        """Let guests in: some before the camera, the rest with the hand scanner."""
        for at in range(shown + scanned):
            with self._lock:
                ticket = next(self._day)
            if at < shown:
                verdict = self._world.show(gate, ticket, "usual" if at % 3 else "easy")
            else:
                verdict = self._world.ask(gate, "scan", text=ticket[1])
            self._expect(verdict, "admit", None)
            self._let_in_by[gate].append(ticket[1])
            self._step(1)

    def _sell(self, bar: str, count: int) -> None:
        own = self._codes.wristbands[BARS.index(bar) + 2 :: 2]
        for at in range(count):
            quantity = 1 + at % 2
            if at % 5 == 4:
                lines = sale_line(3, quantity)
                total = sum(line[1] * line[2] for line in lines)
                answer = self._sale(bar, lines=lines, payments=[[CASH, total]])
            else:
                back = cups_back(1) if at % 3 == 2 else []
                lines = sale_line(1 + at % 4, 1) + back
                answer = self._sale(bar, lines=lines, wristband=own[at % len(own)][1])
            self._expect_paid(answer)
            self._step(1)

    def _void_one(self, bar: str) -> None:
        lines = sale_line(1, 2)
        sale = self._sale(bar, lines=lines, wristband=self._codes.wristbands[2][1])
        self._expect_paid(sale)
        answer = self._world.ask(bar, "void", sale=sale["sale"], lines=[0, 1])
        if answer["event"] != "done":
            message = f"a void was not taken: {answer}"
            raise BoxTrouble(message)

    def _pay(self, bar: str, wristband: str, amount: int) -> dict[str, Any]:
        lines = [[1, 1, amount, 2000, 0, None]]
        return self._sale(bar, lines=lines, wristband=wristband)

    def _sale(self, bar: str, **fields: Any) -> dict[str, Any]:
        return self._world.ask(bar, "sell", sale=self._new_id(), seller=1, **fields)

    def _top_up(self, bar: str, code: str, amount: int) -> None:
        fields = {"wristband": code, "amount_minor": amount, "method": "cash"}
        answer: dict[str, Any] = {}
        for _ in range(200):
            answer = self._world.ask(bar, "top_up", operation=self._new_id(), **fields)
            if answer["event"] == "done":
                return
            threading.Event().wait(1 / 50)  # the till's cap, until the office has acknowledged
        message = f"a top-up was not taken: {answer}"
        raise BoxTrouble(message)

    def _new_id(self) -> str:
        with self._lock:
            self._operations += 1
            return self._rng.randbytes(16).hex()

    def _level(self, when: str) -> None:
        if not self._world.wait_until_level():
            message = f"boxes and office are not level {when}"
            raise BoxTrouble(message)

    @staticmethod
    def _expect(verdict: dict[str, Any], word: str, reason: str | None) -> None:
        if verdict.get("verdict") != word or reason not in {None, verdict.get("reason")}:
            message = f"expected {word} {reason or ''}, the gate said {verdict}"
            raise BoxTrouble(message)

    @staticmethod
    def _expect_paid(answer: dict[str, Any]) -> None:
        if answer.get("event") != "paid":
            message = f"a sale was not taken: {answer}"
            raise BoxTrouble(message)

    @staticmethod
    def _together(*jobs: Callable[[], None]) -> None:
        """Do everything at the same time; the first trouble is passed on."""
        troubles: list[BaseException] = []

        def run(job: Callable[[], None]) -> None:
            try:
                job()
            except (BoxTrouble, OSError) as trouble:
                troubles.append(trouble)

        threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if troubles:
            raise troubles[0]


def reckon(world: World) -> dict[str, Any]:
    """Return the demo's figures, from what the office holds."""
    summary = world.office.ask("/api/v1/summary")
    refused: dict[str, int] = {}
    for gate in summary["gates"].values():
        for reason, count in gate["refused"].items():
            refused[reason] = refused.get(reason, 0) + count
    bars = summary["bars"].values()
    kinds = [conflict["kind"] for conflict in summary["conflicts"]]
    return {
        "admitted": sum(gate["admitted"] for gate in summary["gates"].values()),
        "refused": dict(sorted(refused.items())),
        "second_admissions": kinds.count(ConflictKind.SECOND_ADMISSION),
        "sales": sum(bar["sales"] for bar in bars),
        "voids": sum(bar["voids"] for bar in bars),
        "topups": sum(bar["topups"] for bar in bars),
        "money_sum_minor": summary["money_sum_minor"],
        "overspend_minor": summary["overspend_minor"],
        "overspend_bound_minor": overspend_bound(TWICE_SPENT_BALANCE, len(BARS), Policy()),
        "facts": summary["facts"],
        "lost_facts": len(world.shown - _held(world)),
        "state_hashes_equal": world.equal_hashes(),
        "conflicts": [
            {"kind": c["kind"], "subject": c["subject"], "sentence": c["sentence_en"]}
            for c in summary["conflicts"]
        ],
        "pictures_shown": world.pictures,
        "pictures_given_up": world.unread,
    }


def _held(world: World) -> set[str]:
    """Return the ids of all facts that are on the office's disk."""
    folder = world.office.folder
    with look(folder, open_office(folder).festival) as held:
        return {read_record(raw).id.hex() for raw in held.records()}


def failures(report: dict[str, Any]) -> list[str]:
    """Return every check that did not hold, in words."""
    kinds = sorted(conflict["kind"] for conflict in report["conflicts"])
    provoked = sorted([ConflictKind.SECOND_ADMISSION.value, ConflictKind.OVERSPENT_WALLET.value])
    overspent = 2 * TWICE_SPENT_MINOR - TWICE_SPENT_BALANCE
    checks = {
        "facts were lost": report["lost_facts"] == 0,
        "the money does not sum to zero": report["money_sum_minor"] == 0,
        "machines disagree about a shared area": all(report["state_hashes_equal"].values()),
        f"the conflicts are not those provoked: {kinds}": kinds == provoked,
        "the overspend is not the one provoked": report["overspend_minor"] == overspent,
        "the overspend is beyond its bound": (
            report["overspend_minor"] <= report["overspend_bound_minor"]
        ),
    }
    return [what for what, held in checks.items() if not held]
