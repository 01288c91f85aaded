"""A member as the service keeps it, turned into the rows of a register: the way back of facts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from schemas.dues.payers import is_by_list
from schemas.dues.plan import charges_in
from schemas.membership.employments import standing
from schemas.membership.insurance import (
    initial_status,
    is_eligible,
    package_ends,
    reservation_deadline,
)
from schemas.membership.notices import AnyNotice, EmploymentNotice, Job, LeaveNotice
from schemas.membership.situation import Facts, Situation, ending, situation_on
from schemas.pricing.rulebook import Rulebook
from schemas.register.member import RegisterEmployment, RegisterInvoice, RegisterMember
from schemas.register.rules import PAYS_YEARLY
from schemas.shared.calendar import months_before
from schemas.shared.vocabulary import Event, InsuranceStatus, LineKind, Payer

Columns = dict[str, Any]

Named = tuple[str | None, str | None]
"""An employer's name, and the position with it."""


@dataclass(frozen=True)
class Kept:
    """A member as the database has it.

    Attributes:
        person: what stands in columns of the same name in a register.
        facts: what its terms follow from, without names.
        named: what employers are called, by organisation number; None: one without.
        insurance_event, insurance_on: the last decision about the package.
        reserved_at_once: the application came with a reservation.
        told_insurance, told_insurance_on: where the package stood when the member was carried over.
        fee_charged: the month with which a year's fee was charged last.
        invoices: the open ones.
    """

    member_number: str
    member_since: date
    person: Mapping[str, Any]
    facts: Facts
    named: Mapping[str | None, Named] = field(default_factory=dict)
    insurance_event: str | None = None
    insurance_on: date | None = None
    reserved_at_once: bool = False
    told_insurance: str | None = None
    told_insurance_on: date | None = None
    fee_charged: date | None = None
    balance_ore: int = 0
    invoices: tuple[RegisterInvoice, ...] = ()


@dataclass(frozen=True)
class Exported:
    """A member as a register has it, and how many coming changes it has no columns for."""

    member: RegisterMember
    coming_changes: int = 0


def exported(kept: Kept, rulebook: Rulebook, month: date, on: date) -> Exported | None:
    """Return a member as of the month that is to be charged elsewhere; None: it has left by then.

    Args:
        kept: as the database has it.
        rulebook: as it is.
        month: the first day of that month.
        on: the business date.

    Raises:
        NotInForce: the rulebook says nothing for that month.
    """
    facts = kept.facts
    end = ending(facts)
    if end is not None and end.effective_on <= month:
        return None
    now = situation_on(facts, rulebook, max(month, facts.since))
    charges = charges_in(facts, rulebook, month)
    by_list = any(is_by_list(payer) for _, _, payer in charges.values())
    jobs = standing(now.jobs) or tuple(job for job in (now.foremost,) if job and job.percent != 0)
    known = {job.employer.orgnr for job in jobs if job.employer is not None}
    by_list = by_list and now.deducting in known
    coming = [notice for notice in facts.notices if notice.effective_on > month]
    new_jobs = tuple(_new_jobs(coming, now))
    leave = next(iter(sorted(_leaves(facts, month), key=lambda one: one.effective_on)), None)
    told = (*new_jobs, *([leave] if leave else []), *([end] if end else []))
    columns: Columns = {
        "number": kept.member_number,
        **kept.person,
        "birth_date": facts.birth_date,
        "category": now.category,
        "ends_on": now.ends_on,
        "pension": now.pension,
        "joined_on": kept.member_since,
        "leaves_on": end.effective_on - timedelta(days=1) if end is not None else None,
        "branch": now.home_branch,
        "hidden": now.hidden,
        **_insurance(kept, now, rulebook, month, on),
        **_leave(leave),
        "payer": Payer.PAYROLL if by_list else Payer.DIRECT,
        "deducted_by": now.deducting if by_list else None,
        "fee_through": _fee_through(kept, now, month),
        "paid_months": _paid_months(facts),
        "balance_ore": kept.balance_ore,
        **{column: charges[kind][0] if kind in charges else 0 for column, kind in _CHARGED.items()},
    }
    member = RegisterMember.model_construct(
        **columns,
        employments=(
            *(_job(kept, job) for job in jobs),
            *(_coming_job(kept, notice) for notice in new_jobs),
        ),
        invoices=kept.invoices,
    )
    return Exported(member, sum(notice not in told for notice in coming))


_CHARGED = {
    "charged_central_ore": LineKind.CENTRAL_DUES,
    "charged_local_ore": LineKind.LOCAL_DUES,
    "charged_premium_ore": LineKind.INSURANCE_PREMIUM,
}


def _new_jobs(coming: list[AnyNotice], now: Situation) -> Iterator[EmploymentNotice]:
    """Yield the employments that are to begin beside those that stand."""
    known = {job.id for job in now.jobs}
    for notice in coming:
        if not isinstance(notice, EmploymentNotice) or notice.employment in known:
            continue
        if notice.position_percent != 0 and notice.branch is None:
            known.add(notice.employment)
            yield notice


def _leaves(facts: Facts, month: date) -> Iterator[LeaveNotice]:
    for notice in facts.notices:
        if isinstance(notice, LeaveNotice) and notice.until_on >= month and not notice.deductor:
            yield notice


def _leave(notice: LeaveNotice | None) -> Columns:
    if notice is None:
        return {"leave": None, "leave_share": None, "leave_from": None, "leave_until": None}
    return {
        "leave": notice.waiver,
        "leave_share": notice.share,
        "leave_from": notice.effective_on,
        "leave_until": notice.until_on,
    }


def _insurance(kept: Kept, now: Situation, rulebook: Rulebook, month: date, on: date) -> Columns:
    """Return where the package stands, with the day that goes with it. S6, A17, A21."""
    born = kept.facts.birth_date
    paid = next((s for s in kept.facts.premiums if s.valid_to is None or s.valid_to > month), None)
    day: date | None = None
    if package_ends(born, rulebook) <= month:
        status = InsuranceStatus.ENDED
    elif not is_eligible(now.category, born, rulebook, month):
        status = InsuranceStatus.NOT_APPLICABLE
    elif paid is not None:
        status, day = InsuranceStatus.COVERED, paid.valid_from
    else:
        status, day = _undecided(kept, now, rulebook, on)
    return {
        "insurance": status,
        **{column: day if status is of else None for of, column in _DAYS.items()},
    }


_DAYS = {
    InsuranceStatus.COVERED: "insurance_from",
    InsuranceStatus.RESERVED: "reserved_on",
    InsuranceStatus.WINDOW_OPEN: "reservation_deadline",
}


def _undecided(
    kept: Kept, now: Situation, rulebook: Rulebook, on: date
) -> tuple[InsuranceStatus, date | None]:
    """Return where it stands by the last decision, else as it was told, else as it begins."""
    match kept.insurance_event:
        case Event.INSURANCE_RESERVED:
            return InsuranceStatus.RESERVED, kept.insurance_on
        case Event.INSURANCE_NOTICE_RECORDED:
            return InsuranceStatus.WINDOW_OPEN, reservation_deadline(
                kept.insurance_on or on, rulebook
            )
    if kept.facts.premiums or kept.insurance_event == Event.INSURANCE_ENDED:
        return InsuranceStatus.ENDED, None
    if kept.told_insurance is not None:
        return InsuranceStatus(kept.told_insurance), kept.told_insurance_on
    status = initial_status(
        now.category, kept.facts.birth_date, rulebook, reserved=kept.reserved_at_once, on=on
    )
    opens = status is InsuranceStatus.WINDOW_OPEN
    return status, reservation_deadline(on, rulebook) if opens else None


def _fee_through(kept: Kept, now: Situation, month: date) -> date | None:
    """Return the last month a year's fee was charged for, if it is not over. A26, invariant 10."""
    if now.category not in PAYS_YEARLY:
        return None
    until = kept.facts.fee_until
    ends = [months_before(until, 1)] if until is not None else []
    ends += [kept.fee_charged.replace(month=12)] if kept.fee_charged is not None else []
    return max((end for end in ends if end >= month), default=None)


def _paid_months(facts: Facts) -> int | None:
    brought = facts.beginning.transferred
    return brought.paid_months or None if brought is not None else None


def _job(kept: Kept, job: Job) -> RegisterEmployment:
    orgnr = job.employer.orgnr if job.employer is not None else None
    name, position = kept.named.get(orgnr, (None, None))
    return RegisterEmployment.model_construct(
        member=kept.member_number,
        employer_orgnr=orgnr,
        employer_name=name,
        position=position,
        position_percent=job.percent,
        from_on=None,
    )


def _coming_job(kept: Kept, notice: EmploymentNotice) -> RegisterEmployment:
    job = Job(employer=notice.employer, percent=notice.position_percent)
    return _job(kept, job).model_copy(update={"from_on": notice.effective_on})
