"""The audit: what is compared every night, and what is done about what has drifted."""

from enum import StrEnum
from typing import NamedTuple

from schemas.shared.base import Contract, Day, Inbound

MAX_NAMED = 20
"""Findings of a check that a report names; the database keeps all."""


class Check(StrEnum):
    """Everything that is compared. No name may say who is hidden: it stands in tasks."""

    BALANCES = "balances"
    ENTRY_OF_CHARGE = "entry_of_charge"
    ENTRY_OF_MONEY = "entry_of_money"
    CHARGE_HASH = "charge_hash"
    INVOICE_TOTAL = "invoice_total"
    INVOICE_SERIES = "invoice_series"
    INSURANCE_TOLD = "insurance_told"
    CLAIM_OF_INVOICE = "claim_of_invoice"
    CLAIM_MISSED = "claim_missed"
    CLAIM_VOID = "claim_void"
    CORRECTION_EXPLAINED = "correction_explained"
    NOT_CHARGED = "not_charged"
    CHARGED_OTHERWISE = "charged_otherwise"
    ENDED_TERMS = "ended_terms"
    NO_DUES = "no_dues"
    CREDIT_UNNOTICED = "credit_unnoticed"
    TERMS_NOT_ALLOWED = "terms_not_allowed"
    TERMS_AS_PLANNED = "terms_as_planned"
    LIST_LINES = "list_lines"
    LIST_TOTAL = "list_total"
    CHARGE_WITHOUT_LIST = "charge_without_list"
    LIST_NOT_ALLOWED = "list_not_allowed"
    DISCLOSURE_NOT_ALLOWED = "disclosure_not_allowed"
    SETTLEMENT_STOPPED = "settlement_stopped"
    MAILING_STOPPED = "mailing_stopped"
    DELIVERY_STOPPED = "delivery_stopped"
    LETTER_STUCK = "letter_stuck"
    LETTER_LOST = "letter_lost"
    PAYMENT_UNTOLD = "payment_untold"
    RUN_MISSED = "run_missed"
    RUN_STOPPED = "run_stopped"
    RUN_KEPT = "run_kept"
    ERASURE_OVERDUE = "erasure_overdue"
    WORKFLOW_MISSING = "workflow_missing"
    WORKFLOW_WITHOUT_ROW = "workflow_without_row"
    REOPENING_LOST = "reopening_lost"
    WORKFLOW_LOG = "workflow_log"
    WORKFLOW_STANDING = "workflow_standing"
    WORKFLOW_TERMS = "workflow_terms"
    WORKFLOW_WEDGED = "workflow_wedged"
    ACTIVITY_FAILING = "activity_failing"


class AuditAction(StrEnum):
    """What is done about a finding.

    ``mend``: put right at once. ``hold``: the member is not charged until it is gone, and a
    caseworker has a task. ``ask``: a caseworker has a task.
    """

    MEND = "mend"
    HOLD = "hold"
    ASK = "ask"


class Meaning(NamedTuple):
    """What a check means, in a sentence, and what is done about what it finds."""

    says: str
    cure: AuditAction


MEANS: dict[Check, Meaning] = {
    Check.BALANCES: Meaning(
        "Each account has the balance that charges, lists and payments add up to.", AuditAction.ASK
    ),
    Check.ENTRY_OF_CHARGE: Meaning(
        "Each charge has one entry, between the right accounts, of its amount.", AuditAction.HOLD
    ),
    Check.ENTRY_OF_MONEY: Meaning(
        "Each payment, allocation, reversal, refund and settled line has its entry.",
        AuditAction.ASK,
    ),
    Check.CHARGE_HASH: Meaning("Each charge is what its content hash says.", AuditAction.HOLD),
    Check.INVOICE_TOTAL: Meaning("Each invoice is the sum of its lines.", AuditAction.HOLD),
    Check.INVOICE_SERIES: Meaning(
        "Each number of a year's invoices is on one, or was given up by a run.", AuditAction.ASK
    ),
    Check.INSURANCE_TOLD: Meaning(
        "Whom the insurance package was charged for stands as covered in the office's last file, "
        "and nobody else does.",
        AuditAction.ASK,
    ),
    Check.CLAIM_OF_INVOICE: Meaning(
        "Each AvtaleGiro claim is of one invoice of its member, once and for no more than it asks, "
        "and each day's file tells its claims.",
        AuditAction.ASK,
    ),
    Check.CLAIM_MISSED: Meaning(
        "What was issued under a mandate is claimed before the bank's deadline, or given back to "
        "its member.",
        AuditAction.ASK,
    ),
    Check.CLAIM_VOID: Meaning(
        "No claim is under way without a mandate, or of one that may not be used.", AuditAction.ASK
    ),
    Check.CORRECTION_EXPLAINED: Meaning(
        "Each correction is the sum of what explains it.", AuditAction.HOLD
    ),
    Check.NOT_CHARGED: Meaning(
        "Who owes for a month that was run has been charged; the next run makes up for it.",
        AuditAction.MEND,
    ),
    Check.CHARGED_OTHERWISE: Meaning(
        "Nobody is charged for a month what no term explains.", AuditAction.HOLD
    ),
    Check.ENDED_TERMS: Meaning("No terms run on after a membership has ended.", AuditAction.HOLD),
    Check.NO_DUES: Meaning("Every member has central dues.", AuditAction.HOLD),
    Check.CREDIT_UNNOTICED: Meaning(
        "Whoever has left and has money with us has been asked for an account.", AuditAction.ASK
    ),
    Check.TERMS_NOT_ALLOWED: Meaning(
        "Terms are such as the membership may have.", AuditAction.HOLD
    ),
    Check.TERMS_AS_PLANNED: Meaning(
        "The terms are what the rules make of the facts, for a sample of members.", AuditAction.HOLD
    ),
    Check.LIST_LINES: Meaning(
        "Each line of a deduction list is what was charged.", AuditAction.HOLD
    ),
    Check.LIST_TOTAL: Meaning("Each deduction list is the sum of its lines.", AuditAction.ASK),
    Check.CHARGE_WITHOUT_LIST: Meaning(
        "Every charge through an employer stands on a list.", AuditAction.ASK
    ),
    Check.LIST_NOT_ALLOWED: Meaning("Nobody stands on a list who may not.", AuditAction.HOLD),
    Check.DISCLOSURE_NOT_ALLOWED: Meaning(
        "Nothing was disclosed to anybody it may not go to.", AuditAction.ASK
    ),
    Check.SETTLEMENT_STOPPED: Meaning(
        "Each list that is not settled has its settlement; one that stopped is started.",
        AuditAction.MEND,
    ),
    Check.MAILING_STOPPED: Meaning(
        "Letters that wait have their mailing; one that stopped is started.", AuditAction.MEND
    ),
    Check.DELIVERY_STOPPED: Meaning(
        "Each system that is told of events has its delivery, unless it is paused; one that "
        "stopped is started.",
        AuditAction.MEND,
    ),
    Check.LETTER_STUCK: Meaning(
        "No letter that a decision ordered waits for a membership that has forgotten it.",
        AuditAction.ASK,
    ),
    Check.LETTER_LOST: Meaning(
        "A letter that came back, or was never answered, is or was somebody's task.",
        AuditAction.ASK,
    ),
    Check.PAYMENT_UNTOLD: Meaning(
        "Memberships know that their first invoice is paid; they are told again.", AuditAction.MEND
    ),
    Check.RUN_MISSED: Meaning(
        "Every dues run and year-end that was due was made, and yesterday's other runs.",
        AuditAction.ASK,
    ),
    Check.RUN_STOPPED: Meaning(
        "Every run and file that was begun has ended or goes on; it may be begun again.",
        AuditAction.ASK,
    ),
    Check.RUN_KEPT: Meaning(
        "No history holds what somebody wrote for longer than a day.", AuditAction.ASK
    ),
    Check.ERASURE_OVERDUE: Meaning(
        "Nobody is kept for a week longer than may be, and an erasure that was begun ends.",
        AuditAction.ASK,
    ),
    Check.WORKFLOW_MISSING: Meaning(
        "Every open membership has a running workflow.", AuditAction.HOLD
    ),
    Check.WORKFLOW_WITHOUT_ROW: Meaning(
        "Every running workflow is an open membership.", AuditAction.HOLD
    ),
    Check.REOPENING_LOST: Meaning(
        "Every membership that can be reopened has a running workflow.", AuditAction.ASK
    ),
    Check.WORKFLOW_LOG: Meaning(
        "Workflow and database know the same decisions, for a sample of members.", AuditAction.HOLD
    ),
    Check.WORKFLOW_STANDING: Meaning(
        "Workflow and database agree on stage and category.", AuditAction.HOLD
    ),
    Check.WORKFLOW_TERMS: Meaning(
        "Workflow and database agree on the terms, for a sample of members.", AuditAction.HOLD
    ),
    Check.WORKFLOW_WEDGED: Meaning("No workflow fails at its own code.", AuditAction.ASK),
    Check.ACTIVITY_FAILING: Meaning(
        "No activity keeps failing: of all runs, and of a sample of members.", AuditAction.ASK
    ),
}


class AuditOrder(Inbound):
    """The argument of the ``Audit`` workflow.

    Attributes:
        today: the business date; None: the workflow's own.
        dry_run: mend nothing, hold nobody, write nothing.
    """

    today: Day | None = None
    dry_run: bool = False


class AuditOpening(Contract):
    """What an audit is opened with. ``run`` tells it from every other one: it is opaque."""

    run: str
    today: Day
    dry_run: bool = False


class RunId(Contract):
    """An id that a run could not take, since a workflow runs under it. ``today``: business date."""

    workflow_id: str
    workflow_type: str
    today: Day


class AuditPlan(Contract):
    """What one audit looks at.

    Attributes:
        busy: a dues run is under way: half a month is charged.
        months: whose lines are looked at one by one, in order.
        charged: those of them that a dues run has charged.
        pages: the first member number of each page, in order.
        page_size: how many member numbers a page spans.
    """

    opening: AuditOpening
    busy: bool = False
    months: tuple[Day, ...] = ()
    charged: tuple[Day, ...] = ()
    pages: tuple[str, ...] = ()
    page_size: int


class AuditMonth(Contract):
    """One month to look at."""

    plan: AuditPlan
    month: Day


class AuditPage(Contract):
    """Members to look at: those numbered from ``first`` on."""

    plan: AuditPlan
    first: str


class Suspects(Contract):
    """Memberships that differed a moment ago, and may only have been overtaken.

    Attributes:
        final: whoever differs still has drifted; before that, is only looked at once more.
    """

    plan: AuditPlan
    workflow_ids: tuple[str, ...]
    final: bool = False


class Found(Contract):
    """One thing that has drifted. No personal data.

    Attributes:
        subject: what it is about: opaque ids and references.
        says: what is the matter.
    """

    subject: str
    says: str


class CheckReport(Contract):
    """What came of a check.

    Attributes:
        looked_at: how many were compared.
        mended: put right.
        held: left to people, be it that a member is held too.
        cut: there were more than one audit takes up.
        named: the first findings.
    """

    check: Check
    looked_at: int = 0
    drifted: int = 0
    mended: int = 0
    held: int = 0
    cut: bool = False
    named: tuple[Found, ...] = ()

    def plus(self, other: "CheckReport") -> "CheckReport":
        """Return both parts of a check as one."""
        return CheckReport(
            check=self.check,
            looked_at=self.looked_at + other.looked_at,
            drifted=self.drifted + other.drifted,
            mended=self.mended + other.mended,
            held=self.held + other.held,
            cut=self.cut or other.cut,
            named=(*self.named, *other.named)[:MAX_NAMED],
        )


class AuditPart(Contract):
    """What one part of an audit found.

    Attributes:
        suspects: memberships to look at again before they count.
        untold_file: a file of the bank with payments that nobody was told of.
    """

    checks: tuple[CheckReport, ...] = ()
    suspects: tuple[str, ...] = ()
    untold_file: str | None = None


class AuditClosing(Contract):
    """The end of an audit.

    Attributes:
        checks: those that were made whole: of these, what was not found any more is over.
    """

    plan: AuditPlan
    checks: tuple[Check, ...]


class AuditReport(Contract):
    """The result of the ``Audit`` workflow.

    Attributes:
        released: members whom nothing holds any more.
        waited_in_vain: a dues run was under way for hours; what is charged was left out.
    """

    today: Day
    dry_run: bool
    released: int = 0
    waited_in_vain: bool = False
    checks: tuple[CheckReport, ...] = ()

    @property
    def left(self) -> int:
        """How much has drifted and was not mended."""
        return sum(check.drifted - check.mended for check in self.checks)


class AuditProgress(Contract):
    """The answer of the ``progress`` query. ``doing`` says what, in words."""

    doing: str = "Opening"
    parts: int = 0
    parts_done: int = 0
    drifted: int = 0


def total(parts: tuple[CheckReport, ...]) -> tuple[CheckReport, ...]:
    """Return the parts of all checks, each check as one, in the order of ``Check``."""
    sums: dict[Check, CheckReport] = {}
    for part in parts:
        before = sums.get(part.check)
        sums[part.check] = part if before is None else before.plus(part)
    return tuple(sums[check] for check in Check if check in sums)
