"""Has a job of the writer state rows, and tells what could not be stated as a problem."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from cloud.api.call import Call
from cloud.api.problems import Problem
from cloud.festivals.rows import BadStatement, Row
from cloud.festivals.service import state
from cloud.office import Office

T = TypeVar("T")


def stated(office: Office, rows: Sequence[Row]) -> dict[str, int] | Problem:
    """State rows inside a transaction; the problem means that nothing was written.

    What only shows when all of them are stated is raised out of the transaction as `BadStatement`.
    """
    if not rows:
        return {}
    result = state(office, rows)
    if not isinstance(result, BadStatement):
        return result
    if office.is_recovering:
        return Problem(409, str(result), "recovering")
    return Problem(422, str(result), "invalid")


async def do(call: Call, job: Callable[[Office], T | Problem]) -> T:
    """Do a job that states rows; what it refuses is raised as a `Problem`, and nothing happened."""
    try:
        return await call.do(job)
    except BadStatement as trouble:
        raise Problem(422, str(trouble), "invalid") from trouble


def who(call: Call) -> str:
    """Return under which id a change is kept."""
    return call.who.id
