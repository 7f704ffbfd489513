"""Two real tills and a real office: what is lent is sold, paid out, linked, and never more."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloud.settings import open_office
from cloud.store.look import look
from sync.allotments import unspent, wallet_resource
from sync.facts import Allotted
from sync.journal import read_record
from tests.rehearsal.boxes import Box, Office
from tests.rehearsal.cable import Cable

LEVEL_STEPS = 600


class Fair:
    """An office, two tills on cables of their own, and a guest's wristbands."""

    def __init__(self, folder: Path) -> None:
        self.office = Office(folder / "office", 5, "Fair", "EUR")
        self.office.do("policy", "--set", "code_only_daily=none")
        printed = self.office.do("issue", "--kind", "wristband", "--count", "3")
        self.bands = [row.split("\t")[1] for row in printed.splitlines()]
        self.office.serve()
        self.cables = [Cable(self.office.port) for _ in range(2)]
        self.tills = []
        for number, cable in enumerate(self.cables, 1):
            self.office.enrol(folder / f"till-{number}", "bar", f"Till {number}", 1, cable.port)
            self.tills.append(Box(folder / f"till-{number}", "bar"))
            self.tills[-1].start()
        self._operations = 0

    def level(self) -> None:
        """Wait until both tills and the office know the same."""
        states: list[dict[str, Any]] = []
        for _ in range(LEVEL_STEPS):
            states = [till.ask("status") for till in self.tills]
            facts = self.office.ask("/api/v1/summary")["facts"]
            if all(s["only_here"] == 0 and s["facts"] == facts for s in states):
                return
            threading.Event().wait(0.05)
        message = f"not level: {states}"
        raise AssertionError(message)

    def do(self, till: int, do: str, **fields: Any) -> dict[str, Any]:
        """Give a command whose operation or sale has a new id."""
        self._operations += 1
        name = {"sell": "sale"}.get(do, "operation")
        return self.tills[till].ask(do, **{name: f"{self._operations:032x}"}, **fields)

    def stop(self) -> None:
        for till in self.tills:
            till.stop()
        for cable in self.cables:
            cable.close()
        self.office.stop()


@pytest.fixture
def fair(tmp_path: Path) -> Iterator[Fair]:
    one = Fair(tmp_path)
    yield one
    one.stop()


def sold(fair: Fair, till: int, amount: int, **how: Any) -> dict[str, Any]:
    return fair.do(till, "sell", lines=[[9, 1, amount, 0, 0, None]], **how)


def topped_up(fair: Fair, amount: int = 12_000) -> None:
    band = fair.bands[0]
    done = fair.do(0, "top_up", wristband=band, amount_minor=amount, method="cash")
    assert done["event"] == "done"
    fair.level()


def test_a_connected_till_sells_a_guests_whole_balance_beyond_the_alone_limit(fair: Fair) -> None:
    topped_up(fair)
    answer = sold(fair, 1, 12_000, wristband=fair.bands[0])
    assert (answer["event"], answer["rule"], answer["balance_minor"]) == ("paid", "loan", 0)
    fair.level()
    assert sold(fair, 0, 100, wristband=fair.bands[0])["rule"] == "known_balance"


def test_a_till_that_is_cut_off_sells_up_to_its_limit_and_says_so(fair: Fair) -> None:
    topped_up(fair)
    fair.cables[1].pull()
    answer = sold(fair, 1, 6_000, wristband=fair.bands[0])
    assert (answer["event"], answer["rule"], answer["possible_minor"]) == (
        "declined",
        "alone_limit",
        5_000,
    )
    assert sold(fair, 1, 5_000, wristband=fair.bands[0])["event"] == "paid"
    lent = sold(fair, 0, 7_000, wristband=fair.bands[0])
    assert lent["event"] in {"paid", "declined"}  # the office counts the silent till or not yet
    fair.cables[1].plug()
    fair.level()
    state = fair.office.ask("/api/v1/summary")
    assert state["overspend_minor"] == 0


def test_a_guest_is_paid_out_what_is_left_and_only_once(fair: Fair) -> None:
    topped_up(fair, 4_000)
    out = {"wristband": fair.bands[0], "amount_minor": None, "method": "cash"}
    answer = fair.do(1, "pay_out", **out)
    assert (answer["event"], answer["amount_minor"], answer["balance_minor"]) == ("done", 4_000, 0)
    again = fair.do(0, "pay_out", **out | {"amount_minor": 4_000})
    assert again["event"] == "declined"
    assert again["rule"] in {"safe_balance", "only_paid"}  # it asked, or it has heard already


def test_a_lost_wristband_is_replaced_with_a_claim_code(fair: Fair) -> None:
    topped_up(fair, 4_000)
    lost, fresh = fair.bands[0], fair.bands[1]
    claim = fair.tills[0].ask("claim", wristband=lost)
    fair.level()
    link = {"wallet": claim["number"], "wristband": fresh}
    wrong = fair.tills[1].ask("link", **link, claim="000000000000")
    assert (wrong["event"], wrong["rule"]) == ("declined", "wrong_claim")
    done = fair.tills[1].ask("link", **link, claim=claim["claim"])
    assert (done["event"], done["balance_minor"]) == ("done", 4_000)
    assert sold(fair, 1, 1_000, wristband=lost)["rule"] == "blocked"
    assert sold(fair, 1, 1_000, wristband=fresh)["balance_minor"] == 3_000
    fair.level()
    assert sold(fair, 0, 1_000, wristband=fresh)["balance_minor"] == 2_000


def test_what_was_lent_for_a_sale_that_died_comes_back(fair: Fair) -> None:
    topped_up(fair)
    fair.tills[1].send({"do": "sell", "sale": "ab" * 16, "lines": [[9, 1, 9_000, 0, 0, None]],
                        "wristband": fair.bands[0]})  # fmt: skip
    fair.tills[1].kill()
    fair.tills[1].start()
    for _ in range(LEVEL_STEPS):
        fair.level()
        if not any(lent(fair)):
            break
    assert not any(lent(fair))
    total = sold(fair, 0, 12_000, wristband=fair.bands[0])
    again = fair.tills[1].ask(
        "sell", sale="ab" * 16, lines=[[9, 1, 9_000, 0, 0, None]], wristband=fair.bands[0]
    )
    assert {total["event"], again["event"]} == {"paid", "declined"}


def lent(fair: Fair) -> list[int]:
    """Return what tills still hold in unspent loans, as the office's own folder says."""
    opened = open_office(fair.office.folder)
    with look(fair.office.folder, opened.festival) as held:
        bodies = [read_record(raw).body for raw in held.records()]
        wallets = {b.resource[1] for b in bodies if isinstance(b, Allotted)}
        return [unspent(held.cells, wallet_resource(wallet)) for wallet in wallets]
