"""What whoever runs the house does with organisers, and which festival is whose."""

from cloud.accounts.access import OrganiserId
from cloud.accounts.service import LOG, Accounts
from cloud.accounts.troubles import Trouble
from cloud.store.accounts import Books
from cloud.store.accounts_organisers import IndexedFestival, Organiser


async def organisers(accounts: Accounts, after: str, count_max: int) -> list[Organiser]:
    """Return so many organisers whose ids come after this one, in order."""
    return await accounts.look(lambda books: books.organisers.list(after, count_max))


async def set_suspended(
    accounts: Accounts, organiser: OrganiserId, *, is_suspended: bool
) -> Organiser | Trouble:
    """Stop all people, keys and clients of an organiser, or let them work again.

    Gates and bars go on: guests have done nothing wrong.
    """
    now_ms = accounts.now_ms()

    def job(books: Books) -> Organiser | Trouble:
        found = books.organisers.find(organiser)
        if found is None:
            return Trouble.UNKNOWN
        books.organisers.set_suspended(organiser, now_ms if is_suspended else 0)
        books.raise_generation()
        return books.organisers.find(organiser) or found

    result = await accounts.do(job)
    if isinstance(result, Organiser):
        row = {"organiser": organiser, "suspended": is_suspended}
        LOG.warning("organiser suspended or let work again", extra={"row": row})
    return result


async def add_festival(accounts: Accounts, organiser: OrganiserId, name: str) -> int:
    """Give an organiser a new festival, and return the number under which it is known."""
    now_ms = accounts.now_ms()

    def job(books: Books) -> int:
        number = books.festivals.add(organiser, name, now_ms)
        books.raise_generation()
        return number

    return await accounts.do(job)


async def adopt_festival(accounts: Accounts, number: int, name: str) -> OrganiserId:
    """Return whose a festival is that was here before the accounts; a new organiser's, if nobody's.

    Whoever runs the house then invites somebody to rule it.
    """
    organiser, now_ms = accounts.new_organiser_id(), accounts.now_ms()

    def job(books: Books) -> OrganiserId:
        found = books.festivals.find(number)
        if found is not None:
            return found.organiser
        books.organisers.add(Organiser(organiser, name, now_ms, 0))
        books.festivals.add_as(IndexedFestival(number, organiser, name, now_ms, 0))
        books.raise_generation()
        return organiser

    return await accounts.do(job)


async def rename_festival(accounts: Accounts, number: int, name: str) -> None:
    """Keep another name of a festival in the index."""
    await accounts.do(lambda books: books.festivals.rename(number, name))


async def set_festival_deleted(
    accounts: Accounts, number: int, *, is_deleted: bool
) -> Trouble | None:
    """Take a festival away for everybody, or bring it back; its number is never given out again."""
    now_ms = accounts.now_ms()

    def job(books: Books) -> Trouble | None:
        if books.festivals.find(number) is None:
            return Trouble.UNKNOWN
        books.festivals.set_deleted(number, now_ms if is_deleted else 0)
        books.raise_generation()
        return None

    return await accounts.do(job)
