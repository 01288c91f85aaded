"""Claims by AvtaleGiro: what a day's run is told, and what it answers. No personal data."""

from schemas.shared.base import Contract, Day


class DirectDebitOrder(Contract):
    """The argument of the ``DirectDebitRun`` workflow. ``today``: None for the workflow's own."""

    today: Day | None = None


class ClaimDay(Contract):
    """A day on which claims are made. ``batch`` takes the letters of what is not collected."""

    today: Day
    batch: str


class ClaimReport(Contract):
    """What a day's run has claimed, cancelled and given back.

    Attributes:
        file_id: of the day's file, the SHA-256 of its content; None: there was nothing to tell.
        claims: invoices that the bank is told to collect, with what they sum to in ``amount_ore``.
        cancellations: earlier claims that it is told not to collect.
        too_late: claims that are void, and that the bank collects all the same; each is a task.
        not_claimed, cancelled, refused: invoices that members are asked to pay after all, by why.
    """

    today: Day
    file_id: str | None = None
    claims: int = 0
    amount_ore: int = 0
    cancellations: int = 0
    too_late: int = 0
    not_claimed: int = 0
    cancelled: int = 0
    refused: int = 0
