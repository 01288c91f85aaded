"""What each role may do in the database, and what none but its owner may (ADR 74)."""

import asyncio
import re
import uuid

import asyncpg
import pytest

from activities.database.migrate import migrate
from activities.database.pool import load_queries, open_pool
from activities.database.roles import (
    COLUMNS,
    GATEWAY,
    KEYS,
    NOTIFICATIONS,
    OF_THE_GATEWAY,
    OPERATOR,
    OWNER,
    PERSISTENCE,
    READER,
    RolesMissing,
    as_role,
    become_owner,
    holds_too_much,
    rights,
)
from tests.commands import run
from tests.database.reaching import all_of, reached

ROOTS = {
    PERSISTENCE: lambda: [("workers.persistence", "rooms"), ("workers.persistence", "main")],
    NOTIFICATIONS: lambda: [("workers.notifications", "rooms"), ("workers.notifications", "main")],
    OPERATOR: lambda: all_of("workers.cli"),
    GATEWAY: lambda: all_of("workers.gateway"),
    KEYS: lambda: [("activities.secrecy.store", "KeyStore")],
}
"""Where the work of a role begins; all code is read for it, so only once a test asks."""

OF_THE_TRANSACTION = {
    f'relation "{name}" does not exist'
    for name in ("raw", "running", "arrears_round", "bank_transactions", "bank_verdicts")
}
"""Temporary tables, which whoever makes them may read."""

THERE = """
SELECT oid::regclass::text AS relname FROM pg_class
WHERE relkind IN ('r', 'p', 'v') AND NOT relispartition AND oid >= 16384
  AND NOT relnamespace::regnamespace::text ^@ 'pg_'
UNION ALL
SELECT oid::regprocedure::text FROM pg_proc WHERE prosecdef AND oid >= 16384
"""

SEQUENCES = "SELECT relname FROM pg_class WHERE relkind = 'S'"

WHO_MAY = """
SELECT grantee::regrole::text AS role, privilege_type AS right
FROM pg_class CROSS JOIN aclexplode(relacl)
WHERE pg_class.oid = $1::text::regclass AND grantee <> relowner
"""

OUT_OF_REACH = """
WITH RECURSIVE used AS (
    SELECT 'pg_proc'::regclass AS class, oid FROM pg_proc WHERE oid >= 16384 AND proname = ANY ($1)
    UNION
    SELECT 'pg_class', oid FROM pg_class WHERE relkind = 'v' AND oid >= 16384 AND relname = ANY ($1)
    UNION
    SELECT reads.refclassid::regclass, reads.refobjid
    FROM used
    LEFT JOIN pg_rewrite ON used.class = 'pg_class'::regclass AND ev_class = used.oid
    JOIN pg_depend AS reads
      ON (reads.classid, reads.objid) = (used.class, used.oid)
      OR (reads.classid, reads.objid) = ('pg_rewrite'::regclass, pg_rewrite.oid)
    WHERE reads.refobjid >= 16384
      AND (reads.refclassid = 'pg_proc'::regclass
           OR reads.refobjid IN (SELECT oid FROM pg_class WHERE relkind = 'v'))
      AND NOT EXISTS (SELECT FROM pg_proc WHERE oid = used.oid AND prosecdef
                      AND used.class = 'pg_proc'::regclass)
)
SELECT DISTINCT pg_proc.oid::regprocedure::text AS function, refobjid::regclass::text AS reads
FROM used JOIN pg_proc ON used.class = 'pg_proc'::regclass AND pg_proc.oid = used.oid
JOIN pg_depend ON classid = 'pg_proc'::regclass AND objid = pg_proc.oid
              AND refclassid = 'pg_class'::regclass
WHERE NOT prosecdef AND refobjid >= 16384 AND NOT has_table_privilege(refobjid, 'SELECT')
"""
"""What the functions read that a role calls, by themselves or within views, and it may not read.

A view reads with its owner's rights, and a function in it with those of whoever reads the view."""


@pytest.fixture
async def connected(postgres, migrated):
    """Connect as a role to the database that all others are copies of, or to another one."""
    opened = []

    async def connect(role, url=None):
        opened.append(await asyncpg.connect(url or postgres.url(migrated, role=role)))
        return opened[-1]

    yield connect
    for connection in opened:
        await connection.close()


async def test_the_table_names_all_there_is(shared_pool):
    """A table without a line could be used by nobody; say there who needs it, and for what."""
    there = {row["relname"] for row in await shared_pool.fetch(THERE)}
    sequences = {row["relname"] for row in await shared_pool.fetch(SEQUENCES)}
    assert there <= rights().keys()
    assert rights().keys() - there <= sequences
    assert list(rights()) == sorted(rights())
    own = [line.split("\t")[0] for line in OF_THE_GATEWAY.read_text().splitlines()[1:]]
    assert own == sorted(own)
    assert set(own) <= rights().keys()
    assert all(tuple(held) == COLUMNS for held in rights().values())


@pytest.mark.parametrize("role", ROOTS)
async def test_each_may_run_its_queries(role, connected):
    """Every query that its code can come to: a right that is missing fails in production only."""
    connection = await connected(role)
    refused = {}
    for path, name in sorted(reached(*ROOTS[role]())):
        if (path.parents[1].name == "secrecy") != (role == KEYS):
            continue  # whoever needs a key asks through a connection of that role
        query = getattr(load_queries(path), name)
        for statement in statements_of(query.sql):
            try:
                await connection.execute(f"EXPLAIN (GENERIC_PLAN) {statement}")
            except (asyncpg.InsufficientPrivilegeError, asyncpg.UndefinedTableError) as error:
                refused[str(error)] = f"{path.parents[1].name}.{name}"
    missing = {text: query for text, query in refused.items() if text not in OF_THE_TRANSACTION}
    assert missing == {}, "give it the right in activities/database/rights.tsv"


@pytest.mark.parametrize("role", ROOTS)
async def test_each_may_read_what_its_functions_read(role, connected):
    """No plan says so: what a function reads is asked for only where it is called."""
    words = set()
    for path, name in reached(*ROOTS[role]()):
        if (path.parents[1].name == "secrecy") == (role == KEYS):
            words |= set(re.findall(r"[a-z_0-9]+", getattr(load_queries(path), name).sql))
    connection = await connected(role)
    refused = await connection.fetch(OUT_OF_REACH, sorted(words))
    assert [tuple(one) for one in refused] == [], (
        "give it the right in activities/database/rights.tsv"
    )


def statements_of(sql):
    """The statements of a query that can be explained, without comments."""
    bare = re.sub(r"('(?:[^']|'')*')|--[^\n]*", r"\1", sql)
    # A semicolon within a text ends nothing.
    found = re.findall(r"(?:'(?:[^']|'')*'|[^;'])+", bare)
    return [one for one in found if re.match(r"\s*(SELECT|WITH|INSERT|UPDATE|DELETE)\b", one)]


OWNERS_ALONE = (
    "COPY people TO PROGRAM 'cat'",
    "COPY people FROM '/etc/hostname'",
    "COPY people TO '/srv/people'",
    "COPY (SELECT 1) TO PROGRAM 'cat'",
    "SELECT pg_read_file('/etc/hostname')",
    "SELECT pg_ls_dir('.')",
    "SELECT lo_import('/etc/hostname')",
    "SET session_replication_role = replica",
    f"SET ROLE {OWNER}",
    "CREATE ROLE somebody",
    f"ALTER ROLE {READER} SUPERUSER",
    "CREATE TABLE mine (one integer)",
    "CREATE SCHEMA mine",
    "CREATE EXTENSION file_fdw",
    "ALTER TABLE decisions DISABLE TRIGGER decisions_append_only",
    "ALTER TABLE entries_unbuilt DISABLE TRIGGER ALL",
    "DROP TRIGGER decisions_append_only ON decisions",
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
    "DROP TABLE letters",
    "TRUNCATE overdue_watch",
    "ALTER TABLE people OWNER TO CURRENT_USER",
    "GRANT USAGE ON SEQUENCE tasks_task_id_seq TO PUBLIC",
    "SELECT renew_built()",
    "SELECT index_as('charges', 'entries_of_money')",
    "SELECT move_early('charges', '2030-01-01')",
    "SELECT rolpassword FROM pg_authid",
    "DELETE FROM alembic_version",
)
"""What would get around every rule that the database holds."""


@pytest.mark.parametrize("role", COLUMNS)
async def test_what_none_of_them_may(role, connected):
    """No file or program of the server, no trigger switched off, no right given, no table made."""
    connection = await connected(role)
    for statement in OWNERS_ALONE:
        await refuses(connection, statement)


MAY_NOT = {
    PERSISTENCE: (
        "DELETE FROM people",
        "UPDATE decisions SET event = ''",
        "UPDATE invoices SET total_ore = 0",
        "DELETE FROM entries",
        "UPDATE entries SET amount_ore = 0",
        "INSERT INTO refunds DEFAULT VALUES",
        "INSERT INTO disclosures DEFAULT VALUES",
        "DELETE FROM policies",
        "UPDATE dues_building SET attached_by = pg_current_xact_id()",
        "DELETE FROM built_charges",
        "SELECT FROM charges_unbuilt",
    ),
    NOTIFICATIONS: (
        "UPDATE people SET name = ''",
        "UPDATE memberships SET hidden = false",
        "SELECT FROM payments_in_suspense",
        "INSERT INTO payments DEFAULT VALUES",
        "INSERT INTO letters DEFAULT VALUES",
        "DELETE FROM disclosures",
        "SELECT FROM bank_entries",
        "SELECT FROM rejected_intakes",
        "CREATE TEMPORARY TABLE mine (one integer)",
        "SELECT attach_built()",
    ),
    OPERATOR: (
        "UPDATE decisions SET event = ''",
        "DELETE FROM memberships",
        "UPDATE bank_entries SET amount_ore = 0",
        "INSERT INTO audit_findings DEFAULT VALUES",
        "DELETE FROM refunds",
        "SELECT open_building('2030-01-01', '2030-01-01')",
        # What somebody has looked at, and that they have logged out, is the gateway's word alone.
        "INSERT INTO access_log (subject) VALUES ('somebody else')",
        "COPY access_log FROM STDIN",
        "INSERT INTO ended_logins DEFAULT VALUES",
        "DELETE FROM ended_logins",
        "SELECT FROM ended_logins",
    ),
    GATEWAY: (
        "UPDATE access_log SET subject = 'somebody else'",
        "DELETE FROM access_log",
        "UPDATE ended_logins SET session_id = ''",
        "DELETE FROM ended_logins",
        "COPY refund_files TO STDOUT",
        "UPDATE tax_statements SET paid_ore = 0",
        "COPY bank_charges TO STDOUT",
        "UPDATE decisions SET event = ''",
        "DELETE FROM memberships",
        "SELECT wrapped FROM keys.data_keys",
        "COPY keys.data_keys TO STDOUT",
    ),
    READER: (
        "SELECT FROM people",
        "SELECT FROM members",
        "SELECT FROM applications",
        "SELECT FROM bank_entries",
        "SELECT FROM employers",
        "SELECT FROM letters",
        "INSERT INTO tasks DEFAULT VALUES",
        "UPDATE memberships SET hidden = false",
        "DELETE FROM entries",
        "SELECT FROM invoices FOR UPDATE",
        "COPY people TO STDOUT",
        "COPY members TO STDOUT",
        "COPY memberships FROM STDIN",
        "CREATE TEMPORARY TABLE mine (one integer)",
    ),
    KEYS: ("SELECT FROM memberships", "SELECT FROM people", "SELECT FROM decisions"),
}
"""What others do, or nobody."""


@pytest.mark.parametrize("role", COLUMNS)
async def test_what_each_may_not(role, connected):
    """A worker that is taken over does what it did, and no more."""
    connection = await connected(role)
    for statement in MAY_NOT[role]:
        await refuses(connection, statement)


async def refuses(connection, statement):
    """Whoever is connected lacks the right, and nothing else is in the way."""
    attempt = connection.transaction()
    await attempt.start()
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await attempt.rollback()


async def test_what_may_be_locked_stays_as_it_is(connected):
    """The right to lock rows of what is append-only changes nothing: a trigger refuses."""
    connection = await connected(PERSISTENCE)
    await connection.execute("SELECT FROM payments FOR UPDATE")
    for what, key in (("payments", "reference"), ("invoices", "number")):
        assert await connection.fetchval(
            f"SELECT has_column_privilege('{what}', '{key}', 'UPDATE')"
        )
        assert await connection.fetchval(
            "SELECT count(*) FROM pg_trigger WHERE tgrelid = $1::text::regclass"
            " AND tgfoid = 'refuse_change'::regproc AND tgtype & 16 <> 0",
            what,
        )


async def test_a_built_month_belongs_to_its_owner(postgres, migrated, connected):
    """A worker builds it and has it attached; after that it can't touch it, but the next one."""
    url = await postgres.create_database(f"built_{uuid.uuid4().hex}", template=migrated)
    worker = await connected(PERSISTENCE, as_role(url, PERSISTENCE))
    await worker.execute("INSERT INTO dues_runs VALUES ('2031-01-01', '2030-12-15', '2031-01-15')")
    await worker.execute("SELECT open_building('2031-01-01', '2030-12-15')")
    await worker.execute("SELECT refer_built(), index_charges(), index_entries(), attach_built()")
    for month in ("charges_2031_01", "entries_2031_01"):
        assert await worker.fetch(WHO_MAY, month) == []
        assert (
            await worker.fetchval(
                "SELECT relowner::regrole::text FROM pg_class WHERE oid = $1::text::regclass", month
            )
            == OWNER
        )
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await worker.execute(f"SELECT FROM {month}")
    for built in ("built_invoices", "built_charges", "built_entries", "built_corrections"):
        held = {tuple(row) for row in await worker.fetch(WHO_MAY, built)}
        assert held == {(PERSISTENCE, "SELECT"), (PERSISTENCE, "INSERT")}


async def test_what_runs_as_the_owner_finds_its_tables_itself(shared_pool):
    """No search path of the caller's leads it to other tables, and only workers may ask for it."""
    found = await shared_pool.fetch(
        "SELECT proname, proconfig, pronargs, proacl::text AS acl FROM pg_proc "
        "WHERE pronamespace = 'public'::regnamespace AND prosecdef"
    )
    assert found
    for function in found:
        assert function["proconfig"] == ["search_path=public, pg_temp"]
        others = {
            # A command makes members too: it merges people, and carries a register over.
            "fingerprint": (PERSISTENCE, OPERATOR, GATEWAY),
            # Whoever reads events; it changes nothing of what they say.
            "number_events": (PERSISTENCE, NOTIFICATIONS, OPERATOR, GATEWAY),
        }.get(function["proname"], (PERSISTENCE,))
        may = ",".join(f"{role}=X/{OWNER}" for role in (OWNER, *others))
        assert function["acl"] == f"{{{may}}}"


async def test_the_owner_migrates_and_nobody_else(postgres):
    """Without a superuser, from nothing; again it changes no right."""
    url = await postgres.create_database(f"owned_{uuid.uuid4().hex}")
    await asyncio.to_thread(migrate, as_role(url, OWNER))
    connection = await asyncpg.connect(url)
    before = await all_rights(connection)
    await connection.execute(f"GRANT ALL ON people TO PUBLIC, {READER}")
    await asyncio.to_thread(migrate, as_role(url, OWNER))
    assert await all_rights(connection) == before
    assert {row["owner"] for row in before if row["kind"] in {b"r", b"p", b"v"}} == {OWNER}
    await connection.close()
    with pytest.raises(RolesMissing, match=f"name {OWNER} in DATABASE_URL"):
        await asyncio.to_thread(migrate, as_role(url, OPERATOR))


async def all_rights(connection):
    """Who owns what, and who may do what with it."""
    return await connection.fetch(
        "SELECT relname, relkind AS kind, relowner::regrole::text AS owner, "
        "  ARRAY(SELECT unnest(relacl)::text ORDER BY 1) AS held FROM pg_class "
        "WHERE relnamespace = 'public'::regnamespace ORDER BY relname"
    )


async def test_a_server_without_the_roles_says_what_to_do(postgres, connected):
    """Whoever may make none asks the administrator for them."""
    connection = await connected(OWNER, postgres.url("postgres"))
    async with connection.transaction():
        await connection.execute(f"ALTER ROLE {KEYS} RENAME TO somebody_else")
        await connection.execute(f"SET LOCAL ROLE {OWNER}")
        with pytest.raises(RolesMissing, match="medlemsflyt migrate --roles"):
            await become_owner(connection)
        await connection.execute("RESET ROLE")
        await connection.execute(f"ALTER ROLE somebody_else RENAME TO {KEYS}")


async def test_the_roles_are_printed_for_the_administrator(connected, postgres):
    """What is printed makes them, and does nothing where they are."""
    printed = await asyncio.to_thread(run, "migrate", "--roles")
    connection = await connected(OWNER, postgres.url("postgres"))
    await connection.execute(printed.out)
    made = await connection.fetch(
        "SELECT rolname, rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls AS mighty "
        "FROM pg_roles WHERE rolname LIKE 'medlemsflyt\\_%'"
    )
    assert {row["rolname"]: row["mighty"] for row in made} == dict.fromkeys(
        (OWNER, *COLUMNS), False
    )


@pytest.mark.parametrize("role", [None, OWNER, *COLUMNS])
async def test_it_is_known_who_holds_too_much(role, shared_database_url):
    """An administrator and the owner: production lets neither work."""
    url = as_role(shared_database_url, role) if role else shared_database_url
    async with await open_pool(url, size=1) as pool, pool.acquire() as connection:
        assert await holds_too_much(connection) is (role in {None, OWNER})
