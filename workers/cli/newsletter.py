"""`medlemsflyt newsletter`: who gets it, whether or not they are members."""

import asyncio
import csv
import sys
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter, ValidationError

from activities.persons.newsletter import readers, subscribe, unsubscribe
from schemas.membership.application import Email
from schemas.shared.vocabulary import Language
from workers.cli.shared.clock import today
from workers.cli.shared.connections import transaction
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import print_json, print_table, say
from workers.cli.shared.reading import one_line
from workers.errors import UserError
from workers.settings import Settings, resolve_settings

COLUMNS = ("email", "name", "language")

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would work out: such a value is written behind an apostrophe."""

Address = Annotated[str, typer.Argument(metavar="EMAIL", help="Where it goes.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        name="newsletter",
        help="Who gets the newsletter, member or not. Nothing here tells who is a member.",
        no_args_is_help=True,
    )
    group.command("subscribe")(_subscribe)
    group.command("unsubscribe")(_unsubscribe)
    group.command("list")(_list)
    group.command("export")(_export)
    app.add_typer(group, name="newsletter")


def _subscribe(
    email: Address,
    name: Annotated[str | None, typer.Option("--name", help="Who it is for.")] = None,
    language: Annotated[Language, typer.Option("--language", help="nb, nn or en.")] = Language.NB,
    data: DataDir = None,
) -> None:
    """Send the newsletter to an address from now on; its owner has asked for it."""
    address, who = _checked(email), name and one_line("name", name)
    asyncio.run(_subscribed(resolve_settings(data), address, who, language))
    say("The address gets the newsletter.")


def _unsubscribe(email: Address, data: DataDir = None) -> None:
    """Send no newsletter to an address any more, whoever asked for it.

    The answer is the same for every address. A membership is not touched by it.
    """
    asyncio.run(_unsubscribed(resolve_settings(data), _checked(email)))
    say("The address gets no newsletter.")


def _list(data: DataDir = None, as_json: AsJson = False) -> None:
    """List who gets it."""
    found = asyncio.run(_readers(resolve_settings(data)))
    if as_json:
        print_json({"readers": found})
        return
    rows = [tuple(reader[column] or "–" for column in COLUMNS) for reader in found]
    print_table("Newsletter", ("E-mail", "Name", "Language"), rows)


def _export(data: DataDir = None) -> None:
    """Print who gets it as CSV, for whatever sends it."""
    found = asyncio.run(_readers(resolve_settings(data)))
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_cell(reader[column]) for column in COLUMNS] for reader in found)


def _cell(value: str | None) -> str:
    text = value or ""
    return f"'{text}" if text.startswith(FORMULA) else text


def _checked(email: str) -> str:
    try:
        return str(TypeAdapter(Email).validate_python(email))
    except ValidationError:
        raise UserError("This is no e-mail address.") from None


async def _subscribed(settings: Settings, email: str, name: str | None, language: Language) -> None:
    async with transaction(settings) as connection:
        await subscribe(connection, email, name, language, today())


async def _unsubscribed(settings: Settings, email: str) -> None:
    async with transaction(settings) as connection:
        await unsubscribe(connection, email, today())


async def _readers(settings: Settings) -> list[dict[str, Any]]:
    async with transaction(settings) as connection:
        return await readers(connection)
