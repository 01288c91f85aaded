"""`medlemsflyt migrate`: bring the database's schema up to date."""

import typer

from workers.errors import UserError
from workers.logging import configure_logging
from workers.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(migrate)


def migrate() -> None:
    """Bring the schema of the database named by DATABASE_URL up to date."""
    from sqlalchemy.exc import DBAPIError

    from activities.database.migrate import DatabaseUnreachable
    from activities.database.migrate import migrate as bring_up_to_date

    settings = load_settings()
    configure_logging(settings.log_format)
    try:
        bring_up_to_date(settings.require_database_url())
    except DatabaseUnreachable as error:
        raise UserError(str(error)) from None
    except DBAPIError as error:
        if not error.connection_invalidated and isinstance(error.orig, Exception):
            raise  # a fault of ours, whose place is worth knowing
        raise UserError(
            "The database has stopped answering, and no migration was applied: see that "
            "PostgreSQL runs, and run the command again."
        ) from None
