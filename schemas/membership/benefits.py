"""May somebody get this today, and why: benefits by category, and help by paid months (B1, B2)."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from itertools import islice

from schemas.membership.help import help_limits
from schemas.membership.insurance import (
    INSURANCE_PACKAGE,
    is_eligible,
    needs_guardian,
    package_ends,
)
from schemas.membership.situation import Facts, Situation, ending, situation_on
from schemas.pricing.rulebook import Rulebook
from schemas.shared.base import Contract, Day, Ore
from schemas.shared.calendar import day_before, first_of_month
from schemas.shared.vocabulary import Category, Outcome

NOT_FOR_HIDDEN = frozenset({"collective_agreement", "branch"})
"""What a hidden member's benefits lack (S31-S33)."""

FUNERAL_CONTRIBUTION = "funeral_contribution"
"""The benefit that whoever writes to an estate tells of (S19, M17)."""

LEGAL_HELP = "legal_help"
"""The benefit that help in a case is part of (B1)."""


class Month(StrEnum):
    """Whether a month of a membership counts as fully paid, and why (B2)."""

    PAID = "paid"
    BROUGHT_ALONG = "brought_along"
    FREE = "free"
    WAIVED = "waived"
    FREE_NOT_COUNTED = "free_not_counted"
    WAIVED_NOT_COUNTED = "waived_not_counted"
    UNPAID = "unpaid"

    @property
    def counts(self) -> bool:
        """Whether it is one of the fully paid months."""
        return self in {Month.PAID, Month.BROUGHT_ALONG, Month.FREE, Month.WAIVED}


class Why(StrEnum):
    """The reason of an answer."""

    OF_CATEGORY = "of_category"
    PAID_MONTHS = "paid_months"
    MONTHS_MISSING = "months_missing"
    NOT_OF_CATEGORY = "not_of_category"
    HIDDEN = "hidden"
    AGE = "age"
    RESERVED = "reserved"
    GUARDIAN = "guardian"
    NOT_YET_MEMBER = "not_yet_member"
    LEFT = "left"
    DIED = "died"


class Answer(Contract):
    """One benefit, or one kind of help.

    Attributes:
        name: of the benefit, or of the help.
        why: it is open, or not.
        from_months: of help: so many fully paid months open it.
        missing: of help: so many of them are missing.
        opens_with: months that open it once they are paid: unpaid ones first, then coming ones.
            Nothing: there will not be as many.
    """

    name: str
    open: bool
    why: Why
    from_months: int | None = None
    missing: int = 0
    opens_with: tuple[Day, ...] = ()


class Benefited(Contract):
    """What a person may have of the union on a day, over all memberships.

    Attributes:
        membership_id: the one that was asked about.
        on: the day.
        category: on the day; None: nobody's member on it.
        ends: the last day of the membership, where it is known.
        outcome: how it ends.
        hidden: help against the own employer needs it lifted first (S35, A22).
        on_leave: the dues are waived or reduced for a time.
        counted: months until the day that count, by why they do.
        not_counted: months until the day that do not, by why.
        unpaid: which of them are unpaid.
        owed_ore, owed_months: what is overdue; it closes nothing by itself.
    """

    membership_id: str
    on: Day
    category: Category | None = None
    ends: Day | None = None
    outcome: Outcome | None = None
    hidden: bool = False
    on_leave: bool = False
    paid: int = 0
    counted: Mapping[Month, int] = {}
    not_counted: Mapping[Month, int] = {}
    unpaid: tuple[Day, ...] = ()
    owed_ore: Ore = 0
    owed_months: int = 0
    benefits: tuple[Answer, ...] = ()
    help: tuple[Answer, ...] = ()


class Life(Contract):
    """A membership as far as its benefits depend on it.

    Attributes:
        facts: all that is known.
        hiding: a wish to be hidden has been answered and is not in effect yet.
        reserved: against the insurance package.
        guardian: a guardian's consent is recorded, or none is needed.
    """

    facts: Facts
    hiding: bool = False
    reserved: bool = False
    guardian: bool = True


Months = Mapping[date, Month]


def in_force_on(lives: Sequence[Life], on: date) -> Life | None:
    """Return the membership that somebody has on a day, or None."""
    held = [life for life in lives if life.facts.since <= on and not _over(life.facts, on)]
    return max(held, key=lambda life: life.facts.since, default=None)


def _over(facts: Facts, on: date) -> bool:
    end = ending(facts)
    return end is not None and end.effective_on <= on


def gives_funeral_contribution(facts: Facts, rulebook: Rulebook, died_on: date) -> bool:
    """Tell whether somebody died as a member whose category has it on that day. Source: S19, M17.

    Args:
        facts: with or without the death.
        rulebook: with benefits in force on the day.
        died_on: the day.
    """
    living = tuple(notice for notice in facts.notices if notice.kind != "record_death")
    before = facts.model_copy(update={"notices": living})
    if died_on < facts.since or _over(before, died_on):
        return False
    category = situation_on(before, rulebook, died_on).category
    return FUNERAL_CONTRIBUTION in rulebook.benefits_of(category, died_on)


def benefited(
    membership_id: str,
    lives: Sequence[Life],
    months: Months,
    rulebook: Rulebook,
    on: date,
    *,
    died: bool = False,
) -> Benefited:
    """Return what somebody may have on a day, and why.

    Args:
        membership_id: the one that was asked about.
        lives: all memberships of the person.
        months: of all of them, also those to come; a coming one counts once it is paid.
        rulebook: with benefits and policies in force on the day.
        on: the day.
        died: a death is recorded of the person.

    Source: B1, B2, S15, S19, S20, S31-S35, A17, A22.
    """
    past = {month: state for month, state in months.items() if month <= on}
    known = Benefited(
        membership_id=membership_id,
        on=on,
        paid=sum(state.counts for state in past.values()),
        counted=_by_reason(past, counts=True),
        not_counted=_by_reason(past, counts=False),
        unpaid=tuple(sorted(month for month, state in past.items() if state is Month.UNPAID)),
    )
    life = in_force_on(lives, on)
    if life is None or died:
        return _nothing(known, lives, rulebook, died=died)
    there = situation_on(life.facts, rulebook, on)
    end = ending(life.facts)
    return known.model_copy(
        update={
            "category": there.category,
            "ends": None if end is None else day_before(end.effective_on),
            "outcome": None if end is None else end.outcome,
            "hidden": there.hidden or life.hiding,
            "on_leave": there.on_leave,
            "benefits": tuple(_benefits(life, there, rulebook, on)),
            "help": tuple(_help(there, months, rulebook, on)),
        }
    )


def _by_reason(months: Months, *, counts: bool) -> dict[Month, int]:
    states = [state for state in months.values() if state.counts is counts]
    return {state: states.count(state) for state in Month if state in states}


def _nothing(
    known: Benefited, lives: Sequence[Life], rulebook: Rulebook, *, died: bool
) -> Benefited:
    """Return what somebody may have who is no member on the day. Source: A29, A30, L7."""
    begun = [life.facts for life in lives if life.facts.since <= known.on]
    ends = [end for end in map(ending, begun) if end is not None]
    last = max(ends, key=lambda end: end.effective_on, default=None)
    dead = died or (last is not None and last.outcome is Outcome.DECEASED)
    why = Why.DIED if dead else Why.LEFT if begun else Why.NOT_YET_MEMBER
    limits = help_limits(rulebook.policies_on(known.on))
    return known.model_copy(
        update={
            "ends": None if last is None else day_before(last.effective_on),
            "outcome": Outcome.DECEASED if dead else None if last is None else last.outcome,
            "help": tuple(
                Answer(name=kind, open=False, why=why, from_months=limit) for kind, limit in limits
            ),
        }
    )


def _benefits(life: Life, there: Situation, rulebook: Rulebook, on: date) -> list[Answer]:
    of_anybody = dict.fromkeys(
        name for category in Category for name in rulebook.benefits_of(category, on)
    )
    own = rulebook.benefits_of(there.category, on)
    found = []
    for name in of_anybody:
        why = _why_not(name, life, there, rulebook, on) if name in own else Why.NOT_OF_CATEGORY
        found.append(Answer(name=name, open=why is None, why=why or Why.OF_CATEGORY))
    return sorted(found, key=lambda answer: not answer.open)


def _why_not(name: str, life: Life, there: Situation, rulebook: Rulebook, on: date) -> Why | None:
    """Return why a benefit of the category is not open to somebody; None: it is."""
    if name in NOT_FOR_HIDDEN and (there.hidden or life.hiding):
        return Why.HIDDEN
    if name != INSURANCE_PACKAGE:
        return None
    born = life.facts.birth_date
    if not is_eligible(there.category, born, rulebook, on):
        return Why.AGE if on >= package_ends(born, rulebook) else Why.NOT_OF_CATEGORY
    if life.reserved:
        return Why.RESERVED
    return None if life.guardian or not needs_guardian(born, rulebook, on) else Why.GUARDIAN


def _help(there: Situation, months: Months, rulebook: Rulebook, on: date) -> list[Answer]:
    """Return each kind of help: open by paid months, for whom help in a case is a benefit. B2."""
    paid = sum(state.counts for month, state in months.items() if month <= on)
    entitled = LEGAL_HELP in rulebook.benefits_of(there.category, on)
    found = []
    for kind, limit in help_limits(rulebook.policies_on(on)):
        missing = max(0, limit - paid)
        enough = Why.MONTHS_MISSING if missing else Why.PAID_MONTHS
        found.append(
            Answer(
                name=kind,
                open=entitled and not missing,
                why=enough if entitled else Why.NOT_OF_CATEGORY,
                from_months=limit,
                missing=missing if entitled else 0,
                opens_with=_opens_with(months, on, missing) if entitled else (),
            )
        )
    return found


def _opens_with(months: Months, on: date, missing: int) -> tuple[date, ...]:
    """Return the months that make up what is missing; nothing if there are not as many."""
    this_month = first_of_month(on)
    may_count = sorted(
        month
        for month, state in months.items()
        if state is Month.UNPAID or (month > this_month and state.counts)
    )
    found = tuple(islice(may_count, missing))
    return found if len(found) == missing else ()
