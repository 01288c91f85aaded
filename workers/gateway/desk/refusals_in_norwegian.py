"""What a membership refuses, beside the field it is about and in Norwegian where it is known."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from schemas.desk.languages import SENTENCES

_FIELD = re.compile(r"([a-z_]+(?:\.[a-z_0-9]+)*): (.*)", re.DOTALL)


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
    says = SENTENCES.as_one(fault)
    if says is not None:
        return Complaint("", says, known=True)
    found = _FIELD.fullmatch(fault)
    if found is None:
        return Complaint("", fault, known=False)
    path, what = found.groups()
    said = SENTENCES.as_one(what)
    return Complaint(path if path in paths else "", said or what, known=said is not None)
