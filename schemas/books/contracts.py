"""The books of a span of days: accounts, what moved between them, what is owed for how long."""

from typing import Annotated

from pydantic import Field

from schemas.shared.base import Contract, Day, Ore

AccountNumber = Annotated[str, Field(pattern="^[1-8][0-9]{3}$")]
"""Of the Norwegian standard chart, NS 4102: four digits, none of them a member's."""


class Account(Contract):
    """An account of the ledger, as the accounting knows it.

    Attributes:
        account: its name in ``entries``.
        number: its own in the accounting; two accounts of ours may share one.
        title: as the accounting reads it, in Norwegian.
        grouping_category, grouping_code: where it stands in the tax return; see the code list
            ``naeringsspesifikasjon`` of SAF-T Financial 1.3.
    """

    account: str
    number: AccountNumber
    title: str
    grouping_category: str
    grouping_code: str


class Movement(Contract):
    """What moved from one account to another on a day, for one reason; all of it together.

    Attributes:
        day: None: before the first day that was asked for.
        source: why; see ``entries.source``.
        debit, credit: numbers of the chart.
        ore: more than nothing.
    """

    day: Day | None
    source: str
    debit: str
    credit: str
    ore: Annotated[int, Field(gt=0)]


class Books(Contract):
    """The books of a span of days.

    Attributes:
        first, last: the days, both of them in it.
        chart: in the order of the numbers.
        movements: by day and source; those before the first day have none.
    """

    first: Day
    last: Day
    chart: tuple[Account, ...]
    movements: tuple[Movement, ...]


class Balance(Contract):
    """How an account stands; a debit is more than nothing, a credit less."""

    number: str
    title: str
    opening_ore: int
    debit_ore: int
    credit_ore: int

    @property
    def closing_ore(self) -> int:
        """What the account stands at on the last day."""
        return self.opening_ore + self.debit_ore - self.credit_ore


class VoucherLine(Contract):
    """One side of a voucher: either ``debit_ore`` or ``credit_ore`` is nothing."""

    number: str
    debit_ore: int = 0
    credit_ore: int = 0


class Voucher(Contract):
    """All that was booked on a day for one reason, summed up by account.

    Attributes:
        voucher_id: day and source; the same voucher has the same one whenever it is written.
        lines: debits before credits, each by account number; both sides come to the same.
    """

    voucher_id: str
    day: Day
    source: str
    lines: tuple[VoucherLine, ...]


class GivenUp(Contract):
    """Numbers that no invoice has, and why: a run had reserved them, or a restore passed over them.

    Attributes:
        first_no, last_no: both among them.
        period_from: the month that was to be charged; None: they were passed over after a restore.
        reserved_on: the business date of either.
    """

    year: int
    first_no: int
    last_no: int
    period_from: Day | None
    reserved_on: Day


class Series(Contract):
    """The series of a year's invoices and credit notes. Source: P10.

    Attributes:
        last_no: the last number that was given; the first is 1.
        issued: invoices and credit notes that have one.
        carried_over: those dated in the year that came with another system's register, and stand
            in a series there.
        given_up: the other numbers.
    """

    year: int
    last_no: int
    issued: int
    carried_over: int
    given_up: tuple[GivenUp, ...] = ()


class Receivable(Contract):
    """What is owed on a day by one kind of debtor, and for how long it has been overdue.

    Attributes:
        debtor: ``members`` or ``employers``: the account; ``suspense``: who was paid back what
            the bank then took back.
        overdue_days: at least so many, from ``AGES``; None: it is not due yet.
        claims: invoices or lists.
        ore: what is open of them.
    """

    debtor: str
    overdue_days: int | None
    claims: int
    ore: Ore
