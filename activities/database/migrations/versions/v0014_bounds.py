"""Tell amounts that can't be meant apart before they are added up.

The SQL stands in ``bounds.sql`` beside this file.
"""

from activities.database.migrations.scripts import run_script

revision = "0014_bounds"
down_revision = "0013_hiding"


def upgrade() -> None:
    """Let no amount of one member stop a statement over all of them."""
    run_script("bounds.sql")
