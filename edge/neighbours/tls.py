"""TLS between neighbours: each shows the festival's certificate and believes no other.

The server proves itself in the handshake, before the client has sent a byte; the client proves
itself by the signature of each request. Names and dates of X.509 play no part.
"""

import asyncio
import os
import ssl
from base64 import encodebytes
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp

from edge.neighbours.x509 import Shown, believe
from sync.certificates import Certificate
from sync.keys import PublicKey, digest


def server_context(shown: Shown) -> ssl.SSLContext:
    """Return the context of a door that shows this certificate; TLS 1.3 and nothing older."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    both = _pem("CERTIFICATE", shown.certificate) + _pem("PRIVATE KEY", shown.private_key)
    with _in_memory(both) as path:
        context.load_cert_chain(path)
    return context


class FestivalCheck(aiohttp.Fingerprint):
    """Looks at what a server shows, after the handshake and before anything is sent to it.

    `seen` is whom the festival certified as the server, once a connection was made.
    """

    def __init__(self, festival_key: PublicKey, festival: int) -> None:
        """Believe what leads back to this festival's key."""
        super().__init__(digest(festival_key.raw))
        self._festival_key = festival_key
        self._festival = festival
        self.seen: Certificate | None = None

    def check(self, transport: asyncio.Transport) -> None:
        """Raise `ServerFingerprintMismatch` unless the server is of the festival."""
        secure = transport.get_extra_info("ssl_object")
        der = b"" if secure is None else secure.getpeercert(binary_form=True) or b""
        self.seen = believe(der, self._festival_key, self._festival)
        if self.seen is None:
            host, port, *_ = transport.get_extra_info("peername") or ("", 0)
            raise aiohttp.ServerFingerprintMismatch(self.fingerprint, digest(der), host, port)


def _pem(what: str, content: bytes) -> bytes:
    """Return DER in the form in which the TLS library wants its files (RFC 7468)."""
    text = encodebytes(content)
    return b"-----BEGIN %b-----\n%b-----END %b-----\n" % (what.encode(), text, what.encode())


@contextmanager
def _in_memory(content: bytes) -> Iterator[str]:
    """Lend the path of a file that is on no disk: the TLS library reads keys from files only."""
    handle = os.memfd_create("guichet", os.MFD_CLOEXEC)
    try:
        os.write(handle, content)
        yield f"/proc/self/fd/{handle}"
    finally:
        os.close(handle)
