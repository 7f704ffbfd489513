"""The lab itself: what is cut is cut, what is healed is heard, and nothing stays behind."""

import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from hardware.wall_clock import SystemClock
from tests.outside import namespaces
from tests.outside.conftest import new_lab
from tests.outside.fair import until
from tests.outside.lab import Lab
from tests.outside.needs import need
from tests.rehearsal.boxes import CHECKOUT, environment

PORT = 9_000
ANSWER_BYTES = 100_000
SOON_S = 0.4
SENT = 200
LATE_S = 60
GROUP = "224.0.0.251"
CHILD = """
import subprocess, sys
from tests.outside.lab import Lab
lab = Lab("lost")
with lab.hosts["lost"].inside():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
print(child.pid, lab.hosts["lost"].space.name, flush=True)
input()
"""


@pytest.fixture
def lab() -> Iterator[Lab]:
    """Two guests and a host that answers everybody who connects."""
    with new_lab("north", "south", "server") as one:
        server = one.hosts["server"]
        with server.inside(), socket.create_server((server.address, PORT)) as door:
            threading.Thread(target=answer_all, args=(door,), daemon=True).start()
            yield one
            door.shutdown(socket.SHUT_RDWR)


def answer_all(door: socket.socket) -> None:
    while True:
        try:
            guest, _ = door.accept()
        except OSError:
            return
        with guest:
            guest.sendall(bytes(ANSWER_BYTES))


def hears(lab: Lab, name: str, wait_s: float = SOON_S) -> bool:
    """Tell whether a host gets the server's whole answer in time."""
    got = 0
    try:
        with (
            lab.hosts[name].inside(),
            socket.create_connection((lab.hosts["server"].address, PORT), wait_s) as line,
        ):
            while piece := line.recv(1 << 16):
                got += len(piece)
    except OSError:
        return False
    return got == ANSWER_BYTES


def test_a_cut_takes_those_that_were_named_and_healing_brings_them_back(lab: Lab) -> None:
    assert hears(lab, "north", LATE_S)
    lab.cut("north", "server")
    assert not hears(lab, "north")
    assert hears(lab, "south", LATE_S)
    lab.cut("server")
    assert not hears(lab, "south")
    lab.heal()
    assert hears(lab, "north", LATE_S)
    assert hears(lab, "south", LATE_S)


def test_one_way_lets_words_through_and_no_answers(lab: Lab) -> None:
    with lab.hosts["server"].inside():
        ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        ear.bind(("", PORT))
        ear.settimeout(SOON_S)
    with lab.hosts["north"].inside():
        mouth = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    there = (lab.hosts["server"].address, PORT)
    assert hears(lab, "north", LATE_S)  # each knows the other's card
    with ear, mouth:
        lab.one_way("server", "north")
        mouth.sendto(b"heard", there)
        assert ear.recv(16) == b"heard"
        assert not hears(lab, "north")
        lab.one_way("north", "server")
        mouth.sendto(b"not heard", there)
        with pytest.raises(TimeoutError):
            ear.recv(16)


def test_a_thin_cable_takes_its_time(lab: Lab) -> None:
    clock = SystemClock()
    lab.slow("north", 1_000)
    start_ms = clock.monotonic_ms()
    assert hears(lab, "north", LATE_S)
    assert clock.monotonic_ms() - start_ms > 500  # 800 kbit, less what a burst lets through
    lab.heal()
    assert hears(lab, "north", LATE_S)


def test_a_lossy_cable_drops_about_the_share_that_was_asked_for(lab: Lab) -> None:
    assert hears(lab, "north", LATE_S)  # each knows the other's card
    lab.lose("north", 30)
    with lab.hosts["server"].inside():
        ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        ear.bind(("", PORT))
        ear.settimeout(SOON_S)
    with lab.hosts["north"].inside():
        mouth = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    heard = 0
    with ear, mouth, suppress(TimeoutError):
        for _ in range(SENT):
            mouth.sendto(b"word", (lab.hosts["server"].address, PORT))
        while heard < SENT:
            heard += len(ear.recv(16)) > 0
    assert SENT // 2 < heard < SENT * 9 // 10


def test_multicast_reaches_every_host_of_the_switch(lab: Lab) -> None:
    ears = []
    for name in ("south", "server"):
        host = lab.hosts[name]
        with host.inside():
            ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        ear.bind(("", PORT))
        member = struct.pack("4s4s", socket.inet_aton(GROUP), socket.inet_aton(host.address))
        ear.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        ear.settimeout(LATE_S)
        ears.append(ear)
    with lab.hosts["north"].inside():
        mouth = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with mouth:
        mouth.sendto(b"here", (GROUP, PORT))
    for ear in ears:
        with ear:
            assert ear.recv(16) == b"here"


def test_what_a_killed_run_left_behind_is_swept_with_everything_in_it() -> None:
    new_lab().close()  # skips where there are no namespaces
    with subprocess.Popen(
        [sys.executable, "-c", CHILD],
        cwd=CHECKOUT,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        pid, name = child.stdout.readline().split()
        assert (Path("/run/netns") / name).exists()
        os.kill(child.pid, signal.SIGKILL)
    until(lambda: not Path(f"/proc/{child.pid}").exists(), "the end of the killed run")
    swept = namespaces.sweep()
    assert name in swept or not (Path("/run/netns") / name).exists()
    until(lambda: not is_alive(int(pid)), "the end of what ran inside")


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that has ended and that nobody waits for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_machine_that_lacks_something_says_what_and_how_to_bring_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1_000)
    with pytest.raises(pytest.skip.Exception, match="root is needed to cut cables: start"):
        need(root=True, why="cut cables")
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(pytest.skip.Exception, match="apt-get install nftables"):
        need("nft", why="cut cables")
