"""Keep how far each unpaid invoice has been pursued (A30).

The SQL stands in ``arrears.sql`` beside this file.
"""

from activities.database.migrations.scripts import run_script

revision = "0007_arrears"
down_revision = "0006_deduction"


def upgrade() -> None:
    """Open the pursuit of arrears."""
    run_script("arrears.sql")
