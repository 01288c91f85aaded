"""What help in a case is open to a member, by fully paid months (B2)."""

from enum import StrEnum

from schemas.pricing.rulebook import Policies
from schemas.shared.base import Contract, Day


class Help(StrEnum):
    """What the union does for a member in a case."""

    HELP = "help"
    CASEWORK = "casework"
    LAWYER = "lawyer"
    COURT = "court"


class HelpStep(Contract):
    """One kind of help.

    Attributes:
        from_months: fully paid months that open it.
        open: there are so many.
    """

    kind: Help
    from_months: int
    open: bool


class PaidMonths(Contract):
    """The fully paid months of a person, over all memberships, and what they open.

    Attributes:
        until: the day they were counted; months ahead are not among them.
        before: how many of the paid ones were paid to another union (L10).
        unpaid: months of a membership that are not fully paid, or do not count.
    """

    membership_id: str
    until: Day
    paid: int
    unpaid: int
    before: int = 0
    help: tuple[HelpStep, ...]


def help_open(paid: int, policies: Policies) -> tuple[HelpStep, ...]:
    """Return each kind of help and whether it is open.

    Args:
        paid: fully paid months.
        policies: in force on the day it is asked for.

    Source: B2.
    """
    return tuple(
        HelpStep(kind=kind, from_months=months, open=paid >= months)
        for kind, months in help_limits(policies)
    )


def help_limits(policies: Policies) -> tuple[tuple[Help, int], ...]:
    """Return how many fully paid months open each kind of help. Source: B2."""
    return (
        (Help.HELP, policies.help_months),
        (Help.CASEWORK, policies.casework_months),
        (Help.LAWYER, policies.lawyer_months),
        (Help.COURT, policies.court_months),
    )
