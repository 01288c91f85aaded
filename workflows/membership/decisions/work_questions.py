"""What is asked about work: an employer's number, and what comes without work. A28, A5, A36."""

from dataclasses import replace
from datetime import date

from schemas.membership.employments import standing
from schemas.membership.messages.changes import ChangeEmployment
from schemas.membership.messages.review import DecideApplication
from schemas.membership.notices import Job
from schemas.membership.situation import Situation
from schemas.shared.messages import Message
from schemas.shared.vocabulary import Category, Event, Template
from workflows.membership import deadlines
from workflows.membership.decisions.step import Letters, Moment, Step
from workflows.membership.record import Asked, MembershipRecord


def asks_about_work(record: MembershipRecord, message: Message) -> bool:
    """Tell whether something may be asked once a message is applied."""
    match message:
        case ChangeEmployment():
            unnumbered = message.employer_name is not None and message.employer_orgnr is None
            return unnumbered or message.position_percent == 0 or message.until_on is not None
        case DecideApplication():
            form = record.application
            job = form.employment if form is not None else None
            return job is not None and job.employer_orgnr is None
        case _:
            return False


def lacks_number(situation: Situation) -> bool:
    """Tell whether an employer could deduct if its number were known. Source: A28."""
    works = situation.category is Category.ORDINARY and situation.position_percent != 0
    known = situation.hidden or situation.on_leave or situation.deducting is not None
    # Of several any may be the one: the first may have been ruled out.
    jobs = standing(situation.jobs) or tuple(filter(None, [situation.foremost]))
    return works and not known and any(map(_unnumbered, jobs))


def _unnumbered(job: Job) -> bool:
    """Tell whether an employer that nobody has ruled out is known by its name alone."""
    employer = job.employer
    named = employer is not None and employer.name is not None and employer.orgnr is None
    return named and job.deducts is not False


def without_work(situation: Situation) -> bool:
    """Tell whether it is open what somebody without work pays. Source: A5, A36."""
    idle = situation.position_percent == 0 and not situation.retired and not situation.on_leave
    return idle and situation.category is Category.ORDINARY


def ask_for_number(step: Step, on: date, now: Moment) -> Step:
    """Return a step that asks the member, and the caseworkers, for an employer's number. A28."""
    return _also_asked(step, f"employer:{on}", now, "employer_number", "employer_number")


def ask_about_no_work(step: Step, on: date, now: Moment) -> Step:
    """Return a step that asks the member what comes, and has a caseworker decide. A5, A36."""
    return _also_asked(step, f"work:{on}", now, "no_work", "no_work")


def _also_asked(step: Step, about: str, now: Moment, asked: str, task: str) -> Step:
    """Return a step with a question; what it is asked again for stands once in the record."""
    letters = Letters(number=step.record.decisions + 1, written=list(step.letters))
    record = step.record
    if record.asks_about_work:
        letters.member(Template.WORK_QUESTION, about=asked, until_on=None)
        others = tuple(one for one in record.asked if one.about != about)
        record = record.model_copy(update={"asked": (*others, Asked(about=about, at=now.at))})
    return replace(step, record=record, letters=letters.to_caseworkers(task).done())


def ask_about_waiver(record: MembershipRecord, now: Moment) -> Step:
    """Return the step that asks in time whether there is work again. Source: A36."""
    until = deadlines.waived_until(record)
    about = deadlines.about_waiver(record)
    letters = Letters.of(record).member(
        Template.WORK_QUESTION, about="waiver", until_on=until.isoformat()
    )
    letters.to_caseworkers("waiver_ends", until.isoformat())
    return Step(
        record=record.model_copy(update={"asked": (*record.asked, Asked(about=about, at=now.at))}),
        event=Event.WAIVER_END_ASKED,
        says=f"asked about work before the waiver ends on {until}",
        rules=("A36",),
        letters=letters.done(),
    )
