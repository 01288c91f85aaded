"""Which applications can be considered, and which need the caseworker's own category."""

from datetime import date
from typing import Any

import pytest

from schemas.membership.application import Apprenticeship, Consents, GuardianConsent, Pension, Study
from schemas.membership.eligibility import branch_fault, category_fault, faults_in, needs_category
from schemas.pricing.rulebook import Branch, LocalRate
from schemas.shared.vocabulary import Category, PensionKind
from tests.builders import (
    BOOK,
    BORN,
    PEOPLE,
    TODAY,
    application,
    employment,
    national_id,
    rulebook,
)

ORDINARY, STUDENT, APPRENTICE = Category.ORDINARY, Category.STUDENT, Category.APPRENTICE
EARLY, PENSIONER = Category.EARLY_PENSIONER, Category.PENSIONER

IS_14, IS_15 = date(2011, 11, 23), date(2011, 11, 22)
IS_66, IS_67 = date(1959, 11, 23), date(1959, 11, 22)
STUDY = Study(school="Fagskolen", ends_on=TODAY)
APPRENTICESHIP = Apprenticeship(ends_on=TODAY)

TOO_YOUNG = "applicant.birth_date: a member must be 15 or older"


def pension(kind: PensionKind = PensionKind.AFP, begins: date = date(2026, 1, 1)) -> Pension:
    """Return a pension since a day."""
    return Pension.model_validate({"kind": kind, "from": begins})


def consented(on: date) -> Consents:
    """Return consents with a guardian's of a day."""
    return Consents(terms=True, guardian=GuardianConsent(name="Ola Nordmann", on=on, how="skrev"))


@pytest.mark.parametrize("who", sorted(PEOPLE))
def test_who_may_join(who):
    """Each kind of applicant of the contract breaks no rule and needs no special treatment."""
    assert faults_in(PEOPLE[who], BOOK, TODAY) == ()
    assert needs_category(PEOPLE[who], BOOK, TODAY) is None


@pytest.mark.parametrize(
    ("category", "changes", "expected"),
    [
        # the person
        pytest.param(APPRENTICE, {"birth_date": IS_15}, [], id="15-today"),
        pytest.param(APPRENTICE, {"birth_date": IS_14}, [TOO_YOUNG], id="15-tomorrow"),
        pytest.param(ORDINARY, {"birth_date": IS_15}, [], id="N6-15-joins-alone"),
        pytest.param(ORDINARY, {"birth_date": TODAY}, [TOO_YOUNG], id="born-today"),
        pytest.param(
            ORDINARY,
            {"birth_date": date(2026, 11, 23)},
            ["applicant.birth_date: lies in the future"],
            id="not-born",
        ),
        pytest.param(ORDINARY, {"birth_date": date(1905, 11, 23)}, [], id="120"),
        pytest.param(
            ORDINARY,
            {"birth_date": date(1905, 11, 22)},
            ["applicant.birth_date: more than 120 years ago"],
            id="121",
        ),
        pytest.param(ORDINARY, {"national_id": None}, [], id="N3-no-number-yet"),
        pytest.param(
            ORDINARY,
            {"national_id": "12848600007"},
            ["applicant.national_id: is not a valid national id or D-number"],
            id="wrong-check-digit",
        ),
        pytest.param(
            ORDINARY,
            {"national_id": national_id(date(1986, 4, 13))},
            ["applicant.national_id: does not agree with birth_date"],
            id="somebody-elses-number",
        ),
        pytest.param(
            ORDINARY, {"national_id": national_id(BORN, day_plus=40)}, [], id="a-D-number"
        ),
        pytest.param(
            ORDINARY,
            {"consents": Consents(terms=False)},
            ["consents.terms: the terms of membership must be accepted"],
            id="terms-not-accepted",
        ),
        pytest.param(ORDINARY, {"consents": consented(TODAY)}, [], id="A38-consent-today"),
        pytest.param(
            ORDINARY,
            {"consents": consented(date(2026, 11, 23))},
            ["consents.guardian.on: lies in the future"],
            id="A38-consent-tomorrow",
        ),
        # the employment
        pytest.param(
            ORDINARY,
            {"employment": employment("0")},
            ["employment.position_percent: 0 is no employment; leave employment out"],
            id="A5-0-percent",
        ),
        pytest.param(ORDINARY, {"employment": employment("0.001")}, [], id="A5-hardly-any"),
        pytest.param(ORDINARY, {"employment": None}, [], id="A28-no-employer"),
        # study and apprenticeship
        pytest.param(
            STUDENT, {"study": None}, ["study: is required for category student"], id="no-study"
        ),
        pytest.param(STUDENT, {"study": STUDY}, [], id="study-ends-today"),
        pytest.param(
            STUDENT,
            {"study": Study(school="F", ends_on=date(2026, 11, 21))},
            ["study.ends_on: has passed"],
            id="study-ended-yesterday",
        ),
        pytest.param(
            APPRENTICE,
            {"apprenticeship": None},
            ["apprenticeship: is required for category apprentice"],
            id="no-apprenticeship",
        ),
        pytest.param(APPRENTICE, {"apprenticeship": APPRENTICESHIP}, [], id="A9-ends-today"),
        pytest.param(
            APPRENTICE,
            {"apprenticeship": Apprenticeship(ends_on=date(2026, 11, 21))},
            ["apprenticeship.ends_on: has passed"],
            id="A9-ended-yesterday",
        ),
        pytest.param(
            ORDINARY,
            {"study": STUDY, "apprenticeship": APPRENTICESHIP},
            [
                "study: does not go with category ordinary",
                "apprenticeship: does not go with category ordinary",
            ],
            id="neither-goes-with-ordinary",
        ),
        # pensions
        pytest.param(
            ORDINARY,
            {"pension": pension()},
            ["pension: does not go with category ordinary"],
            id="a-pension-and-no-pensioner",
        ),
        pytest.param(
            EARLY,
            {"pension": None},
            ["pension: is required for category early_pensioner"],
            id="no-pension",
        ),
        pytest.param(
            PENSIONER,
            {"pension": None},
            ["pension: is required for category pensioner"],
            id="pensioner-without-pension",
        ),
        pytest.param(EARLY, {"pension": pension(begins=TODAY)}, [], id="S23-from-today"),
        pytest.param(
            EARLY,
            {"pension": pension(begins=date(2026, 11, 23))},
            ["pension.from: lies in the future; apply with the present category"],
            id="S23-from-tomorrow",
        ),
        pytest.param(
            EARLY,
            {"birth_date": date(1964, 1, 1), "pension": pension(begins=date(2026, 1, 1))},
            [],
            id="AFP-on-the-62nd-birthday",
        ),
        pytest.param(
            EARLY,
            {"birth_date": date(1964, 1, 2), "pension": pension(begins=date(2026, 1, 1))},
            ["pension.from: AFP is possible from 62"],
            id="AFP-at-61",
        ),
        pytest.param(
            EARLY,
            {"birth_date": date(1990, 1, 2), "pension": pension(PensionKind.DISABILITY)},
            [],
            id="S20-disability-at-any-age",
        ),
        pytest.param(
            EARLY,
            {
                "birth_date": date(2008, 1, 1),
                "pension": pension(PensionKind.DISABILITY, begins=date(2026, 1, 1)),
            },
            [],
            id="L3-disability-on-the-18th-birthday",
        ),
        pytest.param(
            EARLY,
            {
                "birth_date": date(2008, 1, 2),
                "pension": pension(PensionKind.DISABILITY, begins=date(2026, 1, 1)),
            },
            ["pension.from: a disability pension is possible from 18"],
            id="L3-disability-at-17",
        ),
        pytest.param(
            EARLY,
            {
                "birth_date": date(1964, 1, 1),
                "pension": pension(PensionKind.OLD_AGE, begins=date(2026, 1, 1)),
            },
            [],
            id="L3-old-age-on-the-62nd-birthday",
        ),
        pytest.param(
            EARLY,
            {
                "birth_date": date(1964, 1, 2),
                "pension": pension(PensionKind.OLD_AGE, begins=date(2026, 1, 1)),
            },
            ["pension.from: an old-age pension is possible from 62"],
            id="L3-old-age-at-61",
        ),
        pytest.param(
            EARLY,
            {"birth_date": date(1976, 1, 2), "pension": pension(PensionKind.OLD_AGE)},
            ["pension.from: an old-age pension is possible from 62"],
            id="L3-old-age-at-50",
        ),
        pytest.param(PENSIONER, {"birth_date": IS_67}, [], id="S18-67-today"),
        pytest.param(
            PENSIONER,
            {"birth_date": IS_66},
            ["category: pensioner is from 67; under that age apply as early_pensioner"],
            id="S18-67-tomorrow",
        ),
        # A25: no fault, the caseworker decides
        pytest.param(EARLY, {"birth_date": IS_67}, [], id="A25-early-pensioner-of-67"),
        pytest.param(ORDINARY, {"birth_date": IS_67}, [], id="A25-ordinary-of-67"),
        pytest.param(STUDENT, {"employment": employment()}, [], id="A25-student-who-works"),
    ],
)
def test_faults(category, changes, expected):
    """Each rule fires on its side of the boundary and is silent on the other."""
    assert [
        str(fault) for fault in faults_in(application(category, **changes), BOOK, TODAY)
    ] == expected


def test_every_fault_is_named():
    """A form with four faults is told four sentences, not the first one."""
    form = application(
        EARLY, birth_date=IS_14, pension=None, study=STUDY, consents=Consents(terms=False)
    )
    assert len(faults_in(form, BOOK, TODAY)) == 4


def test_synthetic_ids_are_refused_in_production():
    """A test number is no number where synthetic ids are off (N2)."""
    book = rulebook(allow_synthetic_ids=False)
    assert [str(fault) for fault in faults_in(application(), book, TODAY)] == [
        "applicant.national_id: is not a valid national id or D-number",
    ]


@pytest.mark.parametrize(
    ("policy", "category", "changes"),
    [
        ({"lowest_age": 14}, APPRENTICE, {"birth_date": IS_14}),
        ({"retirement_age": 66}, PENSIONER, {"birth_date": IS_66}),
        ({"afp_age": 60}, EARLY, {"birth_date": date(1965, 6, 1)}),
        (
            {"old_age_from_age": 60},
            EARLY,
            {"birth_date": date(1965, 6, 1), "pension": pension(PensionKind.OLD_AGE)},
        ),
        (
            {"disability_from_age": 17},
            EARLY,
            {"birth_date": date(2009, 1, 1), "pension": pension(PensionKind.DISABILITY)},
        ),
    ],
)
def test_ages_are_policies(policy, category, changes):
    """No age is a constant in code: another rulebook allows what this one refuses."""
    form = application(category, **changes)
    assert faults_in(form, BOOK, TODAY) != ()
    assert faults_in(form, rulebook(**policy), TODAY) == ()


RETIRED = "the applicant is 67 or older"


@pytest.mark.parametrize(
    ("category", "changes", "why"),
    [
        pytest.param(ORDINARY, {}, None, id="ordinary"),
        pytest.param(ORDINARY, {"birth_date": IS_66}, None, id="ordinary-66"),
        pytest.param(ORDINARY, {"birth_date": IS_67}, RETIRED, id="A25-ordinary-67"),
        pytest.param(EARLY, {"birth_date": IS_66}, None, id="early-pensioner-66"),
        pytest.param(EARLY, {"birth_date": IS_67}, RETIRED, id="A25-early-pensioner-67"),
        pytest.param(
            EARLY, {"employment": employment("40")}, "a pensioner who works", id="A16-early"
        ),
        pytest.param(PENSIONER, {}, None, id="pensioner"),
        pytest.param(
            PENSIONER, {"employment": employment("40")}, "a pensioner who works", id="A16-S22"
        ),
        pytest.param(STUDENT, {}, None, id="student"),
        pytest.param(
            STUDENT, {"employment": employment("20")}, "a student who works", id="A25-student"
        ),
        pytest.param(APPRENTICE, {"employment": employment()}, None, id="apprentices-work"),
        # 22 November 2026 - 68 years is 22 November 1958.
        pytest.param(STUDENT, {"birth_date": date(1958, 11, 22)}, RETIRED, id="A25-student-68"),
        pytest.param(STUDENT, {"birth_date": IS_66}, None, id="student-66"),
        pytest.param(STUDENT, {"birth_date": IS_67}, RETIRED, id="A25-student-67"),
        pytest.param(APPRENTICE, {"birth_date": IS_67}, RETIRED, id="A25-apprentice-67"),
        pytest.param(PENSIONER, {"birth_date": IS_67}, None, id="pensioner-67"),
    ],
)
def test_who_needs_the_caseworkers_category(category, changes, why):
    """67 or older, and whoever works beside study or pension (A16, A25)."""
    assert needs_category(application(category, **changes), BOOK, TODAY) == why


@pytest.mark.parametrize(
    ("category", "born", "fault"),
    [
        (PENSIONER, IS_67, None),
        (PENSIONER, IS_66, "category: pensioner is from 67"),
        (EARLY, IS_66, None),
        # 22 November 2026 - 62 years is 22 November 1964; without a pension it counts as old age.
        (EARLY, date(1964, 11, 22), None),
        (
            EARLY,
            date(1964, 11, 23),
            "category: an old-age pension is possible from 62; report_pension names another kind",
        ),
        (EARLY, IS_67, "category: early_pensioner is for those under 67"),
        (ORDINARY, IS_67, None),
        (ORDINARY, IS_66, None),
        (STUDENT, IS_67, None),
        (APPRENTICE, IS_67, None),
        (PENSIONER, date(1960, 2, 29), "category: pensioner is from 67"),
    ],
)
def test_a_caseworkers_category_keeps_to_the_ages(category, born, fault):
    """Early pensioners are under 67, pensioners are not (S18, S21)."""
    form = application(birth_date=born)
    assert category_fault(category, form, BOOK, TODAY) == fault


@pytest.mark.parametrize(("on", "fault"), [(date(2027, 2, 28), True), (date(2027, 3, 1), False)])
def test_a_leap_day_pensioner(on: date, fault: Any):
    """Born 29 February 1960: a pensioner from 1 March 2027 (A32)."""
    form = application(PENSIONER, birth_date=date(1960, 2, 29))
    assert bool(faults_in(form, BOOK, on)) is fault


NEW = Branch(
    code="NEW",
    name="Ny avdeling",
    rates=(LocalRate(valid_from=date(2027, 2, 1), local_ore=3000, halves=False),),
)
EMPTY = Branch(code="EMPTY", name="Uten satser", rates=())


@pytest.mark.parametrize(
    ("code", "on", "fault"),
    [
        ("NEW", date(2027, 2, 1), None),
        ("NEW", date(2027, 1, 31), "has set no local dues for 2027-01-31, only from 2027-02-01"),
        ("EMPTY", TODAY, "has set no local dues for 2026-11-22"),
        ("NOWHERE", TODAY, "is not known; the branches are NEW, EMPTY"),
    ],
)
def test_who_can_be_attached_to_a_branch(code, on, fault):
    """Only where the amount of that day is known: nothing is guessed (S4)."""
    found = branch_fault(code, rulebook(branches=(NEW, EMPTY)), on)
    assert found == (fault and f"branch: {fault}")


def test_a_rulebook_without_branches_says_so():
    """The sender learns that there is nothing to choose from, and how that ends (S4)."""
    fault = branch_fault("OSLO", rulebook(branches=()), TODAY)
    says = "branch: is not known; none is yet, `medlemsflyt contact branch` adds one"
    assert fault == says
