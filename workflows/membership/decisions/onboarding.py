"""Approval: the terms, and the three tracks that run side by side from here."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from schemas.dues.amounts import SOURCES, first_invoice_lines
from schemas.dues.offers import ordinary_prices
from schemas.dues.terms import Span
from schemas.dues.years import pays_yearly
from schemas.membership.benefits import NOT_FOR_HIDDEN
from schemas.membership.decision import InvoiceOrder
from schemas.membership.help import help_open
from schemas.membership.insurance import (
    INSURANCE_PACKAGE,
    coverages_until,
    initial_status,
    is_eligible,
    needs_guardian,
)
from schemas.membership.notices import MAIN, Beginning, Employer, Job, Transferred
from schemas.membership.returning import charged_from, fee_until
from schemas.membership.situation import LEARNING, first_charged_month, first_month_of
from schemas.pricing.rulebook import in_force
from schemas.shared.calendar import bank_day_from, first_of_month, month_after
from schemas.shared.vocabulary import (
    Audience,
    Cadence,
    Category,
    Event,
    InsuranceStatus,
    PayrollStatus,
    Stage,
    Template,
)
from workflows.membership.decisions.step import Letters, Moment, Step, charged
from workflows.membership.decisions.transferring import carried_over, in_words, seniority
from workflows.membership.decisions.work_questions import ask_for_number, lacks_number
from workflows.membership.record import Insurance, MembershipRecord, Payroll


def approve(
    record: MembershipRecord,
    caseworker: str,
    category: Category,
    branch: str | None,
    now: Moment,
    brings: Transferred | None = None,
) -> Step:
    """Return the step that makes an applicant a member.

    Args:
        category: the caseworker's, else the applicant's.
        branch: a known branch, or None when it is not known or the member is hidden.
        brings: what is brought along from another union.

    Source: S6-S9, S26, S30-S33, A18-A21, A23, A28, A35, L10.
    """
    insured = carried_over(record, brings, category, caseworker, now)
    insured = insured or _insurance(record, category, now)
    since = seniority(record, brings, _first_member_since(record, now), now)
    joined = record.model_copy(
        update={
            "stage": Stage.ONBOARDING,
            "category": category,
            "branch": branch,
            "member_since": now.today,
            "first_member_since": since,
            "charged_from": _charged_from(record, now),
            "fee_until": _fee_until(record, now),
            "beginning": _beginning(record, category, branch, brings),
            "reached": now.today,
            "insurance": insured,
        }
    ).replanned()
    joined = joined.model_copy(update={"present": joined.situation_on(now.today)})
    invoice = _first_invoice(joined, now)
    member = joined.model_copy(update={"payroll": _payroll(joined, invoice, now)})
    begins = _charged_later(member, now)
    step = Step(
        record=member,
        event=Event.APPLICATION_APPROVED,
        says=f"approved as {category}"
        + (f", branch {branch}" if branch else "")
        + (f"; charged from {begins}" if begins else "")
        + (in_words(brings, insured) if brings else ""),
        rules=(*SOURCES[category], "S26", "A18", "A19", "A35")
        + (("invariant 10",) if begins else ())
        + (("L10",) if brings else ()),
        decided_by=caseworker,
        letters=_letters(record, member, invoice, now).done(),
        invoice=invoice,
        priced=True,
    ).settled()
    if member.asks_about_work and lacks_number(member.present_situation):
        return ask_for_number(step, now.today, now)
    return step


def _first_member_since(record: MembershipRecord, now: Moment) -> date:
    return record.former.member_since if record.former is not None else now.today


def _charged_from(record: MembershipRecord, now: Moment) -> date | None:
    """Return the first month to charge, where the approval's is covered. Source: invariant 10."""
    return None if record.former is None else charged_from(record.former, now.today)


def _fee_until(record: MembershipRecord, now: Moment) -> date | None:
    """Return the first month that no fee was paid for before. Source: invariant 10."""
    return None if record.former is None else fee_until(record.former, now.today)


def _charged_later(member: MembershipRecord, now: Moment) -> date | None:
    """Return from when something is charged, where that is not the month of the approval."""
    begins, covered = _first_day(member, now), member.charged_from or member.fee_until
    return begins if covered is not None and begins > now.today else None


def _beginning(
    record: MembershipRecord, category: Category, branch: str | None, brings: Transferred | None
) -> Beginning:
    form, job = record.form, record.form.employment
    learns = form.study or form.apprenticeship
    pension = form.pension.kind if form.pension else None
    if record.former is not None:
        # The form may be the one of the first time.
        learns = learns if category in LEARNING else None
        pension = pension or record.former.situation.pension
    return Beginning(
        category=category,
        employer=Employer(orgnr=job.employer_orgnr, name=job.employer_name) if job else None,
        position_percent=job.position_percent if job else None,
        hidden=form.hidden,
        branch=branch,
        pension=pension,
        ends_on=learns.ends_on if learns else None,
        further=tuple(_further(record)),
        transferred=brings,
    )


def _further(record: MembershipRecord) -> Iterator[Job]:
    """Yield the employments beside the first, by the numbers that follow its own. Source: A5."""
    for number, job in enumerate(record.form.other_employments, int(MAIN) + 1):
        employer = Employer(orgnr=job.employer_orgnr, name=job.employer_name)
        yield Job(id=str(number), employer=employer, percent=job.position_percent)


def _insurance(record: MembershipRecord, category: Category, now: Moment) -> Insurance:
    guardian = record.form.consents.has_guardian
    status = initial_status(
        category,
        record.birth_date,
        record.book,
        reserved=record.form.insurance_reservation,
        on=now.today,
        guardian=guardian,
    )
    if status is InsuranceStatus.RESERVED:
        return Insurance(status=status, reserved_from=now.today)
    if status is not InsuranceStatus.WINDOW_OPEN:
        return Insurance(status=status, guardian=guardian)
    at_once = record.book.policies_on(now.today).premium_at_once
    first_month = first_charged_month(now.today, record.book)
    premiums = (Span(valid_from=first_month),) if at_once else ()
    return Insurance(status=status, since=now.at, premiums=premiums, guardian=guardian)


def _first_invoice(member: MembershipRecord, now: Moment) -> InvoiceOrder | None:
    """Return the first month's invoice, or None when nothing is charged.

    Of somebody who comes back the first month may lie further ahead than the next, or a fee be
    paid for its year. A dues run then makes the invoice.

    Source: S26, A18, A35, invariant 10.
    """
    first_month = first_of_month(_first_day(member, now))
    if first_month > month_after(now.today):
        return None
    lines = tuple(
        line
        for line in first_invoice_lines(member.terms, _first_day(member, now))
        if line.kind not in member.charged_elsewhere
    )
    if not lines:
        return None
    days = member.book.policies_on(now.today).payment_days
    return InvoiceOrder(
        period_from=first_month,
        lines=lines,
        issued_on=now.today,
        due_on=bank_day_from(now.today + timedelta(days=days)),
    )


def _first_day(member: MembershipRecord, now: Moment) -> date:
    """Return the first day of the membership that is charged. Source: A19, invariant 10."""
    first = max(first_month_of(member.facts, member.book), now.today)
    paid = member.fee_until is not None and pays_yearly(member.situation_on(first))
    return max(first, member.fee_until or first) if paid else first


def _payroll(member: MembershipRecord, invoice: InvoiceOrder | None, now: Moment) -> Payroll:
    """Return whether the employer is asked, and when: never after a payment that nobody asked for.

    Source: S14, S30, A20, A23, A28.
    """
    deductible = any(t.amount_ore and t.cadence is Cadence.MONTHLY for t in member.terms)
    if member.present_situation.deducting is None or not deductible:
        return Payroll()
    if member.book.policies_on(now.today).payroll_needs_first_payment and invoice is not None:
        return Payroll(awaits_payment=True)
    return requested(now)


def requested(now: Moment) -> Payroll:
    """Return the payroll track of a request sent now. Source: A20."""
    return Payroll(status=PayrollStatus.REQUESTED, requested_at=now.at, requested_on=now.today)


def _letters(
    record: MembershipRecord, member: MembershipRecord, invoice: InvoiceOrder | None, now: Moment
) -> Letters:
    """Return everybody's letters about an approval. Source: M3, A27."""
    letters, book, category = Letters.of(record), record.book, member.category
    assert category is not None, "an approved member has a category"
    letters.member(Template.WELCOME, **_welcome(member, category, now))
    if invoice is not None:
        letters.member(Template.FIRST_INVOICE)
    if is_eligible(category, record.birth_date, book, now.today):
        letters.insurer(
            Template.INSURANCE_NEW_MEMBER,
            category=str(category),
            member_since=now.today.isoformat(),
            guardian_needed=guardian_needed(member, now),
            **_goes_on(member),
        )
    if member.insurance.status is InsuranceStatus.RESERVED:
        effective = now.today.isoformat()
        letters.member(Template.RESERVATION_CONFIRMED, effective_on=effective)
        letters.insurer(Template.INSURANCE_STATUS, status="reserved", from_on=effective)
    if member.branch is not None:
        letters.add(Audience.BRANCH, Template.BRANCH_NEW_MEMBER, branch=member.branch)
    if _thanks_recruiter(record, now):
        letters.add(Audience.RECRUITER, Template.RECRUITER_THANKS)
    if member.payroll.status is PayrollStatus.REQUESTED:
        letters.employer(
            Template.PAYROLL_START, terms=charged(member.terms, _first_day(member, now))
        )
    return letters


def _thanks_recruiter(record: MembershipRecord, now: Moment) -> bool:
    """Tell whether the recruiter hears of an approval: once for a person. Source: S28, A27."""
    if record.former is not None and record.former.thanked:
        return False
    if record.hidden or record.book.policies_on(now.today).recruiter_thanks == "never":
        return False
    return record.form.is_recruited and record.form.consents.tell_recruiter


def _welcome(member: MembershipRecord, category: Category, now: Moment) -> dict[str, Any]:
    policies = member.book.policies_on(now.today)
    return {
        "category": str(category),
        "member_since": now.today.isoformat(),
        "terms": charged(member.terms, _first_day(member, now)),
        "benefits": [
            {"name": name} for name in benefits_of(member, category, now, hidden=member.hidden)
        ],
        "insurance": str(member.insurance.status),
        "reservation_window_days": policies.window_days,
        "premium_ore": in_force(member.book.premiums, now.today).premium_ore,
        "hidden": member.hidden,
        "guardian_needed": guardian_needed(member, now),
        "coverages": coverages_until(member.birth_date, member.book, now.today),
        "asks_employer": member.payroll.status is PayrollStatus.REQUESTED
        or member.payroll.awaits_payment,
        "notice_months": policies.notice_months,
        "ended_kept_years": policies.ended_kept_years,
        "books_kept_years": policies.books_kept_years,
        "help": [
            {"kind": str(step.kind), "months": step.from_months} for step in help_open(0, policies)
        ],
        **_prices(member, category, now),
        **_goes_on(member),
        **_counted(member, now),
    }


def _prices(member: MembershipRecord, category: Category, now: Moment) -> dict[str, Any]:
    """Return what half dues come to, for whoever may come to have the right to them. S5, A6."""
    if category is not Category.ORDINARY:
        return {}
    policies = member.book.policies_on(now.today)
    return {
        **ordinary_prices(member.birth_date, member.book, now.today),
        "half_back_months": min(policies.back_months, policies.half_dues_back_months),
    }


def _goes_on(member: MembershipRecord) -> dict[str, Any]:
    """Return from when another union's insurance goes on here, if it does. Source: L10."""
    covered_from = member.insurance.covered_from
    if covered_from is None:
        return {}
    (premium,) = member.insurance.premiums
    return {
        "covered_from": covered_from.isoformat(),
        "premium_from": premium.valid_from.isoformat(),
    }


def _counted(member: MembershipRecord, now: Moment) -> dict[str, Any]:
    """Return what counts of the time in another union, if anything does. Source: L10, B2."""
    brings = member.beginning.transferred if member.beginning is not None else None
    if brings is None:
        return {}
    counts = member.book.policies_on(now.today).transfer_counts_paid_months
    return {"paid_months_before": brings.paid_months if counts else 0}


def guardian_needed(record: MembershipRecord, now: Moment) -> bool:
    """Tell whether a minor waits for a guardian's word to be insured. Source: A38."""
    category, status = record.category, record.insurance.status
    assert category is not None, "a member has a category"
    waits = status is InsuranceStatus.NOT_APPLICABLE and not record.insurance.guardian
    born, book = record.birth_date, record.book
    return (
        waits
        and needs_guardian(born, book, now.today)
        and is_eligible(category, born, book, now.today)
    )


def benefits_of(
    record: MembershipRecord, category: Category, now: Moment, *, hidden: bool
) -> list[str]:
    """Return the names of what a member is entitled to. Source: B1, S31-S33, A38."""
    lacks = set(NOT_FOR_HIDDEN) if hidden else set()
    eligible = is_eligible(category, record.birth_date, record.book, now.today)
    reserved = record.insurance.status is InsuranceStatus.RESERVED
    if not eligible or reserved or guardian_needed(record, now):
        lacks.add(INSURANCE_PACKAGE)
    return [name for name in record.book.benefits_of(category, now.today) if name not in lacks]
