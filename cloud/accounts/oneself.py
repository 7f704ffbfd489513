"""What people see and change of their own account, and how one is erased."""

from dataclasses import dataclass, field

from cloud.accounts import tries
from cloud.accounts.access import Principal, UserId
from cloud.accounts.passwords import trouble_with
from cloud.accounts.personal import Profile, folded
from cloud.accounts.service import LOG, Accounts
from cloud.accounts.troubles import Trouble, Wait
from cloud.store.accounts import Books
from cloud.store.accounts_organisers import Membership
from cloud.store.accounts_people import Person


@dataclass(frozen=True, slots=True)
class Oneself:
    """Who somebody is, and for whom they work: (membership, the organiser's name)."""

    profile: Profile = field(repr=False)
    language: str
    memberships: list[tuple[Membership, str]]


async def oneself(accounts: Accounts, user: UserId) -> Oneself | Trouble:
    """Return who somebody is."""

    def see(books: Books) -> Oneself | Trouble:
        person = books.people.find(user)
        if person is None or not person.is_active:
            return Trouble.UNKNOWN
        named = []
        for member in books.members.of_user(user):
            organiser = books.organisers.find(member.organiser)
            named.append((member, "" if organiser is None else organiser.name))
        return Oneself(accounts.personal.profile(person), person.language, named)

    return await accounts.look(see)


async def rename(accounts: Accounts, user: UserId, name: str, language: str) -> Trouble | None:
    """Change somebody's own name and language."""

    def job(books: Books) -> Trouble | None:
        person = books.people.find(user)
        if person is None or not person.is_active:
            return Trouble.UNKNOWN
        books.people.set_profile(accounts.personal.renamed(person, name, language))
        return None

    return await accounts.do(job)


async def change_password(
    accounts: Accounts, principal: Principal, password: str, wanted: str
) -> Trouble | Wait | None:
    """Change somebody's own password; all their other sessions end. A wrong one is a try."""
    person = await _person(accounts, principal)
    if isinstance(person, Trouble):
        return person
    email = folded(accounts.personal.profile(person).email)
    trouble = trouble_with(wanted, email)
    if trouble is not None:
        return trouble
    tried = [tries.by_account(accounts.personal.email_mark(email))]
    now_ms = accounts.now_ms()
    wait = await accounts.do(lambda books: tries.begin(books, tried, now_ms))
    if wait is not None:
        return wait
    if not await accounts.passwords.is_right(password, accounts.personal.password(person)):
        return Trouble.WRONG_CREDENTIALS
    sealed = accounts.personal.sealed_password(person, await accounts.passwords.hashed(wanted))

    def job(books: Books) -> Trouble | None:
        if not books.people.change_password(person, sealed):
            return Trouble.WRONG_CREDENTIALS
        tries.was_right(books, tried)
        books.sessions.remove_others(person.user, principal.session)
        books.raise_generation()
        return None

    trouble = await accounts.do(job)
    if trouble is None:
        LOG.info("password changed", extra={"row": {"user": person.user}})
    return trouble


async def erase_user(accounts: Accounts, user: UserId) -> Trouble | None:
    """Take away who somebody is, where they work and where they are signed in; the id stays.

    Not while they alone rule an organiser: somebody must be there who can sign in for it.
    """

    def job(books: Books) -> Trouble | None:
        person = books.people.find(user)
        if person is None or person.erased_ms:
            return Trouble.UNKNOWN
        members = books.members.of_user(user)
        for member in members:
            books.organisers.hold(member.organiser)
            if books.members.rulers(member.organiser) == {user}:
                return Trouble.LAST_ORGANISER
        for member in members:
            books.members.remove(member.organiser, user)
        if person.email_mark is not None:
            books.tries.forget(*tries.by_account(person.email_mark))
        books.sessions.remove_others(user, "")
        books.people.erase(user, now_ms)
        books.raise_generation()
        return None

    now_ms = accounts.now_ms()
    trouble = await accounts.do(job)
    if trouble is None:
        LOG.info("erased", extra={"row": {"user": user}})
    return trouble


async def set_disabled(accounts: Accounts, user: UserId, *, is_disabled: bool) -> Trouble | None:
    """Shut somebody out of the whole house and end their sessions, or let them in again."""
    now_ms = accounts.now_ms()

    def job(books: Books) -> Trouble | None:
        person = books.people.find(user)
        if person is None or person.erased_ms:
            return Trouble.UNKNOWN
        books.people.set_disabled(user, now_ms if is_disabled else 0)
        if is_disabled:
            books.sessions.remove_others(user, "")
        books.raise_generation()
        return None

    return await accounts.do(job)


async def _person(accounts: Accounts, principal: Principal) -> Person | Trouble:
    user = principal.user
    if user is None:
        return Trouble.PERSON_NEEDED
    person = await accounts.look(lambda books: books.people.find(user))
    return Trouble.UNKNOWN if person is None or not person.is_active else person
