"""The contract as JSON Schemas (2020-12), for those who write the other end.

Each schema gives the canonical form of what it describes. The service reads a few other spellings
too (blanks around a text, a phone number without +47), and a few rules no schema can state, such
as check digits: those stand in the descriptions. The schemas are made from the models themselves,
so that they can't fall behind.
"""

import json
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from schemas.membership.application import HOME, POSTCODE_ABROAD, Application
from schemas.membership.forecast import Forecast
from schemas.membership.messages import MESSAGES, Answer
from schemas.membership.messages.changes import EMPLOYMENT_FIELDS
from schemas.membership.published_examples import (
    EXAMPLE_APPLICATION,
    EXAMPLE_EXPLANATION,
    EXAMPLE_FORECAST,
    EXAMPLE_STATE,
)
from schemas.membership.state import Explanation, MembershipState

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
URN = "urn:medlemsflyt:schema"

_CONTROLS = r"\u0000-\u001f\u007f-\u009f"
_INNER = rf"[^{_CONTROLS}\u2028\u2029]"
_OUTER = rf"[^\s{_CONTROLS}]"
ONE_LINE = rf"^{_OUTER}({_INNER}*{_OUTER})?$"
"""No line breaks, no control characters, nothing blank at either end."""

DATE = r"^(19[0-9]{2}|2[01][0-9]{2}|2200)-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"

_PERCENT = {"pattern": r"^(100(\.0{1,3})?|[0-9]{1,2}(\.[0-9]{1,3})?)$"}

_SHARPER: dict[str, Schema] = {
    "employer_orgnr": {"pattern": "^[0-9]{9}$", "minLength": 9, "maxLength": 9},
    "phone": {"pattern": r"^\+[1-9][0-9]{4,14}$", "minLength": 6, "maxLength": 16},
    "position_percent": _PERCENT,
    "working_percent": _PERCENT,
}
"""What a validator in Python checks and pydantic can't write into a schema, by field."""

_GIVEN = {"not": {"const": None}}


def _only_for(field: str, *categories: str) -> Schema:
    """The condition that a field is given for these categories, and for no other."""
    return {
        "if": {"properties": {"category": {"enum": list(categories)}}, "required": ["category"]},
        "then": {"properties": {field: _GIVEN}, "required": [field]},
        "else": {"properties": {field: {"const": None}}},
    }


_POSTCODE = {"type": "string", "pattern": "^[0-9]{4}$"}
_ELSEWHERE = {"type": "string", "not": {"const": HOME}}
_POSTCODE_ABROAD = {"type": "string", "pattern": POSTCODE_ABROAD}
_NAMES_ITS_COUNTRY = {
    **_GIVEN,
    "anyOf": [
        {"properties": {"country": {"type": "string"}}, "required": ["country"]},
        {"properties": {"country": {"type": "string"}, "postcode": _POSTCODE}},
    ],
}

_CONDITIONS: dict[str, Schema] = {
    "Application": {
        "allOf": [
            _only_for("study", "student"),
            _only_for("apprenticeship", "apprentice"),
            _only_for("pension", "early_pensioner", "pensioner"),
        ]
    },
    "Applicant": {
        "anyOf": [
            {"properties": {"email": _GIVEN}, "required": ["email"]},
            {"properties": {"address": _NAMES_ITS_COUNTRY}, "required": ["address"]},
        ]
    },
    "Address": {
        "anyOf": [
            {"properties": {"country": _ELSEWHERE}, "required": ["country"]},
            {
                "properties": {"country": {"const": HOME}, "postcode": _POSTCODE},
                "required": ["postcode"],
            },
            {
                "properties": {"country": {"const": None}, "postcode": _POSTCODE_ABROAD},
                "required": ["postcode"],
            },
        ]
    },
    "Consents": {"properties": {"terms": {"const": True}}},
    "DecideApplication": {
        "if": {"properties": {"decision": {"const": "approve"}}},
        "else": {"properties": {"reason": _GIVEN}, "required": ["reason"]},
    },
    "ChangeEmployment": {
        "anyOf": [
            {"properties": {field: _GIVEN}, "required": [field]} for field in EMPLOYMENT_FIELDS
        ]
    },
    "ChangeCategory": {
        "if": {"properties": {"category": {"enum": ["student", "apprentice"]}}},
        "else": {"properties": {"ends_on": {"const": None}}},
    },
    "SetHidden": {
        "if": {"properties": {"hidden": {"const": False}}},
        "then": {"properties": {"consent": {"const": True}}, "required": ["consent"]},
    },
}
"""Rules between fields, by model."""


def schemas() -> dict[str, Schema]:
    """Return every schema by its name: what enters first, then what is answered."""
    entering: dict[str, tuple[type[BaseModel], Any]] = {
        "application": (Application, EXAMPLE_APPLICATION),
        **{name: (model, json.loads(model.card.example)) for name, model in MESSAGES.items()},
    }
    answered: dict[str, tuple[type[BaseModel], Any]] = {
        "answer": (Answer, Answer(applied=True, stage="onboarding", says="approved").model_dump()),
        "state": (MembershipState, EXAMPLE_STATE),
        "explain": (Explanation, EXAMPLE_EXPLANATION),
        "forecast": (Forecast, EXAMPLE_FORECAST),
    }
    return {
        **{name: _entering(name, *made) for name, made in entering.items()},
        **{name: _answered(name, *made) for name, made in answered.items()},
    }


def bundle() -> Schema:
    """Return all schemas as one document; each can be referred to by its ``$id``."""
    return {
        "$schema": DIALECT,
        "$id": URN,
        "title": "The contract of Medlemsflyt",
        "description": "The application that starts a membership, the messages it takes (each as "
        "a signal and as an update), and what it answers.",
        "$defs": schemas(),
    }


def _entering(name: str, model: type[BaseModel], example: Any) -> Schema:
    schema = model.model_json_schema(mode="validation")
    for node in _nodes(schema):
        _sharpen(node)
    for title, part in _models(schema, model):
        for field, sharper in _SHARPER.items():
            for option in _options(part.get("properties", {}).get(field, {})):
                option.update(sharper)
        for keyword, value in _CONDITIONS.get(title, {}).items():
            _merge(part, keyword, value)
    return _published(name, schema, model, example)


def _answered(name: str, model: type[BaseModel], example: Any) -> Schema:
    """What is answered may gain fields: a reader ignores those it does not know."""
    return _published(name, model.model_json_schema(mode="serialization"), model, example)


def _published(name: str, schema: Schema, model: type[BaseModel], example: Any) -> Schema:
    for _, part in _models(schema, model):
        part["description"] = _in_a_line(part["description"].split("\n\n", 1)[0])
        for about in part.get("properties", {}).values():
            about.pop("title", None)
            about["description"] = _in_a_line(_taken_out(about, schema))
    return {
        "$schema": DIALECT,
        "$id": f"{URN}:{name}",
        **schema,
        "title": name,
        "examples": [example],
    }


def _taken_out(about: Schema, schema: Schema) -> str:
    """Take out what a field means; pydantic leaves it out where the model referred to says so."""
    if "description" in about:
        return str(about.pop("description"))
    return str(schema["$defs"][about["$ref"].rpartition("/")[2]]["description"])


def _in_a_line(docstring: str) -> str:
    return " ".join(docstring.split()).replace("``", "`")


def _models(schema: Schema, model: type[BaseModel]) -> Iterator[tuple[str, Schema]]:
    yield model.__name__, schema
    yield from schema.get("$defs", {}).items()


def _nodes(value: Any) -> Iterator[Schema]:
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from _nodes(part)
    elif isinstance(value, list):
        for part in value:
            yield from _nodes(part)


def _sharpen(node: Schema) -> None:
    if node.get("format") == "date":
        node["pattern"] = DATE
    elif node.get("type") == "string" and node.get("minLength") == 1:
        node["pattern"] = r"\S" if node["maxLength"] > 200 else ONE_LINE
    if "exclusiveMinimum" in node:
        node.pop("minimum", None)


def _options(about: Schema) -> Iterator[Schema]:
    """The parts of a field's schema that allow a text."""
    yield from (o for o in about.get("anyOf", [about]) if o.get("type") == "string")


def _merge(part: Schema, keyword: str, value: Any) -> None:
    if keyword == "properties":
        for field, more in value.items():
            part["properties"][field].update(more)
    else:
        part[keyword] = value
