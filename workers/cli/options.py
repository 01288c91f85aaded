"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        help="Folder of the running stack. Default: .medlemsflyt if a stack runs there, else the "
        "environment (TEMPORAL_*, DATABASE_URL).",
        file_okay=False,
    ),
]
