"""The accounts as the house sees them: who asks, whose festival it is, and whose page asked."""

import asyncio
from collections.abc import Callable, Collection
from typing import Final

from aiohttp import web

from cloud.accounts import organisers
from cloud.accounts.access import OrganiserId, Principal
from cloud.accounts.credentials import Credentials, Unproved
from cloud.accounts.pages import CSRF_HEADER, is_own_page, shown_cookie
from cloud.accounts.service import Accounts
from cloud.api.problems import Problem

_TOLD: Final = {
    Unproved.INVALID: (401, "What you show is no credential (any more): sign in, or show a key."),
    Unproved.EXPIRED: (401, "Your access has expired: refresh it, or sign in again."),
    Unproved.SUSPENDED: (403, "This organiser is suspended: ask whoever runs the house."),
}
BY_COOKIE: Final = web.RequestKey("by_cookie", bool)
_UNAUTHORIZED: Final = 401
_CHALLENGE: Final = 'Bearer error="invalid_token"'


class Front:
    """Answers what the house asks of the accounts for each request."""

    def __init__(
        self, accounts: Accounts, monotonic_ms: Callable[[], int], *, is_secure: bool = False
    ) -> None:
        """`monotonic_ms` only ever grows; `is_secure` if browsers come over TLS."""
        self.accounts: Final = accounts
        self.is_secure: Final = is_secure
        self._credentials = Credentials(accounts, monotonic_ms)

    def organiser_of(self, festival: int) -> OrganiserId | None:
        """Return whose festival this is, None if there is none (any more)."""
        return self._credentials.organiser_of(festival)

    async def who_asks(self, request: web.Request) -> Principal | Problem | None:
        """Return who shows what credential, None if none is shown, a problem if it is not good."""
        await self._credentials.keep_up()
        shown = request.headers.get("Authorization")
        cookie = shown_cookie(request, is_secure=self.is_secure)
        found = await self._credentials.principal(shown, cookie)
        request[BY_COOKIE] = shown is None and isinstance(found, Principal)
        return _problem(found) if isinstance(found, Unproved) else found

    async def owner_of_deleted(self, festival: int) -> OrganiserId | None:
        """Return whose festival this was that is deleted now, None if no such one is."""
        found = await self.accounts.look(lambda books: books.festivals.find(festival))
        return None if found is None or not found.deleted_ms else found.organiser

    async def new_festival(self, organiser: OrganiserId, name: str) -> int:
        """Give an organiser a new festival, and return the number under which it is known."""
        return await organisers.add_festival(self.accounts, organiser, name)

    async def rename_festival(self, festival: int, name: str) -> None:
        """Keep another name of a festival."""
        await organisers.rename_festival(self.accounts, festival, name)

    async def set_deleted(self, festival: int, *, is_deleted: bool) -> None:
        """Take a festival away for everybody who asks, or bring it back."""
        await organisers.set_festival_deleted(self.accounts, festival, is_deleted=is_deleted)

    def festivals(self) -> Collection[int]:
        """Return the number of every festival that is there."""
        return self.accounts.store.standing.owners.keys()

    async def look_again(self) -> None:
        """Hear of what other processes have changed."""
        await asyncio.to_thread(self.accounts.store.refresh)

    async def check(self) -> None:
        """Read something; `StoreTrouble` if the accounts cannot be read."""
        await self.accounts.look(lambda books: books.generation)

    def check_page(self, request: web.Request) -> None:
        """Refuse what another site's page would have a signed-in browser do; raises `Problem`.

        Who shows a header was no browser on its own: only a cookie is sent along unasked.
        """
        cookie = shown_cookie(request, is_secure=self.is_secure)
        if cookie is None or not request.get(BY_COOKIE, "Authorization" not in request.headers):
            return
        if not is_own_page(self.accounts.marks, cookie, request.headers.get(CSRF_HEADER, "")):
            title = f"Send the page's secret along in the header {CSRF_HEADER}."
            raise Problem(403, title, "csrf")


def _problem(unproved: Unproved) -> Problem:
    status, title = _TOLD[unproved]
    headers = {"WWW-Authenticate": _CHALLENGE} if status == _UNAUTHORIZED else {}
    return Problem(status, title, unproved.value, headers=headers)
