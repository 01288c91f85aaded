"""What a failure says is encrypted; what is refused can be read by whoever sent it (ADR 68)."""

import dataclasses

import pytest
from temporalio.api.failure.v1 import Failure
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import WorkflowSerializationContext
from temporalio.exceptions import ActivityError, ApplicationError, FailureError

from schemas.shared.faults import REFUSED
from tests.secrecy.conftest import a_membership
from workers import workflows
from workers.encryption import converter_for
from workers.running import ACTIVITIES_CONVERTER
from workflows.shared.redacting import SEALED_MESSAGE

SECRET = "kanarifugl"


def raised(error: BaseException, cause: BaseException | None = None) -> BaseException:
    """An error as it is caught: with a stack, and what it came from."""
    try:
        raise error from cause
    except type(error) as caught:
        return caught


def activity_failed(cause: BaseException) -> BaseException:
    """An activity's failure as a workflow has it."""
    error = ActivityError(
        "Activity task failed", scheduled_event_id=1, started_event_id=2, identity="",
        activity_type="keep", activity_id="1", retry_state=None,
    )  # fmt: skip
    return raised(error, cause)


@pytest.fixture(params=["workflows", "activities"])
def converter(request, process):
    """The converter of a membership in each kind of worker."""
    plain = workflows.CONVERTER if request.param == "workflows" else ACTIVITIES_CONVERTER
    context = WorkflowSerializationContext("default", a_membership())
    return converter_for(plain, process()).with_context(context)


async def encoded(converter, error: BaseException) -> Failure:
    """The failure as it stands in a history."""
    failure = Failure()
    await converter.encode_failure(error, failure)
    return failure


async def test_what_failed_is_read_by_who_has_the_key(converter):
    """Neither message nor stack of any cause is to be seen; types are, and all comes back."""
    inner = raised(ApplicationError(SECRET, SECRET, type="NoSuchFile"))
    failure = await encoded(converter, activity_failed(inner))
    assert SECRET.encode() not in failure.SerializeToString()
    assert b"test_failures" not in failure.SerializeToString()
    assert failure.cause.application_failure_info.type == "NoSuchFile"
    assert failure.message == failure.cause.message == SEALED_MESSAGE
    for reading in (converter, dataclasses.replace(
        pydantic_data_converter, payload_codec=converter.payload_codec
    )):  # fmt: skip
        read = Failure()
        read.CopyFrom(failure)
        error = await reading.decode_failure(read)
        assert isinstance(error.__cause__, FailureError)
        assert str(error.__cause__.message) == SECRET
        assert "test_failures" in error.__cause__.failure.stack_trace


async def test_a_refusal_of_ours_can_be_read_without_a_key(converter):
    """The UI shows whoever sent a message why it was not taken; what it came from stays closed."""
    refused = raised(ApplicationError("received_on: is missing", type=REFUSED), ValueError(SECRET))
    failure = await encoded(converter, refused)
    assert failure.message == "received_on: is missing"
    assert SECRET.encode() not in failure.SerializeToString()


async def test_a_failure_without_its_key_says_so(converter, process):
    """It is an exception like any other, and nobody is wedged."""
    failure = await encoded(converter, raised(ApplicationError(SECRET)))
    other = converter_for(workflows.CONVERTER, process("elsewhere"))
    error = await other.decode_failure(failure)
    assert isinstance(error, ApplicationError)
    assert error.message == SEALED_MESSAGE


async def test_without_keys_nothing_changes():
    """A process without a master key writes failures as before."""
    assert converter_for(workflows.CONVERTER, None) is workflows.CONVERTER
    failure = await encoded(workflows.CONVERTER, raised(ApplicationError("a fault")))
    assert failure.message == "a fault"
