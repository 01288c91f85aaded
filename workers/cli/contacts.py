"""`medlemsflyt contact`: where letters to employers and branches go, and what branches charge."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Annotated, TypeVar

import asyncpg
import typer
from pydantic import Field, ValidationError

from activities.persistence.matters import set_branch, set_employer_contact
from schemas.application import BranchCode, Email, Orgnr
from schemas.base import Day, Inbound, Line, Ore
from schemas.faults import faults_of
from workers.cli.options import AsJson, DataDir
from workers.cli.printing import print_json, say
from workers.cli.reaching import database
from workers.errors import UserError
from workers.settings import Settings, resolve_settings


class EmployerContact(Inbound):
    """Where an employer takes payroll requests."""

    orgnr: Orgnr
    name: Line
    email: Email | None


class BranchContact(Inbound):
    """A branch's contact, and what it charges from a day on."""

    code: BranchCode
    name: Line
    email: Email | None
    local_ore: Annotated[Ore, Field(ge=0)]
    halves: bool
    from_on: Day


Contact = TypeVar("Contact", EmployerContact, BranchContact)

Name = Annotated[str, typer.Option("--name", help="As letters are addressed.")]
EmailOption = Annotated[str | None, typer.Option("--email", help="Where letters go.")]
NoEmail = Annotated[
    bool, typer.Option("--no-email", help="No address is known: the caseworkers pass letters on.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        help="Set where letters to employers and branches go, and what branches charge.",
        no_args_is_help=True,
    )
    group.command()(employer)
    group.command()(branch)
    app.add_typer(group, name="contact")


def employer(
    orgnr: Annotated[str, typer.Argument(metavar="ORGNR", help="Organisation number.")],
    name: Name,
    email: EmailOption = None,
    no_email: NoEmail = False,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Set where an employer takes payroll requests, in place of what was known."""
    contact = _checked(
        EmployerContact, orgnr=orgnr, name=name, email=_address(email, no_email=no_email)
    )
    _keep(
        resolve_settings(data),
        lambda pool: set_employer_contact(pool, contact.orgnr, contact.name, contact.email),
    )
    _tell(contact, f"Payroll requests to employer {contact.orgnr}", as_json=as_json)


def branch(
    code: Annotated[str, typer.Argument(metavar="CODE", help="The branch's code.")],
    name: Name,
    local_ore: Annotated[
        int, typer.Option(metavar="ØRE", help="Local dues a month, in øre: 5000 is 50 kr.")
    ],
    from_on: Annotated[
        datetime,
        typer.Option("--from", formats=["%Y-%m-%d"], metavar="DATE", help="First day of the dues."),
    ],
    halves: Annotated[
        bool, typer.Option("--halves/--no-halves", help="Whether half dues halve the local dues.")
    ] = False,
    email: EmailOption = None,
    no_email: NoEmail = False,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Set a branch's contact, and its dues from a day on; dues from other days stay."""
    contact = _checked(
        BranchContact,
        code=code,
        name=name,
        email=_address(email, no_email=no_email),
        local_ore=local_ore,
        halves=halves,
        from_on=from_on.date(),
    )
    _keep(
        resolve_settings(data),
        lambda pool: set_branch(
            pool,
            contact.code,
            name=contact.name,
            email=contact.email,
            valid_from=contact.from_on,
            local_ore=contact.local_ore,
            halves=contact.halves,
        ),
    )
    _tell(contact, f"Letters to branch {contact.code}", as_json=as_json)


def _address(email: str | None, *, no_email: bool) -> str | None:
    """Return the address, or None when there is none on purpose.

    Raises:
        UserError: it is not said which; a known address must not get lost by leaving it out.
    """
    if (email is None) != no_email:
        raise UserError("Say where letters go with --email, or that nobody knows with --no-email.")
    return email


def _checked(model: type[Contact], **values: str | int | bool | date | None) -> Contact:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise UserError(f"Nothing was changed: {'; '.join(faults_of(error))}.") from None


def _keep(settings: Settings, write: Callable[[asyncpg.Pool], Awaitable[None]]) -> None:
    async def keep() -> None:
        async with database(settings) as pool:
            await write(pool)

    asyncio.run(keep())


def _tell(contact: EmployerContact | BranchContact, what: str, *, as_json: bool) -> None:
    if as_json:
        print_json(contact.model_dump(mode="json"))
        return
    where = f"go to {contact.email}" if contact.email else "go through the caseworkers"
    say(f"{what} {where}.")
    if isinstance(contact, BranchContact):
        halved = "halved with half dues" if contact.halves else "the same with half dues"
        say(f"Local dues from {contact.from_on}: {contact.local_ore} øre a month, {halved}.")
