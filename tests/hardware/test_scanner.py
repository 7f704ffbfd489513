"""A scanner is heard through a device or FIFO, kept from the screen, and may come and go."""

import errno
import os
import struct
import time
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hardware.ports import CodeSource, Heard, SourceState
from hardware.scanner import EVIOCGRAB, EVIOCSCLOCKID, EvdevScanner
from tests.hardware.key_events import typed
from tests.hardware.waiting import until


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    path = tmp_path / "scanner"
    os.mkfifo(path)
    return path


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hardware.scanner.REOPEN_MS_MIN", 5)


class Device:
    """A character device that gives what a test types: a terminal in raw mode.

    There is no input device on a bench, so what the kernel answers to `ioctl` is noted here.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[tuple[int, Any]] = []
        self.refuses = False
        monkeypatch.setattr("hardware.scanner.fcntl.ioctl", self._ioctl)
        self.plug()

    def plug(self) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.path = Path(os.ttyname(self._slave))

    def type(self, content: bytes) -> None:
        os.write(self._master, content)

    def unplug(self) -> None:
        os.close(self._master)
        os.close(self._slave)

    def _ioctl(self, device: int, request: int, argument: Any) -> int:
        assert os.isatty(device)
        if self.refuses:
            raise OSError(errno.EBUSY, "Device or resource busy")
        self.asked.append((request, argument))
        return 0


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Iterator[Device]:
    made = Device(monkeypatch)
    yield made
    made.unplug()


def test_a_code_is_heard_from_a_fifo(fifo: Path) -> None:
    heard: list[Heard] = []
    source: CodeSource = EvdevScanner(fifo)
    source.start(heard.append)
    with fifo.open("wb", buffering=0) as writer:
        writer.write(typed("GU1:A+B"))
        assert until(lambda: heard == [Heard("GU1:A+B", None, str(fifo))])
        assert source.state is SourceState.OPEN
        sent = typed("fr", start_ms=20_000)
        writer.write(sent[:50])
        writer.write(sent[50:])
        assert until(lambda: len(heard) == 2)
    source.close()
    assert until(lambda: source.state is SourceState.UNPLUGGED)


def test_a_scanner_that_types_in_french_is_read_in_french(fifo: Path) -> None:
    heard: list[Heard] = []
    scanner = EvdevScanner(fifo, layout="fr")
    scanner.start(heard.append)
    with fifo.open("wb", buffering=0) as writer:
        writer.write(typed("GU1:AQ/$%*", layout="fr"))
        assert until(lambda: [h.text for h in heard] == ["GU1:AQ/$%*"])
    scanner.close()


def test_a_scanner_that_comes_later_is_found_without_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "by-id" / "scanner"
    heard: list[Heard] = []
    scanner = EvdevScanner(path)
    scanner.start(heard.append)
    assert until(lambda: "does not open" in scanner.trouble)
    assert scanner.state is SourceState.UNPLUGGED
    path.parent.mkdir()
    os.mkfifo(path)
    with path.open("wb", buffering=0) as writer:
        writer.write(typed("A"))
        assert until(lambda: len(heard) == 1)
        assert scanner.trouble == ""
    scanner.close()


def test_half_a_code_from_before_it_was_unplugged_is_forgotten(
    fifo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hardware.scanner.REOPEN_MS_MIN", 500)
    heard: list[Heard] = []
    scanner = EvdevScanner(fifo)
    scanner.start(heard.append)
    with fifo.open("wb", buffering=0) as writer:
        writer.write(typed("HALF", ending=None))
    assert until(lambda: "was lost" in scanner.trouble)
    with fifo.open("wb", buffering=0) as writer:
        writer.write(typed("WHOLE", start_ms=1_020))
        assert until(lambda: [h.text for h in heard] == ["WHOLE"])
    scanner.close()


def test_a_real_device_is_grabbed_so_that_keys_do_not_reach_the_screen(device: Device) -> None:
    heard: list[Heard] = []
    scanner = EvdevScanner(device.path)
    scanner.start(heard.append)
    assert until(lambda: scanner.state is SourceState.OPEN)
    assert device.asked == [(EVIOCGRAB, 1), (EVIOCSCLOCKID, struct.pack("i", time.CLOCK_MONOTONIC))]
    device.type(typed("GU1:9"))
    assert until(lambda: [h.text for h in heard] == ["GU1:9"])
    scanner.close()


def test_the_numbers_asked_of_the_kernel_are_those_of_its_header() -> None:
    write, size = 1 << 30, 4 << 16
    assert write | size | ord("E") << 8 | 0x90 == EVIOCGRAB
    assert write | size | ord("E") << 8 | 0xA0 == EVIOCSCLOCKID


def test_an_unplugged_device_is_told_and_found_again_when_it_is_back(
    device: Device, tmp_path: Path
) -> None:
    by_id = tmp_path / "usb-scanner"
    by_id.symlink_to(device.path)
    heard: list[Heard] = []
    scanner = EvdevScanner(by_id)
    scanner.start(heard.append)
    assert until(lambda: scanner.state is SourceState.OPEN)
    by_id.unlink()
    device.unplug()
    assert until(lambda: scanner.state is SourceState.UNPLUGGED)
    device.plug()
    by_id.symlink_to(device.path)
    assert until(lambda: scanner.state is SourceState.OPEN)
    device.type(typed("BACK"))
    assert until(lambda: [h.text for h in heard] == ["BACK"])
    scanner.close()


def test_a_device_that_another_program_grabbed_is_tried_until_it_is_free(device: Device) -> None:
    device.refuses = True
    scanner = EvdevScanner(device.path)
    scanner.start(lambda _: None)
    assert until(lambda: "does another program use it?" in scanner.trouble)
    assert scanner.state is SourceState.UNPLUGGED
    device.refuses = False
    assert until(lambda: scanner.state is SourceState.OPEN)
    assert scanner.trouble == ""
    scanner.close()


def test_a_device_that_is_no_scanner_is_not_read() -> None:
    scanner = EvdevScanner("/dev/zero")
    scanner.start(lambda _: None)
    assert until(lambda: "is it an input device" in scanner.trouble)
    scanner.close()


def test_close_ends_a_scanner_that_waits_and_leaves_nothing_open(fifo: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    never_started, waiting = EvdevScanner(fifo), EvdevScanner(fifo)
    waiting.start(lambda _: None)
    assert until(lambda: waiting.state is SourceState.OPEN)
    for scanner in (never_started, waiting):
        scanner.close()
        scanner.close()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_listener_may_close_the_scanner(fifo: Path) -> None:
    heard: list[str | None] = []
    scanner = EvdevScanner(fifo)

    def hear(said: Heard) -> None:
        heard.append(said.text)
        scanner.close()

    scanner.start(hear)
    with fifo.open("wb", buffering=0) as writer:
        writer.write(typed("a") + typed("b", start_ms=2_000))
        assert until(lambda: heard and scanner.state is SourceState.UNPLUGGED)
    assert heard == ["a"]


def test_a_scanner_is_started_once_and_with_a_layout_that_exists(fifo: Path) -> None:
    scanner = EvdevScanner(fifo)
    scanner.start(lambda _: None)
    with pytest.raises(RuntimeError, match="started once"):
        scanner.start(lambda _: None)
    scanner.close()
    with pytest.raises(ValueError, match="no keyboard layout"):
        EvdevScanner(fifo, layout="bépo")
