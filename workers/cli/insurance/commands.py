"""The commands of the insurance office's room."""

import typer

from workers.cli.insurance.answering import insurance_answer
from workers.cli.insurance.office import insurance_file


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("insurance-file")(insurance_file)
    app.command("insurance-answer")(insurance_answer)
