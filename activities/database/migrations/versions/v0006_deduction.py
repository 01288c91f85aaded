"""Keep what employers report of their deduction lists, and what was settled.

The SQL stands in ``deduction.sql`` beside this file.
"""

from activities.database.migrations.scripts import run_script

revision = "0006_deduction"
down_revision = "0005_money"


def upgrade() -> None:
    """Open the settlement of deduction lists."""
    run_script("deduction.sql")
