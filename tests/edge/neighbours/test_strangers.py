"""Who is refused on the LAN, and that it is counted: strangers, thieves, those put away."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Coroutine
from contextlib import ExitStack
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from edge.gate.desk import GateDesk
from edge.limits import LAN_CONNECTIONS_MAX
from edge.neighbours.lan import Lan, LanTrouble, door_at, read_lan
from edge.neighbours.line import CONVERSATION_PATH, NeighbourLine, NeighbourTrouble
from edge.neighbours.site import Neighbours
from edge.neighbours.talk import NeighbourTalk
from edge.terminal import Terminal
from hardware.bench import ManualClock
from hardware.wall_clock import SystemClock
from provisioning.manifest import Manifest, load, save
from provisioning.request_signing import NONCE_HEADER, sign_request
from sync.certificates import Certificate, Subject, certify
from sync.facts import TerminalRevoked
from sync.keys import SecretKey
from sync.limits import MESSAGE_BYTES_MAX
from sync.names import Role
from tests.edge.boxes import FESTIVAL, NOW_MS, OFFICE_CERTIFICATE, OFFICE_KEY, make_folder
from tests.edge.neighbours.sites import SiteGate, eventually

ALONE = Lan(finds=False, listed=(), listen=("127.0.0.1", 0))


class Visitor:
    """A terminal that knocks at a gate's door by hand."""

    def __init__(self, folder: Path, number: int = 60, role: str = "gate") -> None:
        make_folder(folder, role, number)
        self.reopen(folder, Role.GATE if role == "gate" else Role.BAR)

    def reopen(self, folder: Path, role: Role) -> None:
        self.terminal = Terminal(folder, role, clock=SystemClock(), synchronised=True)
        self.talk = NeighbourTalk(self.terminal)

    def visit(self, gate: SiteGate, body: bytes | None = None) -> bytes:
        """Say hello as the product does and return the answer; `NeighbourTrouble` if refused."""

        async def knock(session: aiohttp.ClientSession) -> bytes:
            place = ("127.0.0.1", gate.neighbours.port)
            line = NeighbourLine(self.terminal, session, place, 0)
            said = self.talk.say(gate.name) if body is None else body
            return (await line.ask(CONVERSATION_PATH, said)).body

        return bytes(run(knock))


def run(work: Any) -> Any:
    async def within() -> Any:
        try:
            async with aiohttp.ClientSession() as session:
                return await work(session)
        finally:
            await all_closed()

    main: Coroutine[Any, Any, Any] = within()
    return asyncio.run(main)


async def all_closed() -> None:
    """Wait until the gate has said goodbye too, however slow this machine is; 10 s at most."""
    transports: Any = asyncio.get_running_loop()._transports  # type: ignore[attr-defined]
    for _ in range(1_000):
        await asyncio.sleep(0.01)
        if all(one.is_closing() for one in transports.values()):
            break
    await asyncio.sleep(0)


def refused(gate: SiteGate, why: str) -> int:
    return gate.figures.get(f"refused_{why}", 0)


@pytest.fixture
def gate(tmp_path: Path) -> Any:
    one = SiteGate(tmp_path / "gate", 10, ALONE)
    yield one
    one.close()


def test_a_terminal_of_the_festival_is_heard(gate: SiteGate, tmp_path: Path) -> None:
    visitor = Visitor(tmp_path / "visitor")
    assert visitor.visit(gate)
    assert all(not name.startswith("refused") for name in gate.figures)
    visitor.terminal.close()


def test_a_terminal_of_another_festival_believes_nobody_here_and_nobody_believes_it(
    gate: SiteGate, tmp_path: Path
) -> None:
    visitor = Visitor(tmp_path / "visitor")
    other = SecretKey(bytes([99]) * 32)
    visitor.terminal.manifest = type(visitor.terminal.manifest)(
        **{
            **{name: getattr(visitor.terminal.manifest, name) for name in _fields()},
            "festival_key": other.public.raw.hex(),
        }
    )
    with pytest.raises(NeighbourTrouble) as trouble:
        visitor.visit(gate)
    assert trouble.value.why == "stranger"
    visitor.terminal.close()


def _fields() -> tuple[str, ...]:
    return tuple(field.name for field in fields(Manifest))


def certified_by(folder: Path, office: SecretKey, **changes: Any) -> None:
    """Replace a folder's certificate by one that this key signed, with changes."""
    manifest = load(folder)
    old = manifest.certificate
    certificate = replace(old, **changes)
    chain = (OFFICE_CERTIFICATE.hex(), certify(certificate, office).hex())
    names = {name: getattr(manifest, name) for name in _fields()} | {"certificates": chain}
    save(type(manifest)(**names), folder)


def test_a_certificate_that_ran_out_is_refused_and_counted(gate: SiteGate, tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "old", "gate", 61)
    certified_by(folder, OFFICE_KEY, valid_until=1_000_000)
    visitor = Visitor.__new__(Visitor)
    visitor.reopen(folder, Role.GATE)
    with pytest.raises(NeighbourTrouble):
        visitor.visit(gate)
    assert refused(gate, "expired") == 1
    visitor.terminal.close()


def test_a_box_that_does_not_know_the_time_shuts_nobody_out_for_a_date(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "lost", "gate", 12)
    terminal = Terminal(folder, Role.GATE, clock=ManualClock(NOW_MS), synchronised=False)
    terminal.start()
    old = make_folder(tmp_path / "old", "gate", 61)
    certified_by(old, OFFICE_KEY, valid_until=1_000_000)
    visitor = Visitor.__new__(Visitor)
    visitor.reopen(old, Role.GATE)
    neighbours = Neighbours(terminal, ALONE)
    neighbours.start()

    class Lost:
        name = terminal.manifest.terminal_id

    Lost.neighbours = neighbours  # type: ignore[attr-defined]
    try:
        assert visitor.visit(Lost)  # type: ignore[arg-type]
    finally:
        neighbours.stop()
        terminal.close()
        visitor.terminal.close()


def test_a_certificate_that_another_office_signed_is_refused(
    gate: SiteGate, tmp_path: Path
) -> None:
    visitor = Visitor(tmp_path / "visitor")
    forged = Certificate(
        FESTIVAL, Subject.WRITER, Role.GATE, visitor.terminal.manifest.terminal_id,
        visitor.terminal.identity.public, "forged", 0, 0,
    )  # fmt: skip
    chain = (OFFICE_CERTIFICATE, certify(forged, SecretKey(bytes([98]) * 32)))
    visitor.talk._node = type(visitor.talk._node)(visitor.talk._node.terminal, chain, Role.GATE)
    with pytest.raises(NeighbourTrouble):
        visitor.visit(gate)
    assert refused(gate, "stranger") == 1
    visitor.terminal.close()


def test_a_revoked_terminal_is_refused_and_counted(tmp_path: Path) -> None:
    visitor = Visitor(tmp_path / "visitor")
    word = TerminalRevoked(visitor.terminal.manifest.terminal_id, ())
    gate = SiteGate(tmp_path / "gate", 10, ALONE, word)
    try:
        with pytest.raises(NeighbourTrouble) as trouble:
            visitor.visit(gate)
        assert trouble.value.why == "revoked"
        assert refused(gate, "revoked") == 1
    finally:
        gate.close()
        visitor.terminal.close()


def test_who_has_the_papers_and_not_the_key_is_refused(gate: SiteGate, tmp_path: Path) -> None:
    visitor = Visitor(tmp_path / "visitor")
    visitor.terminal.identity = SecretKey(bytes([97]) * 32)
    with pytest.raises(NeighbourTrouble):
        visitor.visit(gate)
    assert refused(gate, "bad_signature") >= 1
    visitor.terminal.close()


def test_bytes_that_are_no_message_are_refused_whoever_signs_them(
    gate: SiteGate, tmp_path: Path
) -> None:
    visitor = Visitor(tmp_path / "visitor")
    assert visitor.visit(gate)
    before = gate.terminal.lane.run(gate.terminal.store.last_arrival)
    for body in (b"\xff" * 100, visitor.talk.say(gate.name)[:-1], b""):
        with pytest.raises(NeighbourTrouble):
            visitor.visit(gate, body)
    assert refused(gate, "no_message") == 3
    assert gate.terminal.lane.run(gate.terminal.store.last_arrival) == before
    visitor.terminal.close()


def test_a_request_that_was_heard_before_or_is_for_another_gate_is_refused(
    gate: SiteGate, tmp_path: Path
) -> None:
    visitor = Visitor(tmp_path / "visitor")
    body = visitor.talk.say(gate.name)
    url = f"https://127.0.0.1:{gate.neighbours.port}{CONVERSATION_PATH}"
    own = visitor.terminal

    async def knock(session: aiohttp.ClientSession) -> list[int]:
        async with session.post(url, data=b"", ssl=False) as answer:
            nonce = answer.headers[NONCE_HEADER]
        statuses, sent = [answer.status], dict[str, str]()
        for receiver in (gate.name, bytes(16)):
            name = own.manifest.terminal_id
            sent = sign_request(
                own.identity, "POST", CONVERSATION_PATH, body, receiver, nonce, name
            )
            for content in (body, body[:-2] + b"\0\0"):
                async with session.post(url, data=content, headers=sent, ssl=False) as answer:
                    statuses.append(answer.status)
        stale = {**sent, NONCE_HEADER: "00" * 24}
        async with session.post(url, data=body, headers=stale, ssl=False) as answer:
            statuses.append(answer.status)
        return statuses

    first, good, changed, elsewhere, _, stale = run(knock)
    assert (first, good, elsewhere, stale) == (401, 200, 401, 401)
    assert changed in {401, 403}
    visitor.terminal.close()


@pytest.mark.filterwarnings("ignore:Sending a large body")
def test_a_message_that_is_too_long_is_refused_before_it_is_read(
    gate: SiteGate, tmp_path: Path
) -> None:
    visitor = Visitor(tmp_path / "visitor")
    assert visitor.visit(gate)
    with pytest.raises(NeighbourTrouble):
        visitor.visit(gate, b"\0" * (MESSAGE_BYTES_MAX + 1))
    assert refused(gate, "too_long") + refused(gate, "no_message") == 1
    visitor.terminal.close()


@pytest.mark.parametrize(
    "text", ["", "auto ", "host", "host:0", "host:70000", ":1", "a b:1", "http://x:1", "h:1,,h:2"]
)
def test_a_list_that_makes_no_sense_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(LanTrouble, match="write auto, off, or HOST:PORT"):
        read_lan(text)


def test_words_and_lists_are_read() -> None:
    assert read_lan("off") is None
    found = read_lan("auto")
    assert found is not None
    assert found.finds
    lan = read_lan("10.0.0.1:7000, gate-2.local:7001,[fe80::1]:3", "127.0.0.1:0")
    assert lan is not None
    assert lan.listed == (("10.0.0.1", 7000), ("gate-2.local", 7001), ("fe80::1", 3))
    assert not lan.finds


def test_a_port_that_is_taken_is_named_with_what_to_do() -> None:
    with door_at(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(LanTrouble, match="choose another address or port with --lan"):
            door_at(("127.0.0.1", port))


def test_a_gate_that_was_put_away_leaves_the_others_alone(tmp_path: Path) -> None:
    north = SiteGate(tmp_path / "north", 10, ALONE)
    south = SiteGate(tmp_path / "south", 11, ALONE)
    try:
        north.meets(south)
        eventually(lambda: south.figures["neighbours"] == 1, "they met")
        south.neighbours.stop()
        for serial in range(5):
            assert north.scan(serial) == "admit"
        eventually(lambda: north.figures["neighbours"] == 0, "south is missed")
        assert GateDesk(north.terminal).counters()["admitted_here"] == 5
    finally:
        north.close()
        south.close()


def test_a_crowd_that_connects_and_says_nothing_leaves_room_for_neighbours(
    gate: SiteGate, tmp_path: Path
) -> None:
    """Connections beyond the limit are ended at once; those that exist are not hurt."""
    with ExitStack() as undo:
        crowd = []
        for _ in range(LAN_CONNECTIONS_MAX + 20):
            one = socket.create_connection(("127.0.0.1", gate.neighbours.port), 5)
            undo.callback(one.close)
            crowd.append(one)
        visitor = Visitor(tmp_path / "visitor")
        undo.callback(visitor.terminal.close)
        for one in crowd:
            one.close()
        eventually(lambda: _is_heard(visitor, gate), "the neighbour is heard again")


def _is_heard(visitor: Visitor, gate: SiteGate) -> bool:
    try:
        return bool(visitor.visit(gate))
    except NeighbourTrouble:
        return False


def test_a_gate_that_stops_lets_who_is_shaking_hands_come_to_an_end(tmp_path: Path) -> None:
    gate = SiteGate(tmp_path / "gate", 10, ALONE)
    with socket.create_connection(("127.0.0.1", gate.neighbours.port), 5) as slow:
        threading.Event().wait(0.2)  # the gate takes the connection
        stopping = threading.Thread(target=gate.close)
        stopping.start()
        stopping.join(0.5)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with context.wrap_socket(slow) as safe:
            assert safe.version() == "TLSv1.3"
            assert safe.recv(1) == b""
        stopping.join()


def test_a_false_word_of_where_a_neighbour_is_hides_nobody(tmp_path: Path) -> None:
    north = SiteGate(tmp_path / "north", 10, ALONE)
    south = SiteGate(tmp_path / "south", 11, ALONE)
    east = SiteGate(tmp_path / "east", 12, ALONE)
    try:
        north.meets(south)
        eventually(lambda: north.figures["neighbours"] == 1, "they met")
        for _ in range(3):  # somebody says that south is where east is
            north.neighbours.found(south.name, Role.GATE, ("127.0.0.1", east.neighbours.port))
        assert north.scan(1) == "admit"
        eventually(lambda: south.scan(1) == "already_inside", "south is still told")
    finally:
        for one in (north, south, east):
            one.close()
