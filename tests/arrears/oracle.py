"""A30 as a pure function, which the ladder in the database must agree with."""

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum

from pydantic import Field

from schemas.pricing.rulebook import Policies
from schemas.shared.base import Contract, Day


class ArrearsStep(StrEnum):
    """What is done about an unpaid invoice, or about a member who owes."""

    FIRST_REMINDER = "first_reminder"
    SECOND_REMINDER = "second_reminder"
    CASEWORKER = "caseworker"
    SUSPENSE = "suspense"
    WARNING = "warning"
    STRUCK_OFF = "struck_off"


class OverdueInvoice(Contract):
    """An invoice that is past its due date and not paid in full.

    Attributes:
        open_ore: what is still to be paid of it.
        asked_ore: what it asked for; None: all of it is open.
        covers_months: how many months it is for: 1, 3, or for a yearly fee those of its year.
        taken: the steps taken about it, and when.
    """

    number: str
    due_on: Day
    open_ore: int
    asked_ore: int | None = None
    covers_months: int = 1
    taken: dict[ArrearsStep, Day] = Field(default_factory=dict)


class Arrears(Contract):
    """What one member owes.

    Attributes:
        invoices: those that are overdue, the oldest first.
        in_hand_ore: money in suspense and credit notes that nothing has been paid with.
        member: the membership has not ended.
        deceased: nothing is done any more (M17).
    """

    invoices: tuple[OverdueInvoice, ...]
    in_hand_ore: int = 0
    member: bool = True
    deceased: bool = False

    @property
    def net_ore(self) -> int:
        """What is owed, net of what is in hand."""
        return sum(invoice.open_ore for invoice in self.invoices) - self.in_hand_ore


def months_passed(since: date, today: date) -> int:
    """Return how many whole months have passed."""
    months = 12 * (today.year - since.year) + today.month - since.month
    return months - (today.day < since.day)


def months_of(invoice: OverdueInvoice, today: date, owed_ore: int | None = None) -> int:
    """Return for how many months an invoice leaves its member in arrears.

    A month's invoice counts one. A longer fee counts the months since it was due, never more than
    it is for, and less those that are paid for.

    Args:
        invoice: which.
        today: the business date.
        owed_ore: how much of what it asked is owed; None: all of it.

    Source: A30.
    """
    asked = invoice.open_ore if invoice.asked_ore is None else invoice.asked_ore
    owed = asked if owed_ore is None else owed_ore
    if owed == 0:
        return 0
    if invoice.covers_months == 1:
        return 1
    passed = min(invoice.covers_months, months_passed(invoice.due_on, today))
    return max(0, passed - invoice.covers_months * (asked - owed) // asked)


def owed_months(arrears: Arrears, today: date) -> int:
    """Return for how many months a member owes, net of all that was paid.

    Money pays the oldest: what is owed is laid on the newest invoices, as much as each asked for,
    whatever parts of them were paid. Source: A30.
    """
    owed, months = arrears.net_ore, 0
    for invoice in reversed(arrears.invoices):
        asked = invoice.open_ore if invoice.asked_ore is None else invoice.asked_ore
        of_it = max(0, min(asked, owed))
        owed -= of_it
        months += months_of(invoice, today, of_it)
    return months


def steps_due(
    arrears: Arrears, policies: Policies, today: date
) -> tuple[tuple[str, ArrearsStep], ...]:
    """Return the steps that are due on a day, by invoice number.

    Whoever has enough money with us to pay it all is not asked for it: a caseworker places it. A
    second reminder keeps its distance from the first, however late that one was. A step about the
    member is taken for all overdue invoices at once, and not again while one of them is unpaid;
    striking off is repeated until the membership has ended.

    Source: A30, A29 (who has left still owes), M17.
    """
    if arrears.deceased or not arrears.invoices:
        return ()
    if arrears.net_ore <= 0:
        return tuple(_for_all(arrears, ArrearsStep.SUSPENSE))
    return (
        *_reminders(arrears, policies, today),
        *_about_the_member(arrears, policies, today),
    )


def _reminders(
    arrears: Arrears, policies: Policies, today: date
) -> Iterator[tuple[str, ArrearsStep]]:
    first, second = policies.first_reminder_days, policies.second_reminder_days
    in_hand = arrears.in_hand_ore
    for invoice in arrears.invoices:
        in_hand -= invoice.open_ore
        if in_hand >= 0:
            continue  # what is in hand pays it: nobody is asked for it
        days = (today - invoice.due_on).days
        reminded_on = invoice.taken.get(ArrearsStep.FIRST_REMINDER)
        if reminded_on is None:
            if days >= first:
                yield invoice.number, ArrearsStep.FIRST_REMINDER
        elif (
            ArrearsStep.SECOND_REMINDER not in invoice.taken
            and days >= second
            and (today - reminded_on).days >= second - first
        ):
            yield invoice.number, ArrearsStep.SECOND_REMINDER


def _about_the_member(
    arrears: Arrears, policies: Policies, today: date
) -> Iterator[tuple[str, ArrearsStep]]:
    months = owed_months(arrears, today)
    if months >= policies.arrears_task_months:
        yield from _for_all(arrears, ArrearsStep.CASEWORKER)
    if not arrears.member:
        return
    if months >= policies.struck_off_months:
        yield from _for_all(arrears, ArrearsStep.WARNING)
    warned_on = max(_taken(arrears, ArrearsStep.WARNING), default=None)
    if (
        months > policies.struck_off_months
        and warned_on is not None
        and today >= warned_on + timedelta(days=policies.warning_days)
    ):
        for invoice in arrears.invoices:
            yield invoice.number, ArrearsStep.STRUCK_OFF


def _for_all(arrears: Arrears, step: ArrearsStep) -> Iterator[tuple[str, ArrearsStep]]:
    """Yield a step for every invoice, unless it has been taken for one of them."""
    if not any(_taken(arrears, step)):
        for invoice in arrears.invoices:
            yield invoice.number, step


def _taken(arrears: Arrears, step: ArrearsStep) -> Iterator[date]:
    return (invoice.taken[step] for invoice in arrears.invoices if step in invoice.taken)
