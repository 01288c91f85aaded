"""Fill in the rulebook of domain.md.

The data stands in ``rulebook.sql`` beside this file.
"""

from activities.database.migrations.scripts import run_script

revision = "0002_rulebook"
down_revision = "0001_tables"


def upgrade() -> None:
    """Insert the rulebook, and the fictitious branches and employers."""
    run_script("rulebook.sql")
