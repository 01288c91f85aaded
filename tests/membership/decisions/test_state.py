"""What a membership tells of itself: state, with what is to come, and search attributes."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.membership.decision import DeliveryReport
from schemas.membership.messages.changes import GrantLeave, SetHidden, WithdrawChange
from schemas.membership.messages.leaving import Resign
from schemas.shared.calendar import oslo_date
from schemas.shared.vocabulary import Category
from tests.builders import (
    PEOPLE,
    TODAY,
    answered,
    application,
    deadline_passed,
    decide,
    member,
    moment,
    national_id,
    payment,
    received,
    states,
)
from tests.membership.decisions.seen import ACTIVE, DAY, later, percent, told
from workflows.membership.attributes import changed_attributes
from workflows.membership.decisions.dispatch import delivered
from workflows.membership.record import MembershipRecord
from workflows.membership.state import state_of

STATES = states()


def coming(record: MembershipRecord) -> list[tuple[str, str]]:
    """Return what is recorded but not in effect yet."""
    return [(change.kind, str(change.effective_on)) for change in state_of(record).upcoming]


def test_state_shows_what_is_to_come():
    """In the order it becomes true, with who recorded it when; it goes once it is true."""
    record = told(percent("50", date(2027, 3, 10)))
    leave = GrantLeave(from_on=date(2027, 2, 1), until_on=date(2027, 2, 28), caseworker="per")
    record = answered(record, leave, DAY)
    assert coming(record) == [("grant_leave", "2027-02-01"), ("change_employment", "2027-03-10")]
    first = state_of(record).upcoming[0]
    assert (str(first.until_on), str(first.recorded_on), first.decided_by) == (
        "2027-02-28",
        "2027-01-10",
        "per",
    )
    assert coming(later(record, date(2027, 2, 1))) == [("change_employment", "2027-03-10")]
    assert coming(later(record, date(2027, 3, 10))) == []


def test_a_corrected_or_withdrawn_change_is_not_to_come():
    """Only the last word of a day counts, and nothing that was taken back."""
    first = GrantLeave(from_on=date(2027, 2, 1), until_on=date(2027, 7, 31), caseworker="per")
    longer = first.model_copy(update={"until_on": date(2027, 8, 31)})
    record = answered(told(first), longer, DAY)
    assert [str(change.until_on) for change in state_of(record).upcoming] == ["2027-08-31"]
    withdrawn = WithdrawChange(change="grant_leave", effective_on=date(2027, 2, 1))
    assert coming(answered(record, withdrawn, DAY)) == []


def test_state_tells_how_long_a_leave_lasts():
    """Its last day, while it lasts, as it was last corrected."""
    leave = GrantLeave(from_on=date(2027, 2, 1), until_on=date(2027, 7, 31), caseworker="per")
    record = later(told(leave), date(2027, 2, 1))
    assert str(state_of(record).on_leave_until) == "2027-07-31"
    shorter = leave.model_copy(update={"until_on": date(2027, 5, 31)})
    record = answered(record, shorter, date(2027, 3, 1))
    assert str(state_of(record).on_leave_until) == "2027-05-31"
    assert state_of(later(record, date(2027, 6, 1))).on_leave_until is None
    assert state_of(told(leave)).on_leave_until is None


def test_state_tells_the_last_day():
    """10 January: the membership ends with February (A29); what comes later never does."""
    record = told(percent("50", date(2027, 4, 1)))
    record = answered(record, Resign(received_on=DAY), DAY)
    state = state_of(record)
    assert str(state.leaves_on) == "2027-02-28"
    assert coming(record) == [("resign", "2027-03-01")]
    over = state_of(later(record, date(2027, 3, 1)))
    assert (over.stage, str(over.leaves_on), over.upcoming) == ("ended", "2027-02-28", ())
    assert state_of(ACTIVE).leaves_on is None


def test_state_tells_what_was_asked():
    """Of each kind the latest: a student is asked each year."""
    record = later(member(PEOPLE["student"]), date(2028, 3, 17))
    assert [(q.about, str(oslo_date(q.at))) for q in state_of(record).questions] == [
        ("student", "2028-01-01"),
        ("study", "2028-03-17"),
    ]


def test_hiding_is_to_come_until_everybody_was_told():
    """The day has come, the letters have not gone out: the flag is not set yet (L5)."""
    record = told(SetHidden(hidden=True, effective_on=DAY))
    assert (state_of(record).hidden, coming(record)) == (False, [("set_hidden", "2027-01-10")])
    report = DeliveryReport(sent=record.hiding.letters)
    record = deadline_passed(delivered(record, report, moment(DAY)))
    assert (state_of(record).hidden, coming(record)) == (True, [])


@pytest.mark.parametrize("name", STATES)
def test_state_is_readable_json(name):
    """The contract's fields, and the record's own secrets are not among them."""
    state = json.loads(state_of(STATES[name]).model_dump_json())
    assert {"stage", "outcome", "category", "hidden", "member_number", "awaiting", "terms"} <= set(
        state
    )
    assert {"insurance", "first_invoice", "payroll", "rejected_messages"} <= set(state)
    assert "application" not in state
    assert "rulebook" not in state


def test_state_is_the_contracts_example():
    """What design.md shows of an ordinary member in onboarding, value by value."""
    state = json.loads(state_of(member()).model_dump_json())
    assert (state["stage"], state["outcome"]) == ("onboarding", None)
    assert state["terms"] == [
        {
            "kind": "central_dues",
            "amount_ore": 49500,
            "cadence": "monthly",
            "payer": "direct",
            "valid_from": "2026-11-01",
            "valid_to": None,
        }
    ]
    assert state["insurance"]["status"] == "window_open"
    assert state["insurance"]["reservation_deadline"] == "2026-12-22"
    assert state["first_invoice"]["total_ore"] == 49500
    assert state["first_invoice"]["due_on"] == "2026-12-07"
    assert state["first_invoice"]["lines"] == [{"kind": "central_dues", "amount_ore": 49500}]
    assert state["payroll"]["status"] == "requested"
    assert state["payroll"]["first_period"] is None
    (waits,) = state["awaiting"]
    assert (waits["role"], waits["what"]) == ("employer", "answer_payroll_request")
    assert (waits["since"], waits["deadline"]) == ("2026-11-22T10:00:00Z", "2026-12-22")


def attributes(record: MembershipRecord) -> dict[str, Any]:
    """Return all search attributes as they would be."""
    return changed_attributes(record, {})[1]


def test_search_attributes_of_a_review():
    """What the caseworkers' inbox filters on (contract)."""
    assert attributes(received()) == {
        "MembershipStage": "under_review",
        "MemberCategory": "ordinary",
        "AwaitingRoles": ["caseworker"],
        "WaitingSince": moment().at,
        # 25 November is the third working day: due at its midnight, Oslo (A33).
        "ReviewDue": moment(TODAY).at.replace(day=25, hour=23),
        "RejectedMessages": 0,
    }


def test_only_what_changed_is_written():
    """The same record again writes nothing; a new stage writes what differs."""
    first, shown = changed_attributes(received(), {})
    assert {update.key.name for update in first} == {
        "MembershipStage",
        "MemberCategory",
        "AwaitingRoles",
        "WaitingSince",
        "ReviewDue",
    }
    assert changed_attributes(received(), shown) == ([], shown)
    updates, shown = changed_attributes(member(PEOPLE["no_employer"]), shown)
    assert {update.key.name for update in updates} == {
        "MembershipStage",
        "AwaitingRoles",
        "WaitingSince",
        "ReviewDue",
    }
    assert shown["AwaitingRoles"] == []
    assert shown["WaitingSince"] is None


names = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=6, max_size=30)
people = st.builds(
    application,
    st.just(Category.ORDINARY),
    name=names.map(lambda name: f"Q{name}Q"),
    email=st.from_regex(r"q[a-z]{8}@[a-z]{8}\.no", fullmatch=True),
    birth_date=st.just(PEOPLE["ordinary"].applicant.birth_date),
    national_id=st.integers(0, 900).map(
        lambda n: national_id(PEOPLE["ordinary"].applicant.birth_date, n)
    ),
    hidden=st.booleans(),
    additional_information=names,
)


@settings(deadline=None, max_examples=60)
@given(people, st.sampled_from(["review", "asked", "member", "paid"]))
def test_search_attributes_carry_no_personal_data(form, stage):
    """Never a name, e-mail, employer, national id or the hidden flag (R1)."""
    record = received(form)
    if stage == "asked":
        record = answered(record, decide("request_information"))
    elif stage != "review":
        record = member(form)
    if stage == "paid":
        record = answered(record, payment(49500))
    values = str(attributes(record))
    person = form.applicant
    for secret in (person.name, person.email, person.national_id, "974760673", "Eksempel"):
        assert secret not in values
    assert "hidden" not in values.lower()
