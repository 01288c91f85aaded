"""Keep the update that a decision applied: an update id counts once for a life.

The SQL stands in ``update_ids.sql`` beside this file.
"""

from activities.database.migrations.scripts import run_script

revision = "0017_update_ids"
down_revision = "0016_private_addresses"


def upgrade() -> None:
    """Add the id and the answer; earlier decisions have none."""
    run_script("update_ids.sql")
