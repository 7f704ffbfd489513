"""`/api/v1/festivals`: an organiser's festivals, made, changed, deleted and brought back."""

from typing import Final

from cloud.accounts.access import OrganiserId, organisers, staff
from cloud.api.call import Call
from cloud.api.models import Page, PageQuery
from cloud.api.problems import Problem
from cloud.api.routes import API, Routes
from cloud.festivals import festivals
from cloud.festivals.catalogue import after_number, mismatch
from cloud.festivals.models import Festival, FestivalPatch, FestivalPost
from cloud.festivals.stating import do, who
from cloud.house import TooManyFestivals
from cloud.settings import BadOffice

ROUTES: Final = Routes("festivals")
_EVERY: Final = f"{API}/festivals"
_ONE: Final = f"{_EVERY}/{{festival}}"
_READ: Final = staff("festivals:read")
_WRITE: Final = organisers("festivals:write")


@ROUTES.get(_EVERY, may=_READ)
async def list_festivals(call: Call, query: PageQuery) -> Page[Festival]:
    """List the festivals that are yours, in the order of their numbers."""
    start = after_number(query.after)
    numbers = [one for one in sorted(call.house.festivals) if one > start and _is_mine(call, one)]
    part = numbers[: query.limit]
    items = [await _shown(call, number) for number in part]
    return Page[Festival](items=items, next=str(part[-1]) if len(numbers) > len(part) else None)


@ROUTES.post(_EVERY, may=_WRITE, status=201)
async def make_festival(call: Call, body: FestivalPost) -> Festival:
    """Make a festival, with keys of its own.

    Its currency and its time zone are fixed from then on. It is yours: the organiser is that of
    the credential. A request that was lost on the way may have made it: look at the list before
    sending it again.
    """
    wrong = festivals.trouble_with_dates(body.starts_ms, body.ends_ms)
    if wrong is not None:
        raise wrong
    organiser = _organiser(call)
    number = await _found(call, organiser, body)
    return await _shown(call, number)


@ROUTES.get(_ONE, may=_READ)
async def show_festival(call: Call) -> Festival:
    """Show a festival; the answer's `ETag` is for `If-Match`."""
    return await _shown(call, call.festival)


@ROUTES.patch(_ONE, may=_WRITE)
async def change_festival(call: Call, body: FestivalPatch) -> Festival:
    """Change some of what a festival says of itself.

    With `If-Match` it is changed only if it is still what that tag was read with (412 if not).
    Terminals that are enrolled keep the title under which they were; they hear at once when the
    festival's days end.
    """
    changed = await do(call, festivals.change(body, call.request, who(call)))
    await call.house.register.rename_festival(call.festival, changed.title)
    return Festival.model_validate(changed)


@ROUTES.delete(_ONE, may=_WRITE)
async def delete_festival(call: Call) -> None:
    """Delete a festival: nothing here answers for it any more, until it is restored.

    Its terminals go on exchanging, so nothing that happened is lost, its live page goes on for who
    has its key, and its number is not given out again. With `If-Match` only if it is still what
    that tag was read with (412 if not).
    """
    wrong = mismatch(call.request, await _shown(call, call.festival))
    if wrong is not None:
        raise wrong
    await call.house.register.set_deleted(call.festival, is_deleted=True)


@ROUTES.post(f"{_EVERY}/{{deleted_festival}}/restore", may=_WRITE)
async def restore_festival(call: Call) -> Festival:
    """Bring back a festival that was deleted, as it was."""
    number = call.places["deleted_festival"]
    owner = await call.house.register.owner_of_deleted(number)
    if owner is None or not call.who.reaches(owner, number):
        raise Problem(404, "There is no such festival of yours that was deleted.", "not_found")
    await call.house.register.set_deleted(number, is_deleted=False)
    return await _shown(call, number)


def _is_mine(call: Call, number: int) -> bool:
    owner = call.house.organiser_of(number)
    return owner is not None and call.who.reaches(owner, number)


def _organiser(call: Call) -> OrganiserId:
    organiser = call.who.organiser
    if organiser is None:
        title = "Only an organiser makes festivals: sign in as one, or invite yourself to one."
        raise Problem(403, title, "organiser_needed")
    return organiser


async def _found(call: Call, organiser: OrganiserId, body: FestivalPost) -> int:
    """Make a festival, unless the organiser or the house has as many as there may be."""
    first = festivals.keep_first(body, who(call))
    try:
        return await call.house.found(organiser, festivals.new_settings(body), first)
    except TooManyFestivals as trouble:
        raise Problem(409, str(trouble), "too_many_festivals") from trouble
    except BadOffice as trouble:
        raise Problem(409, str(trouble), "not_made") from trouble


async def _shown(call: Call, number: int) -> Festival:
    desk = call.desk_of(number)
    return await desk.look(festivals.show(desk.folder.settings))
