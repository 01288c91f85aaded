"""The one way to a Temporal server that the settings name."""

from collections.abc import Sequence

from temporalio.client import Client, Interceptor
from temporalio.converter import DataConverter
from temporalio.runtime import Runtime

from workers.errors import UserError
from workers.observability.traced import tracing_of
from workers.settings import Settings


async def connect(
    settings: Settings,
    converter: DataConverter = DataConverter.default,
    runtime: Runtime | None = None,
) -> Client:
    """Return a client, or say at once that there is none.

    Args:
        settings: where the server is.
        converter: what turns values into payloads and back.
        runtime: of Temporal's core, which measures; None: the one that all have, which does not.

    Raises:
        UserError: the settings can't be those of a server: no host, half a certificate.
        RuntimeError: the server does not answer.
    """
    try:
        return await Client.connect(
            **settings.temporal,
            data_converter=converter,
            runtime=runtime,
            interceptors=interceptors(settings),
        )
    except ValueError as error:
        raise UserError(f"Temporal's settings (TEMPORAL_*) can't be used: {error}.") from None


def interceptors(settings: Settings) -> Sequence[Interceptor]:
    """Return what stands before all that a client sends, and before all that its workers do."""
    tracing = tracing_of(settings)
    return [] if tracing is None else [tracing]
