"""Turns pydantic's errors into sentences a caseworker can act on.

The value that was sent is never repeated: it may be somebody's name or national id. Nor is the name
of a field that we don't know: it is the sender's own and may hold the same.
"""

from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from schemas.membership.application import Application
from schemas.membership.messages import MESSAGES

REFUSED = "Refused"
"""The type of the errors that whoever sent or ordered something is to read."""

MAX_FAULTS = 20
"""More faults than this are counted, not listed: a reason must stay readable."""

_SENTENCES = {
    "missing": "is required",
    "extra_forbidden": "is not a known field",
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "date_type": "must be a date, YYYY-MM-DD",
    "date_parsing": "must be a date, YYYY-MM-DD",
    "date_from_datetime_parsing": "must be a date, YYYY-MM-DD",
    "date_from_datetime_inexact": "must be a date, YYYY-MM-DD",
    "decimal_type": "must be a number",
    "decimal_parsing": "must be a number",
    "finite_number": "must be a number",
    "decimal_max_digits": "has too many digits",
    "decimal_max_places": "has too many decimals",
    "decimal_whole_digits": "has too many digits",
    "model_type": "must be a JSON object",
    "model_attributes_type": "must be a JSON object",
    "dict_type": "must be a JSON object",
    "tuple_type": "must be a JSON list",
    "json_invalid": "is not valid JSON",
    "json_type": "is not valid JSON",
}


INSTEAD = {"hidden": "set_hidden"}
"""Fields of an application that have a message of their own."""


def faults_of(error: ValidationError) -> list[str]:
    """Return one ``field: what is wrong`` sentence for each fault.

    Args:
        error: what pydantic found.

    Returns:
        At most MAX_FAULTS sentences; a last one counts those left out.
    """
    details = error.errors(include_input=False, include_url=False)
    sentences = [_sentence(detail) for detail in details[:MAX_FAULTS]]
    if len(details) > MAX_FAULTS:
        sentences.append(f"and {len(details) - MAX_FAULTS} more faults")
    return sentences


def _sentence(detail: ErrorDetails) -> str:
    if detail["type"] == "extra_forbidden" and detail["loc"][-1] not in field_names():
        return _unknown(detail["loc"])
    where = ".".join(str(part) for part in detail["loc"])
    complaint = complaint_of(detail)
    if detail["type"] == "extra_forbidden" and where in INSTEAD:
        complaint += f"; send {INSTEAD[where]}"
    if where:
        return f"{where}: {complaint}"
    return complaint if detail["type"] == "value_error" else f"the message {complaint}"


def _unknown(loc: tuple[int | str, ...]) -> str:
    """Say where an unknown field stands, and which of ours it may have been meant to be."""
    *path, name = loc
    where = ".".join(str(part) for part in path)
    meant = get_close_matches(str(name)[:60].lower(), field_names(), n=1, cutoff=0.75)
    says = f"{where}: has" if where else "the message has"
    return f"{says} a field that is not known" + (f"; did you mean {meant[0]}?" if meant else "")


@cache
def field_names() -> tuple[str, ...]:
    """Return the names of all fields of applications and messages: these may be repeated."""
    contracts: tuple[type[BaseModel], ...] = (Application, *MESSAGES.values())
    return tuple(sorted({name for one in contracts for name in _fields(one.model_json_schema())}))


def _fields(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", ())
        for part in schema.values():
            yield from _fields(part)


def complaint_of(detail: ErrorDetails) -> str:
    """Return what is wrong with a field, without its name and what stood in it."""
    context: dict[str, Any] = detail.get("ctx") or {}
    match detail["type"]:
        case "enum" | "literal_error":
            return f"must be one of {_listed(str(context['expected']))}"
        case "value_error" if "error" in context:
            return str(context["error"])
        case "value_error":
            # Pydantic's own, and only for addresses: its reason may quote what was sent.
            return "is not a valid e-mail address"
        case "string_too_long":
            return f"must be at most {context['max_length']} characters"
        case "string_pattern_mismatch":
            return f"must match {context['pattern']}"
        case "greater_than_equal" | "greater_than" | "less_than_equal" | "less_than" as bound:
            words = bound.replace("_", " ").replace(" equal", " or equal")
            return f"must be {words} to {next(iter(context.values()))}".replace("than to", "than")
        case kind if kind in _SENTENCES:
            return _SENTENCES[kind]
        case _:
            return detail["msg"]


def _listed(expected: str) -> str:
    """Return pydantic's ``'a', 'b' or 'c'`` as ``a, b, c``."""
    return expected.replace("'", "").replace(" or ", ", ")
