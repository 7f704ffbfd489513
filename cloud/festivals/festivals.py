"""A festival as its organiser sees it: what its folder fixed, and what was said of it since."""

from collections.abc import Callable
from typing import Any, Final

from aiohttp import web

from cloud.api.problems import Problem
from cloud.festivals.catalogue import mismatch
from cloud.festivals.models import Festival, FestivalPatch, FestivalPost, Language
from cloud.festivals.sight import FESTIVAL, Sight, sight_in, sight_of
from cloud.festivals.stating import stated
from cloud.office import Office
from cloud.settings import Settings
from cloud.store.look import Look
from sync import catalogue

_FIXED: Final = frozenset({"time_zone", "currency", "day_boundary_minutes"})
_MAY_BE_NULL: Final = frozenset({"starts_ms", "ends_ms", "capacity"})


def new_settings(body: FestivalPost) -> Settings:
    """Return what a new festival's folder says; the number and the keys come with the folder."""
    return Settings(
        festival=0,
        name=body.title,
        currency=body.currency,
        time_zone=body.time_zone,
        language=body.languages[0].value,
        day_boundary_minutes=body.day_boundary_minutes,
        festival_key="",
        certificate="",
    )


def keep_first(body: FestivalPost, said_by: str) -> Callable[[Office], None]:
    """Return the job that keeps what the folder and the facts do not say of a new festival."""
    words = body.model_dump(mode="json", exclude=set(_FIXED))

    def job(office: Office) -> None:
        sight = sight_of(office)
        name = str(sight.festival)
        sight.details.put(FESTIVAL, name, words, said_by=said_by, now_ms=office.now_ms())

    return job


def trouble_with_dates(starts_ms: int | None, ends_ms: int | None) -> Problem | None:
    """Refuse a festival that ends before it begins."""
    if starts_ms is None or ends_ms is None or starts_ms < ends_ms:
        return None
    faults = [{"where": "ends_ms", "what": "is not after starts_ms"}]
    return Problem(422, "The festival ends before it begins.", "invalid", faults=faults)


def show(settings: Settings) -> Callable[[Look], Festival]:
    """Return the look for a festival whose folder says these settings."""
    return lambda seen: _shown(sight_in(seen), settings)


def change(body: FestivalPatch, request: web.Request, said_by: str) -> Callable[[Office], Any]:
    """Return the job that changes what may be changed."""
    given = body.model_dump(mode="json", exclude_unset=True)
    wanted = {k: v for k, v in given.items() if v is not None or k in _MAY_BE_NULL}

    def job(office: Office) -> Festival | Problem:
        sight = sight_of(office)
        there = _shown(sight, office.folder.settings)
        wrong = mismatch(request, there)
        if wrong is not None:
            return wrong
        words = there.model_dump(mode="json", exclude={*_FIXED, "number"})
        words |= {name: value for name, value in wanted.items() if name not in _FIXED}
        wrong = trouble_with_dates(words["starts_ms"], words["ends_ms"])
        if wrong is not None:
            return wrong
        boundary = wanted.get("day_boundary_minutes", there.day_boundary_minutes)
        if boundary != there.day_boundary_minutes:
            settings = {"day_boundary_minutes": boundary}
            result = stated(office, [{"kind": "policy", "settings": settings}])
            if isinstance(result, Problem):
                return result
        name, now_ms = str(sight.festival), office.now_ms()
        sight.details.put(FESTIVAL, name, words, said_by=said_by, now_ms=now_ms)
        return _shown(sight, office.folder.settings)

    return job


def _shown(sight: Sight, settings: Settings) -> Festival:
    words = sight.of_festival()
    languages = words.get("languages", [settings.language])
    return Festival(
        number=sight.festival,
        title=words.get("title", settings.name),
        description=words.get("description", ""),
        starts_ms=words.get("starts_ms"),
        ends_ms=words.get("ends_ms"),
        time_zone=settings.time_zone,
        location=words.get("location", ""),
        capacity=words.get("capacity"),
        dress_code=words.get("dress_code", ""),
        allow_reentry=words.get("allow_reentry", True),
        currency=settings.currency,
        languages=tuple(Language(word) for word in languages),
        day_boundary_minutes=catalogue.policy(sight.cells).day_boundary_minutes,
    )
