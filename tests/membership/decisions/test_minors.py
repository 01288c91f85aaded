"""Members of 15 to 17: they join by themselves, and are insured by a guardian's word only (A38).

Born 12 May 2010: 16 when joining on 22 November 2026, and 18 on 12 May 2028.
"""

from datetime import date

import pytest

from schemas.membership.application import Consents, GuardianConsent
from schemas.membership.messages.insurance import EnrollInsurance
from schemas.shared.vocabulary import Category, Event, InsuranceStatus, LineKind, Template
from tests.builders import (
    TODAY,
    answered,
    application,
    deadline_passed,
    decide,
    member,
    moment,
    notice,
    received,
    reserve,
    rulebook,
    stand,
)
from tests.membership.decisions.lives import becomes, charges, letter, told, until
from workflows.membership.deadlines import deadlines
from workflows.membership.decisions.dispatch import answer
from workflows.membership.decisions.step import Refused
from workflows.membership.decisions.transitions import take_effect

BORN = date(2010, 5, 12)
IS_18 = date(2028, 5, 12)
DECEMBER, JANUARY, JUNE = date(2026, 12, 1), date(2027, 1, 1), date(2028, 6, 1)
WINDOW, COVERED = InsuranceStatus.WINDOW_OPEN, InsuranceStatus.COVERED
NOT_INSURED = InsuranceStatus.NOT_APPLICABLE
CENTRAL, PREMIUM = LineKind.CENTRAL_DUES, LineKind.INSURANCE_PREMIUM
BY_HAND = GuardianConsent(name="Ola Nordmann", on=TODAY, how="underskrevet")
CONSENTED = Consents(terms=True, guardian=BY_HAND)


def minor(category=Category.ORDINARY, **fields):
    """Return the application of somebody of 16, without an employer unless told."""
    return application(category, **{"birth_date": BORN, "employment": None, **fields})


def enrolls(from_on=DECEMBER, consent=BY_HAND):
    """Return the insurance office's word that it takes somebody in."""
    return EnrollInsurance(from_on=from_on, guardian_consent=consent)


def test_a_minor_joins_and_is_not_insured():
    """The approval opens no window, and no letter promises the package (A38)."""
    step = answer(received(minor()), decide(), moment())
    assert step.record.insurance.status is NOT_INSURED
    assert charges(step.record, JANUARY) == {CENTRAL: 49500}
    welcome = letter(step, Template.WELCOME).figures
    assert welcome["guardian_needed"] is True
    assert "insurance_package" not in str(welcome["benefits"])
    assert letter(step, Template.INSURANCE_NEW_MEMBER).figures["guardian_needed"] is True
    assert "reservation_window" not in {d.name for d in deadlines(stand(step, moment()))}


def test_silence_insures_no_minor():
    """A year and a half pass: no cover, no premium, until the 18th birthday (A38)."""
    record = until(member(minor()), date(2028, 5, 11))
    assert record.insurance.status is NOT_INSURED
    assert PREMIUM not in charges(record, JUNE)
    with pytest.raises(Refused, match="no reservation window is open"):
        answer(record, notice(on=date(2028, 5, 11)), moment(date(2028, 5, 11)))


def test_at_18_the_window_opens():
    """Notice and window are those of a new member: covered 31 days later by silence (A38, S9)."""
    of_age = until(member(minor()), IS_18)
    assert of_age.insurance.status is WINDOW
    assert of_age.insurance.opened_on == IS_18
    assert of_age.log[-1].about == Event.CHANGE_TOOK_EFFECT
    assert "A38" in of_age.log[-1].rules
    # 12 May + 30 days is 11 June: covered from the 12th, July is the first whole month.
    covered = deadline_passed(answered(of_age, notice(on=IS_18), IS_18))
    assert covered.insurance.covered_from == date(2028, 6, 12)
    assert PREMIUM not in charges(covered, JUNE)
    assert charges(covered, date(2028, 7, 1))[PREMIUM] == 20000
    again = answered(answered(of_age, notice(on=IS_18), IS_18), reserve(IS_18), IS_18)
    assert again.insurance.reserved_from == IS_18


def test_the_letters_of_coming_of_age():
    """Member and insurance office are told as of a new member (A38, S9)."""
    step = take_effect(member(minor()), moment(IS_18))
    assert told(step) == ["M insurance_window", "I insurance_new_member"]


def test_a_guardian_lets_the_minor_in():
    """Cover from the day named; who consented, when and how stands with the decision (A38)."""
    step = answer(member(minor()), enrolls(), moment())
    assert step.record.insurance.status is COVERED
    assert charges(step.record, DECEMBER)[PREMIUM] == 20000
    assert step.reason == "Ola Nordmann consented as guardian on 2026-11-22: underskrevet"
    assert "A38" in step.rules
    assert "Ola" not in step.says
    # At 18 nothing is asked anew: the cover goes on.
    grown = until(stand(step, moment()), JUNE)
    assert grown.insurance.status is COVERED
    assert charges(grown, JUNE)[PREMIUM] == 20000


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (
            enrolls(consent=None),
            r"guardian_consent: is required of a member under 18 \(A38\)",
        ),
        (
            enrolls(consent=BY_HAND.model_copy(update={"on": date(2026, 11, 23)})),
            "guardian_consent.on: lies in the future",
        ),
    ],
)
@pytest.mark.parametrize("category", [Category.ORDINARY, Category.APPRENTICE])
def test_without_a_guardian_nobody_takes_a_minor_in(category, message, reason):
    """Neither by silence nor by the office alone, an apprentice neither (A7, A38)."""
    with pytest.raises(Refused, match=reason):
        answer(member(minor(category)), message, moment())


def test_a_consent_with_the_application():
    """Then the window opens as for everybody, and silence covers (A38, S6)."""
    record = member(minor(consents=CONSENTED))
    assert record.insurance.status is WINDOW
    covered = deadline_passed(record)
    assert covered.insurance.status is COVERED
    assert charges(covered, JANUARY)[PREMIUM] == 20000
    at_once = answered(record, enrolls(consent=None))
    assert at_once.insurance.status is COVERED


def test_a_minor_who_has_reserved_stays_reserved():
    """Nobody who wants no insurance is asked again at 18 (S10, A38)."""
    record = until(member(minor(insurance_reservation=True)), IS_18)
    assert record.insurance.status is InsuranceStatus.RESERVED


def test_a_student_of_17_who_takes_a_job():
    """Another category opens no window before 18 either (S8, S17, A38)."""
    student = member(minor(Category.STUDENT))
    works = answered(student, becomes(Category.ORDINARY, JANUARY), JANUARY)
    assert works.insurance.status is NOT_INSURED
    assert until(works, IS_18).insurance.status is WINDOW


@pytest.mark.parametrize("category", [Category.STUDENT, Category.APPRENTICE])
def test_an_18th_birthday_that_changes_nothing(category):
    """A student has no package, and an apprentice opts in: no decision is made (S8, A7)."""
    young = member(minor(category))
    assert IS_18 not in {deadline.due_at.date() for deadline in deadlines(young)}


@pytest.mark.parametrize(("age", "status"), [(18, NOT_INSURED), (16, WINDOW), (0, WINDOW)])
def test_the_age_is_a_policy(age, status):
    """16 on the day of approval: who must have a guardian's word is configuration (A38)."""
    record = member(minor(), book=rulebook(guardian_until_age=age))
    assert record.insurance.status is status
