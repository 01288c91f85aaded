"""Which applications can be considered at all, and which need the caseworker's own category."""

from datetime import date

from schemas.application import Application
from schemas.rulebook import Rulebook
from schemas.rules.calendar import age_on, birthday
from schemas.rules.identity import agrees_with_birth_date, is_national_id
from schemas.vocabulary import Category, PensionKind

OLDEST = 120


def faults_in(application: Application, rulebook: Rulebook, on: date) -> tuple[str, ...]:
    """Return every rule an application breaks, each as ``field: what is wrong``.

    Args:
        application: readable, but perhaps not allowed.
        rulebook: with the policies in force on the day.
        on: the day it was received.

    Source: domain sections 1, 3 and 7; A5, A25.
    """
    return (
        *_faults_in_person(application, rulebook, on),
        *_faults_in_category(application, rulebook, on),
    )


def _faults_in_person(application: Application, rulebook: Rulebook, on: date) -> list[str]:
    person, policies = application.applicant, rulebook.policies_on(on)
    faults: list[str] = []
    if person.birth_date > on:
        faults.append("applicant.birth_date: lies in the future")
    elif age_on(person.birth_date, on) > OLDEST:
        faults.append(f"applicant.birth_date: more than {OLDEST} years ago")
    elif age_on(person.birth_date, on) < policies.lowest_age:
        faults.append(f"applicant.birth_date: a member must be {policies.lowest_age} or older")
    if person.national_id is not None:
        if not is_national_id(person.national_id, synthetic=rulebook.allow_synthetic_ids):
            faults.append("applicant.national_id: is not a valid national id or D-number")
        elif not agrees_with_birth_date(person.national_id, person.birth_date):
            faults.append("applicant.national_id: does not agree with birth_date")
    if not application.consents.terms:
        faults.append("consents.terms: the terms of membership must be accepted")
    return faults


def _faults_in_category(application: Application, rulebook: Rulebook, on: date) -> list[str]:
    faults: list[str] = []
    category, employment = application.category, application.employment
    if employment is not None and employment.position_percent == 0:
        faults.append("employment.position_percent: 0 is no employment; leave employment out")
    for wanted, field, end in (
        (Category.STUDENT, "study", application.study),
        (Category.APPRENTICE, "apprenticeship", application.apprenticeship),
    ):
        if category is wanted and end is None:
            faults.append(f"{field}: is required for category {category}")
        elif category is wanted and end is not None and end.ends_on < on:
            faults.append(f"{field}.ends_on: has passed")
        elif category is not wanted and end is not None:
            faults.append(f"{field}: does not go with category {category}")
    return faults + _faults_in_pension(application, rulebook, on)


def _faults_in_pension(application: Application, rulebook: Rulebook, on: date) -> list[str]:
    pension, category = application.pension, application.category
    policies, born = rulebook.policies_on(on), application.applicant.birth_date
    is_pensioner = category in {Category.EARLY_PENSIONER, Category.PENSIONER}
    if not is_pensioner:
        return ["pension: does not go with category " + category] if pension else []
    faults: list[str] = []
    retires = birthday(born, policies.retirement_age)
    if category is Category.PENSIONER and on < retires:
        faults.append(
            f"category: pensioner is from {policies.retirement_age}; "
            "under that age apply as early_pensioner"
        )
    if pension is None:
        faults.append(f"pension: is required for category {category}")
    elif pension.from_on > on:
        faults.append("pension.from: lies in the future; apply with the present category")
    elif pension.kind is PensionKind.AFP and pension.from_on < birthday(born, policies.afp_age):
        faults.append(f"pension.from: AFP is possible from {policies.afp_age}")
    return faults


def needs_category(application: Application, rulebook: Rulebook, on: date) -> str | None:
    """Return why the caseworker must name the category on approval, or None.

    Source: A16, A25.
    """
    policies = rulebook.policies_on(on)
    retired = birthday(application.applicant.birth_date, policies.retirement_age) <= on
    works = application.employment is not None
    match application.category:
        case Category.ORDINARY | Category.EARLY_PENSIONER if retired:
            return f"the applicant is {policies.retirement_age} or older"
        case Category.STUDENT if works:
            return "a student who works"
        case Category.EARLY_PENSIONER | Category.PENSIONER if works:
            return "a pensioner who works"
        case _:
            return None


def category_fault(
    category: Category, application: Application, rulebook: Rulebook, on: date
) -> str | None:
    """Return why a caseworker's category can't be, or None. Source: S18, S21."""
    policies = rulebook.policies_on(on)
    retired = birthday(application.applicant.birth_date, policies.retirement_age) <= on
    if category is Category.PENSIONER and not retired:
        return f"category: pensioner is from {policies.retirement_age}"
    if category is Category.EARLY_PENSIONER and retired:
        return f"category: early_pensioner is for those under {policies.retirement_age}"
    return None
