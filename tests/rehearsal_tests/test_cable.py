"""A pulled cable carries nothing, and a plugged one carries everything."""

import socket
import threading
from collections.abc import Iterator

import pytest

from tests.rehearsal.cable import Cable


@pytest.fixture
def echo_port() -> Iterator[int]:
    """Serve a port that says everything back."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                one, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(one,), daemon=True).start()

    def answer(one: socket.socket) -> None:
        with one:
            while piece := one.recv(65536):
                one.sendall(piece)

    threading.Thread(target=serve, daemon=True).start()
    yield server.getsockname()[1]
    server.shutdown(socket.SHUT_RDWR)
    server.close()


def said_back(port: int, content: bytes) -> bytes:
    """Say something through a cable and return what comes back before the connection ends."""
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as line:
            line.sendall(content)
            line.shutdown(socket.SHUT_WR)
            back = b""
            while piece := line.recv(65536):
                back += piece
            return back
    except OSError:
        return b""


def test_a_plugged_cable_carries_everything(echo_port: int) -> None:
    with Cable(echo_port) as cable:
        assert said_back(cable.port, b"x" * 100) == b"x" * 100


def test_a_pulled_cable_carries_nothing_until_it_is_plugged_again(echo_port: int) -> None:
    with Cable(echo_port) as cable:
        cable.pull()
        assert said_back(cable.port, b"hello") == b""
        cable.plug()
        assert said_back(cable.port, b"hello") == b"hello"


def test_pulling_cuts_a_connection_that_lives(echo_port: int) -> None:
    with Cable(echo_port) as cable, socket.create_connection(("127.0.0.1", cable.port), 5) as line:
        line.settimeout(5)
        line.sendall(b"a")
        assert line.recv(1) == b"a"
        cable.pull()
        try:
            line.sendall(b"b")
            assert line.recv(1) == b""
        except OSError:
            pass  # reset: cut as well
