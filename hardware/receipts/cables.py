"""The ways to a receipt printer: a network socket, a device file, a USB cable.

Each takes a whole job and gives back when it is gone, or says in one sentence why it is not; no
wait here is without an end. Where part of a job may be on paper, the sentence says so.
"""

import contextlib
import fcntl
import os
import select
import socket
import stat
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Protocol

from hardware.receipts.language import library, quietly
from hardware.receipts.status import (
    Ask,
    PrinterTrouble,
    answers,
    port_trouble,
    print_and_wait,
)

CONNECT_MS: Final = 3_000
SEND_MS: Final = 10_000
TAKEN_MS: Final = 1_000
PIECE_BYTES: Final = 4_096
ANSWER_BYTES_MAX: Final = 64
NETWORK_PORT: Final = 9_100
_LPGETSTATUS: Final = 0x060B
_TIOCOUTQ: Final = 0x5411
_MAYBE_ON_PAPER: Final = "look at the paper: part of the receipt may be on it"


class Cable(Protocol):
    """A way to a printer."""

    def send(self, job: bytes, *, needs_paper: bool = True) -> None:
        """Send all of a job, after asking for paper if it needs any; `PrinterTrouble` if not."""

    def close(self) -> None:
        """Let go of the printer."""


class NetworkCable:
    """A printer that listens for raw bytes; each job has a line of its own, others may print too.

    python-escpos' own class knows no IPv6, gives no answer to who closed the line, and sets up the
    log of the whole process.
    """

    def __init__(self, host: str, port: int = NETWORK_PORT) -> None:
        """Name a printer by its address or host name."""
        self._address = (host, port)
        self._name = f"the receipt printer at {host}:{port}"

    def send(self, job: bytes, *, needs_paper: bool = True) -> None:
        """Connect, ask, send, and wait until the printer has it all; see `Cable`."""
        try:
            line = socket.create_connection(self._address, CONNECT_MS / 1000)
        except (OSError, UnicodeError) as trouble:
            message = f"{self._name} does not answer: is it on, and its network cable in?"
            raise PrinterTrouble(message) from trouble
        with line:
            try:
                does_answer = needs_paper and answers(_ask_on(line), self._name)
            except OSError as trouble:
                message = f"{self._name} hung up: does another till print on it just now?"
                raise PrinterTrouble(message) from trouble
            try:
                self._hand_over(line, job, does_answer=does_answer)
            except TimeoutError as trouble:
                message = f"{self._name} takes no more data; {_MAYBE_ON_PAPER}"
                raise PrinterTrouble(message) from trouble
            except OSError as trouble:
                message = f"{self._name} broke off; {_MAYBE_ON_PAPER}"
                raise PrinterTrouble(message) from trouble

    def _hand_over(self, line: socket.socket, job: bytes, *, does_answer: bool) -> None:
        """Send a job and wait until it is printed, or at least taken; `OSError` if it is not."""
        if does_answer:
            with _after_sending():
                print_and_wait(_ask_on(line), job, self._name)
            return
        line.settimeout(SEND_MS / 1000)
        line.sendall(job)
        line.shutdown(socket.SHUT_WR)
        line.settimeout(TAKEN_MS / 1000)
        for _ in range(SEND_MS // TAKEN_MS):
            with contextlib.suppress(TimeoutError):
                if not line.recv(ANSWER_BYTES_MAX):
                    return  # it heard our end and hung up
            if not _unsent(line):
                return
        raise TimeoutError

    def close(self) -> None:
        """Nothing is held between jobs."""


def _ask_on(line: socket.socket) -> Ask:
    def ask(question: bytes, wait_ms: int) -> bytes:
        line.settimeout(SEND_MS / 1000)
        line.sendall(question)
        line.settimeout(wait_ms / 1000)
        with contextlib.suppress(TimeoutError):
            return line.recv(ANSWER_BYTES_MAX)
        return b""

    return ask


def _unsent(line: socket.socket) -> int:
    """How many bytes the other side's network has not taken."""
    answer = fcntl.ioctl(line, _TIOCOUTQ, struct.pack("i", 0))
    return int(struct.unpack("i", answer)[0])


class FileCable:
    """A printer behind a device file such as `/dev/usb/lp0`, or any file that jobs are put into.

    A file outside /dev that is not there is made. python-escpos' own class waits for ever at a
    printer that is off.
    """

    def __init__(self, path: Path | str) -> None:
        """Name the file."""
        self._path = Path(path)
        self._name = f"the receipt printer {path}"

    def send(self, job: bytes, *, needs_paper: bool = True) -> None:
        """Open, ask, write; see `Cable`."""
        flags = os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
        if not self._path.is_relative_to("/dev"):
            flags |= os.O_CREAT
        try:
            file = os.open(self._path, flags, 0o600)
        except OSError as trouble:
            message = f"{self._name} does not open ({trouble.strerror}): is it plugged in and on?"
            raise PrinterTrouble(message) from trouble
        try:
            if needs_paper:
                self._look(file)
            self._write(file, job)
        finally:
            os.close(file)

    def _look(self, file: int) -> None:
        """Ask a printer port for its status; other files have none."""
        if not stat.S_ISCHR(os.fstat(file).st_mode):
            return
        try:
            answer = fcntl.ioctl(file, _LPGETSTATUS, struct.pack("i", 0))
        except OSError:
            return
        if trouble := port_trouble(struct.unpack("i", answer)[0], self._name):
            raise PrinterTrouble(trouble)

    def _write(self, file: int, job: bytes) -> None:
        rest = memoryview(job)
        while rest:
            if not select.select([], [file], [], SEND_MS / 1000)[1]:
                message = f"{self._name} takes no more data; {_MAYBE_ON_PAPER}"
                raise PrinterTrouble(message)
            try:
                rest = rest[os.write(file, rest[:PIECE_BYTES]) :]
            except BlockingIOError:
                continue
            except OSError as trouble:
                message = f"{self._name} broke off ({trouble.strerror}); {_MAYBE_ON_PAPER}"
                raise PrinterTrouble(message) from trouble

    def close(self) -> None:
        """Nothing is held between jobs."""


class UsbCable:
    """A printer on a USB cable by its vendor and product number, through python-escpos and libusb.

    It is held between jobs: opening resets it, and what still prints would be lost.
    """

    def __init__(self, vendor: int, product: int) -> None:
        """Name a printer as `lsusb` does."""
        self._ids = (vendor, product)
        self._name = f"the receipt printer on USB ({vendor:04x}:{product:04x})"
        self._printer: Any = None
        self._ends: tuple[Any, Any] = (None, None)

    def send(self, job: bytes, *, needs_paper: bool = True) -> None:
        """Ask and write, opening the printer if it is not open or was plugged in anew."""
        try:
            does_answer = self._find(needs_paper=needs_paper)
        except OSError as trouble:
            self.close()
            message = f"{self._name} does not answer: is it on, and its cable in?"
            raise PrinterTrouble(message) from trouble
        try:
            if does_answer:
                with _after_sending():
                    print_and_wait(self._ask, job, self._name)
            else:
                self._write(job)
        except OSError as trouble:
            self.close()
            message = f"{self._name} broke off; {_MAYBE_ON_PAPER}"
            raise PrinterTrouble(message) from trouble

    def _find(self, *, needs_paper: bool) -> bool:
        """Open the printer if need be; tell whether it is to be asked when the job is printed."""
        if self._printer is not None:
            try:
                return self._answers(needs_paper=needs_paper)
            except OSError:
                self.close()
        self._open()
        return self._answers(needs_paper=needs_paper)

    def _answers(self, *, needs_paper: bool) -> bool:
        try:
            return answers(self._ask, self._name) and needs_paper
        except PrinterTrouble:
            if needs_paper:
                raise
            return False

    def _open(self) -> None:
        from usb.core import NoBackendError  # type: ignore[import-untyped]
        from usb.util import (  # type: ignore[import-untyped]
            ENDPOINT_IN,
            ENDPOINT_OUT,
            endpoint_direction,
        )

        printer = library().Usb(*self._ids)
        try:
            with quietly():
                printer.open()
        except NoBackendError as trouble:
            message = f"{self._name} needs libusb: `apt-get install libusb-1.0-0`"
            raise PrinterTrouble(message) from trouble
        except _not_found() as trouble:
            message = (
                f"{self._name} is not there: is it on, its cable in, and may this user open it"
                " (group lp, or a udev rule)?"
            )
            raise PrinterTrouble(message) from trouble
        self._printer = printer
        ends = list(printer.device.get_active_configuration()[0, 0])
        by_way = {endpoint_direction(end.bEndpointAddress): end for end in reversed(ends)}
        if ENDPOINT_OUT not in by_way:
            self.close()
            message = f"{self._name} takes no data: is that the number of a printer?"
            raise PrinterTrouble(message)
        self._ends = (by_way[ENDPOINT_OUT], by_way.get(ENDPOINT_IN))

    def _write(self, job: bytes) -> None:
        """Write all; libusb may take a part and say nothing."""
        out, _ = self._ends
        rest = job
        while rest:
            taken = out.write(rest[:PIECE_BYTES], SEND_MS)
            if not taken:
                raise TimeoutError
            rest = rest[taken:]

    def _ask(self, question: bytes, wait_ms: int) -> bytes:
        from usb.core import USBTimeoutError

        self._write(question)
        _, into = self._ends
        if into is None:
            return b""
        try:
            return bytes(into.read(ANSWER_BYTES_MAX, wait_ms))
        except USBTimeoutError:
            return b""

    def close(self) -> None:
        """Let go of the printer; the next job opens it again."""
        printer, self._printer = self._printer, None
        if printer is not None:
            with quietly(), contextlib.suppress(OSError):
                printer.close()


def _not_found() -> type[Exception]:
    """What python-escpos raises for a device that is not there."""
    from escpos.exceptions import DeviceNotFoundError  # type: ignore[import-untyped]

    found: type[Exception] = DeviceNotFoundError
    return found


@contextlib.contextmanager
def _after_sending() -> Iterator[None]:
    """Trouble from now on may come after part of the job was printed."""
    try:
        yield
    except PrinterTrouble as trouble:
        message = f"{trouble}; {_MAYBE_ON_PAPER}"
        raise PrinterTrouble(message) from trouble
