"""Asking a membership one of its queries."""

from temporalio.client import WorkflowQueryFailedError
from temporalio.common import RawValue
from temporalio.service import RPCError, RPCStatusCode

from workers.cli.shared import connections
from workers.cli.shared.connections import page_url, reach_temporal, temporal_answers
from workers.errors import UserError
from workers.settings import Settings


async def ask(settings: Settings, target: str, query: str, *arguments: object) -> tuple[str, str]:
    """Return a query's answer as the JSON it came as, and the address of the page in the UI.

    Args:
        settings: where Temporal is.
        target: the membership's id.
        query: its name.
        arguments: of the query.

    Raises:
        UserError: there is no such membership, or nobody answers.
    """
    client = await reach_temporal(settings)
    handle = client.get_workflow_handle(target)
    try:
        with temporal_answers(settings):
            answer = await handle.query(
                query,
                args=arguments,
                result_type=RawValue,
                rpc_timeout=connections.QUERY_TIMEOUT,
            )
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise unknown(target) from None
        raise UserError(f"Temporal does not answer for {target}: {error.message}.") from None
    except WorkflowQueryFailedError as error:
        raise UserError(f"{target} can't be asked for {query}: {error.message}.") from None
    return answer.payload.data.decode(), page_url(settings, client, target)


def unknown(workflow_id: str) -> UserError:
    """Return the sentence for an id that nothing was started under."""
    return UserError(
        f"There is no membership {workflow_id}: see the id that `medlemsflyt apply` printed."
    )
