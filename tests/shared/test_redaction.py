"""What may be said of an exception: ours in full, of a library's its type and what has no value."""

import errno
import os

import asyncpg
import pytest
from pydantic import BaseModel, ValidationError
from temporalio.api.failure.v1 import Failure
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from activities.shared.errors import DatabaseRefused
from schemas.shared.redaction import redacted, redacted_text
from workflows.shared.redacting import RedactingFailureConverter

NAME = "Kanarinavn"


class Form(BaseModel):
    """Something a library reads for us."""

    age: int


def unreadable() -> ValidationError:
    """A library's error that quotes what it met."""
    with pytest.raises(ValidationError) as caught:
        Form.model_validate({"age": NAME})
    assert NAME in str(caught.value)
    return caught.value


def refused_row() -> asyncpg.PostgresError:
    """PostgreSQL's error, as asyncpg makes it of the server's answer."""
    fields = {
        "C": "23505",
        "M": "duplicate key value",
        "D": f"Key (name)=({NAME}) already exists.",
        "n": "members_one_per_person",
    }
    error = asyncpg.PostgresError.new(fields)
    assert NAME in str(error)
    return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        pytest.param(DatabaseRefused("UniqueViolationError 23505"), None, id="ours"),
        pytest.param(ApplicationError("period: 2026-13 is no month"), None, id="a-refusal"),
        pytest.param(refused_row(), "23505 (members_one_per_person)", id="postgresql"),
        pytest.param(unreadable(), "", id="pydantic"),
        pytest.param(ValueError(NAME), "", id="python"),
        pytest.param(KeyError(NAME), "", id="a-key"),
        pytest.param(
            FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), f"/{NAME}"),
            "No such file or directory",
            id="a-file",
        ),
        pytest.param(RPCError(NAME, RPCStatusCode.NOT_FOUND, b""), "NOT_FOUND", id="grpc"),
    ],
)
def test_the_text_of_an_exception(error, said):
    """Ours stands as it is; of others only what cannot be a value."""
    assert redacted_text(error) == (str(error) if said is None else said)


def chain() -> BaseException:
    """Our exception from a library's, made while another one was handled, with a note."""
    error = DatabaseRefused("a constraint")
    error.__cause__, error.__context__ = unreadable(), KeyError(NAME)
    error.add_note(NAME)
    return error


def test_causes_are_redacted_as_well():
    """Whatever hangs on an exception is copied without values; its types and frames stay."""
    error = chain()
    copy = redacted(error)
    assert type(copy).__name__ == "DatabaseRefused"
    assert str(copy) == "a constraint"
    assert copy.__traceback__ is error.__traceback__
    assert (type(copy.__cause__).__name__, str(copy.__cause__)) == ("ValidationError", "")
    assert (type(copy.__context__).__name__, str(copy.__context__)) == ("KeyError", "")
    assert not hasattr(copy, "__notes__")
    assert str(error.__cause__) != "", "the original is left as it is"


def test_every_part_of_a_group_is_redacted():
    """Of several that failed together each is copied."""
    group = ExceptionGroup(NAME, [ValueError(NAME), DatabaseRefused("a constraint")])
    copy = redacted(group)
    assert isinstance(copy, BaseExceptionGroup)
    assert NAME not in str(copy)
    assert [str(part) for part in copy.exceptions] == ["", "a constraint"]


def test_a_circle_of_causes_ends():
    """An exception that is its own cause is followed a bounded way."""
    error = ValueError(NAME)
    error.__cause__ = KeyError(NAME)
    error.__cause__.__cause__ = error
    assert str(redacted(error)) == ""


@pytest.mark.parametrize(
    "error",
    [chain(), unreadable(), refused_row(), ApplicationError("a reason", type="Refused")],
)
def test_a_failure_in_history_has_no_values(error):
    """The failure keeps the type, our words and the stack, and nothing of the library's."""
    failure = Failure()
    RedactingFailureConverter().to_failure(error, PydanticPayloadConverter(), failure)
    assert NAME not in str(failure)
    kind = error.type if isinstance(error, ApplicationError) else type(error).__name__
    assert failure.application_failure_info.type == kind
