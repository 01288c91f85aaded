"""`medlemsflyt branch-dues`, `branch-account`: what came in for branches, and its way to them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import asyncpg
import typer

from activities.books import branches as settling
from activities.payments.suspense import NotPossible
from activities.payments.transactions import account_number
from schemas.books.branches import BranchDues, BranchSettlement
from schemas.shared.amounts import in_kroner, kroner
from workers.cli.books.branch_files import write_documents
from workers.cli.shared.clock import today
from workers.cli.shared.connections import transaction
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import plain, print_json, print_table, say
from workers.cli.shared.reading import day_of, one_line
from workers.errors import UserError
from workers.settings import Settings, resolve_settings
from workers.signing import subject_of

Work = Callable[[asyncpg.pool.PoolConnectionProxy], Awaitable[Any]]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("branch-dues")(branch_dues)
    app.command("branch-account")(branch_account)


def branch_dues(
    period: Annotated[
        datetime,
        typer.Argument(formats=["%Y-%m"], metavar="YYYY-MM", help="A month that is over."),
    ],
    by: Annotated[
        str | None, typer.Option("--by", metavar="NAME", help="Who settles, or approves.")
    ] = None,
    approve: Annotated[
        bool, typer.Option("--approve", help="Approve the payouts; not by whoever settled.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would come to, and change nothing.")
    ] = False,
    files: Annotated[
        Path | None,
        typer.Option(
            "--files", metavar="FOLDER", help="Write a table and a letter a branch there."
        ),
    ] = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Settle with all branches what a month brought in, and ask for it to be paid out.

    Somebody else approves (--approve), and refund-file tells the bank. The same again changes
    nothing. What becomes known later stands in the next month's settlement.
    """
    if dry_run == (by is not None) or (dry_run and approve):
        raise UserError("Nothing was changed: say who does it with --by, or --dry-run.")
    settings, month, who = resolve_settings(data), period.date(), by and one_line("by", by)

    async def work(connection: asyncpg.pool.PoolConnectionProxy) -> BranchDues:
        if who is None:
            return await settling.foretell(connection, month, today())
        act = settling.approve if approve else settling.settle
        subject = subject_of(settings)
        return await act(connection, month, today=today(), by=who, subject=subject)

    found: BranchDues = asyncio.run(_do(settings, work))
    if files is not None:
        write_documents(files, found, settings.union)
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        _show(found)


def branch_account(
    branch: Annotated[str, typer.Argument(metavar="CODE", help="The branch's.")],
    account: Annotated[str, typer.Argument(metavar="NUMBER", help="Its account: 11 digits.")],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who has been told it.")],
    from_on: Annotated[
        str | None, typer.Option("--from", metavar="YYYY-MM-DD", help="Default: today.")
    ] = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Say to which account a branch's money goes from a day on."""
    settings, who = resolve_settings(data), one_line("by", by)
    day = today() if from_on is None else day_of("from", from_on)
    if account_number(account) == settings.union.account_number:
        raise UserError("Nothing was changed: that is our own account.")
    kept = asyncio.run(
        _do(
            settings,
            lambda at: settling.name_account(
                at,
                branch,
                account,
                from_on=day,
                today=today(),
                by=who,
                subject=subject_of(settings),
            ),
        )
    )
    if as_json:
        print_json({"branch": branch, "account": kept, "from_on": str(day)})
    else:
        say(f"Branch {branch} is paid to {kept} from {day}.")


def _show(found: BranchDues) -> None:
    print_table(
        f"Local dues that came in until the end of {found.period_from:%Y-%m}, in kroner",
        ("Branch", "", "Of this month", "Paid out", "Refund", "State"),
        [
            (
                one.branch,
                plain(one.name),
                in_kroner(one.amount_ore),
                "–" if one.payout_ore is None else in_kroner(one.payout_ore),
                one.refund_id or "–",
                _state(one),
            )
            for one in found.settlements
        ],
    )
    say(f"In all {kroner(sum(one.amount_ore for one in found.settlements))}.")
    if found.unplaced_ore:
        say(f"Of no branch that anybody knows: {kroner(found.unplaced_ore)}, in all that came in.")


def _state(one: BranchSettlement) -> str:
    if one.refund_id is None:
        if one.made_by is None:
            return "not settled yet"
        return "no account yet" if one.owed_ore > 0 else "nothing to pay out"
    if one.approved_by is None:
        return "to be approved"
    return f"paid {one.paid_on}" if one.paid_on else "approved"


async def _do(settings: Settings, work: Work) -> Any:
    """Return what a change comes to, in a transaction; what can't be done becomes a sentence."""
    async with _changing(settings) as connection:
        return await work(connection)


@asynccontextmanager
async def _changing(settings: Settings) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy]:
    async with transaction(settings) as connection:
        try:
            yield connection
        except NotPossible as error:
            raise UserError(f"Nothing was changed: {error}.") from None
