"""`medlemsflyt migrate`: bring the database's schema up to date."""

import typer

from workers.logging import configure_logging
from workers.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(migrate)


def migrate() -> None:
    """Bring the schema of the database named by DATABASE_URL up to date."""
    from activities.persistence.migrate import migrate as bring_up_to_date

    settings = load_settings()
    configure_logging(settings.log_format)
    bring_up_to_date(settings.require_database_url())
