"""Who may send, start and see what: the tables, held to what there is."""

import pytest
from temporalio import workflow

from schemas.access.roles import (
    GRANTED,
    MAY_DO,
    MAY_OPERATE,
    MAY_QUERY,
    MAY_SEND,
    MAY_START,
    MAY_VIEW,
    MEANS,
    METADATA,
    AccessRole,
    Operation,
    View,
    Work,
    known_roles,
    may_operate,
    may_query,
    may_send,
    may_start,
    may_view,
    sees_member,
)
from schemas.names import WorkflowType
from workers.workflows import WORKFLOWS

CASEWORKER, TEAM_LEAD = AccessRole.CASEWORKER, AccessRole.TEAM_LEAD
INSURANCE_OFFICE, BRANCH = AccessRole.INSURANCE_OFFICE, AccessRole.BRANCH
AUDITOR, OFFICER = AccessRole.AUDITOR, AccessRole.DATA_PROTECTION_OFFICER
SYSTEM, SERVICE = AccessRole.SYSTEM, AccessRole.SERVICE

DEFINED = {
    (definition := workflow._Definition.must_from_class(each)).name: definition
    for each in WORKFLOWS
}

MEMBERSHIP = WorkflowType.MEMBERSHIP


def named(handlers):
    """Return the names of handlers; the one for unknown names has none."""
    return {name for name in handlers if name is not None}


@pytest.mark.parametrize("kind", WorkflowType)
def test_every_message_has_a_row(kind):
    """What a workflow takes has a row, and no row is left over from what it took once."""
    definition = DEFINED[kind]
    assert set(MAY_SEND.get(kind, {})) == named(definition.signals) | named(definition.updates)


@pytest.mark.parametrize("kind", WorkflowType)
def test_every_query_has_a_row(kind):
    """What a workflow answers has a row, the page of the Temporal UI included."""
    assert set(MAY_QUERY[kind]) == named(DEFINED[kind].queries) | {METADATA}


def test_everything_else_has_a_row():
    """Types, operations, views and roles are all told of; none is left to a default."""
    assert set(MAY_START) == set(WorkflowType) == set(DEFINED)
    assert set(MAY_OPERATE) == set(Operation)
    assert set(MAY_VIEW) == set(View)
    assert set(MAY_DO) == set(Work)
    assert set(MEANS) == set(AccessRole)


@pytest.mark.parametrize(
    ("role", "message", "may"),
    [
        (CASEWORKER, "decide_application", True),
        (TEAM_LEAD, "decide_application", True),
        (SYSTEM, "decide_application", False),
        (INSURANCE_OFFICE, "decide_application", False),
        (BRANCH, "decide_application", False),
        (INSURANCE_OFFICE, "record_insurance_notice", True),
        (CASEWORKER, "record_insurance_notice", False),
        (SYSTEM, "record_payment", True),
        (CASEWORKER, "record_payment", False),
        (SYSTEM, "set_hidden", True),
        (BRANCH, "set_hidden", False),
        (CASEWORKER, "record_death", True),
        (SYSTEM, "record_death", False),
        # The service's own word is nobody else's, not even a team lead's.
        (SERVICE, "reprice", True),
        (SYSTEM, "reprice", False),
        (TEAM_LEAD, "report_arrears", False),
        (TEAM_LEAD, "end_duplicate", False),
        # No message of that name: nobody may.
        (TEAM_LEAD, "approve", False),
        (TEAM_LEAD, "", False),
    ],
)
def test_who_may_send_what(role, message, may):
    """A message is sent by whom the contract names, and by nobody else."""
    assert may_send(frozenset({role}), "Membership", message) is may


@pytest.mark.parametrize("role", [AUDITOR, OFFICER, BRANCH])
def test_who_reads_does_not_write(role):
    """An auditor, a data-protection officer and a branch decide nothing about anybody.

    The officer may ask for an erasure, and have it look again whether anything stands in its way.
    """
    sent = {
        (kind, message)
        for kind, row in MAY_SEND.items()
        for message in row
        if may_send(frozenset({role}), kind, message)
    }
    asked = {(WorkflowType.ERASURE, "look_again"), (WorkflowType.MEMBERSHIP, "request_erasure")}
    assert sent == (asked if role is OFFICER else set())


def test_a_message_is_one_workflows():
    """What may be sent to one type of workflow may not be sent to another for that."""
    assert may_send(frozenset({CASEWORKER}), "DeductionSettlement", "decide_deduction")
    assert not may_send(frozenset({CASEWORKER}), "Membership", "decide_deduction")
    assert not may_send(frozenset({CASEWORKER}), "Nonsense", "decide_deduction")


def test_who_has_no_role_may_nothing():
    """Whoever is logged in and is nothing more sends, starts and sees nothing."""
    nobody = frozenset()
    assert not may_send(nobody, MEMBERSHIP, "decide_application")
    assert not may_query(nobody, MEMBERSHIP, "state")
    assert not may_start(nobody, MEMBERSHIP)
    assert not may_operate(nobody, Operation.LIST)
    assert not may_view(nobody, View.INBOX)
    assert not sees_member(nobody, "OSLO", branch="OSLO", hidden=False)


@pytest.mark.parametrize(
    ("role", "query", "may"),
    [
        (CASEWORKER, "explain", True),
        (AUDITOR, "explain", True),
        (BRANCH, "state", True),
        (BRANCH, "explain", False),
        (SYSTEM, "state", True),
        (SYSTEM, METADATA, False),
        (SYSTEM, "__stack_trace", False),
        (TEAM_LEAD, "__stack_trace", False),
    ],
)
def test_who_may_ask_what(role, query, may):
    """A query is answered to whom it is for; the SDK's own ones, but the page, to nobody."""
    assert may_query(frozenset({role}), MEMBERSHIP, query) is may


@pytest.mark.parametrize(
    ("role", "kind", "may"),
    [
        (SYSTEM, "Membership", True),
        (SYSTEM, "DuesRun", False),
        (SYSTEM, "BankImport", True),
        (TEAM_LEAD, "DuesRun", True),
        (CASEWORKER, "DuesRun", False),
        (AUDITOR, "Audit", True),
        (TEAM_LEAD, "Mailing", False),
        (TEAM_LEAD, "Nonsense", False),
    ],
)
def test_who_may_start_what(role, kind, may):
    """Runs over everybody are begun by the service and by a team lead."""
    assert may_start(frozenset({role}), kind) is may


@pytest.mark.parametrize("operation", [Operation.DELETE, Operation.PAUSE])
def test_what_nobody_may_have_the_server_do(operation):
    """Erasure deletes runs once all else is done; by hand nobody does, nor pauses a life."""
    assert not any(may_operate(frozenset({role}), operation) for role in AccessRole)


@pytest.mark.parametrize(
    ("roles", "own", "branch", "hidden", "sees"),
    [
        ({BRANCH}, "OSLO", "OSLO", False, True),
        ({BRANCH}, "OSLO", "BERGEN", False, False),
        ({BRANCH}, "OSLO", None, False, False),
        ({BRANCH}, None, None, False, False),
        ({BRANCH}, "OSLO", "OSLO", True, False),
        # Whether somebody hides is not known: nothing is shown.
        ({BRANCH}, "OSLO", "OSLO", None, False),
        ({CASEWORKER}, None, "BERGEN", True, True),
        ({CASEWORKER, BRANCH}, "OSLO", "BERGEN", True, True),
    ],
)
def test_a_branch_sees_its_own_who_are_not_hidden(roles, own, branch, hidden, sees):
    """Of a hidden member nothing goes to a branch, and nothing of another branch's (S30, S33)."""
    assert sees_member(frozenset(roles), own, branch=branch, hidden=hidden) is sees


def test_a_token_can_not_name_what_nobody_is_given():
    """Unknown roles of a token are none, and nobody becomes the service by saying so."""
    assert known_roles(["caseworker", "admin", "Caseworker", ""]) == {CASEWORKER}
    assert known_roles(["service"]) == frozenset()
    assert known_roles(str(role) for role in AccessRole) == GRANTED
