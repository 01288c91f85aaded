"""Keep how often a letter was not taken, when it is due, and who asked for it again.

The SQL stands in ``mail.sql`` beside this file.
"""

from activities.database.migrations.scripts import run_script

revision = "0015_mail"
down_revision = "0014_bounds"


def upgrade() -> None:
    """Let letters wait, stop unanswered ones, and copy those that are asked for again."""
    run_script("mail.sql")
