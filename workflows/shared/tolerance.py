"""Keeps a membership from being wedged by a wrong call, or ended by a click.

The SDK matches payloads to parameters before any handler runs: what does not match fails the
workflow task, and the membership hangs. Here such calls are turned into rejections, and so is a
request for cancellation: it is the most prominent button of the Temporal UI, and no rule of the
union ends a membership that way.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar

import temporalio.api.common.v1
import temporalio.api.failure.v1
from temporalio import workflow
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.common import RawValue
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import PayloadConverter
from temporalio.exceptions import ApplicationError
from temporalio.worker import (
    ExecuteWorkflowInput,
    HandleQueryInput,
    HandleSignalInput,
    HandleUpdateInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from schemas.desk.wording import Wording
from schemas.secrecy.marks import ANSWERS_PLAIN, CAME_PLAIN
from schemas.shared.faults import REFUSED
from workflows.shared.inbox import Inbox, description_of, refusal
from workflows.shared.orders import check_run_id
from workflows.shared.redacting import RedactingFailureConverter, SealedFailureConverter

CANCELLATION = "Request Cancellation"
"""The button's name in the UI."""

Door = Callable[[temporalio.api.common.v1.Payload, str, str], str | None]
"""Says why a payload is not taken: as which message, by which workflow, and that it may be forged.

It is asked where an update is validated alone, which no history keeps, and no replay asks again.
"""

METADATA_QUERY = "__temporal_workflow_metadata"


class TolerantPayloadConverter(PydanticPayloadConverter):
    """Hands over payloads as they are when their number does not fit the parameters.

    The SDK then drops the types and decodes blindly, and what it can't decode is lost.
    """

    def from_payloads(
        self,
        payloads: Sequence[temporalio.api.common.v1.Payload],
        type_hints: list[type] | None = None,
    ) -> list[Any]:
        """Return one value a payload, a raw one where no type is asked for."""
        if type_hints is None:
            return [RawValue(payload) for payload in payloads]
        return super().from_payloads(payloads, type_hints)


class TolerantFailureConverter(RedactingFailureConverter):
    """Leaves our stack out of a refusal: the UI shows it to the caseworker below the sentence."""

    def to_failure(
        self,
        exception: BaseException,
        payload_converter: PayloadConverter,
        failure: temporalio.api.failure.v1.Failure,
    ) -> None:
        """Fill in a failure for an exception."""
        said = _unknown_name(exception) or exception
        super().to_failure(said, payload_converter, failure)
        if isinstance(exception, ApplicationError) and exception.type == REFUSED:
            failure.ClearField("stack_trace")


class SealedTolerantFailureConverter(SealedFailureConverter, TolerantFailureConverter):
    """The same where histories are encrypted."""


def _unknown_name(exception: BaseException) -> ApplicationError | None:
    """Return what the sender of an unknown update or query is told: the names there are."""
    found = re.search(r"known (updates|queries): .*", str(exception))
    if not isinstance(exception, RuntimeError) or found is None:
        return None
    return refusal(f"is not a name of this service; {found.group()}")


def _life() -> Inbox[Any] | None:
    """Return the workflow that lives on whatever it was sent, or None of one that may fail."""
    instance = workflow.instance()
    return instance if isinstance(instance, Inbox) and instance.never_fails else None


def _reject(name: str, reason: str) -> None:
    """Record a message that was not applied, where the workflow keeps a list of them."""
    reject = getattr(workflow.instance(), "reject", None)
    if reject is not None:
        reject(name, reason)


def _note_plain(args: Sequence[Any]) -> None:
    """Note that something stands in the history of this run in plain text, and should not."""
    instance = workflow.instance()
    if isinstance(instance, Inbox) and _came_plain(args):
        instance.heard_plain = True


def _came_plain(args: Sequence[Any]) -> bool:
    """Tell whether whoever sent something knows no keys."""
    return any(isinstance(one, RawValue) and CAME_PLAIN in one.payload.metadata for one in args)


def _in_plain_text(answer: Any) -> RawValue:
    """Return an answer that the codec leaves readable to whoever asked without keys."""
    payload = workflow.payload_converter().to_payload(answer)
    payload.metadata[ANSWERS_PLAIN] = b"1"
    return RawValue(payload)


def _complaint(count: int) -> str:
    return f"takes exactly one JSON object; {count} arguments were given"


async def _uncancelled(inbox: Inbox[Any], life: Awaitable[Any]) -> Any:
    """Live on when cancellation is requested, and record who wants what instead.

    The server passes on one such request at most. The SDK ends the tasks of a workflow it evicts
    from its cache by the same exception, which must pass.
    """
    living = asyncio.ensure_future(life)
    try:
        return await asyncio.shield(living)
    except asyncio.CancelledError:
        if living.done() or workflow.cancellation_reason() is None:
            raise
    inbox.reject(
        CANCELLATION,
        "a membership is never cancelled: reject the application with decide_application, or let "
        "the applicant withdraw it with withdraw_application",
    )
    return await living


class _TolerantInbound(WorkflowInboundInterceptor):
    door: ClassVar[Door | None] = None
    say: ClassVar[Wording | None] = None

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
        _note_plain(input.args)
        count = len(input.args)
        inbox = _life()
        if inbox is None:
            # A run for all members is nobody's life: it fails visibly, and may be cancelled.
            if count > 1:
                raise refusal(_complaint(count))
            check_run_id(workflow.info().workflow_type, workflow.info().workflow_id)
            return await super().execute_workflow(input)
        if count > 1:
            inbox.argument_fault = _complaint(count)
            input.args = []
        return await _uncancelled(inbox, super().execute_workflow(input))

    async def handle_signal(self, input: HandleSignalInput) -> None:
        _note_plain(input.args)
        known = workflow.get_signal_handler(input.signal) is not None
        if known and len(input.args) > 1:
            _reject(input.signal, _complaint(len(input.args)))
            return
        await super().handle_signal(input)

    def handle_update_validator(self, input: HandleUpdateInput) -> None:
        if len(input.args) > 1:
            raise refusal(_complaint(len(input.args)))
        self._ask_at_the_door(input)
        super().handle_update_validator(input)

    def _ask_at_the_door(self, input: HandleUpdateInput) -> None:
        """Refuse what nobody who is believed has signed, before anything is said of whom it is for.

        Raises:
            ApplicationError: why, in words that are the same whoever that is.
        """
        door, instance = type(self).door, workflow.instance()
        if door is None or not isinstance(instance, Inbox) or input.update not in instance.messages:
            return
        raw = input.args[0] if input.args else None
        payload = raw.payload if isinstance(raw, RawValue) else temporalio.api.common.v1.Payload()
        why = door(payload, workflow.info().workflow_id, input.update)
        if why is not None:
            raise refusal(why)

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:
        _note_plain(input.args)
        return await super().handle_update_handler(input)

    async def handle_query(self, input: HandleQueryInput) -> Any:
        answer = await super().handle_query(input)
        if input.query == METADATA_QUERY and isinstance(answer, WorkflowMetadata):
            _drop_nameless_signal(answer)
            if (say := type(self).say) is not None:
                _draw_page(answer, say)
                _put_dialogs(answer, say)
        return answer


def _drop_nameless_signal(metadata: WorkflowMetadata) -> None:
    """Take the dynamic handler out of the list: the UI shows it as a blank, pre-ticked entry."""
    signals = metadata.definition.signal_definitions
    named = [signal for signal in signals if signal.name]
    del signals[:]
    signals.extend(named)


def _draw_page(metadata: WorkflowMetadata, say: Wording) -> None:
    """Draw the page where a workflow has one: a query's answer, that no replay asks for again."""
    instance = workflow.instance()
    if isinstance(instance, Inbox):
        metadata.current_details = instance.page(say)


def _put_dialogs(metadata: WorkflowMetadata, say: Wording) -> None:
    """Say in its language what each message and each query of the dialogs is for."""
    instance = workflow.instance()
    messages = instance.messages if isinstance(instance, Inbox) else {}
    named = metadata.definition
    for one in (*named.signal_definitions, *named.update_definitions, *named.query_definitions):
        kind = messages.get(one.name)
        described = say.sentence(one.description) if one.description else ""
        one.description = described if kind is None else description_of(kind, say)


class _PlainlyAnswering(_TolerantInbound):
    """Answers whoever knows no keys so that they can read it.

    The answer to a query stands in no history. That to an update stands beside the update, which
    came in plain text as well: the membership leaves both behind in a run that is deleted. What a
    workflow ends with is its answer to whoever waits for that, and nobody knows who does.
    """

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
        return _in_plain_text(await super().execute_workflow(input))

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:
        answer = await super().handle_update_handler(input)
        return _in_plain_text(answer) if _came_plain(input.args) else answer

    async def handle_query(self, input: HandleQueryInput) -> Any:
        return _in_plain_text(await super().handle_query(input))


class ToleranceInterceptor(Interceptor):
    """The worker's half: puts the tolerant inbound in front of every workflow.

    Args:
        plain_answers: whether histories are encrypted, and clients without keys served all the
            same (``MEDLEMSFLYT_PLAIN_CLIENTS``).
        door: what each update is looked at by first; None: nothing.
        say: in which language pages are drawn; None: none is.
    """

    def __init__(
        self,
        *,
        plain_answers: bool = False,
        door: Door | None = None,
        say: Wording | None = None,
    ) -> None:
        base = _PlainlyAnswering if plain_answers else _TolerantInbound
        own = {
            "door": None if door is None else staticmethod(door),
            "say": say,
        }
        self._inbound: type[WorkflowInboundInterceptor] = type(base.__name__, (base,), own)

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: ARG002 - the SDK's signature
    ) -> type[WorkflowInboundInterceptor] | None:
        """Return the class the SDK creates for each workflow instance."""
        return self._inbound
