"""Writing a change of prices into the rulebook: only what lies ahead, and never twice."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
from pydantic import ValidationError

from activities.database.pool import load_queries
from activities.letters import phrases
from activities.pricing.charged_years import FeesStand, years_to_keep
from activities.pricing.notice import ShortNotice, dearer_from
from activities.pricing.rate_changes import RateChanges, change_rates
from activities.pricing.withdrawing import laid_down, rows_of_day
from activities.shared.begun_runs import begin_run
from activities.shared.rulebook import RulebookReader
from schemas.names import WorkflowType, repricing_id
from schemas.pricing.contracts import BenefitsChange, BranchPrice, CoverageChange, PriceChange
from schemas.pricing.described import described, in_words
from schemas.pricing.notice import announced_by
from schemas.pricing.rulebook import DuesRates, Policies, Rulebook
from schemas.shared.calendar import month_after, months_before
from schemas.shared.vocabulary import Language

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

Connection = asyncpg.pool.PoolConnectionProxy


class NotChanged(Exception):
    """The change can't be made; its text says why and what would help."""


@dataclass
class Written:
    """What a change came to in the rulebook.

    Attributes:
        before, after: the rulebook without and with it.
        rows: what was added or replaced, in words; nothing: all of it stood there.
        laid: the same rows, and what each stands in the place of; see ``laid_down``.
        rates: what comes to something else by it.
        dearer_from: the first month in which somebody is known to pay more.
        announce_by: the last day on which it may be announced; None: it makes nothing dearer.
    """

    before: Rulebook
    after: Rulebook
    rows: list[str] = field(default_factory=list)
    laid: list[dict[str, Any]] = field(default_factory=list)
    rates: RateChanges = field(default_factory=RateChanges)
    dearer_from: date | None = None
    announce_by: date | None = None


async def write_change(
    connection: Connection, change: PriceChange, *, today: date, replace: bool = False
) -> Written:
    """Write a change into the rulebook, within the caller's transaction.

    Args:
        connection: of the caller.
        change: what was decided.
        today: the business date; the change begins with a later month, one of nothing but
            amounts of branches some months before that.
        replace: put it in place of what was laid down for the same day.

    Raises:
        NotChanged: it reaches too far back, makes something dearer too soon, contradicts what
            stands, or names what nobody knows.

    Idempotent: what stands in the rulebook already is not written again.
    """
    await _SQL.lock_rulebook(connection)
    before = await RulebookReader(allow_synthetic_ids=False).current(connection)
    _refuse_the_past(change, before, today)
    written = Written(before=before, after=before)
    laid = await rows_of_day(connection, change.effective_on)
    await _dues(connection, change, written, replace=replace)
    await _premium(connection, change, written, replace=replace)
    for branch in change.branches:
        await _branch(connection, change, branch, written, replace=replace)
    for coverage in change.coverages:
        await _coverage(connection, change, coverage, written, replace=replace)
    for benefits in change.benefits:
        await _benefits(connection, change, benefits, written, replace=replace)
    await _policies(connection, change, written, replace=replace)
    written.laid = laid_down(laid, await rows_of_day(connection, change.effective_on))
    written.after = await RulebookReader(allow_synthetic_ids=False).current(connection)
    await keep_charged_years(connection, change, written)
    written.rates = await change_rates(connection, written.after)
    if written.rows:
        await _give_notice(connection, change, written, today)
    return written


async def _give_notice(
    connection: Connection, change: PriceChange, written: Written, today: date
) -> None:
    """Note until when a change is to be announced. Source: A41.

    Raises:
        NotChanged: that day has passed.
    """
    before, after = written.before, written.after
    try:
        written.dearer_from = await dearer_from(
            connection, change, written.rates, before=before, after=after, today=today
        )
    except ShortNotice as reason:
        raise NotChanged(str(reason)) from None
    months = before.policies_on(today).price_notice_months
    if written.dearer_from is not None:
        written.announce_by = announced_by(written.dearer_from, months)
    elif change.changes_rules and today <= announced_by(change.effective_on, months):
        # Nobody has been planned by the new rules: somebody may pay more.
        written.announce_by = announced_by(change.effective_on, months)


async def keep_charged_years(connection: Connection, change: PriceChange, written: Written) -> None:
    """Keep what the fees of years were charged by that the change would price anew. Source: A26.

    Raises:
        NotChanged: nothing could keep them.
    """
    charged = await months_charged(connection, change.effective_on)
    try:
        years = list(years_to_keep(written.before, written.after, change.effective_on, charged))
    except FeesStand as reason:
        raise NotChanged(str(reason)) from None
    for year in years:
        await _SQL.write_charged_year(connection, **year.model_dump())
        written.rows.append(
            f"the yearly fees of {year.year_from.year} stand, as charged on {year.charged_on} (A26)"
        )
    if years:
        written.after = await RulebookReader(allow_synthetic_ids=False).current(connection)


def _refuse_the_past(change: PriceChange, before: Rulebook, today: date) -> None:
    """Refuse a change that begins too early. Source: A26, A40.

    Raises:
        NotChanged: it does.
    """
    if not change.only_branches:
        if change.effective_on < month_after(today):
            raise NotChanged(
                f"what has been charged stands: a change begins with {month_after(today)} at the "
                f"earliest, and this one with {change.effective_on}"
            )
        return
    policies = before.policies_on(today)
    months = min(policies.branch_back_months, policies.back_months)
    earliest = months_before(today, months)
    if change.effective_on < earliest:
        raise NotChanged(
            f"amounts of a branch begin at most {months} months back (A40): with {earliest} at "
            f"the earliest, and this one with {change.effective_on}"
        )


async def note_approval(
    connection: Connection, change: PriceChange, written: Written, *, by: str, today: date
) -> None:
    """Note who approved a change, in the transaction that writes it."""
    await _SQL.note_approval(
        connection,
        effective_on=change.effective_on,
        rulebook_version=written.after.version,
        change=change.model_dump(mode="json", exclude_defaults=True),
        approved_by=by,
        approved_on=today,
        rates=written.rates.as_json,
        announce_by=written.announce_by,
        laid=written.laid,
    )
    await begin_run(
        connection,
        repricing_id(change.effective_on, written.after.version),
        WorkflowType.REPRICING,
        today,
    )


async def months_charged(connection: Connection, effective_on: date) -> dict[date, date]:
    """Return the months from a day on that were charged at the old prices, and when each was."""
    rows = _SQL.months_charged(connection, effective_on=effective_on)
    return {row["period_from"]: row["charged_on"] async for row in rows}


async def _dues(
    connection: Connection, change: PriceChange, written: Written, *, replace: bool
) -> None:
    if not change.dues:
        return
    rows = [r async for r in _SQL.read_dues(connection, effective_on=change.effective_on)]
    if not rows:
        raise NotChanged("there are no central dues yet to change")
    current = DuesRates.model_validate(dict(rows[0]))
    wanted = current.model_copy(update={**change.dues, "valid_from": change.effective_on})
    same_day = current.valid_from == change.effective_on
    if _is_new("central dues", current, wanted, same_day=same_day, replace=replace):
        await _SQL.write_dues(connection, rates=wanted.model_dump(mode="json"))
        says = ", ".join(f"{name} {value}" for name, value in change.dues.items())
        written.rows.append(f"central dues: {says}")


async def _premium(
    connection: Connection, change: PriceChange, written: Written, *, replace: bool
) -> None:
    premium_ore = change.premium_ore
    if premium_ore is None:
        return
    current = await _SQL.read_premium(connection, effective_on=change.effective_on)
    same_day = current is not None and current["valid_from"] == change.effective_on
    known = current["premium_ore"] if current else None
    if _is_new("the premium", known, premium_ore, same_day=same_day, replace=replace):
        await _SQL.write_premium(
            connection, effective_on=change.effective_on, premium_ore=premium_ore
        )
        written.rows.append(f"premium: {premium_ore} øre")


async def _branch(
    connection: Connection,
    change: PriceChange,
    branch: BranchPrice,
    written: Written,
    *,
    replace: bool,
) -> None:
    codes = [row["code"] async for row in _SQL.list_branches(connection)]
    if branch.code not in codes:
        known = f"known are {', '.join(codes)}" if codes else "none is yet"
        raise NotChanged(
            f"there is no branch {branch.code}; {known}. `medlemsflyt contact branch` adds one"
        )
    current = await _SQL.read_branch(connection, code=branch.code, effective_on=change.effective_on)
    before = (current["local_ore"], current["halves"]) if current else (None, False)
    local_ore = before[0] if branch.local_ore is None else branch.local_ore
    halves = before[1] if branch.halves is None else branch.halves
    if local_ore is None:
        raise NotChanged(f"branch {branch.code} has no dues yet: name an amount")
    same_day = current is not None and current["valid_from"] == change.effective_on
    what = f"the dues of branch {branch.code}"
    if _is_new(what, before, (local_ore, halves), same_day=same_day, replace=replace):
        await _SQL.write_branch(
            connection,
            code=branch.code,
            effective_on=change.effective_on,
            local_ore=local_ore,
            halves=halves,
        )
        halved = "halved with half dues" if halves else "the same with half dues"
        written.rows.append(f"branch {branch.code}: {local_ore} øre, {halved}")


async def _coverage(
    connection: Connection,
    change: PriceChange,
    coverage: CoverageChange,
    written: Written,
    *,
    replace: bool,
) -> None:
    names = [row["name"] async for row in _SQL.list_coverages(connection)]
    if coverage.name not in names:
        raise NotChanged(f"there is no coverage {coverage.name}; known are {', '.join(names)}")
    current = await _SQL.read_coverage(
        connection, name=coverage.name, effective_on=change.effective_on
    )
    before = (current["ends_at_age"], current["ends"]) if current else None
    wanted = (coverage.ends_at_age, coverage.ends)
    same_day = current is not None and current["valid_from"] == change.effective_on
    if _is_new(f"coverage {coverage.name}", before, wanted, same_day=same_day, replace=replace):
        await _SQL.write_coverage(connection, effective_on=change.effective_on, **dict(coverage))
        when = "birthday" if coverage.ends == "birthday" else "end of the year"
        written.rows.append(
            f"coverage {coverage.name}: until the {when} of {coverage.ends_at_age} (A17)"
        )


async def _benefits(
    connection: Connection,
    change: PriceChange,
    benefits: BenefitsChange,
    written: Written,
    *,
    replace: bool,
) -> None:
    worded = phrases.BENEFITS[Language.NB]
    if unknown := sorted({*benefits.adds, *benefits.drops} - set(worded)):
        raise NotChanged(f"there is no benefit {unknown[0]}; known are {', '.join(sorted(worded))}")
    current = await _SQL.read_benefits(
        connection, category=benefits.category, effective_on=change.effective_on
    )
    before = tuple(current["names"]) if current else ()
    wanted = benefits.to(before)
    same_day = current is not None and current["valid_from"] == change.effective_on
    what = f"the benefits of {benefits.category}"
    if _is_new(what, before, wanted, same_day=same_day, replace=replace):
        await _SQL.write_benefits(
            connection,
            category=benefits.category,
            effective_on=change.effective_on,
            names=list(wanted),
        )
        adds = (f"and {name}" for name in wanted if name not in before)
        drops = (f"without {name}" for name in before if name not in wanted)
        written.rows.append(f"benefits of {benefits.category}: {', '.join((*adds, *drops))} (B1)")


async def _policies(
    connection: Connection, change: PriceChange, written: Written, *, replace: bool
) -> None:
    checked = policies_of(change)
    for name, value in checked.items():
        current = await _SQL.read_policy(connection, name=name, effective_on=change.effective_on)
        # A policy without a row has the default of ``Policies``.
        known = current["value"] if current else Policies.model_fields[name].default
        same_day = current is not None and current["valid_from"] == change.effective_on
        if _is_new(f"policy {name}", known, value, same_day=same_day, replace=replace):
            about = described()[name]
            await _SQL.write_policy(
                connection,
                name=name,
                effective_on=change.effective_on,
                value=value,
                source=about.rule,
            )
            written.rows.append(
                f"policy {name}: {in_words(value)} in place of {in_words(known)} ({about.rule}). "
                f"{about.says.rstrip('.')}"
            )


def policies_of(change: PriceChange) -> Mapping[str, Any]:
    """Return the policies of a change as they are kept.

    Raises:
        NotChanged: one is unknown, or can't have that value.
    """
    known = sorted(set(Policies.model_fields) - {"valid_from"})
    unknown = sorted(set(change.policies) - set(known))
    if unknown:
        raise NotChanged(f"there is no policy {unknown[0]}; known are {', '.join(known)}")
    try:
        read = Policies(valid_from=change.effective_on, **change.policies)  # type: ignore[arg-type]
    except ValidationError as error:
        wrong = sorted({str(detail["loc"][0]) for detail in error.errors(include_input=False)})
        says = (f"policy {name}: must be {described()[name].must_be}" for name in wrong)
        raise NotChanged("; ".join(says)) from None
    return read.model_dump(mode="json", include=set(change.policies))


def _is_new(what: str, current: Any, wanted: Any, *, same_day: bool, replace: bool) -> bool:
    """Tell whether a row has to be written.

    Raises:
        NotChanged: something else was laid down for the same day.
    """
    if current == wanted or (isinstance(wanted, DuesRates) and _same_rates(current, wanted)):
        return False
    if same_day and not replace:
        raise NotChanged(
            f"{what}: something else has been decided for that day already; --replace puts this "
            f"in its place"
        )
    return True


def _same_rates(current: DuesRates, wanted: DuesRates) -> bool:
    """Tell whether rates differ in nothing but the day they begin."""
    return current.model_copy(update={"valid_from": wanted.valid_from}) == wanted
