"""`medlemsflyt insurance-settlement`: what is owed to the insurance office for a month."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from activities.insurance.paying import approve_payout, ask_payout, read_payout
from activities.insurance.settling import NotSettled, note_payment, settle_premiums
from activities.payments.suspense import NotPossible
from schemas.insurance.contracts import Settlement
from schemas.shared.amounts import in_kroner, kroner
from workers.cli.insurance.files import settlement_csv
from workers.cli.insurance.office import DryRun, Period, month_of, write_once
from workers.cli.shared.clock import today
from workers.cli.shared.connections import trying
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import print_table, say
from workers.cli.shared.reading import one_line
from workers.errors import UserError
from workers.settings import Settings, resolve_settings
from workers.signing import subject_of


def insurance_settlement(
    period: Period,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write the statement there.")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="NAME", help="Ask for it to be paid out; or who approves."),
    ] = None,
    approve: Annotated[
        bool, typer.Option("--approve", help="Approve the payout; not by whoever asked.")
    ] = False,
    dry_run: DryRun = False,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Book what has been received as premium until a month's end, and is owed to the office.

    What the bank took back or a credit note gave back comes off. Asked for again it is the same.
    With --by it is asked to be paid out, somebody else approves (--approve), and refund-file tells
    the bank; what is paid by hand there is named with insurance-paid.
    """
    settings, who = resolve_settings(data), by and one_line("by", by)
    if (approve and who is None) or (dry_run and who is not None):
        raise UserError("Nothing was settled: say who approves with --by, and no --dry-run.")
    found = asyncio.run(_settled(settings, period, who, approve=approve, dry_run=dry_run))
    if csv is not None:
        write_once(csv, settlement_csv(found, settings.union.orgnr))
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
        return
    print_table(
        f"Received as premium until the end of {found.period}, in kroner",
        ("Charged for", "Received"),
        [(f"{one.charged_from:%Y-%m}", in_kroner(one.amount_ore)) for one in found.months],
    )
    would = "would be owed" if dry_run and found.made_now else "is owed"
    say(f"{kroner(found.amount_ore)} {would} to the insurance office for {found.period}.")
    if found.payout is not None:
        payout = found.payout
        say(f"Payout {payout.refund_id} of {kroner(payout.amount_ore)} is {payout.state}.")
    elif who is not None:
        say("Nothing is to be paid out.")


async def _settled(
    settings: Settings, period: str, by: str | None, *, approve: bool, dry_run: bool
) -> Settlement:
    month = month_of(period)
    async with trying(settings, keep=not dry_run) as connection:
        try:
            found = await settle_premiums(connection, month, today())
            if by is None:
                payout = await read_payout(connection, month)
            else:
                act = approve_payout if approve else ask_payout
                subject = subject_of(settings)
                payout = await act(connection, month, today=today(), by=by, subject=subject)
            return found.model_copy(update={"payout": payout})
        except (NotSettled, NotPossible) as error:
            raise UserError(f"Nothing was settled: {error}.") from None


def insurance_paid(
    period: Period,
    entry: Annotated[
        str,
        typer.Argument(metavar="ENTRY", help="The bank's debit, as `refunds --debits` names it."),
    ],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who says so.")],
    data: DataDir = None,
) -> None:
    """Say which debit of the bank paid the insurance office, all that was owed until a month."""
    settings = resolve_settings(data)
    paid = asyncio.run(_paid(settings, period, entry, one_line("by", by)))
    say(f"Noted: the insurance office was paid {kroner(paid)} until {period}.")


async def _paid(settings: Settings, period: str, entry: str, by: str) -> int:
    async with trying(settings, keep=True) as connection:
        try:
            return await note_payment(connection, month_of(period), entry, today=today(), by=by)
        except NotSettled as error:
            raise UserError(f"Nothing was noted: {error}.") from None
