"""What there is to be said of each policy: on its page, in previews, by `explain`."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel

from schemas.pricing.policies import Rule
from schemas.pricing.rulebook import Policies


@dataclass(frozen=True)
class Description:
    """One policy.

    Attributes:
        choices: all that it may be; none: a number within ``span``.
        default: as a new installation has it.
        rule: the id of the rule that it answers.
        says: what it decides.
    """

    name: str
    choices: tuple[str, ...]
    span: str
    default: str
    rule: str
    says: str

    @property
    def must_be(self) -> str:
        """What it must be, to end a sentence."""
        return f"one of {', '.join(self.choices)}" if self.choices else f"a number from {self.span}"


@cache
def described(section: type[BaseModel] = Policies) -> dict[str, Description]:
    """Return every policy of a section by its name, of all sections if none is named."""
    schemas = section.model_json_schema()["properties"]
    return {
        name: Description(
            name=name,
            choices=_choices(schemas[name]),
            span="{minimum} to {maximum}".format_map(schemas[name])
            if schemas[name]["type"] == "integer"
            else "",
            default=in_words(field.default),
            rule=next(part.id for part in field.metadata if isinstance(part, Rule)),
            says=" ".join((field.description or "").split()),
        )
        for name, field in section.model_fields.items()
        if name != "valid_from"
    }


def in_words(value: object) -> str:
    """Return a value as it is typed: ``true``, ``30``, ``central``."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def changes(earlier: Policies | None, later: Policies) -> Iterator[str]:
    """Yield what another set of policies decides otherwise, with the rule of each."""
    before = earlier or Policies(valid_from=later.valid_from)
    for name, about in described().items():
        if (value := getattr(later, name)) != getattr(before, name):
            yield f"{name} {in_words(value)} ({about.rule})"


def _choices(schema: dict[str, Any]) -> tuple[str, ...]:
    if schema["type"] == "boolean":
        return "true", "false"
    return tuple(schema.get("enum", [schema["const"]] if "const" in schema else ()))
