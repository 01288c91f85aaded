"""The one gate every outgoing letter passes: deny by default (invariant 4, R2).

Pure: what it needs to know of a membership is handed to it, read under the lock that is held
while the letter goes out. Behind it, in the database, the trigger ``protect_hidden_member``
refuses what must never leave.
"""

from activities.letters import conditions as when
from activities.letters.conditions import GateFacts, GateOutcome, GateRule, Verdict
from schemas.shared.vocabulary import Audience, Outcome, Template

NEVER_OF_HIDDEN = frozenset({Audience.EMPLOYER, Audience.BRANCH, Audience.RECRUITER})
"""Who never learns anything of a hidden member, whatever the letter (S30, S33, A27)."""

HIDING_NEEDS = frozenset(
    {
        (Audience.EMPLOYER, Template.PAYROLL_STOP),
        (Audience.BRANCH, Template.BRANCH_MEMBER_LEFT),
    }
)
"""What still goes out for a member whose wish to be hidden was answered, so that it can come true.

The STOP goes by way of the caseworkers only (L5; ``recipients``)."""

NEEDS_ADDRESS = "waits for a private address"
"""Why a letter to the member is held; not that it is the employer's, nor who must not know."""

INTERNAL = frozenset({Audience.MEMBER, Audience.CASEWORKERS})
"""Writing to these discloses nothing: the member's own facts, or the union's own staff."""

PAYROLL_BASIS = (
    "GDPR art. 9(2)(a): the member accepted payroll deduction in the terms of membership"
)
PAYROLL_STOP_BASIS = (
    "GDPR art. 9(2)(a) and 5(1)(d): ends a payroll deduction that this employer was asked for"
)
INSURANCE_BASIS = (
    "GDPR art. 9(2)(a): the member accepted the insurance package's terms with the membership"
)
ERASED_BASIS = "GDPR art. 19: whoever was told of somebody is told that they are erased"
BRANCH_BASIS = "GDPR art. 9(2)(d): the union's own local branch serves its members"
RECRUITER_BASIS = "GDPR art. 9(2)(a): the member consented to telling the recruiter"

RULES: dict[tuple[Audience, Template], GateRule] = {
    # The acknowledgement and the answer to an application may cross: both are then true.
    (Audience.MEMBER, Template.APPLICATION_RECEIVED): GateRule(when.alive),
    (Audience.MEMBER, Template.INFORMATION_REQUESTED): GateRule(when.not_ended),
    (Audience.MEMBER, Template.APPLICATION_REJECTED): GateRule(
        when.ended_as(Outcome.REJECTED, Outcome.INVALID)
    ),
    (Audience.MEMBER, Template.APPLICATION_WITHDRAWN): GateRule(when.ended_as(Outcome.WITHDRAWN)),
    (Audience.MEMBER, Template.APPLICATION_LAPSED): GateRule(when.ended_as(Outcome.LAPSED)),
    (Audience.MEMBER, Template.APPLICATION_DUPLICATE): GateRule(when.ended_as(Outcome.DUPLICATE)),
    **{
        (Audience.MEMBER, template): GateRule(when.member)
        for template in (
            Template.WELCOME,
            Template.FIRST_INVOICE,
            Template.RESERVATION_FORM,
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
            Template.WORK_QUESTION,
            Template.HIDDEN_ON,
            Template.HIDDEN_OFF,
            Template.LEAVE_GRANTED,
            Template.LEAVE_ENDED,
            Template.PAYMENT_CHOSEN,
        )
    },
    # A form that came in time counts also for who has left by the time it is entered (A21).
    (Audience.MEMBER, Template.RESERVATION_CONFIRMED): GateRule(when.owing),
    (Audience.MEMBER, Template.DUES_INVOICE): GateRule(when.billed),
    (Audience.MEMBER, Template.REMINDER_FIRST): GateRule(when.owing, needs=when.unsettled),
    (Audience.MEMBER, Template.REMINDER_SECOND): GateRule(when.owing, needs=when.unsettled),
    (Audience.MEMBER, Template.STRUCK_OFF_WARNING): GateRule(when.member, needs=when.unsettled),
    (Audience.MEMBER, Template.OVERPAYMENT): GateRule(when.billed, needs=when.unsettled),
    (Audience.MEMBER, Template.DIRECT_DEBIT_RETURNED): GateRule(when.owing, needs=when.unsettled),
    (Audience.MEMBER, Template.PAYMENT_PLAN): GateRule(when.owing),
    (Audience.MEMBER, Template.PAYMENT_PLAN_BROKEN): GateRule(when.owing),
    # Also who left in the year; what a deceased member paid is the estate's matter.
    (Audience.MEMBER, Template.TAX_STATEMENT): GateRule(when.billed),
    (Audience.MEMBER, Template.MEMBERSHIP_REOPENED): GateRule(when.owing),
    (Audience.MEMBER, Template.MEMBERSHIPS_MERGED): GateRule(
        when.ended_as(Outcome.DUPLICATE), needs=when.unsettled
    ),
    (Audience.MEMBER, Template.RESIGNATION): GateRule(when.leaves(Outcome.RESIGNED)),
    (Audience.MEMBER, Template.STRUCK_OFF): GateRule(when.ended_as(Outcome.STRUCK_OFF)),
    (Audience.EMPLOYER, Template.PAYROLL_START): GateRule(
        when.member, PAYROLL_BASIS, when.all_of(when.present, when.national_id)
    ),
    (Audience.EMPLOYER, Template.PAYROLL_REMINDER): GateRule(
        when.member, PAYROLL_BASIS, when.all_of(when.present, when.national_id, when.asked_before)
    ),
    (Audience.EMPLOYER, Template.PAYROLL_CHANGE): GateRule(
        when.member, PAYROLL_BASIS, when.all_of(when.present, when.national_id, when.heard)
    ),
    # Waits for nothing: whoever was asked to deduct must stop, whatever else is missing.
    (Audience.EMPLOYER, Template.PAYROLL_STOP): GateRule(
        when.deducted, PAYROLL_STOP_BASIS, when.heard
    ),
    # One line of a list: each is asked for by itself, and none goes without a national id.
    (Audience.EMPLOYER, Template.DEDUCTION_LIST): GateRule(
        when.listed, PAYROLL_BASIS, when.national_id
    ),
    (Audience.INSURANCE_OFFICE, Template.INSURANCE_NEW_MEMBER): GateRule(
        when.member, INSURANCE_BASIS
    ),
    (Audience.INSURANCE_OFFICE, Template.INSURANCE_STATUS): GateRule(when.insured, INSURANCE_BASIS),
    (Audience.INSURANCE_OFFICE, Template.INSURANCE_MERGED): GateRule(
        when.ended_as(Outcome.DUPLICATE), INSURANCE_BASIS, when.unsettled
    ),
    (Audience.INSURANCE_OFFICE, Template.INSURANCE_ERASED): GateRule(
        when.ended_as(*when.STOPPED), ERASED_BASIS
    ),
    (Audience.CASEWORKERS, Template.CASEWORKER_TASK): GateRule(when.always, needs=when.unsettled),
    (Audience.BRANCH, Template.BRANCH_NEW_MEMBER): GateRule(
        when.member, BRANCH_BASIS, when.present
    ),
    (Audience.BRANCH, Template.BRANCH_MEMBER_CHANGED): GateRule(
        when.member, BRANCH_BASIS, when.all_of(when.present, when.heard)
    ),
    (Audience.BRANCH, Template.BRANCH_MEMBER_LEFT): GateRule(
        when.was_member, BRANCH_BASIS, when.heard
    ),
    (Audience.BRANCH, Template.BRANCH_ERASED): GateRule(
        when.ended_as(*when.STOPPED), ERASED_BASIS, when.heard
    ),
    (Audience.RECRUITER, Template.RECRUITER_THANKS): GateRule(
        when.member, RECRUITER_BASIS, when.all_of(when.not_hidden_since, when.recruiter_consent)
    ),
}
"""Every letter there is. A pair that is not listed is denied."""


def pass_gate(audience: str, template: str, known: GateFacts) -> Verdict:
    """Decide whether a letter may leave the house.

    Args:
        audience: who it is for, one of ``Audience``; anything else is denied.
        template: which letter, one of ``Template``; anything else is denied.
        known: the membership, as it is while the letter goes out.

    Returns:
        SEND with the basis to log, HOLD while something may still arrive, else SUPPRESS.

    Source: S30, S33, A22, A27, N3, R2, invariants 4 and 12.
    """
    if audience in NEVER_OF_HIDDEN and _closed(audience, template, known):
        return Verdict(GateOutcome.SUPPRESS, "the membership is not disclosed to this audience")
    rule = _rule_of(audience, template)
    if rule is None:
        return Verdict(GateOutcome.SUPPRESS, "no rule lets this letter go to this audience")
    if (audience == Audience.MEMBER and known.dead) or not rule.fits(known):
        return Verdict(GateOutcome.SUPPRESS, "the letter no longer fits the membership", rule.basis)
    unmet = rule.needs(known) if rule.needs else None
    if unmet is None and audience == Audience.MEMBER and _read_at_work(known):
        unmet = Verdict(GateOutcome.HOLD, NEEDS_ADDRESS)
    return unmet or Verdict(GateOutcome.SEND, basis=rule.basis)


def _closed(audience: str, template: str, known: GateFacts) -> bool:
    """Tell whether outsiders learn nothing: hidden, or asked to be and not needed for it."""
    return known.hidden or (known.hiding and (audience, template) not in HIDING_NEEDS)


def _read_at_work(known: GateFacts) -> bool:
    """Tell whether an employer may read what is written to somebody it must not know of (S30)."""
    return known.at_work and (known.hidden or known.hiding)


def _rule_of(audience: str, template: str) -> GateRule | None:
    try:
        return RULES.get((Audience(audience), Template(template)))
    except ValueError:
        return None


def basis_of(audience: str, template: str) -> str | None:
    """Return the legal basis a letter to an audience rests on, or None within the house."""
    rule = _rule_of(audience, template)
    return rule.basis if rule else None
