"""Behind a proxy the office knows who asks, and nobody else can pretend."""

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from cloud.forwarding import PROXIES, as_asked

pytestmark = pytest.mark.one_engine
PROXY = "127.0.0.1"


class Line:
    """What a request came over."""

    def __init__(self, address: str) -> None:
        self.address = address

    def get_extra_info(self, name: str) -> object:
        return (self.address, 4_000) if name == "peername" else None


def asked(peer: str, forwarded: str = "", proto: str = "", proxies: str = PROXY) -> web.Request:
    app = web.Application()
    app[PROXIES] = frozenset(proxies.split())
    headers = CIMultiDict[str]()
    for one in forwarded.split("\n"):
        headers.add("X-Forwarded-For", one)
    for one in proto.split("\n"):
        headers.add("X-Forwarded-Proto", one)
    line = Line(peer)
    request = make_mocked_request("GET", "/", headers, app=app, transport=line)
    return as_asked(request.clone(remote=peer))


def test_without_a_proxy_nothing_that_a_request_says_of_itself_is_believed() -> None:
    request = asked("192.0.2.1", "10.0.0.1", "https", proxies="")
    assert (request.remote, request.secure) == ("192.0.2.1", False)


def test_somebody_who_is_no_proxy_is_not_believed() -> None:
    request = asked("192.0.2.1", "10.0.0.1", "https")
    assert (request.remote, request.secure) == ("192.0.2.1", False)


def test_a_proxy_says_who_asks_and_that_it_came_over_tls() -> None:
    request = asked(PROXY, "192.0.2.7", "https")
    assert (request.remote, request.secure) == ("192.0.2.7", True)


@pytest.mark.parametrize(
    "forwarded, found",
    [
        ("10.9.9.9, 192.0.2.7", "192.0.2.7"),
        ("192.0.2.7, 127.0.0.1", "192.0.2.7"),
        ("rubbish, 127.0.0.1", PROXY),
        ("192.0.2.7, rubbish", PROXY),
        ("", PROXY),
        ("2001:DB8::7", "2001:db8::7"),
        ("10.9.9.9\n192.0.2.7", "192.0.2.7"),
        ("192.0.2.7\n127.0.0.1", "192.0.2.7"),
        ("10.9.9.9, 127.0.0.1\n192.0.2.7, 127.0.0.1", "192.0.2.7"),
        ("127.0.0.1\n192.0.2.7", "192.0.2.7"),
    ],
)
def test_only_the_last_address_that_is_no_proxy_counts(forwarded: str, found: str) -> None:
    assert asked(PROXY, forwarded).remote == found


def test_a_scheme_that_is_none_changes_nothing() -> None:
    assert asked(PROXY, "192.0.2.7", "javascript").scheme == "http"


@pytest.mark.parametrize("proto", ["http\nhttps", "http, https", " HTTPS "])
def test_the_last_proxy_says_by_which_scheme_it_was_asked(proto: str) -> None:
    assert asked(PROXY, "192.0.2.7", proto).scheme == "https"
