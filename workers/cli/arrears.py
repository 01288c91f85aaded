"""`medlemsflyt arrears`, `hold-reminders`, `payment-plan`: pursue what is not paid, or not yet."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Annotated, Any

import asyncpg
import typer

from activities.arrears import agreements
from activities.arrears.pursuing import rehearse
from activities.shared.rulebook import RulebookReader
from schemas.arrears.contracts import ArrearsDay, ArrearsOrder, ArrearsProgress, ArrearsReport
from schemas.arrears.plans import Instalment
from schemas.names import WorkflowType, arrears_run_id
from schemas.pricing.rulebook import Policies
from schemas.shared.amounts import in_kroner, kroner
from workers.cli.shared import clock
from workers.cli.shared.connections import database, membership_id, transaction
from workers.cli.shared.options import AsJson, DataDir, MembershipId
from workers.cli.shared.printing import counted, print_json, print_table, say
from workers.cli.shared.reading import day_of, one_line
from workers.cli.shared.runs import RunRequest, Shown, result_of
from workers.errors import UserError
from workers.settings import Settings, resolve_settings

STEPS = {
    "first_reminder": ("first reminder", "first reminders"),
    "second_reminder": ("second reminder", "second reminders"),
    "caseworker": ("member for a caseworker", "members for a caseworker"),
    "suspense": (
        "member with enough money in suspense",
        "members with enough money in suspense",
    ),
    "warning": ("member warned", "members warned"),
    "struck_off": ("member to be struck off", "members to be struck off"),
    "quarantined": ("member who could not be pursued", "members who could not be pursued"),
}
"""What is counted, of one and of several."""

By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("arrears")(arrears)
    app.command("hold-reminders")(hold_reminders)
    app.command("payment-plan")(payment_plan)


def arrears(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done today, and do nothing.")
    ] = False,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Remind, warn and strike off who has not paid; run again today, it adds nothing.

    A run that was interrupted goes on where it stopped. With --json the report alone.
    """
    settings = resolve_settings(data)
    day = ArrearsDay(today=clock.today())
    if dry_run:
        report = asyncio.run(_rehearsed(settings, day))
    else:
        report = asyncio.run(_run(settings, day, quiet=as_json))
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
    else:
        _show(report, dry_run=dry_run)


async def _rehearsed(settings: Settings, day: ArrearsDay) -> ArrearsReport:
    async with database(settings) as pool, pool.acquire() as connection:
        rulebook = await RulebookReader(allow_synthetic_ids=False).current(connection)
        return await rehearse(connection, day, rulebook)


async def _run(settings: Settings, day: ArrearsDay, *, quiet: bool) -> ArrearsReport:
    run = RunRequest(
        workflow=WorkflowType.ARREARS_RUN,
        id=arrears_run_id(day.today),
        order=ArrearsOrder(today=day.today).model_dump(mode="json"),
        ended=f"The run of {day.today} ended",
    )

    def look(answer: Any) -> Shown:
        done = ArrearsProgress.model_validate(answer)
        return Shown("Pursuing", done.pages, done.pages_done)

    return await result_of(settings, run, ArrearsReport, quiet=quiet, look=look, doing="Pursuing")


def _show(report: ArrearsReport, *, dry_run: bool) -> None:
    counts = report.counts
    say(f"{kroner(counts.owed_ore)} overdue on {report.today}.")
    for name, (one, several) in STEPS.items():
        number = getattr(counts, name)
        if number:
            say(f"{'Would be: ' if dry_run else ''}{counted(number, one, several)}.")
    if report.reinstated:
        would = "would be" if dry_run else "are"
        again = counted(report.reinstated, "member")
        say(f"After a strike-off {again} paid: they {would} taken up again, or apply anew (A30).")


def hold_reminders(
    member: MembershipId,
    until: Annotated[
        str,
        typer.Option(
            metavar="YYYY-MM-DD",
            help="When what is owed is pursued again; today ends an earlier hold.",
        ),
    ],
    by: By,
    reason: Reason,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Have a member not reminded, warned or struck off before a day."""
    until_on = day_of("until", until)
    member = membership_id(member)

    async def write(settings: Settings) -> None:
        async with _deciding(settings) as (connection, policies):
            await agreements.hold_reminders(
                connection,
                member,
                policies,
                until_on=until_on,
                today=clock.today(),
                by=one_line("by", by),
                reason=one_line("reason", reason),
            )

    asyncio.run(write(resolve_settings(data)))
    if as_json:
        print_json({"membership_id": member, "until": str(until_on)})
    else:
        say(f"Nothing is pursued of {member} before {until_on}.")


def payment_plan(
    member: MembershipId,
    by: By,
    reason: Reason,
    months: Annotated[
        int | None, typer.Option("--months", metavar="N", help="How many instalments.")
    ] = None,
    first: Annotated[
        str | None, typer.Option("--first", metavar="YYYY-MM-DD", help="The day of the first one.")
    ] = None,
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="End the plan: what is owed is pursued again.")
    ] = False,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Agree on instalments for all that a member owes; kept, nothing of it is pursued."""
    settings = resolve_settings(data)
    member = membership_id(member)
    decided = {"by": one_line("by", by), "reason": one_line("reason", reason)}
    if withdraw:
        asyncio.run(_withdrawn(settings, member, decided))
        plan: tuple[Instalment, ...] = ()
    elif months is None or first is None:
        raise UserError("Nothing was changed: say how many --months, and the day of the --first.")
    else:
        plan = asyncio.run(_planned(settings, member, months, day_of("first", first), decided))
    if as_json:
        print_json(
            {
                "membership_id": member,
                "instalments": [instalment.model_dump(mode="json") for instalment in plan],
            }
        )
    elif withdraw:
        say(f"The payment plan of {member} has ended.")
    else:
        print_table(
            "Instalments",
            ("Due", "Kroner"),
            [(str(one.due_on), in_kroner(one.amount_ore)) for one in plan],
        )


async def _planned(
    settings: Settings, member: str, months: int, first_on: date, decided: dict[str, str]
) -> tuple[Instalment, ...]:
    async with _deciding(settings) as (connection, policies):
        return await agreements.make_plan(
            connection,
            member,
            policies,
            first_on=first_on,
            months=months,
            today=clock.today(),
            **decided,
        )


async def _withdrawn(settings: Settings, member: str, decided: dict[str, str]) -> None:
    async with _deciding(settings) as (connection, _):
        await agreements.withdraw_plan(connection, member, today=clock.today(), **decided)


@asynccontextmanager
async def _deciding(
    settings: Settings,
) -> AsyncIterator[tuple[asyncpg.pool.PoolConnectionProxy, Policies]]:
    """Yield a connection in a transaction, and today's policies; what can't be is a sentence.

    Raises:
        UserError: the database does not answer, or says no.
    """
    async with transaction(settings) as connection:
        rulebook = await RulebookReader(allow_synthetic_ids=False).current(connection)
        try:
            yield connection, rulebook.policies_on(clock.today())
        except agreements.NotPossible as error:
            raise UserError(f"Nothing was changed: {error}.") from None
