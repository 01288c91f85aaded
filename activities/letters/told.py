"""What a letter may say of the member: to outsiders what is listed, and nothing else (R3)."""

from collections.abc import Mapping
from typing import Any

from activities.letters.gate import INTERNAL
from schemas.shared.vocabulary import Template

_WHO = frozenset({"name", "birth_date", "number"})
_HOW_TO_REACH = frozenset({"email", "phone", "address"})

TOLD: Mapping[str, frozenset[str]] = {
    # The office writes to whoever it may insure (S9); later it knows them.
    Template.INSURANCE_NEW_MEMBER: _WHO | _HOW_TO_REACH,
    Template.INSURANCE_STATUS: _WHO,
    Template.INSURANCE_MERGED: _WHO,
    Template.INSURANCE_ERASED: _WHO,
    # A branch welcomes its member, and then has an entry of its own to change or to strike.
    Template.BRANCH_NEW_MEMBER: frozenset({"name", "number", "since"}) | _HOW_TO_REACH,
    Template.BRANCH_MEMBER_CHANGED: frozenset({"name", "number"}),
    Template.BRANCH_MEMBER_LEFT: frozenset({"name", "number"}),
    Template.BRANCH_ERASED: frozenset({"name", "number"}),
    Template.RECRUITER_THANKS: frozenset({"name"}),
}
"""Facts of the member that a letter to an outsider may put in. An employer's letters have none:
whom they are about stands in their file."""


def may_tell(audience: str, template: str, member: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a letter may say of the member; what it says beyond that can't be written.

    Args:
        audience: whom the letter is for, one of ``Audience``.
        template: which letter.
        member: all that letters know of one.

    Source: R2, R3.
    """
    if audience in INTERNAL:
        return member
    told = TOLD.get(template, frozenset())
    return {name: value for name, value in member.items() if name in told}
