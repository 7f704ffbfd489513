"""The one set of rules by which every sort of numbered thing is listed, put, deleted, restored.

Facts are stated first, for they can be refused; what the office alone keeps is written after them,
in the same transaction. Nothing is ever taken out of the books: what was deleted is hidden, is sold
no more, and keeps its number.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from aiohttp import web
from pydantic import BaseModel

from cloud.api.models import Page, PageQuery
from cloud.api.problems import Problem
from cloud.api.serving import check_match
from cloud.festivals.sight import Sight, sight_in, sight_of
from cloud.festivals.sorts import Sort, deleted, is_present, present
from cloud.festivals.stating import stated
from cloud.office import Office
from cloud.store.look import Look
from sync import lending

Item = TypeVar("Item")
AnySort = Sort[Any, Any]
Job = Callable[[Office], Any]
_IF_NONE_MATCH: Final = "If-None-Match"


def one(sort: AnySort, number: int) -> Callable[[Look], Any]:
    """Return the look for one thing; it finds None if there is none or it was deleted."""

    def see(seen: Look) -> Any:
        sight = sight_in(seen)
        return sort.show(sight, number) if is_present(sort, sight, number) else None

    return see


def every(
    sort: AnySort, limit: int, after: str | None, *, of_deleted: bool
) -> Callable[[Look], Page[Any]]:
    """Return the look for a part of a sort's things, in the order of their numbers."""
    start = after_number(after)

    def see(seen: Look) -> Page[Any]:
        sight = sight_in(seen)
        numbers = (deleted if of_deleted else present)(sort, sight)
        rest = [number for number in numbers if number > start]
        shown = [sort.show(sight, number) for number in rest[:limit]]
        more = str(rest[limit - 1]) if len(rest) > limit else None
        return Page[sort.given](items=shown, next=more)  # type: ignore[name-defined]

    return see


def put(
    sort: AnySort, number: int | None, body: BaseModel, request: web.Request, said_by: str
) -> Job:
    """Return the job that makes or changes a thing; without a number it takes the next free one."""

    def job(office: Office) -> Any:
        sight = sight_of(office)
        place = next_free(sort, sight) if number is None else number
        if place is None:
            return Problem(409, f"There is no free number for a {sort.word}.", "numbers_spent")
        if not sort.number_min <= place <= sort.number_max:
            bounds = f"{sort.number_min} to {sort.number_max}"
            return Problem(422, f"The number of a {sort.word} is from {bounds}.", "invalid")
        kept = sight.details.one(sort.kind, str(place))
        if kept is not None and kept.is_deleted:
            title = f"{_name(sort, place)} was deleted. Restore it first, or take another number."
            return Problem(409, title, "deleted")
        there = sort.show(sight, place) if is_present(sort, sight, place) else None
        wrong = mismatch(request, there) or misfit(sort, sight, place, body)
        if wrong is not None:
            return wrong
        result = stated(office, sort.rows(sight, place, body))
        if isinstance(result, Problem):
            return result
        words = sort.words(sight, body)
        sight.details.put(sort.kind, str(place), words, said_by=said_by, now_ms=office.now_ms())
        sort.also_keep(sight, place, words)
        return _told(sort, sight, place)

    return job


def delete(sort: AnySort, number: int, request: web.Request, said_by: str) -> Job:
    """Return the job that hides a thing, unless something still depends on it."""

    def job(office: Office) -> Any:
        sight = sight_of(office)
        if not is_present(sort, sight, number):
            return unknown(sort, number)
        shown = sort.show(sight, number)
        wrong = mismatch(request, shown)
        if wrong is not None:
            return wrong
        reason = sort.needed_by(sight, number)
        if reason:
            title = f"{_name(sort, number)} is still needed: {reason}."
            return Problem(409, title, "in_use")
        words = sort.words(sight, shown)
        result = stated(office, sort.rows_to_hide(sight, number))
        if isinstance(result, Problem):
            return result
        now_ms = office.now_ms()
        book = sight.details
        book.put(sort.kind, str(number), words, is_deleted=True, said_by=said_by, now_ms=now_ms)
        sort.also_hide(sight, number)
        return None

    return job


def restore(sort: AnySort, number: int, said_by: str) -> Job:
    """Return the job that brings back what was deleted, as it was."""

    def job(office: Office) -> Any:
        sight = sight_of(office)
        kept = sight.details.one(sort.kind, str(number))
        if kept is None or not kept.is_deleted:
            if is_present(sort, sight, number):
                return Problem(409, f"{_name(sort, number)} was not deleted.", "not_deleted")
            return unknown(sort, number)
        wrong = misfit(sort, sight, number, sort.show(sight, number))
        if wrong is not None:
            return wrong
        result = stated(office, sort.rows_to_return(sight, number))
        if isinstance(result, Problem):
            return result
        words, now_ms = kept.words, office.now_ms()
        sight.details.put(sort.kind, str(number), words, said_by=said_by, now_ms=now_ms)
        sort.also_keep(sight, number, words)
        return _told(sort, sight, number)

    return job


def unknown(sort: AnySort, number: int) -> Problem:
    """Return the refusal of a number that names nothing."""
    return Problem(404, f"There is no {sort.word} {number}.", "not_found")


def mismatch(request: web.Request, there: BaseModel | None) -> Problem | None:
    """Return the refusal of a change that was made against something else than what is there."""
    if there is None:
        if request.headers.get("If-Match"):
            return Problem(
                412, "There is nothing here yet that could be changed.", "changed_meanwhile"
            )
        return None
    if request.headers.get(_IF_NONE_MATCH) == "*":
        return Problem(412, "There is something here already.", "exists_already")
    try:
        check_match(request, there)
    except Problem as trouble:
        return trouble
    return None


def misfit(sort: AnySort, sight: Sight, number: int, body: Any) -> Problem | None:
    """Say which field names nothing, or with what else the thing cannot be together."""
    faults = sort.faults(sight, body)
    if faults:
        first = faults[0]
        title = f"The {sort.word} is not as it must be: {first['where']}: {first['what']}."
        return Problem(422, title, "invalid", faults=faults)
    reason = sort.clash(sight, number, body)
    return Problem(409, f"{reason[0].upper()}{reason[1:]}.", "name_taken") if reason else None


def next_free(sort: AnySort, sight: Sight) -> int | None:
    """Return the number after the highest that was ever used, else the lowest unused one."""
    used = sort.numbers(sight) | {int(name) for name in sight.details.every(sort.kind)}
    highest = max(used, default=0)
    if highest < sort.number_max:
        return highest + 1
    return next((number for number in range(1, sort.number_max) if number not in used), None)


def after_number(after: str | None) -> int:
    """Return the number after which a list goes on; `Problem` if the cursor is none of ours."""
    if after is None:
        return -1
    if not after.isascii() or not after.isdigit() or len(after) > _DIGITS_MAX:
        raise Problem(422, "after is not what a page before gave as next.", "invalid")
    return int(after)


def part_of(
    items: Sequence[Item], names: Sequence[str], query: PageQuery
) -> tuple[list[Item], str | None]:
    """Return the wanted part of a list whose items have names, and the cursor of the next."""
    start = 0
    if query.after is not None:
        if query.after not in names:
            raise Problem(422, "after is not what a page before gave as next.", "invalid")
        start = list(names).index(query.after) + 1
    part = list(items[start : start + query.limit])
    end = start + len(part)
    return part, names[end - 1] if end < len(items) else None


_DIGITS_MAX: Final = 20


def _name(sort: AnySort, number: int) -> str:
    return f"{sort.word[0].upper()}{sort.word[1:]} {number}"


def _told(sort: AnySort, sight: Sight, number: int) -> Any:
    """Return a thing after a change, with what the change means where more is out than there is."""
    shown = sort.show(sight, number)
    resource = sort.resource(number)
    quota = None if resource is None else lending.read(sight.cells, resource)
    if quota is None or quota.committed <= quota.capacity:
        return shown
    notice = (
        f"{quota.committed} are used or lent to terminals already, more than {quota.capacity}."
        " Nothing is taken away from terminals; nothing more is lent until enough came back."
    )
    return shown.model_copy(update={"notice": notice})
