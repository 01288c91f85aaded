"""Which version of the workflow code the memberships run on: Temporal's worker deployments.

Every workflows worker says which build it is. A run stays on the build it began on; where it goes
next, and where new memberships begin, is the build that is current. See ADR 12.
"""

import asyncio

import structlog
from temporalio.api.workflowservice.v1 import (
    DescribeWorkerDeploymentRequest,
    SetWorkerDeploymentCurrentVersionRequest,
)
from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import WorkerDeploymentConfig

DEPLOYMENT = "medlemsflyt"

RETRY_SECONDS = 1.0

NOT_OURS_TO_SAY = {
    RPCStatusCode.FAILED_PRECONDITION,
    RPCStatusCode.INVALID_ARGUMENT,
    RPCStatusCode.PERMISSION_DENIED,
    RPCStatusCode.UNAUTHENTICATED,
    RPCStatusCode.UNIMPLEMENTED,
}
"""Answers that asking again does not change: an operator has to make the build current."""

log = structlog.stdlib.get_logger("workers")


def deployment(build_id: str, name: str | None = None) -> WorkerDeploymentConfig:
    """Return what a worker of a build tells the server.

    Args:
        build_id: Of its code.
        name: Of the deployment, where something else than us gives it one.
    """
    version = WorkerDeploymentVersion(deployment_name=name or DEPLOYMENT, build_id=build_id)
    return WorkerDeploymentConfig(version=version, use_worker_versioning=True)


async def current_build(client: Client, name: str | None = None) -> str | None:
    """Return the build of a deployment that new runs are given to; None before the first one."""
    request = DescribeWorkerDeploymentRequest(
        namespace=client.namespace, deployment_name=name or DEPLOYMENT
    )
    try:
        answer = await client.workflow_service.describe_worker_deployment(request)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
    routing = answer.worker_deployment_info.routing_config
    return routing.current_deployment_version.build_id or None


async def promote(
    client: Client, build_id: str, name: str | None = None, *, unseen: bool = False
) -> None:
    """Give new runs to a build. Safe to repeat.

    Args:
        client: Any client of the namespace.
        build_id: Of workers that are at work.
        name: Of the deployment, where something else than us gives it one.
        unseen: Whether they may still be about to start; what comes meanwhile waits for them.

    Raises:
        RPCError: The server can't be reached, or no worker of this build was seen.
    """
    await client.workflow_service.set_worker_deployment_current_version(
        SetWorkerDeploymentCurrentVersionRequest(
            namespace=client.namespace,
            deployment_name=name or DEPLOYMENT,
            build_id=build_id,
            identity=client.identity,
            allow_no_pollers=unseen,
            # A build that runs fewer kinds of workflows than the last one is an operator's choice.
            ignore_missing_task_queues=unseen,
        )
    )


async def claim(client: Client, build_id: str, *, always: bool) -> None:
    """Make a build current before its worker starts; asks until the server answers.

    The first build there is becomes current in any case: until one is, nobody would be given work.

    Args:
        client: Any client of the namespace.
        build_id: Of the worker that is about to start.
        always: Whether it takes over from another build; else an operator says when.
    """
    while True:
        try:
            current = await current_build(client)
            if current == build_id:
                return
            if current is not None and not always:
                log.warning("build.not_current", build_id=build_id, current=current)
                return
            await promote(client, build_id, unseen=True)
        except RPCError as error:
            log.warning("build.not_promoted", build_id=build_id, why=error.status.name)
            if error.status in NOT_OURS_TO_SAY:
                return
            await asyncio.sleep(RETRY_SECONDS)
        else:
            log.info("build.promoted", build_id=build_id, before=current)
            return
