"""The real parts, as `medlemsflyt dev` would offer them to the command line."""

import asyncio
from pathlib import Path

import pytest

from tests.cli.running import Cli, Ran, run
from workers.settings import Stack
from workers.stack import MailSink, TemporalServer


@pytest.fixture(scope="session")
def stack(
    temporal: TemporalServer,
    database_url: str,
    mail_sink: MailSink,
    workers: None,  # noqa: ARG001 - they must run
) -> Stack:
    """Where the parts of the test session answer."""
    return Stack(
        temporal_address=temporal.address,
        namespace=temporal.namespace,
        ui_url="http://ui.example:8233",
        http_url=temporal.http_url,
        database_url=database_url,
        mail_dir=str(mail_sink.mail_dir),
        mail_url="http://mail.example",
    )


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory, stack: Stack) -> Path:
    """A folder as `medlemsflyt dev` leaves it while it runs."""
    folder = tmp_path_factory.mktemp("data")
    stack.write(folder)
    return folder


@pytest.fixture(scope="session")
def environ(stack: Stack) -> dict[str, str]:
    """The variables that name the same parts."""
    return {
        "TEMPORAL_ADDRESS": stack.temporal_address,
        "TEMPORAL_NAMESPACE": stack.namespace,
        "DATABASE_URL": stack.database_url,
        "MEDLEMSFLYT_UI_URL": stack.ui_url,
    }


@pytest.fixture(scope="session")
def cli(data_dir: Path) -> Cli:
    """Run a command against the running parts, and return how it ended."""

    async def go(*arguments: str, stdin: str | bytes | None = None) -> Ran:
        return await asyncio.to_thread(run, *arguments, "--data", str(data_dir), stdin=stdin)

    return go
