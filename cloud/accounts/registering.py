"""New accounts: for a guest, for somebody who founds an organiser, or for who was invited."""

from dataclasses import dataclass, field

from cloud.accounts import tries
from cloud.accounts.access import OrganiserId, Role, UserId
from cloud.accounts.passwords import trouble_with
from cloud.accounts.personal import Profile, folded, is_email
from cloud.accounts.seats import Seat
from cloud.accounts.service import LOG, Accounts
from cloud.accounts.sessions import SignedIn, keep_session, new_session, signed_in
from cloud.accounts.tries import Tried
from cloud.accounts.troubles import Trouble, Wait
from cloud.limits import ORGANISERS_OF_USER_MAX
from cloud.store.accounts import Books
from cloud.store.accounts_organisers import Membership, Organiser
from cloud.store.accounts_people import Person
from cloud.store.accounts_sessions import SessionKind, TryKind


@dataclass(frozen=True, slots=True)
class NewPerson:
    """What somebody says to get an account, and from which network address."""

    email: str = field(repr=False)
    password: str = field(repr=False)
    name: str = field(repr=False)
    language: str
    address: str = field(repr=False)


async def register(
    accounts: Accounts, new: NewPerson, organiser: str | None
) -> SignedIn | Trouble | Wait:
    """Make an account and sign in with it; `organiser` is the name of one to found, or None."""
    person = await prepared(accounts, new)
    if isinstance(person, Trouble | Wait):
        return person
    session = new_session(accounts, person.user, SessionKind.API)
    founded = accounts.new_organiser_id()

    def job(books: Books) -> Seat | Trouble:
        if not books.people.add(person):
            return Trouble.EMAIL_TAKEN
        seat = Seat(Role.GUEST, None)
        if organiser is not None:
            seat = _found(books, person.user, founded, organiser, person.made_ms)
        tries.was_right(books, tried_by(accounts, new))
        keep_session(books, session, seat)
        return seat

    seat = await accounts.do(job)
    if isinstance(seat, Trouble):
        return seat
    row = {"user": person.user, "organiser": seat.organiser}
    LOG.info("registered", extra={"row": row})
    return signed_in(accounts, person, seat, session)


async def found_organiser(accounts: Accounts, user: UserId, name: str) -> OrganiserId | Trouble:
    """Let somebody who has an account rule a new organiser as well."""
    founded, now_ms = accounts.new_organiser_id(), accounts.now_ms()

    def job(books: Books) -> OrganiserId | Trouble:
        if len(books.members.of_user(user)) >= ORGANISERS_OF_USER_MAX:
            return Trouble.TOO_MANY
        _found(books, user, founded, name, now_ms)
        return founded

    return await accounts.do(job)


def tried_by(accounts: Accounts, new: NewPerson) -> list[Tried]:
    """Return by what a try to get an account is counted."""
    return [tries.by_address(accounts.marks, new.address, TryKind.REGISTERING)]


async def prepared(accounts: Accounts, new: NewPerson) -> Person | Trouble | Wait:
    """Return a new person who is not kept yet; the password was hashed, which takes its time.

    Whether the address has an account is only found when the person is kept, so it does not show
    in the time. Registering is a try of the network address, to be taken back when it was right:
    otherwise somebody could ask for thousands of addresses whether they have an account.
    """
    if not is_email(new.email):
        return Trouble.EMAIL_MALFORMED
    trouble = trouble_with(new.password, folded(new.email))
    if trouble is not None:
        return trouble
    now_ms = accounts.now_ms()
    tried = tried_by(accounts, new)
    wait = await accounts.do(lambda books: tries.begin(books, tried, now_ms))
    if wait is not None:
        return wait
    kept = await accounts.passwords.hashed(new.password)
    profile = Profile(new.email.strip(), new.name)
    return accounts.personal.new(accounts.new_user_id(), profile, kept, new.language, now_ms)


def _found(books: Books, user: UserId, organiser: OrganiserId, name: str, now_ms: int) -> Seat:
    books.organisers.add(Organiser(organiser, name, now_ms, 0))
    books.members.put(Membership(organiser, user, Role.ORGANISER, None, now_ms))
    return Seat(Role.ORGANISER, organiser)
