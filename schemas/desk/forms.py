"""Forms of the desk: each is a message, with the fields that are asked for and what it says itself.

The fields are read off the published schemas, so that a form can't fall behind its message.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

from schemas.membership.messages import MESSAGES
from schemas.membership.published import schemas
from schemas.shared.vocabulary import Stage

Json = dict[str, Any]


class Control(StrEnum):
    """How a field is filled in."""

    LINE = "line"
    PROSE = "prose"
    DAY = "day"
    MONTH = "month"
    CHOICE = "choice"
    YES_NO = "yes_no"
    NUMBER = "number"
    GROUP = "group"


APPLYING = frozenset({Stage.UNDER_REVIEW, Stage.AWAITING_INFORMATION})
MEMBER = frozenset({Stage.ONBOARDING, Stage.ACTIVE, Stage.ON_LEAVE})
ENDED = frozenset({Stage.ENDED})


@dataclass(frozen=True)
class Form:
    """One form.

    Attributes:
        key: what it is called in its address.
        message: the message that it sends.
        fields: which of the message's are asked for, each with all below it; empty: all of them.
        says: what it says itself.
        begins_with: what stands in a field until somebody writes something else.
        stages: of memberships it is offered for.
        final: it can't be undone, or not by a form: it is confirmed.
    """

    key: str
    message: str
    fields: tuple[str, ...] = ()
    says: Mapping[str, Any] = field(default_factory=dict)
    begins_with: Mapping[str, str] = field(default_factory=dict)
    stages: frozenset[Stage] = MEMBER
    final: bool = False


_HEARD = {"information": "Opplyst av medlemmet"}

_OWN: tuple[Form, ...] = (
    Form(
        "approve",
        "decide_application",
        ("branch", "category", "transfer"),
        {"decision": "approve"},
        stages=APPLYING,
    ),
    Form(
        "ask",
        "decide_application",
        ("reason",),
        {"decision": "request_information"},
        stages=APPLYING,
    ),
    Form(
        "reject",
        "decide_application",
        ("reason",),
        {"decision": "reject"},
        stages=APPLYING,
        final=True,
    ),
    Form(
        "moved",
        "supply_information",
        ("applicant.address", "information"),
        begins_with=_HEARD,
        stages=APPLYING | MEMBER | ENDED,
    ),
    Form(
        "contact",
        "supply_information",
        ("applicant.email", "applicant.phone", "applicant.language", "information"),
        begins_with=_HEARD,
        stages=APPLYING | MEMBER | ENDED,
    ),
    Form(
        "name",
        "supply_information",
        ("applicant.name", "applicant.birth_date", "applicant.national_id", "information"),
        begins_with=_HEARD,
        stages=APPLYING | MEMBER | ENDED,
    ),
    Form(
        "employer",
        "change_employment",
        ("effective_on", "employer_name", "employer_orgnr", "position_percent"),
    ),
    Form(
        "leave",
        "grant_leave",
        ("from_on", "until_on", "kind", "share", "documentation", "reason"),
    ),
    Form("resign", "resign", final=True),
    Form(
        "death",
        "record_death",
        ("died_on", "member_number"),
        stages=APPLYING | MEMBER | ENDED,
        final=True,
    ),
)
"""What is asked for at the telephone, in words of its own."""

_STAGES: Mapping[str, frozenset[Stage]] = {
    "decide_application": APPLYING,
    "supply_information": APPLYING | MEMBER | ENDED,
    "withdraw_application": APPLYING,
    "set_hidden": APPLYING | MEMBER,
    "reserve_insurance": APPLYING | MEMBER,
    "record_death": APPLYING | MEMBER | ENDED,
    "reopen": ENDED,
    "request_erasure": APPLYING | MEMBER | ENDED,
}
"""When a message is taken that is not a member's alone."""

_FINAL = frozenset({"resign", "record_death", "request_erasure", "withdraw_application"})

FORMS: Mapping[str, Form] = {
    form.key: form
    for form in (
        *_OWN,
        *(
            Form(name, name, stages=_STAGES.get(name, MEMBER), final=name in _FINAL)
            for name in MESSAGES
            if name not in {"resign", "record_death"}
        ),
    )
}
"""All forms by their keys: those in words of their own, and one for each message."""


@dataclass(frozen=True)
class Field:
    """One field of a form.

    Attributes:
        path: where it stands in the message, with dots between levels.
        control: how it is filled in.
        required: nothing is sent without it, or without the group it stands in.
        options: of a choice, what may be chosen.
        longest: characters of a text.
        inner: of a group, its fields.
    """

    path: str
    control: Control
    required: bool
    options: tuple[str, ...] = ()
    longest: int | None = None
    inner: tuple["Field", ...] = ()

    def all(self) -> Iterator["Field"]:
        """Yield the field and all within it."""
        yield self
        for inner in self.inner:
            yield from inner.all()


BY_LOGIN = "caseworker"
"""The field that says who decides: whoever is logged in, and nobody types it."""


@cache
def fields_of(key: str) -> tuple[Field, ...]:
    """Return the fields of a form, in the order in which it names them."""
    form = FORMS[key]
    schema = schemas()[form.message]
    every = _fields(schema, schema, "")
    if not form.fields:
        return tuple(one for one in every if one.path not in form.says)
    by_path = {one.path: one for top in every for one in top.all()}
    return tuple(by_path[path] for path in form.fields)


def _fields(schema: Json, root: Json, above: str) -> tuple[Field, ...]:
    required = set(schema.get("required", ()))
    found = []
    for name, about in schema.get("properties", {}).items():
        if name == BY_LOGIN:
            continue
        one = _field(f"{above}{name}", about, root, required=name in required)
        if one is not None:
            found.append(one)
    return tuple(found)


def _field(path: str, about: Json, root: Json, *, required: bool) -> Field | None:
    """Return a field; None of a list, which no form fills in."""
    options = [_whole(one, root) for one in about.get("anyOf", [about])]
    given = [one for one in options if one.get("type") != "null"]
    plain = next((one for one in given if one.get("type") == "string"), given[0])
    if plain.get("type") == "array":
        return None
    if plain.get("type") == "object":
        inner = _fields(plain, root, f"{path}.")
        return Field(path, Control.GROUP, required, inner=inner)
    return Field(
        path,
        _control(plain),
        required,
        options=tuple(plain.get("enum", ())),
        longest=plain.get("maxLength"),
    )


def _whole(about: Json, root: Json) -> Json:
    if "$ref" not in about:
        return about
    found: Json = root["$defs"][about["$ref"].rpartition("/")[2]]
    return found


def _control(plain: Json) -> Control:
    kind = plain.get("type")
    if "enum" in plain:
        return Control.CHOICE
    if kind == "boolean":
        return Control.YES_NO
    if kind in {"integer", "number"}:
        return Control.NUMBER
    if plain.get("format") == "date":
        return Control.DAY
    if plain.get("pattern", "").startswith("^(19|20|21)[0-9]{2}-"):
        return Control.MONTH
    return Control.PROSE if (plain.get("maxLength") or 0) > 254 else Control.LINE


def read_form(key: str, given: Mapping[str, str], caseworker: str) -> Json:
    """Return the message that a form says, as it would be sent; nobody has looked at it yet.

    Args:
        key: of the form.
        given: what stands in its fields, by their paths; an empty one says nothing.
        caseworker: who is logged in.
    """
    form = FORMS[key]
    data: Json = dict(form.says)
    for one in fields_of(key):
        for leaf in one.all():
            text = given.get(leaf.path, "").strip()
            if leaf.control is not Control.GROUP and text:
                _put(data, leaf.path, _value(leaf, text))
    if BY_LOGIN in MESSAGES[form.message].model_fields:
        data[BY_LOGIN] = caseworker
    return data


def _put(data: Json, path: str, value: Any) -> None:
    *above, name = path.split(".")
    for level in above:
        data = data.setdefault(level, {})
    data[name] = value


def _value(leaf: Field, text: str) -> Any:
    match leaf.control:
        case Control.YES_NO:
            return text == "yes"
        case Control.NUMBER if text.lstrip("-").isascii() and text.lstrip("-").isdecimal():
            return int(text)
        case Control.LINE if leaf.path.endswith("percent"):
            return text.replace(",", ".").removesuffix("%").strip()
        case Control.LINE if leaf.path.endswith(("orgnr", "national_id")):
            return "".join(text.split())
        case _:
            return text
