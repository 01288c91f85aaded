"""`medlemsflyt paid-months`: how many months a person has fully paid, and what help they open."""

import asyncio
from typing import Annotated

import typer

from activities.payments.paid_months import paid_months_of
from activities.shared.rulebook import RulebookReader
from schemas.membership.help import HelpStep, PaidMonths
from workers.cli.shared.clock import today
from workers.cli.shared.connections import database, membership_id
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import counted, say
from workers.errors import UserError
from workers.settings import Settings, resolve_settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("paid-months")(paid_months)


def paid_months(
    membership: Annotated[
        str, typer.Argument(metavar="ID", help="One of the person's memberships.")
    ],
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Say how many months a person has fully paid, over all memberships, and what help is open.

    A month is fully paid when its central dues are, by the member or by an employer's deduction.
    """
    found = asyncio.run(_found(resolve_settings(data), membership_id(membership)))
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
        return
    months = counted(found.paid, "fully paid month", "fully paid months")
    say(f"{months} until {found.until}, and {found.unpaid} that do not count (B2).")
    if found.before:
        say(f"{found.before} of them were paid to another union (L10).")
    for step in found.help:
        say(f"{step.kind}: {_when(step, found.paid)}.")


def _when(step: HelpStep, paid: int) -> str:
    """Say whether help is open, and if not how far it is off."""
    needs = counted(step.from_months, "month", "months")
    if step.open:
        return f"open, from {needs} on"
    return f"not yet, {step.from_months - paid} of {needs} are missing"


async def _found(settings: Settings, membership: str) -> PaidMonths:
    async with database(settings) as pool, pool.acquire() as connection:
        rulebook = await RulebookReader(allow_synthetic_ids=False).current(connection)
        found = await paid_months_of(connection, membership, rulebook, today())
    if found is None:
        raise UserError(f"{membership} is no membership of somebody who has been a member.")
    return found
