"""Puts festivals' applications under one roof while the house is open: at a path, or at the root.

aiohttp fixes an application's routes when it starts, but festivals are made at any time. So one
resource stands for all of them and asks, for each request, which application answers.
"""

from collections.abc import Iterator
from typing import Any, Final

from aiohttp import web
from aiohttp.abc import AbstractMatchInfo
from aiohttp.web_urldispatcher import AbstractResource, AbstractRoute, PrefixedSubAppResource
from yarl import URL

FESTIVALS_PREFIX: Final = "/festivals"
_DIGITS_MAX: Final = 10


class Mounted(AbstractResource):
    """The applications below `/festivals/NUMBER`, or (with number None) the one at the root."""

    def __init__(self, canonical: str) -> None:
        """Answer for everything below a path: `/festivals` or `/`."""
        super().__init__()
        self._canonical = canonical
        self._mounts: dict[str, PrefixedSubAppResource] = {}
        self._root: web.Application | None = None

    def mount(self, number: int, app: web.Application) -> None:
        """Let an application that was never started answer below `/festivals/NUMBER`."""
        self._mounts[str(number)] = PrefixedSubAppResource(f"{self._canonical}/{number}", app)

    def mount_root(self, app: web.Application) -> None:
        """Let an application answer whatever nobody else does."""
        self._root = app

    async def resolve(self, request: web.Request) -> Any:
        """Return (match, allowed methods) as aiohttp asks of a resource."""
        if self._root is not None:
            match = await self._root.router.resolve(request)
            match.add_app(self._root)
            return match, _allowed(match)
        parts = request.rel_url.raw_parts
        number = parts[2] if len(parts) > 2 else ""  # noqa: PLR2004 - "/", "festivals", number
        mount = self._mounts.get(number) if len(number) <= _DIGITS_MAX else None
        return (None, set()) if mount is None else await mount.resolve(request)

    @property
    def canonical(self) -> str:
        """The path under which aiohttp looks for this resource."""
        return self._canonical

    def url_for(self, **_: str) -> URL:
        """Refuse: what is below has addresses of its own."""
        raise NotImplementedError

    def add_prefix(self, prefix: str) -> None:
        """Refuse: the house stands at the root."""
        raise NotImplementedError

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
    app.freeze()
    await app.startup()


async def stop(app: web.Application) -> None:
    """End a mounted application: first its streams, then what it holds."""
    await app.shutdown()
    await app.cleanup()


def _allowed(match: AbstractMatchInfo) -> set[str]:
    trouble = getattr(match, "http_exception", None)
    return set(getattr(trouble, "allowed_methods", ()))
