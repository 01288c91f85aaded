"""Running the command line, as a person or a script runs it."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
from typer.testing import CliRunner

from activities.database.roles import OPERATOR, as_role
from workers.cli import EXIT_USER_ERROR, app
from workers.errors import UserError
from workers.settings import Stack
from workers.stack import MailSink, TemporalServer

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, which must be one JSON document and nothing else."""
        assert self.out, self.err
        return json.loads(self.out)


Cli = Callable[..., Any]


@contextmanager
def logs_elsewhere() -> Iterator[None]:
    """Keep the log of the workers in this process out of what a command prints."""
    before = structlog.get_config()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.__stderr__))
    try:
        yield
    finally:
        structlog.configure(**before)


def run(*arguments: str, stdin: str | bytes | None = None) -> Ran:
    """Run a command in this process; what `main` does with a UserError is done here too."""
    with logs_elsewhere():
        result = CliRunner().invoke(app, list(arguments), input=stdin)
    if isinstance(result.exception, UserError):
        return Ran(EXIT_USER_ERROR, result.stdout, f"{result.exception}\n")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ran(result.exit_code, result.stdout, result.stderr)


def commands_of(
    folder: Path,
    *,
    database_url: str,
    temporal_address: str = "127.0.0.1:1",
    namespace: str = "default",
    http_url: str = "http://http.example",
) -> Cli:
    """Return what runs a command on a stack of these parts; by itself a database and no more."""
    Stack(
        temporal_address=temporal_address,
        namespace=namespace,
        ui_url="http://ui.example",
        http_url=http_url,
        database_url=as_role(database_url, OPERATOR),
        mail_dir=str(folder),
        mail_url="http://mail.example",
    ).write(folder)
    return commands_in(folder)


def commands_in(folder: Path) -> Cli:
    """Return what runs a command on the stack of a folder, and says how it ended."""

    async def go(*arguments: str, stdin: str | bytes | None = None) -> Ran:
        return await asyncio.to_thread(run, *arguments, "--data", str(folder), stdin=stdin)

    return go


def run_process(*command: str, environ: dict[str, str], cwd: Path, stdin: str | None = None) -> Ran:
    """Run a program of its own, with the environment's programs first on the PATH."""
    beside = str(Path(sys.executable).parent)
    ended = subprocess.run(
        command,
        input=stdin,
        env={**os.environ, "PATH": f"{beside}{os.pathsep}{os.environ['PATH']}", **environ},
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    return Ran(ended.returncode, ended.stdout, ended.stderr)


@pytest.fixture(scope="session")
def stack(
    temporal: TemporalServer,
    shared_database_url: str,
    mail_sink: MailSink,
    workers: None,  # noqa: ARG001 - they must run
) -> Stack:
    """Where the parts of the test session answer."""
    return Stack(
        temporal_address=temporal.address,
        namespace=temporal.namespace,
        ui_url="http://ui.example:8233",
        http_url=temporal.http_url,
        database_url=as_role(shared_database_url, OPERATOR),
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
    return commands_in(data_dir)


@pytest.fixture
def command(database_url: str, tmp_path: Path) -> Cli:
    """Run a command where there is a test's own database, and nothing else."""
    return commands_of(tmp_path, database_url=database_url)
