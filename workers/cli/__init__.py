"""The command line `medlemsflyt`; which module has which command stands in commands.py."""

import contextlib
import logging
import os
import sys
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from workers import VERSION
from workers.builds import code_build
from workers.cli.commands import Commands
from workers.cli.shared.printing import say
from workers.errors import UserError

EXIT_USER_ERROR = 2

app = typer.Typer(
    name="medlemsflyt",
    cls=Commands,
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
