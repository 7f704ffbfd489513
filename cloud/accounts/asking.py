"""What the accounts' routes share: the accounts themselves, and how troubles become problems."""

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from aiohttp import web
from pydantic import BaseModel

from cloud.accounts.access import OrganiserId
from cloud.accounts.service import Accounts
from cloud.accounts.troubles import Trouble, Wait
from cloud.api.call import Call
from cloud.api.models import Page, PageQuery
from cloud.api.problems import Problem

T = TypeVar("T")
Shown = TypeVar("Shown", bound=BaseModel)
ACCOUNTS: Final = web.AppKey("accounts", Accounts)
_UNAUTHORIZED: Final = 401


def accounts_of(call: Call) -> Accounts:
    """Return the accounts of the house that is asked."""
    return call.request.app[ACCOUNTS]


def address_of(call: Call) -> str:
    """Return from which network address somebody asks."""
    return call.request.remote or ""


def tenant_of(call: Call) -> OrganiserId:
    """Return the organiser of who asks; a `Problem` if they are signed in for none."""
    organiser = call.who.organiser
    if organiser is None:
        raise problem_of(Trouble.ORGANISER_NEEDED)
    return organiser


def done(result: T | Trouble | Wait) -> T:
    """Return what came of it, or raise the trouble as a `Problem`."""
    if isinstance(result, Trouble):
        raise problem_of(result)
    if isinstance(result, Wait):
        title = f"Too many tries: wait {result.seconds} s."
        headers = {"Retry-After": str(result.seconds)}
        raise Problem(429, title, "too_many_tries", headers=headers)
    return result


def nothing(trouble: Trouble | Wait | None) -> None:
    """Raise what went wrong as a `Problem`, if anything did."""
    if trouble is not None:
        done(trouble)


def problem_of(trouble: Trouble) -> Problem:
    """Return a trouble as it is answered."""
    is_unauthorized = trouble.status == _UNAUTHORIZED
    headers = {"WWW-Authenticate": "Bearer"} if is_unauthorized else {}
    return Problem(trouble.status, trouble.sentence, trouble.value, headers=headers)


def paged(items: Sequence[Shown], key: Callable[[Shown], str], query: PageQuery) -> Page[Shown]:
    """Return the part of a short list that is asked for, in the order of a key."""
    wanted = [item for item in sorted(items, key=key) if key(item) > (query.after or "")]
    shown = wanted[: query.limit]
    is_more = len(wanted) > len(shown)
    return Page(items=shown, next=key(shown[-1]) if is_more else None)
