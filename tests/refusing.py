"""A rule of the database that refuses rows of one's choice, and leaves all others alone."""

import asyncpg


async def refuse(pool: asyncpg.Pool, table: str, condition: str) -> None:
    """Refuse new rows of a table from now on.

    Args:
        pool: of a database that nobody else uses.
        table: its name.
        condition: in SQL, of ``NEW``.
    """
    await pool.execute(
        f"""
        CREATE FUNCTION refuse_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF {condition} THEN
                RAISE EXCEPTION 'Kari Nordmann is refused';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER refusing BEFORE INSERT ON {table}
            FOR EACH ROW EXECUTE FUNCTION refuse_{table}();
        """
    )


REFUSED = "a rule of the database refuses it (P0001)"
"""What is said of such a row: nothing that its refusal quotes."""
