"""`medlemsflyt search-attributes`: what memberships are found by in the Temporal UI."""

import asyncio

import typer
from rich.table import Table
from temporalio.service import RPCError

from schemas import names
from workers.cli.shared.connections import reach_temporal, temporal_answers
from workers.cli.shared.options import DataDir
from workers.cli.shared.printing import console
from workers.errors import UserError
from workers.search_attributes import await_search_attributes, register_search_attributes
from workers.settings import Settings, resolve_settings

PATIENCE_SECONDS = 60.0
"""A server of several parts tells them all within some seconds."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("search-attributes")(search_attributes)


def search_attributes(data: DataDir = None) -> None:
    """Add the search attributes that the Temporal namespace lacks, and say what each holds.

    Before the workers start for the first time, and after an upgrade that brings a new one.
    """
    added = asyncio.run(_registered(resolve_settings(data)))
    table = Table("Search attribute", "Kind", "Holds", "")
    for one in names.SEARCH_ATTRIBUTES:
        table.add_row(one.name, one.kind, one.holds, "new" if one.name in added else "")
    console().print(table)


async def _registered(settings: Settings) -> list[str]:
    client = await reach_temporal(settings)
    try:
        with temporal_answers(settings):
            added = await register_search_attributes(client)
            await asyncio.wait_for(await_search_attributes(client), PATIENCE_SECONDS)
    except RPCError as error:
        raise UserError(
            f"The search attributes were not added to {client.namespace}: {error.message}."
        ) from None
    except TimeoutError:
        raise UserError(
            "Temporal took the search attributes and does not list them: run the command again."
        ) from None
    return added
