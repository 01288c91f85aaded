"""Which applications can be considered at all, and which need the caseworker's own category."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from schemas.membership.application import Application
from schemas.membership.form import AnyForm, Form
from schemas.membership.identity import agrees_with_birth_date, is_national_id, read_alike
from schemas.pricing.rulebook import Rulebook
from schemas.shared.calendar import age_on
from schemas.shared.vocabulary import Category, PensionKind

OLDEST = 120


class Breach(StrEnum):
    """A rule an application can break; letters say it in the applicant's language."""

    BORN_IN_FUTURE = "born_in_future"
    TOO_OLD = "too_old"
    TOO_YOUNG = "too_young"
    NATIONAL_ID_INVALID = "national_id_invalid"
    NATIONAL_ID_OF_ANOTHER_DATE = "national_id_of_another_date"
    TERMS_NOT_ACCEPTED = "terms_not_accepted"
    CONSENT_IN_FUTURE = "consent_in_future"
    TRANSFER_IN_FUTURE = "transfer_in_future"
    NO_EMPLOYMENT = "no_employment"
    OTHERS_WITHOUT_FIRST = "others_without_first"
    MISSING_FOR_CATEGORY = "missing_for_category"
    NOT_FOR_CATEGORY = "not_for_category"
    HAS_PASSED = "has_passed"
    PENSIONER_TOO_YOUNG = "pensioner_too_young"
    PENSION_IN_FUTURE = "pension_in_future"
    AFP_TOO_EARLY = "afp_too_early"
    OLD_AGE_TOO_EARLY = "old_age_too_early"
    DISABILITY_TOO_EARLY = "disability_too_early"


SENTENCES: dict[Breach, str] = {
    Breach.BORN_IN_FUTURE: "lies in the future",
    Breach.TOO_OLD: "more than {} years ago",
    Breach.TOO_YOUNG: "a member must be {} or older",
    Breach.NATIONAL_ID_INVALID: "is not a valid national id or D-number",
    Breach.NATIONAL_ID_OF_ANOTHER_DATE: "does not agree with birth_date",
    Breach.TERMS_NOT_ACCEPTED: "the terms of membership must be accepted",
    Breach.CONSENT_IN_FUTURE: "lies in the future",
    Breach.TRANSFER_IN_FUTURE: "lies in the future",
    Breach.NO_EMPLOYMENT: "0 is no employment; leave employment out",
    Breach.OTHERS_WITHOUT_FIRST: "is required with other_employments: it is the first of them",
    Breach.MISSING_FOR_CATEGORY: "is required for category {}",
    Breach.NOT_FOR_CATEGORY: "does not go with category {}",
    Breach.HAS_PASSED: "has passed",
    Breach.PENSIONER_TOO_YOUNG: "pensioner is from {}; under that age apply as early_pensioner",
    Breach.PENSION_IN_FUTURE: "lies in the future; apply with the present category",
    Breach.AFP_TOO_EARLY: "AFP is possible from {}",
    Breach.OLD_AGE_TOO_EARLY: "an old-age pension is possible from {}",
    Breach.DISABILITY_TOO_EARLY: "a disability pension is possible from {}",
}

TOO_EARLY = {
    PensionKind.AFP: Breach.AFP_TOO_EARLY,
    PensionKind.OLD_AGE: Breach.OLD_AGE_TOO_EARLY,
    PensionKind.DISABILITY: Breach.DISABILITY_TOO_EARLY,
}
"""What is broken by drawing a pension below its age."""


@dataclass(frozen=True)
class ApplicationFault:
    """One rule an application breaks.

    Attributes:
        figure: the age or category the sentence names, if it names one.
    """

    field: str
    breach: Breach
    figure: str = ""

    @property
    def says(self) -> str:
        """What is wrong, without the field."""
        return SENTENCES[self.breach].format(self.figure)

    def __str__(self) -> str:
        return f"{self.field}: {self.says}"


def faults_in(
    application: Application, rulebook: Rulebook, on: date
) -> tuple[ApplicationFault, ...]:
    """Return every rule an application breaks; each reads ``field: what is wrong``.

    Args:
        application: readable, but perhaps not allowed.
        rulebook: with the policies in force on the day.
        on: the day it was received.

    Source: N1, N6, N7, L3; A5, A25.
    """
    return (
        *faults_in_person(application, rulebook, on),
        *faults_in_form(application, rulebook, on),
    )


def faults_in_form(
    application: AnyForm, rulebook: Rulebook, on: date
) -> tuple[ApplicationFault, ...]:
    """Return the faults that have to do with what somebody is now, and not who. A5, A25, L3.

    Of somebody who comes back they are questions: the form may be the one of the first time.
    """
    return (
        *_faults_in_category(application, on),
        *_faults_in_pension(application, rulebook, on),
    )


def faults_in_person(
    application: Application, rulebook: Rulebook, on: date
) -> list[ApplicationFault]:
    """Return the faults that have to do with who somebody is, whatever the category. N1, N6."""
    person = application.applicant
    faults = [
        *age_faults(person.birth_date, rulebook, on),
        *number_faults(person.national_id, person.birth_date, rulebook),
        *_faults_in_terms(application),
    ]
    guardian = application.consents.guardian
    if guardian is not None and guardian.on > on:
        faults.append(ApplicationFault("consents.guardian.on", Breach.CONSENT_IN_FUTURE))
    return [*faults, *_faults_in_transfer(application, on)]


def _faults_in_transfer(application: AnyForm, on: date) -> list[ApplicationFault]:
    told = application.transfer_from
    if told is None or told.member_since is None or told.member_since <= on:
        return []
    return [ApplicationFault("transfer_from.member_since", Breach.TRANSFER_IN_FUTURE)]


def faults_in_correction(
    form: Form, before: Form, national_id: str | None, rulebook: Rulebook, on: date
) -> list[ApplicationFault]:
    """Return the faults that have to do with who somebody is, once fields are corrected.

    Args:
        form: as corrected.
        before: a national id that was known then agreed with the birth date.
        national_id: another one; None: it was not corrected.
        rulebook: with the policies in force on the day.
        on: the day.

    Source: N1, N6.
    """
    born = form.applicant.birth_date
    number = number_faults(national_id, born, rulebook)
    known = national_id is None and form.applicant.has_national_id
    if known and not read_alike(before.applicant.birth_date, born):
        number = [ApplicationFault("applicant.national_id", Breach.NATIONAL_ID_OF_ANOTHER_DATE)]
    return [
        *age_faults(born, rulebook, on),
        *number,
        *_faults_in_terms(form),
        *_faults_in_transfer(form, on),
    ]


def age_faults(born: date, rulebook: Rulebook, on: date) -> list[ApplicationFault]:
    """Return why nobody born on a day can be a member on another. Source: N6."""
    lowest = rulebook.policies_on(on).lowest_age
    if born > on:
        return [ApplicationFault("applicant.birth_date", Breach.BORN_IN_FUTURE)]
    if age_on(born, on) > OLDEST:
        return [ApplicationFault("applicant.birth_date", Breach.TOO_OLD, str(OLDEST))]
    if on < rulebook.turns(born, lowest):
        return [ApplicationFault("applicant.birth_date", Breach.TOO_YOUNG, str(lowest))]
    return []


def number_faults(
    national_id: str | None, born: date, rulebook: Rulebook
) -> list[ApplicationFault]:
    """Return why a national id can't be that of somebody born on a day. Source: N1."""
    if national_id is None:
        return []
    if not is_national_id(national_id, synthetic=rulebook.allow_synthetic_ids):
        return [ApplicationFault("applicant.national_id", Breach.NATIONAL_ID_INVALID)]
    if not agrees_with_birth_date(national_id, born):
        return [ApplicationFault("applicant.national_id", Breach.NATIONAL_ID_OF_ANOTHER_DATE)]
    return []


def _faults_in_terms(application: AnyForm) -> list[ApplicationFault]:
    if application.consents.terms:
        return []
    return [ApplicationFault("consents.terms", Breach.TERMS_NOT_ACCEPTED)]


def _faults_in_category(application: AnyForm, on: date) -> list[ApplicationFault]:
    faults: list[ApplicationFault] = []
    category, employment = application.category, application.employment
    if employment is not None and employment.position_percent == 0:
        faults.append(ApplicationFault("employment.position_percent", Breach.NO_EMPLOYMENT))
    if employment is None and application.other_employments:
        faults.append(ApplicationFault("employment", Breach.OTHERS_WITHOUT_FIRST))
    if any(other.position_percent == 0 for other in application.other_employments):
        faults.append(ApplicationFault("other_employments", Breach.NO_EMPLOYMENT))
    for wanted, field, end in (
        (Category.STUDENT, "study", application.study),
        (Category.APPRENTICE, "apprenticeship", application.apprenticeship),
    ):
        if category is wanted and end is None:
            faults.append(ApplicationFault(field, Breach.MISSING_FOR_CATEGORY, category))
        elif category is wanted and end is not None and end.ends_on < on:
            faults.append(ApplicationFault(f"{field}.ends_on", Breach.HAS_PASSED))
        elif category is not wanted and end is not None:
            faults.append(ApplicationFault(field, Breach.NOT_FOR_CATEGORY, category))
    return faults


def _faults_in_pension(
    application: AnyForm, rulebook: Rulebook, on: date
) -> list[ApplicationFault]:
    pension, category = application.pension, application.category
    policies, born = rulebook.policies_on(on), application.applicant.birth_date
    if category not in {Category.EARLY_PENSIONER, Category.PENSIONER}:
        return [ApplicationFault("pension", Breach.NOT_FOR_CATEGORY, category)] if pension else []
    faults: list[ApplicationFault] = []
    age = policies.retirement_age
    if category is Category.PENSIONER and on < rulebook.turns(born, age):
        faults.append(ApplicationFault("category", Breach.PENSIONER_TOO_YOUNG, str(age)))
    if pension is None:
        faults.append(ApplicationFault("pension", Breach.MISSING_FOR_CATEGORY, category))
    elif pension.from_on > on:
        faults.append(ApplicationFault("pension.from", Breach.PENSION_IN_FUTURE))
    else:
        fault = pension_fault(pension.kind, born, pension.from_on, rulebook, on)
        faults += [fault] if fault is not None else []
    return faults


def pension_fault(
    kind: PensionKind, born: date, from_on: date, rulebook: Rulebook, on: date
) -> ApplicationFault | None:
    """Return the fault of a pension that begins below the age it is possible at, or None.

    Args:
        from_on: the first day of the pension.
        on: whose policies are asked.

    Source: L3, S20.
    """
    policies = rulebook.policies_on(on)
    age = {
        PensionKind.AFP: policies.afp_age,
        PensionKind.OLD_AGE: policies.old_age_from_age,
        PensionKind.DISABILITY: policies.disability_from_age,
    }[kind]
    if rulebook.turns(born, age) <= from_on:
        return None
    return ApplicationFault("pension.from", TOO_EARLY[kind], str(age))


def branch_fault(code: str, rulebook: Rulebook, on: date) -> str | None:
    """Return why nobody can be attached to a branch on a day, or None. Source: S4."""
    branch = rulebook.branch(code)
    if branch is None:
        known = ", ".join(b.code for b in rulebook.branches)
        if not known:
            return "branch: is not known; none is yet, `medlemsflyt contact branch` adds one"
        return f"branch: is not known; the branches are {known}"
    begins = min((rate.valid_from for rate in branch.rates), default=None)
    if begins is None or on < begins:
        return f"branch: has set no local dues for {on}" + (
            f", only from {begins}" if begins else ""
        )
    return None


def needs_category(application: AnyForm, rulebook: Rulebook, on: date) -> str | None:
    """Return why the caseworker must name the category on approval, or None.

    Source: A16, A25.
    """
    policies = rulebook.policies_on(on)
    asked_from = policies.category_asked_from_age
    old = rulebook.turns(application.applicant.birth_date, asked_from) <= on
    works = application.employment is not None
    match application.category:
        case category if old and category is not Category.PENSIONER:
            return f"the applicant is {asked_from} or older"
        case Category.STUDENT if works and policies.working_student_asked:
            return "a student who works"
        case Category.EARLY_PENSIONER | Category.PENSIONER if works:
            return "a pensioner who works"
        case _:
            return None


def needs_employer(category: Category, application: AnyForm, rulebook: Rulebook, on: date) -> bool:
    """Tell whether an applicant must name an employer before the approval. Source: A28."""
    if category is not Category.ORDINARY or application.hidden or application.employment:
        return False
    return rulebook.policies_on(on).without_employer == "ask_first"


def category_fault(
    category: Category, application: AnyForm, rulebook: Rulebook, on: date
) -> str | None:
    """Return why a caseworker's category can't be, or None. Source: S18, S21, L3."""
    policies = rulebook.policies_on(on)
    retired = rulebook.turns(application.applicant.birth_date, policies.retirement_age) <= on
    if category is Category.PENSIONER and not retired:
        return f"category: pensioner is from {policies.retirement_age}"
    if category is Category.EARLY_PENSIONER and retired:
        return f"category: early_pensioner is for those under {policies.retirement_age}"
    if category is Category.EARLY_PENSIONER and application.pension is None:
        return unnamed_pension_fault(application.applicant.birth_date, on, rulebook, on)
    return None


def unnamed_pension_fault(born: date, from_on: date, rulebook: Rulebook, on: date) -> str | None:
    """Return why nobody can be an early pensioner from a day with no pension named, or None.

    It counts as an old-age pension: who draws another says so by reporting it.
    """
    fault = pension_fault(PensionKind.OLD_AGE, born, from_on, rulebook, on)
    return f"category: {fault.says}; report_pension names another kind" if fault else None
