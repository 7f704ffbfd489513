"""Sessions for programs and for pages: opened, refreshed, found by what is shown, and ended.

What is shown is a keyed digest over the session's ids, its salt and how often it was refreshed, so
every refresh token that a session ever had can be told from a forged one, and nothing is kept that
opens anything. A refresh token is good once. One that comes again was stolen, or its answer was
lost: either way somebody may hold what is not theirs, and the session ends at once, with the access
that it gave (RFC 9700, 4.14.2). For lost answers a client may name its attempt: the same token with
the same name, within a minute, gets the same answer again. A thief cannot know the name.
"""

from dataclasses import dataclass, replace
from typing import Final

from cloud.accounts.access import Principal, UserId
from cloud.accounts.access_tokens import Claims
from cloud.accounts.seats import Seat, seat_of
from cloud.accounts.secret_texts import (
    ID_BYTES,
    PAGE_SESSION,
    REFRESH,
    SecretText,
    fits,
)
from cloud.accounts.service import LOG, Accounts
from cloud.accounts.troubles import Trouble
from cloud.limits import (
    ACCESS_JWT_S,
    API_SESSION_DAYS_MAX,
    API_SESSION_IDLE_DAYS,
    PAGE_SESSION_H,
    REFRESH_REPEATED_S_MAX,
    SESSIONS_OF_USER_MAX,
)
from cloud.store.accounts import Books
from cloud.store.accounts_people import Person
from cloud.store.accounts_sessions import Session, SessionKind

_DAY_MS: Final = 24 * 3_600_000
_HOUR_MS: Final = 3_600_000
_NUMBER_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a program gets: a JWT for 15 minutes, and the refresh token for the next one."""

    principal: Principal
    access: SecretText
    refresh: SecretText
    access_s: int = ACCESS_JWT_S


def new_session(accounts: Accounts, user: UserId, kind: SessionKind) -> Session:
    """Draw a session that begins now and is not kept yet, nor for any organiser."""
    now_ms = accounts.now_ms()
    lives_ms = API_SESSION_IDLE_DAYS * _DAY_MS
    if kind is SessionKind.PAGE:
        lives_ms = PAGE_SESSION_H * _HOUR_MS
    return Session(
        user=user,
        session=accounts.draw(ID_BYTES).hex(),
        kind=kind,
        organiser="",
        number=0,
        salt=accounts.draw(ID_BYTES),
        attempt=b"",
        made_ms=now_ms,
        renewed_ms=now_ms,
        ends_ms=now_ms + lives_ms,
    )


def keep_session(books: Books, session: Session, seat: Seat) -> Session:
    """Keep a new session for the seat's organiser; inside a transaction."""
    kept = replace(session, organiser=seat.organiser or "")
    books.sessions.add(kept, SESSIONS_OF_USER_MAX)
    return kept


def signed_in(accounts: Accounts, person: Person, seat: Seat, session: Session) -> SignedIn:
    """Return what a program gets for a session that was kept or refreshed."""
    principal = seat.principal(person, session.session)
    parts = (bytes.fromhex(session.user), bytes.fromhex(session.session))
    number = session.number.to_bytes(_NUMBER_BYTES, "big")
    refresh = REFRESH.spell(*parts, number, _proof(accounts, session, session.number))
    access = access_token(accounts, principal)
    return SignedIn(principal, access, refresh)


def access_token(accounts: Accounts, principal: Principal) -> SecretText:
    """Return the JWT of who was proved to ask."""
    festivals = principal.festivals
    claims = Claims(
        subject=principal.id,
        session=principal.session,
        organiser=principal.organiser or "",
        role="" if principal.role is None else principal.role.value,
        festivals=None if festivals is None else tuple(sorted(festivals)),
        scopes=tuple(sorted(scope.value for scope in principal.scopes)),
    )
    return SecretText(accounts.tokens.make(claims, accounts.now_s()))


def page_cookie(accounts: Accounts, session: Session) -> SecretText:
    """Return what a browser keeps for a page session."""
    parts = (bytes.fromhex(session.user), bytes.fromhex(session.session))
    return PAGE_SESSION.spell(*parts, _proof(accounts, session, 0))


def find_page_session(
    accounts: Accounts, books: Books, cookie: str, now_ms: int
) -> tuple[Person, Session] | None:
    """Return whose page session a cookie proves now (Unix ms), None if it proves nothing."""
    parts = PAGE_SESSION.read(cookie)
    if parts is None:
        return None
    user, name, proof = parts
    session = books.sessions.find(UserId(user.hex()), name.hex())
    if session is None or session.kind is not SessionKind.PAGE or session.ends_ms <= now_ms:
        return None
    if not fits(_proof(accounts, session, 0), proof):
        return None
    person = books.people.find(session.user)
    return None if person is None or not person.is_active else (person, session)


async def refresh(accounts: Accounts, shown: str, attempt: str = "") -> SignedIn | Trouble:
    """Give new tokens for a refresh token that was never used, and end the session of one that was.

    `attempt` is what the client calls this try; the same within a minute gets the same answer.
    """
    parts = REFRESH.read(shown)
    if parts is None:
        return Trouble.REFRESH_INVALID
    user, name, number, proof = parts
    ids = (UserId(user.hex()), name.hex())
    session = await accounts.look(lambda books: books.sessions.find(*ids))
    if session is None or session.kind is not SessionKind.API:
        return Trouble.REFRESH_INVALID
    used = int.from_bytes(number, "big")
    if not fits(_proof(accounts, session, used), proof):
        return Trouble.REFRESH_INVALID
    mark = accounts.marks.of("attempt", attempt.encode("utf-8", "replace")) if attempt else b""
    now_ms = accounts.now_ms()
    found = await accounts.do(lambda books: _move_on(books, session, used, mark, now_ms))
    if isinstance(found, Trouble):
        if found is Trouble.REFRESH_REUSED:
            row = {"user": ids[0], "session": ids[1]}
            LOG.warning("refresh token used again, session ended", extra={"row": row})
        return found
    return signed_in(accounts, *found)


async def sign_out(accounts: Accounts, principal: Principal) -> Trouble | None:
    """End the session of who asks; its access tokens are refused from now on."""
    user = principal.user
    if user is None:
        return Trouble.PERSON_NEEDED

    def job(books: Books) -> None:
        books.sessions.remove(user, principal.session)
        books.raise_generation()

    await accounts.do(job)
    return None


def _move_on(
    books: Books, known: Session, used: int, attempt: bytes, now_ms: int
) -> tuple[Person, Seat, Session] | Trouble:
    """Refresh a session by its refresh token number `used`, whose proof was right."""
    session = books.sessions.find(known.user, known.session)
    person = books.people.find(known.user)
    if session is None or person is None or not person.is_active or session.ends_ms <= now_ms:
        return Trouble.REFRESH_INVALID
    seat = seat_of(books, person, session.organiser)
    if isinstance(seat, Trouble):
        return seat
    if _is_repeated(session, used, attempt, now_ms):
        return person, seat, session
    if used == session.number:
        ends_ms = min(
            now_ms + API_SESSION_IDLE_DAYS * _DAY_MS,
            session.made_ms + API_SESSION_DAYS_MAX * _DAY_MS,
        )
        moved = replace(
            session, number=used + 1, attempt=attempt, renewed_ms=now_ms, ends_ms=ends_ms
        )
        if books.sessions.renew(session, moved):
            return person, seat, moved
    books.sessions.remove(session.user, session.session)
    books.raise_generation()
    return Trouble.REFRESH_REUSED


def _is_repeated(session: Session, used: int, attempt: bytes, now_ms: int) -> bool:
    """Tell whether the last refresh is only asked for again, by who asked before."""
    is_recent = now_ms - session.renewed_ms <= REFRESH_REPEATED_S_MAX * 1_000
    is_same = bool(attempt) and fits(session.attempt, attempt)
    return is_recent and is_same and used == session.number - 1


def _proof(accounts: Accounts, session: Session, number: int) -> bytes:
    """Return the digest that is shown for a session after so many refreshes."""
    ids = (bytes.fromhex(session.user), bytes.fromhex(session.session))
    counted = number.to_bytes(_NUMBER_BYTES, "big")
    return accounts.marks.of(f"session {session.kind.value}", *ids, counted, session.salt)
