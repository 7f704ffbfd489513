"""A handheld that asks a gate over a real socket; each answer is held against its description."""

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from edge.gate.api.keys import Scope, add_key
from edge.gate.api.openapi import DOCUMENT
from edge.gate.api.server import Patience, ScanApi
from edge.uplink import Uplink
from sync.telling import Answer
from tests.edge.boxes import code_of
from tests.edge.gate.gates import Gate

TIMEOUT_S: Final = 30
SAFE: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Server": "guichet",
}


@dataclass
class Said:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def row(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def detail(self) -> str:
        """The sentence of a problem."""
        return str(self.row["detail"])


@dataclass
class Handheld:
    """Somebody with a key, at a gate's scan API."""

    url: str
    key: str | None
    headers: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str | None) -> Said:
        """Ask once, on a connection of its own; a header of None is left out."""
        sent: dict[str, str | None] = {**self.headers}
        if self.key is not None:
            sent["Authorization"] = f"Bearer {self.key}"
        if body is not None:
            sent["Content-Type"] = "application/json"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        door = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=TIMEOUT_S)
        try:
            known = {name: value for name, value in sent.items() if value is not None}
            door.request(method, path, body, known)
            answer = door.getresponse()
            said = Said(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            door.close()
        check(method, path, said)
        return said

    def get(self, path: str) -> Said:
        """Look."""
        return self.ask("GET", path)

    def post(self, what: str, **command: Any) -> Said:
        """Scan: request, confirm, undo."""
        return self.ask("POST", f"/api/v1/scan/{what}", json.dumps(command).encode())

    def request(self, serial: int, ticket_type: int = 1, **more: Any) -> Any:
        """Take the first step with a genuine ticket and return the verdict."""
        said = self.post("request", text=code_of(serial, ticket_type=ticket_type), **more)
        assert said.status == 200, said
        return said.row

    def confirm(self, session: str, **more: Any) -> Any:
        """Take the second step and return the verdict."""
        said = self.post("confirm", session=session, **more)
        assert said.status == 200, said
        return said.row


def check(method: str, path: str, said: Said) -> None:
    """Hold an answer against its description; every problem has its shape, whatever was asked."""
    assert SAFE.items() <= said.headers.items()
    assert not [name for name in said.headers if name.lower().startswith("access-control")]
    if said.status >= 400:
        assert said.headers["Content-Type"].startswith("application/problem+json")
        assert said.row["status"] == said.status
        validate({"$ref": "#/components/schemas/Problem"}, said.row)
        assert said.status not in {429, 503} or int(said.headers["Retry-After"]) >= 1
    operation = DOCUMENT["paths"].get(path.partition("?")[0], {}).get(method.lower())
    if operation is None:
        return
    assert str(said.status) in operation["responses"]
    if said.status == 200:
        ((media, shape),) = operation["responses"]["200"]["content"].items()
        assert said.headers["Content-Type"].startswith(media)
        validate(shape["schema"], said.body.decode() if media == "text/plain" else said.row)


def validate(schema: Any, value: Any) -> None:
    """Check a value against a part of the description."""
    whole = schema | {"components": DOCUMENT["components"]}
    Draft202012Validator(whole).validate(value)


@contextmanager
def raw(url: str) -> Iterator[socket.socket]:
    """Open a bare connection."""
    where = urlsplit(url)
    with closing(socket.create_connection((where.hostname or "", where.port or 0), 20)) as door:
        yield door


def everything(door: socket.socket) -> bytes:
    """Return what comes until the other side ends the connection."""
    heard = b""
    try:
        while piece := door.recv(1 << 16):
            heard += piece
    except ConnectionResetError:
        pass
    return heard


@dataclass
class Open:
    """A gate whose scan API is open."""

    gate: Gate
    api: ScanApi
    handheld: Handheld
    told: list[Answer]

    def with_key(self, key: str | None) -> Handheld:
        """Return somebody with another key."""
        return Handheld(self.api.url, key)


@contextmanager
def open_api(
    gate: Gate, address: str = "127.0.0.1:0", patience: Patience | None = None
) -> Iterator[Open]:
    """Open a gate's scan API with one key for scanning."""
    key = add_key(gate.terminal.folder, "Kiosk 1", Scope.SCAN)
    told: list[Answer] = []
    uplink = Uplink(gate.terminal)
    api = ScanApi(gate.terminal, uplink, gate.desk, address, told.append, patience=patience)
    api.start()
    try:
        yield Open(gate, api, Handheld(api.url, key), told)
    finally:
        api.stop()


def api_of(gate: Gate, address: str, *, allow_lan: bool = False) -> ScanApi:
    """Return a scan API that has not begun."""
    return ScanApi(gate.terminal, Uplink(gate.terminal), gate.desk, address, allow_lan=allow_lan)


@contextmanager
def held(gate: Gate) -> Iterator[None]:
    """Keep the lane busy meanwhile."""
    begun, go = threading.Event(), threading.Event()

    def job() -> None:
        begun.set()
        go.wait(20)

    future = gate.terminal.lane.ask(job)
    assert begun.wait(20)
    try:
        yield
    finally:
        go.set()
        future.result(20)
