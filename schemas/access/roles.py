"""The roles of people and systems, and what each may send, start and see: a table, no more.

Deny by default: what has no row nobody may, and tests hold the rows to the messages and queries
that there are. The gateway goes by it, and so does the workflow that is told (defence in depth).
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from schemas.names import MESSAGES_SEEN, WorkflowType


class AccessRole(StrEnum):
    """What somebody is who is logged in, or a system that has a token."""

    CASEWORKER = "caseworker"
    TEAM_LEAD = "team_lead"
    INSURANCE_OFFICE = "insurance_office"
    BRANCH = "branch"
    AUDITOR = "auditor"
    DATA_PROTECTION_OFFICER = "data_protection_officer"
    SYSTEM = "system"
    SERVICE = "service"


Roles = frozenset[AccessRole]

CASEWORKER, TEAM_LEAD = AccessRole.CASEWORKER, AccessRole.TEAM_LEAD
INSURANCE_OFFICE, BRANCH = AccessRole.INSURANCE_OFFICE, AccessRole.BRANCH
AUDITOR, OFFICER = AccessRole.AUDITOR, AccessRole.DATA_PROTECTION_OFFICER
SYSTEM, SERVICE = AccessRole.SYSTEM, AccessRole.SERVICE

GRANTED: Roles = frozenset(AccessRole) - {SERVICE}
"""What people and systems can be. The last is this service's own, and nobody is given it."""

MEANS: Mapping[AccessRole, str] = {
    CASEWORKER: "decides on applications, and enters what members report",
    TEAM_LEAD: "a caseworker who also begins runs, and ends a workflow that hangs",
    INSURANCE_OFFICE: "tells what became of notices, reservations and cover",
    BRANCH: "a local branch: sees its own members who are not hidden",
    AUDITOR: "sees everything, and changes nothing",
    OFFICER: "sees what is kept of somebody and who has looked at it, and has it erased",
    SYSTEM: "another system: an applicant's, a member's, an employer's or the bank's word",
    SERVICE: "this service itself, which nobody else can be",
}

_DECIDE: Roles = frozenset({CASEWORKER, TEAM_LEAD})
_ENTER: Roles = _DECIDE | {SYSTEM}
_INSURE: Roles = frozenset({INSURANCE_OFFICE})
_RUN: Roles = frozenset({TEAM_LEAD, SERVICE})
_OWN: Roles = frozenset({SERVICE})
_ERASE: Roles = frozenset({OFFICER, SERVICE})
_LOOK: Roles = _DECIDE | {AUDITOR, OFFICER}
_NOBODY: Roles = frozenset()

MAY_SEND: Mapping[WorkflowType, Mapping[str, Roles]] = {
    WorkflowType.MEMBERSHIP: {
        "decide_application": _DECIDE,
        "supply_information": _ENTER,
        "withdraw_application": _ENTER,
        "record_insurance_notice": _INSURE,
        "request_reservation_form": _ENTER | _INSURE,
        "reserve_insurance": _INSURE,
        "enroll_insurance": _INSURE,
        "record_payment": frozenset({SYSTEM, SERVICE}),
        "choose_payment": _ENTER,
        "answer_payroll_request": _ENTER,
        "change_employment": _ENTER,
        "change_category": _ENTER,
        "report_pension": _ENTER,
        "set_hidden": _ENTER,
        "grant_leave": _DECIDE,
        # Of a person's other membership, the service passes on what a caseworker has said.
        "withdraw_change": _ENTER | _OWN,
        "resign": _ENTER,
        "report_arrears": _OWN,
        "record_death": _DECIDE | _OWN,
        "reopen": _DECIDE | _OWN,
        "request_erasure": _ERASE,
        "end_duplicate": _OWN,
        "reprice": _OWN,
        MESSAGES_SEEN: _DECIDE,
    },
    WorkflowType.DEDUCTION_SETTLEMENT: {
        "decide_deduction": _DECIDE,
        "look": _OWN,
    },
    WorkflowType.ERASURE: {
        "look_again": _ERASE,
    },
    WorkflowType.EVENT_DELIVERY: {
        "look_again": _OWN,
    },
    WorkflowType.MAILING: {
        "look_again": _OWN,
    },
}
"""By type of workflow: who may send which message, as a signal or as an update."""

METADATA = "__temporal_workflow_metadata"
"""The query behind the page of the Temporal UI."""

MAY_QUERY: Mapping[WorkflowType, Mapping[str, Roles]] = {
    WorkflowType.MEMBERSHIP: {
        "state": _LOOK | {SYSTEM, INSURANCE_OFFICE, BRANCH},
        "explain": _LOOK,
        "forecast": _LOOK,
        "preview": _ENTER | {INSURANCE_OFFICE},
        METADATA: _LOOK | {INSURANCE_OFFICE},
    },
    WorkflowType.DEDUCTION_SETTLEMENT: {"state": _LOOK, METADATA: _LOOK},
    WorkflowType.ARREARS_RUN: {"progress": _LOOK, METADATA: _LOOK},
    WorkflowType.AUDIT: {"progress": _LOOK, METADATA: _LOOK},
    WorkflowType.BANK_IMPORT: {METADATA: _LOOK},
    WorkflowType.DEDUCTION_REPORT: {METADATA: _LOOK},
    WorkflowType.DIRECT_DEBIT_RUN: {METADATA: _LOOK},
    WorkflowType.DUES_RUN: {"progress": _LOOK, METADATA: _LOOK},
    WorkflowType.ERASURE: {"state": _LOOK, METADATA: _LOOK},
    WorkflowType.EVENT_DELIVERY: {METADATA: _LOOK},
    WorkflowType.MAILING: {"progress": _LOOK, METADATA: _LOOK},
    WorkflowType.ON_SCHEDULE: {METADATA: _LOOK},
    WorkflowType.PRICE_ANNOUNCEMENT: {METADATA: _LOOK},
    WorkflowType.REPRICING: {"progress": _LOOK, METADATA: _LOOK},
    WorkflowType.RETENTION: {METADATA: _LOOK},
    WorkflowType.YEAR_END_STATEMENTS: {"progress": _LOOK, METADATA: _LOOK},
}
"""By type of workflow: who may ask which query."""

MAY_START: Mapping[WorkflowType, Roles] = {
    WorkflowType.MEMBERSHIP: _ENTER | {SERVICE},
    WorkflowType.ARREARS_RUN: _RUN,
    WorkflowType.AUDIT: _RUN | {AUDITOR},
    WorkflowType.BANK_IMPORT: _RUN | {SYSTEM},
    WorkflowType.DEDUCTION_REPORT: _RUN | {SYSTEM},
    WorkflowType.DEDUCTION_SETTLEMENT: _OWN,
    WorkflowType.DIRECT_DEBIT_RUN: _RUN,
    WorkflowType.DUES_RUN: _RUN,
    WorkflowType.ERASURE: _ERASE,
    WorkflowType.EVENT_DELIVERY: _OWN,
    WorkflowType.MAILING: _OWN,
    WorkflowType.ON_SCHEDULE: _OWN,
    WorkflowType.PRICE_ANNOUNCEMENT: _OWN,
    WorkflowType.REPRICING: _RUN,
    WorkflowType.RETENTION: _RUN,
    WorkflowType.YEAR_END_STATEMENTS: _RUN,
}
"""By type of workflow: who may start one."""


class Operation(StrEnum):
    """What the server does to any workflow, whatever it is."""

    LIST = "list"
    DESCRIBE = "describe"
    HISTORY = "history"
    TERMINATE = "terminate"
    CANCEL = "cancel"
    RESET = "reset"
    DELETE = "delete"
    PAUSE = "pause"


MAY_OPERATE: Mapping[Operation, Roles] = {
    Operation.LIST: _LOOK | {INSURANCE_OFFICE},
    Operation.DESCRIBE: _LOOK | {INSURANCE_OFFICE, SYSTEM},
    Operation.HISTORY: _LOOK,
    Operation.TERMINATE: frozenset({TEAM_LEAD}),
    # A membership refuses it anyway: no rule of the union ends one that way.
    Operation.CANCEL: frozenset({TEAM_LEAD}),
    Operation.RESET: frozenset({TEAM_LEAD}),
    Operation.DELETE: _NOBODY,
    Operation.PAUSE: _NOBODY,
}
"""Who may have the server do it. A history holds all that was ever sent, so branches see none."""


class View(StrEnum):
    """What is read beside workflows."""

    SEARCH = "search"
    MEMBER = "member"
    MONEY = "money"
    HIDDEN = "hidden"
    WORK = "work"
    INBOX = "inbox"
    TASKS = "tasks"
    LETTERS = "letters"
    BOOKS = "books"
    ACCESS_LOG = "access_log"
    PERSON_EXPORT = "person_export"
    MEMBERSHIPS = "memberships"
    EVENTS = "events"
    FIGURES = "figures"


MAY_VIEW: Mapping[View, Roles] = {
    View.SEARCH: _LOOK | {INSURANCE_OFFICE, BRANCH},
    View.MEMBER: _LOOK | {INSURANCE_OFFICE, BRANCH},
    View.MONEY: _LOOK,
    # Who is hidden: whoever tells an employer or a branch something must know it.
    View.HIDDEN: _LOOK,
    # Employer, branch and who pays: of those it follows who is hidden.
    View.WORK: _LOOK | {BRANCH},
    View.INBOX: _DECIDE | {AUDITOR},
    View.TASKS: _DECIDE | {AUDITOR},
    View.LETTERS: _LOOK,
    View.BOOKS: frozenset({TEAM_LEAD, AUDITOR}),
    View.ACCESS_LOG: frozenset({AUDITOR, OFFICER}),
    View.PERSON_EXPORT: frozenset({OFFICER}),
    # Ids and stages, of nobody by name.
    View.MEMBERSHIPS: _LOOK | {SYSTEM},
    View.EVENTS: _LOOK | {SYSTEM},
    # Of nobody.
    View.FIGURES: _LOOK,
}
"""Who may read it."""


class Work(StrEnum):
    """What is done at the desk that is no message to a workflow."""

    RESEND = "resend"
    HANDLE = "handle"


MAY_DO: Mapping[Work, Roles] = {
    Work.RESEND: _DECIDE,
    Work.HANDLE: _DECIDE,
}
"""Who may have a letter sent again, and take cases, hand them over and close tasks."""

OWN_BRANCH_ONLY: Roles = frozenset({BRANCH})
"""Who has nothing but these sees members of the branch that stands in the token, and no hidden
one: of a hidden member nothing goes to a branch (S30, S33)."""


def known_roles(names: Iterable[str]) -> Roles:
    """Return the roles that a token names; one that is unknown, or nobody's to have, is none."""
    granted = {str(role): role for role in GRANTED}
    return frozenset(granted[name] for name in names if name in granted)


def may_send(roles: Roles, workflow_type: str, message: str) -> bool:
    """Tell whether somebody with these roles may send a message to a workflow."""
    return bool(roles & _row(MAY_SEND, workflow_type).get(message, _NOBODY))


def may_query(roles: Roles, workflow_type: str, query: str) -> bool:
    """Tell whether somebody with these roles may ask a query; of a branch see ``sees_member``."""
    return bool(roles & _row(MAY_QUERY, workflow_type).get(query, _NOBODY))


def may_start(roles: Roles, workflow_type: str) -> bool:
    """Tell whether somebody with these roles may start a workflow."""
    known = {str(name): allowed for name, allowed in MAY_START.items()}
    return bool(roles & known.get(workflow_type, _NOBODY))


def may_operate(roles: Roles, operation: Operation) -> bool:
    """Tell whether somebody with these roles may have the server do something to a workflow."""
    return bool(roles & MAY_OPERATE[operation])


def may_view(roles: Roles, view: View) -> bool:
    """Tell whether somebody with these roles may read what is kept beside workflows."""
    return bool(roles & MAY_VIEW[view])


def may_do(roles: Roles, work: Work) -> bool:
    """Tell whether somebody with these roles may do something at the desk."""
    return bool(roles & MAY_DO[work])


def sees_member(
    roles: Roles, own_branch: str | None, *, branch: str | None, hidden: bool | None
) -> bool:
    """Tell whether a member is among those whom somebody may see at all.

    Args:
        roles: of who looks.
        own_branch: the branch in their token.
        branch: the member's.
        hidden: whether the member is, or is about to be; None: it is not known, and counts as so.
    """
    if roles - OWN_BRANCH_ONLY:
        return True
    return bool(roles) and hidden is False and own_branch is not None and own_branch == branch


def _row(
    table: Mapping[WorkflowType, Mapping[str, Roles]], workflow_type: str
) -> Mapping[str, Roles]:
    return {str(name): row for name, row in table.items()}.get(workflow_type, {})
