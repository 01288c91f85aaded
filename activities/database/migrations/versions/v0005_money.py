"""Keep money that comes and goes: payments, allocations, lists, corrections, tasks.

The SQL stands in ``money.sql`` beside this file.
"""

from activities.database.migrations.scripts import run_script

revision = "0005_money"
down_revision = "0004_ledger"


def upgrade() -> None:
    """Open what follows on a charge."""
    run_script("money.sql")
