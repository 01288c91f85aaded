"""Approval: for each kind of applicant the terms, the first invoice, the tracks, the letters."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from schemas.membership.application import Application, Consents
from schemas.membership.decision import Letter
from schemas.pricing.rulebook import Rulebook
from schemas.shared.vocabulary import (
    Audience,
    Cadence,
    Category,
    InsuranceStatus,
    LineKind,
    Payer,
    PayrollStatus,
    Stage,
    Template,
)
from tests.builders import (
    BOOK,
    PEOPLE,
    TODAY,
    answered,
    application,
    decide,
    employment,
    member,
    moment,
    received,
    reserve,
    rulebook,
)
from workflows.membership.decisions.dispatch import answer, needs_fresh_rulebook
from workflows.membership.decisions.step import Refused, Step

CENTRAL, LOCAL, PREMIUM = (
    LineKind.CENTRAL_DUES,
    LineKind.LOCAL_DUES,
    LineKind.INSURANCE_PREMIUM,
)
MONTHLY, YEARLY = Cadence.MONTHLY, Cadence.YEARLY
WINDOW, RESERVED = InsuranceStatus.WINDOW_OPEN, InsuranceStatus.RESERVED
NO_PACKAGE = InsuranceStatus.NOT_APPLICABLE
REQUESTED, NO_PAYROLL = PayrollStatus.REQUESTED, PayrollStatus.NOT_APPLICABLE

WELCOME = (Audience.MEMBER, Template.WELCOME)
INVOICE = (Audience.MEMBER, Template.FIRST_INVOICE)
INSURER = (Audience.INSURANCE_OFFICE, Template.INSURANCE_NEW_MEMBER)
CONFIRMED = (Audience.MEMBER, Template.RESERVATION_CONFIRMED)
INSURER_TOLD = (Audience.INSURANCE_OFFICE, Template.INSURANCE_STATUS)
BRANCH = (Audience.BRANCH, Template.BRANCH_NEW_MEMBER)
RECRUITER = (Audience.RECRUITER, Template.RECRUITER_THANKS)
EMPLOYER = (Audience.EMPLOYER, Template.PAYROLL_START)

TELLS = Consents(terms=True, tell_recruiter=True)
BORN_1955, BORN_1959 = date(1955, 5, 5), date(1959, 5, 5)
NOVEMBER, MAY_2053 = date(2026, 11, 1), date(2053, 5, 1)


@dataclass(frozen=True)
class Case:
    """An applicant, and all that an approval on 22 November 2026 must lead to."""

    form: Application
    terms: list[tuple[LineKind, int, Cadence]]
    invoice: list[tuple[LineKind, int]]
    insurance: InsuranceStatus
    payroll: PayrollStatus
    letters: list[tuple[Audience, Template]]
    later: list[tuple[LineKind, int, Cadence, date]] = field(default_factory=list)
    decided: dict[str, Any] = field(default_factory=dict)
    book: Rulebook = BOOK
    stage: Stage = Stage.ONBOARDING


FULL = [(CENTRAL, 49500, MONTHLY)]  # S2: 495.00
FULL_BILL = [(CENTRAL, 49500)]

CASES = {
    "ordinary with payroll, branch and recruiter": Case(
        form=application(recruited_by="Ola Nordmann", consents=TELLS),
        decided={"branch": "OSLO"},
        terms=[(CENTRAL, 49500, MONTHLY), (LOCAL, 5000, MONTHLY)],  # S3: 50.00 of its own
        invoice=[(CENTRAL, 49500), (LOCAL, 5000)],  # A18: 545.00, no premium yet
        insurance=WINDOW,  # S6
        payroll=REQUESTED,  # A20
        letters=[WELCOME, INVOICE, INSURER, BRANCH, RECRUITER, EMPLOYER],
    ),
    "ordinary, branch unknown": Case(
        form=PEOPLE["ordinary"],
        terms=FULL,
        invoice=FULL_BILL,  # A18: local only if the branch is known
        insurance=WINDOW,
        payroll=REQUESTED,
        letters=[WELCOME, INVOICE, INSURER, EMPLOYER],
    ),
    "recruited, without consent": Case(
        form=application(recruited_by="Ola Nordmann"),
        terms=FULL,
        invoice=FULL_BILL,
        insurance=WINDOW,
        payroll=REQUESTED,
        letters=[WELCOME, INVOICE, INSURER, EMPLOYER],  # A27
    ),
    "half time with a reservation": Case(
        form=PEOPLE["half_time"],
        decided={"branch": "BERGEN"},
        terms=[(CENTRAL, 24750, MONTHLY), (LOCAL, 2250, MONTHLY)],  # S5; A3: 45.00 / 2
        # Born 12 April 1986: 67 in April 2053, and past that half a job pays full (A15).
        later=[(CENTRAL, 49500, MONTHLY, MAY_2053), (LOCAL, 4500, MONTHLY, MAY_2053)],
        invoice=[(CENTRAL, 24750), (LOCAL, 2250)],
        insurance=RESERVED,  # S10
        payroll=REQUESTED,
        letters=[WELCOME, INVOICE, INSURER, CONFIRMED, INSURER_TOLD, BRANCH, EMPLOYER],
    ),
    "hidden, recruited, consents to all": Case(
        form=application(hidden=True, recruited_by="Ola Nordmann", consents=TELLS),
        terms=FULL,  # S33: no local dues
        invoice=FULL_BILL,
        insurance=WINDOW,
        payroll=NO_PAYROLL,  # A23
        letters=[WELCOME, INVOICE, INSURER],  # S30, A27
    ),
    "no employer": Case(
        form=PEOPLE["no_employer"],
        terms=FULL,
        invoice=FULL_BILL,
        insurance=WINDOW,
        payroll=NO_PAYROLL,  # A28
        letters=[WELCOME, INVOICE, INSURER],
    ),
    "employer without a number": Case(
        form=PEOPLE["employer_unknown"],
        terms=FULL,
        invoice=FULL_BILL,
        insurance=WINDOW,
        payroll=NO_PAYROLL,  # A28
        letters=[WELCOME, INVOICE, INSURER],
    ),
    "student": Case(
        form=PEOPLE["student"],
        decided={"branch": "OSLO"},
        terms=[(CENTRAL, 30000, YEARLY)],  # S12
        invoice=[(CENTRAL, 30000)],  # A13: all of it
        insurance=NO_PACKAGE,  # S8
        payroll=NO_PAYROLL,
        letters=[WELCOME, INVOICE, BRANCH],  # M3: the insurance office hears of no student
        stage=Stage.ACTIVE,
    ),
    "student with a reservation": Case(
        form=application(Category.STUDENT, insurance_reservation=True),
        terms=[(CENTRAL, 30000, YEARLY)],
        invoice=[(CENTRAL, 30000)],
        insurance=NO_PACKAGE,  # S8: nothing to reserve against
        payroll=NO_PAYROLL,
        letters=[WELCOME, INVOICE],
        stage=Stage.ACTIVE,
    ),
    "student who works, approved as ordinary": Case(
        form=application(Category.STUDENT, employment=employment("20")),
        decided={"category": Category.ORDINARY},  # A25
        terms=[(CENTRAL, 24750, MONTHLY)],  # S5: 20 % is half dues
        later=[(CENTRAL, 49500, MONTHLY, date(2071, 3, 1))],  # born 3 February 2004 (A15)
        invoice=[(CENTRAL, 24750)],
        insurance=WINDOW,
        payroll=REQUESTED,
        letters=[WELCOME, INVOICE, INSURER, EMPLOYER],
    ),
    "apprentice, opt-in": Case(
        form=PEOPLE["apprentice"],
        terms=[(CENTRAL, 0, MONTHLY)],  # S14
        invoice=[],  # nothing is charged, nothing is sent
        insurance=NO_PACKAGE,  # A7
        payroll=NO_PAYROLL,
        letters=[WELCOME, INSURER],  # S9
        stage=Stage.ACTIVE,
    ),
    "apprentice at work, opt-in": Case(
        form=application(Category.APPRENTICE, employment=employment()),
        decided={"branch": "OSLO"},
        terms=[(CENTRAL, 0, MONTHLY)],  # A8: no local dues either
        invoice=[],
        insurance=NO_PACKAGE,
        payroll=NO_PAYROLL,  # nothing to deduct
        letters=[WELCOME, INSURER, BRANCH],
        stage=Stage.ACTIVE,
    ),
    "apprentice, opt-out": Case(
        form=PEOPLE["apprentice"],
        book=rulebook(apprentice_insurance="opt_out"),
        terms=[(CENTRAL, 0, MONTHLY)],
        invoice=[],
        insurance=WINDOW,  # A7
        payroll=NO_PAYROLL,
        letters=[WELCOME, INSURER],
    ),
    "apprentice, excluded": Case(
        form=PEOPLE["apprentice"],
        book=rulebook(apprentice_insurance="excluded"),
        terms=[(CENTRAL, 0, MONTHLY)],
        invoice=[],
        insurance=NO_PACKAGE,
        payroll=NO_PAYROLL,
        letters=[WELCOME],
        stage=Stage.ACTIVE,
    ),
    "early pensioner": Case(
        form=PEOPLE["early_pensioner"],
        terms=[(CENTRAL, 12375, MONTHLY)],  # S21: 123.75
        # Born 17 May 1963: a pensioner on 17 May 2030, the price from 1 June (A12, S18).
        later=[(CENTRAL, 60000, YEARLY, date(2030, 6, 1))],
        invoice=[(CENTRAL, 12375)],
        insurance=WINDOW,  # S20
        payroll=NO_PAYROLL,
        letters=[WELCOME, INVOICE, INSURER],
    ),
    "pensioner": Case(
        form=PEOPLE["pensioner"],
        terms=[(CENTRAL, 60000, YEARLY)],  # S18
        invoice=[(CENTRAL, 10000)],  # A13: November and December, 2 x 50
        insurance=NO_PACKAGE,  # S19
        payroll=NO_PAYROLL,
        letters=[WELCOME, INVOICE],
        stage=Stage.ACTIVE,
    ),
    "works past 67": Case(
        form=application(birth_date=BORN_1955),
        decided={"category": Category.ORDINARY},  # A25
        terms=FULL,  # S22
        invoice=FULL_BILL,
        insurance=NO_PACKAGE,  # A17: the last coverage ended with 2022
        payroll=REQUESTED,
        letters=[WELCOME, INVOICE, EMPLOYER],
    ),
    "works past 67 at 40 %": Case(
        form=application(birth_date=BORN_1955, employment=employment("40")),
        decided={"category": Category.ORDINARY},
        terms=FULL,  # A15
        invoice=FULL_BILL,
        insurance=NO_PACKAGE,
        payroll=REQUESTED,
        letters=[WELCOME, INVOICE, EMPLOYER],
    ),
    "works past 67 at 40 %, by the other policy": Case(
        form=application(birth_date=BORN_1955, employment=employment("40")),
        decided={"category": Category.ORDINARY},
        book=rulebook(half_past_67=True),
        terms=[(CENTRAL, 24750, MONTHLY)],  # A15, flag half
        invoice=[(CENTRAL, 24750)],
        insurance=NO_PACKAGE,
        payroll=REQUESTED,
        letters=[WELCOME, INVOICE, EMPLOYER],
    ),
    "turned 67 this year, works": Case(
        form=application(birth_date=BORN_1959),
        decided={"category": Category.ORDINARY},
        terms=FULL,
        invoice=FULL_BILL,
        insurance=WINDOW,  # A17: life holds to the end of the year of 67
        payroll=REQUESTED,
        letters=[WELCOME, INVOICE, INSURER, EMPLOYER],
    ),
    "premium at once": Case(
        form=PEOPLE["ordinary"],
        book=rulebook(premium_at_once=True),
        terms=[(CENTRAL, 49500, MONTHLY), (PREMIUM, 20000, MONTHLY)],  # A18, flag; S7
        invoice=[(CENTRAL, 49500), (PREMIUM, 20000)],  # 695.00
        insurance=WINDOW,
        payroll=REQUESTED,
        letters=[WELCOME, INVOICE, INSURER, EMPLOYER],
    ),
    "premium at once, reserved in the application": Case(
        form=application(insurance_reservation=True),
        book=rulebook(premium_at_once=True),
        terms=FULL,
        invoice=FULL_BILL,
        insurance=RESERVED,
        payroll=REQUESTED,
        letters=[WELCOME, INVOICE, INSURER, CONFIRMED, INSURER_TOLD, EMPLOYER],
    ),
    "payroll needs the first payment": Case(
        form=PEOPLE["ordinary"],
        book=rulebook(payroll_needs_first_payment=True),
        terms=FULL,
        invoice=FULL_BILL,
        insurance=WINDOW,
        payroll=NO_PAYROLL,  # A20: not requested before the money is here
        letters=[WELCOME, INVOICE, INSURER],
    ),
}


def approved(case: Case) -> Step:
    """Return the step of an approval on 22 November 2026."""
    record = received(case.form, book=case.book)
    return answer(record, decide(**case.decided), moment())


def told(step: Step) -> list[tuple[Audience, Template]]:
    """Return who is told what, in order."""
    return [(letter.audience, letter.template) for letter in step.letters]


def the_letter(step: Step, template: Template) -> Letter:
    """Return the one letter of a template."""
    (found,) = [letter for letter in step.letters if letter.template is template]
    return found


@pytest.fixture(
    params=CASES.values(), ids=lambda case: next(n for n, c in CASES.items() if c is case)
)
def case(request: pytest.FixtureRequest) -> Case:
    """One kind of applicant after the other."""
    found: Case = request.param
    return found


def test_the_terms_of_an_approval(case):
    """Exact terms, direct, from the month of approval on, birthdays included (S26, A19)."""
    terms = approved(case).record.terms
    now = [t for t in terms if t.valid_from == NOVEMBER]
    later = [t for t in terms if t not in now]
    assert sorted((t.kind, t.amount_ore, t.cadence) for t in now) == sorted(case.terms)
    assert sorted((t.kind, t.amount_ore, t.cadence, t.valid_from) for t in later) == case.later
    assert {t.payer for t in terms} == {Payer.DIRECT}
    changes = {(kind, begins) for kind, _, _, begins in case.later}
    for term in now:
        if term.kind is not PREMIUM:
            assert term.valid_to is None or (term.kind, term.valid_to) in changes
    assert all(t.valid_to is None for t in later)


def test_the_first_invoice_of_an_approval(case):
    """Exact lines, due 14 days after issue on a bank day (S26, A13, A18, A35)."""
    invoice = approved(case).invoice
    if not case.invoice:
        assert invoice is None
        return
    assert sorted((line.kind, line.amount_ore) for line in invoice.lines) == sorted(case.invoice)
    assert invoice.total_ore == sum(ore for _, ore in case.invoice)
    assert invoice.period_from == date(2026, 11, 1)
    # 22 November + 14 is Sunday 6 December, so Monday the 7th.
    assert (invoice.issued_on, invoice.due_on) == (TODAY, date(2026, 12, 7))


def test_the_tracks_of_an_approval(case):
    """Where insurance and payroll begin, and whether anything is open (A7, A20, A23, A28)."""
    record = approved(case).record
    assert record.insurance.status is case.insurance
    assert record.payroll.status is case.payroll
    assert record.stage is case.stage
    assert record.member_since == TODAY  # A35: a member from the approval on
    awaits = case.book.policies_on(TODAY).payroll_needs_first_payment
    assert record.payroll.awaits_payment is awaits


def test_the_letters_of_an_approval(case):
    """Exactly these letters to exactly these (M3)."""
    step = approved(case)
    assert told(step) == case.letters
    keys = [letter.key for letter in step.letters]
    assert len(keys) == len(set(keys))
    assert all(key.startswith("0002-") for key in keys)


def test_an_approval_says_who_decided_and_why(case):
    """The log names the caseworker and the rules; prices make it depend on the rulebook."""
    step = approved(case)
    assert (step.decided_by, step.priced) == ("ola", True)
    assert set(step.rules) >= {"S26", "A18", "A19", "A35"}


@pytest.mark.parametrize(
    ("issued_on", "due_on"),
    [
        (date(2026, 11, 23), date(2026, 12, 7)),  # + 14 is a Monday
        (date(2026, 12, 10), date(2026, 12, 28)),  # 24 December, a holiday, then a weekend
        (date(2026, 12, 11), date(2026, 12, 28)),  # 25 December, then a weekend
        (date(2026, 12, 17), date(2026, 12, 31)),  # the last day of the year settles
        (date(2026, 12, 18), date(2027, 1, 4)),  # 1 January is a Friday
        (date(2027, 3, 11), date(2027, 3, 30)),  # 25 March is Maundy Thursday, Easter to the 29th
        (date(2027, 4, 17), date(2027, 5, 3)),  # 1 May is a Saturday
        (date(2027, 5, 3), date(2027, 5, 18)),  # 17 May is a Monday
    ],
)
def test_due_dates_fall_on_bank_days(issued_on, due_on):
    """At least 14 days, moved on past holidays and weekends (A35, P2)."""
    step = answer(received(day=issued_on), decide(), moment(issued_on))
    assert step.invoice.due_on == due_on


@pytest.mark.parametrize("days", [14, 21])
def test_payment_days_are_a_policy(days):
    """The 14 days are configuration (A35)."""
    step = answer(received(book=rulebook(payment_days=days)), decide(), moment())
    assert step.invoice.due_on == {14: date(2026, 12, 7), 21: date(2026, 12, 14)}[days]


def test_the_welcome_letter_holds_what_section_9_asks_for():
    """Terms, benefits, and the right to reserve with its window, and no personal data."""
    step = approved(CASES["ordinary with payroll, branch and recruiter"])
    figures = the_letter(step, Template.WELCOME).figures
    assert figures["category"] == "ordinary"
    assert figures["member_since"] == "2026-11-22"
    assert figures["reservation_window_days"] == 30
    assert figures["insurance"] == "window_open"
    assert [t["amount_ore"] for t in figures["terms"]] == [49500, 5000]  # type: ignore[index]
    assert "Kari" not in str(step.letters)


def benefits(step: Step) -> set[str]:
    """Return the names of the benefits in the welcome letter."""
    figures: Any = the_letter(step, Template.WELCOME).figures
    return {benefit["name"] for benefit in figures["benefits"]}


@pytest.mark.parametrize(
    ("case_name", "has", "lacks"),
    [
        pytest.param(
            "ordinary, branch unknown",
            {"insurance_package", "collective_agreement", "branch", "education_support"},
            {"discounts"},
            id="ordinary",
        ),
        pytest.param(
            "hidden, recruited, consents to all",
            {"insurance_package", "legal_help"},  # S34
            {"collective_agreement", "branch"},
            id="S31-S33-hidden",
        ),
        pytest.param(
            "apprentice, opt-in", {"insurance_package"}, {"education_support"}, id="S15-apprentice"
        ),
        pytest.param(
            "apprentice, excluded", {"legal_help"}, {"insurance_package"}, id="A7-excluded"
        ),
        pytest.param("works past 67", {"legal_help"}, {"insurance_package"}, id="A17-too-old"),
        pytest.param("student", {"student_accident_insurance"}, {"insurance_package"}, id="S13"),
        pytest.param("pensioner", {"funeral_contribution"}, {"insurance_package"}, id="S19"),
        pytest.param(
            "early pensioner",
            {"insurance_package", "support_schemes", "voluntary_insurances", "bank_agreement"},
            {"collective_agreement", "branch"},
            id="S20",
        ),
        pytest.param(
            "half time with a reservation",
            {"life_and_accident_insurance"},
            {"insurance_package"},
            id="S11-S10-reserved",
        ),
        pytest.param(
            "student", {"voluntary_insurances", "bank_agreement"}, {"discounts"}, id="S16-student"
        ),
        pytest.param(
            "apprentice, opt-in",
            {"voluntary_insurances", "bank_agreement"},
            {"discounts"},
            id="S16-apprentice",
        ),
        pytest.param("student", {"annual_conference"}, {"legal_help"}, id="S37"),
    ],
)
def test_the_welcome_letter_promises_nothing_wrong(case_name, has, lacks):
    """The benefits are the category's, less what this member can't have (B1, S15, S31-S33, A17)."""
    found = benefits(approved(CASES[case_name]))
    assert has <= found
    assert not lacks & found


@pytest.mark.parametrize(
    ("form", "fields", "reason"),
    [
        pytest.param(
            application(birth_date=BORN_1955),
            {},
            "category: is required, since the applicant is a special case: "
            "the applicant is 67 or older (A25)",
            id="A25-67",
        ),
        pytest.param(
            application(Category.STUDENT, employment=employment()),
            {},
            "category: is required, since the applicant is a special case: "
            "a student who works (A25)",
            id="A25-student-who-works",
        ),
        pytest.param(
            PEOPLE["ordinary"],
            {"category": Category.PENSIONER},
            "category: pensioner is from 67",
            id="S18-too-young",
        ),
        pytest.param(
            application(birth_date=BORN_1955),
            {"category": Category.EARLY_PENSIONER},
            "category: early_pensioner is for those under 67",
            id="S21-too-old",
        ),
        pytest.param(
            PEOPLE["hidden"],
            {"branch": "OSLO"},
            "branch: this applicant is attached to no local branch (S33)",
            id="S33-hidden",
        ),
        pytest.param(
            PEOPLE["ordinary"],
            {"branch": "NARVIK"},
            "branch: is not known; the branches are OSLO, BERGEN",
            id="unknown-branch",
        ),
    ],
)
def test_an_approval_that_can_not_be(form, fields, reason):
    """The caseworker is told what is missing or what would be right (A25, S18, S21, S33)."""
    with pytest.raises(Refused) as refused:
        answer(received(form), decide(**fields), moment())
    assert str(refused.value) == reason


def test_a_branch_without_a_book_of_branches():
    """With no branch at all the list says so."""
    with pytest.raises(Refused, match="none is yet"):
        answer(received(book=rulebook(branches=())), decide(branch="OSLO"), moment())


def test_a_new_branch_has_the_rulebook_read_anew():
    """A branch founded after the application came is looked up before it is refused."""
    assert needs_fresh_rulebook(received(), decide(branch="NEW"))
    assert not needs_fresh_rulebook(received(), decide(branch="OSLO"))
    assert not needs_fresh_rulebook(received(), decide())
    assert not needs_fresh_rulebook(received(), reserve())


def test_an_approval_while_a_question_is_open():
    """The caseworker may approve without waiting for the answer."""
    asked = answered(received(), decide("request_information"))
    assert answered(asked, decide()).stage is Stage.ONBOARDING


def test_a_reservation_that_came_before_the_approval_counts():
    """The form came back while the application lay there: as if sent with it (S10, A21)."""
    reserved = answered(answered(received(), reserve()), decide())
    assert reserved.insurance.status is RESERVED
    assert reserved.insurance.reserved_from == TODAY


@pytest.mark.parametrize("received_on", [TODAY, date(2026, 12, 20)])
def test_a_reservation_removes_a_premium_charged_at_once(received_on):
    """Within the window there is no premium from the start, whatever was charged (A18, A21)."""
    at_once = member(book=rulebook(premium_at_once=True))
    assert PREMIUM in {t.kind for t in at_once.terms}
    reserved = answered(at_once, reserve(received_on), received_on)
    assert {t.kind for t in reserved.terms} == {CENTRAL}
    assert reserved.insurance.premiums == ()


def approved_again(*charged: LineKind, **policies: Any) -> Step:
    """Approve Kari, who was charged for November under a membership that has ended."""
    record = received(application(), book=rulebook(**policies))
    return answer(record.model_copy(update={"charged_elsewhere": charged}), decide(), moment())


def test_a_month_that_was_charged_is_on_no_first_invoice():
    """Invariant 10: no line, no invoice and no letter about one; the terms are as they would be."""
    step = approved_again(CENTRAL)
    assert step.invoice is None
    assert INVOICE not in told(step)
    assert step.record.terms == approved_again().record.terms


def test_the_employer_is_asked_at_once_where_no_payment_is_asked_for():
    """A20 waits for the first payment; there is none to wait for."""
    step = approved_again(CENTRAL, payroll_needs_first_payment=True)
    assert (step.record.payroll.status, step.record.payroll.awaits_payment) == (REQUESTED, False)
    waits = approved_again(payroll_needs_first_payment=True)
    assert waits.record.payroll.awaits_payment
