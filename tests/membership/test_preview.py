"""What a message would come to, before it is sent: what the decision then makes of it."""

from datetime import date

import pytest

from schemas.membership.messages.leaving import Resign
from schemas.membership.preview import Asked
from schemas.shared.vocabulary import Audience, Template
from tests.builders import TODAY, member, moment, received
from workflows.membership.decisions import dispatch
from workflows.membership.preview import preview
from workflows.membership.state import state_of

RESIGNS = {"received_on": TODAY.isoformat(), "reason": "Slutter"}


def ahead(record, name, data, day=TODAY):
    """What a message would come to on a day."""
    now = moment(day)
    return preview(record, Asked(name=name, data=data, at=now.at), now)


def test_it_comes_to_what_the_decision_makes_of_it():
    """The same state and the same letters, and the record stays as it was."""
    record = member()
    before = state_of(record)
    found = ahead(record, "resign", RESIGNS)
    step = dispatch.answer(record, Resign(received_on=TODAY, reason="Slutter"), moment())
    assert found.refused is None
    assert found.says == step.says
    assert found.letters == step.letters
    assert {letter.template for letter in found.letters} >= {Template.RESIGNATION}
    assert found.state.leaves_on == state_of(step.record).leaves_on
    assert found.state.terms == state_of(step.record).terms != before.terms
    assert state_of(record) == before


def test_an_approval_shows_its_invoice_and_who_hears():
    """Before there is a member: what the first invoice would be, and whom letters would go to."""
    data = {"decision": "approve", "caseworker": "ola", "branch": "OSLO"}
    found = ahead(received(), "decide_application", data)
    assert found.invoice is not None
    assert found.invoice.total_ore > 0
    assert {letter.audience for letter in found.letters} >= {Audience.MEMBER, Audience.EMPLOYER}
    assert found.state.member_number is None


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("resign", {"received_on": "soon"}, "received_on: must be a date, YYYY-MM-DD"),
        ("resign", {"received_on": "2026-11-23"}, "received_on: lies in the future"),
        ("decide_application", {"decision": "approve", "caseworker": "ola"}, "has been decided"),
        ("approve", {}, "there is no such message"),
    ],
)
def test_it_says_why_it_would_be_refused(name, data, why):
    """In the words the message would be refused with."""
    found = ahead(member(), name, data)
    assert why in found.refused
    assert found.state is None


def test_a_day_that_has_come_is_no_future():
    """A membership that has slept since it was told something has no clock of its own."""
    data = {"received_on": "2027-03-01"}
    assert ahead(member(), "resign", data, day=date(2027, 3, 1)).refused is None
