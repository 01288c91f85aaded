"""What a membership refuses, beside the field it is about and in Norwegian where it is known."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from workers.gateway.desk.texts import texts
from workers.gateway.desk.writing import day

_FIELD = re.compile(r"([a-z_]+(?:\.[a-z_0-9]+)*): (.*)", re.DOTALL)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Complaint:
    """One thing that is wrong.

    Attributes:
        path: of the field; empty: of none, or of one that the form does not have.
        says: why.
        known: it is said in Norwegian; False: as the membership said it.
    """

    path: str
    says: str
    known: bool


def complaints(reason: str, paths: Sequence[str]) -> list[Complaint]:
    """Return what a reason names, one fault each.

    Args:
        reason: ``field: what is wrong; field: what is wrong``, or a sentence.
        paths: of the fields of the form.
    """
    whole = _one(reason, paths)
    if whole.known or "; " not in reason:
        return [whole]
    return [_one(part, paths) for part in reason.split("; ")]


def _one(fault: str, paths: Sequence[str]) -> Complaint:
    says = _translated(fault)
    if says is not None:
        return Complaint("", says, known=True)
    found = _FIELD.fullmatch(fault)
    if found is None:
        return Complaint("", fault, known=False)
    path, what = found.groups()
    said = _translated(what)
    return Complaint(path if path in paths else "", said or what, known=said is not None)


def _translated(what: str) -> str | None:
    for pattern, sentence in _table():
        found = pattern.fullmatch(what.strip())
        if found is not None:
            parts = [day(part) if _DAY.fullmatch(part) else part for part in found.groups()]
            return sentence.format(*parts)
    return None


@cache
def _table() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(one["en"], re.DOTALL), str(one["nb"])) for one in texts()["complaint"])
