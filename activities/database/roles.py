"""Who works in the database and what each may do there: `rights.tsv` says it, this grants it.

The roles themselves belong to the server: `sql/roles.sql` makes them. What no line of the table
names is the owner's alone, who migrates and does nothing else (ADR 74).
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from urllib.parse import quote

import asyncpg

OWNER = "medlemsflyt_owner"
PERSISTENCE = "medlemsflyt_persistence"
NOTIFICATIONS = "medlemsflyt_notifications"
OPERATOR = "medlemsflyt_operator"
READER = "medlemsflyt_reader"
KEYS = "medlemsflyt_keys"

GATEWAY = "medlemsflyt_gateway"

COLUMNS = (PERSISTENCE, NOTIFICATIONS, OPERATOR, READER, KEYS, GATEWAY)
"""Whose rights the tables say: in the order of the columns, and the gateway, which has its own."""

WITH_TEMPORARY_TABLES = (PERSISTENCE, OPERATOR)

WORDS = {
    "S": "SELECT",
    "I": "INSERT",
    "U": "UPDATE",
    "D": "DELETE",
    "M": "MAINTAIN",
    "N": "USAGE",
    "X": "EXECUTE",
}
"""What a letter of the table stands for; M lets the whole table be locked, N the next number be
taken of a sequence."""

LOCK = "L"
"""Rows may be locked: PostgreSQL asks for UPDATE of some column, and gets the first of the key,
which nothing else writes."""

NOTHING = "-"

ROLES = Path(__file__).with_name("sql") / "roles.sql"
RIGHTS = Path(__file__).with_name("rights.tsv")
OF_THE_GATEWAY = Path(__file__).with_name("rights_of_gateway.tsv")
"""Where the gateway may do less or more than a command: its desk does for people what those do."""


class RolesMissing(Exception):
    """The server lacks the roles, or whoever migrates can't act as the owner."""


@cache
def rights() -> dict[str, dict[str, str]]:
    """Return the letters of each role, by what they are about."""
    head, *lines = RIGHTS.read_text(encoding="utf-8").splitlines()
    roles = [f"medlemsflyt_{name}" for name in head.split("\t")[1:]]
    found = (line.split("\t") for line in lines)
    table = {
        what: {role: one.replace(NOTHING, "") for role, one in zip(roles, held, strict=True)}
        for what, *held in found
    }
    own = _of_the_gateway()
    return {what: {**held, GATEWAY: own.get(what, held[OPERATOR])} for what, held in table.items()}


def _of_the_gateway() -> dict[str, str]:
    _, *lines = OF_THE_GATEWAY.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines)
    return {what: held.replace(NOTHING, "") for what, held in pairs}


def as_role(database_url: str, role: str) -> str:
    """Return the URL of a database for another role, which has no password there.

    Args:
        database_url: of a server that trusts whoever reaches it, as the one of `dev` does.
        role: who to be.
    """
    scheme, rest = database_url.split("://", 1)
    return f"{scheme}://{quote(role)}@{rest.split('@', 1)[1]}"


async def become_owner(connection: asyncpg.Connection) -> None:
    """Act as the owner until the transaction ends; an administrator makes the roles as well.

    Raises:
        RolesMissing: saying what the server's administrator has to do.
    """
    me = await connection.fetchval("SELECT current_user")
    if await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = $1", me):
        await connection.execute(ROLES.read_text(encoding="utf-8"))
        await connection.execute(await connection.fetchval(TAKE_OVER, OWNER))
    await _require_roles(connection)
    if me == OWNER:
        return
    try:
        await connection.execute(f"SET LOCAL ROLE {OWNER}")
    except asyncpg.InsufficientPrivilegeError:
        raise RolesMissing(
            f"{me} is not the owner of the tables: name {OWNER} in DATABASE_URL when you migrate."
        ) from None


async def grant_rights(connection: asyncpg.Connection) -> None:
    """Grant what the table says, and take away what it does not; twice is harmless.

    Args:
        connection: the owner's, of a database with all its tables.
    """
    keys = {row["name"]: row["key"] for row in await connection.fetch(FIRST_OF_KEYS)}
    owned = [row["what"] for row in await connection.fetch(OWNED)]
    database = await connection.fetchval("SELECT quote_ident(current_database())")
    await connection.execute(";".join((*_nothing(database, owned), *_granted(keys))))


async def holds_too_much(connection: asyncpg.pool.PoolConnectionProxy) -> bool:
    """Tell whether nothing is locked to a connection: it is an administrator's, or the owner's."""
    return bool(await connection.fetchval(HOLDS_TOO_MUCH))


def _nothing(database: str, owned: Sequence[str]) -> Iterator[str]:
    """Yield what leaves everything to the owner, but the way in.

    Args:
        database: its name.
        owned: the owner's tables, sequences, and functions that run with the owner's rights; all
            other functions run with the caller's.
    """
    roles = ", ".join(COLUMNS)
    schemas = sorted({"public", *_schemas_beside()})
    for what in (f"DATABASE {database}", *(f"SCHEMA {name}" for name in schemas), *owned):
        yield f"REVOKE ALL ON {what} FROM PUBLIC, {roles}"
    yield f"GRANT CONNECT ON DATABASE {database} TO {roles}"
    yield f"GRANT TEMPORARY ON DATABASE {database} TO {', '.join(WITH_TEMPORARY_TABLES)}"
    yield f"GRANT USAGE ON SCHEMA public TO {roles}"


def _granted(keys: Mapping[str, str]) -> Iterator[str]:
    """Yield what gives each role what the table says; keys are first columns of primary keys."""
    for schema, roles in _schemas_beside().items():
        yield f"GRANT USAGE ON SCHEMA {schema} TO {', '.join(sorted(roles))}"
    for what, held_by in rights().items():
        for role, held in held_by.items():
            if held:
                words = _words(held, keys.get(what, ""))
                yield f"GRANT {words} ON {_kind(held)} {what} TO {role}"


def _schemas_beside() -> dict[str, set[str]]:
    """Return who may enter the schemas beside ``public``: who has a right to something there."""
    found: dict[str, set[str]] = {}
    for what, held_by in rights().items():
        schema, dot, _ = what.partition(".")
        if dot:
            found.setdefault(schema, set()).update(role for role, held in held_by.items() if held)
    return found


def _words(held: str, key: str) -> str:
    words = [WORDS[letter] for letter in held if letter != LOCK]
    return ", ".join([*words, f"UPDATE ({key})"] if LOCK in held else words)


def _kind(held: str) -> str:
    return {"N": "SEQUENCE", "X": "FUNCTION"}.get(held[-1], "TABLE")


async def _require_roles(connection: asyncpg.Connection) -> None:
    there = {row["rolname"] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
    if missing := sorted({OWNER, *COLUMNS} - there):
        raise RolesMissing(
            f"The server has no role {missing[0]}: its administrator runs what "
            f"`medlemsflyt migrate --roles` prints, once, and makes {OWNER} the owner of the "
            "database."
        )


TAKE_OVER = "SELECT format('ALTER DATABASE %I OWNER TO %I', current_database(), $1::text)"

OWNED = """
SELECT CASE relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END || oid::regclass AS what
FROM pg_class
WHERE relkind IN ('r', 'p', 'v', 'm', 'S') AND relowner = current_user::regrole
  AND NOT relnamespace::regnamespace::text ^@ 'pg_'
UNION ALL
SELECT 'FUNCTION ' || oid::regprocedure FROM pg_proc
WHERE prosecdef AND proowner = current_user::regrole
"""
"""An administrator may have tables of their own beside ours."""

FIRST_OF_KEYS = """
SELECT indrelid::regclass::text AS name, attname AS key
FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
WHERE indisprimary AND indrelid >= 16384
"""

HOLDS_TOO_MUCH = """
SELECT rolsuper OR pg_has_role(current_user, (SELECT datdba FROM pg_database
                                              WHERE datname = current_database()), 'MEMBER')
FROM pg_roles WHERE rolname = current_user
"""
