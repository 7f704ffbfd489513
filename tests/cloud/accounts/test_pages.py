"""What a browser is given: a cookie that scripts and other sites cannot use."""

from http.cookies import SimpleCookie

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from cloud.accounts.pages import clear_cookie, is_own_origin, set_cookie, shown_cookie
from cloud.accounts.secret_texts import SecretText
from cloud.limits import PAGE_SESSION_H

pytestmark = pytest.mark.one_engine


@pytest.mark.parametrize(
    "is_secure, name", [(False, "guichet-session"), (True, "__Host-guichet-session")]
)
def test_a_cookie_is_out_of_reach_of_scripts_and_other_sites(*, is_secure: bool, name: str) -> None:
    response = web.Response()
    set_cookie(response, SecretText("gs_secret"), is_secure=is_secure)
    cookie = response.cookies[name]
    assert (cookie.value, cookie["path"], cookie["domain"]) == ("gs_secret", "/", "")
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", is_secure)
    assert int(cookie["max-age"]) == PAGE_SESSION_H * 3_600
    clear_cookie(response, is_secure=is_secure)
    assert (response.cookies[name].value, str(response.cookies[name]["max-age"])) == ("", "0")


def test_over_tls_a_cookie_that_another_host_may_have_set_does_not_count() -> None:
    sent = SimpleCookie({"guichet-session": "theirs"}).output(header="", sep=";").strip()
    request = make_mocked_request("GET", "/", {"Cookie": sent})
    assert shown_cookie(request, is_secure=True) is None
    assert shown_cookie(request, is_secure=False) == "theirs"


@pytest.mark.parametrize(
    "headers, is_own",
    [
        ({}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://office.example"}, False),
        ({"Origin": "https://office.example"}, True),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "https://office.example:8443"}, False),
        ({"Origin": "null"}, False),
    ],
)
def test_a_form_of_another_sites_page_is_told_from_our_own(
    headers: dict[str, str], *, is_own: bool
) -> None:
    request = make_mocked_request("POST", "/", {"Host": "office.example"} | headers)
    assert is_own_origin(request) is is_own
