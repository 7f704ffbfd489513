"""Puts festivals' applications under one roof while the house is open: at a path, or at the root.

aiohttp fixes an application's routes when it starts, but festivals are made at any time. So one
resource stands for all of them and asks, for each request, which application answers; that one sees
the path without its own place, and its handlers see the request as it came.
"""

from collections.abc import Iterator
from typing import Any, Final

from aiohttp import web
from aiohttp.web_urldispatcher import AbstractResource, AbstractRoute
from yarl import URL

FESTIVALS_PREFIX: Final = "/festivals"


class Mounted(AbstractResource):
    """The applications below `/festivals/NUMBER`, or the one that answers at the root."""

    def __init__(self, canonical: str) -> None:
        """Answer for everything below a path: `/festivals` or `/`."""
        super().__init__()
        self._canonical = canonical
        self._apps: dict[str, web.Application] = {}

    def mount(self, place: str, app: web.Application) -> None:
        """Let an application answer below a place such as "7"; "" is the resource's own path."""
        self._apps[place] = app

    async def resolve(self, request: web.Request) -> Any:
        """Return (match, allowed methods) as aiohttp asks of a resource."""
        place, inner = self._found(request.rel_url.raw_path)
        app = self._apps.get(place)
        if app is None:
            return None, set()
        asked = request.clone(rel_url=request.rel_url.with_path(inner, encoded=True))
        match = await app.router.resolve(asked)
        if match.http_exception is not None:
            return None, set(getattr(match.http_exception, "allowed_methods", ()))
        match.add_app(app)
        return match, set()

    def _found(self, path: str) -> tuple[str, str]:
        """Return which place a path is in, and the rest of it."""
        if self._canonical == "/":
            return "", path
        place, slash, rest = path.removeprefix(f"{self._canonical}/").partition("/")
        return place, slash + rest or "/"

    @property
    def canonical(self) -> str:
        """The path under which aiohttp looks for this resource."""
        return self._canonical

    def url_for(self, **_: str) -> URL:
        """Refuse: what is below has addresses of its own."""
        message = f"what is mounted at {self._canonical} has addresses of its own"
        raise RuntimeError(message)

    def add_prefix(self, prefix: str) -> None:
        """Refuse: the house stands at the root and is no part of another application."""
        message = f"{prefix}: a house stands at the root and cannot be put below a path"
        raise RuntimeError(message)

    def get_info(self) -> Any:
        """Return what aiohttp shows of a resource."""
        return {"path": self._canonical}

    def raw_match(self, path: str) -> bool:  # noqa: ARG002 - aiohttp hands it in
        """Tell that no other resource is the same."""
        return False

    def __len__(self) -> int:
        return 0

    def __iter__(self) -> Iterator[AbstractRoute]:
        return iter(())


async def start(app: web.Application) -> None:
    """Start an application that is mounted after its house was started."""
    app.pre_freeze()
    await app.startup()
    app.freeze()
