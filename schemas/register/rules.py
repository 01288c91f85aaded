"""What must agree within a member's rows, beyond what each cell may hold."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from pydantic import ValidationError

from schemas.membership.application import UNREACHABLE
from schemas.membership.eligibility import age_faults, branch_fault, number_faults
from schemas.membership.insurance import may_be_covered
from schemas.membership.situation import LEARNING, RETIRED
from schemas.pricing.rulebook import Rulebook
from schemas.register.member import RegisterInvoice, RegisterMember
from schemas.shared.faults import complaint_of
from schemas.shared.vocabulary import Category, InsuranceStatus, Payer

PAYS_YEARLY = frozenset({Category.STUDENT, Category.PENSIONER})


class Breach(NamedTuple):
    """What does not agree, and the column to put it right in."""

    column: str
    says: str


def breaches_of_member(member: RegisterMember, rulebook: Rulebook, month: date) -> Iterator[Breach]:
    """Yield what does not agree in a member's rows.

    Args:
        member: each of its cells can be read.
        rulebook: as it is.
        month: the first day of the first month that is charged here.

    Source: N1, N6, S8, S14, S18, S21, S22, A5, A20, A21, A23, L4.
    """
    yield from _person(member, rulebook, month)
    yield from _reached(member)
    yield from _days(member, month)
    yield from _category(member, rulebook, month)
    yield from _insurance(member)
    yield from _leave(member)
    yield from _payer(member)
    yield from _employments(member, month)
    yield from _lines_once(member)


def _person(member: RegisterMember, rulebook: Rulebook, month: date) -> Iterator[Breach]:
    for fault in age_faults(member.birth_date, rulebook, month):
        yield Breach("birth_date", fault.says)
    for fault in number_faults(member.national_id, member.birth_date, rulebook):
        yield Breach("national_id", fault.says)


def _reached(member: RegisterMember) -> Iterator[Breach]:
    try:
        address = member.address
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_input=False):
            says = complaint_of(detail)
            column = str(detail["loc"][0]) if detail["loc"] else says.split(maxsplit=1)[0]
            yield Breach(column, says.removeprefix(f"{column} "))
        return
    if member.email is None and address is None:
        yield Breach("email", UNREACHABLE.removeprefix("email "))
    elif member.email is None and address is not None and address.country is None:
        yield Breach("country", "is required, since letters go by post")


def _days(member: RegisterMember, month: date) -> Iterator[Breach]:
    if member.joined_on > month:
        yield Breach("joined_on", f"lies after {month}, the first month here: let them apply")
    if member.joined_on < member.birth_date:
        yield Breach("joined_on", "lies before the birth date")
    if member.leaves_on is not None and member.leaves_on < month:
        yield Breach("leaves_on", f"lies before {month}: whoever has left is not carried over")


def _category(member: RegisterMember, rulebook: Rulebook, month: date) -> Iterator[Breach]:
    if member.branch is not None:
        fault = branch_fault(member.branch, rulebook, month)
        if fault is not None:
            yield Breach("branch", fault.removeprefix("branch: "))
    category = member.category
    if member.ends_on is not None and category not in LEARNING:
        yield Breach("ends_on", f"does not go with category {category}: leave it empty")
    if member.fee_through is not None and category not in PAYS_YEARLY:
        yield Breach("fee_through", f"category {category} pays by the month: leave it empty")
    age = rulebook.policies_on(month).retirement_age
    old = rulebook.turns(member.birth_date, age) <= month
    if category is Category.PENSIONER and not old:
        yield Breach("category", f"pensioner is from {age}: write early_pensioner")
    if category is Category.EARLY_PENSIONER and old:
        yield Breach("category", f"early_pensioner is for those under {age}: write pensioner")


def _insurance(member: RegisterMember) -> Iterator[Breach]:
    status = member.insurance
    if status is InsuranceStatus.COVERED and not may_be_covered(member.category):
        yield Breach("insurance", f"the package is not for category {member.category} (S8)")
    dates = {
        InsuranceStatus.COVERED: ("insurance_from", True, member.insurance_from),
        InsuranceStatus.RESERVED: ("reserved_on", False, member.reserved_on),
        InsuranceStatus.WINDOW_OPEN: ("reservation_deadline", True, member.reservation_deadline),
    }
    for of, (column, required, day) in dates.items():
        if status is of and required and day is None:
            yield Breach(column, f"is required with insurance {of}: write a date")
        if status is not of and day is not None:
            yield Breach(column, f"goes with insurance {of} alone: leave it empty")


def _leave(member: RegisterMember) -> Iterator[Breach]:
    days = {"leave_from": member.leave_from, "leave_until": member.leave_until}
    if member.leave is None:
        if member.leave_share is not None or any(days.values()):
            yield Breach("leave", "is required with leave_share, leave_from and leave_until")
        return
    for column, day in days.items():
        if day is None:
            yield Breach(column, "is required with leave: write a date")
    if member.leave_from and member.leave_until and member.leave_until < member.leave_from:
        yield Breach("leave_until", "lies before leave_from")


def _payer(member: RegisterMember) -> Iterator[Breach]:
    if member.payer is Payer.DIRECT:
        if member.deducted_by is not None:
            yield Breach("deducted_by", "goes with payer payroll alone: leave it empty")
        return
    if member.hidden:
        yield Breach("payer", "a hidden member pays directly, and no employer is told (A23)")
    if member.category is not Category.ORDINARY:
        yield Breach("payer", f"category {member.category} pays directly: write direct")
    employers = [job.employer_orgnr for job in member.employments if job.employer_orgnr]
    if member.deducted_by is not None and member.deducted_by not in employers:
        yield Breach("deducted_by", "none of the employments is with this employer")
    elif not employers:
        yield Breach("payer", "no employment says which employer deducts (employer_orgnr)")


def _employments(member: RegisterMember, month: date) -> Iterator[Breach]:
    if any(job.position_percent == 0 for job in member.employments):
        yield Breach("number", "0 % is no employment: leave the row out of employments")
    works = any(job.from_on is None or job.from_on <= month for job in member.employments)
    if works and member.category in RETIRED:
        yield Breach("category", "who works beside a pension is ordinary, with pension (S22, A16)")


def _lines_once(member: RegisterMember) -> Iterator[Breach]:
    lines = Counter((bill.period, line.kind) for bill in member.invoices for line in bill.lines)
    for (period, kind), times in lines.items():
        if times > 1:
            yield Breach("number", f"{kind} of {period:%Y-%m} stands on {times} invoices")


def breaches_of_invoice(bill: RegisterInvoice, month: date) -> Iterator[Breach]:
    """Yield what does not agree in an invoice's row. Source: A30, P1.

    Args:
        bill: each of its cells can be read.
        month: the first day of the first month that is charged here.
    """
    if bill.total_ore <= 0:
        yield Breach("central", "the invoice asks for nothing: write what it is for")
    elif not 0 <= bill.paid_ore < bill.total_ore:
        yield Breach("paid", "must be at least 0 and less than the invoice: else leave it out")
    if bill.due_on < bill.issued_on:
        yield Breach("due_on", "lies before issued_on")
    if bill.period >= month:
        yield Breach("period", f"is charged here, from {month:%Y-%m} on: leave the invoice out")
    steps = {
        "first_reminder_on": bill.first_reminder_on,
        "second_reminder_on": bill.second_reminder_on,
        "warned_on": bill.warned_on,
    }
    before: date | None = bill.issued_on
    for column, day in steps.items():
        if day is not None and (before is None or day < before):
            yield Breach(column, "must lie after issued_on and the step before it")
        before = day
