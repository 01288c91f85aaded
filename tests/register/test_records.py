"""What a membership begins with that was led elsewhere: nothing to ask, the same to pay."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

from schemas.dues.plan import charges_in
from schemas.dues.terms import PayerChange, Span
from schemas.membership.notices import AnyNotice
from schemas.membership.situation import Facts, first_charged_month, situation_on
from schemas.register.member import RegisterEmployment, RegisterMember
from schemas.shared.calendar import months_before, oslo_date
from schemas.shared.vocabulary import (
    Category,
    InsuranceStatus,
    LineKind,
    Payer,
    PensionKind,
    Stage,
    WaiverKind,
)
from tests.builders import BOOK, empty_record
from tests.dues.lives import A, B, becomes, draws, hides, leave, life, works
from tests.register.carried import AT, MONTH, REGISTER, somebody
from workflows.membership.deadlines import deadlines
from workflows.membership.importing import record_of
from workflows.membership.record import MembershipRecord
from workflows.membership.renewal import carried, resumed
from workflows.membership.start import bringing, brought

ID = f"membership-{uuid.UUID(int=7)}"


def record(member: RegisterMember, at: datetime = AT) -> MembershipRecord:
    """Return what somebody's membership begins with."""
    return record_of(member, BOOK, MONTH, at, membership_id=ID, member_number="00000007")


STAGES = {
    "window": Stage.ONBOARDING,
    "on leave": Stage.ON_LEAVE,
}


@pytest.mark.parametrize("who", REGISTER)
def test_everybody_begins_settled(who):
    """Only whose window is open is still being taken in; nothing has fallen due that would act."""
    begun = record(REGISTER[who])
    assert begun.stage is STAGES.get(who, Stage.ACTIVE)
    assert [one for one in deadlines(begun) if one.due_at <= AT] == []


CHARGED: dict[str, dict[str, int]] = {
    # 495 and 50 to Oslo, and 200 for the package.
    "payroll": {"central_dues": 49500, "local_dues": 5000, "insurance_premium": 20000},
    # 50 % is half: 247.50, and Bergen halves its 45 as well.
    "half": {"central_dues": 24750, "local_dues": 2250, "insurance_premium": 20000},
    "two jobs": {"central_dues": 24750, "insurance_premium": 20000},
    "hidden": {"central_dues": 49500, "insurance_premium": 20000},
    # The year's fee is paid there.
    "student": {"central_dues": 0},
    "pensioner": {"central_dues": 0},
    "apprentice": {"central_dues": 0},
    "early": {"central_dues": 12375, "insurance_premium": 20000},
    "on leave": {"central_dues": 0, "insurance_premium": 20000},
    "reserved": {"central_dues": 49500},
    "window": {"central_dues": 49500},
}


@pytest.mark.parametrize("who", CHARGED)
def test_the_first_month_is_charged_as_the_rules_have_it(who):
    """By what holds then, and no month before it (L11)."""
    facts = record(REGISTER[who]).facts
    found = {kind: ore for kind, (ore, _, _) in charges_in(facts, BOOK, MONTH).items()}
    assert found == CHARGED[who]
    assert charges_in(facts, BOOK, months_before(MONTH, 1)) == {}


def test_a_fee_is_charged_again_when_its_year_is_over():
    """A student has paid 300 for this year there, and pays 300 for the next one here."""
    facts = record(REGISTER["student"]).facts
    january = charges_in(facts, BOOK, date(2027, 1, 1))
    assert january[LineKind.CENTRAL_DUES][:2] == (30000, "yearly")


def test_what_was_to_be_asked_by_today_has_been():
    """Who is 66 and ten months hears nothing: that was for the other system."""
    begun = record(REGISTER["asked"])
    assert [one.about for one in begun.asked] == ["pension:2027-01-12"]


def test_a_window_that_has_passed_closes_tomorrow():
    """The import decides nothing; the membership does, by its own deadline."""
    late = somebody(
        "9",
        insurance=InsuranceStatus.WINDOW_OPEN,
        insurance_from=None,
        reservation_deadline=date(2026, 11, 1),
    )
    begun = record(late)
    assert begun.insurance.reservation_deadline == oslo_date(AT)
    assert [one.name for one in deadlines(begun)][:1] == ["reservation_window"]


def started_with(data: bytes, **early: Any) -> MembershipRecord | None:
    """Return the record that a start of a membership brings."""
    before = empty_record().model_copy(update={"membership_id": ID, **early})
    return brought(RawValue(Payload(data=data)), before)


def test_a_record_is_taken_up_as_it_was_sent():
    """It says by which code it can be read, and what it says is carried on from run to run."""
    begun = record(REGISTER["payroll"])
    found = started_with(bringing(begun))
    assert found == begun
    long = begun.model_copy(update={"log": begun.log + begun.log[:1] * 60})
    assert carried(long).log[0] == begun.log[0]
    data = carried(begun).model_dump_json().encode()
    assert resumed(RawValue(Payload(data=data)), empty_record()).terms == begun.terms


FORGED: dict[str, dict[str, Any]] = {
    "of another": {"membership_id": f"membership-{uuid.UUID(int=8)}"},
    "that has decided": {"decisions": 2},
    "of no member": {"member_number": None},
}


@pytest.mark.parametrize("what", FORGED)
def test_a_record_that_no_import_sends_is_none(what):
    """It is an application that can't be read, and ends as invalid."""
    forged = record(REGISTER["payroll"]).model_copy(update=FORGED[what])
    assert started_with(bringing(forged)) is None


@pytest.mark.parametrize(
    "data", [b"", b"{}", b'{"imported":', b'{"imported":}', b'{"imported":[]}', b'{"imported":7}',
             b'{"imported":{"version":3}}', b'{"imported":{}}', b'{"imported":null}']
)  # fmt: skip
def test_garbage_is_no_record(data):
    """Nor does it wedge the workflow."""
    assert started_with(data) is None


days = st.integers(0, 1500).map(lambda n: date(2022, 1, 1) + timedelta(days=n))
told: st.SearchStrategy[AnyNotice] = st.one_of(
    st.builds(works, days, st.sampled_from(["20", "50", "50.01", "100"]), st.sampled_from([A, B]),
              st.sampled_from([None, "OSLO", "BERGEN"])),
    st.builds(hides, days, st.booleans()),
)  # fmt: skip


@st.composite
def lives(draw: st.DrawFn) -> Facts:
    """Draw the life of somebody who has been a member for years, by notices that came in time."""
    since = date(2021, 3, 5)
    first = first_charged_month(since, BOOK)
    insured = draw(st.booleans())
    notices = draw(st.lists(told, max_size=4))
    end = draw(st.sampled_from([None, "pension", "leave", "apprentice"]))
    if end == "pension":
        notices.append(draws(draw(days), kind=PensionKind.DISABILITY))
    if end == "leave":
        notices.append(leave(date(2026, 11, 1), date(2027, 3, 31)))
    if end == "apprentice":
        notices.append(becomes(draw(days), Category.APPRENTICE))
    return life(
        *notices,
        since=since,
        born=draw(st.dates(date(1958, 1, 1), date(2000, 1, 1))),
        percent=draw(st.sampled_from(["50", "100"])),
        branch=draw(st.sampled_from([None, "OSLO"])),
        premiums=(Span(valid_from=first),) if insured else (),
    )


def registered(facts: Facts) -> RegisterMember:
    """Return how another system would have somebody in its register, as of the first month here."""
    now = situation_on(facts, BOOK, MONTH)
    waived = [notice for notice in facts.notices if notice.kind == "grant_leave"]
    jobs = tuple(
        RegisterEmployment(
            member="1",
            employer_orgnr=job.employer.orgnr if job.employer else None,
            position_percent=job.percent,
        )
        for job in now.jobs
        if job.percent != 0
    )
    insured = bool(facts.premiums)
    return somebody(
        "1",
        birth_date=facts.birth_date,
        category=now.category,
        pension=now.pension,
        hidden=now.hidden,
        branch=now.home_branch,
        employments=jobs,
        joined_on=facts.since,
        insurance=InsuranceStatus.COVERED if insured else InsuranceStatus.RESERVED,
        insurance_from=facts.premiums[0].valid_from if insured else None,
        leave=WaiverKind.LEAVE if waived else None,
        leave_from=waived[0].effective_on if waived else None,
        leave_until=waived[0].until_on if waived else None,
        payer=Payer.DIRECT,
    )


@settings(max_examples=60, deadline=None)
@given(lived=lives())
def test_whoever_is_carried_over_pays_what_one_pays_who_lived_here(lived):
    """Each month of the next two years: the same kinds, amounts and cadences."""
    here = record(registered(lived)).facts
    for count in range(24):
        month = months_before(MONTH, -count)
        assert charges_in(here, BOOK, month) == charges_in(lived, BOOK, month), month


def test_an_employer_that_deducted_goes_on():
    """Nobody is asked anew: the word that was given to the other system holds."""
    begun = record(REGISTER["payroll"])
    assert begun.payroll.status == "active"
    assert {term.payer for term in begun.terms} == {Payer.PAYROLL}
    assert begun.payroll.payers == (
        PayerChange(starts_on=MONTH, payer=Payer.PAYROLL, employer_orgnr=A, given_on=MONTH),
    )
    assert record(REGISTER["payroll"], datetime(2026, 11, 20, 9, tzinfo=UTC)) == begun
