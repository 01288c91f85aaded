"""Make everything from nothing: from the rooms, or from their frozen copy once there is one.

The copy, ``v0001_baseline.sql`` beside this file, is what the rooms were when they were first
released (ADR 33); ``make freeze`` writes it.
"""

from pathlib import Path

from activities.database.migrations.scripts import run_script
from activities.database.schema import whole

revision = "0001_baseline"
down_revision = None

FROZEN = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Create all tables, and the rows that an installation begins with."""
    run_script(FROZEN.read_text(encoding="utf-8") if FROZEN.exists() else whole())
