"""Signing in: who proves an e-mail address and its password gets a session, for pages or programs.

Somebody unknown, a wrong password and an account that was shut are answered alike and in the same
time. Tries are counted before anything is compared.
"""

from dataclasses import dataclass, field

from cloud.accounts import tries
from cloud.accounts.access import Principal
from cloud.accounts.seats import Seat, choose_seat
from cloud.accounts.secret_texts import SecretText
from cloud.accounts.service import LOG, Accounts
from cloud.accounts.sessions import SignedIn, keep_session, new_session, page_cookie, signed_in
from cloud.accounts.tries import Tried
from cloud.accounts.troubles import Trouble, Wait
from cloud.store.accounts import Books
from cloud.store.accounts_people import Person
from cloud.store.accounts_sessions import Session, SessionKind


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody shows to sign in, and from which address they come."""

    email: str = field(repr=False)
    password: str = field(repr=False)
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Proved:
    """Whose password was right; the tries are taken back when something comes of it."""

    person: Person
    tried: list[Tried]


@dataclass(frozen=True, slots=True)
class PageSignedIn:
    """What a browser gets: a cookie for a session."""

    principal: Principal
    cookie: SecretText


async def sign_in(
    accounts: Accounts, attempt: Attempt, organiser: str | None = None
) -> SignedIn | Trouble | Wait:
    """Sign a program in, for an organiser or where it fits best."""
    found = await _open(accounts, attempt, organiser, SessionKind.API)
    return found if isinstance(found, Trouble | Wait) else signed_in(accounts, *found)


async def sign_in_page(
    accounts: Accounts, attempt: Attempt, organiser: str | None = None
) -> PageSignedIn | Trouble | Wait:
    """Sign a browser in, for an organiser or where it fits best."""
    found = await _open(accounts, attempt, organiser, SessionKind.PAGE)
    if isinstance(found, Trouble | Wait):
        return found
    person, seat, session = found
    principal = seat.principal(person, session.session)
    return PageSignedIn(principal, page_cookie(accounts, session))


async def prove(accounts: Accounts, attempt: Attempt) -> Proved | Trouble | Wait:
    """Tell whose e-mail address and password these are; each call is a try that counts."""
    mark = accounts.personal.email_mark(attempt.email)
    tried = [tries.by_account(mark), tries.by_address(accounts.marks, attempt.address)]
    now_ms = accounts.now_ms()

    def begin(books: Books) -> Person | Wait | None:
        return tries.begin(books, tried, now_ms) or books.people.find_by_email(mark)

    found = await accounts.do(begin)
    if isinstance(found, Wait):
        return found
    person = found if found is not None and found.is_active else None
    kept = None if person is None else accounts.personal.password(person)
    is_right = await accounts.passwords.is_right(attempt.password, kept)
    if person is None or kept is None or not is_right:
        LOG.info("not signed in", extra={"row": {}})
        return Trouble.WRONG_CREDENTIALS
    if accounts.passwords.is_outdated(kept):
        person = await _hash_anew(accounts, person, attempt.password)
    return Proved(person, tried)


def still_there(books: Books, proved: Proved) -> Person | None:
    """Return the person whose password was right, unless it was changed or they were shut out.

    Inside a transaction; the tries are taken back.
    """
    person = books.people.find(proved.person.user)
    if person is None or not person.is_active:
        return None
    if person.sealed_password != proved.person.sealed_password:
        return None
    tries.was_right(books, proved.tried)
    return person


async def _open(
    accounts: Accounts, attempt: Attempt, organiser: str | None, kind: SessionKind
) -> tuple[Person, Seat, Session] | Trouble | Wait:
    proved = await prove(accounts, attempt)
    if isinstance(proved, Trouble | Wait):
        return proved
    session = new_session(accounts, proved.person.user, kind)

    def job(books: Books) -> tuple[Person, Seat, Session] | Trouble:
        person = still_there(books, proved)
        if person is None:
            return Trouble.WRONG_CREDENTIALS
        seat = choose_seat(books, person, organiser)
        if isinstance(seat, Trouble):
            return seat
        return person, seat, keep_session(books, session, seat)

    found = await accounts.do(job)
    if not isinstance(found, Trouble):
        row = {"user": found[0].user, "session": found[2].session, "kind": kind.value}
        LOG.info("signed in", extra={"row": row})
    return found


async def _hash_anew(accounts: Accounts, person: Person, password: str) -> Person:
    """Keep a right password with the costs of today."""
    kept = await accounts.passwords.hashed(password)
    sealed = accounts.personal.sealed_password(person, kept)

    def job(books: Books) -> Person:
        books.people.change_password(person, sealed)
        return books.people.find(person.user) or person

    return await accounts.do(job)
