"""Failures without values: they stand in histories, in the UI and in answers to queries."""

import temporalio.api.failure.v1
from temporalio.converter import DefaultFailureConverter, PayloadConverter
from temporalio.exceptions import FailureError

from schemas.shared.redaction import redacted


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
