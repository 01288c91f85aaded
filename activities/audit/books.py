"""Comparing what stands in PostgreSQL with what else stands there."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from activities.audit.findings import MAX_FINDINGS, Connection, Finding, Findings
from activities.database.pool import load_queries, patiently
from activities.pricing.announcing import Outdated, is_outdated
from activities.shared.paging import bounds_of, numbers_of, pages_of_members
from schemas.audit.contracts import (
    AuditMonth,
    AuditOpening,
    AuditPage,
    AuditPlan,
    Check,
    CheckReport,
)
from schemas.direct_debit.deadlines import deadlines
from schemas.pricing.rulebook import Rulebook
from schemas.shared.calendar import first_of_month, month_after, months_before

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

PAGE_SIZE = 50_000
"""Member numbers a page: a few seconds' work, so that a restart repeats little."""

SAMPLE = 200
"""Members planned anew each night, a fraction of a second: in some years everybody."""


ACCOUNTS = 12

OF_STANDING = (
    Check.ENDED_TERMS,
    Check.NO_DUES,
    Check.CREDIT_UNNOTICED,
    Check.TERMS_NOT_ALLOWED,
    Check.LIST_NOT_ALLOWED,
    Check.DISCLOSURE_NOT_ALLOWED,
)


async def plan_audit(
    connection: Connection, rulebook: Rulebook, opening: AuditOpening, *, busy: bool
) -> AuditPlan:
    """Say what there is to look at: as far back as a run may still correct, or somebody is held.

    Source: A31.
    """
    today = opening.today
    window = months_before(today, rulebook.policies_on(today).back_months)
    found = await _SQL.read_months(connection, since=window)
    months, month = [], first_of_month(found["first"])
    while month <= month_after(today):
        months.append(month)
        month = month_after(month)
    return AuditPlan(
        opening=opening,
        busy=busy,
        months=tuple(months),
        charged=tuple(found["charged"]),
        pages=await pages_of_members(connection, PAGE_SIZE),
        page_size=PAGE_SIZE,
    )


async def compare_ledger(connection: Connection, plan: AuditPlan) -> tuple[CheckReport, ...]:
    """Compare the accounts with what they stand for, and all money with its entries."""
    since = plan.months[0]
    async with patiently(connection):
        looked = {
            Check.BALANCES: ACCOUNTS,
            Check.ENTRY_OF_MONEY: await _SQL.count_money(connection, since=since),
            Check.INVOICE_SERIES: await _SQL.count_series(connection),
            Check.INSURANCE_TOLD: await _SQL.count_told(connection),
        }
        findings = Findings(looked)
        await findings.read(_SQL.find_balances(connection))
        await findings.read(_SQL.find_series(connection, most=MAX_FINDINGS))
        await findings.read(_SQL.find_told(connection, most=MAX_FINDINGS))
        await findings.read(_SQL.find_money(connection, since=since, most=MAX_FINDINGS))
        return await findings.keep(connection, plan)


async def compare_claims(
    connection: Connection, rulebook: Rulebook, plan: AuditPlan
) -> tuple[CheckReport, ...]:
    """Compare what the bank was told to collect with invoices, mandates and money. Source: P9."""
    since, today = plan.months[0], plan.opening.today
    until = deadlines(today, rulebook.policies_on(today))
    async with patiently(connection):
        claims = await _SQL.count_claims(connection, since=since)
        due = await _SQL.count_by_mandate(connection, since=since)
        findings = Findings(
            {Check.CLAIM_OF_INVOICE: claims, Check.CLAIM_MISSED: due, Check.CLAIM_VOID: claims}
        )
        await findings.read(
            _SQL.find_claims(
                connection,
                since=since,
                before=today - timedelta(days=1),
                earliest=until.earliest,
                cancel_from=until.cancel_from,
                refused_before=until.refused_before - timedelta(days=1),
                most=MAX_FINDINGS,
            )
        )
        return await findings.keep(connection, plan)


async def compare_month(connection: Connection, looked_at: AuditMonth) -> tuple[CheckReport, ...]:
    """Compare the charges, invoices, corrections and lists of a month, line by line."""
    month = looked_at.month
    async with patiently(connection):
        counts = await _SQL.count_month(connection, month=month)
        findings = Findings(
            {
                Check.ENTRY_OF_CHARGE: counts["charges"],
                Check.CHARGE_HASH: counts["charges"],
                Check.INVOICE_TOTAL: counts["invoices"],
                Check.CORRECTION_EXPLAINED: counts["corrections"],
                Check.LIST_LINES: counts["lines"],
                Check.LIST_TOTAL: counts["lists"],
                Check.CHARGE_WITHOUT_LIST: counts["deducted"],
            }
        )
        await findings.read(_SQL.find_charges(connection, month=month, most=MAX_FINDINGS))
        await findings.read(_SQL.find_lists(connection, month=month, most=MAX_FINDINGS))
        return await findings.keep(connection, looked_at.plan)


async def compare_amounts(connection: Connection, looked_at: AuditMonth) -> tuple[CheckReport, ...]:
    """Compare what members were charged for a month with their terms, and mark who was not.

    One statement for all members: page by page, each would read the whole month.
    """
    plan, month = looked_at.plan, looked_at.month
    async with patiently(connection):
        members = await _SQL.count_charged(connection, month=month)
        findings = Findings(dict.fromkeys((Check.NOT_CHARGED, Check.CHARGED_OTHERWISE), members))
        await findings.read(_SQL.find_amounts(connection, month=month, most=MAX_FINDINGS))
        if not plan.opening.dry_run:
            uncharged = [one.membership_id for one in findings.of(Check.NOT_CHARGED)]
            await _SQL.mark_for_reassessment(connection, memberships=uncharged)
        return await findings.keep(connection, plan)


async def compare_members(connection: Connection, page: AuditPage) -> tuple[CheckReport, ...]:
    """Compare the members of a page: terms with standing, and what was shown to others."""
    plan = page.plan
    first, last = bounds_of(numbers_of(page.first, plan.page_size))
    today = plan.opening.today
    async with patiently(connection):
        members = await _SQL.count_page(connection, first=first, last=last)
        findings = Findings(dict.fromkeys(OF_STANDING, members))
        await findings.read(
            _SQL.find_standing(
                connection,
                first=first,
                last=last,
                today=today,
                this_month=first_of_month(today),
                next_month=month_after(today),
                most=MAX_FINDINGS,
            )
        )
        return await findings.keep(connection, plan)


async def compare_sample(
    connection: Connection, rulebook: Rulebook, plan: AuditPlan
) -> tuple[CheckReport, ...]:
    """Plan the terms of a few members anew by the rules, and compare."""
    async with patiently(connection):
        rows = [
            row
            async for row in _SQL.read_sample(
                connection, salt=_salt(plan.opening.today), version=rulebook.version, size=SAMPLE
            )
        ]
        findings = Findings({Check.TERMS_AS_PLANNED: len(rows)})
        for finding in await asyncio.to_thread(_otherwise, rows, rulebook):
            findings.add(finding)
        return await findings.keep(connection, plan)


def _salt(today: date) -> str:
    """Return what makes each day's sample another one, and the same all day."""
    return today.isoformat()


def _otherwise(rows: Sequence[Mapping[str, Any]], rulebook: Rulebook) -> list[Finding]:
    found = []
    for row in rows:
        try:
            if not is_outdated(row["facts"], row["terms"], rulebook):
                continue
            says = "the terms are not what the rules make of the facts"
        except Outdated as fault:
            says = f"no terms can be planned: {fault}"
        member = row["membership_id"]
        found.append(Finding(Check.TERMS_AS_PLANNED, member, says, member))
    return found
