"""`medlemsflyt payments`, `suspense`, `allocate`, `write-off`: money, paid or not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import asyncpg
import typer

from activities.deduction.lists import wake_settlement
from activities.payments import suspense as suspense_rows
from activities.payments import write_offs
from activities.payments.formats import MAX_BYTES, READERS
from activities.payments.placing import Placing, place
from activities.payments.proposals import with_proposals
from activities.shared.files import keep_file
from activities.shared.rulebook import RulebookReader
from schemas.names import WorkflowType, bank_import_id
from schemas.payments.contracts import BankFileReport
from schemas.payments.entries import IN_WORDS
from schemas.shared.amounts import in_kroner, kroner
from workers.cli.shared.clock import today
from workers.cli.shared.connections import (
    database,
    reach_temporal,
    temporal_answers,
    transaction,
)
from workers.cli.shared.listing import FIRST_PAGE, Limit, stream_json
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import (
    counted,
    plain,
    print_json,
    print_table,
    say,
)
from workers.cli.shared.proposing import proposals_in_words
from workers.cli.shared.reading import one_line
from workers.cli.shared.runs import RunRequest, result_of
from workers.errors import UserError
from workers.settings import Settings, resolve_settings
from workers.signing import subject_of

By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides.")]
Reference = Annotated[
    str, typer.Argument(metavar="REFERENCE", help="The payment's, as `suspense` lists it.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (payments, suspense, allocate):
        app.command()(command)
    app.command("take-in")(take_in)
    app.command("write-off")(write_off)


def payments(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help=f"{' or '.join(reader.title for reader in READERS)}.",
            dir_okay=False,
        ),
    ],
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Book a file of the bank; an entry that can't be used is set aside, and keeps no other out.

    A file whose own counts or sums do not hold is refused whole. The same file again changes
    nothing. What fits no invoice is in suspense, with a task.
    """
    content = _read(file)
    report = asyncio.run(_imported(resolve_settings(data), file.name, content, quiet=as_json))
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
    elif report.outcome == "applied":
        _show(report)
    if report.outcome == "refused":
        if as_json:
            raise typer.Exit(2)
        raise UserError(_faults(report))
    if report.unbooked:
        raise typer.Exit(1)


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise UserError(f"Nothing was booked: the file can't be read ({error.strerror}).") from None
    if len(content) > MAX_BYTES:
        raise UserError(
            f"Nothing was booked: the file has more than {MAX_BYTES // 2**20} MB. Ask the bank "
            f"to split it."
        )
    return content


async def _imported(
    settings: Settings, name: str, content: bytes, *, quiet: bool
) -> BankFileReport:
    await reach_temporal(settings)
    async with database(settings) as pool, pool.acquire() as connection:
        file_id = await keep_file(
            connection, kind="payments", name=plain(name), content=content, today=today()
        )
    run = RunRequest(
        workflow=WorkflowType.BANK_IMPORT,
        id=bank_import_id(file_id),
        order={"file_id": file_id},
        ended="Nothing was booked: the import ended",
    )
    return await result_of(settings, run, BankFileReport, quiet=quiet, doing="Booking")


def _show(report: BankFileReport) -> None:
    say(
        f"{counted(report.payments, 'payment')} booked, {kroner(report.amount_ore)}: "
        f"{report.allocated:,} allocated, {report.suspended:,} in suspense."
    )
    say(
        f"{report.reversals:,} taken back by the bank, {kroner(report.reversed_ore)}; "
        f"{report.known:,} known before."
    )
    if report.set_aside or report.passed_over:
        say(
            f"{report.set_aside:,} set aside, each with a task; "
            f"{report.passed_over:,} passed over, no money of ours or not yet."
        )
    mandates = report.mandates
    if mandates.told:
        say(
            f"{counted(mandates.told, 'AvtaleGiro mandate')} told: {mandates.begun:,} begun, "
            f"{mandates.ended:,} ended, {mandates.aside:,} set aside, each with a task."
        )
    if report.charges or report.refunds:
        say(
            f"{report.charges:,} booked as fees or interest of the bank, {report.refunds:,} as "
            f"refunds of ours."
        )
    for one in report.aside:
        much = f", {kroner(one.amount_ore)}" if one.amount_ore is not None else ""
        more = f" ({one.says})" if one.says else ""
        say(plain(f"  {one.where}{much}: {IN_WORDS[one.reason]}{more}."))
    if report.unbooked:
        say(f"{report.unbooked:,} could not be booked: see the tasks.")


def _faults(report: BankFileReport) -> str:
    lines = [
        f"{fault.where}: {fault.says}." if fault.where else f"{fault.says}."
        for fault in report.faults
    ]
    if report.more_faults:
        lines.append("There are more.")
    return plain("\n".join(["Nothing was booked: the file is refused.", *lines]))


def suspense(
    limit: Limit = None,
    proposals: Annotated[
        bool, typer.Option("--proposals", help="Beside each for whom it may be, and why.")
    ] = False,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List the money that no invoice could be found for, with who paid it, the oldest first.

    Less than nothing is owed: it was paid back, and the bank took it back as well; its member gets
    an invoice for it with the next arrears run. A proposal allocates nothing: see `allocate
    --proposal`.
    """
    settings = resolve_settings(data)
    show = _stream_suspense if as_json else _show_suspense
    asyncio.run(show(settings, limit, proposals=proposals))


async def _stream_suspense(settings: Settings, limit: int | None, *, proposals: bool) -> None:
    async with _changing(settings) as connection:
        found = suspense_rows.stream_suspense(connection, limit)
        if proposals:
            found = with_proposals(connection, found)
        await stream_json({"suspense": (row.model_dump(mode="json") async for row in found)})


async def _show_suspense(settings: Settings, limit: int | None, *, proposals: bool) -> None:
    limit = limit or FIRST_PAGE
    async with _changing(settings) as connection:
        coming = suspense_rows.stream_suspense(connection, limit + 1)
        if proposals:
            coming = with_proposals(connection, coming)
        found = [row async for row in coming]
    print_table(
        "In suspense",
        ("Reference", "Paid", "Kroner left", "KID", "Who paid", "Membership", "Open invoices"),
        [
            (
                row.reference,
                str(row.paid_on),
                in_kroner(row.suspense_ore),
                row.kid or "–",
                _who_paid(row),
                row.membership_id or "–",
                ", ".join(row.open_invoices) or "–",
            )
            for row in found[:limit]
        ],
    )
    if any(row.suspense_ore < 0 for row in found[:limit]):
        say("Less than nothing was paid back and then taken back by the bank: it is owed.")
    if len(found) > limit:
        say("There is more: see --limit.")


def _who_paid(row: suspense_rows.Suspended) -> str:
    told = " · ".join(filter(None, (row.payer, row.account, row.text, row.numbers)))
    return plain("\n".join([told or "–", *proposals_in_words(row.proposals)]))


def allocate(
    reference: Reference,
    by: By,
    invoice: Annotated[
        str | None, typer.Option("--invoice", metavar="NUMBER", help="What it pays.")
    ] = None,
    member: Annotated[
        str | None,
        typer.Option("--member", metavar="NUMBER", help="Who owes it: the oldest invoices first."),
    ] = None,
    on_list: Annotated[
        str | None, typer.Option("--list", metavar="NUMBER", help="An employer's list.")
    ] = None,
    proposal: Annotated[
        int | None,
        typer.Option("--proposal", metavar="N", help="As `suspense --proposals` numbers them."),
    ] = None,
    recovers: Annotated[
        str | None,
        typer.Option(
            "--recovers",
            metavar="REFERENCE",
            help="A payment that was paid back, and that the bank took back as well.",
        ),
    ] = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Allocate money in suspense to an invoice, to what a member owes, or to an employer's list.

    An invoice gets what it asks, or all there is; a list gets all there is.
    """
    given = [one for one in (invoice, member, on_list, proposal, recovers) if one is not None]
    if len(given) != 1:
        raise UserError(
            "Nothing was changed: say one of --invoice, --member, --list, --proposal and "
            "--recovers."
        )
    settings = resolve_settings(data)
    order = Placing(reference, one_line("by", by), invoice, member, on_list, proposal, recovers)
    placed = asyncio.run(_placed(settings, order))
    total = sum(placed.values())
    if as_json:
        pays = {"invoice": invoice} if invoice is not None else {"paid": placed}
        print_json({"reference": reference, **pays, "allocated_ore": total})
        return
    for number, ore in placed.items():
        say(f"{kroner(ore)} of {reference} now pays {number}.")


async def _placed(settings: Settings, order: Placing) -> dict[str, int]:
    async with _changing(settings) as connection:
        placed, periods = await place(connection, order, today=today())
    if periods:
        client = await reach_temporal(settings)
        with temporal_answers(settings):
            for number, period in periods.items():
                await wake_settlement(client, number, period)
    return placed


def take_in(reference: Reference, by: By, data: DataDir = None, as_json: AsJson = False) -> None:
    """Book money that was set aside because it might have been the same as another payment."""

    async def write(settings: Settings) -> int:
        async with _changing(settings) as connection:
            return await suspense_rows.take_in(
                connection, reference, today=today(), by=one_line("by", by)
            )

    ore = asyncio.run(write(resolve_settings(data)))
    if as_json:
        print_json({"reference": reference, "booked_ore": ore})
    else:
        say(f"{kroner(ore)} booked as {reference}.")


def write_off(
    invoice: Annotated[str, typer.Argument(metavar="NUMBER", help="The invoice's.")],
    by: By,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="For the books.")],
    undo: Annotated[
        bool, typer.Option("--undo", help="Ask again for what was written off.")
    ] = False,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Let go all that is open of an invoice: a loss in the books, undone by another decision."""
    who = {"by": one_line("by", by), "reason": one_line("reason", reason)}

    async def write(settings: Settings) -> write_offs.WriteOff:
        async with _changing(settings) as connection:
            called = await suspense_rows.invoice_called(connection, invoice)
            if undo:
                gone = await write_offs.undo_write_off(connection, called, today=today(), **who)
                return write_offs.WriteOff(gone)
            rulebook = await RulebookReader(allow_synthetic_ids=False).current(connection)
            return await write_offs.write_off(
                connection,
                called,
                rulebook.policies_on(today()),
                today=today(),
                subject=subject_of(settings),
                **who,
            )

    ore, waits = asyncio.run(write(resolve_settings(data)))
    if as_json:
        told = {"invoice": invoice, "written_off_ore": 0 if waits else -ore if undo else ore}
        print_json(told | ({"waits_for_another_person": True} if waits else {}))
    elif waits:
        say(f"{kroner(ore)} of {invoice} are written off once another person says so too.")
    elif undo:
        say(f"{kroner(ore)} of {invoice} are owed again.")
    else:
        say(f"{kroner(ore)} of {invoice} are written off.")


@asynccontextmanager
async def _changing(settings: Settings) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy]:
    """Yield a connection in a transaction; what can't be done becomes a sentence.

    Raises:
        UserError: the database does not answer, or says no.
    """
    async with transaction(settings) as connection:
        try:
            yield connection
        except suspense_rows.NotPossible as error:
            raise UserError(f"Nothing was changed: {error}.") from None
