"""Shifts of a till: one at a time, each with a number of its own, whatever happens in between."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import edge.bar.own_shifts
from edge.bar.counted_cash import ShiftTrouble
from edge.bar.own_shifts import shifts_back
from edge.bar.sayings import say
from edge.headless import BadCommand
from edge.store.connection import STORE_FILE
from edge.store.own_walk import walk_back
from sync.accounts import balance, postings_sum
from sync.facts import ShiftClosed, ShiftOpened, Sold, TerminalRevoked
from sync.journal import Record, read_record
from sync.ledger_effects import drawer_account
from sync.names import Role, RunId
from tests.edge.bar.shift_till import ANA, BAR, ShiftTill, beer, chips, shift_till
from tests.edge.boxes import NOW_MS
from tests.sync.builder import Pen, at, sold
from tests.sync.builder import bar as another_bar


@pytest.fixture
def till(tmp_path: Path) -> Iterator[ShiftTill]:
    one = shift_till(tmp_path / "bar")
    yield one
    one.terminal.close()


def drawer(till: ShiftTill, shift: int) -> int:
    account = drawer_account(till.terminal.manifest.terminal_id, shift)
    return till.lane(lambda: balance(till.terminal.store.shelf.cells, account))  # type: ignore[no-any-return]


# --- opening and closing ---


def test_a_shift_is_opened_with_a_counted_float_and_closed_with_a_counted_drawer(
    till: ShiftTill,
) -> None:
    answer = till.do("open_shift", cash=[[2000, 3], [100, 40], [50, 0]])
    assert (answer["event"], answer["shift"], answer["float_minor"]) == ("shift", 1, 10_000)
    opened = till.terminal.store.record(bytes.fromhex(answer["fact"]))  # type: ignore[arg-type]
    assert opened is not None
    assert opened.body == ShiftOpened(1, BAR, ANA, 10_000, ((2000, 3), (100, 40), (50, 0)))
    till.sell(1, [beer(2)])
    last = till.sell(2, [chips()]).number
    report = till.do("close_shift", counted_minor=11_300)
    closed = till.terminal.store.record(bytes.fromhex(report["fact"]))  # type: ignore[arg-type]
    assert closed is not None
    assert closed.body == ShiftClosed(1, BAR, ANA, 11_300, last, None, 11_310)
    assert closed.number == last + 1
    assert report["drawer"]["difference"] == -10
    assert till.lane(lambda: postings_sum(till.terminal.store.shelf.cells)) == {0: 0}


def test_two_shifts_are_never_open_at_once(till: ShiftTill) -> None:
    till.do("open_shift", float_minor=0)
    with pytest.raises(BadCommand, match="Shift 1 is open already"):
        till.do("open_shift", float_minor=0)
    with pytest.raises(BadCommand, match="déjà ouvert"):
        till.do("open_shift", float_minor=0, language="fr")
    till.do("close_shift", counted_minor=0)
    with pytest.raises(BadCommand, match="No shift is open"):
        till.do("close_shift", counted_minor=0)
    with pytest.raises(BadCommand, match="No shift is open"):
        till.do("close_shift")
    assert till.do("open_shift", float_minor=0)["shift"] == 2


def test_the_book_says_which_shift_is_open(till: ShiftTill) -> None:
    assert (till.book.number, till.book.current, till.book.look()) == (0, None, None)
    till.do("open_shift", float_minor=500)
    look = till.book.look()
    assert look is not None
    assert (look["shift"], look["seller"], look["float_minor"]) == (1, "Ana", 500)
    current = till.book.current
    assert current is not None
    assert (current.number, current.bar, current.opened_ms) == (1, BAR, look["opened_ms"])
    till.do("close_shift", counted_minor=500)
    assert till.book.number == 0


BAD_MONEY: list[tuple[str, dict[str, Any], str]] = [
    ("not_counted", {}, "what was counted"),
    ("bad_sum", {"NAME": -1}, "not below zero"),
    ("bad_sum", {"NAME": 1.5}, "whole number"),
    ("bad_sum", {"NAME": True}, "whole number"),
    ("bad_sum", {"NAME": "12"}, "whole number"),
    ("bad_sum", {"NAME": 10**12 + 1}, "whole number"),
    ("bad_sum", {"cash": [[10**8, 10**6]]}, "whole number"),
    ("bad_cash", {"cash": 5}, "pairs"),
    ("bad_cash", {"cash": [5]}, "pairs"),
    ("bad_cash", {"cash": [[100]]}, "pairs"),
    ("bad_cash", {"cash": [[100, -1]]}, "pairs"),
    ("bad_cash", {"cash": [[100, "1"]]}, "pairs"),
    ("bad_cash", {"cash": [[100, 10**6 + 1]]}, "pairs"),
    ("bad_cash", {"cash": [[100, 1], [100, 2]]}, "pairs"),
    ("bad_cash", {"cash": [[100, 1]] * 33}, "32 at most"),
    ("unknown_coin", {"cash": [[300, 1]]}, "no note or coin of 3.00"),
    ("unknown_coin", {"cash": [[0, 1]]}, "no note or coin of 0.00"),
    ("unknown_coin", {"cash": [[10**9, 1]]}, "no note or coin of 10000000.00"),
    ("sums_differ", {"NAME": 99, "cash": [[100, 1]]}, "come to 1.00, the sum says 0.99"),
]


@pytest.mark.parametrize("reason, command, match", BAD_MONEY)
def test_money_that_cannot_have_been_counted_changes_nothing(
    till: ShiftTill, reason: str, command: dict[str, Any], match: str
) -> None:
    opening = {name.replace("NAME", "float_minor"): value for name, value in command.items()}
    facts = till.terminal.store.facts()
    with pytest.raises(BadCommand, match=match):
        till.do("open_shift", **opening)
    assert till.terminal.store.facts() == facts
    till.do("open_shift", float_minor=0)
    closing = {name.replace("NAME", "counted_minor"): value for name, value in command.items()}
    with pytest.raises(BadCommand, match=match):
        till.do("close_shift", **closing)
    assert till.book.number == 1
    with pytest.raises(BadCommand) as french:
        till.do("close_shift", **closing, language="fr")
    assert str(french.value)[:10] == say(reason, "fr", "", "")[:10]
    assert till.terminal.lane.broken is None


@pytest.mark.parametrize("value", [1, 2, 5, 10, 20, 25, 50, 100, 250, 2000, 50_000, 10**8])
def test_notes_and_coins_of_any_currency_are_known(till: ShiftTill, value: int) -> None:
    answer = till.do("open_shift", cash=[[value, 2]], float_minor=2 * value)
    assert answer["float_minor"] == 2 * value


def test_a_sentence_in_french_writes_amounts_with_a_comma() -> None:
    trouble = ShiftTrouble("sums_differ", "1.00", "0.99")
    assert trouble.sentence("fr").endswith("font 1,00, la somme indique 0,99.")
    assert trouble.sentence("en").endswith("come to 1.00, the sum says 0.99.")


@pytest.mark.parametrize("shift", [0, -1, "1", True, 2**32])
def test_a_shift_that_is_no_number_is_refused(till: ShiftTill, shift: object) -> None:
    with pytest.raises(BadCommand, match="whole number"):
        till.do("report", shift=shift)


def test_who_records_shifts_may_be_somebody_else(till: ShiftTill) -> None:
    seen: list[Record] = []

    def record(body: Any) -> Record:
        made = till.terminal.record(body)
        seen.append(made)
        till.book.note(made)
        return made

    till.book.record = record
    till.do("open_shift", float_minor=100)
    assert till.do("close_shift", counted_minor=100)["check"] == ""
    assert [type(one.body) for one in seen] == [ShiftOpened, ShiftClosed]


# --- restarts ---


def test_a_shift_goes_on_after_a_restart_with_everything_that_was_in_it(till: ShiftTill) -> None:
    till.do("open_shift", float_minor=1_000)
    till.sell(1, [beer(2)])
    till.sell(2, [chips()])
    till.void(2, 0)
    before = till.do("report")
    till.reopen()
    after = till.do("report")
    assert {**after, "last_number": 0} == {**before, "last_number": 0}
    assert (after["shift"], after["gross"], after["sales"], after["voids"]) == (1, 960, 2, 1)
    till.sell(3, [beer()])
    till.reopen()
    report = till.do("close_shift", counted_minor=1_000 + 960 + 480)
    assert (report["check"], report["drawer"]["difference"], report["sales"]) == ("", 0, 3)
    till.reopen()
    assert till.book.number == 0
    assert till.do("open_shift", float_minor=0)["shift"] == 2


def test_what_was_recorded_before_the_fold_is_in_the_shift_after_a_crash(
    till: ShiftTill, tmp_path: Path
) -> None:
    till.do("open_shift", float_minor=0)
    for sale in range(5):
        till.sell(sale)
    copy = tmp_path / "copy"
    shutil.copytree(till.folder, copy)  # as a power cut leaves it: nothing was settled
    crashed = ShiftTill(copy)
    assert crashed.do("report")["sales"] == 5
    assert crashed.do("close_shift", counted_minor=2_400)["check"] == ""
    crashed.terminal.close()


def test_numbers_are_not_used_again_when_a_lost_store_comes_back(
    till: ShiftTill, tmp_path: Path
) -> None:
    for _ in range(2):
        till.do("open_shift", float_minor=0)
        till.sell(till.book.number, [beer()])
        till.do("close_shift", counted_minor=480)
    till.do("open_shift", float_minor=70)
    till.sell(9, [beer()])
    own = till.terminal.manifest.terminal_id
    raws = [
        raw
        for raw, _ in till.lane(lambda: list(till.terminal.store.shelf.all_records()))
        if read_record(raw).terminal == own
    ]
    till.terminal.close()
    for part in ("", "-wal", "-shm"):
        (till.folder / f"{STORE_FILE}{part}").unlink(missing_ok=True)
    till.open()
    assert till.book.number == 0
    with pytest.raises(BadCommand, match="lost its store"):
        till.do("open_shift", float_minor=0)
    assert till.book.number == 0

    def come_back() -> None:
        with till.terminal.store.transaction():
            till.terminal.replica.take(raws)
            till.terminal.give_back()
        till.terminal.open_run()

    till.lane(come_back)
    assert till.book.number == 3
    report = till.do("close_shift", counted_minor=550)
    assert (report["check"], report["gross"], report["drawer"]["expected"]) == ("", 480, 550)
    assert (report["grand_total_before"], report["grand_total_after"]) == (960, 1_440)
    assert till.do("open_shift", float_minor=0)["shift"] == 4


def test_a_till_that_was_withdrawn_gives_out_no_number_twice(till: ShiftTill) -> None:
    own = till.terminal.manifest.terminal_id
    run = till.terminal.run
    assert run is not None
    till.do("open_shift", float_minor=0)
    till.do("close_shift", counted_minor=0)
    till.says(TerminalRevoked(own, ((run, 0),)), number=60)
    assert till.do("open_shift", float_minor=0)["shift"] == 2
    till.reopen()
    assert till.book.number == 2
    till.do("close_shift", counted_minor=0)
    till.reopen()
    assert till.do("open_shift", float_minor=0)["shift"] == 3


def test_the_shifts_of_a_copied_box_are_not_this_ones_and_its_numbers_are_not_used(
    till: ShiftTill,
) -> None:
    till.do("open_shift", float_minor=30)
    till.sell(1)
    copied = Pen(Role.BAR, 10, run=3, moment=at(NOW_MS - 60_000))
    copied(ShiftOpened(2, BAR, ANA, 0), ShiftClosed(2, BAR, ANA, 0, 1))
    till.lane(lambda: _take(till, copied.records))
    till.reopen()
    assert till.do("report")["sales"] == 1
    assert till.do("close_shift", counted_minor=510)["shift"] == 1
    till.reopen()
    assert till.book.number == 0
    assert till.do("open_shift", float_minor=0)["shift"] == 3


def test_a_walk_gives_each_shift_with_what_was_recorded_in_it(till: ShiftTill) -> None:
    till.sell(1)
    till.do("open_shift", float_minor=0)
    till.sell(2)
    till.sell(3)
    till.do("close_shift", counted_minor=0)
    till.sell(4)
    till.do("open_shift", float_minor=0)
    till.sell(5)

    def walked(*, is_open: bool) -> list[tuple[int, bool, list[int]]]:
        raws = till.lane(lambda: list(walk_back(till.terminal.store, till.terminal.run)))
        return [
            (one.number, one.closed is not None, [_sale(record) for record in one.records()])
            for one in shifts_back(raws, is_open=is_open)
        ]

    assert walked(is_open=True) == [(2, False, [5]), (1, True, [2, 3])]
    assert walked(is_open=False) == [(1, True, [2, 3])]


# --- how much is read ---


def test_a_start_reads_only_what_this_till_recorded_since_the_shift_was_opened(
    till: ShiftTill, monkeypatch: pytest.MonkeyPatch
) -> None:
    for sale in range(30):
        till.sell(sale)  # outside of any shift
    till.do("open_shift", float_minor=0)
    for sale in range(30, 50):
        till.sell(sale)
    stranger = another_bar(12)
    stranger(*(_of_other(n) for n in range(200)))
    till.lane(lambda: _take(till, stranger.records))
    till.terminal.close()
    decoded: list[bytes] = []

    def counting(raw: bytes) -> Record:
        decoded.append(raw)
        return read_record(raw)

    monkeypatch.setattr(edge.bar.own_shifts, "read_record", counting)
    till.open()
    assert till.book.number == 1
    assert len(decoded) == 22  # with the opening of this run
    assert till.do("report")["sales"] == 20
    assert len(decoded) == 22  # with the opening of this run


def test_a_start_without_an_open_shift_reads_nothing_of_the_journal(
    till: ShiftTill, monkeypatch: pytest.MonkeyPatch
) -> None:
    till.do("open_shift", float_minor=0)
    till.do("close_shift", counted_minor=0)
    till.terminal.close()

    def nothing(*_: object) -> Iterator[bytes]:
        raise AssertionError

    monkeypatch.setattr("edge.bar.shifts.walk_back", nothing)
    till.open()
    assert till.book.number == 0


def test_the_walk_back_uses_an_index_and_stays_with_its_own_journal(till: ShiftTill) -> None:
    till.do("open_shift", float_minor=0)
    till.reopen()
    till.sell(1)
    till.reopen()
    stranger = another_bar(12)
    till.lane(lambda: _take(till, stranger.records))
    run = till.terminal.run
    raws = till.lane(lambda: list(walk_back(till.terminal.store, run)))
    kinds = [type(read_record(raw).body).__name__ for raw in raws]
    assert kinds == ["RunOpened", "Sold", "RunOpened", "ShiftOpened", "RunOpened"]
    assert till.lane(lambda: list(walk_back(till.terminal.store, None))) == []
    assert till.lane(lambda: list(walk_back(till.terminal.store, RunId(b"?" * 16)))) == []
    plan = till.lane(
        lambda: till.terminal.store.connection.execute(
            "EXPLAIN QUERY PLAN SELECT raw FROM journal WHERE run = ? AND number <= ?"
            " ORDER BY number DESC, arrival DESC",
            (run, 5),
        ).fetchall()
    )
    assert "USING INDEX journal_place" in str(plan)
    assert "TEMP B-TREE" not in str(plan)


def _sale(record: Record) -> int:
    assert isinstance(record.body, Sold)
    return int.from_bytes(record.body.sale, "big")


def _of_other(sale: int) -> Any:
    return sold(1_000 + sale)


def _take(till: ShiftTill, records: list[Record]) -> None:
    with till.terminal.store.transaction():
        till.terminal.replica.take([record.raw for record in records])
