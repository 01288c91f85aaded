"""Which employer deducts: STOP to the one that is left, before START to the next."""

from datetime import date

from schemas.dues.payers import is_by_list
from schemas.dues.plan import deducts
from schemas.membership.situation import NAV, Situation, whole_month
from schemas.shared.calendar import first_of_month, month_after
from schemas.shared.vocabulary import InvoiceStatus, PayrollStatus, Template
from workflows.membership.decisions.onboarding import requested
from workflows.membership.decisions.step import Letters, Moment, charged, paid_by
from workflows.membership.decisions.transition import Transition
from workflows.membership.record import MembershipRecord, Payroll

DEDUCTION_ASKED = frozenset({PayrollStatus.REQUESTED, PayrollStatus.ACTIVE})
"""The employer deducts, or has been asked to."""


def follow_employer(
    transition: Transition, before: Situation, after: Situation, *, hiding: bool
) -> None:
    """STOP to the employer that may no longer deduct, before START to the next. L6."""
    record = transition.record
    old, new = before.deducting, None if hiding else after.deducting
    if new != old and must_be_stopped(record, before, transition.now.today):
        stop(transition, before)
    payroll = transition.record.payroll
    if new is None:
        transition.update(payroll=payroll.model_copy(update={"awaits_payment": False}))
        return
    if record.leaving is not None:
        # The STOP for the end has been sent: nobody is asked for the months that are left.
        return
    active = payroll.status is PayrollStatus.ACTIVE
    if deducts(record.facts, record.book, transition.now.today):
        if not active:
            resume(transition, new, after)
    elif active or new != old or _never_asked(payroll, after):
        # Active: a late notice showed a break. It is asked again, as if that had been known.
        ask(transition, after)


def _never_asked(payroll: Payroll, after: Situation) -> bool:
    """Tell whether NAV was not asked when it began to pay, since there was nothing to deduct."""
    if after.deductor is None or payroll.awaits_payment or payroll.status in DEDUCTION_ASKED:
        return False
    return all(word.employer_orgnr != after.deductor for word in payroll.payers[-1:])


def nothing_to_deduct(record: MembershipRecord, now: Situation, today: date) -> bool:
    """Tell whether NAV would be asked for 0 kr: dues waived, and no package. Source: A36."""
    if now.deductor is None:
        return False
    return not any(term["amount_ore"] for term in charged(record.terms, whole_month(today)))


def ask_for_premium(
    letters: Letters, record: MembershipRecord, begins: date, now: Moment
) -> MembershipRecord:
    """Ask NAV once there is a premium to deduct, where it was not asked for the dues. A36, M8."""
    payroll, situation = record.payroll, record.present_situation
    if situation.deducting is None or record.leaving is not None or record.hiding is not None:
        return record
    if not _never_asked(payroll, situation):
        return record
    letters.payer(situation, Template.PAYROLL_START, terms=charged(record.terms, begins))
    asked = requested(now).model_copy(update={"payers": payroll.payers})
    return record.model_copy(update={"payroll": asked})


def must_be_stopped(record: MembershipRecord, before: Situation, today: date) -> bool:
    """Tell whether the present employer deducts, may yet, or stops by its own word only later."""
    payroll = record.payroll
    if payroll.status in DEDUCTION_ASKED:
        return True
    # Our own STOP leaves no request behind; its own stop does, and may lie ahead.
    by_itself = payroll.status is PayrollStatus.STOPPED and payroll.requested_at is not None
    if before.deducting is None or not by_itself:
        return False
    return any(word.starts_on > today for word in payroll.payers[-1:])


def stop(transition: Transition, before: Situation, *, forwarded: bool = False) -> None:
    """Have the employer stop deducting.

    Args:
        transition: the record on its way.
        before: with the employer that deducts until now.
        forwarded: by way of the caseworkers, who decide the wording (M15).
    """
    record = transition.record
    month = first_unpaid_by_payroll(record, transition.now.today)
    transition.letters.employer(
        Template.PAYROLL_STOP,
        **paid_by(before, before.employer),
        forwarded=forwarded,
        valid_from=month.isoformat(),
        terms=charged(transition.earlier, transition.now.today),
    )
    transition.note(f"{who(before)} stops deducting from {month:%Y-%m}", "L6")
    transition.update(payroll=Payroll(status=PayrollStatus.STOPPED, payers=record.payroll.payers))


def first_unpaid_by_payroll(record: MembershipRecord, today: date) -> date:
    """Return the first month, this one or the next, that the employer does not deduct."""
    this = first_of_month(today)
    paid = any(
        is_by_list(term.payer)
        and term.valid_from <= this
        and (term.valid_to is None or this < term.valid_to)
        for term in record.terms
    )
    return month_after(today) if paid else this


def who(now: Situation) -> str:
    """Return what whoever deducts is called in the log."""
    return "the employer" if now.deductor is None else NAV


def resume(transition: Transition, employer: str, after: Situation) -> None:
    """Go on with an employer whose yes still holds, since what it was stopped for was corrected."""
    record = transition.record
    word = [w for w in record.payroll.payers if w.employer_orgnr in {None, employer}][-1]
    status = record.payroll.status
    payroll = Payroll(
        status=PayrollStatus.ACTIVE,
        first_period=word.starts_on.strftime("%Y-%m"),
        requested_at=transition.now.at,
        requested_on=transition.now.today,
        payers=record.payroll.payers,
    )
    transition.update(payroll=payroll)
    if status is not PayrollStatus.REQUESTED:
        month = whole_month(transition.now.today)
        terms = charged(record.terms, month)
        transition.letters.payer(after, Template.PAYROLL_START, terms=terms)
    transition.note(f"{who(after)} goes on deducting", "A20", "L6")


def ask(transition: Transition, after: Situation) -> None:
    """Ask the present employer, or NAV, to deduct, or wait for the first payment. A20, A36, L6."""
    if nothing_to_deduct(transition.record, after, transition.now.today):
        return
    if _awaits_payment(transition):
        payroll = transition.record.payroll.model_copy(update={"awaits_payment": True})
        transition.update(payroll=payroll)
        return
    asked = requested(transition.now).model_copy(
        update={"payers": transition.record.payroll.payers}
    )
    transition.update(payroll=asked)
    month = whole_month(transition.now.today)
    terms = charged(transition.record.terms, month)
    transition.letters.payer(after, Template.PAYROLL_START, terms=terms)
    transition.note(f"{who(after)} is asked to deduct", "A20")


def _awaits_payment(transition: Transition) -> bool:
    record = transition.record
    waits = record.book.policies_on(transition.now.today).payroll_needs_first_payment
    invoice = record.first_invoice
    return waits and invoice is not None and invoice.status is not InvoiceStatus.PAID
