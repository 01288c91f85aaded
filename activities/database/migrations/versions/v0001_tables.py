"""Create the tables.

The SQL stands in ``tables.sql`` beside this file.
"""

from activities.database.migrations.scripts import run_script

revision = "0001_tables"
down_revision = None


def upgrade() -> None:
    """Create everything from nothing."""
    run_script("tables.sql")
