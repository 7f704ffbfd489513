"""A process stands still for some seconds, as on a machine that swaps: the others go on."""

import os
import signal

from hardware.wall_clock import SystemClock
from tests.outside.fair import Fair, sale_of, until

ANSWER_MS_MAX = 2_000


def test_boxes_go_on_while_the_office_stands_still_and_agree_with_it_afterwards(
    fair: Fair,
) -> None:
    gate, till = fair.opened("gate-going-on", "gate"), fair.opened("till-going-on", "bar")
    fair.level("gate-going-on", "till-going-on")
    clock = SystemClock()
    spent_ms: list[int] = []

    def both_noticed() -> bool:
        ((_, text),) = fair.tickets(1)
        asked_ms = clock.monotonic_ms()
        assert gate.ask("scan", text=text)["verdict"] == "admit"
        assert till.answer(till.send(sale_of(fair.sale())))["event"] == "paid"
        spent_ms.append(clock.monotonic_ms() - asked_ms)
        return not any(box.ask("status")["connected"] for box in (gate, till))

    os.kill(fair.office.pid, signal.SIGSTOP)
    try:
        until(both_noticed, "boxes that noticed")
        assert all(box.ask("status")["only_here"] for box in (gate, till))
    finally:
        os.kill(fair.office.pid, signal.SIGCONT)
    assert max(spent_ms) < ANSWER_MS_MAX
    office = fair.level("gate-going-on", "till-going-on")
    assert office["conflicts"] == []


def test_a_gate_that_stood_still_hears_what_the_others_did_and_judges_by_it(fair: Fair) -> None:
    still, other = fair.opened("gate-still", "gate"), fair.opened("gate-other", "gate")
    fair.level("gate-still", "gate-other")
    ((_, first), (_, waiting)) = fair.tickets(2)
    os.kill(still.pid, signal.SIGSTOP)
    try:
        assert other.ask("scan", text=first)["verdict"] == "admit"
        number = still.send({"do": "scan", "text": waiting})
        until(lambda: other.ask("status")["only_here"] == 0, "the office to hear the other gate")
    finally:
        os.kill(still.pid, signal.SIGCONT)
    assert still.answer(number)["verdict"] == "admit"
    fair.level("gate-still", "gate-other")
    verdict = still.ask("scan", text=first)
    assert (verdict["verdict"], verdict["reason"]) == ("refuse", "already_inside")
    assert "gate-other" in verdict["sentence"]
