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

AsJson = Annotated[
    bool, typer.Option("--json", help="Print JSON, and nothing else, on standard output.")
]

JsonFile = Annotated[
    str, typer.Argument(metavar="FILE|-", help="A file of JSON in UTF-8, or - for standard input.")
]

MembershipId = Annotated[
    str,
    typer.Argument(metavar="ID", help="The membership's id, with or without `membership-`."),
]

Timeout = Annotated[
    float, typer.Option(min=0.1, metavar="SECONDS", help="How long to wait for an answer.")
]
