"""Workflows workers of two builds, as processes: the code of another commit, and the code here."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tarfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path

from temporalio.api.deployment.v1 import WorkerDeploymentVersion
from temporalio.api.workflowservice.v1 import (
    DescribeWorkerDeploymentVersionRequest,
    SetWorkerDeploymentRampingVersionRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from workers import versions

ROOT = Path(__file__).parents[2]

FROM = os.environ.get("MEDLEMSFLYT_UPGRADE_FROM") or None
"""The commit that is upgraded from; None: the code here, under another build's name."""

PATIENCE_SECONDS = 60.0


def code_of(commit: str | None, folder: Path) -> Path:
    """Return the folder of the code of a commit, written out; None: the code here."""
    if commit is None:
        return ROOT
    archive = subprocess.run(
        ["git", "archive", commit, "schemas", "workflows", "activities", "workers"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    with tarfile.open(fileobj=BytesIO(archive.stdout)) as packed:
        packed.extractall(folder, filter="data")
    return folder


@asynccontextmanager
async def build(
    name: str, code: Path, client: Client, address: str, log: Path
) -> AsyncIterator[None]:
    """Have a worker of a build at work, which the server has seen.

    Args:
        name: its build id.
        code: the folder of its packages.
        client: of the server.
        address: of the server.
        log: where it logs.
    """
    own = {
        "PYTHONPATH": str(code),
        "TEMPORAL_ADDRESS": address,
        "TEMPORAL_CONFIG_FILE": os.devnull,
        "MEDLEMSFLYT_BUILD_ID": name,
        "MEDLEMSFLYT_PROMOTE": "0",
        "MEDLEMSFLYT_LOG": "json",
    }
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "workers", "worker", "workflows"),
            cwd=code,
            env={**os.environ, **own},
            stdout=out,
            stderr=out,
        )
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await _is_seen(client, name):
                assert process.returncode is None, log.read_text()
                await asyncio.sleep(0.1)  # the server offers nothing to wait for
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        await process.wait()


async def _is_seen(client: Client, name: str) -> bool:
    """Tell whether the server has seen a worker of a build."""
    version = WorkerDeploymentVersion(deployment_name=versions.DEPLOYMENT, build_id=name)
    request = DescribeWorkerDeploymentVersionRequest(
        namespace=client.namespace, deployment_version=version
    )
    try:
        await client.workflow_service.describe_worker_deployment_version(request)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True


async def ramp(client: Client, name: str, percentage: float) -> None:
    """Give a part of the new runs to a build.

    Raises:
        RPCError: no worker of it was seen.
    """
    await client.workflow_service.set_worker_deployment_ramping_version(
        SetWorkerDeploymentRampingVersionRequest(
            namespace=client.namespace,
            deployment_name=versions.DEPLOYMENT,
            build_id=name,
            percentage=percentage,
            identity=client.identity,
        )
    )
