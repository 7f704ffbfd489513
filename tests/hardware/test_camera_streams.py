"""A camera on the network may be slow, silent, or away for a while: the gate never hangs for it."""

import http.server
import socket
import threading
from collections.abc import Iterator
from typing import Any, ClassVar

import cv2
import numpy as np
import pytest

from hardware.camera import CameraTrouble, open_camera
from hardware.ports import CameraState
from tests.hardware.waiting import until


class _Handler(http.server.BaseHTTPRequestHandler):
    """Multipart JPEG, as network cameras send it, until told to stop."""

    stop: ClassVar[threading.Event]

    def do_GET(self) -> None:
        picture = bytes(cv2.imencode(".jpg", np.full((48, 64, 3), 200, dtype=np.uint8))[1])
        head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        try:
            while not self.stop.wait(0.01):
                self.wfile.write(head.encode() + picture + b"\r\n")
        except ConnectionError:
            return

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class StreamServer:
    """A network camera that can be switched off and on at the same address."""

    def __init__(self) -> None:
        self.port = 0
        self.switch_on()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/video.mjpg"

    def switch_on(self) -> None:
        stop = threading.Event()
        handler = type("_Switched", (_Handler,), {"stop": stop})
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        self.port = self._server.server_address[1]
        self._stop = stop
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def switch_off(self) -> None:
        self._stop.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def network_camera(monkeypatch: pytest.MonkeyPatch) -> Iterator[StreamServer]:
    monkeypatch.setattr("hardware.camera.REOPEN_MS_MIN", 20)
    server = StreamServer()
    yield server
    server.switch_off()


def test_a_network_camera_that_goes_away_comes_back_without_a_restart(
    network_camera: StreamServer,
) -> None:
    camera = open_camera(network_camera.address)
    assert until(lambda: camera.newest() is not None)
    network_camera.switch_off()
    assert until(lambda: camera.state is CameraState.UNPLUGGED)
    camera.newest()
    network_camera.switch_on()
    assert until(lambda: camera.newest() is not None)
    assert camera.state is CameraState.OPEN
    camera.close()


def test_a_patient_camera_may_come_later_than_the_gate(network_camera: StreamServer) -> None:
    network_camera.switch_off()
    with pytest.raises(CameraTrouble, match="does not open"):
        open_camera(network_camera.address)
    camera = open_camera(network_camera.address, patient=True)
    assert camera.state is CameraState.UNPLUGGED
    assert camera.newest() is None
    network_camera.switch_on()
    assert until(lambda: camera.newest() is not None)
    assert str(camera.state) == "open"
    camera.close()


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_an_address_that_accepts_and_never_answers_is_given_up(
    scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hardware.camera.STREAM_OPEN_MS_MAX", 300)
    monkeypatch.setattr("hardware.camera.STREAM_READ_MS_MAX", 300)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"{scheme}://127.0.0.1:{silent.getsockname()[1]}/video"
        opened: list[str] = []

        def attempt() -> None:
            try:
                open_camera(address)
            except CameraTrouble as trouble:
                opened.append(str(trouble))

        thread = threading.Thread(target=attempt, daemon=True)
        thread.start()
        thread.join(15)
        assert opened, "opening hangs"
        assert "does not open" in opened[0]


def test_a_device_that_is_not_there_yet_is_unplugged_when_one_is_patient() -> None:
    camera = open_camera("/dev/video77", patient=True)
    assert camera.state is CameraState.UNPLUGGED
    assert camera.newest() is None
    camera.close()


def test_patience_does_not_forgive_a_name_that_is_no_camera() -> None:
    with pytest.raises(CameraTrouble, match="name a device number"):
        open_camera("camrea", patient=True)
