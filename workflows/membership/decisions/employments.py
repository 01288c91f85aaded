"""Somebody's work: which of several employments is meant, and what becomes of it. A5, S5, L6."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from schemas.membership.employments import at_first, largest, standing, worked
from schemas.membership.messages.changes import EMPLOYMENT_FIELDS, ChangeEmployment
from schemas.membership.notices import AnyNotice, Employer, EmploymentNotice, Job
from schemas.membership.situation import Situation, gives_half_dues
from schemas.pricing.rulebook import in_force
from schemas.shared.vocabulary import Event, Stage
from workflows.membership.decisions.noting import check_ahead, check_branch, dated, noted
from workflows.membership.decisions.step import Moment, Refused, Step
from workflows.membership.decisions.work_questions import (
    ask_about_no_work,
    ask_for_number,
    lacks_number,
)
from workflows.membership.record import MembershipRecord

NEW = "new"
"""Asked for in place of an id: a further employment, whatever its id."""


def change_employment(record: MembershipRecord, message: ChangeEmployment, now: Moment) -> Step:
    """Return the step another job leads to. Source: S5, S22, A5, A6, A16."""
    check_branch(record, message.branch, message.effective_on)
    common = dated(record, message.effective_on, now, message.caseworker or "member")
    known = _known(record)
    employment = _meant(record, message, known)
    notices = _weighed(record, _notices(record, message, employment, common, now))
    further = "" if employment in known else "a further employment: "
    what = further + "; ".join(notice.in_words for notice in notices)
    step = noted(
        record,
        notices[0],
        now,
        Event.EMPLOYMENT_CHANGED,
        what,
        ("S5", "A5"),
        more=notices[1:],
        instead_of=_ends_ahead(record, message, employment, now),
    )
    return step if record.stage is Stage.ENDED else _asked(step, message, notices, now)


def _asked(
    step: Step, message: ChangeEmployment, notices: tuple[EmploymentNotice, ...], now: Moment
) -> Step:
    """Return the step with what must be asked: where somebody works, or whether at all."""
    last = notices[-1].effective_on
    after = step.record.situation_on(last)
    if notices[-1].position_percent == 0 and after.position_percent == 0 and not after.retired:
        # No work is no "half" (A5): whether the dues are waived is for a caseworker to decide.
        step = step.with_task("no_work") if after.on_leave else ask_about_no_work(step, last, now)
    begins = notices[0].effective_on
    unnumbered = _names(message) and lacks_number(step.record.situation_on(begins))
    if unnumbered and step.record.asks_about_work:
        return ask_for_number(step, begins, now)
    return step


def _known(record: MembershipRecord) -> list[str]:
    """Return the ids of all employments there have been, in the order they were told."""
    assert record.beginning is not None, "asked for the employments of somebody not a member"
    told = (n.employment for n in record.notices if isinstance(n, EmploymentNotice))
    return list(dict.fromkeys([*(job.id for job in at_first(record.beginning)), *told]))


def _meant(record: MembershipRecord, message: ChangeEmployment, known: list[str]) -> str:
    """Return the id of the employment a message is about; nobody is named where it is refused."""
    if message.employment in known:
        return str(message.employment)
    if message.employment is not None:
        _check_further(message, known)
        if message.employment != NEW:
            return message.employment
        return _begun(record, message) or _next(known)
    jobs = record.situation_on(message.effective_on).jobs
    stand = standing(jobs)
    if len(stand) > 1 and _is_of_one(message):
        ids = ", ".join(job.id for job in stand)
        raise Refused(
            f"employment: is required, since several stand on {message.effective_on}: {ids}; "
            f"{NEW} is a further one"
        )
    return (stand or jobs or (Job(),))[0].id


def _is_of_one(message: ChangeEmployment) -> bool:
    """Tell whether a message says more than the branch, which is the member's and no job's."""
    return any(getattr(message, name) is not None for name in EMPLOYMENT_FIELDS if name != "branch")


def _check_further(message: ChangeEmployment, known: list[str]) -> None:
    named = message.employer_orgnr is not None or message.employer_name is not None
    if not named or not message.position_percent:
        raise Refused(
            f"employment: is none of {', '.join(known) or 'those known'}; "
            "a further one names its employer and its position_percent"
        )


def _begun(record: MembershipRecord, message: ChangeEmployment) -> str | None:
    """Return the id under which the same employment was told before: sent twice it is one."""
    begun: dict[str, EmploymentNotice] = {}
    for notice in record.notices:
        if isinstance(notice, EmploymentNotice):
            begun.setdefault(notice.employment, notice)
    employer = Employer(orgnr=message.employer_orgnr, name=message.employer_name)
    same = (message.effective_on, employer, message.position_percent)
    return next(
        (
            employment
            for employment, first in begun.items()
            if (first.effective_on, first.employer, first.position_percent) == same
        ),
        None,
    )


def _next(known: list[str]) -> str:
    number = 1
    while str(number) in known:
        number += 1
    return str(number)


def _notices(
    record: MembershipRecord,
    message: ChangeEmployment,
    employment: str,
    common: dict[str, Any],
    now: Moment,
) -> tuple[EmploymentNotice, ...]:
    """Return what is told: of the day it changes, and of the day after its last one."""
    employer = _employer(record, message, employment)
    if message.deducts and (employer is None or employer.orgnr is None):
        raise Refused("deducts: the employer's organisation number is not known")
    said = any(
        getattr(message, name) is not None for name in EMPLOYMENT_FIELDS if name != "until_on"
    )
    change = EmploymentNotice(
        **common,
        employment=employment,
        employer=employer if _names(message) else None,
        position_percent=message.position_percent,
        branch=message.branch,
        deducts=message.deducts,
    )
    if message.until_on is None:
        return (change,)
    over_on = message.until_on + timedelta(days=1)
    check_ahead(record, message.until_on, now, "until_on")
    update = {"effective_on": over_on, "employment": employment, "position_percent": Decimal(0)}
    end = EmploymentNotice(**common | update)
    return (change, end) if said else (end,)


def _weighed(
    record: MembershipRecord, notices: tuple[EmploymentNotice, ...]
) -> tuple[EmploymentNotice, ...]:
    """Return notices with what they come to, where that one employment does not say it. A5, A6."""
    informed = record.model_copy(update={"notices": (*record.notices, *notices)})
    return tuple(_said_of_all(informed, notice) for notice in notices)


def _said_of_all(informed: MembershipRecord, notice: EmploymentNotice) -> EmploymentNotice:
    if notice.position_percent is None:
        return notice
    jobs, book = informed.situation_on(notice.effective_on).jobs, informed.book
    only_one = book.policies_on(notice.recorded_on).employments_count == "largest"
    counts = largest(jobs) if only_one else worked(jobs)
    at_most = in_force(book.dues, notice.recorded_on).half_at_most_percent
    gives_half = counts is not None and 0 < counts <= at_most
    if gives_half == gives_half_dues(notice, book):
        return notice
    return notice.model_copy(update={"gives_half": gives_half})


def _names(message: ChangeEmployment) -> bool:
    return message.employer_orgnr is not None or message.employer_name is not None


def _employer(
    record: MembershipRecord, message: ChangeEmployment, employment: str
) -> Employer | None:
    """Return the employer as it is known now: one by the same name keeps its number. A28."""
    known = _employer_on(record.situation_on(message.effective_on), employment)
    if not _names(message):
        return known
    number, name = message.employer_orgnr, message.employer_name
    if number is None and known is not None and _folded(name) == _folded(known.name):
        number = known.orgnr
    return Employer(orgnr=number, name=name)


def _employer_on(situation: Situation, employment: str) -> Employer | None:
    return next((job.employer for job in situation.jobs if job.id == employment), None)


def _folded(name: str | None) -> str:
    return " ".join((name or "").casefold().split())


def _ends_ahead(
    record: MembershipRecord, message: ChangeEmployment, employment: str, now: Moment
) -> tuple[AnyNotice, ...]:
    """Return the ends of an employment that lie ahead, once another last day is told."""
    if message.until_on is None:
        return ()
    ahead = max(now.today, message.effective_on)
    return tuple(
        notice
        for notice in record.notices
        if isinstance(notice, EmploymentNotice)
        and notice.employment == employment
        and notice.position_percent == 0
        and notice.effective_on > ahead
    )
