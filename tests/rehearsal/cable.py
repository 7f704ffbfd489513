"""A cable between a box and its office that can be pulled: a small TCP relay on loopback.

Pulled, it refuses new connections and drops those that live, in the middle of whatever they carry.
"""

import contextlib
import selectors
import socket
import threading
from types import TracebackType
from typing import Final, Self

_PIECE_BYTES: Final = 1 << 16
_CONNECT_S: Final = 2.0


class Cable:
    """Relays every connection to `port` on loopback until it is pulled; `port` of its own.

    `carried_bytes` counts what went through, in both directions.
    """

    def __init__(self, target_port: int) -> None:
        """Listen on a free port of loopback and lead to another."""
        self._target = ("127.0.0.1", target_port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._live: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._pulled = False
        self._closed = False
        self.carried_bytes = 0
        threading.Thread(target=self._accept, name="cable", daemon=True).start()

    @property
    def is_pulled(self) -> bool:
        """Tell whether nothing goes through."""
        return self._pulled

    def pull(self) -> None:
        """Cut every connection and let no new one through."""
        with self._lock:
            self._pulled = True
            live = list(self._live)
        for one in live:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def plug(self) -> None:
        """Let connections through again."""
        self._pulled = False

    def close(self) -> None:
        """Pull the cable for good."""
        self._closed = True
        self.pull()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def __enter__(self) -> Self:
        """Use the cable within a block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it at the end of the block."""
        self.close()

    def _accept(self) -> None:
        while not self._closed:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._relay, args=(near,), daemon=True).start()

    def _relay(self, near: socket.socket) -> None:
        """Carry both directions of one connection until either end or the cable goes."""
        with near:
            if self._pulled:
                return
            try:
                far = socket.create_connection(self._target, _CONNECT_S)
            except OSError:
                return
            with far:
                with self._lock:
                    self._live |= {near, far}
                try:
                    self._carry(near, far)
                except OSError:
                    pass  # the cable was pulled or an end went away: both ends are closed now
                finally:
                    with self._lock:
                        self._live -= {near, far}

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        other = {near: far, far: near}
        with selectors.DefaultSelector() as selector:
            for one in other:
                selector.register(one, selectors.EVENT_READ)
            while selector.get_map() and not self._pulled:
                for key, _ in selector.select():
                    source = key.fileobj
                    if not isinstance(source, socket.socket):
                        continue
                    piece = source.recv(_PIECE_BYTES)
                    if self._pulled:
                        return
                    if piece:
                        with self._lock:
                            self.carried_bytes += len(piece)
                        other[source].sendall(piece)
                    else:
                        other[source].shutdown(socket.SHUT_WR)
                        selector.unregister(source)
