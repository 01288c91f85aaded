"""Keep the tax caps and the statements of a year (section 6).

The SQL stands in ``statements.sql`` beside this file.
"""

from activities.database.migrations.scripts import run_script

revision = "0009_statements"
down_revision = "0008_pricing"


def upgrade() -> None:
    """Open the year's statements."""
    run_script("statements.sql")
