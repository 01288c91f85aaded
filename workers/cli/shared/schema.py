"""`medlemsflyt schema`: the contract as JSON Schemas."""

import json
from pathlib import Path
from typing import Annotated

import typer

from schemas.membership.published import bundle, schemas
from workers.cli.shared.options import AsJson
from workers.cli.shared.printing import print_json, say
from workers.errors import UserError

NAMES = tuple(schemas())


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Names: " + ", ".join(NAMES))(schema)


def _names_like(incomplete: str) -> list[str]:
    return [name for name in NAMES if name.startswith(incomplete)]


def schema(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="One schema's name.", autocompletion=_names_like),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write each schema into a file NAME.json there."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print the JSON Schemas (2020-12) of what a membership takes and answers.

    Without a name they come as one document, each under its name in `$defs`.
    """
    if name is not None and name not in NAMES:
        raise UserError(f"There is no schema {name}: known are {', '.join(NAMES)}.")
    if out is None:
        found = bundle() if name is None else schemas()[name]
        typer.echo(json.dumps(found, ensure_ascii=False, indent=None if as_json else 2))
        return
    written = _write(out, [name] if name else list(NAMES))
    if as_json:
        print_json({"files": written})
    else:
        for path in written:
            say(path)


def _write(folder: Path, names: list[str]) -> list[str]:
    """Write schemas into a folder, made when missing; return the files' paths."""
    made, written = schemas(), []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            path = folder / f"{name}.json"
            text = json.dumps(made[name], ensure_ascii=False, indent=2)
            path.write_text(text + "\n", encoding="utf-8")
            written.append(str(path))
    except OSError as error:
        raise UserError(f"{folder} can't be written to ({error.strerror}).") from None
    return written
