"""Know the mail providers whose addresses are private although an employer uses one.

The SQL stands in ``private_addresses.sql`` beside this file.
"""

from activities.database.migrations.scripts import run_script

revision = "0016_private_addresses"
down_revision = "0015_mail"


def upgrade() -> None:
    """Add the table with the providers that Norwegians use most."""
    run_script("private_addresses.sql")
