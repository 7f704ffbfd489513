"""What the scan API survives: a lane that stopped, slow clients, crowds, a wrong address."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from edge.gate.api.address import ApiTrouble
from edge.gate.api.keys import Scope, add_key
from edge.gate.api.server import Patience
from edge.limits import (
    API_CONNECTIONS_MAX,
    INBOX_JOBS_MAX,
)
from tests.edge.boxes import code_of
from tests.edge.gate.api_client import Handheld, Open, api_of, everything, held, open_api, raw
from tests.edge.gate.gates import Gate, running_gate

STATUS = "/api/v1/status"
GETS = (STATUS, "/api/v1/scan/log", "/api/v1/openapi.json", "/metrics")
POSTS = ("request", "confirm", "undo")
IMPATIENT = Patience(silent_ms_max=1_000, body_ms_max=1_000)


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    with running_gate(tmp_path / "gate") as one:
        yield one


@pytest.fixture
def one(gate: Gate) -> Iterator[Open]:
    with open_api(gate) as opened:
        yield opened


def test_a_lane_that_stopped_admits_nobody_and_the_figures_say_so(one: Open) -> None:
    session = one.handheld.request(5)["session"]

    def fail() -> None:
        message = "No space left on device"
        raise OSError(message)

    with pytest.raises(OSError, match="No space"):
        one.gate.terminal.lane.run(fail)
    for said in (
        one.handheld.post("confirm", session=session),
        one.handheld.get(STATUS),
        one.handheld.get("/api/v1/scan/log"),
    ):
        assert said.status == 503
        assert "cannot record" in said.detail
        assert "No space" not in said.detail
    assert "guichet_gate_up 0.0" in one.handheld.get("/metrics").body.decode()


def test_a_commit_that_fails_under_a_confirmation_admits_nobody(one: Open) -> None:
    session = one.handheld.request(5)["session"]

    def cut(step: str) -> None:
        if step == "inserted":
            message = "the card was pulled"
            raise OSError(message)

    one.gate.terminal.step = cut
    said = one.handheld.post("confirm", session=session)
    assert (said.status, one.told) == (503, [])
    assert "cannot record" in said.detail


def test_a_full_inbox_says_when_to_come_back(one: Open) -> None:
    lane = one.gate.terminal.lane
    with held(one.gate):
        futures = [lane.ask(int) for _ in range(INBOX_JOBS_MAX)]
        said = one.handheld.post("request", text=code_of(5))
        assert (said.status, said.headers["Retry-After"]) == (503, "1")
        assert "guichet_gate_up 0.0" in one.handheld.get("/metrics").body.decode()
    assert [future.result(20) for future in futures] == [0] * INBOX_JOBS_MAX
    assert one.handheld.request(5)["verdict"] == "admit"


def test_a_lane_that_takes_too_long_is_answered_for_and_the_repeat_tells_what_was_done(
    gate: Gate,
) -> None:
    with open_api(gate, patience=Patience(answer_ms_max=1_000)) as one:
        session = one.handheld.request(5)["session"]
        with held(gate):
            assert one.handheld.post("confirm", session=session).status == 503
        answer = one.handheld.confirm(session)
        assert (answer["verdict"], answer["again"]) == ("admit", True)
    assert [told["serial"] for told in one.told] == [5]


def test_slow_clients_are_hung_up_on_and_hold_up_nobody(gate: Gate) -> None:
    with (
        open_api(gate, patience=IMPATIENT) as one,
        raw(one.api.url) as silent,
        raw(one.api.url) as slow,
    ):
        slow.sendall(b"GET /api/v1/status HTTP/1.1\r\nHost: ")
        assert one.handheld.request(5)["verdict"] == "admit"
        assert everything(silent) == b""
        assert everything(slow) == b""
        head = f"POST /api/v1/scan/undo HTTP/1.1\r\nHost: {urlsplit(one.api.url).netloc}\r\n"
        head += f"Authorization: Bearer {one.handheld.key}\r\nContent-Type: application/json\r\n"
        with raw(one.api.url) as door:
            door.sendall(f"{head}Content-Length: 100\r\n\r\n{{".encode())
            assert everything(door).startswith(b"HTTP/1.1 408 ")


def test_a_client_that_never_reads_its_answers_is_hung_up_on(gate: Gate) -> None:
    with open_api(gate, patience=IMPATIENT) as one, raw(one.api.url) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        head = f"GET /api/v1/openapi.json HTTP/1.1\r\nHost: {urlsplit(one.api.url).netloc}\r\n"
        request = f"{head}Authorization: Bearer {one.handheld.key}\r\n\r\n".encode()

        def ask_for_ever() -> None:
            while True:
                door.sendall(request * 20)
                gate.clock.move(1_000)

        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            ask_for_ever()


def test_only_so_many_may_be_connected_at_once(one: Open) -> None:
    with ExitStack() as doors:
        several = [doors.enter_context(raw(one.api.url)) for _ in range(API_CONNECTIONS_MAX + 3)]
        for extra in several[API_CONNECTIONS_MAX:]:
            assert everything(extra).startswith(b"HTTP/1.1 503 ")
    for _ in range(200):  # the server notices in its own time that there is room again
        with raw(one.api.url) as door:
            door.sendall(b"no http\r\n\r\n")
            if b" 400 " in everything(door):
                return
    pytest.fail("those who hung up still take the room")


def test_it_ends_while_somebody_waits_and_its_address_is_free_again(gate: Gate) -> None:
    with open_api(gate) as one, raw(one.api.url):
        one.handheld.get(STATUS)
        url = one.api.url
        one.api.stop()
        with pytest.raises(ConnectionError):
            one.handheld.get(STATUS)
        again = api_of(gate, urlsplit(url).netloc)
        again.start()
        again.stop()
        assert gate.desk.listeners == []


def test_a_gate_without_a_key_does_not_open_it(gate: Gate) -> None:
    with pytest.raises(ApiTrouble, match="gate-key"):
        api_of(gate, "127.0.0.1:0").start()


def test_an_address_that_is_taken_is_said_so(one: Open) -> None:
    with pytest.raises(ApiTrouble, match="another program"):
        api_of(one.gate, urlsplit(one.api.url).netloc).start()


@pytest.mark.parametrize(
    "text",
    "8471 :8471 localhost:8471 127.0.0.1 127.0.0.1: 127.0.0.1:99999 ::1:1 [127.0.0.1]:1x 1.2.3:80"
    " 127.0.0.1:-1 http://127.0.0.1:80 [::1%lo]:80 -".split(),
)
def test_what_is_no_address_is_named(gate: Gate, text: str) -> None:
    with pytest.raises(ApiTrouble, match="is no address"):
        api_of(gate, text, allow_lan=True)


@pytest.mark.parametrize("text", ["0.0.0.0:8471", "[::]:8471", "192.168.1.5:8471"])
def test_other_machines_are_let_in_only_where_that_was_meant(gate: Gate, text: str) -> None:
    with pytest.raises(ApiTrouble, match="not encrypted"):
        api_of(gate, text)
    assert api_of(gate, text, allow_lan=True).url.endswith(":8471")


@pytest.mark.parametrize("text", ["0.0.0.0:0", "[::1]:0"])
def test_it_answers_on_every_address_and_on_version_six_where_asked(gate: Gate, text: str) -> None:
    key = add_key(gate.terminal.folder, "Kiosk", Scope.SCAN)
    api = api_of(gate, text, allow_lan=True)
    try:
        api.start()
    except ApiTrouble as trouble:
        if "::1" not in text or "another program" not in str(trouble):
            raise
        pytest.skip("no IPv6 on this machine")
    try:
        assert Handheld(api.url, key).get(STATUS).status == 200
    finally:
        api.stop()
