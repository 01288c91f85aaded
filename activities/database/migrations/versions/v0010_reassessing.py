"""Charge a month with what back-dated changes correct in those before it.

The SQL stands in ``reassessing.sql`` beside this file.
"""

from activities.database.migrations.scripts import run_script

revision = "0010_reassessing"
down_revision = "0009_statements"


def upgrade() -> None:
    """Work out a month's lines, corrections included, in one function."""
    run_script("reassessing.sql")
