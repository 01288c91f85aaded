"""The dues run: every member charged once for a month, page by page."""

from typing import Annotated

from pydantic import Field

from schemas.shared.base import Contract, Day, Month
from schemas.shared.vocabulary import Category, LineKind, Payer


class DuesRunOrder(Contract):
    """The argument of the ``DuesRun`` workflow.

    Attributes:
        period: the month to charge.
        page_size: member numbers a page: a smaller page repeats less after a crash.
    """

    period: Month
    page_size: Annotated[int, Field(ge=1, le=50_000)] = 50_000


class DuesPeriod(Contract):
    """A month that is being charged, and the dates of what this run issues.

    Attributes:
        due_on: of the invoices, a bank day.
        since: the first month that corrections reach back to (A31).
        pages: the first member number of each page, in order.
        page_size: how many member numbers a page spans.
        built: its lines are built beside the books, and attached once all pages are through.
        charges_before, invoices_before: how many there were when the run was opened.
    """

    period_from: Day
    charged_on: Day
    due_on: Day
    since: Day
    pages: tuple[str, ...] = ()
    page_size: int
    built: bool = False
    charges_before: int = 0
    invoices_before: int = 0


class DuesOpening(Contract):
    """What a run is opened with. ``today`` is the business date."""

    period: Month
    today: Day
    page_size: int = 50_000


class DuesPage(Contract):
    """One page to charge: the members numbered from ``first`` on."""

    run: DuesPeriod
    first: str


class DuesPageReport(Contract):
    """What a page added; nothing when it had been charged before."""

    charges: int = 0
    invoices: int = 0
    quarantined: int = 0

    def plus(self, other: "DuesPageReport") -> "DuesPageReport":
        """Return both together."""
        return DuesPageReport(
            charges=self.charges + other.charges,
            invoices=self.invoices + other.invoices,
            quarantined=self.quarantined + other.quarantined,
        )


class DuesTotal(Contract):
    """What is charged for a month, for one group of lines.

    Attributes:
        previous_ore: what the group was charged for the month before.
    """

    category: Category | None
    branch: str | None
    payer: Payer
    kind: LineKind
    members: int
    charges: int
    amount_ore: int
    previous_ore: int = 0


class Quarantined(Contract):
    """A member who could not be charged, and why."""

    membership_id: str
    reason: str


class DuesReport(Contract):
    """The outcome of a run, or of a rehearsal.

    Attributes:
        members: how many are charged for the month.
        charges, invoices, amount_ore: all there are for the month.
        new_charges, new_invoices: those that this run added.
        previous_ore: what the month before was charged, to compare.
        lists: deduction lists that this run made.
        letters: invoices that this run ordered to be sent.
        totals: by category, branch, payer and kind.
    """

    period: Month
    charged_on: Day
    due_on: Day
    members: int
    charges: int
    invoices: int
    amount_ore: int
    new_charges: int
    new_invoices: int
    previous_ore: int
    lists: int = 0
    letters: int = 0
    totals: tuple[DuesTotal, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()


class DuesProgress(Contract):
    """The answer of the ``progress`` query. ``doing`` says what, in words."""

    doing: str = "Opening"
    pages: int = 0
    pages_done: int = 0
    new_charges: int = 0
    new_invoices: int = 0
