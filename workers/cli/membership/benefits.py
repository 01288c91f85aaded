"""`medlemsflyt benefits`: may this person get help today, and why."""

import asyncio
from datetime import date
from typing import Annotated

import typer

from activities.payments.benefits import benefits_of_person
from activities.shared.rulebook import RulebookReader
from schemas.membership.benefits import Benefited
from schemas.pricing.rulebook import NotInForce
from schemas.shared.vocabulary import Language
from workers.cli.membership.benefit_words import told
from workers.cli.shared.clock import today
from workers.cli.shared.connections import database, membership_id
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import say
from workers.cli.shared.reading import day_of
from workers.errors import UserError
from workers.settings import Settings, resolve_settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("benefits")(benefits)


def benefits(
    membership: Annotated[
        str, typer.Argument(metavar="ID", help="One of the person's memberships.")
    ],
    on: Annotated[
        str | None, typer.Option("--on", metavar="YYYY-MM-DD", help="Default: today.")
    ] = None,
    language: Annotated[
        Language, typer.Option("--language", help="To read it out in.")
    ] = Language.EN,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Say what help and which benefits a person may have on a day, and why.

    All memberships count, and all that is known now: a month that was paid later is paid.
    """
    day = today() if on is None else day_of("on", on)
    found = asyncio.run(_found(resolve_settings(data), membership_id(membership), day))
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
        return
    for line in told(found, language):
        say(line)


async def _found(settings: Settings, membership: str, day: date) -> Benefited:
    async with database(settings) as pool, pool.acquire() as connection:
        rulebook = await RulebookReader(allow_synthetic_ids=False).current(connection)
        try:
            found = await benefits_of_person(connection, membership, rulebook, day, today=today())
        except NotInForce as error:
            raise UserError(f"Nobody can tell for that day: {error}.") from None
    if found is None:
        raise UserError(f"{membership} is no membership of somebody who has been a member.")
    return found
