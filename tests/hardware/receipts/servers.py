"""Receipt printers on loopback, each with its own manners."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

Manners = Callable[[socket.socket], None]


@contextlib.contextmanager
def listening(manners: Manners, *, room_bytes: int = 0) -> Iterator[int]:
    """Serve one line after the other on a free port; `room_bytes` is how much it takes unread."""
    with socket.socket() as ear:
        if room_bytes:
            ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room_bytes)
        ear.bind(("127.0.0.1", 0))
        ear.listen()
        thread = threading.Thread(target=_serve, args=(ear, manners), daemon=True)
        thread.start()
        yield int(ear.getsockname()[1])
        ear.shutdown(socket.SHUT_RDWR)
        thread.join(20)


def _serve(ear: socket.socket, manners: Manners) -> None:
    while True:
        try:
            line, _ = ear.accept()
        except OSError:
            return
        with line, contextlib.suppress(OSError):
            manners(line)


class Silent:
    """Prints all and says nothing, as cheap printers do."""

    def __init__(self) -> None:
        self.jobs: list[bytes] = []

    def __call__(self, line: socket.socket) -> None:
        with line.makefile("rb") as ear:
            self.jobs.append(ear.read())


class Talking:
    """Answers as Epson's printers do: at once to DLE EOT, in its turn to GS r."""

    def __init__(self, paper: int = 0x12, why_offline: int = 0x12) -> None:
        self.paper, self.why_offline = paper, why_offline
        self.after_printing = (paper, why_offline)
        self.knows_gs_r = True
        self.jobs: list[bytes] = []

    def __call__(self, line: socket.socket) -> None:
        job = b""
        while content := line.recv(65_536):
            job += content
            while b"\x10\x04" in job[:-1] or b"\x1dr\x01" in job:
                job = self._answer(line, job)
        if job:
            self.jobs.append(job)

    def _answer(self, line: socket.socket, job: bytes) -> bytes:
        for question, answer in (
            (b"\x10\x04\x04", self.paper),
            (b"\x10\x04\x02", self.why_offline),
            (b"\x1dr\x01", 0x00),
        ):
            if question not in job:
                continue
            if answer == 0x00:
                self.paper, self.why_offline = self.after_printing
            if answer or self.knows_gs_r:
                line.sendall(bytes((answer,)))
            job = job.replace(question, b"", 1)
        return job
