"""Keep books: charges of all members, double entries, and the runs that make them.

The SQL stands in ``ledger.sql`` beside this file.
"""

from activities.database.migrations.scripts import run_script

revision = "0004_ledger"
down_revision = "0003_life"


def upgrade() -> None:
    """Turn invoice lines into charges, and open the ledger."""
    run_script("ledger.sql")
