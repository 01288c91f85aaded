"""`medlemsflyt tax-report` and `tax-objection`: what the tax authority is told, and of whom not."""

import asyncio
import hashlib
from pathlib import Path
from typing import IO, Annotated

import typer

from activities.database.pool import patiently
from activities.register.private_files import NotWritten, private_file
from activities.statements import reporting
from activities.statements.reporting import NotReported
from schemas.statements.deliveries import Delivery, Sender, StillToTell
from workers.cli.shared.clock import today
from workers.cli.shared.connections import database, membership_id, transaction
from workers.cli.shared.options import AsJson, DataDir, MembershipId
from workers.cli.shared.printing import counted, print_json, print_table, say
from workers.cli.shared.reading import one_line
from workers.cli.statements.authority_file import CutShort, write_delivery
from workers.cli.statements.year_end import Year
from workers.errors import UserError
from workers.settings import Settings, resolve_settings

CHUNK_BYTES = 1_000_000


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("tax-report")(tax_report)
    app.command("tax-objection")(tax_objection)


def tax_report(
    year: Year,
    xml: Annotated[
        Path | None,
        typer.Option("--xml", metavar="FILE", help="Make the next file for the tax authority."),
    ] = None,
    number: Annotated[
        int | None,
        typer.Option("--delivery", metavar="N", min=1, help="Write that one again, with --xml."),
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="NAME", help="Who delivers it, with --xml.")
    ] = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Say what the tax authority was told of a year and is still to be told, or make the file.

    The first file holds everybody who paid straight to the union for months of work, each later
    one only what has changed since. With nothing left to tell, the last one is written again.
    """
    settings = resolve_settings(data)
    if xml is None and number is not None:
        raise UserError("Nothing was written: say where to, with --xml FILE.")
    if xml is not None:
        written = asyncio.run(_written(settings, year, xml, number, by))
        if as_json:
            print_json(_shown(written))
        else:
            say(
                f"{xml}: file {written.number} of {year}, with "
                f"{counted(written.line_count, 'person', 'persons')} and "
                f"{written.total_kroner:,} kr. Deliver it through Altinn."
            )
        return
    left, told = asyncio.run(_standing(settings, year))
    if as_json:
        print_json({**left.model_dump(), "deliveries": [_shown(each) for each in told]})
    else:
        _show(year, left, told)


def tax_objection(
    member: MembershipId,
    from_year: Annotated[
        int,
        typer.Option(
            "--from-year", metavar="YEAR", min=1900, max=2200, help="The first income year."
        ),
    ],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who says so.")],
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="From that year on it is told again.")
    ] = False,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Have the tax authority told nothing of a member's dues, as the member wishes.

    What it was told of these years is taken back by the next `tax-report --xml`; the statement says
    so with the next `year-end`.
    """
    member = membership_id(member)
    settings = resolve_settings(data)
    new = asyncio.run(_objected(settings, member, from_year, not withdraw, one_line("by", by)))
    if as_json:
        print_json(
            {
                "membership_id": member,
                "from_year": from_year,
                "objects": not withdraw,
                "changed": new,
            }
        )
        return
    told = "told again" if withdraw else "told nothing"
    known = "" if new else " That was so before."
    say(f"From {from_year} on the tax authority is {told} of {member}.{known}")


async def _objected(
    settings: Settings, member: str, from_year: int, objects: bool, by: str
) -> bool:
    async with transaction(settings) as connection:
        try:
            return await reporting.object_to_report(
                connection, member, from_year=from_year, objects=objects, today=today(), by=by
            )
        except NotReported as error:
            raise UserError(f"Nothing was changed: {error}.") from None


async def _standing(settings: Settings, year: int) -> tuple[StillToTell, list[Delivery]]:
    async with database(settings) as pool, pool.acquire() as connection, patiently(connection):
        try:
            left = await reporting.still_to_tell(connection, year)
        except NotReported as error:
            raise UserError(f"Nothing can be reported: {error}.") from None
        return left, await reporting.deliveries_of(connection, year)


async def _written(
    settings: Settings, year: int, path: Path, number: int | None, by: str | None
) -> Delivery:
    """Make the next delivery, or find the one that is written again, and write its file."""
    left, told = await _standing(settings, year)
    if number is not None:
        if number > len(told):
            files = counted(len(told), "delivery", "deliveries")
            raise UserError(f"Nothing was written: {year} has {files}.")
        delivery = told[number - 1]
    elif left.lines:
        delivery = await _made(settings, year, path, by)
    elif told:
        delivery = told[-1]
    else:
        raise UserError(f"Nothing was written: there is nothing to tell of {year}.")
    await _write(settings, path, delivery)
    return delivery


async def _made(settings: Settings, year: int, path: Path, by: str | None) -> Delivery:
    if by is None:
        raise UserError("Nothing was written: say who delivers it, with --by NAME.")
    if _digest(path) is not None:
        raise UserError(f"Nothing was written: {path} is there already; name another file.")
    union = settings.union
    sender = Sender(orgnr=union.orgnr, name=union.name, email=union.email)
    async with transaction(settings) as connection, patiently(connection):
        made = await reporting.make_delivery(
            connection, year, sender, today=today(), by=one_line("by", by)
        )
    if made is None:
        raise UserError("Nothing was written: somebody else has just made this file.")
    return made


async def _write(settings: Settings, path: Path, delivery: Delivery) -> None:
    """Write the file for its owner's eyes; what else is there stays."""
    there = _digest(path)
    try:
        async with database(settings) as pool, pool.acquire() as connection:
            with private_file(path) as file:
                await write_delivery(file, delivery, reporting.lines_of(connection, delivery))
                file.seek(0)
                if there not in (None, _hash(file)):
                    raise UserError(f"Nothing was written: {path} holds something else.")
    except CutShort:
        raise UserError(
            f"Nothing was written: of some in delivery {delivery.number} of {delivery.year} all "
            "was erased since. What was delivered stands as it is; what has changed goes into the "
            "next delivery."
        ) from None
    except NotWritten as error:
        raise UserError(
            f"The file can't be written: {error}. Write it elsewhere with `tax-report "
            f"{delivery.year} --xml FILE --delivery {delivery.number}`."
        ) from None


def _digest(path: Path) -> bytes | None:
    """Return the hash of what stands in a file; None: there is no such file."""
    try:
        with path.open("rb") as file:
            return _hash(file)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UserError(f"Nothing was written: {path} can't be read ({error.strerror}).") from None


def _hash(file: IO[bytes]) -> bytes:
    digest = hashlib.sha256()
    while chunk := file.read(CHUNK_BYTES):
        digest.update(chunk)
    return digest.digest()


def _shown(delivery: Delivery) -> dict[str, object]:
    return {**delivery.model_dump(mode="json"), "reference": delivery.reference}


def _show(year: int, left: StillToTell, told: list[Delivery]) -> None:
    if told:
        print_table(
            f"What the tax authority was told of {year}",
            ("File", "Made", "By", "Persons", "Kroner"),
            [
                (
                    str(each.number),
                    str(each.made_on),
                    each.made_by,
                    f"{each.line_count:,}",
                    f"{each.total_kroner:,}",
                )
                for each in told
            ],
        )
    say(
        f"Still to be told: {left.new:,} new, {left.changed:,} changed, {left.cancelled:,} taken "
        f"back; {left.total_kroner:,} kr."
    )
    say(
        f"Told nothing of: {left.without_national_id:,} without a national id, "
        f"{left.objecting:,} who object."
    )
