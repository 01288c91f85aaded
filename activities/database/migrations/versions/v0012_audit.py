"""Keep what the audit finds, and whom it holds.

The SQL stands in ``audit.sql`` beside this file.
"""

from activities.database.migrations.scripts import run_script

revision = "0012_audit"
down_revision = "0011_bank"


def upgrade() -> None:
    """Add findings and holds; leave held members out of the dues run."""
    run_script("audit.sql")
