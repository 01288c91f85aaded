"""People, a rulebook and memberships for tests: what docs/rules.md says, and nobody who exists.

Everything here is pure. A membership is never put together by hand: it is driven by the same
decisions the workflow makes, and ``recorded`` with the receipts persistence would give.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from schemas.membership.application import (
    Address,
    Applicant,
    Application,
    Apprenticeship,
    Consents,
    Employment,
    Pension,
    Study,
)
from schemas.membership.decision import (
    DecisionReceipt,
    DeliveryReport,
    DuplicateCandidate,
    Intake,
    IntakeReceipt,
    IssuedInvoice,
    PaymentReceipt,
)
from schemas.membership.messages.insurance import (
    EnrollInsurance,
    RecordInsuranceNotice,
    ReserveInsurance,
)
from schemas.membership.messages.payments import AnswerPayrollRequest, RecordPayment
from schemas.membership.messages.review import DecideApplication
from schemas.membership.returning import Former
from schemas.payments.allocation import Allocation, AllocationReason
from schemas.payments.kid import invoice_kid
from schemas.pricing.rulebook import (
    Benefits,
    Branch,
    Coverage,
    DuesRates,
    LocalRate,
    Policies,
    PremiumRate,
    Rulebook,
)
from schemas.shared.base import Inbound
from schemas.shared.vocabulary import Category, PensionKind, Stage
from workflows.membership import deadlines, intake
from workflows.membership.decisions import dispatch
from workflows.membership.decisions.step import Moment, Step
from workflows.membership.record import MembershipRecord, Review
from workflows.membership.recording import confirmed, recorded

TODAY = date(2026, 11, 22)
"""A Sunday: the day of the contract's example."""

MEMBERSHIP_ID = "membership-5f0c2f4e-0d4b-4d5e-9a0e-7d1f4f6f0001"
MEMBER_NUMBER = "00012345"
FIRST_KID = invoice_kid(MEMBER_NUMBER, 1)
EMPLOYER_ORGNR = "974760673"
"""The contract's example: a number in use by nobody's fault; no letter leaves these tests."""

ALWAYS = date(1970, 1, 1)


# The rulebook ---------------------------------------------------------------------------------

RATES = DuesRates(
    valid_from=ALWAYS,
    full_central_ore=49500,  # S2
    half_percent=Decimal(50),  # S5
    quarter_percent=Decimal(25),  # S21
    student_percent=Decimal(5),  # S12
    pensioner_percent=Decimal(10),  # S18
    half_at_most_percent=Decimal(50),  # S5
)
PREMIUM = PremiumRate(valid_from=ALWAYS, premium_ore=20000)  # S7
LIFE = Coverage(valid_from=ALWAYS, name="life", ends_at_age=67, ends="end_of_year")  # A17
DISABILITY = Coverage(valid_from=ALWAYS, name="disability", ends_at_age=60, ends="birthday")  # A17
CRITICAL_ILLNESS = Coverage(
    valid_from=ALWAYS, name="critical_illness", ends_at_age=67, ends="birthday"
)
OSLO = Branch(
    code="OSLO",
    name="Oslo og omegn",
    rates=(LocalRate(valid_from=ALWAYS, local_ore=5000, halves=False),),
)
BERGEN = Branch(
    code="BERGEN",
    name="Bergen og Hordaland",
    rates=(LocalRate(valid_from=ALWAYS, local_ore=4500, halves=True),),  # A3
)
_WORKING = (
    "life_and_accident_insurance",
    "insurance_package",
    "collective_agreement",
    "branch",
    "legal_help",
    "voluntary_insurances",
    "bank_agreement",
)
BENEFITS: dict[Category, tuple[str, ...]] = {
    Category.ORDINARY: (*_WORKING, "education_support"),
    Category.APPRENTICE: _WORKING,  # S15
    Category.STUDENT: (  # S13, S16
        "youth_courses",
        "student_accident_insurance",
        "travel_discounts",
        "annual_conference",
        "voluntary_insurances",
        "bank_agreement",
    ),
    Category.EARLY_PENSIONER: (  # S20
        "life_and_accident_insurance",
        "insurance_package",
        "support_schemes",
        "legal_help",
        "voluntary_insurances",
        "bank_agreement",
        "other_benefits",
    ),
    Category.PENSIONER: (  # S19
        "discounts",
        "holiday_flats",
        "private_legal_help",
        "private_insurances",
        "funeral_contribution",
    ),
}


def rulebook(
    *,
    rates: Iterable[DuesRates] = (RATES,),
    premiums: Iterable[PremiumRate] = (PREMIUM,),
    coverages: Iterable[Coverage] = (LIFE, DISABILITY, CRITICAL_ILLNESS),
    branches: Iterable[Branch] = (OSLO, BERGEN),
    allow_synthetic_ids: bool = True,
    **policies: Any,
) -> Rulebook:
    """Return the rulebook as a new installation has it, with some of its policies replaced."""
    return Rulebook(
        version="book-1",
        allow_synthetic_ids=allow_synthetic_ids,
        dues=tuple(rates),
        premiums=tuple(premiums),
        coverages=tuple(coverages),
        branches=tuple(branches),
        benefits=tuple(
            Benefits(valid_from=ALWAYS, category=category, names=names)
            for category, names in BENEFITS.items()
        ),
        policies=(Policies(valid_from=ALWAYS, **policies),),
    )


def rates(full_kroner: str, valid_from: date = ALWAYS) -> DuesRates:
    """Return dues rates built on other full central dues, in kroner a month."""
    ore = int(Decimal(full_kroner) * 100)
    return RATES.model_copy(update={"full_central_ore": ore, "valid_from": valid_from})


BOOK = rulebook()


# People ---------------------------------------------------------------------------------------

_FIRST_WEIGHTS = (3, 7, 6, 1, 8, 9, 4, 5, 2)
_SECOND_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


def _check_digit(digits: str, weights: tuple[int, ...]) -> int:
    return -sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11


def national_id(born: date, individual: int = 0, *, day_plus: int = 0, month_plus: int = 80) -> str:
    """Return a synthetic national id: month + 80, valid check digits, belongs to nobody.

    Args:
        born: the birth date it carries.
        individual: the first individual number to try, 0 to 999; tells people apart.
        day_plus: 40 makes it a D-number.
        month_plus: 80 unless a test wants what is not allowed.
    """
    for number in range(individual, 1000):
        date_part = f"{born.day + day_plus:02d}{born.month + month_plus:02d}{born.year % 100:02d}"
        digits = f"{date_part}{number:03d}"
        first = _check_digit(digits, _FIRST_WEIGHTS)
        second = _check_digit(f"{digits}{first}", _SECOND_WEIGHTS) if first < 10 else 10
        if second < 10:
            return f"{digits}{first}{second}"
    raise AssertionError("no number is left for this birth date")


BORN = date(1986, 4, 12)

_APPLICANT_FIELDS = frozenset(Applicant.model_fields)


def application(category: Category = Category.ORDINARY, **changes: Any) -> Application:
    """Return somebody's application; keywords replace fields of it or of the applicant.

    Args:
        category: brings what it requires: an employment, study, apprenticeship or pension.
    """
    of_applicant = {name: value for name, value in changes.items() if name in _APPLICANT_FIELDS}
    of_form = {name: value for name, value in changes.items() if name not in _APPLICANT_FIELDS}
    usual = _USUAL[category]
    born = of_applicant.get("birth_date", usual["birth_date"])
    person = {
        "name": "Kari Nordmann",
        "birth_date": born,
        "national_id": national_id(born),
        "email": "kari@example.org",
        "phone": "+4791234567",
        "address": Address(line1="Storgata 1", postcode="0155", city="Oslo"),
        **of_applicant,
    }
    usual_form = {name: value for name, value in usual.items() if name != "birth_date"}
    return Application(
        **{
            "applicant": Applicant(**person),
            "category": category,
            "consents": Consents(terms=True),
            **usual_form,
            **of_form,
        }
    )


def employment(percent: str = "100", orgnr: str | None = EMPLOYER_ORGNR) -> Employment:
    """Return a job at the example's employer; no ``orgnr``: the employer is not known (A28)."""
    return Employment(
        employer_orgnr=orgnr,
        employer_name="Eksempel AS" if orgnr else None,
        position="Formann",
        position_percent=Decimal(percent),
    )


_USUAL: dict[Category, dict[str, Any]] = {
    Category.ORDINARY: {"birth_date": BORN, "employment": employment()},
    Category.STUDENT: {
        "birth_date": date(2004, 2, 3),
        "study": Study(school="Fagskolen i Oslo", ends_on=date(2028, 6, 15)),
    },
    Category.APPRENTICE: {
        "birth_date": date(2007, 9, 30),
        "apprenticeship": Apprenticeship(ends_on=date(2028, 8, 31)),
    },
    Category.EARLY_PENSIONER: {
        "birth_date": date(1963, 5, 17),
        "pension": Pension.model_validate({"kind": PensionKind.AFP, "from": date(2026, 1, 1)}),
    },
    Category.PENSIONER: {
        "birth_date": date(1955, 3, 8),
        "pension": Pension.model_validate({"kind": PensionKind.OLD_AGE, "from": date(2022, 4, 1)}),
    },
}

PEOPLE: dict[str, Application] = {
    "ordinary": application(),
    "half_time": application(employment=employment("50"), insurance_reservation=True),
    "hidden": application(hidden=True),
    "no_employer": application(employment=None),
    "employer_unknown": application(employment=employment(orgnr=None)),
    "student": application(Category.STUDENT),
    "apprentice": application(Category.APPRENTICE),
    "early_pensioner": application(Category.EARLY_PENSIONER),
    "pensioner": application(Category.PENSIONER),
}
"""One of each kind; none of them needs the caseworker to name a category."""


# Messages -------------------------------------------------------------------------------------


def decide(decision: Any = "approve", **fields: Any) -> DecideApplication:
    """Return a decision of caseworker ola."""
    if decision != "approve":
        fields.setdefault("reason", "Attesten mangler")
    return DecideApplication(decision=decision, caseworker="ola", **fields)


def notice(outcome: Any = "delivered", on: date = TODAY) -> RecordInsuranceNotice:
    """Return what the insurance office says of its notice."""
    return RecordInsuranceNotice(outcome=outcome, on=on)


def reserve(received_on: date = TODAY) -> ReserveInsurance:
    """Return a reservation form that came back."""
    return ReserveInsurance(received_on=received_on)


def enroll(from_on: date) -> EnrollInsurance:
    """Return the insurance office taking a member in."""
    return EnrollInsurance(from_on=from_on)


def payment(
    amount_ore: int,
    *,
    reference: str = "B-1",
    kid: str | None = FIRST_KID,
    paid_on: date = TODAY,
) -> RecordPayment:
    """Return money from the bank, by default with the first invoice's KID."""
    return RecordPayment(reference=reference, amount_ore=amount_ore, paid_on=paid_on, kid=kid)


def payroll(answer: Any = "accepted", first_period: str | None = None) -> AnswerPayrollRequest:
    """Return an employer's answer."""
    return AnswerPayrollRequest(answer=answer, first_period=first_period)


# A membership driven by decisions -------------------------------------------------------------


def moment(day: date = TODAY, at: time = time(10)) -> Moment:
    """Return a moment of a day, by default 10:00 UTC."""
    return Moment(datetime.combine(day, at, tzinfo=UTC))


def empty_record(day: date = TODAY) -> MembershipRecord:
    """Return the record of a workflow that has just been started."""
    at = moment(day).at
    return MembershipRecord(
        version=2,
        membership_id=MEMBERSHIP_ID,
        received_at=at,
        review=Review(since=at),
        asks_about_work=True,
    )


def received(
    form: Application | None = None,
    *,
    book: Rulebook = BOOK,
    day: date = TODAY,
    faults: tuple[str, ...] = (),
    kin: tuple[DuplicateCandidate, ...] = (),
    former: Former | None = None,
) -> MembershipRecord:
    """Return the record of an application that has been kept: under review unless faulty."""
    record = empty_record(day)
    kept = Intake(
        membership_id=record.membership_id,
        received_at=record.received_at,
        received_on=day,
        application=form or application(),
        text="",
    )
    receipt = IntakeReceipt(rulebook=book, kin=kin, faults=faults, former=former)
    return intake.received(record, kept, receipt)


def receipt_for(step: Step) -> DecisionReceipt:
    """Return what persistence would answer: numbers for a member, a place for the money."""
    record = step.record
    return DecisionReceipt(
        member_number=MEMBER_NUMBER if record.member_since else None,
        invoice=IssuedInvoice(number=f"{MEMBER_NUMBER}-1", kid=FIRST_KID) if step.invoice else None,
        payment=_paid(step),
    )


def _paid(step: Step) -> PaymentReceipt | None:
    """Allocate as persistence would for a member whose only invoice is the first."""
    money, invoice = step.payment, step.record.first_invoice
    if money is None:
        return None
    paid_ore = invoice.paid_ore if invoice else 0
    asked = invoice.total_ore - paid_ore if invoice else 0
    if invoice is None or money.kid not in {None, invoice.kid} or money.amount_ore != asked:
        return PaymentReceipt(
            paid_ore=paid_ore, known=False, allocated=False, went_to=Allocation.SUSPENSE
        )
    return PaymentReceipt(
        paid_ore=invoice.total_ore,
        known=False,
        allocated=True,
        invoice_number=invoice.number,
        went_to=Allocation.FIRST_INVOICE,
        reason=AllocationReason.KID if money.kid else AllocationReason.OLDEST,
    )


def placed(step: Step) -> Step:
    """Return the step as it is where persistence puts its payment; any other as it is."""
    return confirmed(step, receipt_for(step)) if step.payment is not None else step


def stand(step: Step, now: Moment) -> MembershipRecord:
    """Return the record once persistence has recorded a step."""
    receipt = receipt_for(step)
    return recorded(confirmed(step, receipt), receipt, now)


def answered(
    record: MembershipRecord, message: Inbound, day: date | Moment = TODAY
) -> MembershipRecord:
    """Return the record after one message.

    Raises:
        Refused: the message does not apply.
    """
    now = day if isinstance(day, Moment) else moment(day)
    return stand(dispatch.answer(record, message, now), now)


def deadline_passed(record: MembershipRecord) -> MembershipRecord:
    """Return the record after its next deadline has passed."""
    coming = deadlines.deadlines(record)[0]
    now = Moment(coming.due_at)
    return stand(dispatch.AFTER[coming.name](record, now), now)


def welcomed(record: MembershipRecord, day: date = TODAY) -> MembershipRecord:
    """Return the record once the welcome letter has gone out, which proves the notice (A21)."""
    report = DeliveryReport(sent=(f"{record.decisions:04d}-welcome",))
    return dispatch.delivered(record, report, moment(day))


def member(
    form: Application | None = None,
    *,
    book: Rulebook = BOOK,
    day: date = TODAY,
    **fields: Any,
) -> MembershipRecord:
    """Return the record of somebody who was approved and welcomed on one day.

    Args:
        fields: of ``decide_application``: category, branch.
    """
    record = received(form, book=book, day=day)
    return welcomed(answered(record, decide(**fields), day), day)


def awaiting_information(form: Application | None = None) -> MembershipRecord:
    """Return the record of an applicant who has been asked a question."""
    return answered(received(form), decide("request_information"))


def ended(form: Application | None = None) -> MembershipRecord:
    """Return the record of an application that was rejected."""
    record = answered(received(form), decide("reject"))
    assert record.stage is Stage.ENDED
    return record


# Memberships in every state -------------------------------------------------------------------

WORKING_PAST_67 = application(birth_date=date(1959, 5, 5))
"""Born in 1959: the package ends with 2026 (A17), a window opened in December outlives it."""


def _unanswered() -> MembershipRecord:
    """Return a member whose employer never answered while the notice had come back."""
    record = answered(member(), notice("bounced"))
    return deadline_passed(deadline_passed(record))


def states() -> dict[str, MembershipRecord]:
    """Return a membership in each stage, and as a member in each state of each track."""
    requested = member()
    enrolled, reserved = answered(requested, enroll(TODAY)), answered(requested, reserve())
    accepted, refused = answered(requested, payroll()), answered(requested, payroll("refused"))
    direct = member(application(employment=None))
    retired = received(WORKING_PAST_67, day=date(2026, 12, 10))
    retired = answered(retired, decide(category=Category.ORDINARY), date(2026, 12, 10))
    return {
        "not read yet": empty_record(),
        "found faulty": received(faults=("applicant.name: is required",)),
        "under review": received(),
        "awaiting information": awaiting_information(),
        "window without proof, requested": answered(received(), decide()),
        "window, requested": requested,
        "window, unanswered": _unanswered(),
        "window, active": accepted,
        "window, refused": refused,
        "window, stopped": answered(accepted, payroll("stopped")),
        "window, no payroll": direct,
        "window, awaits payment": member(book=rulebook(payroll_needs_first_payment=True)),
        "covered, requested": enrolled,
        "reserved, requested": reserved,
        "covered, active": answered(enrolled, payroll()),
        "covered, unanswered": deadline_passed(deadline_passed(enrolled)),
        "reserved, active": answered(reserved, payroll()),
        "reserved, refused": answered(reserved, payroll("refused")),
        "reserved, stopped": answered(answered(reserved, payroll()), payroll("stopped")),
        "covered, no payroll": deadline_passed(direct),
        "no package, no payroll": member(PEOPLE["student"]),
        "opt-in, no payroll": member(PEOPLE["apprentice"]),
        "ended by age, unanswered": _past_all(welcomed(retired, date(2026, 12, 10))),
        "ended": ended(),
    }


def _past_all(record: MembershipRecord) -> MembershipRecord:
    while deadlines.deadlines(record):
        record = deadline_passed(record)
    return record
