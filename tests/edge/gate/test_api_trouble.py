"""What the scan API does not take: strangers, keys that were taken away, nonsense."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from edge.gate.api.address import read_address
from edge.gate.api.keys import Scope, add_key, revoke_key
from edge.gate.api.patience import Allowance, Strangers
from edge.gate.api.server import Patience
from edge.limits import (
    API_BODY_BYTES_MAX,
    API_BURST_REQUESTS_MAX,
    API_KEYS_MAX,
    API_WRONG_KEY_ADDRESSES_MAX,
)
from tests.edge.boxes import code_of
from tests.edge.gate.api_client import Open, everything, open_api, raw
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


def test_every_route_needs_a_key_also_those_that_do_not_exist(one: Open) -> None:
    routes = [("GET", path) for path in (*GETS, "/", "/nowhere")]
    routes += [("POST", f"/api/v1/scan/{what}") for what in POSTS]
    for method, path in routes:
        one.gate.clock.move(3_600_000)
        said = one.with_key(None).ask(method, path)
        assert (said.status, said.headers["WWW-Authenticate"][:6]) == (401, "Bearer"), path
        assert one.with_key("gsk_wrong").ask(method, path).status == 401


@pytest.mark.parametrize("shown", ["Basic {}", "Bearer", "Bearer  {}", "{}", "Bearer {}x", "é{}"])
def test_a_key_is_shown_in_one_way_only(one: Open, shown: str) -> None:
    key = one.handheld.key or ""
    said = one.with_key(None).ask("GET", STATUS, Authorization=shown.format(key))
    assert said.status == 401
    assert key not in said.body.decode()


def test_a_key_for_looking_may_look_and_not_scan(one: Open) -> None:
    looker = one.with_key(add_key(one.gate.terminal.folder, "Prometheus", Scope.LOOK))
    assert [looker.get(path).status for path in GETS] == [200] * len(GETS)
    assert [looker.post(what).status for what in POSTS] == [403] * len(POSTS)


def test_a_revoked_key_stops_at_once_and_a_new_one_opens(one: Open) -> None:
    folder = one.gate.terminal.folder
    other = one.with_key(add_key(folder, "Kiosk 2", Scope.SCAN))
    assert other.get(STATUS).status == 200
    revoke_key(folder, "Kiosk 1")
    assert one.handheld.get(STATUS).status == 401
    assert other.get(STATUS).status == 200


def test_a_key_file_that_is_damaged_or_open_to_others_opens_nothing(one: Open) -> None:
    path = one.gate.terminal.folder / "scan-keys.json"
    good = path.read_bytes()
    path.chmod(0o644)
    assert one.handheld.get(STATUS).status == 401
    path.chmod(0o600)
    assert one.handheld.get(STATUS).status == 200
    for bad in (b"{", b'{"keys": [1]}', b'{"keys": [{"name": "a"}]}', b"[" * 50_000):
        path.write_bytes(bad)
        assert one.with_key(one.handheld.key).get(STATUS).status in {401, 429}
    path.write_bytes(good)
    assert one.handheld.get(STATUS).status == 200


def test_wrong_keys_wait_ever_longer_and_a_right_one_never_waits_for_them(one: Open) -> None:
    wrong = one.with_key("gsk_wrong")
    assert [wrong.get(STATUS).status for _ in range(6)] == [401] * 5 + [429]
    assert one.handheld.get(STATUS).status == 200
    one.gate.clock.move(1_001)
    assert [wrong.get(STATUS).status for _ in range(2)] == [401, 429]
    assert wrong.get(STATUS).headers["Retry-After"] == "2"
    one.gate.clock.move(11 * 60_000)
    assert wrong.get(STATUS).status == 401


def test_the_tables_of_those_who_ask_are_bounded() -> None:
    strangers, allowance = Strangers(), Allowance()
    for number in range(2 * API_WRONG_KEY_ADDRESSES_MAX):
        assert strangers.failed(f"fe80::{number:x}", 0) == 0
    assert len(strangers) == API_WRONG_KEY_ADDRESSES_MAX
    for number in range(2 * API_KEYS_MAX):
        assert allowance.take(str(number), 0) == 0
    assert [allowance.take("x", 0, API_BURST_REQUESTS_MAX) for _ in range(2)] == [0, 2]
    assert [allowance.take("x", 1_000, cost) for cost in (20, 1)] == [0, 1]


def test_a_key_that_asks_too_often_is_told_when_to_come_back(one: Open) -> None:
    many = [one.handheld.get(STATUS).status for _ in range(API_BURST_REQUESTS_MAX + 1)]
    assert many == [200] * API_BURST_REQUESTS_MAX + [429]
    one.gate.clock.move(1_000)
    assert one.handheld.get("/api/v1/scan/log?search=x").status == 200
    assert one.handheld.get(STATUS).status == 429


@pytest.mark.parametrize(
    "what,body,expected",
    [
        ("request", b"", "JSON object"),
        ("request", b"{", "JSON object"),
        ("request", b"[]", "JSON object"),
        ("request", b'{"text": "\xff"}', "JSON object"),
        ("request", b"[" * 9_000, "JSON object"),
        ("request", b'{"serial": 1' + b"0" * 5_000 + b"}", "JSON object"),
        ("request", b'{"text": "a", "text": "b"}', "once"),
        ("request", b"{}", "either text"),
        ("request", b'{"text": "a", "serial": 1}', "either text"),
        ("request", b'{"text": 5}', "text must be"),
        ("request", b'{"serial": "5"}', "serial must be"),
        ("request", b'{"serial": true}', "serial must be"),
        ("request", b'{"text": "a", "direction": "automatic"}', "direction must be"),
        ("request", b'{"text": "a", "direction": []}', "direction must be"),
        ("request", b'{"text": "a", "one_step": "no"}', "one_step must be"),
        ("request", b'{"text": "a", "onestep": true}', "members known"),
        ("confirm", b"{}", "session must be"),
        ("confirm", b'{"session": "zz"}', "session must be"),
        ("confirm", b'{"session": "' + b"0" * 32 + b'", "yes": "false"}', "yes must be"),
        ("confirm", b'{"session": "' + b"0" * 32 + b'", "guests": 0}', "guests must be"),
        ("undo", b'{"serial": 1}', "fact must be"),
        ("undo", b'{"serial": -1, "fact": ""}', "serial must be"),
    ],
)
def test_nonsense_is_answered_with_what_was_expected_and_changes_nothing(
    one: Open, what: str, body: bytes, expected: str
) -> None:
    before = one.gate.facts()
    said = one.handheld.ask("POST", f"/api/v1/scan/{what}", body)
    assert (said.status, expected in said.detail) == (400, True), said.detail
    assert one.gate.facts() == before


@pytest.mark.parametrize("query", ["rows=0", "rows=x", "rows=9999999", "rows=1&rows=2", "key=1"])
def test_the_log_is_asked_in_its_own_words_only(one: Open, query: str) -> None:
    assert one.handheld.get(f"/api/v1/scan/log?{query}").status == 400
    assert one.handheld.get(f"/api/v1/scan/log?search={'x' * 201}").status == 400


def test_what_is_not_there_or_asked_another_way_is_a_problem_too(one: Open) -> None:
    assert one.handheld.get("/nowhere").status == 404
    assert one.handheld.get(f"/{quote(code_of(5))}").status == 404
    wrong = one.handheld.ask("DELETE", STATUS)
    assert (wrong.status, wrong.headers["Allow"]) == (405, "GET")
    for method, path in (("OPTIONS", STATUS), ("GET", "/api/v1/scan/undo")):
        assert one.handheld.ask(method, path).status == 405


def test_a_body_that_is_too_long_is_not_read(one: Open) -> None:
    fits = json.dumps({"text": "x" * 7_900}).encode()
    assert one.handheld.ask("POST", "/api/v1/scan/request", fits).status == 200
    big = b" " * API_BODY_BYTES_MAX + b"{}"
    assert one.handheld.ask("POST", "/api/v1/scan/request", big).status == 413
    head = f"POST /api/v1/scan/undo HTTP/1.1\r\nHost: {urlsplit(one.api.url).netloc}\r\n"
    head += f"Authorization: Bearer {one.handheld.key}\r\nContent-Type: application/json\r\n"
    with raw(one.api.url) as door:
        piece = b"4000\r\n" + b" " * 0x4000 + b"\r\n"
        door.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + 2 * piece)
        assert door.recv(100).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    "headers",
    [
        {"Content_Type": None},
        {"Content_Type": "text/plain"},
        {"Content_Type": "application/x-www-form-urlencoded"},
        {"Content_Encoding": "gzip"},
    ],
)
def test_only_json_is_taken_and_only_as_it_is(one: Open, headers: dict[str, str | None]) -> None:
    said = one.handheld.ask("POST", "/api/v1/scan/request", b'{"text": "x"}', **headers)
    assert said.status == 415


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", "", "[::1]:80"])
def test_a_page_that_points_its_own_name_here_is_refused(one: Open, host: str) -> None:
    assert one.handheld.ask("GET", STATUS, Host=host).status == 421


def test_this_machine_may_be_called_localhost(one: Open) -> None:
    port = urlsplit(one.api.url).port
    assert one.handheld.ask("GET", STATUS, Host=f"LocalHost:{port}").status == 200
    assert read_address("127.0.0.1:80", allow_lan=False).hosts() >= {"127.0.0.1", "localhost:80"}
    assert read_address("192.168.1.5:80", allow_lan=True).hosts() == frozenset()


def test_what_is_no_http_is_a_problem_too_and_is_not_repeated(one: Open) -> None:
    for broken in (b"\x16\x03\x01\x02\x00\r\n\r\n", b"GET / HTTP/1.1\r\nGU1 SECRET\r\n\r\n"):
        with raw(one.api.url) as door:
            door.sendall(broken)
            heard = everything(door)
        assert heard.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
        assert b"application/problem+json" in heard
        assert b"SECRET" not in heard


def test_no_key_no_code_and_no_query_is_in_any_log(
    one: Open, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    code, key = code_of(5), one.handheld.key or ""
    one.handheld.request(5)
    one.handheld.get(f"/api/v1/scan/log?search={quote(code)}")
    one.handheld.get(f"/{quote(code)}")
    one.with_key(None).ask("GET", STATUS, Authorization=f"Basic {key}")
    with raw(one.api.url) as door:
        door.sendall(f"GET / HTTP/1.1\r\nbroken {key}\r\n\r\n".encode())
        everything(door)
    assert "POST /api/v1/scan/request 200" in caplog.text
    assert "key Kiosk 1" in caplog.text
    assert not [secret for secret in (code, quote(code), key, "search=") if secret in caplog.text]


def test_a_mistake_of_ours_is_told_without_its_values(
    one: Open, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> None:
        message = "the secret"
        raise KeyError(message)

    monkeypatch.setattr("edge.gate.api.brain.Brain.look", broken)
    said = one.handheld.get("/api/v1/scan/log?rows=1")
    assert said.status == 500
    assert said.row["id"] in caplog.text
    assert "KeyError" in caplog.text
    assert "the secret" not in caplog.text + said.body.decode()
    assert one.handheld.request(5)["verdict"] == "admit"
