"""The one gate every outgoing letter passes: deny by default (invariant 4, domain section 8).

Pure: what it needs to know of a membership is handed to it, read under the lock that is held
while the letter goes out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from schemas.vocabulary import Audience, Outcome, Stage, Template

NEVER_OF_HIDDEN = frozenset({Audience.EMPLOYER, Audience.BRANCH, Audience.RECRUITER})
"""Who never learns anything of a hidden member, whatever the letter (S30, S33, A27)."""

INTERNAL = frozenset({Audience.MEMBER, Audience.CASEWORKERS})
"""Writing to these discloses nothing: the member's own facts, or the union's own staff."""

MEMBER_STAGES = frozenset({Stage.ONBOARDING, Stage.ACTIVE, Stage.ON_LEAVE})
"""A member from the approval on (A35)."""

LEFT = frozenset({Outcome.RESIGNED, Outcome.STRUCK_OFF, Outcome.DECEASED})
"""How a membership ends; the other outcomes are of applications."""


class Passage(StrEnum):
    """What the gate does with a letter."""

    SEND = "send"
    HOLD = "hold"
    SUPPRESS = "suppress"


@dataclass(frozen=True)
class Circumstances:
    """What the gate knows of a membership, and of the employer or branch a letter is for.

    Attributes:
        attached: that employer or branch is the member's present one.
        told: it has been told of the membership before, or has answered for it.
        overtaken: it has been left, or has said no, since the letter was ordered.
        asked_on: when the last request to that employer went out; None: not yet.
        has_national_id: the member's national id has arrived (section 7).
        may_tell_recruiter: the applicant consented (A27).
        ends_cover: the letter says that the cover has ended.
        settled: what the letter asks for has been paid, or placed, since it was ordered.
        today: the business date.
        stops: the line of a deduction list ends the deduction.
    """

    stage: Stage
    outcome: Outcome | None
    hidden: bool
    attached: bool
    told: bool
    overtaken: bool
    asked_on: date | None
    has_national_id: bool
    may_tell_recruiter: bool
    ends_cover: bool
    today: date
    settled: bool = False
    stops: bool = False


@dataclass(frozen=True)
class Verdict:
    """The gate's answer.

    Attributes:
        note: why a letter is not sent now; without personal data.
        basis: the legal basis to log for a disclosure; None within the house.
    """

    passage: Passage
    note: str | None = None
    basis: str | None = None


Need = Callable[[Circumstances], Verdict | None]
"""A further condition: None when it is met, else what to do and why."""


@dataclass(frozen=True)
class Rule:
    """When a letter may go to an audience, and by what right.

    Attributes:
        fits: whether the membership is one the letter is still true of.
        basis: the legal basis; None within the house.
        needs: what must be the case as well.
    """

    fits: Callable[[Circumstances], bool]
    basis: str | None = None
    needs: Need | None = None


def _alive(known: Circumstances) -> bool:
    return known.outcome is not Outcome.DECEASED


def _open(known: Circumstances) -> bool:
    return known.stage is not Stage.ENDED


def _member(known: Circumstances) -> bool:
    return known.stage in MEMBER_STAGES


def _always(_: Circumstances) -> bool:
    return True


def _was_member(known: Circumstances) -> bool:
    """A member, or one whose membership is over: then others have to stop what they do."""
    return _member(known) or known.outcome in LEFT


def _insured(known: Circumstances) -> bool:
    """A member; once the membership is over, only that the cover is over as well."""
    return _member(known) or (known.outcome in LEFT and known.ends_cover)


def _listed(known: Circumstances) -> bool:
    """A member; of one who has left only that the deduction ends."""
    return _member(known) or (known.outcome in LEFT and known.stops)


def _leaves(outcome: Outcome) -> Callable[[Circumstances], bool]:
    """A member whose notice runs, or one whose membership has ended in just this way."""
    return lambda known: _member(known) or known.outcome is outcome


def _owing(known: Circumstances) -> bool:
    """A member, or one who has left and still owes. Source: A29; never the deceased."""
    return _member(known) or known.outcome in {Outcome.RESIGNED, Outcome.STRUCK_OFF}


def _ended_as(*outcomes: Outcome) -> Callable[[Circumstances], bool]:
    return lambda known: known.outcome in outcomes


def _national_id(known: Circumstances) -> Verdict | None:
    """The employer deducts by national id, so its letters wait for one. Source: section 7."""
    if known.has_national_id:
        return None
    return Verdict(Passage.HOLD, "waits for the member's national id")


def _unsettled(known: Circumstances) -> Verdict | None:
    """Nobody is asked for what has been paid meanwhile. Source: A30."""
    if not known.settled:
        return None
    return Verdict(Passage.SUPPRESS, "it has been settled since")


def _present(known: Circumstances) -> Verdict | None:
    """What asks for something goes to the present employer or branch only. Source: section 3.

    A request that was held until its employer had been left must never go out later.
    """
    if known.overtaken:
        return Verdict(Passage.SUPPRESS, "it has been left, or has said no, since")
    if not known.attached:
        return Verdict(Passage.SUPPRESS, "the member is not attached to it")
    return None


def _heard(known: Circumstances) -> Verdict | None:
    """Whoever never heard of the membership is not told of it by hearing that it is over."""
    if known.told:
        return None
    return Verdict(Passage.SUPPRESS, "it has never been told of the membership")


def _asked_before(known: Circumstances) -> Verdict | None:
    """A reminder is pointless on its request's own day."""
    if known.asked_on is None or known.asked_on >= known.today:
        return Verdict(Passage.SUPPRESS, "the request itself has only just gone out")
    return None


def _all_of(*needs: Need) -> Need:
    """Return the first condition that is not met."""

    def unmet(known: Circumstances) -> Verdict | None:
        return next((verdict for need in needs if (verdict := need(known)) is not None), None)

    return unmet


def _recruiter_consent(known: Circumstances) -> Verdict | None:
    if known.may_tell_recruiter:
        return None
    return Verdict(Passage.SUPPRESS, "the member did not consent to telling the recruiter")


PAYROLL_BASIS = (
    "GDPR art. 9(2)(a): the member accepted payroll deduction in the terms of membership"
)
PAYROLL_STOP_BASIS = (
    "GDPR art. 9(2)(a) and 5(1)(d): ends a payroll deduction that this employer was asked for"
)
INSURANCE_BASIS = (
    "GDPR art. 9(2)(a): the member accepted the insurance package's terms with the membership"
)
BRANCH_BASIS = "GDPR art. 9(2)(d): the union's own local branch serves its members"
RECRUITER_BASIS = "GDPR art. 9(2)(a): the member consented to telling the recruiter"

RULES: dict[tuple[Audience, Template], Rule] = {
    # The acknowledgement and the answer to an application may cross: both are then true.
    (Audience.MEMBER, Template.APPLICATION_RECEIVED): Rule(_alive),
    (Audience.MEMBER, Template.INFORMATION_REQUESTED): Rule(_open),
    (Audience.MEMBER, Template.APPLICATION_REJECTED): Rule(
        _ended_as(Outcome.REJECTED, Outcome.INVALID)
    ),
    (Audience.MEMBER, Template.APPLICATION_WITHDRAWN): Rule(_ended_as(Outcome.WITHDRAWN)),
    (Audience.MEMBER, Template.APPLICATION_LAPSED): Rule(_ended_as(Outcome.LAPSED)),
    (Audience.MEMBER, Template.APPLICATION_DUPLICATE): Rule(_ended_as(Outcome.DUPLICATE)),
    **{
        (Audience.MEMBER, template): Rule(_member)
        for template in (
            Template.WELCOME,
            Template.FIRST_INVOICE,
            Template.RESERVATION_CONFIRMED,
            Template.COVER_BEGINS,
            Template.DEDUCTION_BEGINS,
            Template.DEDUCTION_NOT_POSSIBLE,
            Template.CHANGE_NOTED,
            Template.CHANGE_WITHDRAWN,
            Template.DUES_CHANGED,
            Template.CATEGORY_CHANGED,
            Template.INSURANCE_WINDOW,
            Template.COVERAGE_ENDED,
            Template.PENSION_REPORTED,
            Template.PENSION_QUESTION,
            Template.RETIREMENT_AGE,
            Template.STUDY_QUESTION,
            Template.STUDY_OVER,
            Template.STUDENT_CHECK,
            Template.EMPLOYMENT_QUESTION,
            Template.HIDDEN_ON,
            Template.HIDDEN_OFF,
            Template.LEAVE_GRANTED,
            Template.LEAVE_ENDED,
        )
    },
    (Audience.MEMBER, Template.DUES_INVOICE): Rule(_owing),
    (Audience.MEMBER, Template.REMINDER_FIRST): Rule(_owing, needs=_unsettled),
    (Audience.MEMBER, Template.REMINDER_SECOND): Rule(_owing, needs=_unsettled),
    (Audience.MEMBER, Template.STRUCK_OFF_WARNING): Rule(_member, needs=_unsettled),
    # Also who left in the year; what a deceased member paid is the estate's matter.
    (Audience.MEMBER, Template.TAX_STATEMENT): Rule(_owing),
    (Audience.MEMBER, Template.RESIGNATION): Rule(_leaves(Outcome.RESIGNED)),
    (Audience.MEMBER, Template.STRUCK_OFF): Rule(_ended_as(Outcome.STRUCK_OFF)),
    (Audience.EMPLOYER, Template.PAYROLL_START): Rule(
        _member, PAYROLL_BASIS, _all_of(_present, _national_id)
    ),
    (Audience.EMPLOYER, Template.PAYROLL_REMINDER): Rule(
        _member, PAYROLL_BASIS, _all_of(_present, _national_id, _asked_before)
    ),
    (Audience.EMPLOYER, Template.PAYROLL_CHANGE): Rule(
        _member, PAYROLL_BASIS, _all_of(_present, _national_id, _heard)
    ),
    # Waits for nothing: whoever was asked to deduct must stop, whatever else is missing.
    (Audience.EMPLOYER, Template.PAYROLL_STOP): Rule(_was_member, PAYROLL_STOP_BASIS, _heard),
    # One line of a list: each is asked for by itself, and none goes without a national id.
    (Audience.EMPLOYER, Template.DEDUCTION_LIST): Rule(_listed, PAYROLL_BASIS, _national_id),
    (Audience.INSURANCE_OFFICE, Template.INSURANCE_NEW_MEMBER): Rule(_member, INSURANCE_BASIS),
    (Audience.INSURANCE_OFFICE, Template.INSURANCE_STATUS): Rule(_insured, INSURANCE_BASIS),
    (Audience.CASEWORKERS, Template.CASEWORKER_TASK): Rule(_always, needs=_unsettled),
    (Audience.BRANCH, Template.BRANCH_NEW_MEMBER): Rule(_member, BRANCH_BASIS, _present),
    (Audience.BRANCH, Template.BRANCH_MEMBER_CHANGED): Rule(
        _member, BRANCH_BASIS, _all_of(_present, _heard)
    ),
    (Audience.BRANCH, Template.BRANCH_MEMBER_LEFT): Rule(_was_member, BRANCH_BASIS, _heard),
    (Audience.RECRUITER, Template.RECRUITER_THANKS): Rule(
        _member, RECRUITER_BASIS, _recruiter_consent
    ),
}
"""Every letter there is. A pair that is not listed is denied."""


def pass_gate(audience: str, template: str, known: Circumstances) -> Verdict:
    """Decide whether a letter may leave the house.

    Args:
        audience: who it is for, one of ``Audience``; anything else is denied.
        template: which letter, one of ``Template``; anything else is denied.
        known: the membership, as it is while the letter goes out.

    Returns:
        SEND with the basis to log, HOLD while something may still arrive, else SUPPRESS.

    Source: S30, S33, A22, A27, sections 7 and 8, invariant 4.
    """
    if known.hidden and audience in NEVER_OF_HIDDEN:
        return Verdict(Passage.SUPPRESS, "the membership is not disclosed to this audience")
    rule = _rule_of(audience, template)
    if rule is None:
        return Verdict(Passage.SUPPRESS, "no rule lets this letter go to this audience")
    if not rule.fits(known):
        return Verdict(Passage.SUPPRESS, "the letter no longer fits the membership", rule.basis)
    unmet = rule.needs(known) if rule.needs else None
    return unmet or Verdict(Passage.SEND, basis=rule.basis)


def _rule_of(audience: str, template: str) -> Rule | None:
    try:
        return RULES.get((Audience(audience), Template(template)))
    except ValueError:
        return None


def basis_of(audience: str, template: str) -> str | None:
    """Return the legal basis a letter to an audience rests on, or None within the house."""
    rule = _rule_of(audience, template)
    return rule.basis if rule else None
