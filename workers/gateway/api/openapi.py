"""The OpenAPI document (3.1) of the API, made from its routes and from the published schemas."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from schemas.membership import published
from workers.gateway.api.codes import CODES
from workers.gateway.problem_details import MEDIA_TYPE, Problem

Json = dict[str, Any]

VERSION = "1.0.0"
"""Of the API: the first number is in its addresses."""

REFERENCE = "#/components/schemas/"

CONDITIONS = ("allOf", "anyOf", "if", "then", "else")

DESCRIPTION = """\
A membership is started, sent messages and read. In version 1 fields, messages, addresses and
codes are added, and none is taken away or changes its meaning: ignore what you do not know.
A refusal is a problem (RFC 9457) with a `code` to rely on:

| code | status | |
|---|---|---|
{codes}
"""


def takes(name: str) -> Json:
    """Return what a route says of its body: one of the published schemas."""
    content = {"application/json": {"schema": {"$ref": f"{REFERENCE}{name}"}}}
    return {"requestBody": {"required": True, "content": content}}


def document(routes: Sequence[BaseRoute], url: str = "/") -> Json:
    """Return the document.

    Args:
        routes: of the API.
        url: where it stands.
    """
    lines = (f"| `{code}` | {int(status)} | {says} |" for code, (status, says) in CODES.items())
    found: Json = get_openapi(
        title="Medlemsflyt",
        version=VERSION,
        openapi_version="3.1.0",
        description=DESCRIPTION.format(codes="\n".join(lines)),
        routes=routes,
        servers=[{"url": url}],
    )
    parts = found["components"]["schemas"]
    # How FastAPI would tell of wrong parameters: here that is a problem as well.
    for unused in ("HTTPValidationError", "ValidationError"):
        parts.pop(unused, None)
    taken = {name for route in routes if (name := _body_of(route))}
    for name, schema in published.schemas().items():
        if name in taken:
            _add(parts, name, schema)
    parts["Problem"] = Problem.model_json_schema(ref_template=REFERENCE + "{model}")
    found["components"]["securitySchemes"] = {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "Of the union's login provider, by client credentials.",
        }
    }
    found["security"] = [{"token": []}]
    problem = {
        "description": "It was not done: see `code`",
        "content": {MEDIA_TYPE: {"schema": {"$ref": f"{REFERENCE}Problem"}}},
    }
    for path in found["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = problem
    return found


def _body_of(route: BaseRoute) -> str | None:
    """Return the published schema that a route takes, if it takes one."""
    extra = route.openapi_extra if isinstance(route, APIRoute) else None
    if not extra:
        return None
    reference: str = extra["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    return reference.removeprefix(REFERENCE)


def _add(parts: Json, name: str, schema: Json) -> None:
    """Add a published schema and its parts, each under a name of its own.

    What two messages have in common stands there once; parts of one name that differ are told
    apart by the message, since programs make a class of each name.
    """
    whole = {key: value for key, value in schema.items() if key not in {"$schema", "$id", "$defs"}}
    own = schema.get("$defs", {})
    named = {part: part for part in own}
    while True:
        made = {named[part]: _pointing(about, named) for part, about in own.items()}
        taken = [
            part for part in own if parts.get(named[part], made[named[part]]) != made[named[part]]
        ]
        if not taken:
            break
        for part in taken:
            named[part] = "".join(word.title() for word in name.split("_")) + part
    for part, about in made.items():
        parts[part] = about | {"title": part}
    parts[name] = _pointing(whole, named)


def _pointing(value: Any, named: Mapping[str, str]) -> Any:
    """Return a schema that refers to its parts by their names here.

    What holds between fields of an object is left to the JSON Schemas: those who make programs of
    this document take a condition for another kind of object.
    """
    if isinstance(value, dict):
        between = CONDITIONS if value.get("type") == "object" else ()
        return {
            key: f"{REFERENCE}{named[inner.rpartition('/')[2]]}"
            if key == "$ref" and isinstance(inner, str)
            else _pointing(inner, named)
            for key, inner in value.items()
            if key not in between
        }
    if isinstance(value, list):
        return [_pointing(inner, named) for inner in value]
    return value
