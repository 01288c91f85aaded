"""Who has stamped a message has decided, and what two decide two must say (R5, R6)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from schemas.access.roles import AccessRole
from schemas.membership.messages.changes import SetHidden, WithdrawChange
from schemas.membership.messages.leaving import RecordDeath
from schemas.shared.vocabulary import Outcome
from tests.access.making import claims
from tests.builders import TODAY, application, decide, member, moment
from workflows.membership.decisions.dispatch import answer
from workflows.membership.decisions.step import Refused
from workflows.shared.signed import in_the_name_of, named_instead

OLA = claims("idp|17", "Ola Nordås")
KARI = claims("idp|18", "Kari Lie")
PORTAL = claims("min-side", "Min side", role=AccessRole.SYSTEM)
NAMESAKE = claims("idp|19", "ola nordås")

LIFT = SetHidden(hidden=False, effective_on=TODAY, consent=True)


def by(who, now=None):
    """Return the moment at which somebody sends a message."""
    return replace(now or moment(), by=who, no_person=who is PORTAL)


def under(record, **policies):
    """Return a record by whose rulebook policies are others."""
    changed = [entry.model_copy(update=policies) for entry in record.book.policies]
    book = record.book.model_copy(update={"policies": tuple(changed)})
    return record.model_copy(update={"rulebook": book})


@pytest.mark.parametrize(
    ("message", "who", "caseworker", "named"),
    [
        (decide().model_copy(update={"caseworker": "kari"}), OLA, "Ola Nordås", "kari"),
        (decide().model_copy(update={"caseworker": "Ola Nordås"}), OLA, "Ola Nordås", None),
        (LIFT, OLA, "Ola Nordås", None),
        # A member's word stays that: the system that passes it on is no caseworker.
        (LIFT, PORTAL, None, None),
        # A system that says a caseworker's name is not that caseworker.
        (LIFT.model_copy(update={"caseworker": "kari"}), PORTAL, "Min side", "kari"),
        (LIFT, None, None, None),
    ],
)
def test_the_caseworker_is_who_has_stamped_it(message, who, caseworker, named):
    """Whatever name stands in the message; the one that stood there is kept beside it (R5)."""
    assert in_the_name_of(message, who).caseworker == caseworker
    assert (named_instead(message, who) or None) == named


def test_who_has_stamped_it_decides():
    """The log, `explain` and the decision name the actor, also where the message names nobody."""
    step = answer(member(application(hidden=True)), LIFT, by(PORTAL))
    assert step.decided_by == "Min side"
    assert step.logged(moment().at).log[-1].decided_by == "Min side"


def lifted_by(first, second, *, message=LIFT, other=None, later=0):
    """Return what comes of the same message from two people, one after the other."""
    hidden = under(member(application(hidden=True)), four_eyes_unhide=True)
    asked = answer(hidden, message, by(first))
    now = moment(TODAY + timedelta(days=later))
    return asked, answer(asked.logged(moment().at), other or message, by(second, now))


def test_hidden_status_is_lifted_by_two():
    """The first message changes nothing and is a task; the second, by another, lifts it (R6)."""
    asked, done = lifted_by(OLA, KARI)
    assert asked.record.hidden
    assert [letter.figures["task"] for letter in asked.letters] == ["second_person"]
    assert asked.confidential
    assert not done.record.hidden
    assert done.approves == asked.record.second_persons[0].number
    assert done.record.second_persons == ()


def test_a_system_is_neither_of_the_two():
    """Whoever told it may be who says the same by themselves: two persons say it, or none (R6)."""
    with pytest.raises(Refused, match="waits for another person"):
        lifted_by(OLA, PORTAL)
    with pytest.raises(Refused, match="waits for another person"):
        lifted_by(PORTAL, PORTAL)
    told, asked = lifted_by(PORTAL, OLA)
    assert told.record.hidden
    assert asked.record.hidden, "the first person"
    assert [one.by.name for one in asked.record.second_persons] == ["Ola Nordås"]
    assert not answer(asked.logged(moment().at), LIFT, by(KARI)).record.hidden


@pytest.mark.parametrize("second", [OLA, claims("idp|17", "Somebody Else")])
def test_one_person_is_not_two(second):
    """Who has asked can't approve it, under another name neither (R6)."""
    with pytest.raises(Refused, match="waits for another person"):
        lifted_by(OLA, second)


def test_two_of_one_name_are_two():
    """Once it is known who they are, names tell nobody apart (R6)."""
    assert not lifted_by(OLA, NAMESAKE)[1].record.hidden


@pytest.mark.parametrize(
    ("other", "later"),
    [
        (LIFT.model_copy(update={"effective_on": TODAY + timedelta(days=1)}), 0),
        # Asked for 30 days ago it holds, a day later it must be asked for anew.
        (None, 31),
    ],
)
def test_another_thing_is_asked_for_anew(other, later):
    """A second person who says something else, or says it too late, is the first one (R6)."""
    _, again = lifted_by(OLA, KARI, other=other, later=later)
    assert again.record.hidden
    assert again.approves is None
    assert [one.by.name for one in again.record.second_persons] == ["Kari Lie"]


@pytest.mark.parametrize("unsigned", [("ola", "Ola."), ("member", "member")])
def test_names_are_compared_where_nobody_is_known(unsigned):
    """Case and points do not make another person; nor do two words of the same member (R6)."""
    first, second = (LIFT.model_copy(update={"caseworker": name}) for name in unsigned)
    with pytest.raises(Refused, match="waits for another person"):
        lifted_by(None, None, message=first, other=second)


def test_one_message_lifts_it_where_no_policy_says_two():
    """As it is by default: the contract is as it was."""
    assert not answer(member(application(hidden=True)), LIFT, moment()).record.hidden


def test_a_wish_that_is_ahead_is_not_taken_back_by_one():
    """`withdraw_change` of a wish to be hidden lifts what holds from its answer on (R6)."""
    record = under(member(), four_eyes_unhide=True)
    ahead = TODAY + timedelta(days=20)
    wish = answer(record, SetHidden(hidden=True, effective_on=ahead), by(OLA))
    hiding = wish.logged(moment().at)
    back = WithdrawChange(change="set_hidden", effective_on=ahead)
    asked = answer(hiding, back, by(OLA))
    assert asked.record.asked_to_hide
    assert not answer(asked.logged(moment().at), back, by(KARI)).record.asked_to_hide


DEATH = RecordDeath(died_on=TODAY, caseworker="kari", member_number="00000001")


def test_a_death_with_the_number_takes_two_where_policy_says_so():
    """By one it is reported and stops nothing, by another with the same day everything (R6)."""
    alive = under(member(), four_eyes_death=True)
    message = DEATH.model_copy(update={"member_number": alive.member_number})
    reported = answer(alive, message, by(OLA))
    assert reported.record.outcome is None
    same = reported.logged(moment().at)
    with pytest.raises(Refused, match="by another caseworker with the same day"):
        answer(same, message, by(OLA))
    died = answer(same, message, by(KARI))
    assert died.record.outcome is Outcome.DECEASED
    assert died.approves == reported.record.reported_death.number


def test_a_death_with_the_number_takes_one_otherwise():
    """As it is by default."""
    message = DEATH.model_copy(update={"member_number": member().member_number})
    assert answer(member(), message, moment()).record.outcome is Outcome.DECEASED


@pytest.mark.parametrize(
    ("said", "given_on", "how"),
    [
        ({}, TODAY, "by the message set_hidden"),
        (
            {"consent_given_on": date(2026, 11, 1), "consent_how": "phone"},
            date(2026, 11, 1),
            "phone",
        ),
    ],
)
def test_consent_goes_with_the_decision(said, given_on, how):
    """When and how a member has agreed that employer and branch may know (A22)."""
    step = answer(member(application(hidden=True)), LIFT.model_copy(update=said), moment())
    assert (step.consent.given_on, step.consent.how) == (given_on, how)


def test_consent_is_not_given_tomorrow():
    """A day that has not come is refused, and no page says of what."""
    told = LIFT.model_copy(update={"consent_given_on": TODAY + timedelta(days=1)})
    with pytest.raises(Refused, match="lies in the future") as refused:
        answer(member(application(hidden=True)), told, moment())
    assert refused.value.confidential
