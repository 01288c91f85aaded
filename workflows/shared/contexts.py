"""Whose a payload of a workflow is, told without going into the sandbox for each of them.

The SDK's sandbox compiles and runs a piece of code for every payload of every command, three times
a workflow task, to hear what the commands say already: a fifth of a workflows worker's time.
"""

from typing import Any

from temporalio.api.enums.v1 import CommandType
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import StorageDriverStoreContext, WorkflowSerializationContext
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner
from temporalio.workflow import Info


class Sandbox(SandboxedWorkflowRunner):
    """Runs workflows in the sandbox; whose their payloads are is told outside of it."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """Return a workflow that is to be run."""
        return _Instance(super().create_instance(det))


class _Instance(WorkflowInstance):
    """A workflow in its sandbox.

    Its payloads are its own, those of an activity too, but for what it tells another workflow.
    """

    def __init__(self, sandboxed: WorkflowInstance) -> None:
        self._sandboxed = sandboxed
        info = sandboxed.get_info()
        self._own = WorkflowSerializationContext(info.namespace, info.workflow_id)
        self._others: dict[tuple[int, int], WorkflowSerializationContext] = {}

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        """Let the workflow go on, and note whom it tells something."""
        completion = self._sandboxed.activate(act)
        for command in completion.successful.commands:
            if command.HasField("signal_external_workflow_execution"):
                told = command.signal_external_workflow_execution
                other = told.workflow_execution.workflow_id or told.child_workflow_id
                kind = CommandType.COMMAND_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION
                self._note(kind, told.seq, other)
            elif command.HasField("start_child_workflow_execution"):
                begun = command.start_child_workflow_execution
                kind = CommandType.COMMAND_TYPE_START_CHILD_WORKFLOW_EXECUTION
                self._note(kind, begun.seq, begun.workflow_id)
        return completion

    def _note(self, kind: int, number: int, workflow_id: str) -> None:
        other = WorkflowSerializationContext(self._own.namespace, workflow_id)
        self._others[kind, number] = other

    def get_serialization_context(self, command_info: Any) -> WorkflowSerializationContext:
        """Return whose the payloads of a command are; None: of no command."""
        if command_info is None or not self._others:
            return self._own
        command = command_info.command_type, command_info.command_seq
        return self._others.get(command, self._own)

    def get_external_store_context(self, command_info: Any) -> StorageDriverStoreContext:  # noqa: ARG002
        """Return nothing: payloads are kept nowhere but with Temporal."""
        return StorageDriverStoreContext(target=None)

    def get_info(self) -> Info:
        """Return what the workflow knows of its run."""
        return self._sandboxed.get_info()

    def get_thread_id(self) -> int | None:
        """Return the thread it is running on, if it is."""
        return self._sandboxed.get_thread_id()
