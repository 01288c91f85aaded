"""The employments of a member over time, as the ``state`` query tells them."""

from collections.abc import Iterator
from datetime import date

from schemas.membership.employments import deductor, standing
from schemas.membership.history import history_of
from schemas.membership.situation import Situation
from schemas.membership.state import EmploymentState
from workflows.membership.record import MembershipRecord


def employments_of(record: MembershipRecord) -> tuple[EmploymentState, ...]:
    """Return every employment with the days for which it holds unchanged, by when it began. A5."""
    if record.beginning is None:
        return ()
    end = record.leaving.effective_on if record.leaving is not None else None
    history = history_of(record.facts)
    days = [day for day in history.days if day > record.since]
    days = [record.since, *(day for day in days if end is None or day < end)]
    running: dict[str, EmploymentState] = {}
    over: list[EmploymentState] = []
    for day in days:
        now = {job.id: job for job in _standing(history.told_by(day), day)}
        kept = {key: job for key, job in running.items() if now.get(key) == _from(job, day)}
        over += [_until(job, day) for key, job in running.items() if key not in kept]
        running = now | kept
    over += [_until(job, end) for job in running.values()]
    return tuple(sorted(over, key=lambda job: (job.valid_from, job.id)))


def _standing(situation: Situation, day: date) -> Iterator[EmploymentState]:
    deducts = deductor(situation.jobs)
    for job in standing(situation.jobs):
        yield EmploymentState(
            id=job.id,
            employer_orgnr=job.employer.orgnr if job.employer is not None else None,
            position_percent=job.percent,
            deducts=job is deducts and not situation.hidden,
            valid_from=day,
        )


def _from(job: EmploymentState, day: date) -> EmploymentState:
    return job.model_copy(update={"valid_from": day})


def _until(job: EmploymentState, day: date | None) -> EmploymentState:
    return job.model_copy(update={"valid_to": day})
