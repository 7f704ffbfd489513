"""The fakes keep the promises of their ports, so that what is tested with them holds outside."""

import threading

import pytest

from hardware.bench import BenchPrinter, BenchSignals, BenchSource, BenchTurnstile
from hardware.ports import (
    CodeSource,
    Heard,
    Line,
    ReceiptPrinter,
    Signal,
    SignalOutput,
    Turnstile,
    Way,
)


def test_the_bench_turnstile_counts_who_walked_and_calls_back_once_from_a_thread() -> None:
    bench = BenchTurnstile()
    turnstile: Turnstile = bench
    passed: list[tuple[int, bool]] = []
    me = threading.current_thread()
    turnstile.open(Way.IN, 2, lambda n: passed.append((n, threading.current_thread() is me)))
    bench.walk()
    assert passed == []
    bench.walk()
    assert passed == [(2, False)]
    bench.run_out()
    turnstile.close()
    assert passed == [(2, False)]


def test_a_second_open_on_the_bench_ends_the_first_with_what_has_passed() -> None:
    bench = BenchTurnstile()
    passed: list[str] = []
    bench.open(Way.IN, 3, lambda n: passed.append(f"first {n}"))
    bench.walk()
    bench.open(Way.OUT, 1, lambda n: passed.append(f"second {n}"))
    assert passed == ["first 1"]
    bench.run_out()
    assert passed == ["first 1", "second 0"]
    assert bench.opened == [(Way.IN, 3), (Way.OUT, 1)]


def test_a_closed_bench_turnstile_answers_at_once_that_nobody_passed() -> None:
    bench = BenchTurnstile()
    passed: list[int] = []
    bench.open(Way.IN, 1, passed.append)
    bench.close()
    bench.open(Way.IN, 1, passed.append)
    assert passed == [0, 0]
    assert not bench.is_open


def test_nobody_walks_through_a_locked_bench_turnstile() -> None:
    with pytest.raises(ValueError, match="locked"):
        BenchTurnstile().walk()
    with pytest.raises(ValueError, match="at least one guest"):
        BenchTurnstile().open(Way.IN, 0, lambda _: None)


def test_bench_signals_take_notes() -> None:
    bench = BenchSignals()
    lamp: SignalOutput = bench
    lamp.show(Signal.ADMIT)
    lamp.show(Signal.READY)
    lamp.close()
    assert (bench.shown, bench.closed, lamp.trouble) == ([Signal.ADMIT, Signal.READY], True, "")


def test_a_bench_source_is_heard_from_its_own_thread_until_it_is_closed() -> None:
    bench = BenchSource("scanner 1")
    source: CodeSource = bench
    heard: list[Heard] = []
    bench.say("before anybody listens")
    source.start(heard.append)
    bench.say("GU1:ABC")
    bench.say(None, b"\x04\x01\x02\x03", 7)
    source.close()
    bench.say("after")
    assert heard == [
        Heard("GU1:ABC", None, "scanner 1"),
        Heard(None, b"\x04\x01\x02\x03", "scanner 1", 7),
    ]


def test_a_bench_printer_keeps_its_slips_until_it_is_told_to_fail_or_closed() -> None:
    bench = BenchPrinter()
    printer: ReceiptPrinter = bench
    told: list[tuple[str, bool]] = []
    me = threading.current_thread()

    def tell(trouble: str) -> None:
        told.append((trouble, threading.current_thread() is me))

    slip = (Line("Total", "12,50 €"),)
    printer.print(slip, tell)
    printer.open_drawer()
    bench.failing = "the paper is out"
    printer.print(slip, tell)
    printer.open_drawer()
    assert printer.trouble == "the paper is out"
    printer.close()
    printer.print(slip, tell)
    assert told == [
        ("", False),
        ("the paper is out", False),
        ("the receipt printer is closed", False),
    ]
    assert (bench.slips, bench.drawer_openings) == ([slip], 1)
