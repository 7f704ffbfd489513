"""Who really asks, where a proxy stands in front that takes TLS off and asks in their place.

Only a proxy that was named is believed, and of the addresses that it passes on only the last one
that is no proxy of ours: whatever stands before it anybody may have written.
"""

from collections.abc import Collection
from ipaddress import IPv6Address, ip_address
from typing import Final

from aiohttp import web

PROXIES: Final = web.AppKey("proxies", frozenset)
FORWARDED_FOR: Final = "X-Forwarded-For"
FORWARDED_PROTO: Final = "X-Forwarded-Proto"
_HOPS_MAX: Final = 16
_NETWORK_BYTES: Final = 8
_SCHEMES: Final = frozenset({"http", "https"})


def as_asked(request: web.Request) -> web.Request:
    """Return a request as whoever asked the proxy sent it; itself if no proxy of ours did."""
    proxies: frozenset[str] = request.app.get(PROXIES) or frozenset()
    if request.remote not in proxies:
        return request
    scheme = _passed_on(request, FORWARDED_PROTO)[-1].lower()
    return request.clone(
        remote=_address(request, proxies),
        scheme=scheme if scheme in _SCHEMES else request.scheme,
    )


def network_of(address: str) -> bytes:
    """Return by what somebody is counted who asks from an address.

    Of IPv6 it is the first half, for the rest is one's own to choose.
    """
    try:
        read = ip_address(address)
    except ValueError:
        return address.encode("utf-8", "replace")
    if isinstance(read, IPv6Address):
        mapped = read.ipv4_mapped
        return read.packed[:_NETWORK_BYTES] if mapped is None else mapped.packed
    return read.packed


def _address(request: web.Request, proxies: Collection[str]) -> str:
    """Return the last address on the way here that is not a proxy of ours."""
    for hop in reversed(_passed_on(request, FORWARDED_FOR)[-_HOPS_MAX:]):
        address = _plain(hop)
        if address is None:
            break
        if address not in proxies:
            return address
    return request.remote or ""


def _passed_on(request: web.Request, name: str) -> list[str]:
    """Return what was passed on under a name, the latest last; an empty text if nothing was.

    A proxy may write into the line that is there or add one of its own (RFC 9110, 5.3).
    """
    lines = request.headers.getall(name, [])
    return [part.strip() for part in ",".join(lines).split(",")]


def _plain(text: str) -> str | None:
    """Return an address as it is usually written, None if the text is none."""
    try:
        return str(ip_address(text))
    except ValueError:
        return None
