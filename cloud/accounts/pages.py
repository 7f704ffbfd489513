"""What pages need of accounts: the cookie, and the secret that another site's page cannot know.

A browser sends a cookie whoever's page asked for it. So whatever changes something must bring, in a
header or a form, a digest of the cookie that only our own pages are told. The pages' routes use
this; the API asks for it whenever somebody is known by a cookie.
"""

from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from cloud.accounts.secret_texts import SecretText, fits
from cloud.accounts.service import Marks
from cloud.limits import PAGE_SESSION_H

CSRF_HEADER: Final = "Guichet-Csrf"
CSRF_FIELD: Final = "csrf"
_SECURE_COOKIE: Final = "__Host-guichet-session"
_PLAIN_COOKIE: Final = "guichet-session"
_PURPOSE: Final = "csrf"


def cookie_name(*, is_secure: bool) -> str:
    """Return what the cookie is called; browsers keep `__Host-` ones to this host over TLS."""
    return _SECURE_COOKIE if is_secure else _PLAIN_COOKIE


def shown_cookie(request: web.Request, *, is_secure: bool) -> str | None:
    """Return the page cookie that a request brings, None if it brings none.

    Over TLS only the one counts that nobody but this host can have set.
    """
    return request.cookies.get(cookie_name(is_secure=is_secure))


def set_cookie(response: web.StreamResponse, cookie: SecretText, *, is_secure: bool) -> None:
    """Give a browser its session: out of reach of scripts, not sent along from other sites."""
    response.set_cookie(
        cookie_name(is_secure=is_secure),
        cookie.show(),
        max_age=PAGE_SESSION_H * 3_600,
        path="/",
        secure=is_secure,
        httponly=True,
        samesite="Lax",
    )


def clear_cookie(response: web.StreamResponse, *, is_secure: bool) -> None:
    """Have a browser forget its session."""
    response.del_cookie(
        cookie_name(is_secure=is_secure),
        path="/",
        secure=is_secure,
        httponly=True,
        samesite="Lax",
    )


def is_own_origin(request: web.Request) -> bool:
    """Tell whether a form came from this site; for forms before anybody is signed in.

    Otherwise another site could sign a browser in under an account of its own. Browsers say where a
    form comes from; what says nothing is no browser.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


def csrf_of(marks: Marks, cookie: str) -> str:
    """Return what a page of ours puts into its forms: a digest of its cookie, in hex."""
    return marks.of(_PURPOSE, cookie.encode("utf-8", "replace")).hex()


def is_own_page(marks: Marks, cookie: str, shown: str) -> bool:
    """Tell whether a request that came with this cookie was made by a page of ours."""
    return fits(csrf_of(marks, cookie).encode(), shown.encode("utf-8", "replace"))
