"""What a command says when a server goes away in the middle, and why a run has failed."""

from typing import Any

import asyncpg
from temporalio.exceptions import FailureError
from temporalio.service import RPCError
from typer.core import TyperGroup

from activities.database.pool import PoolerInBetween
from activities.secrecy.errors import KeyDestroyed, KeysUnavailable
from schemas.shared.redaction import redacted_text
from workers.errors import UserError

DATABASE_GONE = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.InterfaceError,
    ConnectionError,
)
"""How the death of PostgreSQL shows, after the connection stood."""


def innermost(error: BaseException) -> str:
    """Return why something failed: the last cause, not the layers that report it.

    Args:
        error: as a client receives it: ``Workflow execution failed``, by an activity, by a reason.
    """
    while isinstance(cause := getattr(error, "cause", None), BaseException):
        error = cause
    said = error.message if isinstance(error, FailureError) else str(error)
    return (said or type(error).__name__).rstrip(". ")


class Interruptible(TyperGroup):
    """Commands under which a server may die at any moment: a sentence, never a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command.

        Raises:
            UserError: Temporal or PostgreSQL went away, or refuses.
        """
        try:
            return super().invoke(ctx)
        except RPCError as error:
            raise UserError(f"Temporal does not take it: {error.message}.") from None
        except BrokenPipeError:
            raise  # whoever read our output has gone, `head` for one: Typer ends in silence
        except DATABASE_GONE as error:
            raise UserError(database_gone(error)) from None
        except KeysUnavailable as error:
            raise UserError(f"The keys can't be reached: {error}.") from None
        except KeyDestroyed as error:
            raise UserError(f"{error}: nothing can be sent to it any more.") from None
        except asyncpg.PostgresError as error:
            raise UserError(f"The database refuses: {refusal(error)}.") from None


def database_gone(error: BaseException) -> str:
    """Return the sentence for a database that was there a moment ago."""
    return (
        f"The database has stopped answering ({refusal(error)}), and what was not finished was "
        "taken back: see that PostgreSQL runs, and run the command again."
    )


def refusal(error: BaseException) -> str:
    """Return what an error is called, and never the row that PostgreSQL quotes in it."""
    if isinstance(error, PoolerInBetween):
        return str(error)
    return f"{type(error).__name__} {redacted_text(error)}".rstrip()
