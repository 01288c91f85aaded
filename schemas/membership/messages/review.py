"""What is told of an application: the decision, an answer, its withdrawal."""

from typing import Literal

from pydantic import model_validator

from schemas.membership.application import (
    Address,
    Apprenticeship,
    BranchCode,
    Email,
    Employment,
    Months,
    NationalId,
    Pension,
    Phone,
    Study,
    TransferFrom,
)
from schemas.shared.base import Day, Inbound, Line, Prose
from schemas.shared.messages import Card, Message
from schemas.shared.vocabulary import Category, Language


class TransferDecision(Inbound):
    """What a caseworker lets somebody bring along from another union (L10)."""

    accepted: bool
    """Whether anything is; the membership begins all the same."""
    proof: Prose | None = None
    """Where the proof is to be found; required if it is accepted."""
    member_since: Day | None = None
    """Since when a member there, by the proof. Left out, as the next two: as the application says.
    """
    paid_months: Months | None = None
    """How many months of full dues are paid there."""
    insured_until: Day | None = None
    """The last day of the group insurance there. Cover here begins the day after, without a window
    for reservations."""


class DecideApplication(Message):
    """A caseworker approves, rejects, or asks the applicant for information."""

    card = Card(
        name="decide_application",
        purpose="Approve, reject, or request information (give a reason).",
        example='{"decision":"approve","caseworker":"ola"}',
        rules_of_wait=("S29", "A33"),
    )

    decision: Literal["approve", "reject", "request_information"]
    """The decision."""
    caseworker: Line
    """Who decides."""
    reason: Prose | None = None
    """Required unless approved; the applicant is told."""
    category: Category | None = None
    """The category to approve. Required for applicants of 67 or more who do not apply as
    pensioners, students who work and pensioners who work.
    """
    branch: BranchCode | None = None
    """Code of the local branch; not for hidden members."""
    transfer: TransferDecision | None = None
    """What is brought along from another union. Required to approve an application that says so."""

    @model_validator(mode="after")
    def _gives_a_reason(self) -> "DecideApplication":
        if self.decision != "approve" and self.reason is None:
            raise ValueError(f"reason is required when the decision is {self.decision}")
        return self


class ApplicantCorrection(Inbound):
    """Corrected fields of the applicant; what is absent stays as it was."""

    name: Line | None = None
    """Full name."""
    birth_date: Day | None = None
    """A member is at least 15."""
    national_id: NationalId | None = None
    """Fødselsnummer or D-number with valid check digits that agrees with the birth date."""
    email: Email | None = None
    """Where letters go; null, with an address, to have them by post."""
    phone: Phone | None = None
    """In E.164. A number without a country code is read as Norwegian."""
    address: Address | None = None
    """Postal address."""
    language: Language | None = None
    """Language of letters to the member: Bokmål, Nynorsk or English."""


class SupplyInformation(Message):
    """The applicant answers a question, or supplies what was missing (a national id)."""

    card = Card(
        name="supply_information",
        purpose="The applicant answers, with corrected fields.",
        example='{"information":"Se vedlagt attest","applicant":{"phone":"+4798765432"}}',
        rules_of_wait=("A33", "N3"),
    )

    information: Prose
    """The answer, for the caseworker."""
    applicant: ApplicantCorrection | None = None
    """Corrected fields; what is left out stays."""
    category: Category | None = None
    """Replaces what was applied for."""
    employment: Employment | None = None
    """Replaces the employment."""
    other_employments: tuple[Employment, ...] | None = None
    """Replaces the employments beside it."""
    study: Study | None = None
    """Replaces the studies."""
    apprenticeship: Apprenticeship | None = None
    """Replaces the apprenticeship."""
    pension: Pension | None = None
    """Replaces the pension."""
    transfer_from: TransferFrom | None = None
    """Replaces what is brought along from another union."""
    additional_information: Prose | None = None
    """Replaces what was added for the caseworker."""


class WithdrawApplication(Message):
    """The applicant changes their mind before the decision."""

    card = Card(
        name="withdraw_application",
        purpose="The applicant withdraws before the decision.",
        example='{"reason":"Ombestemt meg"}',
    )

    reason: Prose | None = None
    """Why, if the applicant says."""
    caseworker: Line | None = None
    """Who enters it for the applicant; left out: the applicant's own word."""
