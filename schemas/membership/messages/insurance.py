"""What the insurance office tells: its notice, a reservation, a cover it begins."""

from typing import Literal

from schemas.membership.application import GuardianConsent
from schemas.shared.base import Day
from schemas.shared.messages import Card, Message


class RecordInsuranceNotice(Message):
    """The insurance office tells whether its notice to the new member arrived (S9, A21)."""

    card = Card(
        name="record_insurance_notice",
        purpose="The insurance notice was delivered or bounced.",
        example='{"outcome":"delivered","on":"2026-01-15"}',
        dated=True,
        rules_of_wait=("S9", "A21"),
    )

    outcome: Literal["delivered", "bounced"]
    """What became of the notice to the new member."""
    on: Day
    """The day it was delivered or came back; not in the future."""


class RequestReservationForm(Message):
    """The member asks for the reservation form; its return is ``reserve_insurance`` (S10)."""

    card = Card(
        name="request_reservation_form",
        purpose="The member asks for the reservation form: it goes out with a letter.",
        example="{}",
    )


class ReserveInsurance(Message):
    """The signed reservation form has come back (S10)."""

    card = Card(
        name="reserve_insurance",
        purpose="The reservation form has come back.",
        example='{"received_on":"2026-01-15"}',
    )

    received_on: Day
    """The day the signed form came in; not in the future."""


class EnrollInsurance(Message):
    """The insurance office takes somebody in: an apprentice (A7) or a re-entry (A21)."""

    card = Card(
        name="enroll_insurance",
        purpose="The insurance office takes the member in.",
        example='{"from_on":"2026-01-15"}',
        dated=True,
    )

    from_on: Day
    """The first day of cover."""
    guardian_consent: GuardianConsent | None = None
    """Required of a member under 18 on that day, unless it came with the application."""
