"""Printing at a till: one original, honest duplicates, and a sale that stands without paper."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from edge.bar.printing import Printing
from edge.headless import BadCommand
from hardware.bench import BenchPrinter
from hardware.ports import Line, Slip
from sync.facts import LineKind
from tests.edge.bar.shift_till import ShiftTill, beer, chips, number, shift_till


class HeldPrinter:
    """A printer that is as slow as a test wants: it finishes a slip when it is told to."""

    def __init__(self) -> None:
        self.trouble = ""
        self.jobs: list[tuple[Slip, Callable[[str], object]]] = []

    def print(self, slip: Slip, when_done: Callable[[str], object]) -> None:
        self.jobs.append((slip, when_done))

    def open_drawer(self) -> None:
        """Nothing opens."""

    def close(self) -> None:
        """Nothing is let go of."""


@dataclass
class Desk:
    """A till with a printer, and what was told of it."""

    till: ShiftTill
    printer: Any = field(default_factory=BenchPrinter)
    told: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Take up work, as at the start of a process."""
        self.printing = Printing(self.till.terminal, self.till.book, self.told.append, self.printer)

    def print(self, **command: Any) -> dict[str, Any]:
        def job() -> dict[str, Any] | BadCommand:
            try:
                return self.printing.commands()["print"](command)
            except BadCommand as trouble:
                return trouble

        answer = self.till.lane(job)
        if isinstance(answer, BadCommand):
            raise answer
        return answer  # type: ignore[no-any-return]  # the lane gives what the job returned


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    one = Desk(shift_till(tmp_path / "bar"))
    yield one
    one.till.terminal.close()


def hex_of(sale: int) -> str:
    return number(sale).hex()


def is_duplicate(slip: Slip) -> bool:
    texts = {row.text for row in slip if isinstance(row, Line)}
    return bool(texts & {"DUPLICATE", "DUPLICATA"})


def texts(slip: Slip) -> set[str]:
    return {row.text for row in slip if isinstance(row, Line)}


def test_the_first_print_of_a_sale_is_the_original_and_every_later_one_a_duplicate(
    desk: Desk,
) -> None:
    desk.till.sell(1, [beer(2)])
    for _ in range(3):
        assert desk.print(sale=hex_of(1)) == {"event": "done"}
    assert [is_duplicate(slip) for slip in desk.printer.slips] == [False, True, True]
    assert desk.told == [{"event": "printed", "sale": hex_of(1), "trouble": ""}] * 3


def test_a_receipt_names_festival_bar_till_and_who_sold(desk: Desk) -> None:
    desk.till.do("open_shift", float_minor=0)
    desk.till.sell(0xABCDEF << 104, [beer(2)])
    desk.print(sale=hex_of(0xABCDEF << 104))
    assert {"Test", "Main bar · bar", "Served by Ana", "Receipt 1-ABCDEF00"} <= texts(
        desk.printer.slips[0]
    )
    assert Line("2 × Bière blonde", "9.60 EUR") in desk.printer.slips[0]
    assert "2026-11-18 11:06" in texts(desk.printer.slips[0])


def test_the_language_of_a_slip_is_what_was_asked_for(desk: Desk) -> None:
    desk.till.sell(1)
    desk.print(sale=hex_of(1), language="fr")
    desk.print(sale=hex_of(1), language="fr")
    assert "Merci !" in texts(desk.printer.slips[0])
    assert "DUPLICATA" in texts(desk.printer.slips[1])


def test_a_sale_stands_although_the_printer_is_gone_and_is_printed_later(desk: Desk) -> None:
    desk.till.sell(1)
    desk.printer.failing = "The printer is not there: plug it in."
    desk.print(sale=hex_of(1))
    assert desk.told[-1] == {
        "event": "printed",
        "sale": hex_of(1),
        "trouble": "The printer is not there: plug it in.",
    }
    assert desk.printing.trouble == "The printer is not there: plug it in."
    desk.printer.failing = ""
    desk.print(sale=hex_of(1))
    assert desk.printing.trouble == ""
    assert [is_duplicate(slip) for slip in desk.printer.slips] == [False]
    assert desk.till.do("history")["rows"][0]["sale"] == hex_of(1)


def test_after_a_restart_everything_from_before_is_a_duplicate(desk: Desk) -> None:
    desk.till.sell(1)
    desk.print(sale=hex_of(1))
    desk.till.reopen()
    desk.begin()
    desk.till.sell(2)
    for sale in (1, 2):
        desk.print(sale=hex_of(sale))
    assert [is_duplicate(slip) for slip in desk.printer.slips] == [False, True, False]


def test_a_sale_that_is_just_being_printed_is_not_an_original_twice(desk: Desk) -> None:
    desk.printer = HeldPrinter()
    desk.begin()
    desk.till.sell(1)
    desk.print(sale=hex_of(1))
    desk.print(sale=hex_of(1))
    (first, first_done), (second, second_done) = desk.printer.jobs
    assert (is_duplicate(first), is_duplicate(second)) == (False, True)
    first_done("out of paper")
    second_done("")
    desk.print(sale=hex_of(1))
    assert is_duplicate(desk.printer.jobs[2][0])
    assert [one["trouble"] for one in desk.told] == ["out of paper", ""]


def test_printing_waits_for_no_printer(desk: Desk) -> None:
    desk.printer = HeldPrinter()
    desk.begin()
    desk.till.sell(1)
    assert desk.print(sale=hex_of(1)) == {"event": "done"}
    assert desk.told == []
    desk.till.sell(2)
    _, done = desk.printer.jobs[0]
    thread = threading.Thread(target=done, args=("",))
    thread.start()
    thread.join()
    assert desk.told[0]["sale"] == hex_of(1)


def long_sale() -> list[Any]:
    return [(1, 1, n, 0, int(LineKind.ITEM), None) for n in range(1, 251)]


def test_a_long_receipt_comes_out_in_parts_one_after_the_other(desk: Desk) -> None:
    desk.printer = HeldPrinter()
    desk.begin()
    desk.till.sell(1, long_sale())
    desk.print(sale=hex_of(1))
    assert len(desk.printer.jobs) == 1
    desk.printer.jobs[0][1]("")
    assert desk.told == []
    assert "continued, part 2 of 2" in texts(desk.printer.jobs[1][0])
    desk.printer.jobs[1][1]("")
    assert desk.told == [{"event": "printed", "sale": hex_of(1), "trouble": ""}]
    assert len(desk.printer.jobs) == 2


def test_a_long_receipt_that_broke_off_is_not_out(desk: Desk) -> None:
    desk.printer = HeldPrinter()
    desk.begin()
    desk.till.sell(1, long_sale())
    desk.print(sale=hex_of(1))
    desk.printer.jobs[0][1]("the paper is torn")
    assert len(desk.printer.jobs) == 1
    desk.print(sale=hex_of(1))
    assert not is_duplicate(desk.printer.jobs[1][0])


def test_of_too_many_receipts_the_old_ones_are_taken_as_printed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.bar.printing.PRINTED_REMEMBERED_MAX", 2)
    for sale in range(1, 6):
        desk.till.sell(sale)
    for sale in (2, 3, 4):
        desk.print(sale=hex_of(sale))
    for sale in (1, 2, 3, 4, 5):
        desk.print(sale=hex_of(sale))
    assert [is_duplicate(slip) for slip in desk.printer.slips[3:]] == [
        True,
        True,
        True,
        True,
        False,
    ]


def test_a_z_is_remembered_however_many_receipts_are_forgotten(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.bar.printing.PRINTED_REMEMBERED_MAX", 2)
    desk.till.do("open_shift", float_minor=0)
    desk.till.do("close_shift", counted_minor=0)
    desk.print(shift=1)
    for sale in range(1, 4):
        desk.till.sell(sale)
        desk.print(sale=hex_of(sale))
    desk.print(shift=1)
    assert [is_duplicate(slip) for slip in desk.printer.slips] == [*[False] * 4, True]


def test_a_z_comes_out_once_as_an_original_and_an_x_is_never_a_duplicate(desk: Desk) -> None:
    desk.till.do("open_shift", float_minor=0)
    desk.till.sell(1, [chips()])
    for _ in range(2):
        desk.print(shift=1)
    desk.till.do("close_shift", counted_minor=350)
    for _ in range(2):
        desk.print(shift=1, language="fr")
    desk.till.reopen()
    desk.begin()
    desk.print(shift=1)
    titles = [next(iter(texts(slip) & TITLES)) for slip in desk.printer.slips]
    assert titles == [
        "X REPORT, shift 1",
        "X REPORT, shift 1",
        "RAPPORT Z, service 1",
        "RAPPORT Z, service 1",
        "Z REPORT, shift 1",
    ]
    assert [is_duplicate(slip) for slip in desk.printer.slips] == [False, False, False, True, True]
    assert desk.told[0] == {"event": "printed", "shift": 1, "trouble": ""}


TITLES = {"X REPORT, shift 1", "Z REPORT, shift 1", "RAPPORT Z, service 1"}


def test_a_claim_slip_is_printed_as_often_as_it_is_asked_for(desk: Desk) -> None:
    for _ in range(2):
        desk.print(claim="K7P-2QX", number="123 4567 8901", language="fr")
    assert {"K7P-2QX", "123 4567 8901", "Main bar · bar"} <= texts(desk.printer.slips[1])
    assert not is_duplicate(desk.printer.slips[1])
    assert desk.told[0] == {"event": "printed", "number": "123 4567 8901", "trouble": ""}


def test_what_is_left_on_a_wristband_is_printed_if_the_desk_knows_it(desk: Desk) -> None:
    desk.till.sell(1)
    desk.till.lane(lambda: desk.printing.print_sale(number(1), "en", 2_140))
    assert Line("Left on the wristband", "21.40 EUR") in desk.printer.slips[0]


@pytest.mark.parametrize(
    "command, match",
    [
        ({}, "Say what to print"),
        ({"language": "fr"}, "Dites quoi imprimer"),
        ({"sale": "xyz"}, "32 hex"),
        ({"sale": "00" * 16}, "no such sale"),
        ({"sale": "00" * 16, "language": "fr"}, "n'a pas cette vente"),
        ({"shift": 0}, "whole number"),
        ({"shift": 9}, "no closed shift 9"),
        ({"shift": 9, "language": "fr"}, "pas de service 9"),
        ({"claim": 5, "number": "1"}, "claim must be a text"),
        ({"claim": "K7P"}, "number must be a text"),
        ({"claim": "x" * 61, "number": "1"}, "at most 60"),
    ],
)
def test_what_cannot_be_printed_is_told_and_nothing_comes_out(
    desk: Desk, command: dict[str, Any], match: str
) -> None:
    with pytest.raises(BadCommand, match=match):
        desk.print(**command)
    assert desk.printer.slips == []
    assert desk.told == []


def test_a_till_without_a_printer_says_so_and_goes_on(desk: Desk) -> None:
    desk.till.sell(1)
    desk.printer = None
    desk.begin()
    for command in ({"sale": hex_of(1)}, {"shift": 1}, {"claim": "a", "number": "b"}):
        with pytest.raises(BadCommand, match="No receipt printer"):
            desk.print(**command)
        with pytest.raises(BadCommand, match="Aucune imprimante"):
            desk.print(**command, language="fr")
    assert (desk.printing.trouble, desk.printing.is_there) == ("", False)
    desk.printing.open_drawer()


def test_the_drawer_is_the_printers(desk: Desk) -> None:
    assert desk.printing.is_there
    desk.printing.open_drawer()
    assert desk.printer.drawer_openings == 1
