"""Arrears: what is done about invoices that are not paid, and when. Source: A30."""

from schemas.shared.base import Contract, Day


class ArrearsOrder(Contract):
    """The argument of the ``ArrearsRun`` workflow. ``today``: None for the workflow's own date."""

    today: Day | None = None


class ArrearsDay(Contract):
    """A day on which arrears are pursued."""

    today: Day


class ArrearsPlan(Contract):
    """The pages of a run: the first member number of each, and how many numbers each spans."""

    pages: tuple[str, ...] = ()
    page_size: int


class ArrearsPage(Contract):
    """One page: the members numbered from ``first`` on."""

    today: Day
    first: str
    page_size: int


class ArrearsCounts(Contract):
    """How many members or invoices each step of the ladder is about, and what is owed on them.

    Attributes:
        first_reminder, second_reminder: letters about one invoice each.
        caseworker, suspense, warning, struck_off: members.
        owed_ore: overdue and open, of all members of the page, whatever is done about it.
        quarantined: members who could not be pursued; each is a task.
    """

    first_reminder: int = 0
    second_reminder: int = 0
    caseworker: int = 0
    suspense: int = 0
    warning: int = 0
    struck_off: int = 0
    owed_ore: int = 0
    quarantined: int = 0

    def plus(self, other: "ArrearsCounts") -> "ArrearsCounts":
        """Return both together."""
        return ArrearsCounts(
            **{name: value + getattr(other, name) for name, value in self.model_dump().items()}
        )


class ArrearsReport(Contract):
    """The outcome of a run, or of a rehearsal.

    Attributes:
        counts: the steps that this run took.
        reported: members to be struck off whose workflow was told.
        reinstated: members struck off before who have paid, and whose new application was opened.
    """

    today: Day
    counts: ArrearsCounts = ArrearsCounts()
    reported: int = 0
    reinstated: int = 0


class ArrearsProgress(Contract):
    """The answer of the ``progress`` query."""

    pages: int = 0
    pages_done: int = 0
    counts: ArrearsCounts = ArrearsCounts()
