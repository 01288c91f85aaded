"""Make room for a member's whole life: its policies, and letters to employers past and present.

The SQL stands in ``life.sql`` beside this file.
"""

from activities.database.migrations.scripts import run_script

revision = "0003_life"
down_revision = "0002_rulebook"


def upgrade() -> None:
    """Add the policies, and what a letter must know of its employer and its place."""
    run_script("life.sql")
