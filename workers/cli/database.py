"""`medlemsflyt migrate`: bring the database's schema up to date."""

from typing import Annotated

import typer

from workers.cli.shared.printing import say
from workers.errors import UserError
from workers.logging import configure_logging
from workers.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(migrate)


def migrate(
    roles: Annotated[
        bool,
        typer.Option(
            "--roles",
            help="Migrate nothing; print the SQL by which the server's administrator makes our "
            "roles.",
        ),
    ] = False,
) -> None:
    """Bring the schema of the database named by DATABASE_URL up to date, and grant all rights.

    DATABASE_URL names the owner, medlemsflyt_owner; a superuser makes what is missing of the roles
    and acts as the owner.
    """
    from sqlalchemy.exc import DBAPIError

    from activities.database.migrate import DatabaseUnreachable
    from activities.database.migrate import migrate as bring_up_to_date
    from activities.database.roles import ROLES, RolesMissing

    if roles:
        say(ROLES.read_text(encoding="utf-8").rstrip())
        return
    settings = load_settings()
    configure_logging(settings.log_format)
    try:
        bring_up_to_date(settings.require_database_url())
    except (DatabaseUnreachable, RolesMissing) as error:
        raise UserError(str(error)) from None
    except DBAPIError as error:
        if not error.connection_invalidated and isinstance(error.orig, Exception):
            raise  # a fault of ours, whose place is worth knowing
        raise UserError(
            "The database has stopped answering, and no migration was applied: see that "
            "PostgreSQL runs, and run the command again."
        ) from None
