"""What a month brought in for each branch, and what is paid out to it."""

from schemas.shared.base import Contract, Day


class BranchLine(Contract):
    """Of a settlement: what came in for the dues of one month; less than nothing: taken back."""

    dues_of: Day
    amount_ore: int


class BranchSettlement(Contract):
    """What came in for a branch until a month's end, and no earlier settlement holds. Source: P11.

    Attributes:
        branch, name: the branch's code and name.
        period_from: the first day of the month.
        amount_ore: less than nothing: more was taken back than came in.
        lines: by the months that the dues are for; together the amount.
        made_by: who made it; None: nobody has yet.
        owed_ore: what it is owed of all settlements and nobody has asked to be paid out.
        refund_id: of the instruction by which it is paid out, as `refunds` lists it.
        payout_ore: so much, what was left of earlier settlements included.
        approved_by: who has approved that; None: nobody yet.
        paid_on: the day it left our account.
    """

    branch: str
    name: str
    period_from: Day
    amount_ore: int
    lines: tuple[BranchLine, ...] = ()
    made_by: str | None = None
    owed_ore: int = 0
    refund_id: str | None = None
    payout_ore: int | None = None
    approved_by: str | None = None
    paid_on: Day | None = None


class BranchDues(Contract):
    """The settlements of a month, by branch.

    Attributes:
        unplaced_ore: what came in for local dues in all, and nobody knows for which branch.
    """

    period_from: Day
    settlements: tuple[BranchSettlement, ...]
    unplaced_ore: int = 0
