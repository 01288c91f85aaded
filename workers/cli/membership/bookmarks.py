"""The lists of the Temporal UI that are worth a bookmark: each a filter, in one place."""

from collections.abc import Mapping
from urllib.parse import quote

from schemas.names import WorkflowType
from schemas.shared.vocabulary import Role, Stage
from workers.settings import Settings
from workflows.shared.search_attributes import AWAITING_ROLES, REJECTED_MESSAGES, STAGE

REJECTED = f'WorkflowType = "{WorkflowType.MEMBERSHIP}" AND {REJECTED_MESSAGES.name} > 0'


def waiting_for(role: Role) -> str:
    """Return the filter on memberships and settlements that wait for a role."""
    return (
        f'WorkflowType IN ("{WorkflowType.MEMBERSHIP}", "{WorkflowType.DEDUCTION_SETTLEMENT}") '
        f'AND ExecutionStatus = "Running" AND {AWAITING_ROLES.name} = "{role}"'
    )


BOOKMARKS: Mapping[str, str] = {
    **{f"waiting for the {role.replace('_', ' ')}": waiting_for(role) for role in Role},
    "applications to decide": f"{waiting_for(Role.CASEWORKER)} AND "
    f'{STAGE.name} = "{Stage.UNDER_REVIEW}"',
    "settlements to decide": f'WorkflowType = "{WorkflowType.DEDUCTION_SETTLEMENT}" AND '
    f'ExecutionStatus = "Running" AND {AWAITING_ROLES.name} = "{Role.CASEWORKER}"',
    "messages not applied, and not seen": REJECTED,
    "stuck": "TemporalReportedProblems IS NOT NULL",
    "terminated": f'WorkflowType = "{WorkflowType.MEMBERSHIP}" AND ExecutionStatus = "Terminated"',
}
"""Filters of lists, by what is on them."""


def address(settings: Settings, namespace: str, query: str) -> str:
    """Return the address of a filtered list in the Temporal UI."""
    return f"{settings.ui_url}/namespaces/{namespace}/workflows?query={quote(query, safe='')}"


def bookmarks(settings: Settings) -> dict[str, str]:
    """Return the addresses of the lists, by what is on them."""
    namespace = settings.temporal.get("namespace") or "default"
    return {name: address(settings, namespace, query) for name, query in BOOKMARKS.items()}
