"""What is told of money: a payment, how it is to come, and whether the employer deducts."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from schemas.shared.base import Day, Line, Month, Ore, Prose
from schemas.shared.messages import Card, Message


class RecordPayment(Message):
    """The bank integration reports money. ``reference`` is its idempotency key."""

    card = Card(
        name="record_payment",
        purpose="Money has arrived; the reference makes it count once.",
        example='{"reference":"B-1","amount_ore":49500,"paid_on":"2026-01-15",'
        '"kid":"1000123450000011"}',
        rules_of_wait=("A20",),
    )

    reference: Line
    """The bank's own reference: sent twice, the money counts once."""
    amount_ore: Annotated[Ore, Field(gt=0)]
    """In øre."""
    paid_on: Day
    """The day it was paid; not in the future."""
    kid: Annotated[str, StringConstraints(pattern=r"^[0-9]{2,25}$")] | None = None
    """The KID that came with it; without one it is for the oldest invoice that is open."""


class ChoosePayment(Message):
    """The member says how to pay what is not deducted from pay."""

    card = Card(
        name="choose_payment",
        purpose="The member chooses how to pay what the employer does not deduct.",
        example='{"by":"avtalegiro"}',
    )

    by: Literal["invoice", "avtalegiro", "efaktura"]
    """The way; eFaktura is not sent yet, and refused with the reason."""


class AnswerPayrollRequest(Message):
    """The employer's answer, given by the employer or entered by a caseworker."""

    card = Card(
        name="answer_payroll_request",
        purpose="The employer accepted, refused or stopped.",
        example='{"answer":"accepted"}',
        rules_of_wait=("A20", "A34"),
        rules_of_amount=("S26", "A20"),
    )

    answer: Literal["accepted", "refused", "stopped"]
    """The employer's answer."""
    first_period: Month | None = None
    """The first month that is deducted, YYYY-MM."""
    reason: Prose | None = None
    """Why not, if the employer says."""
    caseworker: Line | None = None
    """Who enters it for the employer; left out: the employer's own word."""
