"""What holds for a member on a day: the facts folded in the order they became true.

The order in which notices arrive does not matter: only their dates do, and for two notices of one
kind and date, which came last (a correction).
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from schemas.dues.terms import PayerChange, Span
from schemas.membership.employments import (
    Jobs,
    at_first,
    beside_a_pension,
    deductor,
    ended,
    foremost,
    ruled,
    standing,
    told,
    worked,
)
from schemas.membership.notices import (
    AnyNotice,
    Beginning,
    CategoryNotice,
    Employer,
    EmploymentNotice,
    EndNotice,
    HiddenNotice,
    Job,
    LeaveNotice,
    PensionNotice,
)
from schemas.membership.waivers import Waivers, granted, holding, worked_since
from schemas.pricing.rulebook import Rulebook, in_force
from schemas.shared.base import Contract, Day
from schemas.shared.calendar import first_of_month, month_after, months_before
from schemas.shared.vocabulary import Category, Outcome, PensionKind, WaiverKind, WaiverShare

RETIRED = frozenset({Category.EARLY_PENSIONER, Category.PENSIONER})
LEARNING = frozenset({Category.STUDENT, Category.APPRENTICE})

NAV = "NAV"
"""By what name its organisation number (policy ``nav_orgnr``) is written to."""


class Facts(Contract):
    """Everything a member's terms depend on, apart from the rulebook.

    Attributes:
        since: the day of approval; its month is billed whole and directly (S26, A19).
        premiums: the days the insurance package is paid for, unless the category forbids it.
        payers: when an employer began and ended deducting, in order of time.
        charged_from: the first month that is charged, where an earlier membership of the same
            person covers the approval's (invariant 10). None: the month of the approval.
        fee_until: the first month for which no yearly fee was paid under an earlier membership.
    """

    birth_date: Day
    since: Day
    beginning: Beginning
    notices: tuple[AnyNotice, ...] = ()
    premiums: tuple[Span, ...] = ()
    payers: tuple[PayerChange, ...] = ()
    charged_from: Day | None = None
    fee_until: Day | None = None


def without_names(facts: Facts) -> Facts:
    """Return facts that give the same terms, without the names of people and employers."""
    first = _unnamed(facts.beginning.employer)
    further = tuple(
        job.model_copy(update={"employer": _unnamed(job.employer)})
        for job in facts.beginning.further
    )
    return facts.model_copy(
        update={
            "beginning": facts.beginning.model_copy(update={"employer": first, "further": further}),
            "notices": tuple(_without_told_dates(notice) for notice in facts.notices),
            "premiums": tuple(s.model_copy(update={"decided_by": None}) for s in facts.premiums),
        }
    )


def _without_told_dates(notice: AnyNotice) -> AnyNotice:
    update: dict[str, object] = {"decided_by": ""}
    if isinstance(notice, EmploymentNotice):
        update["employer"] = _unnamed(notice.employer)
    return notice.model_copy(update=update)


def _unnamed(employer: Employer | None) -> Employer | None:
    return None if employer is None else employer.model_copy(update={"name": None})


class Situation(Contract):
    """What holds for a member on one day.

    Attributes:
        category: follows from the rest: a pension without work retires, 67 makes a pensioner.
        position_percent: summed over the employments (A5); None when unknown or not working.
        employer: the one that may deduct, else the first; None when unknown or not working.
        jobs: the employments that stand, each by itself; none in what older code kept.
        branch: None when unknown or hidden (S33); ``home_branch`` is the one to come back to.
        pension: the pension drawn, also beside work (A16).
        retired: draws a pension and does not work.
        on_leave: the dues are waived or reduced, for a leave or for want of work.
        waiver, share: which of them it is; of a leave without dues None.
        deductor: who deducts meanwhile in place of an employer: NAV (A36).
        ends_on: the last day of the study or the apprenticeship, when known.
    """

    category: Category
    position_percent: Decimal | None = None
    employer: Employer | None = None
    jobs: tuple[Job, ...] = ()
    hidden: bool = False
    home_branch: str | None = None
    pension: PensionKind | None = None
    retired: bool = False
    on_leave: bool = False
    waiver: WaiverKind | None = None
    share: WaiverShare | None = None
    deductor: str | None = None
    ends_on: Day | None = None

    @property
    def branch(self) -> str | None:
        """The local branch that may know of the member."""
        return None if self.hidden else self.home_branch

    @property
    def deducting(self) -> str | None:
        """The organisation number of who may deduct, or None. A5, A20, A23, A28, A36."""
        if self.deductor is not None:
            open_to_it = self.category is Category.ORDINARY and not self.hidden
            return self.deductor if open_to_it else None
        idle = self.hidden or self.on_leave or self.position_percent == 0
        if idle or self.category is not Category.ORDINARY or self.employer is None:
            return None
        ruled_out = bool(self.jobs) and deductor(self.jobs) is None
        return None if ruled_out else self.employer.orgnr

    @property
    def other_deductor(self) -> Employer | None:
        """Who deducts in place of an employer, to be written to as one. Source: A36."""
        return None if self.deductor is None else Employer(orgnr=self.deductor, name=NAV)

    @property
    def fee_rests(self) -> bool:
        """Whether a yearly fee is waived: what is a part of monthly dues is none of a fee."""
        leave = self.waiver is None and self.share is None
        return self.on_leave and (leave or self.share is WaiverShare.FREE)

    @property
    def worked_before(self) -> Decimal | None:
        """What was worked before all work ended, where it has."""
        return self.jobs[0].worked_before if self.position_percent == 0 and self.jobs else None

    @property
    def foremost(self) -> Job | None:
        """The employment that stands for all where there is room for one."""
        if self.jobs or (self.employer is None and self.position_percent is None):
            return foremost(self.jobs)
        return Job(employer=self.employer, percent=self.position_percent)


def charged_from(notice: AnyNotice, rulebook: Rulebook) -> date:
    """Return the first month whose charges a notice may still change. Source: A6, A31."""
    policies = rulebook.policies_on(notice.recorded_on)
    months = policies.back_months
    if isinstance(notice, EmploymentNotice) and gives_half_dues(notice, rulebook):
        months = min(months, policies.half_dues_back_months)
    return months_before(notice.recorded_on, months)


def gives_half_dues(notice: EmploymentNotice, rulebook: Rulebook) -> bool:
    """Tell whether a notice is one of so little work that it gives half dues. S5, A5."""
    if notice.gives_half is not None:
        return notice.gives_half
    at_most = in_force(rulebook.dues, notice.recorded_on).half_at_most_percent
    percent = notice.position_percent
    return percent is not None and 0 < percent <= at_most


def first_charged_month(since: date, rulebook: Rulebook) -> date:
    """Return the first month a member is charged for, whole. Source: S26, A19."""
    joins_at_once = rulebook.policies_on(since).first_month == "approval"
    return first_of_month(since) if joins_at_once else month_after(since)


def first_month_of(facts: Facts, rulebook: Rulebook) -> date:
    """Return the first month that is charged: none that another membership covers. A19."""
    first = first_charged_month(facts.since, rulebook)
    return max(first, facts.charged_from or first)


def situation_on(
    facts: Facts, rulebook: Rulebook, on: date, *, known_for: date | None = None
) -> Situation:
    """Return what holds for a member on a day.

    Args:
        facts: all that is known.
        rulebook: with policies in force on the day.
        on: not before the membership began.
        known_for: leave out what was learned too late to change the charges of this month (A31).

    Source: L1, L2; A5, A14, A16, S17, S22.
    """
    known = effective_notices(
        notice
        for notice in facts.notices
        if notice.effective_on <= on
        and (known_for is None or charged_from(notice, rulebook) <= known_for)
    )
    state = at_first_day(facts.beginning)
    for notice in known:
        state = lived(state, notice)
    return settled(facts, rulebook, state, on)


State = tuple[Situation, Waivers]
"""What holds after some notices, and the waivers that have begun by then."""


def at_first_day(beginning: Beginning) -> State:
    """Return what held at the approval, with nothing waived."""
    return at_the_beginning(beginning), ()


def lived(state: State, notice: AnyNotice) -> State:
    """Return what holds once one more notice is true."""
    now, waivers = state
    if isinstance(notice, LeaveNotice):
        works = now.category is Category.ORDINARY and not now.retired
        return now, granted(waivers, notice, works=works)
    new = after(now, notice)
    if isinstance(notice, EmploymentNotice):
        waivers = worked_since(waivers, notice, now.position_percent, new.position_percent)
    return new, waivers


def settled(facts: Facts, rulebook: Rulebook, state: State, on: date) -> Situation:
    """Return what holds on a day once its notices are true: by age, and by a leave. S21, S22."""
    now, waivers = state
    policies = rulebook.policies_on(on)
    retirement = rulebook.turns(facts.birth_date, policies.retirement_age)
    category = now.category
    if now.retired:
        category = Category.PENSIONER if retirement <= on else Category.EARLY_PENSIONER
    elif on < retirement and _draws_beside_work(now) and policies.pension_beside_work == "pension":
        category = Category.EARLY_PENSIONER
    held = holding(waivers, rulebook, on)
    if category is now.category and not held:
        return now
    return now.model_copy(update={"category": category, **_waived(held)})


def _waived(held: Waivers) -> dict[str, Any]:
    if not held:
        return {}
    last = held[-1]
    kind = None if last.kind is WaiverKind.LEAVE and last.share is None else last.kind
    return {"on_leave": True, "waiver": kind, "share": last.share, "deductor": last.deductor}


def _draws_beside_work(now: Situation) -> bool:
    return now.pension is not None and now.category is Category.ORDINARY


_RANK = {
    kind: rank
    for rank, kind in enumerate(
        (
            "change_category",
            "report_pension",
            "change_employment",
            "set_hidden",
            "grant_leave",
            "resign",
            "report_arrears",
            "end_duplicate",
            "record_death",
        )
    )
}
"""Among notices of one day work has the last word over a pension (A16)."""


def order_of(notice: AnyNotice) -> tuple[date, int, int]:
    """Return by what notices are put in the order they became true."""
    return notice.effective_on, _RANK[notice.kind], notice.number


def effective_notices(notices: Iterable[AnyNotice]) -> list[AnyNotice]:
    """Return the notices in the order they became true, without those that were corrected.

    Of several of one kind for one day the last one counts. Those about employment add up: one
    may name the employer and another the percentage.
    """
    last: dict[tuple[str, date, int], AnyNotice] = {}
    for notice in sorted(notices, key=order_of):
        adds_up = notice.number if isinstance(notice, EmploymentNotice) else 0
        last[notice.kind, notice.effective_on, adds_up] = notice
    return list(last.values())


def at_the_beginning(beginning: Beginning) -> Situation:
    """Return what held at the approval, before any notice."""
    retired = beginning.category in RETIRED
    return Situation(
        category=beginning.category,
        **_at_work(at_first(beginning)),
        hidden=beginning.hidden,
        home_branch=beginning.branch,
        pension=beginning.pension or PensionKind.OLD_AGE if retired else beginning.pension,
        retired=retired,
        ends_on=beginning.ends_on,
    )


def _at_work(jobs: Jobs) -> dict[str, Any]:
    first = foremost(jobs)
    return {
        "jobs": jobs,
        "employer": first.employer if first is not None else None,
        "position_percent": worked(jobs),
    }


_IDLE = _at_work(())


def _employment(now: Situation, notice: EmploymentNotice) -> Situation:
    """Work ends a retirement, and its end begins one for whoever draws a pension. A16, S22."""
    update: dict[str, object] = {"home_branch": notice.branch or now.home_branch}
    if notice.position_percent == 0:
        left = ended(now.jobs, notice.employment)
        idle = not standing(left) and now.pension is not None and now.category not in LEARNING
        update |= _IDLE | {"retired": True} if idle else _at_work(left)
    elif notice.employer is not None or notice.position_percent is not None:
        update |= _at_work(told(now.jobs, notice))
        update["category"] = Category.ORDINARY if now.retired else now.category
        update["retired"] = False
    elif notice.deducts is not None:
        update |= _at_work(ruled(now.jobs, notice))
    return now.model_copy(update=update)


def _category(now: Situation, notice: CategoryNotice) -> Situation:
    retired = notice.category in RETIRED
    update = {
        "category": notice.category,
        "retired": retired,
        "pension": now.pension or PensionKind.OLD_AGE if retired else now.pension,
        "ends_on": notice.ends_on if notice.category in LEARNING else None,
    }
    return now.model_copy(update=update | (_IDLE if retired else {}))


def _pension(now: Situation, notice: PensionNotice) -> Situation:
    works = notice.working_percent > 0
    learns = works and now.category in LEARNING
    update = {
        # Whoever studies or learns beside a pension goes on doing so: nobody is converted (S17).
        "category": now.category if learns else Category.ORDINARY,
        "ends_on": now.ends_on if learns else None,
        "pension": notice.pension,
        "retired": not works,
    }
    job = _at_work(beside_a_pension(now.jobs, notice.working_percent)) if works else _IDLE
    return now.model_copy(update=update | job)


def _hidden(now: Situation, notice: HiddenNotice) -> Situation:
    branch = notice.branch or now.home_branch
    return now.model_copy(update={"hidden": notice.hidden, "home_branch": branch})


def after(now: Situation, notice: AnyNotice) -> Situation:
    """Return the situation once a notice is true; a leave and an end are looked at apart."""
    match notice:
        case EmploymentNotice():
            return _employment(now, notice)
        case CategoryNotice():
            return _category(now, notice)
        case PensionNotice():
            return _pension(now, notice)
        case HiddenNotice():
            return _hidden(now, notice)
        case LeaveNotice() | EndNotice():
            return now


def ending(facts: Facts) -> EndNotice | None:
    """Return the notice that ends the membership first, or None. Source: A29, A30."""
    ends = [notice for notice in facts.notices if isinstance(notice, EndNotice)]
    return min(ends, key=lambda end: (end.effective_on, _RANK[end.kind]), default=None)


def last_month(facts: Facts, rulebook: Rulebook) -> date | None:
    """Return the first month that is no longer charged, or None while no end is known.

    The month in which the membership ends is charged whole; what has been charged longer ago
    than A31 allows stands, unless it was for somebody who had died, and so does the first month
    (A19).

    Source: A19, A29, A30, A31.
    """
    stops_on = [
        owed_until(end, facts.since)
        if end.outcome is Outcome.DECEASED
        else _ends_charges(end, facts.since, rulebook)
        for end in facts.notices
        if isinstance(end, EndNotice)
    ]
    return min(stops_on, default=None)


def owed_until(death: EndNotice, since: date) -> date:
    """Return the first month that nobody owes anything for after a death.

    By the day of the death, whenever it is told; who had died before the approval never owed
    anything.

    Source: L7, A31.
    """
    if death.reported_on < since:
        return first_of_month(since)
    return month_after(death.reported_on)


def _ends_charges(end: EndNotice, since: date, rulebook: Rulebook) -> date:
    month = max(whole_month(end.effective_on), charged_from(end, rulebook))
    return max(month, month_after(first_charged_month(since, rulebook)))


def whole_month(day: date) -> date:
    """Return the first month that lies wholly on or after a day. Source: A6, A12."""
    return day if day.day == 1 else months_before(day, -1)


def quarter_ends(turns: date, rulebook: Rulebook) -> date:
    """Return the first month without a quarter, of who reaches the retirement age. Source: A12."""
    month = first_of_month(turns)
    at_once = rulebook.policies_on(month).quarter_ends == "birthday_month"
    return month if at_once else whole_month(turns)


def change_days(facts: Facts, rulebook: Rulebook) -> list[date]:
    """Return every day, after the first, on which something may become another: sorted."""
    days = set(leave_ends(effective_notices(facts.notices)))
    days |= {notice.effective_on for notice in facts.notices}
    days |= birthdays(facts, rulebook)
    return sorted(day for day in days if day > facts.since)


def birthdays(facts: Facts, rulebook: Rulebook) -> set[date]:
    """Return the days on which a member reaches a retirement age. Source: S18, A32."""
    ages = {policies.retirement_age for policies in rulebook.policies}
    return {rulebook.turns(facts.birth_date, age) for age in ages}


def leave_ends(notices: Iterable[AnyNotice]) -> Iterator[date]:
    """Yield the first day after each leave."""
    for notice in notices:
        if isinstance(notice, LeaveNotice):
            yield notice.until_on + timedelta(days=1)
