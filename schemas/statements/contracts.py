"""Year end: what each member paid in a year, and is told of it."""

from typing import Annotated

from pydantic import Field

from schemas.shared.base import Contract, Day, Inbound
from schemas.statements.tax import TaxCap

Year = Annotated[int, Field(ge=1900, le=2200)]


class YearEndOrder(Inbound):
    """The argument of the ``YearEndStatements`` workflow.

    Attributes:
        year: the income year; None: the one that is over.
    """

    year: Year | None = None


class YearEndOpening(Contract):
    """What a year end is opened with. ``today`` is the business date."""

    year: Year
    today: Day


class YearEndPeriod(Contract):
    """A year whose statements are made.

    Attributes:
        pages: the first member number of each page, in order.
        page_size: how many member numbers a page spans.
        refused: why no statements can be made; None: they can.
    """

    year: Year
    today: Day
    cap: TaxCap | None = None
    pages: tuple[str, ...] = ()
    page_size: int = 0
    refused: str | None = None


class YearEndPage(Contract):
    """One page of statements: the members numbered from ``first`` on."""

    year: Year
    today: Day
    cap: TaxCap
    first: str
    page_size: int


class YearEndPageReport(Contract):
    """What a page added; nothing when its statements had been made before."""

    statements: int = 0
    corrections: int = 0
    letters: int = 0

    def plus(self, other: "YearEndPageReport") -> "YearEndPageReport":
        """Return both together."""
        return YearEndPageReport(
            statements=self.statements + other.statements,
            corrections=self.corrections + other.corrections,
            letters=self.letters + other.letters,
        )


class YearEndReport(Contract):
    """The outcome of a year end, or of a rehearsal.

    Attributes:
        statements: members with a statement, or who would have one.
        new: statements that this run made for the first time.
        corrections: statements that this run made anew, since they came out otherwise.
        letters: those that were ordered by this run.
        paid_ore, deductible_ore: of all statements, each in its latest version.
        direct_ore: of it what was paid straight to the union; employers deducted the rest.
        reported_ore: of that what the tax authority is told (X3).
        capped: members who paid more for months of work than is deductible.
        part_year: members of fewer than twelve months (X2).
        without_deduction: members none of whose dues are deductible (S24).
        objecting: members of whom nothing is told, as they wish.
        without_national_id: members who can't be reported; each is a task (N3).
        deceased: members whose statement is the estate's; each is a task.
    """

    year: Year
    cap: TaxCap
    statements: int
    new: int = 0
    corrections: int = 0
    letters: int = 0
    paid_ore: int
    direct_ore: int = 0
    reported_ore: int = 0
    deductible_ore: int
    capped: int
    part_year: int = 0
    without_deduction: int = 0
    objecting: int = 0
    without_national_id: int
    deceased: int


class YearEndProgress(Contract):
    """The answer of the ``progress`` query."""

    pages: int = 0
    pages_done: int = 0
    statements: int = 0
    corrections: int = 0
    letters: int = 0
