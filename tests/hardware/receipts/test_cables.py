"""A job goes out whole, or a sentence says why not: nothing waits for ever, nothing goes twice.

Real sockets, real files; a USB printer cannot be had here, so its library is given a fake bus.
"""

import errno
import os
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest
from usb import core  # type: ignore[import-untyped]

from hardware.receipts.cables import Cable, FileCable, NetworkCable, UsbCable
from hardware.receipts.status import PrinterTrouble, port_trouble
from tests.hardware.receipts.servers import Manners, Silent, Talking, listening
from tests.hardware.waiting import until

JOB = b"\x1b@two beers\n" * 40


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hardware.receipts.cables.CONNECT_MS", 1_000)
    monkeypatch.setattr("hardware.receipts.cables.SEND_MS", 1_000)
    monkeypatch.setattr("hardware.receipts.cables.TAKEN_MS", 250)
    monkeypatch.setattr("hardware.receipts.status.ANSWER_MS", 100)
    monkeypatch.setattr("hardware.receipts.status.PRINTED_MS", 300)


def _trouble(cable: Cable, job: bytes = JOB, *, needs_paper: bool = True) -> str:
    with pytest.raises(PrinterTrouble) as trouble:
        cable.send(job, needs_paper=needs_paper)
    assert "\n" not in str(trouble.value)
    cable.close()
    return str(trouble.value)


def test_a_printer_that_says_nothing_gets_its_job_whole_and_once() -> None:
    printer = Silent()
    with listening(printer) as port:
        NetworkCable("127.0.0.1", port).send(JOB)
        NetworkCable("localhost", port).send(b"second")
        assert until(lambda: len(printer.jobs) == 2)
    assert [job.replace(b"\x10\x04\x04", b"") for job in printer.jobs] == [JOB, b"second"]


def test_a_printer_that_answers_is_believed_when_all_is_on_paper() -> None:
    printer = Talking()
    with listening(printer) as port:
        NetworkCable("127.0.0.1", port).send(JOB)
        assert until(lambda: printer.jobs == [JOB])


def test_a_printer_that_does_not_know_the_last_question_is_asked_how_it_is() -> None:
    printer = Talking()
    printer.knows_gs_r = False
    with listening(printer) as port:
        NetworkCable("127.0.0.1", port).send(JOB)
        assert until(lambda: printer.jobs == [JOB])


@pytest.mark.parametrize(
    "paper,why_offline,sentence",
    [
        (0x72, 0x12, "is out of paper"),
        (0x12, 0x32, "is out of paper"),
        (0x12, 0x16, "has its cover open"),
        (0x12, 0x52, "reports an error"),
    ],
)
def test_a_printer_that_says_it_cannot_is_sent_nothing(
    paper: int, why_offline: int, sentence: str
) -> None:
    printer = Talking(paper, why_offline)
    with listening(printer) as port:
        trouble = _trouble(NetworkCable("127.0.0.1", port))
    assert trouble == f"the receipt printer at 127.0.0.1:{port} {sentence}" or (
        sentence == "reports an error" and sentence in trouble
    )
    assert "look at the paper:" not in trouble
    assert printer.jobs == []


def test_paper_that_is_nearly_out_still_prints() -> None:
    printer = Talking(paper=0x1E)
    with listening(printer) as port:
        NetworkCable("127.0.0.1", port).send(JOB)


def test_paper_that_ends_within_a_receipt_is_told_with_a_look_at_it() -> None:
    printer = Talking()
    printer.knows_gs_r = False
    printer.after_printing = (0x72, 0x32)
    with listening(printer) as port:
        trouble = _trouble(NetworkCable("127.0.0.1", port))
    assert "is out of paper; look at the paper: part of the receipt may be on it" in trouble


def test_a_drawer_opens_without_paper() -> None:
    printer = Talking(paper=0x72)
    with listening(printer) as port:
        NetworkCable("127.0.0.1", port).send(b"\x1bp\x0022", needs_paper=False)
        assert until(lambda: printer.jobs == [b"\x1bp\x0022"])


def test_a_printer_that_is_not_there_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        assert f"127.0.0.1:{port} does not answer: is it on" in _trouble(
            NetworkCable("127.0.0.1", port)
        )
    for host in ("no-such-printer.invalid", "a" * 80, "", "\x00"):
        assert "does not answer" in _trouble(NetworkCable(host or ".", 9100))


def _hangs_up_at_the_first_question(line: socket.socket) -> None:
    line.recv(1)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _hangs_up_in_the_middle(line: socket.socket) -> None:
    got = b""
    while len(got) < 100:
        got += line.recv(20)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _stops_after_its_answer(line: socket.socket) -> None:
    for answer in (b"\x12", b"\x12"):
        line.recv(16)
        line.sendall(answer)
    line.recv(100)


@pytest.mark.parametrize(
    "manners,sentences",
    [
        (_hangs_up_at_the_first_question, ("hung up: does another till",)),
        (_hangs_up_in_the_middle, ("broke off; look at the paper",)),
        (_stops_after_its_answer, ("broke off; look at", "stopped answering; look at")),
    ],
)
def test_a_printer_that_hangs_up_is_told(manners: Manners, sentences: tuple[str, ...]) -> None:
    with listening(manners) as port:
        trouble = _trouble(NetworkCable("127.0.0.1", port), JOB * 1_000)
    assert any(sentence in trouble for sentence in sentences), trouble


@pytest.mark.parametrize("size", [8_000, 10_000_000])
def test_a_printer_that_never_reads_is_given_up(size: int) -> None:
    end = threading.Event()

    def never_reads(_: socket.socket) -> None:
        end.wait(20)

    with listening(never_reads, room_bytes=2_048) as port:
        trouble = _trouble(NetworkCable("127.0.0.1", port), b"x" * size)
        end.set()
    assert "takes no more data; look at the paper" in trouble


def test_a_file_gets_every_job_behind_the_one_before(tmp_path: Path) -> None:
    cable = FileCable(tmp_path / "receipts")
    cable.send(JOB)
    cable.send(b"second", needs_paper=False)
    cable.close()
    assert (tmp_path / "receipts").read_bytes() == JOB + b"second"


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    assert f"printer {tmp_path} does not open (Is a directory)" in _trouble(FileCable(tmp_path))
    missing = Path("/dev/usb/no-such-lp7")
    assert "does not open (No such file" in _trouble(FileCable(missing))
    assert not missing.exists(), "a device that is unplugged is not made into a file"
    os.mkfifo(tmp_path / "fifo")
    assert "does not open (No such device" in _trouble(FileCable(tmp_path / "fifo"))


def test_a_file_that_breaks_off_or_takes_nothing_is_told(tmp_path: Path) -> None:
    assert "broke off (No space left on device)" in _trouble(FileCable("/dev/full"))
    path = tmp_path / "fifo"
    os.mkfifo(path)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_NONBLOCK), "rb"):
        assert "takes no more data" in _trouble(FileCable(path), b"x" * 1_000_000)


def test_a_port_that_says_it_is_out_of_paper_is_sent_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    FileCable("/dev/null").send(JOB)
    asked: list[int] = []

    def answer(_: int, request: int, __: bytes) -> bytes:
        asked.append(request)
        return struct.pack("i", 0x38)

    monkeypatch.setattr("fcntl.ioctl", answer)
    assert _trouble(FileCable("/dev/null")) == "the receipt printer /dev/null is out of paper"
    assert asked == [0x060B]
    FileCable("/dev/null").send(JOB, needs_paper=False)


@pytest.mark.parametrize(
    "status,sentence", [(0x18, ""), (0x38, "paper"), (0x08, "offline"), (0x10, "error")]
)
def test_the_bits_of_a_port_s_status_are_those_of_the_kernel(status: int, sentence: str) -> None:
    assert sentence in port_trouble(status, "it")
    assert bool(port_trouble(status, "it")) == bool(sentence)


class End:
    """One endpoint of a fake printer on USB."""

    def __init__(self, address: int, bus: "Bus") -> None:
        self.bEndpointAddress = address
        self._bus = bus

    def write(self, content: bytes, wait_ms: int) -> int:
        assert wait_ms > 0, "a wait without an end"
        if self._bus.fails is not None:
            raise self._bus.fails
        taken = content[: self._bus.per_write]
        self._bus.got += taken
        return len(taken)

    def read(self, size: int, wait_ms: int) -> bytes:
        assert wait_ms > 0, "a wait without an end"
        if not self._bus.answers:
            raise core.USBTimeoutError("timed out", errno=errno.ETIMEDOUT)
        return self._bus.answers.pop(0)


class Bus:
    """What `usb.core.find` finds: a printer that notes what it is sent."""

    def __init__(self) -> None:
        self.present = True
        self.fails: OSError | None = None
        self.per_write = 1_000
        self.got = b""
        self.answers: list[bytes] = []
        self.ends: tuple[int, ...] = (0x81, 0x03)
        self.resets = 0
        self.backend = self

    def find(self, **wanted: int) -> Self | None:
        assert wanted == {"idVendor": 0x04B8, "idProduct": 0x0202}
        return self if self.present else None

    def set_configuration(self) -> None:
        """As a device does."""

    def reset(self) -> None:
        self.resets += 1

    def get_active_configuration(self) -> dict[tuple[int, int], list[End]]:
        return {(0, 0): [End(address, self) for address in self.ends]}


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Bus:
    bus = Bus()
    monkeypatch.setattr("usb.core.find", bus.find)
    monkeypatch.setattr("usb.util.dispose_resources", lambda device: None)
    return bus


@pytest.fixture
def usb() -> Iterator[UsbCable]:
    cable = UsbCable(0x04B8, 0x0202)
    yield cable
    cable.close()


def test_a_usb_printer_gets_its_jobs_whole_and_is_held_between_them(
    bus: Bus, usb: UsbCable
) -> None:
    usb.send(JOB * 20)
    usb.send(b"second")
    assert bus.got.replace(b"\x10\x04\x04", b"") == JOB * 20 + b"second"
    assert bus.resets == 1
    usb.close()
    usb.close()


def test_a_usb_printer_that_answers_is_asked(bus: Bus, usb: UsbCable) -> None:
    bus.answers = [b"\x12", b"\x12", b"\x00"]
    usb.send(JOB)
    bus.answers = [b"\x72", b"\x32"]
    assert "USB (04b8:0202) is out of paper" in _trouble(usb)
    bus.answers = [b"\x72", b"\x32"]
    usb.send(b"\x1bp\x0022", needs_paper=False)
    bus.answers = [b"\x72", b"\x32"]
    usb.send(b"\x1bp\x0022", needs_paper=False)
    assert bus.got.count(b"\x1bp") == 2


def test_a_usb_printer_that_is_gone_is_found_again(bus: Bus, usb: UsbCable) -> None:
    usb.send(b"first")
    bus.present, bus.fails = False, core.USBError("No such device", errno=errno.ENODEV)
    assert "is not there: is it on" in _trouble(usb)
    bus.present, bus.fails = True, None
    usb.send(b"third")
    assert bus.got.endswith(b"third")
    assert b"two beers" not in bus.got


def test_a_usb_printer_that_was_plugged_in_anew_is_opened_anew(
    bus: Bus, usb: UsbCable, monkeypatch: pytest.MonkeyPatch
) -> None:
    usb.send(b"first")
    bus.fails = core.USBError("No such device", errno=errno.ENODEV)
    found = bus.find

    def plugged_in_anew(**wanted: int) -> Bus | None:
        bus.fails = None
        return found(**wanted)

    monkeypatch.setattr("usb.core.find", plugged_in_anew)
    usb.send(b"second")
    assert bus.got.replace(b"\x10\x04\x04", b"") == b"firstsecond"


def test_a_usb_printer_that_breaks_off_or_takes_nothing_is_told(bus: Bus, usb: UsbCable) -> None:
    usb.send(b"first")
    bus.per_write = 0
    assert "does not answer" in _trouble(usb)
    bus.per_write = 3
    bus.ends = (0x03,)
    sends = iter([None, None, core.USBError("Input/output error", errno=errno.EIO)])
    written = End.write

    def breaking(end: End, content: bytes, wait_ms: int) -> int:
        bus.fails = next(sends)
        return written(end, content, wait_ms)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(End, "write", breaking)
        assert "broke off; look at the paper" in _trouble(usb, b"y" * 30)


def test_a_usb_device_that_takes_no_data_is_no_printer(bus: Bus, usb: UsbCable) -> None:
    bus.ends = (0x81,)
    assert "takes no data" in _trouble(usb)


def test_a_usb_printer_that_is_missing_on_the_real_bus_is_named(usb: UsbCable) -> None:
    trouble = _trouble(usb)
    assert "is not there: is it on" in trouble or "apt-get install libusb-1.0-0" in trouble


def test_a_box_without_libusb_is_told_what_to_install(
    usb: UsbCable, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find(**_: Any) -> None:
        raise core.NoBackendError

    monkeypatch.setattr("usb.core.find", find)
    assert "apt-get install libusb-1.0-0" in _trouble(usb)
