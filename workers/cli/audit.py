"""`medlemsflyt audit`: what has drifted, what was mended, and what is left to people."""

import asyncio
from typing import Annotated, Any

import typer
from rich.table import Table

from schemas.audit.contracts import MEANS, AuditOrder, AuditProgress, AuditReport, CheckReport
from schemas.names import WorkflowType, audit_id
from workers.cli.shared.clock import today
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import console, counted, say
from workers.cli.shared.runs import RunRequest, Shown, result_of
from workers.settings import Settings, resolve_settings

EXIT_LEFT = 1


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("audit")(audit)


def audit(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what has drifted, and change nothing.")
    ] = False,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Compare workflows, terms, ledger, lists and messages; mend what is safe, hold the rest.

    Ends with 0 when nothing is left, with 1 when something is left to people. With --json the
    report alone.
    """
    settings = resolve_settings(data)
    order = AuditOrder(today=today(), dry_run=dry_run)
    report = asyncio.run(_run(settings, order, quiet=as_json))
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
    else:
        _show(report)
    if report.left:
        raise typer.Exit(EXIT_LEFT)


async def _run(settings: Settings, order: AuditOrder, *, quiet: bool) -> AuditReport:
    run = RunRequest(
        workflow=WorkflowType.AUDIT,
        id=audit_id(order.today or today(), dry_run=order.dry_run),
        order=order.model_dump(mode="json"),
        ended="The audit ended",
    )

    def look(answer: Any) -> Shown:
        done = AuditProgress.model_validate(answer)
        return Shown(done.doing, done.parts, done.parts_done, f"{done.drifted:,} drifted")

    return await result_of(settings, run, AuditReport, quiet=quiet, look=look, doing="Opening")


def _show(report: AuditReport) -> None:
    title = f"Audit of {report.today}" + (", nothing changed" if report.dry_run else "")
    table = Table("Check", title=title)
    for name in ("Looked at", "Drifted", "Mended", "Held"):
        table.add_column(name, justify="right")
    for check in report.checks:
        counts = (check.looked_at, check.drifted, check.mended, check.held)
        table.add_row(str(check.check).replace("_", " "), *(f"{count:,}" for count in counts))
    console().print(table)
    for check in report.checks:
        _say(check)
    if report.released:
        say(f"Held no longer: {counted(report.released, 'member')}.")
    if report.waited_in_vain:
        say("A dues run is still under way: what members are charged was not compared.")
    say(_verdict(report))


def _say(check: CheckReport) -> None:
    """Say what a check found, in words."""
    if not check.drifted:
        return
    say(f"{check.check}: not so: {MEANS[check.check].says}")
    for found in check.named:
        say(f"  {found.subject}: {found.says}.")
    if check.drifted > len(check.named):
        say(f"  and {check.drifted - len(check.named):,} more, in the table audit_findings.")


def _verdict(report: AuditReport) -> str:
    drifted = sum(check.drifted for check in report.checks)
    if not drifted:
        return "Nothing has drifted."
    if not report.left:
        return f"Drifted: {drifted:,}; all is mended."
    if report.dry_run:
        return f"Drifted: {drifted:,}; nothing was changed."
    return f"Left to people: {report.left:,}; each is a task."
