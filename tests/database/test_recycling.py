"""A test's database is as new, whoever had it before."""

import uuid

import asyncpg
import pytest

from tests.recycling import SEQUENCES, Shelf

ADD_PEOPLE = """
INSERT INTO people (person_id, name, name_key, birth_date, email, email_key, language)
SELECT 'person-' || md5(i::text)::uuid, 'Medlem ' || i, 'medlem ' || i, '1980-01-01',
       i || '@example.org', i || '@example.org', 'nb'
FROM generate_series(1, 300) AS i;
UPDATE people SET name = name || '!';
INSERT INTO branches (code, name) VALUES ('ASKER', 'En til');
UPDATE branches SET name = name || '!' WHERE code <> 'ASKER';
DELETE FROM employers;
ANALYZE people, branches, policies, charges;
SELECT nextval('member_numbers'), nextval('payer_numbers')
"""

STATISTICS = """
SELECT relname, relpages, reltuples, relallvisible, (
    SELECT count(*) FROM pg_statistic WHERE starelid = pg_class.oid)
FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY relname
"""

BRANCHES = "SELECT ctid::text, branches.* FROM branches ORDER BY ctid"

FILES = """
SELECT relname, pg_relation_size(oid) FROM pg_class
WHERE relkind = 'r' AND oid >= 16384 ORDER BY relname
"""


@pytest.fixture
async def copy(postgres, migrated):
    """A copy of the migrated database that no other test gets."""
    return await postgres.create_database(f"recycled_{uuid.uuid4().hex}", template=migrated)


async def ask(url, *queries):
    """Ask a database, or tell it, in a connection that is gone then."""
    connection = await asyncpg.connect(url)
    try:
        return [await connection.fetch(query) for query in queries]
    finally:
        await connection.close()


async def do(url, script):
    """Run some statements in a connection of their own."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(script)
    finally:
        await connection.close()


async def test_it_is_as_a_copy_is(copy):
    """Twice: what it had lies where it lay, and nothing else; no number is drawn or counted."""
    shelf = await Shelf.opened(copy)
    looks = (FILES, SEQUENCES, STATISTICS, BRANCHES, "TABLE employers", "TABLE rulebook_revision")
    new = await ask(copy, *looks)
    shape = None
    for _ in range(2):
        await do(copy, ADD_PEOPLE)
        assert await shelf.put_back(copy, shape)
        taken = shelf.take()
        assert taken is not None
        url, shape = taken
        assert url == copy
        assert await ask(copy, *looks) == new
    await shelf.close()


@pytest.mark.parametrize(
    "script",
    [
        "CREATE INDEX more ON people (name)",
        "ALTER TABLE people ALTER COLUMN name DROP NOT NULL",
        "ALTER TABLE terms DISABLE TRIGGER terms_never_deleted",
        "ALTER TABLE terms DROP CONSTRAINT terms_whole_months",
        "CREATE OR REPLACE FUNCTION largest_line_ore() RETURNS bigint LANGUAGE sql RETURN 1",
        "CREATE TABLE terms_elsewhere ()",
    ],
)
async def test_what_cannot_be_taken_back_is_not_handed_on(copy, script):
    """Another definition of anything: the next test gets a copy."""
    shelf = await Shelf.opened(copy)
    await do(copy, script)
    assert not await shelf.put_back(copy, None)
    assert shelf.take() is None


async def test_whoever_is_still_there_keeps_it(copy):
    """What a connection that was forgotten may still write is no other test's."""
    shelf = await Shelf.opened(copy)
    left = await asyncpg.connect(copy)
    try:
        assert not await shelf.put_back(copy, None)
    finally:
        await left.close()
    assert shelf.take() is None


async def test_connections_stay_and_forget_the_test(copy):
    """The next test has the same ones: nothing of a session is left, nor what they have written."""
    shelf = await Shelf.opened(copy)
    pool = await shelf.pool_of(copy)
    async with pool.acquire() as connection:
        before = connection.get_server_pid()
        await connection.execute(ADD_PEOPLE)
        await connection.execute("CREATE TEMP TABLE mine (); SET search_path = nowhere")
    assert await shelf.put_back(copy, None)
    assert await shelf.pool_of(copy) is pool
    async with pool.acquire() as connection:
        assert connection.get_server_pid() == before
        assert await connection.fetchval("SELECT count(*) FROM people") == 0
        assert await connection.fetchval("SELECT to_regclass('mine')") is None
    await shelf.close()


async def test_connections_that_were_ended_are_not_handed_on(copy):
    """A test may end them: the next one gets others, whether the pool has heard of it or not."""
    shelf = await Shelf.opened(copy)
    pool = await shelf.pool_of(copy)
    ended = await pool.fetchval("SELECT pg_backend_pid()")
    await do(copy, f"SELECT pg_terminate_backend({ended})")
    await shelf.put_back(copy, None)
    next_one = await shelf.pool_of(copy)
    assert await next_one.fetchval("SELECT pg_backend_pid()") != ended
    await shelf.close()


async def test_connections_that_were_closed_are_not_handed_on(copy):
    """A test may close them all."""
    shelf = await Shelf.opened(copy)
    pool = await shelf.pool_of(copy)
    await pool.close()
    assert not await shelf.put_back(copy, None)
    assert await shelf.pool_of(copy) is not pool
    await shelf.close()


async def test_a_database_that_is_gone_is_no_fault(postgres, copy):
    """A test may drop its database."""
    shelf = await Shelf.opened(copy)
    await do(
        postgres.url("postgres"), f'DROP DATABASE "{copy.split("/")[3].split("?")[0]}" WITH (FORCE)'
    )
    assert not await shelf.put_back(copy, None)
