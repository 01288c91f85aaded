"""Allocate all money by one rule, and keep what only files of the bank bring (section 4).

The SQL stands in ``bank.sql`` beside this file.
"""

from activities.database.migrations.scripts import run_script

revision = "0011_bank"
down_revision = "0010_reassessing"


def upgrade() -> None:
    """Write down how money is allocated."""
    run_script("bank.sql")
