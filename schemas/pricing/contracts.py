"""New prices: what is decided, what it would come to, and who has heard of it."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints, field_validator, model_validator

from schemas.membership.application import BranchCode
from schemas.pricing.policies import Age
from schemas.shared.base import Contract, Day, Inbound, Ore
from schemas.shared.calendar import first_of_month, month_after
from schemas.shared.vocabulary import Category, LineKind

Price = Annotated[Ore, Field(ge=0)]
Share = Annotated[Decimal, Field(ge=0, le=100)]
CoverageName = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]
BenefitName = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]
Version = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class BranchPrice(Contract):
    """What changes in a branch's dues; None stays as it is."""

    model_config = ConfigDict(extra="forbid")

    code: BranchCode
    local_ore: Price | None = None
    halves: bool | None = None


class CoverageChange(Contract):
    """Until when a coverage of the insurance package holds (A17), for whoever still has it."""

    model_config = ConfigDict(extra="forbid")

    name: CoverageName
    ends_at_age: Age
    ends: Literal["birthday", "end_of_year"]


class BenefitsChange(Contract):
    """What a category of member is entitled to from then on, and no longer (B1)."""

    model_config = ConfigDict(extra="forbid")

    category: Category
    adds: tuple[BenefitName, ...] = ()
    drops: tuple[BenefitName, ...] = ()

    @model_validator(mode="after")
    def _means_one_thing(self) -> "BenefitsChange":
        if not (self.adds or self.drops):
            raise ValueError(f"name a benefit that {self.category} members get or lose")
        if both := sorted(set(self.adds) & set(self.drops)):
            raise ValueError(f"both gives and takes {both[0]}")
        return self

    def to(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return a list as it is then: what is added stands at its end."""
        return tuple(dict.fromkeys(name for name in (*names, *self.adds) if name not in self.drops))


class PriceChange(Contract):
    """What a congress decided: what is None, or not named, stays as it is.

    Attributes:
        effective_on: the first of the month from which it holds.
        policies: new values by name, as ``schemas.pricing.rulebook.Policies`` has them.
    """

    model_config = ConfigDict(extra="forbid")

    effective_on: Day
    full_central_ore: Price | None = None
    half_percent: Share | None = None
    quarter_percent: Share | None = None
    student_percent: Share | None = None
    pensioner_percent: Share | None = None
    half_at_most_percent: Share | None = None
    premium_ore: Price | None = None
    branches: tuple[BranchPrice, ...] = ()
    coverages: tuple[CoverageChange, ...] = ()
    benefits: tuple[BenefitsChange, ...] = ()
    policies: dict[str, bool | int | str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _changes_something(self) -> "PriceChange":
        first_of_month_only(self.effective_on)
        named = self.model_dump(exclude={"effective_on"}, exclude_defaults=True)
        if not named:
            raise ValueError("name at least one price or rule that changes")
        codes = [branch.code for branch in self.branches]
        if len(set(codes)) < len(codes):
            raise ValueError("names a branch twice")
        names = [coverage.name for coverage in self.coverages]
        if len(set(names)) < len(names):
            raise ValueError("names a coverage twice")
        categories = [change.category for change in self.benefits]
        if len(set(categories)) < len(categories):
            raise ValueError("names a category's benefits twice")
        return self

    @property
    def only_branches(self) -> bool:
        """Whether nothing but amounts of branches changes: these may reach back (A40)."""
        return not self.model_dump(exclude={"effective_on", "branches"}, exclude_defaults=True)

    @property
    def changes_rules(self) -> bool:
        """Whether it may change by which rate somebody pays, and not only what a rate comes to."""
        return bool(self.half_at_most_percent is not None or self.coverages or self.policies)

    @property
    def dues(self) -> dict[str, int | Decimal]:
        """What changes in the central dues, by the names of ``rulebook.DuesRates``."""
        found: dict[str, int | Decimal] = {
            name: value for name in DUES if (value := getattr(self, name)) is not None
        }
        return found


DUES = (
    "full_central_ore",
    "half_percent",
    "quarter_percent",
    "student_percent",
    "pensioner_percent",
    "half_at_most_percent",
)


def first_of_month_only(day: Day) -> None:
    """Refuse a day on which no month begins.

    Raises:
        ValueError: dues are charged by whole months.
    """
    if day != first_of_month(day):
        raise ValueError(f"effective_on: months are charged whole; say {month_after(day)}")


class RepricingOrder(Inbound):
    """The argument of the ``Repricing`` workflow.

    Attributes:
        effective_on: when the new prices begin.
        rulebook: the version that holds them.
    """

    effective_on: Day
    rulebook: Version

    @field_validator("effective_on")
    @classmethod
    def _begins_a_month(cls, day: Day) -> Day:
        first_of_month_only(day)
        return day


class RepricingPage(Contract):
    """A page of members to look at: those numbered after ``after``.

    Attributes:
        rules: by which rates they pay may be others; else only those are looked at whose rates
            or facts an older version did not keep.
    """

    after: str = ""
    today: Day
    rules: bool = True


class Announcement(Contract):
    """An order to announce new prices to whom they concern. ``today`` is the business date.

    Attributes:
        last: it is the last time: whoever can't be told now is a caseworker's task.
    """

    order: RepricingOrder
    today: Day
    last: bool = False


class Announced(Contract):
    """What was ordered to announce new prices.

    Attributes:
        batch: of the members' letters.
        letters: those that had not been ordered before.
        employers: who deduct for some of the members, or have been asked to: each is told once.
        rules: not only prices have changed.
    """

    batch: str
    letters: int
    employers: int
    rules: bool


class NoticesLeft(Contract):
    """What is left of telling employers.

    Attributes:
        told: employers that have been told by this order.
        waiting: those that are to be tried again.
        stuck: those that can't be told as things stand; each is a caseworker's task.
    """

    told: int = 0
    waiting: int = 0
    stuck: int = 0


class RefreshPage(Contract):
    """A page of members whose records know other prices: those numbered after ``after``."""

    order: RepricingOrder
    after: str = ""


class RepricingPageReport(Contract):
    """What a page came to.

    Attributes:
        members: how many were looked at.
        told: those whose terms are not what their facts and the rulebook make them.
        troubled: those for whom nothing could be planned; each is a caseworker's task.
        last: the last member number; None: there were no members left.
    """

    members: int = 0
    told: int = 0
    troubled: int = 0
    last: str | None = None


class RepricingClosing(Contract):
    """The end of a repricing that somebody has not followed. ``today`` is the business date."""

    order: RepricingOrder
    unconfirmed: int
    today: Day


class RepricingProgress(Contract):
    """The answer of the ``progress`` query.

    Attributes:
        rounds: how often everybody has been looked at.
        members: how many have been looked at in this round, of ``of``.
        told: in the first round.
        unconfirmed: in the last finished round, those who had not planned anew yet.
    """

    rounds: int = 0
    of: int = 0
    members: int = 0
    told: int = 0
    unconfirmed: int | None = None


class RepricingReport(Contract):
    """The outcome of a repricing.

    Attributes:
        told: members who pay by other rates, and who were told to plan anew.
        troubled: members whose terms could not be planned.
        unconfirmed: members who have not planned anew after all; a caseworker has the task.
        letters: members who are written to, as what they pay comes to something else.
        employers: those who are told of all their members at once.
    """

    effective_on: Day
    rulebook: str
    members: int
    told: int
    troubled: int
    unconfirmed: int
    rounds: int
    letters: int = 0
    employers: int = 0


class Amounts(Contract):
    """What is charged.

    Attributes:
        month_ore: by the month, in the first month of the new prices.
        year_ore: in the twelve months from then on, yearly fees among them.
    """

    month_ore: int = 0
    year_ore: int = 0

    def __add__(self, other: "Amounts") -> "Amounts":
        """Return both together."""
        return Amounts(
            month_ore=self.month_ore + other.month_ore, year_ore=self.year_ore + other.year_ore
        )


class PriceTotal(Contract):
    """What new prices come to, for all members or those of a category.

    Attributes:
        changing: who is charged otherwise, at whatever time; each gets a letter.
        through_payroll: of those, whose employer deducts then; each employer gets a CHANGE.
    """

    category: Category | None = None
    members: int = 0
    changing: int = 0
    through_payroll: int = 0
    before: Amounts = Amounts()
    after: Amounts = Amounts()


class BudgetLine(Contract):
    """What a month charges some members for something, in øre.

    Attributes:
        category, branch: as the members' are today.
        members: how many.
        proposed_ore: with the proposed prices; the same without any.
    """

    month: Day
    kind: LineKind
    category: Category | None
    branch: str | None
    members: int
    ore: int
    proposed_ore: int


class Budget(Contract):
    """What will be charged, month by month, if nobody does anything."""

    proposed: PriceChange | None
    lines: tuple[BudgetLine, ...]


class LargestChange(Contract):
    """One of the members whose year changes most, in øre."""

    membership_id: str
    category: Category
    before_ore: int
    after_ore: int


class Unpriced(Contract):
    """A member whose terms can't be planned, and why."""

    membership_id: str
    reason: str


class PricePreview(Contract):
    """What new prices would come to for the whole membership.

    Attributes:
        rulebook: the version that the change would make.
        new: rulebook rows that the change adds or replaces; none: all of it stands already.
        unknown: members whose facts an older version did not keep: known once they are told.
        largest: the ten largest changes of a year.
        charged_already: months from the change on that have been charged: those get corrections.
        dearer_from: the first month in which somebody pays more.
        announce_by: the last day on which that may be told (A41).
    """

    change: PriceChange
    rulebook: str
    new: tuple[str, ...]
    total: PriceTotal
    categories: tuple[PriceTotal, ...]
    largest: tuple[LargestChange, ...] = ()
    unknown: int = 0
    unpriced: tuple[Unpriced, ...] = ()
    charged_already: tuple[Day, ...] = ()
    dearer_from: Day | None = None
    announce_by: Day | None = None
    members_per_second: int = 0
