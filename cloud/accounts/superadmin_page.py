"""The page behind the one-time link: on it somebody makes the account that runs the house.

The secret stands behind `#`, which no browser sends: the page is the same for everybody, and its
script alone reads the secret and hands it to the API. The page has a sentence for each refusal.
"""

from functools import cache
from pathlib import Path
from typing import Final

import jinja2
from aiohttp import web

from cloud.accounts.access import public
from cloud.accounts.superadmin import SUPERADMIN_PAGE
from cloud.accounts.superadmin_words import WORDS, sentences
from cloud.api.call import Call
from cloud.api.routes import API, Routes
from cloud.languages import language_asked
from cloud.limits import EMAIL_CHARS_MAX, NAME_CHARS_MAX, PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN
from cloud.settings import LANGUAGES

ROUTES: Final = Routes("accounts")
ACCEPT: Final = f"{API}/superadmin/accept"
_FILES: Final = Path(__file__).with_name("templates")


@ROUTES.get(SUPERADMIN_PAGE, may=public(), gives="text/html")
async def superadmin_page(call: Call) -> web.Response:
    """Show the page of the one-time link, in English or French."""
    html = _page(language_asked(call.request, LANGUAGES) or LANGUAGES[0])
    return web.Response(text=html, content_type="text/html", headers={"Vary": "Accept-Language"})


@ROUTES.get(f"{SUPERADMIN_PAGE}/page.js", may=public(), gives="text/javascript")
async def superadmin_script(_: Call) -> web.Response:
    """Give the script of that page."""
    return web.Response(text=_text("superadmin.js"), content_type="text/javascript")


@ROUTES.get(f"{SUPERADMIN_PAGE}/page.css", may=public(), gives="text/css")
async def superadmin_style(_: Call) -> web.Response:
    """Give the style of that page."""
    return web.Response(text=_text("superadmin.css"), content_type="text/css")


@cache
def _text(name: str) -> str:
    return (_FILES / name).read_text("utf-8")


@cache
def _page(language: str) -> str:
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FILES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return templates.get_template("superadmin.html").render(
        language=language,
        words=WORDS[language],
        sentences=sentences(language),
        accept=ACCEPT,
        name_max=NAME_CHARS_MAX,
        email_max=EMAIL_CHARS_MAX,
        password_min=PASSWORD_CHARS_MIN,
        password_max=PASSWORD_CHARS_MAX,
    )
