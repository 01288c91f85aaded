"""Whom a window passes over without a cover: apprentices opt in, pensioners have no package.

Source: A7, S19, A21.
"""

from datetime import timedelta

from schemas.membership.insurance import is_eligible, package_ends
from schemas.shared.vocabulary import Category, Event, InsuranceStatus, Template
from workflows.membership.decisions.cover import with_this_window
from workflows.membership.decisions.step import Letters, Moment, Step
from workflows.membership.record import MembershipRecord


def must_opt_in(record: MembershipRecord, now: Moment) -> bool:
    """Tell whether silence insures nobody, since the member learns a trade by now. Source: A7."""
    learns = record.category is Category.APPRENTICE
    return learns and record.book.policies_on(now.today).apprentice_insurance != "opt_out"


def has_retired(record: MembershipRecord, now: Moment) -> bool:
    """Tell whether silence insures nobody, since the package is not a pensioner's. S19, A17.

    What has ended by age is told otherwise.
    """
    born, book, today = record.birth_date, record.book, now.today
    retired = record.category is Category.PENSIONER
    return (
        retired
        and today < package_ends(born, book)
        and not is_eligible(Category.PENSIONER, born, book, today)
    )


def silent_pensioner(record: MembershipRecord, now: Moment) -> Step:
    """Return the step by which a pensioner's window passes; work later opens another.

    Who was covered before stays so until the last coverage ends. Source: S19, A17, A39.
    """
    says = "the insurance package is not open to a pensioner who was not covered before"
    return _without_cover(record, now, says, ("S19", "A21"))


def silent_apprentice(record: MembershipRecord, now: Moment) -> Step:
    """Return the step by which a window passes without a cover; work later opens another.

    Source: A7, A39.
    """
    says = "no apprentice is insured by silence: the insurance office takes in who asks for it"
    return _without_cover(record, now, says, ("A7", "A21"))


def _without_cover(
    record: MembershipRecord, now: Moment, says: str, rules: tuple[str, ...]
) -> Step:
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
        says=says,
        rules=rules,
        letters=Letters.of(record).insurer(Template.INSURANCE_STATUS, **figures).done(),
        priced=True,
    ).settled()
