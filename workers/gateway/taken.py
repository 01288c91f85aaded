"""What may be said in a request that goes on to Temporal: fields, and values of enumerations."""

from collections.abc import Mapping

from temporalio.api.enums.v1 import TaskQueueKind, WorkflowIdConflictPolicy, WorkflowIdReusePolicy

TAKEN: Mapping[str, frozenset[str]] = {
    "StartWorkflowExecution": frozenset(
        {"namespace", "workflow_id", "workflow_type", "task_queue", "input", "identity",
         "request_id", "workflow_id_reuse_policy", "workflow_id_conflict_policy"}
    ),
    "SignalWorkflowExecution": frozenset(
        {"namespace", "workflow_execution", "signal_name", "input", "identity", "request_id",
         "control"}
    ),
    "UpdateWorkflowExecution": frozenset(
        {"namespace", "workflow_execution", "first_execution_run_id", "wait_policy",
         "request"}
    ),
    "QueryWorkflow": frozenset(
        {"namespace", "execution", "query", "query_reject_condition"}
    ),
    "TerminateWorkflowExecution": frozenset(
        {"namespace", "workflow_execution", "first_execution_run_id", "reason", "identity"}
    ),
    "RequestCancelWorkflowExecution": frozenset(
        {"namespace", "workflow_execution", "first_execution_run_id", "reason", "identity",
         "request_id"}
    ),
    "ResetWorkflowExecution": frozenset(
        {"namespace", "workflow_execution", "workflow_task_finish_event_id", "reason", "identity",
         "request_id", "reset_reapply_type", "reset_reapply_exclude_types"}
    ),
    "PauseWorkflowExecution": frozenset(
        {"namespace", "workflow_id", "run_id", "reason", "identity", "request_id"}
    ),
    "UnpauseWorkflowExecution": frozenset(
        {"namespace", "workflow_id", "run_id", "reason", "identity", "request_id"}
    ),
}  # fmt: skip
"""What may be said beside: a memo, a timeout or a cron of somebody else's outlives the rules."""

KINDS = frozenset({TaskQueueKind.TASK_QUEUE_KIND_UNSPECIFIED, TaskQueueKind.TASK_QUEUE_KIND_NORMAL})
"""Of task queues: any other is one process's own."""

OF_AN_UPDATE = frozenset({"meta", "input", "request_id"})
"""What may be said within an update: nobody is called back."""

REUSE = frozenset(
    {
        WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_UNSPECIFIED,
        WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
        WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
        WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY,
    }
)
CONFLICT = frozenset(
    {
        WorkflowIdConflictPolicy.WORKFLOW_ID_CONFLICT_POLICY_UNSPECIFIED,
        WorkflowIdConflictPolicy.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
        WorkflowIdConflictPolicy.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
    }
)
"""With the above: what a start does where its id is taken; it never ends the one that runs."""
