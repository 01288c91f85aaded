"""What waives or reduces somebody's dues for a time: a leave, or no work. Source: L4, A36."""

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from schemas.membership.notices import EmploymentNotice, LeaveNotice
from schemas.pricing.rulebook import Rulebook, in_force
from schemas.shared.vocabulary import WaiverKind, WaiverShare


class Waiver(NamedTuple):
    """A waiver that has begun.

    Attributes:
        begun_on: its first day.
        until_on: its last day.
        worked: the most that was reported as worked since it began.
        deductor: who deducts meanwhile in place of an employer.
    """

    begun_on: date
    until_on: date
    kind: WaiverKind
    share: WaiverShare | None = None
    worked: Decimal = Decimal(0)
    deductor: str | None = None


Waivers = tuple[Waiver, ...]
"""In the order they began, without those that were over before the latest of them."""


def granted(waivers: Waivers, notice: LeaveNotice, *, works: bool) -> Waivers:
    """Return the waivers once one has begun.

    No work ends a leave: what is over by its last day never counts again.

    Args:
        waivers: that have begun before.
        notice: of the one that begins.
        works: the member is an ordinary one that day; nobody else lacks work (A36).
    """
    lasts = notice.waiver is WaiverKind.LEAVE
    if not lasts and not works:
        return waivers
    over = notice.until_on if lasts else notice.effective_on - timedelta(days=1)
    running = tuple(one for one in waivers if one.until_on > over)
    return (*running, begun_by(notice))


def begun_by(notice: LeaveNotice) -> Waiver:
    """Return the waiver that a notice begins."""
    return Waiver(
        begun_on=notice.effective_on,
        until_on=notice.until_on,
        kind=notice.waiver,
        share=notice.share,
        deductor=notice.deductor,
    )


def with_one_going_on(waivers: Waivers, notice: LeaveNotice) -> Waivers:
    """Return the waivers were a leave among them, which no work ends, never over."""
    endless = begun_by(notice)._replace(until_on=date.max)
    others = [one for one in waivers if one.begun_on != notice.effective_on]
    return tuple(sorted([*others, endless], key=lambda one: one.begun_on))


def worked_since(
    waivers: Waivers, notice: EmploymentNotice, before: Decimal | None, total: Decimal | None
) -> Waivers:
    """Return the waivers once work has been reported.

    Args:
        waivers: that have begun.
        notice: what was reported.
        before: what was worked until then, summed.
        total: what is worked from then on; None when unknown, which counts as full.
    """
    reports = bool(notice.position_percent) or (notice.employer is not None and before == 0)
    if not waivers or not reports:
        return waivers
    whole = Decimal(100) if total is None else total
    own = notice.position_percent or whole
    return tuple(
        # Whoever is laid off or on unpaid leave keeps the job that rests.
        one._replace(worked=max(one.worked, whole if one.kind is WaiverKind.UNEMPLOYED else own))
        for one in waivers
    )


def holding(waivers: Waivers, rulebook: Rulebook, on: date) -> Waivers:
    """Return the waivers that hold on a day; the last one counts.

    Work for more than half ends a waiver for want of work, and no leave. Source: A36.
    """
    return tuple(
        one for one in waivers if on <= one.until_on and not _works_again(one, rulebook, on)
    )


def _works_again(waiver: Waiver, rulebook: Rulebook, on: date) -> bool:
    if waiver.kind is WaiverKind.LEAVE or not waiver.worked:
        return False
    return waiver.worked > in_force(rulebook.dues, on).half_at_most_percent


def charged_percent(
    kind: WaiverKind, share: WaiverShare | None, rulebook: Rulebook, on: date
) -> Decimal:
    """Return what part of full dues is charged while they are waived, in per cent. Source: A36."""
    if share is WaiverShare.QUARTER:
        return in_force(rulebook.dues, on).quarter_percent
    if share is WaiverShare.FREE:
        return Decimal(0)
    policies = rulebook.policies_on(on)
    percents = {
        WaiverKind.LEAVE: 0,
        WaiverKind.UNEMPLOYED: policies.unemployed_percent,
        WaiverKind.LAID_OFF: policies.laid_off_percent,
        WaiverKind.UNPAID_LEAVE: policies.unpaid_leave_percent,
        WaiverKind.BENEFITS: policies.on_benefits_percent,
    }
    return Decimal(percents[kind])
