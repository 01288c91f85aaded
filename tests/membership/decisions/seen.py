"""Members to be looked at: what was told of them, and how they are on a later day."""

from datetime import date
from decimal import Decimal

from schemas.membership.messages.changes import ChangeEmployment
from schemas.shared.base import Inbound
from tests.builders import answered, deadline_passed, member, moment, payroll
from workflows.membership.deadlines import deadlines
from workflows.membership.record import MembershipRecord

DAY = date(2027, 1, 10)


def later(record: MembershipRecord, day: date) -> MembershipRecord:
    """Return the record on a day, with every deadline until then passed."""
    while deadlines(record) and deadlines(record)[0].due_at <= moment(day).at:
        record = deadline_passed(record)
    return record


ACTIVE = later(answered(member(branch="OSLO"), payroll()), DAY)


def told(message: Inbound, day: date = DAY) -> MembershipRecord:
    """Return a deducted member of OSLO after one message."""
    return answered(ACTIVE, message, day)


def percent(value: str, on: date) -> ChangeEmployment:
    """Return other working hours."""
    return ChangeEmployment(effective_on=on, position_percent=Decimal(value))
