"""Keep on the row that a wish to be hidden has been answered.

The SQL stands in ``hiding.sql`` beside this file.
"""

from activities.database.migrations.scripts import run_script

revision = "0013_hiding"
down_revision = "0012_audit"


def upgrade() -> None:
    """Add the wish to ``memberships``; let letters out by it."""
    run_script("hiding.sql")
