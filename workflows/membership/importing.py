"""The record that a membership begins with which was led in another system until now.

Its rows stand in PostgreSQL before its workflow begins, with decision 1 of the log. So it has
nothing to keep, to ask or to send: it takes up its record as a run does that goes on from another.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from schemas.membership.form import (
    Form,
    FormApplicant,
    FormConsents,
    FormEmployment,
    FormEnd,
    FormPension,
)
from schemas.membership.notices import Job
from schemas.membership.situation import Facts
from schemas.membership.state import ExplanationLine
from schemas.pricing.rulebook import Rulebook
from schemas.register.facts import BY, facts_of
from schemas.register.member import RegisterMember
from schemas.shared.calendar import oslo_date
from schemas.shared.vocabulary import Category, Event, InsuranceStatus, PayrollStatus, Stage
from workflows.membership import deadlines
from workflows.membership.record import (
    RECORD_VERSION,
    Asked,
    Insurance,
    MembershipRecord,
    Payroll,
    Review,
)
from workflows.membership.start import CARRIED_OVER

SAYS = "carried over from the register of another system"

RULES = ("L11",)


def record_of(
    member: RegisterMember,
    rulebook: Rulebook,
    month: date,
    at: datetime,
    *,
    membership_id: str,
    member_number: str,
) -> MembershipRecord:
    """Return the record that a membership begins with.

    Args:
        member: as it was read and checked.
        rulebook: as it is.
        month: the first day of the first month that is charged here.
        at: when it is carried over.
        membership_id: of the workflow that is about to begin.
        member_number: its own, or a new one.

    Source: L11.
    """
    on, facts = oslo_date(at), facts_of(member, rulebook, month, oslo_date(at))
    begun = MembershipRecord(
        version=RECORD_VERSION,
        membership_id=membership_id,
        received_at=at,
        review=Review(since=at),
        stage=Stage.ONBOARDING,
        application=form_of(member, facts),
        rulebook=rulebook,
        member_number=member_number,
        member_since=facts.since,
        first_member_since=member.joined_on,
        charged_from=facts.charged_from,
        fee_until=facts.fee_until,
        beginning=facts.beginning,
        notices=facts.notices,
        reached=max(on, facts.since),
        insurance=_insurance(member, facts, at),
        payroll=_payroll(facts, on),
        asks_about_work=True,
        facts_kept=True,
        decisions=CARRIED_OVER,
        log=(_line(at),),
    ).replanned()
    return asked_before(_at_present(begun), at)


def _at_present(record: MembershipRecord) -> MembershipRecord:
    """Return a record as it stands today: active, on leave, or with an insurance window open."""
    now = record.situation_on(record.reached or record.since)
    stage = Stage.ACTIVE if record.settled else Stage.ONBOARDING
    return record.model_copy(
        update={
            "stage": Stage.ON_LEAVE if now.on_leave else stage,
            "onboarded": record.settled,
            "present": now,
            "category": now.category,
            "branch": now.branch,
        }
    )


def _line(at: datetime) -> ExplanationLine:
    return ExplanationLine(
        about=Event.MEMBERSHIP_IMPORTED,
        says=SAYS,
        rules=RULES,
        decided_by=BY,
        at=at,
        confidential=False,
    )


def form_of(member: RegisterMember, facts: Facts) -> Form:
    """Return what rules would need of the application, had there been one."""
    begins = facts.beginning
    first = Job(employer=begins.employer, percent=begins.position_percent)
    jobs = [_job(job) for job in ((first,) if begins.employer else ()) + begins.further]
    end = FormEnd(ends_on=member.ends_on) if member.ends_on is not None else None
    drawn = begins.pension
    return Form(
        applicant=FormApplicant(
            birth_date=member.birth_date,
            has_national_id=member.national_id is not None,
            has_email=member.email is not None,
            has_address=member.address is not None,
        ),
        category=member.category,
        employment=jobs[0] if jobs else None,
        other_employments=tuple(jobs[1:]),
        study=end if member.category is Category.STUDENT else None,
        apprenticeship=end if member.category is Category.APPRENTICE else None,
        pension=FormPension(kind=drawn, from_on=facts.since) if drawn is not None else None,
        hidden=member.hidden,
        insurance_reservation=member.insurance is InsuranceStatus.RESERVED,
        consents=FormConsents(terms=True),
    )


def _job(job: Job) -> FormEmployment:
    employer = job.employer
    told: dict[str, Any] = {} if job.percent is None else {"position_percent": job.percent}
    return FormEmployment(
        employer_orgnr=employer.orgnr if employer is not None else None,
        employer_name=employer.name if employer is not None else None,
        **told,
    )


def _insurance(member: RegisterMember, facts: Facts, at: datetime) -> Insurance:
    """Return the insurance track; a window stays open for today at least. Source: A21."""
    status, on = member.insurance, oslo_date(at)
    told: dict[str, Any] = {}
    if status is InsuranceStatus.COVERED:
        told = {"covered_from": member.insurance_from, "premiums": facts.premiums}
    elif status is InsuranceStatus.RESERVED:
        told = {"reserved_from": member.reserved_on or facts.since}
    elif status is InsuranceStatus.WINDOW_OPEN and member.reservation_deadline is not None:
        told = {"since": at, "reservation_deadline": max(member.reservation_deadline, on)}
    return Insurance(status=status, **told)


def _payroll(facts: Facts, on: date) -> Payroll:
    if not facts.payers:
        return Payroll()
    (begins,) = facts.payers
    return Payroll(
        status=PayrollStatus.ACTIVE,
        first_period=f"{begins.starts_on:%Y-%m}",
        requested_on=on,
        payers=facts.payers,
    )


def asked_before(record: MembershipRecord, at: datetime) -> MembershipRecord:
    """Return a record in which what was to be asked by today has been: nobody gets a letter."""
    while due := [one for one in deadlines.deadlines(record) if one.due_at <= at]:
        about = _ASKS[due[0].name](record)
        asked = (*record.asked, Asked(about=about, at=at))
        record = record.model_copy(update={"asked": asked})
    return record


def _about_next_year(record: MembershipRecord) -> str:
    """Return the question to a student of the year that is asked in."""
    return deadlines.about_student_year((record.reached or record.since).year)


_ASKS: dict[str, Callable[[MembershipRecord], str]] = {
    deadlines.PENSION_QUESTION: deadlines.about_pension,
    deadlines.STUDY_QUESTION: deadlines.about_studies,
    deadlines.STUDY_OVER: deadlines.about_studies_over,
    deadlines.STUDENT_CHECK: _about_next_year,
    deadlines.WAIVER_QUESTION: deadlines.about_waiver,
}
"""What each deadline that asks something is about."""
