"""The service behind a real pgbouncer in transaction mode, with fewer sessions than clients."""

import asyncio
import os
import shutil
from contextlib import asynccontextmanager

import asyncpg
import pytest

from activities.database.pool import PoolerInBetween, open_pool, patiently
from schemas.audit.contracts import AuditReport
from tests.clock import today
from tests.pricing.hall import open_hall
from tests.untested import not_tested
from workers.stack.parts import Command, Part
from workers.stack.ports import HOST, free_port

pytestmark = pytest.mark.timeout(300)

SESSIONS = 2
"""Of the server, for all clients: each next transaction most likely has another one."""

CONFIGURATION = """
[databases]
* = host={socket} port=5432 user=medlemsflyt
[pgbouncer]
listen_addr = {host}
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {sessions}
max_client_conn = 200
logfile = {log}
"""


class PgBouncer(Part):
    """A pgbouncer in front of a server, run by the user that may reach its socket."""

    def __init__(self, folder, postgres):
        super().__init__("pgbouncer", folder / "pgbouncer.out")
        found = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
        if found is None:
            not_tested("pgbouncer", "pgbouncer")
        self.port = free_port()
        self._postgres = postgres
        self._argv = (found, str(folder / "pgbouncer.ini"))
        self._folder = folder

    async def prepare(self):
        """Write its configuration, and say how to run it."""
        log = self._folder / "pgbouncer.log"
        log.touch()
        if self._postgres._owner is not None:
            os.chown(log, *self._postgres._owner)
        (self._folder / "pgbouncer.ini").write_text(
            CONFIGURATION.format(
                socket=self._postgres.socket_dir,
                host=HOST,
                port=self.port,
                sessions=SESSIONS,
                log=log,
            )
        )
        reach = self._postgres._reach
        return Command((*reach, *self._argv), guarded=not reach)

    async def answers(self):
        """Whether it hands connections on."""
        try:
            connection = await asyncpg.connect(self.url("postgres"), statement_cache_size=0)
        except (OSError, asyncpg.PostgresError):
            return False
        await connection.close()
        return True

    def url(self, database):
        """The URL of a database behind it."""
        return f"postgresql://medlemsflyt@{HOST}:{self.port}/{database}"


@pytest.fixture(scope="module")
async def bouncer(tmp_path_factory, postgres):
    """One pgbouncer for these tests."""
    async with PgBouncer(tmp_path_factory.mktemp("bouncer"), postgres) as running:
        yield running


@asynccontextmanager
async def pooled(url, *, size):
    """Open a pool as the workers do with DATABASE_POOLING=transaction."""
    async with await open_pool(url, size=size, transaction_pooling=True) as pool:
        yield pool


async def test_without_the_setting_it_is_refused_with_what_to_set(bouncer):
    """At the start, in a sentence: not later, for some transactions out of many."""
    with pytest.raises(PoolerInBetween, match="DATABASE_POOLING=transaction"):
        _ = await open_pool(bouncer.url("postgres"))


async def test_every_kind_of_statement_finds_its_session(bouncer, postgres):
    """400 statements of 12 clients over two sessions: none meets what another has left."""
    url = bouncer.url((await postgres.create_database("bounced")).split("/")[3].split("?")[0])
    async with pooled(url, size=12) as pool:
        await pool.execute("CREATE TABLE kept (number int, says jsonb)")

        async def works(number):
            says = {"number": number}
            await pool.execute("INSERT INTO kept VALUES ($1, $2)", number, says)
            assert await pool.fetchval("SELECT says FROM kept WHERE number = $1", number) == says
            row = await pool.fetchrow("SELECT number, says FROM kept WHERE number = $1", number)
            assert (row["number"], row["says"]) == (number, says)
            async with pool.acquire() as connection, connection.transaction():
                found = await connection.fetch("SELECT number FROM kept WHERE number = $1", number)
                assert [one["number"] for one in found] == [number]
                await connection.copy_records_to_table(
                    "kept", records=[(-number,)], columns=["number"]
                )
            await pool.executemany("INSERT INTO kept VALUES ($1, NULL)", [(0,), (0,)])

        await asyncio.gather(*(works(number) for number in range(1, 81)))
        assert await pool.fetchval("SELECT count(*) FROM kept") == 80 * 4


async def test_every_transaction_has_our_settings_and_leaves_none(bouncer):
    """Short patience by default, longer where it is asked for, and short again after that."""
    ask = "SELECT current_setting('statement_timeout'), current_setting('jit')"
    async with pooled(bouncer.url("postgres"), size=1) as pool:
        assert tuple(await pool.fetchrow(ask)) == ("25s", "off")
        async with pool.acquire() as connection:
            async with patiently(connection):
                assert tuple(await connection.fetchrow(ask)) == ("110s", "off")
            async with connection.transaction():
                assert tuple(await connection.fetchrow(ask)) == ("25s", "off")
            with pytest.raises(asyncpg.DivisionByZeroError):
                await connection.fetchval("SELECT 1 / $1::int", 0)
            assert await connection.fetchval("SELECT 1") == 1
    async with pooled(bouncer.url("postgres"), size=1) as pool:
        assert await pool.fetchval("SHOW timezone") == "UTC"


async def test_the_whole_service_works_behind_it(
    bouncer, postgres, migrated, letters, mail_sink, tmp_path
):
    """Members join at the same time, a month is charged, and the audit finds nothing amiss."""
    await postgres.create_database("bounced_lives", template=migrated)
    async with open_hall(
        tmp_path,
        bouncer.url("bounced_lives"),
        letters,
        mail_sink.mail_dir,
        transaction_pooling=True,
    ) as hall:
        lives = await asyncio.gather(*(hall.joins() for _ in range(6)))
        period = f"{hall.coming:%Y-%m}"
        report = await hall.client.execute_workflow(
            "DuesRun", {"period": period}, id=f"dues-run-{period}", task_queue="membership"
        )
        assert report["members"] == len(lives)
        await hall.client.execute_workflow(
            "ArrearsRun", {"today": str(today())}, id=f"arrears-{today()}", task_queue="membership"
        )
        found = AuditReport.model_validate(
            await hall.client.execute_workflow(
                "Audit", {"today": str(today())}, id=f"audit-{today()}", task_queue="membership"
            )
        )
        assert [check for check in found.checks if check.drifted] == []
        assert {(await life.state())["stage"] for life in lives} == {"onboarding"}
