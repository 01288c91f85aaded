"""Messages ready to be sent to a member: the dialogs' examples, with dates that fit the member.

They stand on the page, which travels in an address: no employer, no word of hiding.
"""

import json
from datetime import date

from schemas.membership.employments import standing
from schemas.membership.examples import example_on
from schemas.membership.messages import MESSAGES
from schemas.membership.messages.changes import (
    ChangeCategory,
    ChangeEmployment,
    ReportPension,
    SetHidden,
    WithdrawChange,
)
from schemas.membership.messages.insurance import EnrollInsurance, RecordInsuranceNotice
from schemas.shared.messages import Card, Message
from schemas.shared.vocabulary import Category, InsuranceStatus, Stage
from workflows.membership.record import MembershipRecord
from workflows.membership.state import upcoming

LEARNING = frozenset({Category.STUDENT, Category.APPRENTICE})


def ready(record: MembershipRecord, day: date) -> list[tuple[str, str]]:
    """Return what could be sent to a member, dated a day of the membership that is not ahead.

    Each would be applied as it stands, on that day and on any day after it while nothing changes.
    """
    if record.stage is Stage.ENDED or record.leaving is not None:
        return []
    lines = [(fit.card.name, _example(record, fit.card, day)) for fit in _fitting(record, day)]
    return lines + _withdrawn(record)


NOT_FOR_THE_PAGE = frozenset({SetHidden, WithdrawChange})
"""The one tells who hides, the other is offered for each change ahead by itself."""


def _fitting(record: MembershipRecord, day: date) -> list[type[Message]]:
    """Return the messages dated by the membership that would be applied to this one."""
    afp_from = record.book.turns(record.birth_date, record.book.policies_on(day).afp_age)
    unfit = {
        RecordInsuranceNotice: not _window_open(record),
        EnrollInsurance: not _window_open(record),
        ChangeCategory: record.category not in LEARNING,
        ReportPension: record.category is not Category.ORDINARY or day < afp_from,
    }
    dated = (message for message in MESSAGES.values() if message.card.dated)
    return [m for m in dated if m not in NOT_FOR_THE_PAGE and not unfit.get(m, False)]


def _window_open(record: MembershipRecord) -> bool:
    return record.insurance.status is InsuranceStatus.WINDOW_OPEN


def _example(record: MembershipRecord, card: Card, day: date) -> str:
    example = example_on(card, day)
    if card is not ChangeEmployment.card:
        return example
    data = json.loads(example)
    said = {field: data[field] for field in ("effective_on", "position_percent")}
    jobs = standing(record.situation_on(day).jobs)
    return _json(said | ({"employment": jobs[0].id} if len(jobs) > 1 else {}))


def _withdrawn(record: MembershipRecord) -> list[tuple[str, str]]:
    """Return how to take back the first change ahead, by the name and date it was sent with."""
    return [
        (
            WithdrawChange.card.name,
            _json({"change": str(change.kind), "effective_on": str(change.effective_on)}),
        )
        for change in upcoming(record)
        if MESSAGES[change.kind].card.on_page
    ][:1]


def _json(data: dict[str, str]) -> str:
    return json.dumps(data, separators=(",", ":"))
