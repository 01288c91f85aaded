"""Whether somebody may do what they ask for, by the tables of schemas/access/roles.py."""

from collections.abc import Mapping

from schemas.access.roles import (
    METADATA,
    OWN_BRANCH_ONLY,
    Operation,
    Roles,
    may_operate,
    may_query,
    may_send,
    may_start,
)
from schemas.names import WorkflowType
from workers.gateway.calls import Call
from workers.gateway.refusals import Refused, forbidden

OPERATIONS: Mapping[str, Operation] = {
    "ListWorkflowExecutions": Operation.LIST,
    "CountWorkflowExecutions": Operation.LIST,
    "ListArchivedWorkflowExecutions": Operation.LIST,
    "DescribeWorkflowExecution": Operation.DESCRIBE,
    "GetWorkflowExecutionHistory": Operation.HISTORY,
    "GetWorkflowExecutionHistoryReverse": Operation.HISTORY,
    "TerminateWorkflowExecution": Operation.TERMINATE,
    "RequestCancelWorkflowExecution": Operation.CANCEL,
    "ResetWorkflowExecution": Operation.RESET,
    "PauseWorkflowExecution": Operation.PAUSE,
    "UnpauseWorkflowExecution": Operation.PAUSE,
    # The names of Schedules and runs say as much as a list does.
    "ListSchedules": Operation.LIST,
    "CountSchedules": Operation.LIST,
    "DescribeSchedule": Operation.LIST,
    "ListBatchOperations": Operation.LIST,
    "ListActivityExecutions": Operation.LIST,
    "CountActivityExecutions": Operation.LIST,
}
"""Which operation of the table a call of Temporal's is."""

ABOUT_NOBODY = frozenset(
    {
        "GetSystemInfo",
        "GetClusterInfo",
        "ListNamespaces",
        "DescribeNamespace",
        "DescribeTaskQueue",
        "GetWorkerBuildIdCompatibility",
        "GetWorkerVersioningRules",
        "GetWorkerTaskReachability",
        "ListWorkers",
        "CountWorkers",
        "ListWorkerDeployments",
        "DescribeWorkerDeployment",
        "DescribeWorkerDeploymentVersion",
        "ListSearchAttributes",
        "ListNexusEndpoints",
    }
)
"""What the pages of the UI ask the server about itself; whoever has a role may know."""

SIGNAL, UPDATE = "SignalWorkflowExecution", "UpdateWorkflowExecution"
START, QUERY = "StartWorkflowExecution", "QueryWorkflow"


def permitted(roles: Roles, call: Call, started: str = "") -> None:
    """Check a call against the tables.

    Args:
        roles: of who asks.
        call: what they ask for.
        started: the type of the workflow that it starts, if it starts one.

    Raises:
        Refused: none of their roles may, or nobody may by this way.
    """
    if not _allowed(roles, call, started):
        raise not_allowed()


def _allowed(roles: Roles, call: Call, started: str) -> bool:
    match call.name:
        case name if name in ABOUT_NOBODY:
            return bool(roles)
        case name if name in OPERATIONS:
            return may_operate(roles, OPERATIONS[name])
        case "SignalWorkflowExecution" | "UpdateWorkflowExecution":
            return may_send(roles, call.workflow_type, call.subject or "")
        case "QueryWorkflow":
            return may_query(roles, call.workflow_type, call.subject or "")
        case "StartWorkflowExecution":
            return may_start(roles, started)
        case _:
            return False


def of_branch_only(roles: Roles) -> bool:
    """Tell whether somebody sees the members of their branch and nobody else."""
    return not roles - OWN_BRANCH_ONLY


def may_decode(roles: Roles, *, opens: bool) -> bool:
    """Tell whether somebody may ask for what they see in the clear.

    What queries answer is decrypted on its way, so who may read no histories has nothing to open.

    Args:
        roles: of who asks.
        opens: whether anything of it is encrypted.
    """
    if opens:
        return may_operate(roles, Operation.HISTORY)
    return any(may_query(roles, kind, METADATA) for kind in WorkflowType)


def not_allowed() -> Refused:
    """Return the refusal of what none of somebody's roles may do."""
    return forbidden(
        "not_allowed",
        "Your role may not do this.",
        "Rollen din har ikke lov til dette.",
    )
