"""What others tell a membership: each is both a signal and an update, same name, same JSON."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from schemas.application import (
    Address,
    Apprenticeship,
    BranchCode,
    Email,
    Employment,
    NationalId,
    Pension,
    Phone,
    Study,
)
from schemas.base import Contract, Day, Inbound, Line, Month, Ore, Prose
from schemas.vocabulary import Category, Language, MessageName


class DecideApplication(Inbound):
    """A caseworker approves, rejects, or asks the applicant for information."""

    decision: Literal["approve", "reject", "request_information"]
    caseworker: Line
    reason: Prose | None = None
    category: Category | None = None
    branch: BranchCode | None = None

    @model_validator(mode="after")
    def _gives_a_reason(self) -> "DecideApplication":
        if self.decision != "approve" and self.reason is None:
            raise ValueError(f"reason is required when the decision is {self.decision}")
        return self


class ApplicantCorrection(Inbound):
    """Corrected fields of the applicant; what is absent stays as it was."""

    name: Line | None = None
    birth_date: Day | None = None
    national_id: NationalId | None = None
    email: Email | None = None
    phone: Phone | None = None
    address: Address | None = None
    language: Language | None = None


class SupplyInformation(Inbound):
    """The applicant answers a question, or supplies what was missing (a national id)."""

    information: Prose
    applicant: ApplicantCorrection | None = None
    category: Category | None = None
    employment: Employment | None = None
    study: Study | None = None
    apprenticeship: Apprenticeship | None = None
    pension: Pension | None = None
    additional_information: Prose | None = None


class WithdrawApplication(Inbound):
    """The applicant changes their mind before the decision."""

    reason: Prose | None = None


class RecordInsuranceNotice(Inbound):
    """The insurance office tells whether its notice to the new member arrived (S9, A21)."""

    outcome: Literal["delivered", "bounced"]
    on: Day


class ReserveInsurance(Inbound):
    """The signed reservation form has come back (S10)."""

    received_on: Day


class EnrollInsurance(Inbound):
    """The insurance office takes somebody in: an apprentice (A7) or a re-entry (A21)."""

    from_on: Day


class RecordPayment(Inbound):
    """The bank integration reports money. ``reference`` is its idempotency key."""

    reference: Line
    amount_ore: Annotated[Ore, Field(gt=0)]
    paid_on: Day
    kid: Annotated[str, StringConstraints(pattern=r"^[0-9]{2,25}$")] | None = None


class AnswerPayrollRequest(Inbound):
    """The employer's answer, given by the employer or entered by a caseworker."""

    answer: Literal["accepted", "refused", "stopped"]
    first_period: Month | None = None
    reason: Prose | None = None


class Answer(Contract):
    """What the sender of an update learns when it has been applied."""

    applied: bool
    stage: str
    says: str


MESSAGES: dict[MessageName, type[Inbound]] = {
    MessageName.DECIDE_APPLICATION: DecideApplication,
    MessageName.SUPPLY_INFORMATION: SupplyInformation,
    MessageName.WITHDRAW_APPLICATION: WithdrawApplication,
    MessageName.RECORD_INSURANCE_NOTICE: RecordInsuranceNotice,
    MessageName.RESERVE_INSURANCE: ReserveInsurance,
    MessageName.ENROLL_INSURANCE: EnrollInsurance,
    MessageName.RECORD_PAYMENT: RecordPayment,
    MessageName.ANSWER_PAYROLL_REQUEST: AnswerPayrollRequest,
}

EXAMPLES: dict[MessageName, str] = {
    MessageName.DECIDE_APPLICATION: '{"decision":"approve","caseworker":"ola"}',
    MessageName.SUPPLY_INFORMATION: '{"information":"Se vedlagt attest",'
    '"applicant":{"national_id":"12345678901"}}',
    MessageName.WITHDRAW_APPLICATION: '{"reason":"Ombestemt meg"}',
    MessageName.RECORD_INSURANCE_NOTICE: '{"outcome":"delivered","on":"2026-11-25"}',
    MessageName.RESERVE_INSURANCE: '{"received_on":"2026-12-01"}',
    MessageName.ENROLL_INSURANCE: '{"from_on":"2027-01-01"}',
    MessageName.RECORD_PAYMENT: '{"reference":"B-1","amount_ore":49500,"paid_on":"2026-12-01",'
    '"kid":"1000123450000011"}',
    MessageName.ANSWER_PAYROLL_REQUEST: '{"answer":"accepted","first_period":"2027-01"}',
}
"""One example of each, shown in the Temporal UI's dialogs and in the published schemas."""
