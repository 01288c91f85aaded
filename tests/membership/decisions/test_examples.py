"""Every example of every message can be sent as it is shown, on whichever day it is tried."""

import re
from datetime import UTC, date, datetime, time, timedelta

import pytest

from schemas.membership.application import Apprenticeship
from schemas.membership.examples import EXAMPLE_DAY, example_on
from schemas.membership.messages import MESSAGES
from schemas.membership.messages.changes import ChangeEmployment, SetHidden
from schemas.membership.messages.leaving import Resign
from schemas.shared.calendar import OSLO, oslo_date
from schemas.shared.vocabulary import Category
from tests.builders import answered, application, decide, ended, member, moment, received
from tests.pages import page_of
from workflows.membership.decisions.step import Moment
from workflows.membership.record import MembershipRecord

DAYS = [
    date(2026, 11, 26),
    date(2027, 3, 28),  # 02:00 does not exist
    date(2027, 10, 31),  # 02:00 comes twice
    date(2028, 2, 29),
    date(2029, 6, 30),
    date(2031, 12, 31),
]
DATED = {name for name, message in MESSAGES.items() if message.card.dated}
APPLICANTS = {"withdraw_application", "decide_application"}


def of_age(day: date, years: int, category: Category = Category.ORDINARY, **fields: object):
    """Return somebody's application who is so old on a day."""
    born = date(day.year - years, 1, 1)
    return application(category, birth_date=born, national_id=None, **fields)


def fitting(name: str, day: date) -> MembershipRecord:
    """Return a membership that began on a day and whom a message may concern."""
    if name in APPLICANTS:
        return received(of_age(day, 40), day=day)
    if name == "supply_information":
        return answered(received(of_age(day, 40), day=day), decide("request_information"), day)
    if name == "change_category":
        learns = Apprenticeship(ends_on=day + timedelta(days=300))
        return member(of_age(day, 20, Category.APPRENTICE, apprenticeship=learns), day=day)
    if name == "report_pension":
        return member(of_age(day, 64), day=day)
    record = member(of_age(day, 40), day=day)
    if name == "reopen":
        record = answered(record, Resign(received_on=day), day)
    if name == "withdraw_change":
        later = ChangeEmployment(effective_on=day + timedelta(days=90), employer_name="Fjord")
        record = answered(record, later, day)
    return record


def applied(record: MembershipRecord, name: str, data: str, now: date | Moment) -> bool:
    """Tell whether a message led to a decision; Refused is raised where it did not."""
    after = answered(record, MESSAGES[name].model_validate_json(data), now)
    return after.decisions == record.decisions + 1 or name == "reprice"


def on_the_page(record: MembershipRecord) -> dict[str, str]:
    """Return what the page offers to be sent, by the message's name."""
    return dict(re.findall(r"^- `([a-z_]+)` `(\{.*\})`$", page_of(record), re.MULTILINE))


@pytest.mark.parametrize("day", DAYS, ids=str)
@pytest.mark.parametrize("name", sorted(set(MESSAGES) - DATED))
def test_what_the_dialog_shows_is_applied_on_every_day(name, day):
    """As it stands, to a membership that began that very day."""
    assert applied(fitting(name, day), name, MESSAGES[name].card.example, day)


@pytest.mark.parametrize("day", DAYS, ids=str)
@pytest.mark.parametrize("name", sorted(DATED - {"set_hidden"}))
def test_what_the_page_shows_is_applied_on_every_day(name, day):
    """Where a date lies within the membership the page has it ready, that day and weeks later."""
    record = fitting(name, day)
    data = on_the_page(record)[name]
    for later in (0, 1, 20):
        assert applied(record, name, data, day + timedelta(days=later))


@pytest.mark.parametrize("at", [time(0, 1), time(23, 59)], ids=str)
@pytest.mark.parametrize("zone", [OSLO, UTC], ids=str)
def test_the_page_knows_oslos_date(zone, at):
    """A minute before and after midnight, there and in Greenwich, nothing lies in the future."""
    now = Moment(datetime.combine(date(2029, 6, 30), at, zone))
    record = answered(received(of_age(now.today, 40), day=date(2029, 6, 20)), decide(), now)
    offered = on_the_page(record)
    assert f"dated {oslo_date(now.at)}" in page_of(record)
    assert len(offered) >= 4
    for name, data in offered.items():
        assert applied(record, name, data, now)


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_hiding_is_sent_with_a_date_of_ones_own(day):
    """The page says nothing of it (R1): the dialog's example, dated, is applied."""
    record = fitting("set_hidden", day)
    assert "set_hidden" not in on_the_page(record)
    assert applied(record, "set_hidden", example_on(SetHidden.card, day), moment(day))


@pytest.mark.parametrize("day", DAYS, ids=str)
@pytest.mark.parametrize("name", sorted(DATED - {"withdraw_change"}))
def test_whoever_was_a_member_by_then_may_copy_the_dialog(name, day):
    """No example lies in the future, however late it is tried."""
    assert applied(fitting(name, EXAMPLE_DAY), name, MESSAGES[name].card.example, day)


def test_the_pages_day_does_not_tell_of_hiding():
    """A decision that the page does not show gives it no date either."""
    record = fitting("set_hidden", DAYS[0])
    later = DAYS[0] + timedelta(days=40)
    hidden = example_on(SetHidden.card, later)
    record = answered(record, MESSAGES["set_hidden"].model_validate_json(hidden), later)
    assert str(later) not in page_of(record)
    assert f"dated {DAYS[0]}" in page_of(record)


def test_nothing_is_offered_to_those_it_would_be_refused():
    """An applicant, somebody who leaves and somebody who is gone have no such list."""
    leaving = answered(member(), MESSAGES["resign"].model_validate({"received_on": "2026-11-22"}))
    for record in (received(), leaving, ended()):
        assert on_the_page(record) == {}
    assert "report_pension" not in on_the_page(member())
    assert "change_category" not in on_the_page(member())
