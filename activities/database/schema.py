"""The schema: the sum of what the rooms keep, as they keep it now (ADR 33)."""

from pathlib import Path

ROOMS = Path(__file__).parents[1]

SCHEMAS = (
    "database/sql/schema.sql",
    "secrecy/sql/schema.sql",
    "pricing/sql/schema.sql",
    "persons/sql/schema.sql",
    "membership/sql/schema.sql",
    "persons/sql/applications.sql",
    "persons/sql/merges.sql",
    "shared/sql/schema.sql",
    "dues/sql/schema.sql",
    "letters/sql/schema.sql",
    "deduction/sql/schema.sql",
    "direct_debit/sql/schema.sql",
    "payments/sql/schema.sql",
    "payments/sql/allocating.sql",
    "payments/sql/booking.sql",
    "membership/sql/actors.sql",
    "arrears/sql/schema.sql",
    "statements/sql/schema.sql",
    "audit/sql/schema.sql",
    "register/sql/schema.sql",
    "books/sql/schema.sql",
    "insurance/sql/schema.sql",
    "access/sql/schema.sql",
    "desk/sql/schema.sql",
    "events/sql/schema.sql",
    # Asks the tables of all the others.
    "dues/sql/charging.sql",
    "dues/sql/building.sql",
    "direct_debit/sql/claiming.sql",
    "letters/sql/open_letters.sql",
    "privacy/sql/schema.sql",
)
"""Each after the tables that it refers to."""

SEEDS = (
    "persons/sql/seed.sql",
    "pricing/sql/seed.sql",
    "dues/sql/seed.sql",
    "letters/sql/seed.sql",
    "arrears/sql/seed.sql",
    "statements/sql/seed.sql",
    "books/sql/seed.sql",
)
"""What a new installation begins with."""

EXAMPLES = ("pricing/sql/examples.sql", "deduction/sql/examples.sql")
"""Nobody's branches and employers: what `dev`, `demo` and tests begin with beside that."""


SERVER = ("database/sql/roles.sql",)
"""What belongs to the server, not to a database."""


def whole(rooms: Path = ROOMS) -> str:
    """Return the SQL that makes everything from nothing: all tables, and the rows to begin with."""
    return "\n".join((rooms / name).read_text(encoding="utf-8") for name in (*SCHEMAS, *SEEDS))
