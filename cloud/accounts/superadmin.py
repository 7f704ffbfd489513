"""How somebody comes to run the house: by a link that is good once, for a day.

There is no default password and no first account. While nobody runs the house, each start of the
office prints a new link; later `./guichet cloud superadmin-link` makes one for whoever has the
folder. Only a digest of the newest is kept.
"""

from collections.abc import Callable
from typing import Final

from cloud.accounts import tries
from cloud.accounts.access import Principal, Role
from cloud.accounts.registering import NewPerson, prepared, tried_by
from cloud.accounts.seats import Seat
from cloud.accounts.secret_texts import SECRET_BYTES, SUPERADMIN_LINK, SecretText, fits
from cloud.accounts.service import LOG, Accounts, NotDone
from cloud.accounts.sessions import SignedIn, keep_session, new_session, signed_in
from cloud.accounts.troubles import Trouble, Wait
from cloud.limits import SUPERADMIN_LINK_H
from cloud.store.accounts import Books
from cloud.store.accounts_sessions import SessionKind

SUPERADMIN_PAGE: Final = "/superadmin"
"""Where the link leads; the secret stands behind `#`, so that no server or proxy logs it."""

_LIFE_MS: Final = SUPERADMIN_LINK_H * 3_600_000
_PURPOSE: Final = "superadmin link"


async def first_link(accounts: Accounts) -> SecretText | None:
    """Return a new link's secret if nobody runs the house yet."""
    has_one = await accounts.look(lambda books: books.people.has_superadmin())
    return None if has_one else await make_link(accounts)


async def make_link(accounts: Accounts) -> SecretText:
    """Return a new link's secret; the one before is good no more."""
    secret, job = new_link(accounts)
    await accounts.do(job)
    LOG.warning("a superadmin link was made", extra={"row": {}})
    return secret


def new_link(accounts: Accounts) -> tuple[SecretText, Callable[[Books], None]]:
    """Draw a new link's secret, and return it with the job that lets it count."""
    secret, ends_ms = accounts.draw(SECRET_BYTES), accounts.now_ms() + _LIFE_MS
    mark = accounts.marks.of(_PURPOSE, secret)
    return SUPERADMIN_LINK.spell(secret), lambda books: books.links.put(mark, ends_ms)


def link_of(url: str, secret: SecretText) -> str:
    """Return the whole link below the office's address."""
    return f"{url}{SUPERADMIN_PAGE}#{secret.show()}"


async def accept_link(accounts: Accounts, shown: str, new: NewPerson) -> SignedIn | Trouble | Wait:
    """Run the house with a new account, and sign in with it."""
    mark = _mark_of(accounts, shown)
    if mark is None or not await accounts.look(lambda books: _is_good(accounts, books, mark)):
        return Trouble.LINK_INVALID
    person = await prepared(accounts, new)
    if isinstance(person, Trouble | Wait):
        return person
    session = new_session(accounts, person.user, SessionKind.API)
    seat = Seat(Role.SUPERADMIN, None)

    def job(books: Books) -> Trouble | None:
        if not _is_good(accounts, books, mark) or not books.links.take(mark):
            return Trouble.LINK_INVALID
        if not books.people.add(person):
            raise NotDone(Trouble.EMAIL_TAKEN)
        tries.was_right(books, tried_by(accounts, new))
        books.people.make_superadmin(person.user)
        keep_session(books, session, seat)
        return None

    trouble = await accounts.do_whole(job)
    if trouble is not None:
        return trouble
    LOG.warning("somebody runs the house now", extra={"row": {"user": person.user}})
    return signed_in(accounts, person, seat, session)


async def accept_link_as(accounts: Accounts, shown: str, principal: Principal) -> Trouble | None:
    """Let somebody who is signed in run the house; they sign in anew for it."""
    user, mark = principal.user, _mark_of(accounts, shown)
    if user is None:
        return Trouble.PERSON_NEEDED
    if mark is None:
        return Trouble.LINK_INVALID

    def job(books: Books) -> Trouble | None:
        if not _is_good(accounts, books, mark) or not books.links.take(mark):
            return Trouble.LINK_INVALID
        books.people.make_superadmin(user)
        books.raise_generation()
        return None

    trouble = await accounts.do(job)
    if trouble is None:
        LOG.warning("somebody runs the house now", extra={"row": {"user": user}})
    return trouble


def _mark_of(accounts: Accounts, shown: str) -> bytes | None:
    parts = SUPERADMIN_LINK.read(shown)
    return None if parts is None else accounts.marks.of(_PURPOSE, parts[0])


def _is_good(accounts: Accounts, books: Books, mark: bytes) -> bool:
    kept = books.links.read(accounts.now_ms())
    return kept is not None and fits(kept, mark)
