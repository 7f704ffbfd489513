"""A client of the office that knows nothing but the API's own description.

Every operation is called by its name. What goes in is put where the description says; what comes
out is checked against the schema that the description promises, so a script that plays a festival
through this client also proves that the description tells the truth.
"""

import json
import urllib.error
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass
from typing import Any, Final

import jsonschema_rs

DESCRIPTION: Final = "/api/v1/openapi.json"
WAIT_S: Final = 60
_JSON: Final = "application/json"


class NotDescribed(Exception):
    """The office did something that its description does not say."""


class Refused(Exception):
    """The office refused; `status` and `problem` are what it said."""

    def __init__(self, operation: str, status: int, problem: dict[str, Any]) -> None:
        """Say which operation was refused and why."""
        super().__init__(f"{operation}: {status} {problem.get('title')} {problem.get('errors')}")
        self.status = status
        self.code = str(problem.get("code", ""))
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer: its status, its headers with small letters, its body as bytes."""

    status: int
    headers: dict[str, str]
    content: bytes


@dataclass(frozen=True, slots=True)
class _Operation:
    method: str
    path: str
    row: dict[str, Any]


class Described:
    """An office as its description shows it."""

    def __init__(self, url: str) -> None:
        """Read the description of the office at this address."""
        self.url = url
        self.document = json.loads(_fetch("GET", url + DESCRIPTION, {}, None).content)
        self._operations = {
            row["operationId"]: _Operation(method.upper(), path, row)
            for path, methods in self.document["paths"].items()
            for method, row in methods.items()
        }

    def at(self, url: str) -> "Described":
        """Return the same client for another process of the office."""
        other = Described.__new__(Described)
        other.url, other.document, other._operations = url, self.document, self._operations
        return other

    @property
    def names(self) -> set[str]:
        """The names of every operation."""
        return set(self._operations)

    def call(self, name: str, credential: str = "", body: Any = None, **given: Any) -> Any:
        """Call an operation and return its answer, checked; `Refused` if the office says no.

        `given` are parameters by name; an Idempotency-Key is drawn unless `key` gives one.
        """
        answer = self.raw(name, credential, body, **given)
        if not answer.content or answer.headers.get("content-type", "") != f"{_JSON}":
            return answer.content or None
        return json.loads(answer.content)

    def raw(self, name: str, credential: str = "", body: Any = None, **given: Any) -> Answered:
        """Call an operation and return the answer as it came, checked; `Refused` if it is a no."""
        operation = self._operations[name]
        headers = {"Accept": "*/*"}
        if credential:
            headers["Authorization"] = f"Bearer {credential}"
        path, query = self._placed(operation, headers, given)
        content = self._spelled(operation, headers, body)
        target = self.url + path + (f"?{urllib.parse.urlencode(query)}" if query else "")
        answer = _fetch(operation.method, target, headers, content)
        self._check(name, operation, answer)
        if answer.status >= 400:
            raise Refused(name, answer.status, json.loads(answer.content))
        return answer

    def _placed(
        self, operation: _Operation, headers: dict[str, str], given: dict[str, Any]
    ) -> tuple[str, dict[str, Any]]:
        """Put parameters where the description has them; return the path and the query."""
        path, query, key = operation.path, {}, given.pop("key", None)
        left = dict(given)
        for parameter in operation.row["parameters"]:
            name = parameter["name"]
            if name == "Idempotency-Key":
                headers[name] = key or uuid.uuid4().hex
            elif name in left and parameter["in"] == "path":
                quoted = urllib.parse.quote(str(left.pop(name)), safe="")
                path = path.replace(f"{{{name}}}", quoted)
            elif name in left:
                query[name] = left.pop(name)
        if left or "{" in path:
            message = f"{operation.row['operationId']} takes {path} and not {sorted(left)}"
            raise NotDescribed(message)
        return path, query

    def _spelled(self, operation: _Operation, headers: dict[str, str], body: Any) -> bytes | None:
        described = operation.row.get("requestBody")
        if described is None:
            return None
        (media,) = described["content"]
        headers["Content-Type"] = media
        if media == _JSON:
            return json.dumps(body if body is not None else {}).encode()
        return body if isinstance(body, bytes) else urllib.parse.urlencode(body).encode()

    def _check(self, name: str, operation: _Operation, answer: Answered) -> None:
        """Compare an answer with what the description promises."""
        described = operation.row["responses"].get(str(answer.status))
        if described is None:
            message = f"{name} answered {answer.status}, which is not described"
            raise NotDescribed(message)
        media = answer.headers.get("content-type", "").split(";")[0]
        promised = described.get("content", {})
        if answer.content and media not in promised:
            message = f"{name} answered {media}, described is {sorted(promised)}"
            raise NotDescribed(message)
        schema = promised.get(media, {}).get("schema")
        if schema is not None and media.endswith("json"):
            whole = schema | {"components": self.document["components"]}
            try:
                jsonschema_rs.validate(whole, json.loads(answer.content))
            except jsonschema_rs.ValidationError as trouble:
                message = f"{name} answered something else than described: {trouble.message}"
                raise NotDescribed(message) from trouble


def _fetch(method: str, url: str, headers: dict[str, str], content: bytes | None) -> Answered:
    request = urllib.request.Request(url, content, headers, method=method)  # noqa: S310 - ours
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=WAIT_S) as answer:
            found = {key.lower(): value for key, value in answer.headers.items()}
            return Answered(answer.status, found, answer.read())
    except urllib.error.HTTPError as refusal:
        found = {key.lower(): value for key, value in refusal.headers.items()}
        return Answered(refusal.code, found, refusal.read())
