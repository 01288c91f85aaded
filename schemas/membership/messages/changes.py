"""What is told of a life: each a change from a day on, or a change taken back."""

from typing import Literal

from pydantic import model_validator

from schemas.membership.application import (
    BranchCode,
    EmploymentId,
    Orgnr,
    Percent,
)
from schemas.shared.base import Day, Line, Prose
from schemas.shared.messages import Card, ChangeWords, Message
from schemas.shared.vocabulary import Category, PensionKind, WaiverKind, WaiverShare

EMPLOYMENT_FIELDS = (
    "employer_orgnr",
    "employer_name",
    "position_percent",
    "until_on",
    "deducts",
    "branch",
)
"""What `change_employment` can say of an employment."""


class ChangeEmployment(Message):
    """Another employer, another percentage, a further employment or the end of one (S5, A5)."""

    card = Card(
        name="change_employment",
        purpose="Another employer, another percentage, a further job or its end.",
        example='{"effective_on":"2026-01-15","employer_orgnr":"312345676",'
        '"employer_name":"Fjord Drift AS","position_percent":"50"}',
        dated=True,
        rules_of_wait=("A28", "A36"),
        rules_of_amount=("S5", "A6"),
        change=ChangeWords(
            nb="ny jobb eller ny stillingsprosent",
            nn="ny jobb eller ny stillingsprosent",
            en="a new job or another percentage of full time",
            on_page=True,
        ),
    )

    effective_on: Day
    """The first day it is true, in the past or up to five years ahead."""
    employment: EmploymentId | None = None
    """Which employment, by its id in `state`, where several stand; else the only one is meant.
    `new`, or an id that is not known yet, is a further one beside the others: it names its employer
    and its percentage.
    """
    employer_orgnr: Orgnr | None = None
    """Organisation number of the new employer, with a valid check digit (MOD11). The former one is
    told to stop deducting before this one is asked to begin.
    """
    employer_name: Line | None = None
    """Name of the new employer. Without its number the member pays directly, and is asked for it;
    the name that is known already keeps its number.
    """
    position_percent: Percent | None = None
    """The percentage of this employment, 0 to 100, at most three decimals; best as text. The sum
    over all counts: 50 or less gives the right to half dues. 0 ends this one.
    """
    until_on: Day | None = None
    """The last day of this employment, if it is known; it ends by itself. Sent again it replaces an
    end that lies ahead.
    """
    deducts: bool | None = None
    """True: of several employers this one is to deduct; false: it is not. Left out: the first one
    with a number that has not refused.
    """
    branch: BranchCode | None = None
    """Code of the new local branch."""
    caseworker: Line | None = None
    """Who enters it for the member; left out: the member's own word."""

    @model_validator(mode="after")
    def _changes_something(self) -> "ChangeEmployment":
        if all(getattr(self, field) is None for field in EMPLOYMENT_FIELDS):
            raise ValueError(f"name what changes: {', '.join(EMPLOYMENT_FIELDS)}")
        if self.until_on is not None and self.until_on < self.effective_on:
            raise ValueError("until_on lies before effective_on")
        return self


class ChangeCategory(Message):
    """Another category: an accepted offer (S17), a passed trade exam (A9), a new study."""

    card = Card(
        name="change_category",
        purpose="Another category: an accepted offer, a passed trade exam.",
        example='{"category":"ordinary","effective_on":"2026-01-15","evidence":"Fagbrev"}',
        dated=True,
        rules_of_wait=("S17", "A9"),
        rules_of_amount=("L2",),
        change=ChangeWords(
            nb="ny medlemskategori",
            nn="ny medlemskategori",
            en="another category of membership",
            on_page=True,
        ),
    )

    category: Category
    """The new category. Under 67 nobody is a pensioner, from 67 on nobody an early_pensioner."""
    effective_on: Day
    """The first day it is true, in the past or up to five years ahead."""
    evidence: Prose | None = None
    """What it rests on, such as a trade certificate."""
    ends_on: Day | None = None
    """The last day of the study or the apprenticeship; for these two only."""
    caseworker: Line | None = None
    """Who enters it for the member; left out: the member's own word."""


class ReportPension(Message):
    """The member goes over to a pension, and perhaps works on beside it (S20-S23, A16)."""

    card = Card(
        name="report_pension",
        purpose="The member goes over to a pension, perhaps beside work.",
        example='{"kind":"afp","from_on":"2026-01-15","working_percent":"0"}',
        dated=True,
        rules_of_wait=("A14", "S22", "S23"),
        rules_of_amount=("S21", "S23", "A16"),
        change=ChangeWords(
            nb="pensjon",
            nn="pensjon",
            en="a pension",
            on_page=True,
        ),
    )

    kind: PensionKind
    """The pension that is drawn."""
    from_on: Day
    """The first day of the pension. AFP and old age from 62, disability from 18."""
    working_percent: Percent | None = None
    """What is still worked beside it, 0 to 100, at most three decimals; left out or 0: all work
    ends. Who works pays as somebody who works.
    """


class SetHidden(Message):
    """Hide the membership from the employer, or lift that with explicit consent (S35, A22)."""

    card = Card(
        name="set_hidden",
        purpose="Hide from the employer; lifting it needs the member's consent.",
        example='{"hidden":true,"effective_on":"2026-01-15"}',
        dated=True,
        rules_of_amount=("S33", "A23"),
        change=ChangeWords(
            nb="endring av skjult medlemskap",
            nn="endring av skjult medlemskap",
            en="a change of hidden membership",
        ),
    )

    hidden: bool
    """True: the employer must never learn of the membership; false lifts that."""
    effective_on: Day
    """The first day it is true, in the past or up to five years ahead. The flag is set once those
    who know have been told to stop.
    """
    consent: bool | None = None
    """The member has said that employer and branch may know. Required as true to lift it."""
    consent_given_on: Day | None = None
    """The day the member said so; not in the future. Left out: the day it is recorded."""
    consent_how: Line | None = None
    """How, such as `phone` or `signed form`. Left out: by this message."""
    consent_words: Prose | None = None
    """In which words, or where they are to be found."""
    branch: BranchCode | None = None
    """Code of the local branch, for when it is not hidden."""
    caseworker: Line | None = None
    """Who enters it for the member; left out: the member's own word."""

    @model_validator(mode="after")
    def _says_how_only_of_consent(self) -> "SetHidden":
        told = (self.consent_given_on, self.consent_how, self.consent_words)
        if not self.consent and any(each is not None for each in told):
            raise ValueError("consent_given_on, consent_how and consent_words go with consent")
        return self


class GrantLeave(Message):
    """A caseworker waives or reduces dues for a time: a leave (L4), or no work (A36)."""

    card = Card(
        name="grant_leave",
        purpose="A leave, or no work: no dues or a part; until_on is its last day.",
        example='{"from_on":"2026-01-15","until_on":"2026-07-31",'
        '"caseworker":"ola","reason":"Ulønnet permisjon"}',
        dated=True,
        rules_of_wait=("A5", "A36"),
        rules_of_amount=("L4",),
        change=ChangeWords(
            nb="permisjon eller lettelse i kontingenten",
            nn="permisjon eller lågare kontingent",
            en="a leave or reduced dues",
            on_page=True,
        ),
    )

    from_on: Day
    """The first day of the leave."""
    until_on: Day
    """Its last day; not before the first. Sent again with the same first day, it replaces what was
    granted for it. Work for more than half ends it earlier, unless it is a leave.
    """
    caseworker: Line
    """Who grants it."""
    kind: WaiverKind | None = None
    """Why: a leave, or what keeps somebody who works from working: unemployed, laid off for more
    than half, on unpaid leave, on benefits. Left out: a leave.
    """
    share: WaiverShare | None = None
    """What is charged meanwhile. Left out: nothing on a leave, else what the policies say of the
    kind.
    """
    documentation: Prose | None = None
    """Where the proof is to be found; required unless it is a leave."""
    nav_deducts: bool | None = None
    """True: NAV is asked to deduct the dues from what it pays meanwhile, as an employer is; for
    kind unemployed, laid_off or benefits. Left out: the member is invoiced.
    """
    reason: Prose | None = None
    """Why, for the log."""

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "GrantLeave":
        if self.until_on < self.from_on:
            raise ValueError("until_on lies before from_on")
        return self


Change = Literal[
    "change_employment", "change_category", "report_pension", "set_hidden", "grant_leave", "resign"
]
"""What can be withdrawn before it takes effect: the message that reported it."""


class WithdrawChange(Message):
    """Take back a change that has not taken effect yet."""

    card = Card(
        name="withdraw_change",
        purpose="Take back what has not taken effect yet.",
        example='{"change":"change_employment","effective_on":"2026-01-15"}',
        dated=True,
    )

    change: Change
    """The message that reported what is taken back."""
    effective_on: Day
    """The date that message named: ``effective_on``, ``from_on`` or, of a resignation,
    ``received_on``. What has taken effect can't be taken back.
    """
    employment: EmploymentId | None = None
    """Which employment, where several change on that day."""
    reason: Prose | None = None
    """Why, if the member says."""
    caseworker: Line | None = None
    """Who enters it for the member; left out: the member's own word."""
