"""What a change of category or age does to the insurance package."""

from datetime import date

from schemas.dues.terms import Span
from schemas.membership.history import history_of
from schemas.membership.insurance import (
    comes_of_age,
    coverages_until,
    covered_on,
    cut,
    initial_status,
    may_be_covered,
    package_ends,
)
from schemas.membership.notices import EndNotice
from schemas.membership.situation import Situation, whole_month
from schemas.pricing.rulebook import in_force
from schemas.shared.calendar import day_before, months_before
from schemas.shared.vocabulary import InsuranceStatus, Template
from workflows.membership.decisions.step import Letters
from workflows.membership.decisions.transition import Transition
from workflows.membership.record import EarlierWindow, Insurance, MembershipRecord

IN_FORCE = frozenset(
    {InsuranceStatus.WINDOW_OPEN, InsuranceStatus.COVERED, InsuranceStatus.RESERVED}
)


def tell_it_goes_on(letters: Letters, insurance: Insurance, undone: EndNotice) -> None:
    """Take back the end that the insurance office was told of, without a gap in the cover.

    Args:
        letters: of the decision.
        insurance: as it is in force again.
        undone: the end that is none.

    Source: L9, M16.
    """
    begun = {
        InsuranceStatus.COVERED: insurance.covered_from,
        InsuranceStatus.RESERVED: insurance.reserved_from,
        InsuranceStatus.WINDOW_OPEN: insurance.opened_on,
    }[insurance.status]
    from_on = max(undone.effective_on, begun or undone.effective_on)
    letters.insurer(
        Template.INSURANCE_STATUS, status=str(insurance.status), from_on=from_on.isoformat()
    )


def follow_category(transition: Transition, before: Situation, after: Situation) -> None:
    """Bring the insurance in line with the category. Source: S6, S8, S17, S20, A7, A39."""
    _cut_earlier(transition)
    status = transition.record.insurance.status
    if not may_be_covered(after.category):
        if status in IN_FORCE:
            _interrupt(transition)
    elif _restore(transition):
        return
    elif _lapsed_on(transition) is not None:
        # The time without it is told of when it is over: it was a break all the same.
        _interrupt(transition)
        _begin(transition, after)
    elif status is InsuranceStatus.NOT_APPLICABLE and (
        after.category is not before.category or _came_of_age(transition)
    ):
        _begin(transition, after)


def _came_of_age(transition: Transition) -> bool:
    """Tell whether no guardian must consent from now on. Source: A38."""
    record, today = transition.record, transition.now.today
    return (
        (record.reached or record.since)
        < comes_of_age(record.birth_date, record.book, today)
        <= today
    )


def _lapsed_on(transition: Transition) -> date | None:
    """Return the first day of a cover on which the package did not apply, or None. Source: A39."""
    record, today = transition.record, transition.now.today
    begun = record.insurance.covered_from
    renews = record.book.policies_on(today).new_window_after_break
    if begun is None or not renews or record.insurance.status is not InsuranceStatus.COVERED:
        return None
    return _not_covered_from(transition, begun)


def _not_covered_from(transition: Transition, begun: date) -> date | None:
    """Return the first day, from one to today, with a category that may not be covered."""
    # What age makes of a pension may be covered both before and after.
    told = history_of(transition.record.facts).categories_from(begun)
    today = transition.now.today
    lapsed = (day for day, category in told if day <= today and not may_be_covered(category))
    return next(lapsed, None)


def _cut_earlier(transition: Transition) -> None:
    """Follow a break that is told once the cover has ended: it ended with it. Source: A39, L1."""
    record, today = transition.record, transition.now.today
    policies, spans = record.book.policies_on(today), record.insurance.premiums
    last = spans[-1] if spans else None
    if last is None or last.valid_to is None or not policies.new_window_after_break:
        return
    lapsed_on = _not_covered_from(transition, last.valid_from)
    if lapsed_on is None:
        return
    paid_until = max(whole_month(lapsed_on), months_before(today, policies.back_months))
    if paid_until < last.valid_to:
        premiums = cut(spans, paid_until)
        transition.update(insurance=record.insurance.model_copy(update={"premiums": premiums}))
        transition.record = transition.record.replanned()


def _interrupt(transition: Transition) -> None:
    """The package never applies to students; a reservation is kept for afterwards. S8, A39."""
    insurance = transition.record.insurance
    lapsed_on = _lapsed_on(transition)
    if insurance.status is InsuranceStatus.COVERED:
        transition.note("the insurance package does not apply to a student", "S8")
        transition.letters.insurer(
            Template.INSURANCE_STATUS,
            status="ended",
            from_on=transition.now.today.isoformat(),
        )
    if lapsed_on is not None:
        _end_cover(transition, lapsed_on)
        return
    update = {
        "status": InsuranceStatus.NOT_APPLICABLE,
        "reservation_deadline": None,
        "earlier": with_this_window(transition.record, transition.now.today),
    }
    transition.update(insurance=insurance.model_copy(update=update))


def with_this_window(record: MembershipRecord, over_on: date) -> tuple[EarlierWindow, ...]:
    """Return the windows there have been, with the one that a break ends. Source: A21, A39."""
    insurance = record.insurance
    if insurance.status is InsuranceStatus.RESERVED:
        return insurance.earlier
    undated = insurance.status is InsuranceStatus.WINDOW_OPEN
    deadline = insurance.reservation_deadline or (day_before(over_on) if undated else None)
    window = EarlierWindow(opened_on=insurance.opened_on or record.since, in_time_until=deadline)
    return (*insurance.earlier, window)


def _end_cover(transition: Transition, lapsed_on: date) -> None:
    """End a cover for good: whoever is eligible again is asked anew. Source: S9, A31, A39."""
    record, today = transition.record, transition.now.today
    back = record.book.policies_on(today).back_months
    paid_until = max(whole_month(lapsed_on), months_before(today, back))
    ended = Insurance(
        status=InsuranceStatus.NOT_APPLICABLE,
        premiums=cut(record.insurance.premiums, paid_until),
        guardian=record.insurance.guardian,
        interrupted=record.insurance,
        earlier=with_this_window(record, lapsed_on),
    )
    transition.update(insurance=ended)
    transition.record = transition.record.replanned()


def _restore(transition: Transition) -> bool:
    """Go on with a cover whose break was none, as is known by now, without a gap. A31, A39, L1."""
    record, today = transition.record, transition.now.today
    ended, held = record.insurance, record.insurance.interrupted
    if (
        held is None
        or held.covered_from is None
        or ended.status is not InsuranceStatus.NOT_APPLICABLE
        or _not_covered_from(transition, held.covered_from) is not None
        or today >= package_ends(record.birth_date, record.book)
    ):
        return False
    until = ended.premiums[-1].valid_to if ended.premiums else held.premiums[0].valid_from
    resumed = months_before(today, record.book.policies_on(today).back_months)
    charged_from = max(until or resumed, resumed)
    premiums = held.premiums if charged_from == until else covered_on(ended.premiums, charged_from)
    transition.update(insurance=held.model_copy(update={"premiums": premiums}))
    transition.record = transition.record.replanned()
    transition.note("the insurance goes on: there was no break", "A39", "L1")
    transition.letters.insurer(
        Template.INSURANCE_STATUS, status=str(held.status), from_on=held.covered_from.isoformat()
    )
    return True


def _begin(transition: Transition, after: Situation) -> None:
    """Go on from what was decided before, or open the window for the first time. S6, S17."""
    record, today = transition.record, transition.now.today
    insurance = record.insurance
    opens = initial_status(
        after.category,
        record.birth_date,
        record.book,
        reserved=False,
        on=today,
        guardian=insurance.guardian,
    )
    if insurance.since is not None and today < package_ends(record.birth_date, record.book):
        # A window that a study interrupted opens again, whatever comes after the study.
        opens = InsuranceStatus.WINDOW_OPEN
    if insurance.reserved_from is not None:
        status = InsuranceStatus.RESERVED
    elif any(span.valid_to is None for span in insurance.premiums) and insurance.covered_from:
        status = InsuranceStatus.COVERED
    else:
        status = opens
    if opens is InsuranceStatus.NOT_APPLICABLE and status is opens:
        return
    update = {"status": status}
    if status is InsuranceStatus.WINDOW_OPEN:
        opened = Insurance(
            status=status,
            since=transition.now.at,
            opened_on=today,
            premiums=_premiums(transition),
            guardian=insurance.guardian,
            earlier=insurance.earlier,
        )
        transition.update(insurance=opened)
        transition.record = transition.record.replanned()
        rules = ("S6", "S9", "S17", "A21", "A38" if _came_of_age(transition) else "A39")
        transition.note("may reserve against the insurance package", *rules)
        transition.letters.member(
            Template.INSURANCE_WINDOW,
            premium_ore=premium_on(transition, today),
            reservation_window_days=record.book.policies_on(today).window_days,
            coverages=coverages_until(record.birth_date, record.book, today),
        )
        transition.letters.insurer(
            Template.INSURANCE_NEW_MEMBER,
            category=str(after.category),
            member_since=today.isoformat(),
        )
        return
    transition.update(insurance=insurance.model_copy(update=update))
    transition.letters.insurer(
        Template.INSURANCE_STATUS, status=str(status), from_on=today.isoformat()
    )


def _premiums(transition: Transition) -> tuple[Span, ...]:
    """Return the months paid for so far, and those from now on if charged at once. A18."""
    record, today = transition.record, transition.now.today
    spans = record.insurance.premiums
    runs = any(span.valid_to is None for span in spans)
    if runs or not record.book.policies_on(today).premium_at_once:
        return spans
    return covered_on(spans, whole_month(today))


def premium_on(transition: Transition, day: date) -> int:
    """Return the premium in øre a month on a day. Source: S7."""
    return in_force(transition.record.book.premiums, day).premium_ore


def end_package(transition: Transition) -> None:
    """The last coverage has ended by age. Source: A17."""
    insurance = transition.record.insurance.model_copy(update={"status": InsuranceStatus.ENDED})
    transition.update(insurance=insurance)
    transition.uninsured = True
