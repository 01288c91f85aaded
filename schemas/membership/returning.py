"""Who comes back: what was known of a former membership, and what follows for the new one."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from schemas.dues.terms import Term
from schemas.membership.application import (
    Application,
    Apprenticeship,
    Employment,
    Pension,
    Study,
)
from schemas.membership.employments import standing
from schemas.membership.notices import CategoryNotice, Employer, EndNotice, PensionNotice
from schemas.membership.situation import (
    RETIRED,
    Facts,
    Situation,
    ending,
    first_month_of,
    last_month,
    situation_on,
)
from schemas.pricing.rulebook import Rulebook
from schemas.shared.amounts import kroner
from schemas.shared.base import Contract, Day, Ore
from schemas.shared.calendar import first_of_month
from schemas.shared.vocabulary import Cadence, Category, LineKind, Outcome


def _months(number: int, which: str = "") -> str:
    return f"{number} {which}month{'' if number == 1 else 's'}"


class Former(Contract):
    """What is known of an applicant who certainly has been a member: for caseworkers only.

    Attributes:
        membership_id, member_number: of the latest membership.
        outcome: how that one ended; None: it goes on, and its end is known.
        last_on: its last day.
        resigned_on: the day a resignation was received that has not taken effect (A29).
        member_since: the first day of the person's first membership: seniority counts from it.
        situation: what held last.
        owed_ore, owed_months: what is not paid of all the memberships, net of money that pays
            nothing yet; it stays owed (A29).
        paid_months: fully paid months of all of them (B2).
        covered_until: the first month that none of them covers.
        yearly_until: the first month for which no yearly fee is paid (S12, S18).
        thanked: the recruiter has been thanked (A27).
        died: one of them ended with a death.
    """

    membership_id: str
    member_number: str
    outcome: Outcome | None = None
    last_on: Day
    resigned_on: Day | None = None
    member_since: Day
    situation: Situation
    owed_ore: Ore = 0
    owed_months: int = 0
    paid_months: int = 0
    covered_until: Day
    yearly_until: Day | None = None
    thanked: bool = False
    died: bool = False

    def leaves_after(self, today: date) -> bool:
        """Tell whether the membership still goes on by a resignation that may be withdrawn."""
        return self.resigned_on is not None and self.last_on >= today

    def in_words(self, today: date) -> list[str]:
        """Return what a caseworker is told: no names, nothing that tells of hiding."""
        return [*self._how_it_ended(today), *self._what_it_was(), *self._what_is_left()]

    def _how_it_ended(self, today: date) -> list[str]:
        since = f"member {self.member_number}, first since {self.member_since}"
        if self.leaves_after(today):
            then = "that membership goes on, and this application ends as its duplicate (A29)"
            return [
                f"{since}; has resigned, and the last day is {self.last_on}",
                f"to approve is to withdraw the resignation: {then}",
            ]
        ended = [f"{since}; {self.outcome or 'ended'}, and the last day was {self.last_on}"]
        if self.died:
            ended.append(
                "recorded as dead: find out who applies. A death recorded by mistake is undone "
                "in that membership; to approve all the same, give the reason (L7)"
            )
        return [line.replace("_", " ") for line in ended]

    def _what_it_was(self) -> list[str]:
        was = self.situation
        parts = [f"category {was.category}".replace("_", " ")]
        if was.position_percent is not None:
            parts.append(f"works {was.position_percent:f} %")
        if was.pension is not None:
            parts.append(f"draws a pension ({was.pension})".replace("_", " "))
        if was.ends_on is not None:
            parts.append(f"studies or learns until {was.ends_on}")
        return ["known last: " + ", ".join(parts) + ". Ask what holds now"]

    def _what_is_left(self) -> list[str]:
        months = f" for {_months(self.owed_months)}" if self.owed_months else ""
        owed = f"owes {kroner(self.owed_ore)}{months}: it stays owed (A29)"
        return [
            owed if self.owed_ore else "owes nothing",
            f"{_months(self.paid_months, 'fully paid ')} (B2)",
            f"covered until {self.covered_until}: nothing is charged twice (invariant 10)",
        ]


class Coverage(Contract):
    """The months that memberships of one person cover, and the fee of a year among them.

    Attributes:
        until: the first month that is not covered.
        yearly_until: the first month that no yearly fee is for (S12, S18).
    """

    until: Day
    yearly_until: Day | None = None

    def settles_for(self, since: date) -> tuple[date | None, date | None]:
        """Return what a membership approved on a day is planned by: its first month, its first fee.

        None: the month of the approval. Source: A19, S12, S18, invariant 10.
        """
        month = first_of_month(since)
        yearly = self.yearly_until
        return (
            self.until if self.until > month else None,
            yearly if yearly is not None and yearly > month else None,
        )


def coverage(lives: Iterable[tuple[Facts, tuple[Term, ...]]], rulebook: Rulebook) -> Coverage:
    """Return what memberships that end cover; what is charged and what is free alike.

    Args:
        lives: the facts of each, and its terms.
        rulebook: with policies in force when the ends were recorded.

    Source: A19, A29, S12, S18, invariant 10.
    """
    until, paid_until = date.min, date.min
    for facts, terms in lives:
        end = last_month(facts, rulebook) or first_month_of(facts, rulebook)
        until = max(until, end, facts.charged_from or date.min)
        for term in terms:
            if term.cadence is Cadence.YEARLY and term.kind is LineKind.CENTRAL_DUES:
                last = min(term.valid_to or end, end) - timedelta(days=1)
                # The fee of a year is charged whole, whenever the membership ends in it.
                paid_until = max(paid_until, date(last.year + 1, 1, 1))
    return Coverage(until=until, yearly_until=paid_until if paid_until > date.min else None)


def charged_from(former: Former, since: date) -> date | None:
    """Return the first month that a new membership charges; None: the month of its approval.

    A month that an earlier membership covers is not charged again.

    Args:
        former: what is known of the earlier ones.
        since: the day of the approval.

    Source: A19, invariant 10.
    """
    covered = Coverage(until=former.covered_until)
    return covered.settles_for(since)[0]


def fee_until(former: Former, since: date) -> date | None:
    """Return the first month that no yearly fee is paid for; None: the approval's is none.

    Whoever pays by the year, now or after a change, has paid until then; whoever pays by the
    month has not. Within one membership it is the same (``terms_due``).

    Args:
        former: what is known of the earlier memberships.
        since: the day of the approval.

    Source: S12, S18, invariant 10.
    """
    covered = Coverage(until=former.covered_until, yearly_until=former.yearly_until)
    return covered.settles_for(since)[1]


def last_situation(facts: Facts, rulebook: Rulebook, on: date) -> Situation:
    """Return what held last, for somebody who may have grown older since.

    Args:
        facts: of a membership that has ended, or whose end is known.
        rulebook: with policies in force on the day.
        on: the day that is asked about; not before the membership began.
    """
    end = ending(facts)
    last = facts.since if end is None else max(end.effective_on - timedelta(days=1), facts.since)
    true = tuple(
        notice
        for notice in facts.notices
        if notice.effective_on <= last and not isinstance(notice, EndNotice)
    )
    known = facts.model_copy(update={"notices": true})
    return situation_on(known, rulebook, max(on, last)).model_copy(update={"on_leave": False})


def category_now(former: Former, born: date, rulebook: Rulebook, on: date) -> Category:
    """Return the category somebody would have now, had nothing been reported since. S18, S21."""
    if not former.situation.retired:
        return former.situation.category
    retirement = rulebook.turns(born, rulebook.policies_on(on).retirement_age)
    return Category.PENSIONER if retirement <= on else Category.EARLY_PENSIONER


def application_anew(first: Application, facts: Facts, rulebook: Rulebook, on: date) -> Application:
    """Return the application that somebody would make today, by what was known last.

    Nobody recruits a member who comes back, and what was written to the caseworkers was about
    the first membership.

    Args:
        first: the form as it is kept.
        facts: of the membership that has ended.
        rulebook: with policies in force on the day.
        on: the day.

    Source: A30, A27, S22.
    """
    now = last_situation(facts, rulebook, on)
    return first.model_copy(
        update={
            "category": now.category,
            **_employments(first, now),
            "study": _study(first, now),
            "apprenticeship": Apprenticeship(ends_on=now.ends_on)
            if now.category is Category.APPRENTICE and now.ends_on
            else None,
            "pension": _pension(first, facts, now),
            "hidden": now.hidden,
            "recruited_by": None,
            "transfer_from": None,
            "additional_information": None,
            "consents": first.consents.model_copy(update={"tell_recruiter": False}),
        }
    )


def _employments(first: Application, now: Situation) -> dict[str, Any]:
    """Return every job that stood last, each with its own percentage. Source: A5."""
    stood = standing(now.jobs)
    if len(stood) < 2 or now.category in RETIRED:
        return {"employment": _employment(first, now), "other_employments": ()}
    one, *others = (_known_as(first, job.employer, job.percent) for job in stood)
    return {"employment": one, "other_employments": tuple(others)}


def _employment(first: Application, now: Situation) -> Employment | None:
    if now.category in RETIRED or (now.employer is None and now.position_percent is None):
        return None
    return _known_as(first, now.employer, now.position_percent)


def _known_as(first: Application, employer: Employer | None, percent: Decimal | None) -> Employment:
    """Return a job as the form has it, with what is worked in it now."""
    orgnr = employer.orgnr if employer is not None else None
    percent = Decimal(100) if percent is None else percent
    for job in filter(None, (first.employment, *first.other_employments)):
        if job.employer_orgnr == orgnr:
            return job.model_copy(update={"position_percent": percent})
    # Facts name no employer: its name is kept with the form, of whoever it was then.
    return Employment(employer_orgnr=orgnr, position_percent=percent)


def _study(first: Application, now: Situation) -> Study | None:
    if now.category is not Category.STUDENT or now.ends_on is None or first.study is None:
        return None
    return first.study.model_copy(update={"ends_on": now.ends_on})


def _pension(first: Application, facts: Facts, now: Situation) -> Pension | None:
    if now.category not in RETIRED or now.pension is None:
        return None
    drawn = [
        notice.effective_on
        for notice in facts.notices
        if isinstance(notice, PensionNotice)
        or (isinstance(notice, CategoryNotice) and notice.category in RETIRED)
    ]
    before = first.pension.from_on if first.pension else facts.since
    return Pension(kind=now.pension, **{"from": max(drawn, default=before)})
