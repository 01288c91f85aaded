"""Everything that crosses to Temporal, and in each contract the fields that take any text."""

import importlib
import inspect
import pkgutil
import re
import types
import typing
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, EmailStr, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from temporalio import workflow
from temporalio.common import RawValue

import activities
import workflows
from schemas.access.stamps import Claims, Stamp
from schemas.deduction.contracts import DecideDeduction
from schemas.membership.application import Application
from schemas.membership.messages import MESSAGES
from schemas.shared.schedules import ScheduledOrder
from tests.leaks.inputs import declared
from workflows.membership.record import MembershipRecord

TELLING = ("Kari Nordmann", "Storgata 1", "kari@example.org", "12848699810", "+4791234567")
"""A type that takes none of them is closed: it can hold a number of ours, a month, a choice."""

ANYTHING = (typing.Any, object, bytes, dict, list, tuple, RawValue, EmailStr)
"""Types that say nothing of what they hold."""


def crossings() -> dict[str, set[type[BaseModel]]]:
    """Return the contracts that Temporal is given at each place, those inside others not yet."""
    found: dict[str, set[type[BaseModel]]] = defaultdict(set)
    found["start"] = {Application}
    found["record"] = {MembershipRecord}
    found["message"] = {*MESSAGES.values(), DecideDeduction}
    found["stamp"] = {Claims, Stamp}
    for name, function in declared().items():
        hints = typing.get_type_hints(function, include_extras=True)
        found[f"{name}:answer"] = set(_models(hints.pop("return", None)))
        found[name] = {model for hint in hints.values() for model in _models(hint)}
    for module in _modules():
        # An order is read by its class from a raw argument: it is among what the module knows.
        orders = {
            cls
            for cls in vars(module).values()
            if inspect.isclass(cls) and issubclass(cls, BaseModel) and _is_order(cls)
        }
        found["order"] |= orders
        for _, cls in inspect.getmembers(module, inspect.isclass):
            if (
                workflow._Definition.from_class(cls) is not None
                and cls.__module__ == module.__name__
            ):
                for name, function in vars(cls).items():
                    if inspect.isfunction(function) and not name.startswith("_"):
                        hint = typing.get_type_hints(function).get("return")
                        found["answer"] |= set(_models(hint))
    return found


def open_fields() -> dict[str, set[str]]:
    """Return each field that takes any text, as ``Contract.field``, and where it may be met."""
    met: dict[str, set[str]] = defaultdict(set)
    for place, contracts in crossings().items():
        for contract in _within(contracts):
            for name, field in contract.model_fields.items():
                if takes_any_text(_hint_of(field)):
                    met[f"{_owner(contract, name)}.{name}"].add(place)
    return met


def figures() -> set[str]:
    """Return the figures that any letter is written from, by their names."""
    rooms = Path(activities.__path__[0])
    texts = [path for path in rooms.rglob("*") if path.suffix in {".py", ".html", ".md", ".typ"}]
    used = re.compile(r"\bfigures(?:\.|\[[\"']|\.get\(\")(?!get\b|items\b)(\w+)")
    return {name for path in texts for name in used.findall(path.read_text())}


def takes_any_text(hint: Any, bounds: tuple[Any, ...] = ()) -> bool:
    """Tell whether a type takes text that no pattern or list of choices binds."""
    origin = typing.get_origin(hint)
    if origin is typing.Annotated:
        inner, *more = typing.get_args(hint)
        return takes_any_text(inner, (*bounds, *more))
    if hint is str:
        return any(
            _takes(typing.Annotated[(str, *bounds)] if bounds else str, one) for one in TELLING
        )
    if origin is typing.Literal:
        return False
    if origin is not None or isinstance(hint, types.UnionType):
        return any(takes_any_text(inner) for inner in typing.get_args(hint) if inner is not ...)
    return hint in ANYTHING or isinstance(hint, typing.TypeVar) or _is_json(hint)


def _takes(hint: Any, text: str) -> bool:
    try:
        TypeAdapter(hint).validate_python(text)
    except ValidationError:
        return False
    return True


def _is_json(hint: Any) -> bool:
    return "JsonValue" in str(hint)


def _is_order(cls: type[BaseModel]) -> bool:
    return cls.__name__.endswith("Order") or cls is ScheduledOrder


def _modules() -> Iterator[types.ModuleType]:
    for module in pkgutil.walk_packages(workflows.__path__, "workflows."):
        yield importlib.import_module(module.name)


def _within(contracts: set[type[BaseModel]]) -> set[type[BaseModel]]:
    """Return contracts with all that stand in them."""
    found: set[type[BaseModel]] = set()
    left = set(contracts)
    while left:
        one = left.pop()
        found.add(one)
        # What stands before the class it names is known by its name alone until somebody asks.
        hints = typing.get_type_hints(one)
        inner = {m for name in one.model_fields for m in _models(hints[name])}
        left |= inner - found
    return found


def _models(hint: Any) -> Iterator[type[BaseModel]]:
    if inspect.isclass(hint) and issubclass(hint, BaseModel):
        yield hint
    for inner in typing.get_args(hint):
        yield from _models(inner)


def _owner(contract: type[BaseModel], name: str) -> str:
    """Return the class that says a field first: those derived from it repeat it."""
    return next(
        c.__name__ for c in reversed(contract.__mro__) if name in vars(c).get("__annotations__", {})
    )


def _hint_of(field: FieldInfo) -> Any:
    hint: Any = field.annotation
    for bound in field.metadata:
        hint = typing.Annotated[hint, bound]
    return hint
