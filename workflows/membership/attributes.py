"""The search attributes of a membership: what its record comes to, and what has to be written."""

from typing import Any

from temporalio.common import SearchAttributeKey, SearchAttributeUpdate, TypedSearchAttributes

from workflows.membership.awaiting import awaiting
from workflows.membership.deadlines import review_due
from workflows.membership.record import MembershipRecord
from workflows.shared.search_attributes import (
    ATTRIBUTES,
    AWAITING_ROLES,
    CATEGORY,
    REJECTED_MESSAGES,
    REVIEW_DUE,
    STAGE,
    WAITING_SINCE,
)

Shown = dict[str, Any]
"""The search attributes as last written, by name."""


def attributes_of(record: MembershipRecord) -> list[tuple[SearchAttributeKey[Any], Any]]:
    """Return the search attributes that there are to show, for a start that brings them along."""
    return [(key, value) for key, value in _values(record) if value not in (None, [], 0)]


def changed_attributes(
    record: MembershipRecord, shown: Shown
) -> tuple[list[SearchAttributeUpdate[Any]], Shown]:
    """Return the search attributes that differ from what is shown, and all as they will be."""
    values = _values(record)
    absent: Shown = {AWAITING_ROLES.name: [], REJECTED_MESSAGES.name: 0}
    updates = [
        key.value_unset() if value is None else key.value_set(value)
        for key, value in values
        if shown.get(key.name, absent.get(key.name)) != value
    ]
    return updates, {key.name: value for key, value in values}


def _values(record: MembershipRecord) -> list[tuple[SearchAttributeKey[Any], Any]]:
    waits = awaiting(record)
    roles = sorted({str(wait.role) for wait in waits})
    return [
        (STAGE, str(record.stage)),
        (CATEGORY, str(record.category) if record.category else None),
        (AWAITING_ROLES, roles),
        (WAITING_SINCE, min((wait.since for wait in waits), default=None)),
        (REVIEW_DUE, review_due(record)),
        (REJECTED_MESSAGES, record.rejected_count - record.rejected_seen),
    ]


def shown(attributes: TypedSearchAttributes) -> Shown:
    """Return the search attributes a run begins with; the server carries them over."""
    found = {key.name: attributes.get(key) for key in ATTRIBUTES}
    return {name: value for name, value in found.items() if value is not None}
