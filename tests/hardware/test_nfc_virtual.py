"""The same chips in a virtual reader behind the real PC/SC service, where that is installed.

`apt-get install pcscd vsmartcard-vpcd python3-pyscard`. The virtual reader listens on all
addresses while this test runs, and only one service can run on a machine at a time.
"""

import contextlib
import fcntl
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.nfc import NfcReader, NfcTrouble, find_pcsc
from hardware.ports import Heard, SourceState
from tests.hardware.chips import UID, Files, Pages, Tag, block, text_message
from tests.hardware.waiting import until

ADDRESS = ("127.0.0.1", 35963)
DRIVER = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
SOCKET = Path("/run/pcscd/pcscd.comm")


class VirtualTag:
    """Holds a chip to the virtual reader: a two-byte length before each message, in both ways."""

    def __init__(self, tag: Tag) -> None:
        self._tag = tag
        self._line = socket.create_connection(ADDRESS, timeout=10)
        self._line.settimeout(None)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def take_away(self) -> None:
        self._line.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._line.close()

    def _serve(self) -> None:
        """Answer until taken away, which may be in the middle of a question."""
        with self._line.makefile("rb") as ear, contextlib.suppress(ConnectionError):
            while len(head := ear.read(2)) == 2:
                message = ear.read(int.from_bytes(head))
                if message == b"\x04":
                    self._say(self._tag.atr)
                elif len(message) > 1:
                    self._say(self._tag.answer(message))

    def _say(self, content: bytes) -> None:
        self._line.sendall(len(content).to_bytes(2) + content)


@pytest.fixture(scope="module")
def pcscd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Run the real service in the foreground; skip aloud where that cannot be."""
    program = shutil.which("pcscd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if program is None or not DRIVER.exists():
        pytest.skip("no virtual NFC reader here: apt-get install pcscd vsmartcard-vpcd")
    try:
        find_pcsc()
    except NfcTrouble as trouble:
        pytest.skip(f"no virtual NFC reader here: {trouble}")
    if os.geteuid() != 0:
        pytest.skip("no virtual NFC reader here: only root may start pcscd")
    with (Path("/tmp") / "guichet-test-pcscd.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if SOCKET.exists() and _answers():
            pytest.skip("no virtual NFC reader here: a PC/SC service already runs")
        SOCKET.unlink(missing_ok=True)
        service = subprocess.Popen(
            [program, "--foreground", "--error"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            assert until(SOCKET.exists)
            yield
        finally:
            service.terminate()
            service.wait(20)


def _answers() -> bool:
    with socket.socket(socket.AF_UNIX) as line:
        return line.connect_ex(str(SOCKET)) == 0


def test_chips_are_read_through_the_real_service(pcscd: None) -> None:
    heard: list[Heard] = []
    reader = NfcReader(0)
    reader.start(heard.append)
    assert until(lambda: reader.state is SourceState.OPEN), reader.trouble
    ticket = "GU1:" + "W8H%50KL30 $*+-./:" * 6
    tags: tuple[Tag, ...] = (
        Pages(block(text_message(ticket))),
        Files(text_message(ticket * 3)),
        Pages(b""),
    )
    for count, tag in enumerate(tags, start=1):
        held = VirtualTag(tag)
        assert until(lambda expected=count: len(heard) == expected), reader.trouble  # type: ignore[misc]
        held.take_away()
    assert [(h.text, h.uid) for h in heard] == [(ticket, UID), (ticket * 3, UID), (None, UID)]
    assert "Virtual PCD" in heard[0].source_name
    reader.close()
