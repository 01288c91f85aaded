"""What a member is asked in time: about a pension, a study that ends, a student's year."""

from datetime import date
from typing import Any

from schemas.dues.offers import ordinary_prices, pensioner_price
from schemas.shared.vocabulary import Category, Event, Template
from workflows.membership import deadlines
from workflows.membership.decisions.step import Letters, Moment, Step
from workflows.membership.record import Asked, MembershipRecord


def ask_about_pension(record: MembershipRecord, now: Moment) -> Step:
    """Return the step that asks whether the member goes on working past 67. Source: A14, S22."""
    policies = record.book.policies_on(now.today)
    age = policies.retirement_age
    turns = record.book.turns(record.birth_date, age)
    letters = Letters.of(record).member(
        Template.PENSION_QUESTION,
        turns_on=turns.isoformat(),
        age=age,
        half_past_67=policies.half_past_67,
        pensioner_ore=pensioner_price(record.birth_date, record.book, turns),
    )
    return _asked(
        record,
        deadlines.about_pension(record),
        now,
        letters,
        Event.PENSION_QUESTION_ASKED,
        f"asked about work and pension before turning {age}",
        ("A14", "S22", "S23"),
    )


def ask_about_studies(record: MembershipRecord, now: Moment) -> Step:
    """Return the step that asks what comes after a study, and offers membership. S17, A9."""
    letters = Letters.of(record).member(Template.STUDY_QUESTION, **_offer(record, now))
    return _asked(
        record,
        deadlines.about_studies(record),
        now,
        letters,
        Event.STUDY_END_ASKED,
        f"asked what comes after {_last_day(record)}, and offered ordinary membership",
        ("S17", "A9"),
    )


def studies_over(record: MembershipRecord, now: Moment) -> Step:
    """Return the step for a study that has ended unanswered: an offer, and a task. S17, A9."""
    letters = Letters.of(record).member(Template.STUDY_OVER, **_offer(record, now))
    apprentice = record.category is Category.APPRENTICE
    letters.to_caseworkers("apprenticeship_over" if apprentice else "study_over")
    return _asked(
        record,
        deadlines.about_studies_over(record),
        now,
        letters,
        Event.STUDY_OVER,
        f"the {'apprenticeship' if apprentice else 'study'} ended on {_last_day(record)}; "
        "nothing changes until the member accepts the offer",
        ("S17", "A9"),
    )


def check_student(record: MembershipRecord, now: Moment) -> Step:
    """Return the step that asks a student each year whether the study goes on. M14."""
    letters = Letters.of(record).member(Template.STUDENT_CHECK, **_figures(record))
    return _asked(
        record,
        deadlines.about_student_year(now.today.year),
        now,
        letters,
        Event.STUDENT_CHECKED,
        f"asked whether the study goes on in {now.today.year}",
        ("M14",),
    )


def _last_day(record: MembershipRecord) -> date | None:
    return record.present_situation.ends_on


def _offer(record: MembershipRecord, now: Moment) -> dict[str, Any]:
    prices = ordinary_prices(record.birth_date, record.book, now.today)
    return {**_figures(record), **prices}


def _figures(record: MembershipRecord) -> dict[str, str | None]:
    ends_on = _last_day(record)
    return {
        "category": str(record.category),
        "ends_on": ends_on.isoformat() if ends_on else None,
    }


def _asked(
    record: MembershipRecord,
    about: str,
    now: Moment,
    letters: Letters,
    event: Event,
    says: str,
    rules: tuple[str, ...],
) -> Step:
    return Step(
        record=record.model_copy(update={"asked": (*record.asked, Asked(about=about, at=now.at))}),
        event=event,
        says=says,
        rules=rules,
        letters=letters.done(),
    )
