"""Every activity there is, with an input that its contract accepts."""

import importlib
import inspect
import json
import pkgutil
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any

from pydantic import AwareDatetime, BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from temporalio import activity

import activities.declarations

TEXTS = ("00000001", "2026-11", "a" * 64, "974760673", "x", "a" * 128)
NUMBERS = (1, 2026)
"""Tried in turn: one fits every pattern and bound of the contracts."""


def declared() -> dict[str, Callable[..., Any]]:
    """Return every declared activity by its name."""
    found: dict[str, Callable[..., Any]] = {}
    for module in pkgutil.iter_modules(activities.declarations.__path__):
        named = importlib.import_module(f"{activities.declarations.__name__}.{module.name}")
        for _, cls in inspect.getmembers(named, inspect.isclass):
            for _, function in inspect.getmembers(cls, inspect.isfunction):
                definition = activity._Definition.from_callable(function)
                if definition is not None and definition.name is not None:
                    found[definition.name] = function
    return found


def inputs_of(function: Callable[..., Any]) -> list[bytes]:
    """Return arguments for an activity as JSON."""
    hints = typing.get_type_hints(function, include_extras=True)
    hints.pop("return", None)
    return [json.dumps(next(_values(hint))).encode() for hint in hints.values()]


def _values(hint: Any) -> Iterator[Any]:
    """Yield values of a type that its contract accepts."""
    for value in _candidates(hint):
        try:
            TypeAdapter(hint).validate_json(json.dumps(value))
        except ValidationError:
            continue
        yield value


def _candidates(hint: Any) -> Iterator[Any]:
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        yield {
            name: next(_values(_hint_of(field)))
            for name, field in hint.model_fields.items()
            if field.is_required()
        }
        return
    if typing.get_origin(hint) in {typing.Union, types.UnionType}:
        for each in typing.get_args(hint):
            yield from _candidates(each)
        return
    if typing.get_origin(hint) is typing.Annotated:
        yield from _candidates(typing.get_args(hint)[0])
        return
    yield from _plain(hint)


def _plain(hint: Any) -> Iterator[Any]:
    if typing.get_origin(hint) is typing.Literal:
        yield from typing.get_args(hint)
    kind = typing.get_origin(hint) or hint
    by_kind: Mapping[Any, tuple[Any, ...]] = {
        tuple: ([],),
        dict: ({},),
        bool: (False,),
        int: NUMBERS,
        date: ("2026-11-01",),
        datetime: ("2026-11-22T10:00:00Z",),
        AwareDatetime: ("2026-11-22T10:00:00Z",),
        str: TEXTS,
    }
    if isinstance(kind, type) and issubclass(kind, Enum):
        yield from (each.value for each in kind)
    yield from by_kind.get(kind, ())


def _hint_of(field: FieldInfo) -> Any:
    """Return a field's type with the bounds that pydantic keeps apart from it."""
    hint: Any = field.annotation
    for bound in field.metadata:
        hint = typing.Annotated[hint, bound]
    return hint
