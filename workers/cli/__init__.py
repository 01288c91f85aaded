"""The command line `medlemsflyt`: one module per group of commands, registered here."""

import sys

import typer
from rich.console import Console

from workers.cli import demo, dev, migrate, worker
from workers.errors import UserError

EXIT_USER_ERROR = 2

app = typer.Typer(
    name="medlemsflyt",
    help="Memberships of a trade union, from the application to the last pension year.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for group in (dev, demo, worker, migrate):
    group.register(app)


def main() -> None:
    """Run the command line; what a person can put right is one sentence and exit code 2."""
    try:
        app()
    except UserError as error:
        Console(stderr=True).print(str(error), style="red", markup=False, highlight=False)
        sys.exit(EXIT_USER_ERROR)
