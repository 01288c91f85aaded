"""Messages ready to be sent to a member: the dialogs' examples, with dates that fit the member.

They stand on the page, which travels in an address: no employer, no word of hiding.
"""

import json
from datetime import date

from schemas.membership.examples import example_on
from schemas.shared.calendar import birthday
from schemas.shared.vocabulary import Category, InsuranceStatus, MessageName, Stage
from workflows.membership.record import MembershipRecord
from workflows.membership.state import upcoming

LEARNING = frozenset({Category.STUDENT, Category.APPRENTICE})

WITHDRAWN_BY_NAME = frozenset(
    {"change_employment", "change_category", "report_pension", "grant_leave"}
)
"""The changes ahead that the page may name."""


def ready(record: MembershipRecord, day: date) -> list[tuple[MessageName, str]]:
    """Return what could be sent to a member, dated a day of the membership that is not ahead.

    Each would be applied as it stands, on that day and on any day after it while nothing changes.
    """
    if record.stage is Stage.ENDED or record.leaving is not None:
        return []
    lines = [(name, _example(name, day)) for name in _fitting(record, day)]
    return lines + _withdrawn(record)


def _fitting(record: MembershipRecord, day: date) -> list[MessageName]:
    afp_from = birthday(record.birth_date, record.book.policies_on(day).afp_age)
    fits = {
        MessageName.RECORD_INSURANCE_NOTICE: _window_open(record),
        MessageName.ENROLL_INSURANCE: _window_open(record),
        MessageName.CHANGE_EMPLOYMENT: True,
        MessageName.CHANGE_CATEGORY: record.category in LEARNING,
        MessageName.REPORT_PENSION: record.category is Category.ORDINARY and day >= afp_from,
        MessageName.GRANT_LEAVE: True,
        MessageName.RESIGN: True,
    }
    return [name for name, fitting in fits.items() if fitting]


def _window_open(record: MembershipRecord) -> bool:
    return record.insurance.status is InsuranceStatus.WINDOW_OPEN


def _example(name: MessageName, day: date) -> str:
    example = example_on(name, day)
    if name is not MessageName.CHANGE_EMPLOYMENT:
        return example
    data = json.loads(example)
    return _json({field: data[field] for field in ("effective_on", "position_percent")})


def _withdrawn(record: MembershipRecord) -> list[tuple[MessageName, str]]:
    """Return how to take back the first change ahead, by the name and date it was sent with."""
    return [
        (
            MessageName.WITHDRAW_CHANGE,
            _json({"change": str(change.kind), "effective_on": str(change.effective_on)}),
        )
        for change in upcoming(record)
        if change.kind in WITHDRAWN_BY_NAME
    ][:1]


def _json(data: dict[str, str]) -> str:
    return json.dumps(data, separators=(",", ":"))
