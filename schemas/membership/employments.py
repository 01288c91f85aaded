"""A member's employments: several at a time, each a fact of its own; one of them deducts. A5."""

from collections.abc import Iterable
from decimal import Decimal

from schemas.membership.notices import Beginning, Employer, EmploymentNotice, Job

Jobs = tuple[Job, ...]
"""In the order they began."""


def at_first(beginning: Beginning) -> Jobs:
    """Return the employments of the day of approval."""
    if beginning.employer is None and beginning.position_percent is None:
        return beginning.further
    first = Job(employer=beginning.employer, percent=beginning.position_percent)
    return (first, *beginning.further)


def standing(jobs: Iterable[Job]) -> Jobs:
    """Return the employments that have not ended."""
    return tuple(job for job in jobs if job.percent != 0)


def worked(jobs: Jobs) -> Decimal | None:
    """Return the percentage that counts: the sum, or None when unknown or not working. A5."""
    percents = [job.percent for job in standing(jobs)]
    known = [percent for percent in percents if percent is not None]
    return sum(known, Decimal(0)) if jobs and len(known) == len(percents) else None


def largest(jobs: Jobs) -> Decimal | None:
    """Return the percentage of the largest employment, or None when one is unknown. A5."""
    percents = [job.percent for job in standing(jobs)]
    known = [percent for percent in percents if percent is not None]
    return max(known) if known and len(known) == len(percents) else None


def deductor(jobs: Jobs) -> Job | None:
    """Return the employment whose employer may deduct: never two. Source: A5, A20, A28.

    The one that somebody has named; else the first with a number that nobody has ruled out.
    """
    may = [
        job
        for job in standing(jobs)
        if job.employer is not None and job.employer.orgnr is not None and job.deducts is not False
    ]
    return next((job for job in may if job.deducts), may[0] if may else None)


def foremost(jobs: Jobs) -> Job | None:
    """Return the employment that stands for all where there is room for one."""
    return deductor(jobs) or next(iter(standing(jobs) or jobs), None)


def told(jobs: Jobs, notice: EmploymentNotice) -> Jobs:
    """Return the employments once what a notice says of one is true: another, or a further one."""
    before = _found(jobs, notice.employment)
    another = notice.employer is not None and _number(notice.employer) != _number(before.employer)
    after = before.model_copy(
        update={
            "employer": _named(before.employer, notice.employer),
            # Whoever had no work and names an employer works: how much is not known.
            "percent": notice.position_percent or before.percent or None,
            "deducts": notice.deducts if another else _said(notice.deducts, before.deducts),
            "worked_before": None,
        }
    )
    others = [job for job in standing(jobs) if job.id != after.id]
    if notice.deducts:
        others = [_not_named(job) for job in others]
    place = len([job for job in jobs[: _place(jobs, after.id)] if job in standing(jobs)])
    return (*others[:place], after, *others[place:])


def ruled(jobs: Jobs, notice: EmploymentNotice) -> Jobs:
    """Return the employments once somebody has said which of them deducts, and nothing besides."""
    known = any(job.id == notice.employment for job in standing(jobs))
    return told(jobs, notice) if known else jobs


def ended(jobs: Jobs, employment: str) -> Jobs:
    """Return the employments once one has ended; of the last one it is kept what it was."""
    left = tuple(job for job in standing(jobs) if job.id != employment)
    if left:
        return left
    last = _found(jobs, employment) if _known(jobs, employment) or not jobs else jobs[0]
    before = worked(jobs) if standing(jobs) else last.worked_before
    return (last.model_copy(update={"percent": Decimal(0), "worked_before": before}),)


def beside_a_pension(jobs: Jobs, percent: Decimal) -> Jobs:
    """Return the employments once so much is worked beside a pension. Source: A16.

    Of several each keeps its own percentage, which is told of it alone.
    """
    stand = standing(jobs)
    if len(stand) > 1:
        return stand
    (one,) = stand or jobs[:1] or (Job(),)
    return (one.model_copy(update={"percent": percent, "worked_before": None}),)


def _not_named(job: Job) -> Job:
    return job.model_copy(update={"deducts": None}) if job.deducts else job


def _known(jobs: Jobs, employment: str) -> bool:
    return any(job.id == employment for job in jobs)


def _found(jobs: Jobs, employment: str) -> Job:
    return next((job for job in jobs if job.id == employment), Job(id=employment))


def _place(jobs: Jobs, employment: str) -> int:
    return next((at for at, job in enumerate(jobs) if job.id == employment), len(jobs))


def _number(employer: Employer | None) -> str | None:
    return employer.orgnr if employer is not None else None


def _named(before: Employer | None, now: Employer | None) -> Employer | None:
    """Return the employer as it is known now: a number that was asked for leaves the name."""
    if now is None or before is None:
        return now or before
    numbered = before.orgnr is None and now.orgnr is not None and now.name is None
    return now.model_copy(update={"name": before.name}) if numbered else now


def _said(now: bool | None, before: bool | None) -> bool | None:
    return before if now is None else now
