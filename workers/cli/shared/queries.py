"""Asking a membership one of its queries."""

from collections.abc import Awaitable, Callable, Mapping

from temporalio.client import WorkflowQueryFailedError
from temporalio.common import RawValue
from temporalio.service import RPCError, RPCStatusCode

from activities.membership.kept import kept_explanation, kept_state
from activities.shared.tasks import Connection
from schemas.membership.state import Explanation, MembershipState
from workers.cli.shared import connections
from workers.cli.shared.connections import database, page_url, reach_temporal, temporal_answers
from workers.errors import UserError
from workers.settings import Settings

KEPT: Mapping[str, Callable[[Connection, str], Awaitable[MembershipState | Explanation | None]]] = {
    "state": kept_state,
    "explain": kept_explanation,
}
"""The queries that rows answer as well, once the run is gone."""


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
            kept = await _kept(settings, target, query)
            if kept is None:
                raise unknown(target) from None
            return kept.model_dump_json(), page_url(settings, client, target)
        raise UserError(f"Temporal does not answer for {target}: {error.message}.") from None
    except WorkflowQueryFailedError as error:
        raise UserError(f"{target} can't be asked for {query}: {error.message}.") from None
    return answer.payload.data.decode(), page_url(settings, client, target)


async def _kept(
    settings: Settings, target: str, query: str
) -> MembershipState | Explanation | None:
    """Return what the rows say of a membership whose run is gone; None: nothing is to be had."""
    read = KEPT.get(query)
    if read is None:
        return None
    try:
        async with database(settings) as pool, pool.acquire() as connection:
            return await read(connection, target)
    except UserError:
        return None


def unknown(workflow_id: str) -> UserError:
    """Return the sentence for an id that nothing was started under."""
    return UserError(
        f"There is no membership {workflow_id}: see the id that `medlemsflyt apply` printed."
    )
