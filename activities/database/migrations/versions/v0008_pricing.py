"""Keep who is to be priced anew, and by which rulebook.

The SQL stands in ``pricing.sql`` beside this file.
"""

from activities.database.migrations.scripts import run_script

revision = "0008_pricing"
down_revision = "0007_arrears"


def upgrade() -> None:
    """Open the changes of prices."""
    run_script("pricing.sql")
