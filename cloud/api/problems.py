"""How a route refuses: a sentence, a word for programs, and the fields that are wrong."""

from collections.abc import Mapping
from http import HTTPStatus

from pydantic import ValidationError

from cloud.limits import FAULTS_TOLD_MAX
from cloud.refusing import Refused


class Problem(Exception):
    """A refusal that becomes the answer (RFC 9457); nothing of what came in is repeated in it.

    A job of the writer returns it; raised there, the jobs that share its commit are done again.
    """

    def __init__(
        self,
        status: int,
        title: str,
        code: str = "",
        *,
        faults: list[dict[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """`status` is HTTP's, `title` one sentence, `code` a word for programs.

        `faults` name fields: {"where": …, "what": …}.
        """
        super().__init__(title)
        self.status = status
        self.title = title
        self.code = code or HTTPStatus(status).phrase.lower().replace(" ", "_").replace("'", "")
        self.faults = faults or []
        self.headers = dict(headers or {})


def problem_of(refusal: Refused) -> Problem:
    """Return a refusal of an area's business as an answer."""
    return Problem(refusal.status, refusal.sentence, refusal.why.value)


def misread(trouble: ValidationError, what: str) -> Problem:
    """Say which fields of a body or query are wrong, without repeating what they held."""
    faults = [
        {"where": ".".join(str(part) for part in error["loc"]) or what, "what": error["msg"]}
        for error in trouble.errors(include_url=False, include_context=False, include_input=False)
    ]
    more = len(faults) - FAULTS_TOLD_MAX
    told = faults[:FAULTS_TOLD_MAX]
    if more > 0:
        told.append({"where": what, "what": f"and {more} more"})
    first = told[0]
    title = f"The {what} is not as it must be: {first['where']}: {first['what']}."
    return Problem(422, title, "invalid", faults=told)
