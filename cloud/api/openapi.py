"""The description of the API (OpenAPI 3.1), made from what the areas declared."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, get_args, get_origin

from aiohttp import web
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from cloud.accounts.access import Access, Door
from cloud.api.call import Answer
from cloud.api.places import place_of
from cloud.api.routes import JSON_TYPE, Operation
from cloud.problems import PROBLEM_TYPE

VERSION: Final = "3.1.0"
IDEMPOTENCY_HEADER: Final = "Idempotency-Key"
Names = dict[tuple[Any, str], dict[str, Any]]
"""Where the schema of (model, "validation" or "serialization") is referred to."""
_REF: Final = "#/components/schemas/{model}"
_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "A refusal (RFC 9457).",
    "required": ["type", "title", "status", "id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "description": "One sentence that says what is wrong."},
        "status": {"type": "integer"},
        "id": {"type": "string", "description": "Under this id the office logged the request."},
        "code": {"type": "string", "description": "A word for programs."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"where": {"type": "string"}, "what": {"type": "string"}},
            },
        },
    },
}
_SECURITY: Final = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An access token of `/api/v1/auth/login` or `/oauth/token`, or an API key.",
    }
}
_REFUSALS: Final = {
    "400": "The request cannot be read.",
    "401": "Who asks did not prove who they are.",
    "403": "Who asks may not do this.",
    "404": "There is no such thing for who asks.",
    "408": "The body came too slowly.",
    "409": "It does not go with what is there already.",
    "412": "Somebody changed it meanwhile.",
    "413": "The body is too long.",
    "415": "The body is of another type.",
    "422": "A field is wrong.",
    "429": "Too many requests; `Retry-After` says when to ask again.",
    "503": "The office is busy or ends; `Retry-After` says when to ask again.",
}


def describe(operations: Sequence[Operation], title: str, version: str) -> dict[str, Any]:
    """Return the description of these operations as an OpenAPI document."""
    schemas, names = _schemas(operations)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation, names)
    schemas["Problem"] = _PROBLEM
    return {
        "openapi": VERSION,
        "info": {"title": title, "version": version},
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": _SECURITY},
        "tags": [{"name": area} for area in sorted({one.area for one in operations})],
    }


def answer_model(operation: Operation) -> type[BaseModel] | None:
    """Return the model of an operation's answer, None if it is empty or no JSON."""
    found = operation.answer
    if get_origin(found) is Answer:
        (found,) = get_args(found)
    is_model = isinstance(found, type) and issubclass(found, BaseModel)
    return found if is_model else None


def body_model(operation: Operation) -> type[BaseModel] | None:
    """Return the model of an operation's body, None if it is bytes of which nothing is said."""
    body = operation.body
    return body if body is not None and issubclass(body, BaseModel) else operation.holds


def _schemas(operations: Iterable[Operation]) -> tuple[dict[str, Any], Names]:
    """Return the schemas of every model, and where each is referred to."""
    wanted: list[tuple[Any, Any]] = []
    for operation in operations:
        body = body_model(operation)
        if body is not None:
            wanted.append((body, "validation"))
        wanted += [(model, "serialization") for model in operation.answers.values()]
        if operation.query is not None:
            wanted.append((operation.query, "validation"))
        answer = answer_model(operation)
        if answer is not None:
            wanted.append((answer, "serialization"))
    wanted = list(dict.fromkeys(wanted))
    references, definitions = models_json_schema(wanted, ref_template=_REF)
    return dict(definitions.get("$defs", {})), dict(references)  # type: ignore[arg-type]  # keys


def _operation(operation: Operation, names: Names) -> dict[str, Any]:
    summary, description = operation.words
    row: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.area],
        "summary": summary,
        "description": "\n\n".join(part for part in (description, _who(operation.access)) if part),
        "parameters": _parameters(operation),
        "responses": _responses(operation, names),
        "security": [] if operation.access.door is Door.PUBLIC else [{"bearer": []}],
    }
    if operation.body is not None:
        model = body_model(operation)
        schema: dict[str, Any] = {} if model is None else names[model, "validation"]
        row["requestBody"] = {"required": True, "content": {operation.takes: {"schema": schema}}}
    return row


def _who(access: Access) -> str:
    """Say who may ask, as words in the description."""
    if access.door is Door.SCOPED:
        roles = ", ".join(sorted(access.roles))
        return f"Needs the scope `{access.scope}`; people need a role of: {roles}."
    return {
        Door.PUBLIC: "Open to everybody.",
        Door.SIGNED_IN: "For whoever is signed in; it is about what is their own.",
        Door.SUPERADMIN: "For whoever runs the house.",
    }[access.door]


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for name in operation.places:
        place = place_of(name)
        shape: dict[str, Any] = {"type": "string", "pattern": f"^({place.pattern.pattern})$"}
        if place.largest is not None and place.largest < 1 << 53:
            shape = {"type": "integer", "minimum": 0, "maximum": place.largest}
        rows.append(
            {
                "name": name,
                "in": "path",
                "required": True,
                "description": place.description,
                "schema": shape,
            }
        )
    if operation.is_idempotent:
        rows.append(_IDEMPOTENCY)
    if operation.query is not None:
        rows += _query_parameters(operation.query)
    return rows


_IDEMPOTENCY: Final = {
    "name": IDEMPOTENCY_HEADER,
    "in": "header",
    "required": True,
    "description": (
        "A name for this deed, drawn by who asks. Sent again with the same body it gets the same"
        " answer and nothing happens twice; with another body it is refused (409)."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}


def _query_parameters(model: type[BaseModel]) -> list[dict[str, Any]]:
    schema = model.model_json_schema(ref_template=_REF)
    needed = schema.get("required", [])
    rows = []
    for name, shape in schema.get("properties", {}).items():
        plain = {key: value for key, value in shape.items() if key not in {"title", "description"}}
        plain = _without_null(plain)
        row = {"name": name, "in": "query", "required": name in needed, "schema": plain}
        if "description" in shape:
            row["description"] = shape["description"]
        rows.append(row)
    return rows


def _without_null(shape: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a query's value: what is left out is not sent as null."""
    parts = [part for part in shape.get("anyOf", []) if part != {"type": "null"}]
    if len(parts) != 1:
        return shape
    rest: dict[str, Any] = {key: value for key, value in shape.items() if key != "anyOf"}
    if rest.get("default", "") is None:
        del rest["default"]
    return rest | dict(parts[0])


def _responses(operation: Operation, names: Names) -> dict[str, Any]:
    model = answer_model(operation)
    rows: dict[str, Any] = {}
    if model is not None:
        schema = names[model, "serialization"]
        rows[str(operation.status)] = {
            "description": "Done.",
            "content": {JSON_TYPE: {"schema": schema}},
        }
        if operation.method == "get":
            rows["304"] = {"description": "Nothing has changed since `If-None-Match`."}
    elif operation.answer in {None, type(None)}:
        rows["204"] = {"description": "Done."}
    elif isinstance(operation.answer, type) and issubclass(operation.answer, web.StreamResponse):
        rows[str(operation.status)] = {"description": "Done.", "content": {operation.gives: {}}}
    else:
        message = f"{operation.name} gives nothing that can be described"
        raise TypeError(message)
    problem = {PROBLEM_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}}}
    for refusal, words in _REFUSALS.items():
        rows[refusal] = {"description": words, "content": problem}
    for status, shown in operation.answers.items():
        row = rows[str(status)]
        schema = {"schema": names[shown, "serialization"]}
        row["content"] = row.get("content", {}) | {operation.gives: schema}
    return rows
