"""What PostgreSQL tells of a membership: enough for a run to go on that has lost all of it.

A decision brings along what the rows beside it do not tell (``Decision.kept``): the record of the
workflow as it is then, packed. It is opaque here: workflows alone know what a record is made of.
"""

import zlib
from base64 import b64decode, b64encode

from pydantic import AwareDatetime, Field

from schemas.membership.decision import Applied, DuplicateCandidate
from schemas.membership.form import Form
from schemas.membership.returning import Former
from schemas.membership.situation import Facts
from schemas.membership.state import ExplanationLine, InsuranceState, InvoiceState
from schemas.payments.allocation import Allocation
from schemas.pricing.rulebook import Rulebook
from schemas.shared.base import Contract, Day
from schemas.shared.vocabulary import Category, Outcome, Stage

_FASTEST = 1
"""How hard is tried to pack: a third of the size at a twentieth of a millisecond."""


def packed(text: str) -> str:
    """Return a text as it is carried: a third as long."""
    return b64encode(zlib.compress(text.encode(), _FASTEST)).decode()


def unpacked(kept: str) -> str:
    """Return what was packed."""
    return zlib.decompress(b64decode(kept)).decode()


class LettersSince(Contract):
    """What became of a membership's letters, by letter key.

    Attributes:
        dealt_with: they went out, came back, or were not let out; those of the last decisions.
        held: they wait for an address or an employer's release.
        bounced: they came back, and no decision has said so yet.
        templates: which letter each of ``bounced`` is.
        noticed_on: the day on which our own letter on the right to reserve last went out (A21).
    """

    dealt_with: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    bounced: tuple[str, ...] = ()
    templates: dict[str, str] = Field(default_factory=dict)
    noticed_on: Day | None = None


class StoredMembership(Contract):
    """A membership as PostgreSQL has it.

    Attributes:
        decisions: the number of the last one in the log.
        decided_on: its day.
        kept: what the last decision brought along; None: an older worker recorded it, or it came
            with an application or from another system, and the rows are all there is.
        went_to: where the money of the last decision went, if there was any.
        insurance: how the package stands, by the row.
        payroll_asked_on: the day of the last request to an employer that is not answered.
        facts: as of the last decision, without names.
        form: what rules need of the application as it was last corrected.
        faults: of an application that breaks a rule.
        log, applied, payments: the latest.
        first_invoice: the one that was issued at the approval, with what is paid of it by now.
    """

    membership_id: str
    received_at: AwareDatetime
    decisions: int
    decided_on: Day
    kept: str | None = None
    went_to: Allocation | None = None
    stage: Stage
    outcome: Outcome | None = None
    category: Category | None = None
    branch: str | None = None
    member_number: str | None = None
    member_since: Day | None = None
    open_until: Day | None = None
    insurance: InsuranceState = InsuranceState()
    payroll_asked_on: Day | None = None
    facts: Facts | None = None
    form: Form | None = None
    faults: tuple[str, ...] = ()
    kin: tuple[DuplicateCandidate, ...] = ()
    former: Former | None = None
    rulebook: Rulebook
    log: tuple[ExplanationLine, ...] = ()
    applied: tuple[Applied, ...] = ()
    payments: tuple[str, ...] = ()
    first_invoice: InvoiceState | None = None
    letters: LettersSince = LettersSince()
