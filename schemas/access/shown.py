"""What of a membership's answer somebody may read who may not know who is hidden."""

from collections.abc import Mapping
from typing import Any

from schemas.access.roles import MAY_SEND, AccessRole, Roles, View, may_view
from schemas.names import WorkflowType
from schemas.shared.vocabulary import Audience, Role

Json = dict[str, Any]

QUERIES = frozenset({"state", "preview"})
"""The queries that others than the union's own staff may ask, and that say who is hidden."""

WITHOUT_WORK = frozenset(
    {
        "membership_id", "stage", "outcome", "open_until", "erased_on", "erasure", "category",
        "member_number", "member_since", "first_member_since", "insurance", "leaves_on",
        "on_leave_until", "decisions",
    }
)  # fmt: skip
"""What tells nothing of employer, branch and payer, of which it follows who is hidden (A23)."""

_OF_COVER = frozenset({"change_category", "report_pension", "grant_leave"})
"""The changes that cover follows."""
_THEIRS = frozenset({Audience.INSURANCE_OFFICE, Audience.MEMBER})
"""Whose letters are no word about employer or branch."""


def shown_to(roles: Roles, query: str, answer: Mapping[str, Any]) -> Json:
    """Return what somebody may read of an answer.

    A system sets the flag for the member, and reads it. The insurance office reads what cover
    depends on, and a branch, which sees no hidden member at all, nothing of who has wished to be.

    Args:
        roles: of who asks.
        query: what they have asked.
        answer: ``MembershipState`` or ``Preview`` as JSON.

    Source: S30, S33, invariant 4.
    """
    whole = query not in QUERIES or AccessRole.SYSTEM in roles or may_view(roles, View.HIDDEN)
    if whole:
        return dict(answer)
    shown = _state if query == "state" else _preview
    return shown(roles, answer)


def _preview(roles: Roles, preview: Mapping[str, Any]) -> Json:
    found = dict(preview)
    if found.get("state"):
        found["state"] = _state(roles, found["state"])
    if not may_view(roles, View.WORK):
        found["invoice"] = None
        found["letters"] = [
            one for one in found.get("letters") or () if one.get("audience") in _THEIRS
        ]
    return found


def _state(roles: Roles, state: Mapping[str, Any]) -> Json:
    if may_view(roles, View.WORK):
        return {
            **state,
            "upcoming": [one for one in state.get("upcoming") or () if one["kind"] != "set_hidden"],
            "rejected_messages": [
                one for one in state.get("rejected_messages") or () if one["confidential"] is False
            ],
        }
    theirs = {name for name, may in MAY_SEND[WorkflowType.MEMBERSHIP].items() if roles & may}
    return {name: value for name, value in state.items() if name in WITHOUT_WORK} | {
        "terms": [one for one in state.get("terms") or () if one["kind"] == "insurance_premium"],
        "awaiting": [
            one for one in state.get("awaiting") or () if one["role"] == Role.INSURANCE_OFFICE
        ],
        "upcoming": [one for one in state.get("upcoming") or () if one["kind"] in _OF_COVER],
        "rejected_messages": [
            one
            for one in state.get("rejected_messages") or ()
            if one["confidential"] is False and one["name"] in theirs
        ],
    }
