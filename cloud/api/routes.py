"""How an area declares its routes: what may come in, what goes out, and who may ask.

A handler is `async def name(call, body, query) -> Answer`, of which `body` and `query` are there
only if something comes in; their annotations are the models that describe and check it. A route
that does not say who may ask cannot be declared.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from inspect import Parameter, cleandoc, signature
from typing import Any, Final, get_type_hints

from pydantic import BaseModel

from cloud.accounts.access import Access
from cloud.limits import API_BODY_BYTES_MAX

JSON_TYPE: Final = "application/json"
API: Final = "/api/v1"
_NAMES: Final = re.compile(r"\{([a-z_]+)\}")
_METHODS: Final = ("get", "post", "put", "patch", "delete")
Handler = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One route: its place, its guard, its models, and the function that answers."""

    method: str
    path: str
    area: str
    access: Access
    handler: Handler
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    answer: Any
    status: int
    gives: str
    takes: str
    is_idempotent: bool
    body_bytes_max: int
    holds: type[BaseModel] | None = None
    answers: Mapping[int, type[BaseModel]] = field(default_factory=dict, hash=False)

    @property
    def name(self) -> str:
        """What the operation is called in descriptions, logs and figures; each has its own."""
        return f"{self.area}_{self.handler.__name__}"

    @property
    def places(self) -> tuple[str, ...]:
        """The names in the path."""
        return tuple(_NAMES.findall(self.path))

    @property
    def words(self) -> tuple[str, str]:
        """The summary and the description, from the handler's docstring."""
        text = cleandoc(self.handler.__doc__ or "")
        summary, _, rest = text.partition("\n")
        return summary.rstrip("."), rest.strip()


class Routes:
    """The routes of one business area."""

    def __init__(self, area: str) -> None:
        """`area` is the folder's name."""
        self.area = area
        self.operations: list[Operation] = []

    def get(self, path: str, **how: Any) -> Callable[[Handler], Handler]:
        """Declare what is read; see `add`."""
        return self.add("get", path, **how)

    def post(self, path: str, **how: Any) -> Callable[[Handler], Handler]:
        """Declare what is made or done; see `add`."""
        return self.add("post", path, **how)

    def put(self, path: str, **how: Any) -> Callable[[Handler], Handler]:
        """Declare what is put in a known place; see `add`."""
        return self.add("put", path, **how)

    def patch(self, path: str, **how: Any) -> Callable[[Handler], Handler]:
        """Declare what is changed in part; see `add`."""
        return self.add("patch", path, **how)

    def delete(self, path: str, **how: Any) -> Callable[[Handler], Handler]:
        """Declare what is taken away; see `add`."""
        return self.add("delete", path, **how)

    def add(
        self,
        method: str,
        path: str,
        *,
        may: Access,
        status: int = 200,
        gives: str = JSON_TYPE,
        takes: str = JSON_TYPE,
        idempotent: bool = False,
        body_bytes_max: int = API_BODY_BYTES_MAX,
        holds: type[BaseModel] | None = None,
        answers: Mapping[int, type[BaseModel]] | None = None,
    ) -> Callable[[Handler], Handler]:
        """Declare a route; the decorated handler is returned as it was.

        `may` says who may ask. `gives` and `takes` are media types; a handler of anything but JSON
        returns a response of its own, or is handed the body's bytes; `holds` and `answers` (by
        status) then describe what these are. `idempotent` asks for an `Idempotency-Key`.
        `ValueError` if the declaration does not hold together.
        """
        _check(method, path, may)

        def declare(handler: Handler) -> Handler:
            hints = get_type_hints(handler)
            if not handler.__doc__:
                message = f"{method} {path} has no description"
                raise ValueError(message)
            operation = Operation(
                method=method,
                path=path,
                area=self.area,
                access=may,
                handler=handler,
                body=_model_of(handler, hints, "body"),
                query=_model_of(handler, hints, "query"),
                answer=hints.get("return"),
                status=status,
                gives=gives,
                takes=takes,
                is_idempotent=idempotent,
                body_bytes_max=body_bytes_max,
                holds=holds,
                answers=answers or {},
            )
            self.operations.append(operation)
            return handler

        return declare


def _check(method: str, path: str, access: object) -> None:
    if method not in _METHODS or not path.startswith("/"):
        message = f"{method} {path} is no route"
        raise ValueError(message)
    if not isinstance(access, Access):
        message = f"{method} {path} does not say who may ask"
        raise TypeError(message)


def _model_of(handler: Handler, hints: dict[str, Any], name: str) -> Any:
    """Return the annotation of a handler's parameter, None if it takes none of this name."""
    found = signature(handler).parameters.get(name)
    if found is None:
        return None
    if found.annotation is Parameter.empty:
        message = f"{handler.__name__}: {name} needs a model"
        raise ValueError(message)
    return hints[name]
