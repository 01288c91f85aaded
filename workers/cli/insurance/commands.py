"""The commands of the insurance office's room."""

import typer

from workers.cli.insurance.answering import insurance_answer
from workers.cli.insurance.office import insurance_file
from workers.cli.insurance.paying import insurance_account
from workers.cli.insurance.settling import insurance_paid, insurance_settlement


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("insurance-file")(insurance_file)
    app.command("insurance-answer")(insurance_answer)
    app.command("insurance-settlement")(insurance_settlement)
    app.command("insurance-account")(insurance_account)
    app.command("insurance-paid")(insurance_paid)
