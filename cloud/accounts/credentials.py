"""Who shows what: turns a header or a cookie into a principal, or says why it proves nothing.

Theory. The store has the last word: that a JWT is well signed only says that it was good once. As
many requests bring the same credential, what the store said is remembered for some seconds under a
keyed digest of what was shown, together with the generation that the store had then. Whatever
takes something away from somebody raises the generation in its own transaction, and what was
remembered under another generation counts no more. This process knows its own writer's generation
before the one who revoked is answered; other processes' it reads twice a second.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cloud.accounts.access import OrganiserId, Principal, UserId, read_scopes
from cloud.accounts.access_tokens import BadProof, Claims
from cloud.accounts.keys import find_key, limited_to, principal_of
from cloud.accounts.seats import seat_of
from cloud.accounts.secret_texts import API_KEY, PAGE_SESSION
from cloud.accounts.service import Accounts
from cloud.accounts.sessions import find_page_session
from cloud.accounts.troubles import Trouble
from cloud.limits import (
    CREDENTIAL_CACHED_MS,
    CREDENTIAL_CHARS_MAX,
    CREDENTIALS_CACHED_MAX,
    GENERATION_READ_EVERY_MS,
    KEY_USED_NOTED_EVERY_MS,
)
from cloud.store.accounts import Books
from cloud.store.accounts_machines import Machine, MachineKind
from cloud.store.accounts_sessions import SessionKind

_BEARER: Final = "bearer"
_COOKIE: Final = "cookie"
_DIGEST_KEY_BYTES: Final = 32
_NEVER_MS: Final = 1 << 62


class Unproved(StrEnum):
    """Why what was shown lets nobody in."""

    INVALID = "invalid_credential"
    EXPIRED = "expired_credential"
    SUSPENDED = "organiser_suspended"


@dataclass(frozen=True, slots=True)
class _Found:
    """What the store said about a credential; `used` is a key whose use is to be noted."""

    principal: Principal
    generation: int
    ends_ms: int = _NEVER_MS
    used: Machine | None = None


@dataclass(frozen=True, slots=True)
class _Remembered:
    principal: Principal
    generation: int
    until_ms: int
    """Monotonic."""

    ends_ms: int
    """Unix time."""


class Credentials:
    """Finds out who asks; one for each process, used in one event loop."""

    def __init__(self, accounts: Accounts, monotonic_ms: Callable[[], int]) -> None:
        """`monotonic_ms` only ever grows."""
        self._accounts = accounts
        self._monotonic_ms = monotonic_ms
        self._digest_key = accounts.draw(_DIGEST_KEY_BYTES)
        self._remembered: OrderedDict[bytes, _Remembered] = OrderedDict()
        self._read_ms = monotonic_ms()
        self._reading = asyncio.Lock()

    async def principal(
        self, authorization: str | None, cookie: str | None
    ) -> Principal | Unproved | None:
        """Return who asks by the Authorization header or, without one, by the page's cookie.

        None if neither is shown. What is shown and no good is never passed over.
        """
        if authorization is not None:
            scheme, _, text = authorization.strip().partition(" ")
            if scheme.lower() != _BEARER:
                return Unproved.INVALID
            return await self._known(text.strip(), _BEARER, self._see_bearer)
        if cookie is not None:
            return await self._known(cookie, _COOKIE, self._see_cookie)
        return None

    def organiser_of(self, festival: int) -> OrganiserId | None:
        """Return whose festival this is, None if there is none (any more)."""
        return self._accounts.store.standing.owners.get(festival)

    async def keep_up(self) -> None:
        """Hear of what other processes revoked, if that was not asked just now."""
        if self._monotonic_ms() - self._read_ms < GENERATION_READ_EVERY_MS:
            return
        async with self._reading:
            if self._monotonic_ms() - self._read_ms >= GENERATION_READ_EVERY_MS:
                await asyncio.to_thread(self._accounts.store.refresh)
                self._read_ms = self._monotonic_ms()

    async def _known(
        self, text: str, way: str, see: Callable[[str, Books], _Found | Unproved]
    ) -> Principal | Unproved:
        if not text or len(text) > CREDENTIAL_CHARS_MAX or not text.isascii():
            return Unproved.INVALID
        await self.keep_up()
        shown = f"{way} {text}".encode()
        digest = hashlib.blake2b(shown, key=self._digest_key).digest()
        known = self._remembered.get(digest)
        if known is not None and self._is_good(known):
            return known.principal
        found = await self._accounts.look(lambda books: see(text, books))
        if isinstance(found, Unproved):
            self._remembered.pop(digest, None)
            return found
        self._remember(digest, found)
        await self._note_used(found.used)
        return found.principal

    def _is_good(self, known: _Remembered) -> bool:
        return (
            known.generation == self._accounts.store.standing.generation
            and self._monotonic_ms() < known.until_ms
            and self._accounts.now_ms() < known.ends_ms
        )

    def _remember(self, digest: bytes, found: _Found) -> None:
        until_ms = self._monotonic_ms() + CREDENTIAL_CACHED_MS
        kept = _Remembered(found.principal, found.generation, until_ms, found.ends_ms)
        self._remembered[digest] = kept
        self._remembered.move_to_end(digest)
        if len(self._remembered) > CREDENTIALS_CACHED_MAX:
            self._remembered.popitem(last=False)

    async def _note_used(self, machine: Machine | None) -> None:
        """Note now and then that a key is in use, so that nobody revokes it by mistake."""
        now_ms = self._accounts.now_ms()
        if machine is not None and now_ms - machine.used_ms >= KEY_USED_NOTED_EVERY_MS:
            await self._accounts.do(lambda books: books.machines.note_used(machine, now_ms))

    def _see_bearer(self, text: str, books: Books) -> _Found | Unproved:
        """Ask the store about an API key or a JWT."""
        if text.startswith(API_KEY.prefix):
            machine = find_key(self._accounts, books, text)
            return Unproved.INVALID if machine is None else _machine_found(books, machine)
        claims = self._accounts.tokens.read(text, self._accounts.now_s())
        if isinstance(claims, BadProof):
            is_old = claims is BadProof.EXPIRED
            return Unproved.EXPIRED if is_old else Unproved.INVALID
        return _client_found(books, claims) if not claims.session else self._session(books, claims)

    def _see_cookie(self, text: str, books: Books) -> _Found | Unproved:
        """Ask the store about a page's cookie."""
        if not text.startswith(PAGE_SESSION.prefix):
            return Unproved.INVALID
        found = find_page_session(self._accounts, books, text, self._accounts.now_ms())
        if found is None:
            return Unproved.INVALID
        person, session = found
        seat = seat_of(books, person, session.organiser)
        if isinstance(seat, Trouble):
            return _refused(seat)
        principal = seat.principal(person, session.session)
        return _Found(principal, books.generation, session.ends_ms)

    def _session(self, books: Books, claims: Claims) -> _Found | Unproved:
        """Ask the store about the session of a JWT: a person's role is what it is now."""
        person = books.people.find(UserId(claims.subject))
        session = books.sessions.find(UserId(claims.subject), claims.session)
        if person is None or not person.is_active:
            return Unproved.INVALID
        is_there = session is not None and session.kind is SessionKind.API
        if session is None or not is_there or session.ends_ms <= self._accounts.now_ms():
            return Unproved.INVALID
        seat = seat_of(books, person, session.organiser)
        if isinstance(seat, Trouble):
            return _refused(seat)
        principal = seat.principal(person, session.session)
        return _Found(principal, books.generation, _ends_ms(claims))


def _machine_found(books: Books, machine: Machine) -> _Found | Unproved:
    principal = principal_of(books, machine)
    if isinstance(principal, Trouble):
        return _refused(principal)
    return _Found(principal, books.generation, used=machine)


def _client_found(books: Books, claims: Claims) -> _Found | Unproved:
    """Ask the store about the client of a JWT: it has no more scopes than it asked for."""
    organiser = OrganiserId(claims.organiser)
    machine = books.machines.find(organiser, MachineKind.CLIENT, claims.subject)
    if machine is None:
        return Unproved.INVALID
    principal = principal_of(books, machine)
    if isinstance(principal, Trouble):
        return _refused(principal)
    limited = limited_to(principal, read_scopes(claims.scopes))
    return _Found(limited, books.generation, _ends_ms(claims))


def _ends_ms(claims: Claims) -> int:
    return claims.ends_s * 1_000


def _refused(trouble: Trouble) -> Unproved:
    is_suspended = trouble is Trouble.ORGANISER_SUSPENDED
    return Unproved.SUSPENDED if is_suspended else Unproved.INVALID
