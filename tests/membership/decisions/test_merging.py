"""A membership that its member has twice ends, and nothing of the other one is lost (N9)."""

from datetime import date

import pytest

from schemas.membership.messages.merging import EndDuplicate
from schemas.shared.vocabulary import (
    Audience,
    Event,
    InsuranceStatus,
    Outcome,
    PayrollStatus,
    Stage,
    Template,
)
from tests.builders import TODAY, member, moment
from workflows.membership.decisions.dispatch import answer
from workflows.membership.decisions.step import Refused

OTHER = "membership-3f2b8c1e-5d64-4a7f-9e0b-6c1d2a3b4c5d"


def ended(record, *, quiet=False):
    """Return the step by which a member's membership ends as a duplicate."""
    message = EndDuplicate(goes_on=OTHER, caseworker="ola", quiet=quiet)
    return answer(record, message, moment())


def test_it_ends_today_with_its_terms():
    """What was charged stands; central dues end with the month, and the log says by whose word."""
    step = ended(member())
    assert (step.event, step.record.stage, step.record.outcome, step.decided_by) == (
        Event.MEMBERSHIP_ENDED,
        Stage.ENDED,
        Outcome.DUPLICATE,
        "ola",
    )
    assert step.rules == ("N9",)
    assert {term.valid_to for term in step.record.terms} == {date(2026, 12, 1)}
    assert date(2026, 12, 1) > TODAY


@pytest.mark.parametrize("quiet", [False, True])
def test_only_the_employer_has_to_stop(quiet):
    """Insurance office and branch hear of no end: cover and branch go on with the other.

    The member and the insurance office are told that two are one. Where the one that goes on is
    hidden, the STOP goes by way of the caseworkers (S30).
    """
    step = ended(member(), quiet=quiet)
    outward = {(each.audience, each.template): each.forwarded for each in step.letters}
    assert outward == {
        (Audience.CASEWORKERS, Template.CASEWORKER_TASK): False,
        (Audience.MEMBER, Template.MEMBERSHIPS_MERGED): False,
        (Audience.EMPLOYER, Template.PAYROLL_STOP): quiet,
        (Audience.INSURANCE_OFFICE, Template.INSURANCE_MERGED): False,
    }
    (told,) = (each for each in step.letters if each.audience is Audience.MEMBER)
    assert told.figures == {"stops": True, "quiet": quiet}
    assert step.record.payroll.status is PayrollStatus.STOPPED


def test_whom_the_insurance_office_never_knew_it_does_not_learn_of():
    """A student was never in the package: the office has no entry to strike (S17)."""
    record = member()
    outside = record.insurance.model_copy(update={"status": InsuranceStatus.NOT_APPLICABLE})
    step = ended(record.model_copy(update={"insurance": outside}))
    assert Audience.INSURANCE_OFFICE not in {each.audience for each in step.letters}


def test_nothing_is_its_own_duplicate():
    """The other one must be another one."""
    with pytest.raises(Refused, match="itself"):
        ended(member().model_copy(update={"membership_id": OTHER}))
