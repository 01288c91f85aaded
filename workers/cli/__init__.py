"""The command line `medlemsflyt`: one module per group of commands, registered here."""

import contextlib
import logging
import os
import sys
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from workers import VERSION
from workers.builds import code_build
from workers.cli import (
    arrears,
    audit,
    database,
    deduction,
    dues,
    letters,
    newsletter,
    payments,
    persons,
)
from workers.cli.membership import apply, forecast, inbox, paid_months, send_and_show
from workers.cli.pricing import budget, reprice
from workers.cli.shared import contacts, schedules, schema, search_attributes, tasks
from workers.cli.shared.interrupted import Interruptible
from workers.cli.shared.printing import say
from workers.cli.stack import demo, dev, worker
from workers.cli.statements import year_end
from workers.errors import UserError

EXIT_USER_ERROR = 2

app = typer.Typer(
    name="medlemsflyt",
    cls=Interruptible,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _say_version(asked: bool) -> None:
    if asked:
        say(f"medlemsflyt {VERSION}, workflow code {code_build()}")
        raise typer.Exit


@app.callback()
def medlemsflyt(
    _version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_say_version,
            is_eager=True,
            help="Say which version this is, and the build of its workflow code.",
        ),
    ] = False,
) -> None:
    """Memberships of a trade union, from the application to the last pension year."""


for group in (
    dev,
    demo,
    worker,
    database,
    apply,
    send_and_show,
    persons,
    forecast,
    paid_months,
    dues,
    arrears,
    reprice,
    budget,
    year_end,
    audit,
    payments,
    tasks,
    inbox,
    letters,
    schedules,
    search_attributes,
    schema,
    contacts,
    newsletter,
    deduction,
):
    group.register(app)


def main() -> NoReturn:
    """Run the command line; what a person can put right is one sentence and exit code 2."""
    code: str | int | None = 0
    try:
        app()
    except UserError as error:
        Console(stderr=True, soft_wrap=True).print(
            str(error), style="red", markup=False, highlight=False
        )
        code = EXIT_USER_ERROR
    except SystemExit as end:
        code = end.code
    _leave(code)


def _leave(code: str | int | None) -> NoReturn:
    """End at once, everything written.

    The interpreter's own end meets threads of Temporal's core that are still finishing, and would
    sometimes abort there, with a code that looks like a crash.
    """
    if isinstance(code, str):
        sys.stderr.write(f"{code}\n")
        code = 1
    logging.shutdown()
    with contextlib.suppress(OSError):  # whoever reads us, `head` for one, may have gone
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code or 0)
