"""Failures without values: they stand in histories, in the UI and in answers to queries."""

import json
from contextlib import suppress

import temporalio.api.failure.v1
from temporalio.converter import DefaultFailureConverter, PayloadConverter
from temporalio.exceptions import FailureError

from schemas.shared.faults import REFUSED
from schemas.shared.redaction import redacted

SEALED_MESSAGE = "Encoded failure"
"""Stands where the message of an encrypted failure stood; the SDKs' own word for it."""


class RedactingFailureConverter(DefaultFailureConverter):
    """Leaves out of a failure what an exception of a library quotes (invariant 14)."""

    def to_failure(
        self,
        exception: BaseException,
        payload_converter: PayloadConverter,
        failure: temporalio.api.failure.v1.Failure,
    ) -> None:
        """Fill in a failure for an exception; it is asked again for each cause."""
        said = exception if isinstance(exception, FailureError) else redacted(exception)
        super().to_failure(said, payload_converter, failure)


class SealedFailureConverter(RedactingFailureConverter):
    """Puts what a failure says where the codec encrypts it; our refusals stay to be read."""

    def to_failure(
        self,
        exception: BaseException,
        payload_converter: PayloadConverter,
        failure: temporalio.api.failure.v1.Failure,
    ) -> None:
        """Fill in a failure for an exception; it is asked again for each cause."""
        super().to_failure(exception, payload_converter, failure)
        if failure.application_failure_info.type == REFUSED:
            return
        said = {"message": failure.message, "stack_trace": failure.stack_trace}
        failure.encoded_attributes.CopyFrom(payload_converter.to_payloads([said])[0])
        failure.message, failure.stack_trace = SEALED_MESSAGE, ""

    def from_failure(
        self, failure: temporalio.api.failure.v1.Failure, payload_converter: PayloadConverter
    ) -> BaseException:
        """Return the exception of a failure; it is asked again for each cause."""
        return super().from_failure(unsealed(failure), payload_converter)


def unsealed(failure: temporalio.api.failure.v1.Failure) -> temporalio.api.failure.v1.Failure:
    """Return a failure, already decrypted, with what it says in its place.

    One that could not be decrypted goes on saying that it is sealed.
    """
    if not failure.HasField("encoded_attributes"):
        return failure
    plain = temporalio.api.failure.v1.Failure()
    plain.CopyFrom(failure)
    with suppress(ValueError, TypeError, AttributeError):
        said = json.loads(failure.encoded_attributes.data)
        plain.message, plain.stack_trace = str(said["message"]), str(said["stack_trace"])
    plain.ClearField("encoded_attributes")
    return plain
