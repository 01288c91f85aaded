"""The facts of a life that a member's rows tell: what a membership here begins with."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from schemas.dues.terms import PayerChange, Span
from schemas.membership.insurance import first_premium_month
from schemas.membership.notices import (
    AnyNotice,
    Beginning,
    Employer,
    EmploymentNotice,
    EndNotice,
    Job,
    LeaveNotice,
    Transferred,
)
from schemas.membership.situation import Facts
from schemas.pricing.rulebook import Rulebook
from schemas.register.member import RegisterEmployment, RegisterMember
from schemas.shared.calendar import month_after
from schemas.shared.vocabulary import InsuranceStatus, Outcome, Payer

BY = "import"
"""Who decided what comes with a register."""


def facts_of(member: RegisterMember, rulebook: Rulebook, month: date, on: date) -> Facts:
    """Return the facts that a member's rows tell.

    A membership begins the day it began there, and is charged from the month it is carried over.
    What holds then counts as having held from the beginning: what was charged before is not ours.

    Args:
        member: as it was read.
        rulebook: no membership begins before it does.
        month: the first day of the first month that is charged here.
        on: the day it is carried over.

    Source: A19, A20, L1.
    """
    fee = member.fee_through
    return Facts(
        birth_date=member.birth_date,
        since=min(max(member.joined_on, rulebook.policies[0].valid_from), month),
        beginning=_beginning(member, month),
        notices=tuple(
            notice.model_copy(update={"number": number})
            for number, notice in enumerate(_notices(member, month, on), 1)
        ),
        premiums=tuple(_premiums(member)),
        payers=tuple(_payers(member, month)),
        charged_from=month,
        fee_until=month_after(fee) if fee is not None else None,
    )


def _beginning(member: RegisterMember, month: date) -> Beginning:
    jobs = tuple(
        Job(
            id=str(place),
            employer=_employer(job),
            percent=job.position_percent,
            deducts=True if _is_named(member, job) else None,
        )
        for place, job in enumerate(standing_jobs(member, month), 1)
    )
    first = jobs[0] if jobs else Job()
    paid = member.paid_months
    return Beginning(
        category=member.category,
        employer=first.employer,
        position_percent=first.percent,
        hidden=member.hidden,
        branch=member.branch,
        pension=member.pension,
        ends_on=member.ends_on,
        further=jobs[1:],
        transferred=Transferred(member_since=member.joined_on, paid_months=paid) if paid else None,
    )


def standing_jobs(member: RegisterMember, month: date) -> list[RegisterEmployment]:
    """Return the employments that stand in the first month, in their order."""
    return [job for job in member.employments if not _is_to_come(job, month)]


def _is_to_come(job: RegisterEmployment, month: date) -> bool:
    return job.from_on is not None and job.from_on > month


def _is_named(member: RegisterMember, job: RegisterEmployment) -> bool:
    return member.deductor is not None and job.employer_orgnr == member.deductor


def _employer(job: RegisterEmployment) -> Employer | None:
    if job.employer_orgnr is None and job.employer_name is None:
        return None
    return Employer(orgnr=job.employer_orgnr, name=job.employer_name)


def _notices(member: RegisterMember, month: date, on: date) -> Iterator[AnyNotice]:
    told: dict[str, Any] = {"number": 0, "recorded_on": on, "decided_by": BY}
    if member.leave is not None and member.leave_from and member.leave_until:
        yield LeaveNotice(
            effective_on=member.leave_from,
            until_on=member.leave_until,
            waiver=member.leave,
            share=member.leave_share,
            **told,
        )
    coming = [job for job in member.employments if _is_to_come(job, month)]
    for place, job in enumerate(coming, len(member.employments) - len(coming) + 1):
        assert job.from_on is not None, "it is to come"
        yield EmploymentNotice(
            effective_on=job.from_on,
            employment=str(place),
            employer=_employer(job),
            position_percent=job.position_percent,
            **told,
        )
    if member.leaves_on is not None:
        yield EndNotice(
            kind="resign",
            outcome=Outcome.RESIGNED,
            effective_on=member.leaves_on + timedelta(days=1),
            reported_on=on,
            **told,
        )


def _premiums(member: RegisterMember) -> Iterator[Span]:
    if member.insurance is InsuranceStatus.COVERED and member.insurance_from is not None:
        yield Span(valid_from=first_premium_month(member.insurance_from))


def _payers(member: RegisterMember, month: date) -> Iterator[PayerChange]:
    if member.deductor is not None:
        yield PayerChange(
            starts_on=month,
            payer=Payer.PAYROLL,
            employer_orgnr=member.deductor,
            given_on=month,
        )
