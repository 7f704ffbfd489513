"""One request as a handler sees it: who asks, which festival, and how to work there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from aiohttp import web
from pydantic import BaseModel

from cloud.accounts.access import Principal, Refusal, Scope, UserId, may
from cloud.api.problems import Problem
from cloud.api.routes import JSON_TYPE
from cloud.api.spelling import spell
from cloud.desk import Desk
from cloud.house import House
from cloud.office import Office
from cloud.once import REUSED, Deed, Kept, answered_once
from cloud.problems import OPERATION, PROBLEM_TYPE, problem_bytes

DEED_KEY: Final = web.RequestKey("deed_key", str)
DEED_MARK: Final = web.RequestKey("deed_mark", bytes)
T = TypeVar("T")
Shown = TypeVar("Shown", bound=BaseModel)
_UNKNOWN_FESTIVAL: Final = "There is no such festival for you."


@dataclass(frozen=True, slots=True)
class Answer(Generic[Shown]):
    """An answer that is already spelled, because it was kept or is about to be."""

    status: int
    body: bytes
    type: str = JSON_TYPE


@dataclass(frozen=True, slots=True)
class Call:
    """A request that was let in; `status` is the answer's if all goes well."""

    request: web.Request
    house: House
    principal: Principal | None
    places: Mapping[str, Any]
    status: int

    @property
    def who(self) -> Principal:
        """Who asks, at a route that is not public."""
        if self.principal is None:
            raise refused(Refusal.NOT_SIGNED_IN)
        return self.principal

    @property
    def user(self) -> UserId:
        """The person who asks; a key or a client is refused."""
        user = self.who.user
        if user is None:
            raise Problem(403, "Only a person who is signed in can do this.", "person_needed")
        return user

    @property
    def festival(self) -> int:
        """The number of the festival in the path."""
        return int(self.places["festival"])

    @property
    def desk(self) -> Desk:
        """The desk of the festival in the path."""
        return self.desk_of(self.festival)

    def desk_of(self, festival: int) -> Desk:
        """Return a festival's desk; a `Problem` if it is not open here."""
        desk = self.house.desk(festival)
        if desk is None:
            raise Problem(404, _UNKNOWN_FESTIVAL, "not_found")
        return desk

    def reach(self, festival: int, scope: Scope) -> Desk:
        """Return the desk of a festival that a body names, if who asks may do this there."""
        owner = self.house.organiser_of(festival)
        if owner is None or not self.who.reaches(owner, festival):
            raise Problem(404, _UNKNOWN_FESTIVAL, "not_found")
        if not may(self.who, scope, owner, festival):
            raise refused(Refusal.FORBIDDEN)
        return self.desk_of(festival)

    async def once(
        self,
        job: Callable[[Office, Deed], Shown | Problem],
        desk: Desk | None = None,
    ) -> Answer[Shown]:
        """Do a job of a festival once under the request's `Idempotency-Key`, and answer it.

        The answer is kept in the job's own transaction; refusals are kept too. What the job makes
        takes its id from the deed.
        """
        request = self.request
        deed = Deed(self.who.id, request[OPERATION], request[DEED_KEY], request[DEED_MARK])

        def make(office: Office) -> Kept:
            result = job(office, deed)
            if isinstance(result, Problem):
                return Kept(
                    result.status,
                    problem_bytes(request, result.status, result.title, result.code, result.faults),
                    PROBLEM_TYPE,
                )
            return Kept(self.status, spell(result))

        kept = await (desk or self.desk).writer.do(lambda office: answered_once(office, deed, make))
        if kept is REUSED:
            title = "This Idempotency-Key was used for something else before."
            raise Problem(409, title, REUSED.value)
        return Answer(kept.status, kept.body, kept.type)

    async def do(self, job: Callable[[Office], T | Problem], desk: Desk | None = None) -> T:
        """Do a job in a transaction of the festival; the problem that it returns is raised."""
        result = await (desk or self.desk).writer.do(job)
        if isinstance(result, Problem):
            raise result
        return result


def refused(refusal: Refusal) -> Problem:
    """Return the problem that a refusal at the door is told as."""
    headers = {"WWW-Authenticate": "Bearer"} if refusal is Refusal.NOT_SIGNED_IN else {}
    return Problem(refusal.status, refusal.sentence, refusal.value, headers=headers)
