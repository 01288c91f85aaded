"""`medlemsflyt demo`: a tour of whole lives in fast-forward."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

DEMO_DATA_DIR = Path(".medlemsflyt-demo")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)


def demo(
    data: Annotated[
        Path, typer.Option("--data", metavar="DIR", help="Emptied, then filled by the demo.")
    ] = DEMO_DATA_DIR,
    on: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            metavar="DATE",
            help="Let the story begin on a day: today or later.",
        ),
    ] = None,
    port_offset: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Move every port by N. Default: the first hundred at which all are free.",
        ),
    ] = None,
    stay: Annotated[
        bool, typer.Option("--stay", help="Keep the stack running afterwards, until Ctrl-C.")
    ] = False,
) -> None:
    """Let eight people join and one live to 80, in fast-forward; check that all end by the rules.

    Exit code 0 when everybody did, 1 when somebody did not.
    """
    # Loads the testing half of Temporal's library, which would slow every other command down.
    from workers.demo.tour import tour

    day = on.date() if on else None
    if not tour(Console(), data, on=day, port_offset=port_offset, stay=stay):
        sys.exit(1)
