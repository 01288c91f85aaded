"""Runs a migration's SQL."""

from alembic import op


def run_script(script: str) -> None:
    """Run SQL of many statements inside the migration's transaction."""
    # SQLAlchemy prepares each statement, and only a single one can be prepared.
    driver = op.get_bind().connection.dbapi_connection
    assert driver is not None, "a migration runs on an open connection"
    driver.run_async(lambda connection: connection.execute(script))
