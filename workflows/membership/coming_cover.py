"""The premium that comes by itself: what a budget counts before the insurance is decided upon.

Plans reach ahead, but the package is paid for only once a window has passed unused (A18, A21). As
in a forecast there is no second set of rules: a copy of the record lives through its windows.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from schemas.dues.terms import Span
from schemas.membership.decision import DeliveryReport, Letter
from schemas.membership.history import history_of
from schemas.membership.insurance import comes_of_age
from schemas.pricing.rulebook import NotInForce
from schemas.shared.calendar import oslo_date
from schemas.shared.vocabulary import InsuranceStatus, Stage
from workflows.membership.deadlines import FOR_LIFE, LIFE_CHANGE, RESERVATION_WINDOW, deadlines
from workflows.membership.decisions import dispatch
from workflows.membership.decisions.step import Moment
from workflows.membership.record import MembershipRecord

LIVED = frozenset({LIFE_CHANGE, RESERVATION_WINDOW})
"""What touches the package by itself; whatever else is waited for does not."""


def coming_premiums(
    record: MembershipRecord, letters: Iterable[Letter], now: Moment
) -> tuple[Span, ...] | None:
    """Return the months the package will be paid for if nobody does anything.

    Args:
        record: of a membership, as it is decided to be.
        letters: that go out with the decision, on the day: they may prove the notice.
        now: when it is decided.

    Returns:
        None: those that are known already, or nobody can tell.

    Source: S6, S8, S17, A18, A21, A38, A39.
    """
    try:
        until = _decided_by(record, now)
        if until is None:
            return None
        later = _told(
            record.model_copy(update={"version": max(record.version, FOR_LIFE)}), letters, now
        )
        while coming := [one for one in deadlines(later) if one.name in LIVED]:
            if oslo_date(coming[0].due_at) > until:
                break
            now = Moment(max(coming[0].due_at, now.at))
            step = dispatch.AFTER[coming[0].name](later, now)
            later = _told(step.record, step.letters, now)
    except NotInForce:
        return None
    found = later.insurance.premiums
    return None if found == record.insurance.premiums else found


def _decided_by(record: MembershipRecord, now: Moment) -> date | None:
    """Return a day by which all windows have passed that open by themselves; None: none does."""
    if record.stage is Stage.ENDED or record.rulebook is None or record.beginning is None:
        return None
    days = list(_opening(record, now.today))
    if not days:
        return None
    # A window that opens on its day, or whose notice is proved then, and the day after its last.
    return max(days) + timedelta(days=record.book.policies_on(now.today).window_days + 1)


def _opening(record: MembershipRecord, today: date) -> Iterator[date]:
    """Yield the days on which a window is open, or may open."""
    insurance = record.insurance
    if insurance.status is InsuranceStatus.WINDOW_OPEN:
        yield max(insurance.noticed_on or today, insurance.reservation_deadline or today)
    if insurance.status is InsuranceStatus.NOT_APPLICABLE:
        grown = comes_of_age(record.birth_date, record.book, today)
        if grown > today:
            yield grown
    told = history_of(record.facts).categories_from(today)
    yield from (day for day, _ in told if day > today)


def _told(record: MembershipRecord, letters: Iterable[Letter], now: Moment) -> MembershipRecord:
    told: dict[str, str] = {letter.key: letter.template for letter in letters}
    return dispatch.delivered(record, DeliveryReport(sent=tuple(told), templates=told), now)
