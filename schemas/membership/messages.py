"""What others tell a membership: each is both a signal and an update, same name, same JSON."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from schemas.membership.application import (
    Address,
    Apprenticeship,
    BranchCode,
    Email,
    Employment,
    NationalId,
    Orgnr,
    Pension,
    Percent,
    Phone,
    Study,
)
from schemas.shared.base import Contract, Day, Inbound, Line, Month, Ore, Prose
from schemas.shared.vocabulary import Category, Language, MessageName, PensionKind


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


class ChangeEmployment(Inbound):
    """Another employer, another position percentage, or both; what is absent stays (S5, A5)."""

    effective_on: Day
    employer_orgnr: Orgnr | None = None
    employer_name: Line | None = None
    position_percent: Percent | None = None
    branch: BranchCode | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> "ChangeEmployment":
        changes = (self.employer_orgnr, self.employer_name, self.position_percent, self.branch)
        if all(change is None for change in changes):
            raise ValueError(
                "name what changes: employer_orgnr, employer_name, position_percent, branch"
            )
        return self


class ChangeCategory(Inbound):
    """Another category: an accepted offer (S17), a passed trade exam (A9), a new study.

    Attributes:
        ends_on: the last day of the study or apprenticeship that begins or is prolonged.
    """

    category: Category
    effective_on: Day
    evidence: Prose | None = None
    ends_on: Day | None = None


class ReportPension(Inbound):
    """The member goes over to a pension, and perhaps works on beside it (S20-S23, A16)."""

    kind: PensionKind
    from_on: Day
    working_percent: Percent | None = None


class SetHidden(Inbound):
    """Hide the membership from the employer, or lift that with explicit consent (S35, A22)."""

    hidden: bool
    effective_on: Day
    consent: bool | None = None
    branch: BranchCode | None = None


class GrantLeave(Inbound):
    """A caseworker grants a time-limited leave without dues; ``until_on`` is its last day."""

    from_on: Day
    until_on: Day
    caseworker: Line
    reason: Prose | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "GrantLeave":
        if self.until_on < self.from_on:
            raise ValueError("until_on lies before from_on")
        return self


Change = Literal[
    "change_employment", "change_category", "report_pension", "set_hidden", "grant_leave", "resign"
]
"""What can be withdrawn before it takes effect: the message that reported it."""


class WithdrawChange(Inbound):
    """Take back a change that has not taken effect yet.

    Attributes:
        change: the message that reported it.
        effective_on: the date that message named.
    """

    change: Change
    effective_on: Day
    reason: Prose | None = None


class Resign(Inbound):
    """The member resigns, in writing (A29)."""

    received_on: Day
    reason: Prose | None = None


class ReportArrears(Inbound):
    """The dues run tells what a member owes; too much strikes the member off (A30)."""

    as_of: Day
    owed_ore: Annotated[Ore, Field(gt=0)]
    owed_months: Annotated[int, Field(ge=0, le=1200)]


class RecordDeath(Inbound):
    """A caseworker has learned of the member's death."""

    died_on: Day
    caseworker: Line


class Reprice(Inbound):
    """New prices have been decided: the membership reads them and plans its terms anew.

    Attributes:
        rulebook: the version that holds them; one that is known already changes nothing.
    """

    rulebook: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


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
    MessageName.CHANGE_EMPLOYMENT: ChangeEmployment,
    MessageName.CHANGE_CATEGORY: ChangeCategory,
    MessageName.REPORT_PENSION: ReportPension,
    MessageName.SET_HIDDEN: SetHidden,
    MessageName.GRANT_LEAVE: GrantLeave,
    MessageName.WITHDRAW_CHANGE: WithdrawChange,
    MessageName.RESIGN: Resign,
    MessageName.REPORT_ARREARS: ReportArrears,
    MessageName.RECORD_DEATH: RecordDeath,
    MessageName.REPRICE: Reprice,
}

EXAMPLES: dict[MessageName, str] = {
    MessageName.DECIDE_APPLICATION: '{"decision":"approve","caseworker":"ola"}',
    MessageName.SUPPLY_INFORMATION: '{"information":"Se vedlagt attest",'
    '"applicant":{"phone":"+4798765432"}}',
    MessageName.WITHDRAW_APPLICATION: '{"reason":"Ombestemt meg"}',
    MessageName.RECORD_INSURANCE_NOTICE: '{"outcome":"delivered","on":"2026-01-15"}',
    MessageName.RESERVE_INSURANCE: '{"received_on":"2026-01-15"}',
    MessageName.ENROLL_INSURANCE: '{"from_on":"2026-01-15"}',
    MessageName.RECORD_PAYMENT: '{"reference":"B-1","amount_ore":49500,"paid_on":"2026-01-15",'
    '"kid":"1000123450000011"}',
    MessageName.ANSWER_PAYROLL_REQUEST: '{"answer":"accepted"}',
    MessageName.CHANGE_EMPLOYMENT: '{"effective_on":"2026-01-15","employer_orgnr":"312345676",'
    '"employer_name":"Fjord Drift AS","position_percent":"50"}',
    MessageName.CHANGE_CATEGORY: '{"category":"ordinary","effective_on":"2026-01-15",'
    '"evidence":"Fagbrev"}',
    MessageName.REPORT_PENSION: '{"kind":"afp","from_on":"2026-01-15","working_percent":"0"}',
    MessageName.SET_HIDDEN: '{"hidden":true,"effective_on":"2026-01-15"}',
    MessageName.GRANT_LEAVE: '{"from_on":"2026-01-15","until_on":"2026-07-31",'
    '"caseworker":"ola","reason":"Ulønnet permisjon"}',
    MessageName.WITHDRAW_CHANGE: '{"change":"change_employment","effective_on":"2026-01-15"}',
    MessageName.RESIGN: '{"received_on":"2026-01-15","reason":"Slutter i bransjen"}',
    MessageName.REPORT_ARREARS: '{"as_of":"2026-01-15","owed_ore":198000,"owed_months":4}',
    MessageName.RECORD_DEATH: '{"died_on":"2026-01-15","caseworker":"ola"}',
    MessageName.REPRICE: '{"rulebook":"'
    '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}',
}
"""One example of each, shown in the Temporal UI's dialogs and in the published schemas.

What they date lies behind, so that nothing is ever in the future; ``schemas.membership.examples``
moves them.
"""
