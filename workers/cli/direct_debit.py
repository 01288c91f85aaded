"""`medlemsflyt mandates`: who has told the bank to pay by AvtaleGiro."""

import asyncio
from typing import Annotated

import typer

from activities.direct_debit.mandates import Mandate, mandates_in_order
from workers.cli.shared.connections import membership_id, transaction
from workers.cli.shared.listing import FIRST_PAGE, Limit
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import print_json, print_table, say
from workers.settings import Settings, resolve_settings


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(mandates)


def mandates(
    member: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="One membership's, also what has ended."),
    ] = None,
    limit: Limit = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List who has told the bank to pay by AvtaleGiro, as the bank's files have it."""
    most = limit or FIRST_PAGE
    found = asyncio.run(_read(resolve_settings(data), member and membership_id(member), most + 1))
    shown = found[:most]
    if as_json:
        print_json({"mandates": [one.model_dump(mode="json") for one in shown]})
        return
    print_table(
        "Mandates",
        ("Membership", "KID it was registered with", "Since", "Ended", "Wants notice"),
        [
            (
                one.membership_id,
                one.kid,
                str(one.since),
                str(one.ended_on or "–"),
                "yes" if one.wants_notice else "no",
            )
            for one in shown
        ],
    )
    if len(found) > most:
        say("There is more: see --limit.")


async def _read(settings: Settings, member: str | None, most: int) -> list[Mandate]:
    async with transaction(settings) as connection:
        return [one async for one in mandates_in_order(connection, member, most)]
