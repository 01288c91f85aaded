"""What the insurance office is told each month, and what it answers."""

from enum import StrEnum

from pydantic import Field

from schemas.dues.terms import Span
from schemas.payments.refunds import Refund
from schemas.shared.base import Contract, Day, Ore


class Change(StrEnum):
    """What a line of the file tells of a member."""

    IN = "in"
    OUT = "out"
    CHANGED = "changed"
    RESERVED = "reserved"
    CORRECTED = "corrected"


class Stretch(Contract):
    """Days with one cover.

    Attributes:
        until: the first day it no longer holds; None: it goes on.
        coverages: by name, in the rulebook's order.
    """

    valid_from: Day
    until: Day | None = None
    coverages: tuple[str, ...]


class Told(Contract):
    """What the office has been told of a member so far.

    Attributes:
        number: the member's there.
        reserved_from: the reservation it was told of.
    """

    number: str
    birth_date: Day
    stretches: tuple[Stretch, ...] = ()
    reserved_from: Day | None = None


class Insured(Contract):
    """A member as the books have it when a file is made.

    Attributes:
        number: the member's at the office; ours where it has given none.
        paid: the months the package is charged for.
        covered_from: the first day of the cover, up to a month before the first of those (A18).
        reserved_from: of a reservation that holds.
        ended_on: the first day that is no longer one of the membership.
        premium_ore: charged for the month of the file.
        told: before it.
    """

    membership_id: str
    number: str
    birth_date: Day
    paid: tuple[Span, ...] = ()
    covered_from: Day | None = None
    reserved_from: Day | None = None
    ended_on: Day | None = None
    premium_ore: Ore = 0
    told: Told | None = None


class Line(Contract):
    """A line of the file: what holds from a day on, in place of what was told.

    Attributes:
        until_on: the last day of it; None: it goes on.
        coverages: what holds then; nothing: no cover.
        premium_ore: a month.
        back_dated: it begins before the month of the file.
        former_number: told before, where the number has become another.
    """

    membership_id: str
    number: str
    birth_date: Day
    change: Change
    from_on: Day
    until_on: Day | None = None
    coverages: tuple[str, ...] = ()
    premium_ore: Ore = 0
    back_dated: bool = False
    former_number: str | None = None


class CoverTotal(Contract):
    """How many have one cover in a month, and what is charged for them."""

    coverages: tuple[str, ...]
    members: int
    premium_ore: Ore


class OfficeFile(Contract):
    """The file of a month.

    Attributes:
        period: ``YYYY-MM``.
        coverages: all there are, in the rulebook's order.
        totals: by cover; together they are everybody who is covered in the month.
    """

    period: str
    made_on: Day
    coverages: tuple[str, ...]
    totals: tuple[CoverTotal, ...]
    lines: tuple[Line, ...]

    @property
    def premium_ore(self) -> int:
        """What is charged for the month in all."""
        return sum(total.premium_ore for total in self.totals)

    @property
    def members(self) -> int:
        """How many are covered in the month."""
        return sum(total.members for total in self.totals)


class FileReport(Contract):
    """What is said of a file once it is made."""

    period: str
    made_on: Day
    file_id: str
    members: int
    premium_ore: Ore
    totals: tuple[CoverTotal, ...]
    lines: dict[Change, int] = Field(default_factory=dict)
    made_now: bool = True


class SettledMonth(Contract):
    """What of a charged month has been received as premium since the settlement before."""

    charged_from: Day
    amount_ore: int


class Settlement(Contract):
    """The settlement of a month with the office.

    Attributes:
        amount_ore: owed to the office; less than nothing: it comes off the next one.
        months: by the month that was charged; together they are the amount.
        payout: how the office is paid it, with what was left before; None: nobody has asked.
    """

    period: str
    settled_on: Day
    amount_ore: int
    months: tuple[SettledMonth, ...]
    made_now: bool = True
    payout: Refund | None = None
