"""A database with members who are insured, and the command line beside it."""

import asyncio

import pytest

from tests.commands import Ran, run
from workers.settings import Stack


@pytest.fixture
def command(database_url, tmp_path):
    """Run a command where there is a database and nothing else."""
    Stack(
        temporal_address="127.0.0.1:1",
        namespace="default",
        ui_url="http://ui.example",
        http_url="http://http.example",
        database_url=database_url,
        mail_dir=str(tmp_path),
        mail_url="http://mail.example",
    ).write(tmp_path)

    async def go(*arguments: str) -> Ran:
        return await asyncio.to_thread(run, *arguments, "--data", str(tmp_path))

    return go
