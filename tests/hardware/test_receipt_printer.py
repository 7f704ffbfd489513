"""A till hands slips in and goes on: each is answered once, whatever becomes of the printer."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.ports import Code, Line, ReceiptPrinter, Slip
from hardware.receipt_printer import JOBS_MAX, SLIP_ROWS_MAX, QueuedPrinter
from hardware.receipts.cables import FileCable, NetworkCable
from hardware.receipts.status import PrinterTrouble
from tests.hardware.receipts.paper import printed
from tests.hardware.receipts.servers import Silent, listening
from tests.hardware.waiting import until

BEER: Slip = (Line("2 × Bière", "9,00 €"),)


class Cable:
    """A cable that a test holds in its hands: it stops at `go`, and fails as it is told."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.begun = threading.Event()
        self.jobs: list[tuple[bytes, bool]] = []
        self.trouble = ""
        self.mistake = False
        self.closed = 0

    def send(self, job: bytes, *, needs_paper: bool = True) -> None:
        self.begun.set()
        assert self.go.wait(20)
        if self.mistake:
            self.mistake = False
            raise RuntimeError
        if self.trouble:
            raise PrinterTrouble(self.trouble)
        self.jobs.append((job, needs_paper))

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def cable() -> Cable:
    return Cable()


@pytest.fixture
def printer(cable: Cable) -> Iterator[QueuedPrinter]:
    printer = QueuedPrinter(cable, columns=32, drawer=True)
    yield printer
    cable.go.set()
    printer.close()


def test_slips_are_printed_in_their_order_and_told_from_another_thread(
    printer: ReceiptPrinter, cable: Cable
) -> None:
    told: list[tuple[int, str, bool]] = []
    me = threading.current_thread()

    def print_beers(count: int) -> None:
        printer.print(
            (Line("Beers", str(count)),),
            lambda trouble: told.append((count, trouble, threading.current_thread() is me)),
        )

    for count in (1, 2, 3):
        print_beers(count)
    assert told == []
    cable.go.set()
    assert until(lambda: len(told) == 3)
    assert told == [(1, "", False), (2, "", False), (3, "", False)]
    amounts = [printed(job).texts[0].split()[-1] for job, _ in cable.jobs]
    assert amounts == ["1", "2", "3"]
    assert printer.trouble == ""


def test_a_slip_that_failed_is_told_and_not_tried_again(
    printer: QueuedPrinter, cable: Cable
) -> None:
    told: list[str] = []
    cable.go.set()
    cable.trouble = "the receipt printer is out of paper"
    printer.print(BEER, told.append)
    assert until(lambda: told == ["the receipt printer is out of paper"])
    assert printer.trouble == "the receipt printer is out of paper"
    cable.trouble = ""
    printer.print(BEER, told.append)
    assert until(lambda: told[1:] == [""])
    assert printer.trouble == ""
    assert len(cable.jobs) == 1


def test_more_slips_than_a_queue_holds_are_refused_at_once(
    printer: QueuedPrinter, cable: Cable
) -> None:
    told: list[str] = []
    printer.print(BEER, told.append)
    assert cable.begun.wait(20)
    for _ in range(JOBS_MAX + 2):
        printer.print(BEER, told.append)
    assert until(lambda: len(told) == 2)
    assert all("16 receipts wait for the printer already" in trouble for trouble in told)
    printer.open_drawer()
    assert "16 receipts wait" in printer.trouble
    cable.go.set()
    assert until(lambda: len(told) == JOBS_MAX + 3)
    assert told[2:] == [""] * (JOBS_MAX + 1)
    assert len(cable.jobs) == JOBS_MAX + 1


def test_closing_finishes_the_slip_under_way_and_tells_the_others(
    printer: QueuedPrinter, cable: Cable
) -> None:
    told: list[str] = []
    for _ in range(3):
        printer.print(BEER, told.append)
    assert cable.begun.wait(20)
    closing = threading.Thread(target=printer.close)
    closing.start()
    assert until(lambda: printer._closed)
    printer.print(BEER, told.append)
    cable.go.set()
    closing.join(20)
    assert until(lambda: len(told) == 4)
    assert (
        sorted(told)
        == ["", "the receipt printer is closed"]
        + ["the receipt printer was closed before this receipt"] * 2
    )
    assert (len(cable.jobs), cable.closed) == (1, 1)
    printer.close()
    printer.open_drawer()
    assert cable.closed == 1


def test_a_listener_that_closes_the_printer_does_not_wait_for_itself(
    printer: QueuedPrinter, cable: Cable
) -> None:
    cable.go.set()
    done = threading.Event()

    def close_it(_: str) -> None:
        printer.close()
        done.set()

    printer.print(BEER, close_it)
    assert done.wait(4)


def test_a_mistake_in_the_program_costs_one_slip(
    printer: QueuedPrinter, cable: Cable, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    fallen: list[object] = []
    monkeypatch.setattr(threading, "excepthook", fallen.append)
    cable.mistake = True
    for _ in range(3):
        printer.print(BEER, told.append)
    cable.go.set()
    assert until(lambda: len(told) == 3)
    assert told == ["the receipt could not be set: a mistake in the program", "", ""]
    assert len(cable.jobs) == 2
    assert until(lambda: len(fallen) == 1)  # its thread has ended, and hurts no other test


def test_a_drawer_opens_after_the_slips_before_without_paper(
    printer: QueuedPrinter, cable: Cable
) -> None:
    cable.go.set()
    told: list[str] = []
    printer.print(BEER, told.append)
    printer.open_drawer()
    assert until(lambda: len(cable.jobs) == 2)
    assert cable.jobs[1] == (b"\x1bp\x0022", False)
    cable.trouble = "the receipt printer does not answer"
    printer.open_drawer()
    assert until(lambda: printer.trouble == "the receipt printer does not answer")
    cable.trouble = ""
    printer.open_drawer()
    assert until(lambda: len(cable.jobs) == 3)
    assert printer.trouble == "the receipt printer does not answer", "only a slip proves it"


def test_without_a_drawer_nothing_is_sent(cable: Cable) -> None:
    cable.go.set()
    printer = QueuedPrinter(cable)
    printer.open_drawer()
    told: list[str] = []
    printer.print(BEER, told.append)
    assert until(lambda: told == [""])
    printer.close()
    assert len(cable.jobs) == 1


@pytest.mark.parametrize(
    "slip,sentence",
    [
        ((Line("x"),) * (SLIP_ROWS_MAX + 1), "more than 400 rows"),
        ((Line("x" * 4_000, "y" * 97),), "more than 4096 characters"),
        ((Code("x" * 4_097),), "more than 4096 characters"),
    ],
)
def test_a_slip_without_measure_is_refused(
    printer: QueuedPrinter, cable: Cable, slip: Slip, sentence: str
) -> None:
    told: list[str] = []
    cable.go.set()
    printer.print(slip, told.append)
    assert until(lambda: told)
    assert sentence in told[0]
    assert printer.trouble == ""


def test_paper_of_another_width_is_refused(cable: Cable) -> None:
    with pytest.raises(ValueError, match="32, 42, 48 columns, not 40"):
        QueuedPrinter(cable, columns=40)


def test_a_receipt_goes_over_a_real_line_and_into_a_real_file(tmp_path: Path) -> None:
    told: list[str] = []
    server = Silent()
    with listening(server) as port:
        over_the_line = QueuedPrinter(NetworkCable("127.0.0.1", port))
        over_the_line.print(BEER, told.append)
        assert until(lambda: told == [""])
        over_the_line.close()
    into_a_file = QueuedPrinter(FileCable(tmp_path / "slips"))
    into_a_file.print(BEER, told.append)
    assert until(lambda: told == ["", ""])
    into_a_file.close()
    job = (tmp_path / "slips").read_bytes()
    assert server.jobs[0].replace(b"\x10\x04\x04", b"") == job
    assert printed(job).texts == ["2 × Bière" + " " * 27 + "9,00 €"]


def test_a_printer_that_comes_back_prints_the_next_slip() -> None:
    told: list[str] = []
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    printer = QueuedPrinter(NetworkCable("127.0.0.1", port))
    printer.print(BEER, told.append)
    assert until(lambda: told)
    assert f"127.0.0.1:{port} does not answer" in printer.trouble
    server = Silent()
    with socket.socket() as ear:
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        ear.bind(("127.0.0.1", port))
        ear.listen()
        printer.print(BEER, told.append)
        line, _ = ear.accept()
        with line:
            server(line)
    assert until(lambda: told[1:] == [""])
    assert printer.trouble == ""
    assert len(server.jobs) == 1
    printer.close()
