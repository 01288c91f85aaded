"""Runs a migration's SQL file."""

from pathlib import Path

from alembic import op

VERSIONS = Path(__file__).with_name("versions")


def run_script(name: str) -> None:
    """Run a SQL file of many statements inside the migration's transaction.

    Args:
        name: a file beside the migrations.
    """
    script = (VERSIONS / name).read_text(encoding="utf-8")
    # SQLAlchemy prepares each statement, and only a single one can be prepared.
    driver = op.get_bind().connection.dbapi_connection
    assert driver is not None, "a migration runs on an open connection"
    driver.run_async(lambda connection: connection.execute(script))
