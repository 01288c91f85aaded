"""What a member's life is made of: the beginning, and every dated change that was reported since.

Facts are kept, never what follows from them: terms, category and payer are computed from them
anew, so that notices may come late, early, twice and in any order.
"""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from schemas.shared.base import Contract, Day
from schemas.shared.vocabulary import Category, Outcome, PensionKind, WaiverKind, WaiverShare


class Employer(Contract):
    """Somebody's employer, as far as it is known."""

    orgnr: str | None = None
    name: str | None = None


MAIN = "1"
"""The id of a member's first employment, and of whatever was reported before there were ids."""


class Job(Contract):
    """One of a member's employments.

    Attributes:
        percent: None when unknown; 0 once it has ended, where no other one stands.
        deducts: whether its employer is the one to deduct, where somebody has said.
        worked_before: what all employments came to, of one that has ended.
    """

    id: str = MAIN
    employer: Employer | None = None
    percent: Decimal | None = None
    deducts: bool | None = None
    worked_before: Decimal | None = None


class Transferred(Contract):
    """What was brought along from another union, as a caseworker has seen it proved.

    Attributes:
        member_since: of the other union.
        paid_months: of full dues, paid there.
        insured_until: the last day of a group insurance there.
    """

    member_since: Day | None = None
    paid_months: int = 0
    insured_until: Day | None = None


class Beginning(Contract):
    """What was known of a member on the day of approval.

    Attributes:
        position_percent: of the first employment; None when unknown or not working.
        further: the employments beside the first.
        ends_on: the last day of the study or the apprenticeship.
        transferred: what was brought along from another union.
    """

    category: Category
    employer: Employer | None = None
    position_percent: Decimal | None = None
    hidden: bool = False
    branch: str | None = None
    pension: PensionKind | None = None
    ends_on: Day | None = None
    further: tuple[Job, ...] = ()
    transferred: Transferred | None = None


class Notice(Contract):
    """One dated change.

    Attributes:
        number: of the decision that recorded it.
        effective_on: the first day it is true.
        recorded_on: the day we learned of it; charges change at most so far back (A31).
        decided_by: who reported or granted it.
    """

    number: int
    effective_on: Day
    recorded_on: Day
    decided_by: str

    @property
    def in_words(self) -> str:
        """What ``explain`` calls it where it made an amount what it is."""
        raise NotImplementedError


class EmploymentNotice(Notice):
    """Another employer, another percentage, or both. What is None stays as it was.

    Attributes:
        employment: the id of the one it is about; the branch is everybody's.
        position_percent: of that one alone; 0 ends it.
        deducts: whether its employer is to be the one that deducts.
        gives_half: whether all employments together came to half dues by it, as far as was known
            when it was told; None: that one's own percentage says so.
    """

    kind: Literal["change_employment"] = "change_employment"
    employment: str = MAIN
    employer: Employer | None = None
    position_percent: Decimal | None = None
    branch: str | None = None
    deducts: bool | None = None
    gives_half: bool | None = None

    @property
    def in_words(self) -> str:
        """What of the work is another."""
        percent = self.position_percent
        parts = [
            "another employer" if self.employer else None,
            f"works {percent:f} %" if percent is not None else None,
            f"branch {self.branch}" if self.branch else None,
            "deducts" if self.deducts else None,
            "does not deduct" if self.deducts is False else None,
        ]
        says = ", ".join(part for part in parts if part)
        return says if self.employment == MAIN else f"employment {self.employment}: {says}"


class CategoryNotice(Notice):
    """Another category, by the member's or a caseworker's own word (S17, A9)."""

    kind: Literal["change_category"] = "change_category"
    category: Category
    ends_on: Day | None = None

    @property
    def in_words(self) -> str:
        """Which category, and until when where that is known."""
        return f"category {self.category}" + (f" until {self.ends_on}" if self.ends_on else "")


class PensionNotice(Notice):
    """A pension from a day on; ``working_percent`` 0 when all work ends (A16)."""

    kind: Literal["report_pension"] = "report_pension"
    pension: PensionKind
    working_percent: Decimal = Decimal(0)

    @property
    def in_words(self) -> str:
        """Which pension, and what is worked beside it."""
        works = f" beside {self.working_percent:f} % work" if self.working_percent else ""
        return f"pension {self.pension}{works}"


class HiddenNotice(Notice):
    """Hidden from the employer from a day on, or no longer (S30-S35)."""

    kind: Literal["set_hidden"] = "set_hidden"
    hidden: bool
    branch: str | None = None

    @property
    def in_words(self) -> str:
        """Whether it hides or lifts that."""
        return "hidden" if self.hidden else "no longer hidden"


class LeaveNotice(Notice):
    """Dues that are waived or reduced for a time; ``until_on`` is its last day. L4, A36.

    Attributes:
        share: what is charged; None: nothing on a leave, else as the policies say.
        deductor: the organisation number of who deducts meanwhile in place of an employer: NAV.
    """

    kind: Literal["grant_leave"] = "grant_leave"
    until_on: Day
    waiver: WaiverKind = WaiverKind.LEAVE
    share: WaiverShare | None = None
    deductor: str | None = None

    @property
    def in_words(self) -> str:
        """Why, until when, and who deducts."""
        deducts = ", NAV deducts" if self.deductor else ""
        return f"{self.waiver.replace('_', ' ')} until {self.until_on}{deducts}"


class EndNotice(Notice):
    """The end of the membership.

    Attributes:
        effective_on: the first day somebody is no longer a member.
        reported_on: the day the notice names: of the resignation, the arrears or the death.
    """

    kind: Literal["resign", "report_arrears", "record_death", "end_duplicate"]
    outcome: Outcome
    reported_on: Day

    @property
    def in_words(self) -> str:
        """How it ends."""
        return f"the membership ends: {self.outcome}"


AnyNotice = Annotated[
    EmploymentNotice | CategoryNotice | PensionNotice | HiddenNotice | LeaveNotice | EndNotice,
    Field(discriminator="kind"),
]
