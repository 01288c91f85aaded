"""`medlemsflyt restored`: what to do first once PostgreSQL was put back to an earlier moment."""

import asyncio

import typer

from activities.membership.restores import Passed, note_restore
from workers.cli.shared.clock import today
from workers.cli.shared.connections import transaction
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import print_json, say
from workers.settings import Settings, resolve_settings

NUMBERS = 100_000
"""Member and payer numbers that are passed over: more than any union gives between two backups."""

SERIALS = 1_000
"""Invoices of one membership that are passed over: more than anybody gets between two backups."""

INVOICES = 3
"""Numbers of the union's series that are passed over for each membership: three dues runs."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("restored")(restored)


def restored(data: DataDir = None, as_json: AsJson = False) -> None:
    """Say that PostgreSQL was put back to an earlier moment, before the workers start.

    Numbers that may have been given since are passed over, so that no member number, invoice
    number, list or KID is given twice. Then run medlemsflyt rebuild --all; docs/runbook.md has it
    all.
    """
    passed = asyncio.run(_noted(resolve_settings(data)))
    if as_json:
        print_json(passed.model_dump())
        return
    say(
        f"Member numbers go on after {passed.last_member_number:08d}, invoices of each member and "
        f"lists of each employer after {passed.last_serial}."
    )
    for year, number in passed.last_in_series.items():
        say(f"The union's invoices of {year} go on after {year}-{number}.")


async def _noted(settings: Settings) -> Passed:
    async with transaction(settings) as connection:
        return await note_restore(
            connection, today(), numbers=NUMBERS, serials=SERIALS, invoices=INVOICES
        )
