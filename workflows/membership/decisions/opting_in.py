"""Apprentices are not in the insurance package by silence: they opt in. Source: A7."""

from datetime import timedelta

from schemas.shared.vocabulary import Category, Event, InsuranceStatus, Template
from workflows.membership.decisions.cover import with_this_window
from workflows.membership.decisions.step import Letters, Moment, Step
from workflows.membership.record import MembershipRecord


def must_opt_in(record: MembershipRecord, now: Moment) -> bool:
    """Tell whether silence insures nobody, since the member learns a trade by now. Source: A7."""
    learns = record.category is Category.APPRENTICE
    return learns and record.book.policies_on(now.today).apprentice_insurance != "opt_out"


def silent_apprentice(record: MembershipRecord, now: Moment) -> Step:
    """Return the step by which a window passes without a cover; work later opens another.

    Source: A7, A39.
    """
    deadline = record.insurance.reservation_deadline
    assert deadline is not None, "a window without a deadline does not close by itself"
    figures = {
        "status": str(InsuranceStatus.ENDED),
        "from_on": (deadline + timedelta(days=1)).isoformat(),
    }
    return Step(
        record=record.insured(
            status=InsuranceStatus.NOT_APPLICABLE,
            reservation_deadline=None,
            earlier=with_this_window(record, now.today),
        ),
        event=Event.INSURANCE_ENDED,
        says="no apprentice is insured by silence: the insurance office takes in who asks for it",
        rules=("A7", "A21"),
        letters=Letters.of(record).insurer(Template.INSURANCE_STATUS, **figures).done(),
        priced=True,
    ).settled()
