"""Members whose terms the rules planned, and what they are charged for a month."""

import uuid
from datetime import UTC, date, datetime, time, timedelta

import asyncpg

from activities.dues.activities import Dues
from activities.membership.activities import Persistence
from schemas.dues.amounts import first_invoice_lines
from schemas.dues.contracts import DuesOpening, DuesPage, DuesPageReport, DuesReport
from schemas.dues.plan import plan_terms
from schemas.dues.terms import Term
from schemas.membership.decision import Decision, InvoiceOrder
from schemas.membership.situation import Facts, situation_on
from schemas.shared.calendar import bank_day_from, first_of_month
from schemas.shared.vocabulary import Cadence, LineKind, Payer, Stage
from tests.builders import BOOK
from tests.dues.lives import A, life
from tests.membership.making import approval, decision, intake, standing

SINCE = date(2026, 10, 14)
"""When members join unless told otherwise: their first invoice is for October."""

DECEMBER = date(2026, 12, 1)


def term(
    amount_ore: int = 49500,
    *,
    payer: Payer = Payer.DIRECT,
    cadence: Cadence = Cadence.MONTHLY,
    valid_from: date = date(2026, 10, 1),
    employer: str | None = None,
    prorated: bool = False,
) -> Term:
    """A term that no rule planned: what a row of an older version may say."""
    return Term(
        kind=LineKind.CENTRAL_DUES,
        amount_ore=amount_ore,
        cadence=cadence,
        payer=payer,
        valid_from=valid_from,
        employer_orgnr=employer,
        prorated=prorated,
    )


async def joins(
    persistence: Persistence,
    facts: Facts | None = None,
    *,
    membership_id: str | None = None,
    terms: tuple[Term, ...] | None = None,
    employer: str | None = A,
) -> str:
    """Let somebody join as the workflow would: terms by the rules, and the first invoice.

    Args:
        facts: a full-time member from October 2026 on, unless given.
        terms: in place of what the rules plan; then there is no first invoice.
        employer: the one the person names today.

    Returns:
        The membership id.
    """
    facts = facts or life(since=SINCE)
    membership_id = membership_id or f"membership-{uuid.uuid4()}"
    there = situation_on(facts, BOOK, facts.since)
    planned = plan_terms(facts, BOOK)
    await persistence.receive_application(
        intake(
            membership_id,
            name=membership_id,
            email=f"{membership_id}@example.org",
            hidden=there.hidden,
            employment={"employer_orgnr": employer} if employer else None,
        )
    )
    await persistence.record_decision(
        approval(
            membership_id,
            decided_at=datetime.combine(facts.since, time(10), UTC),
            decided_on=facts.since,
            standing=standing(
                category=there.category,
                hidden=there.hidden,
                branch=there.branch,
                member_since=facts.since,
            ),
            terms=planned if terms is None else terms,
            invoice=None if terms is not None else first_invoice(planned, facts),
            letters=(),
            facts=facts if terms is None else None,
        )
    )
    return membership_id


def first_invoice(terms: tuple[Term, ...], facts: Facts) -> InvoiceOrder | None:
    """Return what is billed at the approval, or None when nothing is charged."""
    lines = first_invoice_lines(terms, facts.since)
    if not lines:
        return None
    return InvoiceOrder(
        period_from=first_of_month(facts.since),
        lines=lines,
        issued_on=facts.since,
        due_on=bank_day_from(facts.since + timedelta(days=14)),
    )


def replanned(membership_id: str, number: int, *terms: Term) -> Decision:
    """A later decision with another set of terms."""
    return decision(number, membership_id, standing=standing(Stage.ACTIVE), terms=terms)


async def charge(
    dues: Dues, period: str, *, today: date | None = None, page_size: int | None = None
) -> tuple[DuesReport, list[DuesPageReport]]:
    """Run a month as the workflow does, and return its report and what each page added."""
    today = today or date.fromisoformat(f"{period}-02")
    run = await dues.open_dues_run(DuesOpening(period=period, today=today))
    firsts = run.pages
    if page_size is not None:
        last = int(firsts[-1]) + run.page_size if firsts else 1
        run = run.model_copy(update={"page_size": page_size})
        firsts = tuple(f"{first:08d}" for first in range(1, min(last, 100), page_size))
    pages = [await dues.charge_dues_page(DuesPage(run=run, first=first)) for first in firsts]
    return await dues.report_dues_run(run), pages


def nothing_new(report: DuesReport) -> DuesReport:
    """The report of the same run, come again."""
    return report.model_copy(update={"new_charges": 0, "new_invoices": 0, "lists": 0, "letters": 0})


async def charged(pool: asyncpg.Pool, membership_id: str, period: date) -> dict[str, int]:
    """Return what a member is charged for a month: øre by kind, an employer's under its number."""
    rows = await pool.fetch(
        "SELECT kind, amount_ore, employer_orgnr FROM charges "
        "WHERE membership_id = $1 AND period_from = $2",
        membership_id,
        period,
    )
    return {
        " ".join(filter(None, (row["kind"], row["employer_orgnr"]))): row["amount_ore"]
        for row in rows
    }


COUNTED = (
    "charges",
    "invoices",
    "entries",
    "corrections",
    "reassessments",
    "dues_runs",
    "dues_quarantine",
    "decisions",
    "letters",
)


async def counted(pool: asyncpg.Pool) -> dict[str, int]:
    """Return how many rows there are of everything a run could write."""
    return {name: await pool.fetchval(f"SELECT count(*) FROM {name}") for name in COUNTED}
