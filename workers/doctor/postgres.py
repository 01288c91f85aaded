"""PostgreSQL as we need it: migrated, keeping what it has answered, and of one clock with us."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import asyncpg

from activities.database.inspecting import Inspection, inspect_database, newest_revision
from activities.database.roles import holds_too_much
from activities.events.consumers import list_consumers
from workers.database import connect_database
from workers.doctor.finding import Finding, broken, look, well
from workers.doors import without_password
from workers.errors import UserError
from workers.settings import Settings

PART = "PostgreSQL"

MOST_SKEW = timedelta(seconds=2)
"""Between its clock and ours: deadlines and stamps bear it."""


async def look_at_postgres(settings: Settings) -> list[Finding]:
    """Return what is found; where the database does not answer, that alone."""
    try:
        pool = await connect_database(settings, size=1)
    except UserError as error:
        return [broken(PART, "is not one to work with", str(error))]
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        address = without_password(settings.require_database_url())
        remedy = "start PostgreSQL, or name a running one with DATABASE_URL"
        return [broken(PART, f"does not answer at {address}", remedy)]
    try:
        async with pool.acquire() as connection:
            # This machine's clock is what is looked at, and nothing is decided by it.
            before = datetime.now(UTC)
            found = await inspect_database(connection)
            halfway = before + (datetime.now(UTC) - before) / 2
            skew = abs((found.clock or halfway) - halfway)
            mighty = await holds_too_much(connection)
            behind = (
                [one.consumer for one in await list_consumers(connection) if one.is_behind(before)]
                if found.revision == newest_revision()
                else []
            )
    except asyncpg.InsufficientPrivilegeError:
        remedy = "name the role medlemsflyt_operator, or run medlemsflyt migrate as the owner"
        return [broken(PART, "does not let us see its schema", remedy)]
    finally:
        await pool.close()
    return [*findings_of(found, skew, mighty=mighty), *(is_behind(one) for one in behind)]


def is_behind(consumer: str) -> Finding:
    """Return what is to be said of a system that has lacked events for more than a day."""
    return look(
        "Events",
        f"have waited for the consumer {consumer} for more than a day",
        f"see medlemsflyt consumer list; then medlemsflyt consumer resume {consumer}",
    )


def findings_of(found: Inspection, skew: timedelta, *, mighty: bool) -> Iterator[Finding]:
    """Yield what is to be said of a database.

    Args:
        found: what it says of itself.
        skew: between its clock and ours.
        mighty: whether it lets us do more than an operator may.
    """
    newest = newest_revision()
    yield well(PART, f"answers, version {found.version}")
    if found.revision == newest:
        yield well(PART, f"has the schema of this version, {newest}")
    else:
        has = f"has schema {found.revision}" if found.revision else "has no schema"
        yield broken(PART, f"{has}, and this version needs {newest}", "medlemsflyt migrate")
    if found.volatile:
        off = ", ".join(found.volatile)
        yield look(
            PART, f"may lose what it has answered as kept, without {off}", f"switch on {off}"
        )
    else:
        yield well(PART, "keeps what it has answered through a power cut")
    if skew > MOST_SKEW:
        seconds = skew.total_seconds()
        yield look(
            PART,
            f"has a clock that is {seconds:.0f} s from this machine's",
            "have both go by the same time server (NTP)",
        )
    else:
        yield well(PART, "has the same time as this machine")
    if mighty:
        yield look(
            PART,
            "lets us do everything",
            "name medlemsflyt_operator in DATABASE_URL, as production insists",
        )
    if found.numbers_held:
        yield broken(
            PART,
            "has lost what workflows know, so no number is given",
            "docs/runbook.md, Restore when not of one moment: medlemsflyt restored",
        )
