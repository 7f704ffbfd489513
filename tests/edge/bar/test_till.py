"""A till's work: what is paid is on the disk, what may not be spent is not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.headless import BadCommand
from edge.store.connection import STORE_FILE
from hardware.bench import ManualClock
from sync.accounts import balance, postings_sum, wallet_balance
from sync.catalogue import UNLIMITED_POLICY, settings_of
from sync.facts import BarSet, Declined, PolicySet, Sold, WristbandBlocked
from sync.names import RunId
from tests.edge.bar.tills import BAND, BEER, OLD, Till, open_till
from tests.edge.boxes import NOW_MS, code_of, make_folder


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    one = open_till(make_folder(tmp_path / "bar", "bar"), ManualClock(NOW_MS))
    one.says(BEER, OLD, BarSet(one.terminal.manifest.terminal_id, 1, "Bar", 4), number=40)
    yield one
    one.terminal.close()


def test_a_sale_from_a_wristband_takes_the_price_and_the_deposit(till: Till) -> None:
    assert till.top_up(1, 2_000)["balance_minor"] == 2_000
    answer = till.do("sell", sale="ab" * 16, items=[[1, 2]], wristband=BAND)
    assert (answer["event"], answer["total_minor"], answer["balance_minor"]) == ("paid", 1160, 840)
    assert answer["rule"] == "alone_limit"
    body = till.body(answer["fact"])
    assert isinstance(body, Sold)
    assert (body.bar, body.known_balance) == (4, 2_000)
    assert balance(till.cells, "deposit") == 200
    assert postings_sum(till.cells) == {0: 0}


def test_a_cup_that_comes_back_gives_its_deposit_back(till: Till) -> None:
    till.top_up(1, 1_000)
    lines = [[1, -2, 100, 0, 2, None]]
    answer = till.do("sell", sale="01" * 16, lines=lines, wristband=BAND)
    assert (answer["total_minor"], answer["balance_minor"]) == (-200, 1_200)


def test_a_sale_given_twice_is_answered_from_the_journal(till: Till) -> None:
    till.top_up(1, 2_000)
    first = till.sell(1, 500)
    again = till.sell(1, 500)
    assert (again["fact"], again["again"], again["balance_minor"]) == (first["fact"], True, 1_500)
    with pytest.raises(BadCommand, match="another content"):
        till.sell(1, 600)
    assert wallet_balance(till.cells, 77) == 1_500


def test_a_sale_is_known_after_a_restart_however_long_ago_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.bar.memory.SALES_REMEMBERED_MAX", 3)
    folder = make_folder(tmp_path / "bar", "bar")
    till = open_till(folder, ManualClock(NOW_MS))
    lines, payments = [[9, 1, 500, 0, 0, None]], [["cash", 500]]
    sold = {"lines": lines, "payments": payments}
    facts = [till.do("sell", sale=f"{n:032x}", **sold)["fact"] for n in range(8)]
    void = till.do("void", sale=f"{7:032x}", lines=[0])["fact"]
    till.terminal.close()
    till = open_till(folder, ManualClock(NOW_MS))
    for number in (0, 7):
        again = till.do("sell", sale=f"{number:032x}", **sold)
        assert (again["fact"], again["again"]) == (facts[number], True)
    assert till.do("void", sale=f"{7:032x}", lines=[0]) == {
        "event": "done",
        "fact": void,
        "again": True,
    }
    last = till.terminal.lane.run(till.desk.greeting)["last"]
    assert (last["fact"], last["voided_lines"]) == (facts[7], [0])
    till.terminal.close()


def test_payments_may_be_several_and_negative_and_must_add_up(till: Till) -> None:
    lines = [[9, 3, 400, 2000, 0, None], [9, -1, 400, 2000, 5, 0], [8, -2, 100, 0, 2, None]]
    with pytest.raises(BadCommand, match="does not undo exactly"):
        till.do("sell", sale="01" * 16, lines=lines, payments=[["cash", 600]])
    lines[1] = [9, -3, 400, 2000, 5, 0]
    payments = [["cash", -500], ["card", 300, None, "x"]]
    answer = till.do("sell", sale="01" * 16, lines=lines, payments=payments)
    assert (answer["event"], answer["total_minor"], answer["rule"]) == ("paid", -200, "tender")
    with pytest.raises(BadCommand, match="payments come to 5"):
        till.do("sell", sale="02" * 16, lines=lines, payments=[[2, 5]])
    assert postings_sum(till.cells) == {0: 0}


def test_a_wallet_spends_at_most_what_is_known_and_the_refusal_is_recorded(till: Till) -> None:
    till.top_up(1, 1_000)
    answer = till.sell(1, 1_100)
    assert (answer["event"], answer["rule"]) == ("declined", "known_balance")
    assert answer["possible_minor"] == 1_000
    assert "10.00 EUR" in answer["sentence"]
    assert isinstance(till.body(answer["fact"]), Declined)
    assert till.sell(1, 1_000)["event"] == "paid"


def test_an_unknown_wristband_pays_nothing_until_its_top_up_is_heard(till: Till) -> None:
    answer = till.sell(1, 1, band={"serial": 12345})
    assert (answer["event"], answer["rule"]) == ("declined", "unknown_wristband")


def test_the_room_for_what_the_office_has_not_acknowledged_survives_a_restart(
    tmp_path: Path,
) -> None:
    folder = make_folder(tmp_path / "bar", "bar")
    clock = ManualClock(NOW_MS)
    till = open_till(folder, clock)
    limits = PolicySet(1, ((1, 1_000), (7, -1)))
    till.says(limits, number=40)
    till.top_up(1, 5_000)
    assert till.sell(1, 800)["event"] == "paid"
    till.terminal.close()
    till = open_till(folder, clock)
    answer = till.sell(2, 300)
    assert (answer["event"], answer["rule"], answer["possible_minor"]) == (
        "declined",
        "alone_limit",
        200,
    )
    exposure = till.do("exposure")
    assert exposure["unacknowledged_minor"] == 800
    run = till.terminal.run
    assert run is not None
    own = [i.run for i in till.terminal.store.shelf.runs()]

    def acknowledge() -> None:
        with till.terminal.store.transaction():
            till.terminal.acknowledge([(RunId(one), 100) for one in own], is_read=True)

    till.terminal.lane.run(acknowledge)
    assert till.do("exposure")["unacknowledged_minor"] == 0
    assert till.sell(2, 300)["event"] == "paid"
    till.terminal.close()


def test_a_void_gives_back_the_money_and_its_own_room_once(till: Till) -> None:
    till.top_up(1, 2_000)
    till.sell(1, 700)
    assert till.do("void", sale=f"{1:032x}", lines=[0])["event"] == "done"
    assert wallet_balance(till.cells, 77) == 2_000
    assert till.do("exposure")["unacknowledged_minor"] == 0
    with pytest.raises(BadCommand, match="not in this sale"):
        till.do("void", sale=f"{1:032x}", lines=[1])
    with pytest.raises(BadCommand, match="has not recorded"):
        till.do("void", sale=f"{2:032x}", lines=[0])


def test_a_top_up_given_twice_counts_once(till: Till) -> None:
    first = till.top_up(1, 500)
    again = till.top_up(1, 500)
    assert (again["fact"], again["again"]) == (first["fact"], True)
    assert wallet_balance(till.cells, 77) == 500
    with pytest.raises(BadCommand, match="another content"):
        till.top_up(1, 600)


def test_a_wallet_holds_at_most_what_the_policy_says(till: Till) -> None:
    answer = till.top_up(1, 25_001)
    assert (answer["event"], answer["rule"], answer["possible_minor"]) == (
        "declined",
        "balance_max",
        25_000,
    )


def test_a_blocked_wristband_pays_nothing(till: Till) -> None:
    till.top_up(1, 1_000)
    till.says(WristbandBlocked(77, "lost"), number=50)
    answer = till.sell(1, 100)
    assert (answer["event"], answer["rule"]) == ("declined", "blocked")
    assert till.do("balance", wristband=BAND)["blocked"]


def test_without_limits_nothing_is_declined(till: Till) -> None:
    till.says(PolicySet(1, settings_of(UNLIMITED_POLICY)), number=50)
    answer = till.sell(1, 999_999, band={"serial": 5})
    assert (answer["event"], answer["balance_minor"]) == ("paid", -999_999)


@pytest.mark.parametrize(
    "do,command",
    [
        ("sell", {}),
        ("sell", {"sale": "01" * 16}),
        ("sell", {"sale": "xyz", "items": [[1, 1]], "wristband": BAND}),
        ("sell", {"sale": "01" * 16, "items": [], "wristband": BAND}),
        ("sell", {"sale": "01" * 16, "items": [[2, 1]], "wristband": BAND}),
        ("sell", {"sale": "01" * 16, "items": [[1, 0]], "wristband": BAND}),
        ("sell", {"sale": "01" * 16, "items": [[1, True]], "wristband": BAND}),
        ("sell", {"sale": "01" * 16, "items": [[1, 1]], "lines": [], "wristband": BAND}),
        ("sell", {"sale": "01" * 16, "lines": [[1, 1, 1.5, 0, 0, None]], "wristband": BAND}),
        ("sell", {"sale": "01" * 16, "lines": [[1, 1, 10**13, 0, 0, None]], "wristband": BAND}),
        ("sell", {"sale": "01" * 16, "items": [[1, 1]], "wristband": "GU1:NO"}),
        ("sell", {"sale": "01" * 16, "items": [[1, 1]], "wristband": code_of(77)}),
        ("sell", {"sale": "01" * 16, "items": [[1, 1]], "wristband": {"serial": "7"}}),
        ("sell", {"sale": "01" * 16, "items": [[1, 1]], "payments": [["wallet", 580, 77]]}),
        (
            "sell",
            {"sale": "01" * 16, "items": [[1, 1]], "payments": [["cash", 580, None, "é" * 41]]},
        ),
        ("sell", {"sale": "01" * 16, "lines": [[1, 1, 1, 0, 0, None]] * 501, "payments": []}),
        ("void", {"sale": "01" * 16, "lines": []}),
        ("void", {"sale": "01" * 16, "lines": [-1]}),
        ("top_up", {"operation": "01" * 16, "wristband": BAND, "amount_minor": 0}),
        (
            "top_up",
            {"operation": "01" * 16, "wristband": BAND, "amount_minor": 5, "method": "wallet"},
        ),
        ("balance", {}),
    ],
)
def test_a_command_that_makes_no_sense_changes_nothing(
    till: Till, do: str, command: dict[str, Any]
) -> None:
    before = till.terminal.store.facts()
    with pytest.raises(BadCommand):
        till.do(do, **command)
    assert till.terminal.store.facts() == before
    assert till.terminal.lane.broken is None


def test_a_basket_that_fits_no_record_is_refused_before_it_is_paid(till: Till) -> None:
    lines = [[n + 70_000, 1, 1_000_000, 2000, 0, None] for n in range(400)]
    with pytest.raises(BadCommand, match="bytes"):
        till.do("sell", sale="01" * 16, lines=lines, payments=[["cash", 400_000_000]])
    with pytest.raises(BadCommand, match="too large for one sale"):
        till.do("sell", sale="03" * 16, lines=lines * 2, payments=[["cash", 800_000_000]])
    huge = [[1, 10**6, 10**6, 0, 0, None]] * 2
    till.says(PolicySet(1, settings_of(UNLIMITED_POLICY)), number=50)
    with pytest.raises(BadCommand, match="whole number"):
        till.do("sell", sale="02" * 16, lines=huge, wristband=BAND)
    assert till.terminal.lane.broken is None
    assert till.top_up(1, 5)["event"] == "done"


def test_a_till_whose_store_was_lost_knows_its_last_sale_when_its_journal_is_back(
    tmp_path: Path,
) -> None:
    folder, clock = make_folder(tmp_path / "bar", "bar"), ManualClock(NOW_MS)
    till = open_till(folder, clock)
    sold = till.do(
        "sell", sale="01" * 16, lines=[[9, 1, 500, 0, 0, None]], payments=[["cash", 500]]
    )
    raws = [raw for raw, _ in till.terminal.store.shelf.all_records()]
    till.terminal.close()
    for file in folder.glob(f"{STORE_FILE}*"):
        file.unlink()
    till = open_till(folder, clock)
    with pytest.raises(BadCommand, match="lost its store"):
        till.do("sell", sale="02" * 16, lines=[[9, 1, 500, 0, 0, None]], payments=[["cash", 500]])

    def gets_it_back() -> None:
        with till.terminal.store.transaction():
            till.terminal.replica.take(raws)
            till.terminal.give_back()
        till.terminal.open_run()

    till.terminal.lane.run(gets_it_back)
    assert till.do("last")["fact"] == sold["fact"]
    till.terminal.close()
