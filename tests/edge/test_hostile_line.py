"""Whatever answers in the office's place changes nothing, and the box goes on selling."""

import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from edge.bar.desk import TillDesk
from edge.limits import RETRY_AFTER_S_MAX, UPLINK_RETRY_MS_MAX, UPLINK_RETRY_MS_MIN
from edge.office_line import _asked_wait_ms
from edge.terminal import Terminal
from edge.uplink import Uplink, _back_off_ms
from provisioning.request_signing import NONCE_HEADER, sign_answer
from sync.keys import SecretKey
from sync.limits import MESSAGE_BYTES_MAX
from sync.names import Role
from tests.edge.boxes import NOW_MS, OFFICE_KEY, make_folder

Answering = Callable[[BaseHTTPRequestHandler, bytes], None]


def send(
    handler: BaseHTTPRequestHandler,
    status: int,
    body: bytes = b"",
    *,
    length: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Send an answer whose length may be a lie."""
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    for name, value in (headers or {}).items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def signed(handler: BaseHTTPRequestHandler, body: bytes, key: SecretKey) -> None:
    """Send an answer signed with a key."""
    headers = sign_answer(key, dict(handler.headers), body, NOW_MS)
    send(handler, 200, body, headers=headers)


IMPOSTOR = SecretKey(bytes([99]) * 32)
ANSWERS: dict[str, tuple[Answering, str]] = {
    "unsigned": (lambda h, _: send(h, 200, b"\xa0"), "not signed by the office"),
    "another key": (lambda h, _: signed(h, b"\xa0", IMPOSTOR), "not signed by the office"),
    "signed nonsense": (lambda h, _: signed(h, b"\xa0", OFFICE_KEY), "means nothing here"),
    "our own words": (lambda h, body: signed(h, body, OFFICE_KEY), "means nothing here"),
    "too long": (lambda h, _: send(h, 200, b"x" * (MESSAGE_BYTES_MAX + 1)), "too long"),
    "cut short": (lambda h, _: send(h, 200, b"x", length=1000), "cannot be reached"),
    "elsewhere": (
        lambda h, _: send(h, 302, headers={"Location": "http://127.0.0.1:1/"}),
        "status 302",
    ),
    "broken": (lambda h, _: send(h, 500), "status 500"),
    "busy": (lambda h, _: send(h, 429, headers={"Retry-After": "1"}), "busy"),
    "revoked": (lambda h, _: send(h, 403), "revoked"),
    "stale for ever": (lambda h, _: send(h, 401, headers={NONCE_HEADER: "00" * 24}), "status 401"),
}


@pytest.fixture
def answering() -> Iterator[tuple[str, list[Answering], list[bytes]]]:
    """Run a server that answers as told; returns its address, what to do, and what was asked."""
    todo: list[Answering] = []
    asked: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked.append(body)
            todo[0](self, body)
            self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", todo, asked
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("what", ANSWERS)
def test_an_answer_that_is_not_the_offices_changes_nothing(
    tmp_path: Path, answering: tuple[str, list[Answering], list[bytes]], what: str
) -> None:
    address, todo, asked = answering
    answer, sentence = ANSWERS[what]
    todo.append(answer)
    terminal = Terminal(make_folder(tmp_path / "till", "bar", office=address), Role.BAR)
    uplink = Uplink(terminal)
    terminal.start()
    uplink.start()
    tick = threading.Event()
    for _ in range(200):
        if sentence in uplink.trouble:
            break
        tick.wait(0.02)
    assert sentence in uplink.trouble
    assert asked
    assert terminal.store.facts() == 1
    assert terminal.store.partner("office") is None
    assert terminal.last_heard_ms is None
    assert terminal.is_alone()
    command = {"sale": "ab" * 16, "lines": [[1, 1, 5, 0, 0, None]], "payments": [["cash", 5]]}
    desk = TillDesk(terminal)
    assert terminal.lane.run(lambda: desk.commands()["sell"](command))["event"] == "paid"
    uplink.stop()
    terminal.close()


def test_patience_doubles_within_bounds_and_has_some_chance_in_it() -> None:
    for failures in range(1, 60):
        waits = {_back_off_ms(failures) for _ in range(50)}
        assert min(waits) >= UPLINK_RETRY_MS_MIN
        assert max(waits) <= UPLINK_RETRY_MS_MAX
        assert len(waits) > 1


@pytest.mark.parametrize(
    "text,wait_ms",
    [
        ("3", 3_000),
        ("999999", 0),
        ("99999", 1000 * RETRY_AFTER_S_MAX),
        ("-1", 0),
        ("soon", 0),
        ("", 0),
        ("٣", 0),
    ],
)
def test_what_the_office_asks_to_wait_is_obeyed_within_reason(text: str, wait_ms: int) -> None:
    assert _asked_wait_ms({"Retry-After": text}) == wait_ms
