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


class Passage(StrEnum):
    """What the gate does with a letter."""

    SEND = "send"
    HOLD = "hold"
    SUPPRESS = "suppress"


@dataclass(frozen=True)
class Circumstances:
    """What the gate knows of a membership.

    Attributes:
        has_national_id: the member's national id has arrived (section 7).
        may_tell_recruiter: the applicant consented (A27).
        start_sent_on: when the employer's START went out; None: not yet.
        today: the business date.
    """

    stage: Stage
    outcome: Outcome | None
    hidden: bool
    branch: str | None
    has_national_id: bool
    may_tell_recruiter: bool
    start_sent_on: date | None
    today: date


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


@dataclass(frozen=True)
class Rule:
    """When a letter may go to an audience, and by what right.

    Attributes:
        fits: whether the membership is one the letter is still true of.
        basis: the legal basis; None within the house.
        needs: a further condition: None when met, else what to do and why.
    """

    fits: Callable[[Circumstances], bool]
    basis: str | None = None
    needs: Callable[[Circumstances], Verdict | None] | None = None


def _alive(known: Circumstances) -> bool:
    return known.outcome is not Outcome.DECEASED


def _open(known: Circumstances) -> bool:
    return known.stage is not Stage.ENDED


def _member(known: Circumstances) -> bool:
    return known.stage in MEMBER_STAGES


def _always(_: Circumstances) -> bool:
    return True


def _ended_as(*outcomes: Outcome) -> Callable[[Circumstances], bool]:
    return lambda known: known.outcome in outcomes


def _national_id(known: Circumstances) -> Verdict | None:
    """The employer deducts by national id, so its letters wait for one. Source: section 7."""
    if known.has_national_id:
        return None
    return Verdict(Passage.HOLD, "waits for the member's national id")


def _national_id_and_request(known: Circumstances) -> Verdict | None:
    """A reminder waits as its request does, and is pointless on the request's own day."""
    if (waits := _national_id(known)) is not None:
        return waits
    if known.start_sent_on is None or known.start_sent_on >= known.today:
        return Verdict(Passage.SUPPRESS, "the request itself has only just gone out")
    return None


def _branch_known(known: Circumstances) -> Verdict | None:
    if known.branch is None:
        return Verdict(Passage.SUPPRESS, "the member is attached to no branch")
    return None


def _recruiter_consent(known: Circumstances) -> Verdict | None:
    if known.may_tell_recruiter:
        return None
    return Verdict(Passage.SUPPRESS, "the member did not consent to telling the recruiter")


PAYROLL_BASIS = (
    "GDPR art. 9(2)(a): the member accepted payroll deduction in the terms of membership"
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
    (Audience.MEMBER, Template.WELCOME): Rule(_member),
    (Audience.MEMBER, Template.FIRST_INVOICE): Rule(_member),
    (Audience.MEMBER, Template.RESERVATION_CONFIRMED): Rule(_member),
    (Audience.MEMBER, Template.COVER_BEGINS): Rule(_member),
    (Audience.MEMBER, Template.DEDUCTION_BEGINS): Rule(_member),
    (Audience.MEMBER, Template.DEDUCTION_NOT_POSSIBLE): Rule(_member),
    (Audience.EMPLOYER, Template.PAYROLL_START): Rule(_member, PAYROLL_BASIS, _national_id),
    (Audience.EMPLOYER, Template.PAYROLL_REMINDER): Rule(
        _member, PAYROLL_BASIS, _national_id_and_request
    ),
    (Audience.EMPLOYER, Template.PAYROLL_CHANGE): Rule(_member, PAYROLL_BASIS, _national_id),
    (Audience.INSURANCE_OFFICE, Template.INSURANCE_NEW_MEMBER): Rule(_member, INSURANCE_BASIS),
    (Audience.INSURANCE_OFFICE, Template.INSURANCE_STATUS): Rule(_member, INSURANCE_BASIS),
    (Audience.CASEWORKERS, Template.CASEWORKER_TASK): Rule(_always),
    (Audience.BRANCH, Template.BRANCH_NEW_MEMBER): Rule(_member, BRANCH_BASIS, _branch_known),
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
