"""Temporal as we need it: reached safely, its namespace prepared, workers at work on each queue."""

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    GetClusterInfoRequest,
    GetSystemInfoRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.audit.gauges import last_success
from schemas.shared.schedules import ScheduleName
from workers.connecting import connect
from workers.doctor.finding import Finding, broken, look, well
from workers.doors import require_protected_temporal
from workers.errors import UserError
from workers.pollers import pollers
from workers.schedules import TURNS
from workers.search_attributes import missing_search_attributes
from workers.settings import Settings
from workers.stack.processes import TASK_QUEUES
from workers.versions import current_build

PART = "Temporal"

LEAST_SHARDS = 64
"""Of the history: fewer can't be spread over machines, and their number stands for good."""

SHORTEST_RETENTION = timedelta(days=1)
"""Less, and somebody who asks what became of an application the day before is not answered."""

AT_WORK_SECONDS = 90.0
"""A worker that is at work asks for more at least so often."""


async def look_at_temporal(settings: Settings) -> AsyncIterator[Finding]:
    """Yield what is found; where the server does not answer, that alone."""
    address = settings.temporal.get("target_host")
    try:
        client = await connect(settings)
        info = await client.workflow_service.get_system_info(GetSystemInfoRequest())
    except (RuntimeError, RPCError):
        yield broken(
            PART,
            f"does not answer at {address}",
            "start the server, or name a running one with TEMPORAL_ADDRESS",
        )
        return
    yield well(PART, f"answers at {address}, version {info.server_version}")
    yield _door(settings)
    try:
        for finding in await _namespace(client):
            yield finding
        async for finding in _schedules(client):
            yield finding
        async for finding in _workers(client):
            yield finding
        yield await _build(client, settings)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        yield broken(
            PART,
            f"has no namespace {client.namespace}",
            "make it, as docker-compose.yml does, or name another with TEMPORAL_NAMESPACE",
        )


def _door(settings: Settings) -> Finding:
    try:
        require_protected_temporal(settings.temporal)
    except UserError as error:
        return look(PART, "lets in anybody who finds it", str(error))
    return well(PART, "is reached from this machine alone, or knows who we are")


async def _namespace(client: Client) -> list[Finding]:
    found = await client.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace=client.namespace)
    )
    kept = found.config.workflow_execution_retention_ttl.ToTimedelta()
    hours = f"keeps closed runs for {kept / timedelta(hours=1):g} h"
    findings = [
        well(PART, hours)
        if kept >= SHORTEST_RETENTION
        else look(PART, hours, "temporal operator namespace update --retention 72h")
    ]
    cluster = await client.workflow_service.get_cluster_info(GetClusterInfoRequest())
    shards = cluster.history_shard_count
    findings.append(
        well(PART, f"has its history in {shards} shards")
        if shards >= LEAST_SHARDS
        else look(
            PART,
            f"has its history in so few shards for good: {shards}",
            "before the first real member, make the cluster anew with NUM_HISTORY_SHARDS=512",
        )
    )
    missing = await missing_search_attributes(client)
    findings.append(
        broken(
            PART,
            f"lacks the search attributes {', '.join(missing)}",
            "medlemsflyt search-attributes",
        )
        if missing
        else well(PART, "has all search attributes")
    )
    return findings


async def _schedules(client: Client) -> AsyncIterator[Finding]:
    missing: list[str] = []
    for name in ScheduleName:
        try:
            described = await client.get_schedule_handle(name).describe()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            missing.append(name)
            continue
        if described.schedule.state.paused:
            yield look(
                PART,
                f"has the schedule {name} paused",
                f"temporal schedule toggle --unpause --schedule-id {name}",
            )
        done = await last_success(client, name)
        # What an operator asks is how long ago it was by now.
        yield schedule_finding(name, done, described.info.created_at, datetime.now(UTC))
    if missing:
        yield broken(
            PART, f"lacks the schedules {', '.join(missing)}", "medlemsflyt schedules makes them"
        )
    else:
        yield well(PART, f"has all {len(ScheduleName)} schedules")


def schedule_finding(
    name: ScheduleName, done: datetime | None, made: datetime, now: datetime
) -> Finding:
    """Return what is to be said of the work of a schedule.

    Args:
        name: of the schedule.
        done: when its work was last done to its end, as far as Temporal still knows.
        made: when the schedule was.
        now: the moment it is looked at.
    """
    says = (
        f"has done the work of {name} last on {done:%Y-%m-%d at %H:%M} UTC"
        if done
        else (f"knows of no work of {name} that was done")
    )
    if now - (done or made) <= TURNS[name].overdue_after:
        return well(PART, says)
    remedy = f"see its runs: temporal workflow list --query 'WorkflowId STARTS_WITH \"{name}\"'"
    return broken(PART, f"{says}; it is overdue ({TURNS[name].says})", remedy)


async def _workers(client: Client) -> AsyncIterator[Finding]:
    since = time.time() - AT_WORK_SECONDS
    for kind, queue in TASK_QUEUES.items():
        found = {poller.identity for poller in await pollers(client, queue, since)}
        if found:
            yield well("Workers", f"{kind}: {len(found)} at work")
        else:
            yield broken("Workers", f"{kind}: none at work", f"start medlemsflyt worker {kind}")


async def _build(client: Client, settings: Settings) -> Finding:
    current = await current_build(client, settings.deployment)
    if current is None:
        return broken(
            "Workers",
            "no build is current, so no membership goes on",
            "medlemsflyt worker workflows --promote",
        )
    if current != settings.build_id:
        return look(
            "Workers",
            f"new runs are given to build {current}, and this is {settings.build_id}",
            "once its workers are at work: medlemsflyt worker workflows --promote",
        )
    return well("Workers", f"new runs are given to this build, {current}")
