"""`medlemsflyt reprice`: try out new prices on everybody, approve them, make them known."""

import asyncio
from datetime import date, datetime
from typing import Annotated, Any

import asyncpg
import typer
from pydantic import ValidationError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from activities.pricing.preview import preview
from activities.pricing.rulebook_change import NotChanged, note_approval, write_change
from schemas.names import WorkflowType, repricing_id
from schemas.pricing.contracts import PriceChange, PricePreview, RepricingProgress, RepricingReport
from schemas.shared.faults import faults_of
from workers.cli.pricing.tables import show_preview, show_report
from workers.cli.shared.amounts import ore_of, pair, plain_value
from workers.cli.shared.clock import today
from workers.cli.shared.connections import database
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import console, say
from workers.cli.shared.reading import read_one
from workers.cli.shared.runs import RunRequest, Shown, result_of
from workers.errors import UserError
from workers.settings import Settings, resolve_settings

Percent = Annotated[str | None, typer.Option(metavar="PERCENT", help="Of full central dues.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("reprice")(reprice)


def reprice(
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="[FILE]", help="The change as JSON, in place of all the options that name one."
        ),
    ] = None,
    effective_from: Annotated[
        datetime | None,
        typer.Option(
            "--from",
            formats=["%Y-%m-%d"],
            metavar="DATE",
            help="The first of a coming month; for branches alone, of one of the last (A40).",
        ),
    ] = None,
    central: Annotated[
        str | None, typer.Option(metavar="KR", help="Full central dues a month, as 520.00 (S2).")
    ] = None,
    premium: Annotated[
        str | None, typer.Option(metavar="KR", help="The insurance package a month (S7).")
    ] = None,
    branch: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE=KR", help="A branch's dues a month (S4); may be repeated."),
    ] = None,
    branch_halves: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE=true|false", help="Whether half dues halve them (A3)."),
    ] = None,
    policy: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="A reading of ours (rules in A); may be repeated."),
    ] = None,
    coverage: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=AGE[/end_of_year]",
            help="The birthday, or the year, a coverage ends with (A17); may be repeated.",
        ),
    ] = None,
    benefit: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CATEGORY=NAME", help="What a category gets from then on (B1); may be repeated."
        ),
    ] = None,
    no_benefit: Annotated[
        list[str] | None,
        typer.Option(metavar="CATEGORY=NAME", help="What it gets no longer; may be repeated."),
    ] = None,
    half_percent: Percent = None,
    quarter_percent: Percent = None,
    student_percent: Percent = None,
    pensioner_percent: Percent = None,
    half_at_most_percent: Annotated[
        str | None,
        typer.Option(metavar="PERCENT", help="The most work with the right to half dues (S5)."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would come to, and change nothing.")
    ] = False,
    approved_by: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who answers for the change.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="In place of what was decided for the same day.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Try out new prices with --dry-run, or approve them and announce them to all concerned.

    The same command again announces nothing twice: it goes on where something is left.
    """
    named: dict[str, Any] = {
        "effective_on": effective_from and effective_from.date(),
        "full_central_ore": _ore(central, "--central"),
        "premium_ore": _ore(premium, "--premium"),
        "branches": _branches(branch or [], branch_halves or []),
        "coverages": [_coverage(text) for text in coverage or []],
        "benefits": _benefits(benefit or [], no_benefit or []),
        "policies": dict(_policy(text) for text in policy or []),
        "half_percent": half_percent,
        "quarter_percent": quarter_percent,
        "student_percent": student_percent,
        "pensioner_percent": pensioner_percent,
        "half_at_most_percent": half_at_most_percent,
    }
    given = {name: value for name, value in named.items() if value not in (None, [], {})}
    change = _change(file, given)
    if not dry_run and not (approved_by or "").strip():
        raise UserError(
            "Nothing was changed: say who approves it with --approved-by, or --dry-run."
        )
    settings = resolve_settings(data)
    found = asyncio.run(_preview(settings, change, replace=replace, quiet=as_json))
    if dry_run:
        _print_preview(found, as_json=as_json, dry_run=True)
        return
    if not as_json:
        _print_preview(found, as_json=False, dry_run=False)
    if not yes and not typer.confirm("Approve this, and tell everybody?", err=True):
        raise UserError("Nothing was changed.")
    version = asyncio.run(_approve(settings, change, str(approved_by).strip(), replace=replace))
    report = asyncio.run(_tell(settings, change.effective_on, version, quiet=as_json))
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
    else:
        show_report(report)


def _ore(kroner: str | None, what: str) -> int | None:
    return None if kroner is None else ore_of(kroner, what)


def _branches(amounts: list[str], halves: list[str]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for text in amounts:
        code, kroner = pair(text, "--branch")
        if code in found:
            raise UserError(f"Nothing was changed: --branch names {code} twice.")
        found[code] = {"code": code, "local_ore": ore_of(kroner, f"--branch {code}")}
    for text in halves:
        code, value = pair(text, "--branch-halves")
        found.setdefault(code, {"code": code})["halves"] = plain_value(value)
    return list(found.values())


def _policy(text: str) -> tuple[str, bool | int | str]:
    name, value = pair(text, "--policy")
    return name, plain_value(value)


def _coverage(text: str) -> dict[str, Any]:
    name, value = pair(text, "--coverage")
    age, _, ends = value.partition("/")
    return {"name": name, "ends_at_age": plain_value(age), "ends": ends or "birthday"}


def _benefits(adds: list[str], drops: list[str]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for field, option, texts in (("adds", "--benefit", adds), ("drops", "--no-benefit", drops)):
        for text in texts:
            category, name = pair(text, option)
            of = found.setdefault(category, {"category": category})
            of.setdefault(field, []).append(name)
    return list(found.values())


def _change(file: str | None, named: dict[str, Any]) -> PriceChange:
    """Return what a file says, or the options that were given.

    Raises:
        UserError: both were given, or neither makes a change.
    """
    try:
        if file is None:
            return PriceChange.model_validate(named)
        if named:
            raise UserError("Nothing was changed: the change stands in the file or in options.")
        return PriceChange.model_validate_json(read_one(file))
    except ValidationError as error:
        raise UserError(f"Nothing was changed: {'; '.join(faults_of(error))}.") from None


def _print_preview(found: PricePreview, *, as_json: bool, dry_run: bool) -> None:
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
    else:
        show_preview(found, dry_run=dry_run)


async def _preview(
    settings: Settings, change: PriceChange, *, replace: bool, quiet: bool
) -> PricePreview:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]:,} members/s"),
        TimeElapsedColumn(),
    )
    async with database(settings) as pool:
        with Progress(*columns, console=console(), transient=True, disable=quiet) as bar:
            task = bar.add_task("Working out", total=None, rate=0)

            def show(done: int, of: int) -> None:
                bar.update(task, completed=done, total=of, rate=round(bar.tasks[task].speed or 0))

            try:
                return await preview(pool, change, today=today(), replace=replace, progress=show)
            except NotChanged as error:
                raise UserError(f"Nothing was changed: {error}.") from None


async def _approve(
    settings: Settings, change: PriceChange, approved_by: str, *, replace: bool
) -> str:
    """Write the change into the rulebook, and return the version that has it in it."""
    async with database(settings) as pool:
        return await approve(pool, change, by=approved_by, today=today(), replace=replace)


async def approve(
    pool: asyncpg.Pool, change: PriceChange, *, by: str, today: date, replace: bool = False
) -> str:
    """Write a change into the rulebook in one transaction, with who approved it.

    Raises:
        UserError: it can't be made; nothing was written.
    """
    try:
        async with pool.acquire() as connection, connection.transaction():
            written = await write_change(connection, change, today=today, replace=replace)
            await note_approval(connection, change, written, by=by, today=today)
    except NotChanged as error:
        raise UserError(f"Nothing was changed: {error}.") from None
    return written.after.version


async def _tell(
    settings: Settings, effective_on: date, version: str, *, quiet: bool
) -> RepricingReport:
    run = RunRequest(
        workflow=WorkflowType.REPRICING,
        id=repricing_id(effective_on, version),
        order={"effective_on": effective_on.isoformat(), "rulebook": version},
        ended="Telling the members ended",
    )
    if not quiet:
        say(f"The prices stand in the rulebook. {run.id} tells the members.")

    def look(answer: Any) -> Shown:
        done = RepricingProgress.model_validate(answer)
        left = "" if done.unconfirmed is None else f"{done.unconfirmed:,} to follow"
        return Shown("Looking at members", done.of, done.members, left)

    return await result_of(settings, run, RepricingReport, quiet=quiet, look=look)
