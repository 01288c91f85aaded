"""`medlemsflyt contact`: where letters to employers and branches go, and what branches charge."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, TypeVar

import asyncpg
import typer
from pydantic import Field, ValidationError

from activities.deduction.channels import (
    AddressUnusable,
    NoChannel,
    check_address,
    set_employer,
)
from activities.letters.resending import resend_held
from activities.pricing.branches import FirstDues, PricedOtherwise, set_branch
from schemas.deduction.basis import Agreement
from schemas.membership.application import BranchCode, Email, Orgnr
from schemas.shared.base import Day, Inbound, Line, Ore
from schemas.shared.calendar import oslo_date
from schemas.shared.faults import faults_of
from workers.cli.letters import send_out
from workers.cli.shared.connections import database, reach_temporal, temporal_answers
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import counted, print_json, say
from workers.errors import UserError
from workers.settings import Settings, resolve_settings


class ListChannel(StrEnum):
    """How deduction lists reach an employer."""

    FOLDER = "folder"
    EMAIL = "email"


class EmployerContact(Inbound):
    """Where an employer takes payroll requests, and how its deduction lists reach it."""

    orgnr: Orgnr
    name: Line
    email: Email | None
    list_channel: ListChannel | None = None
    agreement: Agreement | None = None
    agreed_on: Day | None = None


class BranchContact(Inbound):
    """A branch's contact, and what it charges first, from a day on."""

    code: BranchCode
    name: Line
    email: Email | None
    local_ore: Annotated[Ore, Field(ge=0)] | None
    halves: bool
    from_on: Day | None

    @property
    def dues(self) -> FirstDues | None:
        """What it charges first, where that is said."""
        if self.local_ore is None or self.from_on is None:
            return None
        return FirstDues(self.from_on, self.local_ore, self.halves)


MIN_PASSWORD, MAX_PASSWORD = 12, 200
"""A workbook can be tried against passwords without end; the longest one Excel takes is 255."""

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
    channel: Annotated[
        ListChannel | None,
        typer.Option("--channel", help="How its deduction lists go out; not given: as before."),
    ] = None,
    password_file: Annotated[
        Path | None,
        typer.Option(
            "--password-file",
            metavar="FILE",
            allow_dash=True,
            help="The password of lists by e-mail, on one line; - reads it from standard input.",
        ),
    ] = None,
    ask_password: Annotated[
        bool, typer.Option("--ask-password", help="Ask for that password, without showing it.")
    ] = False,
    agreement: Annotated[
        Agreement | None,
        typer.Option(
            "--agreement",
            help="What it deducts by, beside each member's consent; with --agreed-on.",
        ),
    ] = None,
    agreed_on: Annotated[
        str | None, typer.Option("--agreed-on", metavar="DATE", help="The day of that agreement.")
    ] = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Set where an employer takes payroll requests, and how its deduction lists reach it.

    Both replace what was known. Lists by e-mail are locked with a password that is agreed with the
    employer by another way.
    """
    contact = _checked(
        EmployerContact,
        orgnr=orgnr,
        name=name,
        email=_address(email, no_email=no_email),
        list_channel=channel,
        agreement=agreement,
        agreed_on=agreed_on,
    )
    if (contact.agreement is None) != (contact.agreed_on is None):
        raise UserError("Nothing was changed: --agreement and --agreed-on go together.")
    password = _password(password_file, ask=ask_password)
    settings = resolve_settings(data)
    try:
        _keep(
            settings,
            lambda pool: set_employer(
                pool,
                contact.orgnr,
                name=contact.name,
                email=contact.email,
                channel=contact.list_channel,
                password=password,
                agreement=contact.agreement,
                agreed_on=contact.agreed_on,
            ),
        )
    except NoChannel:
        raise UserError(
            "Nothing was changed: lists by e-mail need an address and a password. Give --email and "
            "--ask-password or --password-file, or set --channel folder."
        ) from None
    _tell(contact, f"Payroll requests to employer {contact.orgnr}", as_json=as_json)
    released = asyncio.run(_release(settings, contact.orgnr))
    if released and not as_json:
        say(f"{counted(released, 'letter')} that waited for a channel to it will go out now.")


async def _release(settings: Settings, orgnr: str) -> int:
    """Have the letters sent that waited for a channel to an employer; return how many."""
    moment = datetime.now(UTC)
    async with database(settings) as pool:
        ordered = await resend_held(
            pool, orgnr, by="contact employer", at=moment, today=oslo_date(moment)
        )
    if ordered:
        client = await reach_temporal(settings)
        with temporal_answers(settings):
            for batch in {copy.batch for copy in ordered}:
                await send_out(client, batch)
    return len(ordered)


def branch(
    code: Annotated[str, typer.Argument(metavar="CODE", help="The branch's code.")],
    name: Name,
    local_ore: Annotated[
        int | None,
        typer.Option(metavar="ØRE", help="Its first dues a month, in øre: 5000 is 50 kr."),
    ] = None,
    from_on: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], metavar="DATE", help="First day of the dues."),
    ] = None,
    halves: Annotated[
        bool, typer.Option("--halves/--no-halves", help="Whether half dues halve the local dues.")
    ] = False,
    email: EmailOption = None,
    no_email: NoEmail = False,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Set a branch's contact, and what a branch charges that has charged nothing yet.

    Another amount is for `reprice --branch`: it is shown beforehand, approved and told (A40).
    """
    if (local_ore is None) != (from_on is None):
        raise UserError("Nothing was changed: first dues need both --local-ore and --from.")
    contact = _checked(
        BranchContact,
        code=code,
        name=name,
        email=_address(email, no_email=no_email),
        local_ore=local_ore,
        halves=halves,
        from_on=from_on and from_on.date(),
    )
    _keep(resolve_settings(data), partial(_keep_branch, contact=contact))
    _tell(contact, f"Letters to branch {contact.code}", as_json=as_json)


def _address(email: str | None, *, no_email: bool) -> str | None:
    """Return the address, or None when there is none on purpose.

    Raises:
        UserError: it is not said which; a known address must not get lost by leaving it out.
    """
    if (email is None) != no_email:
        raise UserError("Say where letters go with --email, or that nobody knows with --no-email.")
    return email


def _password(file: Path | None, *, ask: bool) -> str | None:
    """Return the password that was given, or None.

    Raises:
        UserError: it can't be read, or is too short to protect anything.
    """
    if ask:
        password = str(
            typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        )
    elif file is None:
        return None
    else:
        try:
            given = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise UserError("Nothing was changed: the password can't be read.") from None
        password = given.rstrip("\r\n")
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD or not password.isprintable():
        raise UserError(
            f"Nothing was changed: the password must have {MIN_PASSWORD} to {MAX_PASSWORD} "
            "characters, on one line."
        )
    return password


def _checked(model: type[Contact], **values: str | int | bool | date | None) -> Contact:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise UserError(f"Nothing was changed: {'; '.join(faults_of(error))}.") from None


async def _keep_branch(pool: asyncpg.Pool, contact: BranchContact) -> None:
    async with pool.acquire() as connection:
        await check_address(connection, contact.email)
    try:
        await set_branch(
            pool, contact.code, name=contact.name, email=contact.email, dues=contact.dues
        )
    except PricedOtherwise:
        raise UserError(
            f"Nothing was changed: branch {contact.code} has dues already. `medlemsflyt reprice "
            f"--branch {contact.code}=KR --from DATE` changes them: with --dry-run it shows what "
            f"that comes to, with --approved-by it tells everybody who pays them (A40)."
        ) from None


def _keep(settings: Settings, write: Callable[[asyncpg.Pool], Awaitable[None]]) -> None:
    async def keep() -> None:
        async with database(settings) as pool:
            await write(pool)

    try:
        asyncio.run(keep())
    except AddressUnusable:
        raise UserError("Nothing was changed: that address can't be used here.") from None


def _tell(contact: EmployerContact | BranchContact, what: str, *, as_json: bool) -> None:
    if as_json:
        said = ("list_channel", "agreement", "agreed_on")
        unsaid = {name for name in said if getattr(contact, name, None) is None}
        if isinstance(contact, BranchContact) and contact.dues is None:
            unsaid = {"local_ore", "halves", "from_on"}
        print_json(contact.model_dump(mode="json", exclude=unsaid))
        return
    where = f"go to {contact.email}" if contact.email else "go through the caseworkers"
    say(f"{what} {where}.")
    if isinstance(contact, EmployerContact) and contact.list_channel is not None:
        way = "by e-mail, locked" if contact.list_channel == "email" else "to its folder"
        say(f"Its deduction lists go {way}.")
    if isinstance(contact, BranchContact) and contact.dues is not None:
        halved = "halved with half dues" if contact.halves else "the same with half dues"
        say(f"Local dues from {contact.from_on}: {contact.local_ore} øre a month, {halved}.")
