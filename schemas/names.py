"""What Temporal knows us by: task queues, workflow types, workflow ids, search attributes.

Each stands here once. Others rely on the queues, the types and the forms of the ids (see
docs/for-other-systems.md), so none of them is ever renamed.

Whoever starts a workflow chooses its id, and it stands in logs, letters and addresses. So an id is
taken only if it can't say anything: nothing but what we write into it ourselves.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256
from uuid import UUID, uuid5

MEMBERSHIP_QUEUE = "membership"
"""Every workflow. Activities start workflows there, too."""

PERSISTENCE_QUEUE = "membership-persistence"
"""What a membership has kept in PostgreSQL: short transactions that somebody waits for."""

BULK_QUEUE = "membership-bulk"
"""What runs over many members do on PostgreSQL: long transactions, which take no place above."""

NOTIFICATIONS_QUEUE = "membership-notifications"
"""Activities that send."""

MAILINGS_QUEUE = "membership-mailings"
"""Pages of letters for many members, so that no member's own letter waits behind them; the worker
that sends asks both."""

DELIVERIES_QUEUE = "membership-deliveries"
"""Posting events to other systems: one that hangs keeps no letter waiting; asked by the worker that
sends, too."""


class WorkflowType(StrEnum):
    """The types of workflows."""

    ARREARS_RUN = "ArrearsRun"
    AUDIT = "Audit"
    BANK_IMPORT = "BankImport"
    DEDUCTION_REPORT = "DeductionReport"
    DEDUCTION_SETTLEMENT = "DeductionSettlement"
    DIRECT_DEBIT_RUN = "DirectDebitRun"
    DUES_RUN = "DuesRun"
    ERASURE = "Erasure"
    EVENT_DELIVERY = "EventDelivery"
    MAILING = "Mailing"
    MEMBERSHIP = "Membership"
    ON_SCHEDULE = "OnSchedule"
    PRICE_ANNOUNCEMENT = "PriceAnnouncement"
    REPRICING = "Repricing"
    RETENTION = "Retention"
    YEAR_END_STATEMENTS = "YearEndStatements"


_YEAR = "[0-9]{4}"
_MONTH = f"{_YEAR}-(0[1-9]|1[0-2])"
_DAY = f"{_MONTH}-(0[1-9]|[12][0-9]|3[01])"
_DIGEST = "[0-9a-f]{16}"
_UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_SETTLEMENT = rf"deduction-settlement-[0-9]{{8}}-{_MONTH}"
_PRICES = f"{_DAY}-[0-9a-f]{{12}}"
_BATCH = (
    f"dues-run-{_MONTH}|arrears-{_DAY}|direct-debit-{_DAY}|year-end-{_YEAR}|resend-{_DAY}|{_SETTLEMENT}|"
    f"repricing-{_PRICES}|erasure-{_UUID}"
)

FORMS: dict[str, str] = {
    WorkflowType.ARREARS_RUN: f"arrears-{_DAY}",
    WorkflowType.AUDIT: f"audit-{_DAY}(-dry-run)?",
    WorkflowType.BANK_IMPORT: f"bank-import-{_DIGEST}",
    WorkflowType.DEDUCTION_REPORT: f"deduction-report-{_DIGEST}",
    WorkflowType.DEDUCTION_SETTLEMENT: rf"{_SETTLEMENT}(\.[0-9]{{1,2}})?",
    WorkflowType.DIRECT_DEBIT_RUN: f"direct-debit-{_DAY}",
    WorkflowType.DUES_RUN: f"dues-run-{_MONTH}",
    WorkflowType.ERASURE: f"erasure-{_UUID}",
    WorkflowType.EVENT_DELIVERY: f"events-delivery-{_DIGEST}",
    WorkflowType.MAILING: f"mailing-({_BATCH})",
    WorkflowType.MEMBERSHIP: f"membership-{_UUID}",
    # Temporal adds the time to the id that a Schedule names.
    WorkflowType.ON_SCHEDULE: (
        rf"scheduled-(dues-run|arrears|audit|year-end|direct-debit|retention)(-{_DAY}T[0-9:.]{{8,18}}Z)?"
    ),
    WorkflowType.PRICE_ANNOUNCEMENT: f"price-announcement-{_PRICES}",
    WorkflowType.REPRICING: f"repricing-{_PRICES}",
    WorkflowType.RETENTION: f"retention-{_DAY}",
    WorkflowType.YEAR_END_STATEMENTS: f"year-end-{_YEAR}",
}
"""By workflow type: a regular expression for the whole id."""

SHOWN: dict[str, str] = {
    WorkflowType.ARREARS_RUN: "arrears-YYYY-MM-DD",
    WorkflowType.AUDIT: "audit-YYYY-MM-DD",
    WorkflowType.BANK_IMPORT: "bank-import-<16 hexadecimal digits of the file's id>",
    WorkflowType.DEDUCTION_REPORT: "deduction-report-<16 hexadecimal digits of the file's id>",
    WorkflowType.DEDUCTION_SETTLEMENT: "deduction-settlement-<payer number>-YYYY-MM",
    WorkflowType.DIRECT_DEBIT_RUN: "direct-debit-YYYY-MM-DD",
    WorkflowType.DUES_RUN: "dues-run-YYYY-MM",
    WorkflowType.ERASURE: "erasure-<uuid>, made of whom it is of",
    WorkflowType.EVENT_DELIVERY: "events-delivery-<16 hexadecimal digits>, made of its name",
    WorkflowType.MAILING: "mailing-<batch>",
    WorkflowType.MEMBERSHIP: "membership-<uuid>, in lower case",
    WorkflowType.ON_SCHEDULE: "scheduled-<schedule>",
    WorkflowType.PRICE_ANNOUNCEMENT: (
        "price-announcement-YYYY-MM-DD-<12 hexadecimal digits of the rulebook>"
    ),
    WorkflowType.REPRICING: "repricing-YYYY-MM-DD-<12 hexadecimal digits of the rulebook>",
    WorkflowType.RETENTION: "retention-YYYY-MM-DD",
    WorkflowType.YEAR_END_STATEMENTS: "year-end-YYYY",
}
"""By workflow type: what whoever chose another id is told."""


def is_own_id(workflow_type: str, workflow_id: str) -> bool:
    """Tell whether an id has the form of its type's, which can hold nothing about anybody."""
    return re.fullmatch(FORMS[workflow_type], workflow_id) is not None


def membership_id(key: UUID | str) -> str:
    """Return the workflow id of a membership, which is the membership's own id everywhere."""
    return f"membership-{key}"


_PERSONS = UUID("5a1d0f0c-7c1e-4f7b-8d35-2f0a6f2b9c41")


PERSON_PREFIX = "person-"


def person_id(membership_id: str) -> str:
    """Return the id of the person who came with an application: the same at each attempt."""
    return f"{PERSON_PREFIX}{uuid5(_PERSONS, membership_id)}"


_ERASURES = UUID("0b8f6a3e-31c8-4a1e-9d55-6c0e4f2a7d19")


def erasure_id(whose: str) -> str:
    """Return the id of the erasure of a person, or of one membership: the same whoever asks."""
    return f"erasure-{uuid5(_ERASURES, whose)}"


def events_delivery_id(consumer: str) -> str:
    """Return the id under which events are posted to a consumer; a name could be anybody's."""
    return f"events-delivery-{sha256(consumer.encode()).hexdigest()[:16]}"


def dues_run_id(period: str) -> str:
    """Return the id of a month's dues run, and of its letters' batch. A month: ``YYYY-MM``."""
    return f"dues-run-{period}"


def arrears_run_id(day: date) -> str:
    """Return the id of a day's arrears run, and of its letters' batch."""
    return f"arrears-{day}"


def direct_debit_run_id(day: date) -> str:
    """Return the id of a day's run of AvtaleGiro, and of its letters' batch."""
    return f"direct-debit-{day}"


def audit_id(day: date, *, dry_run: bool = False) -> str:
    """Return the id of a day's audit, or of one that changes nothing."""
    return f"audit-{day}{'-dry-run' if dry_run else ''}"


def retention_id(day: date) -> str:
    """Return the id of a night's retention."""
    return f"retention-{day}"


def year_end_id(year: int) -> str:
    """Return the id of a year's statements, and of their batch."""
    return f"year-end-{year}"


def bank_import_id(file_id: str) -> str:
    """Return the id under which a kept file of the bank is booked."""
    return f"bank-import-{file_id[:16]}"


def report_id(file_id: str) -> str:
    """Return the id under which an employer's kept report is read."""
    return f"deduction-report-{file_id[:16]}"


MAX_SETTLEMENT_IDS = 20
"""Whoever occupies more of them is no mistake; the activity then fails, visibly."""


def settlement_id(payer_number: str, period: str) -> str:
    """Return the id of an employer's settlement of a month, ``YYYY-MM``, and of its batch."""
    return f"deduction-settlement-{payer_number}-{period}"


def settlement_ids(payer_number: str, period: str) -> Iterator[str]:
    """Yield the id of a settlement, then those to use while something else stands there."""
    first = settlement_id(payer_number, period)
    yield first
    yield from (f"{first}.{number}" for number in range(2, MAX_SETTLEMENT_IDS + 1))


def resend_batch(day: date) -> str:
    """Return the batch of the letters that people ask for again on a day; no workflow's id."""
    return f"resend-{day}"


def mailing_id(batch: str) -> str:
    """Return the id under which the letters of a batch are sent."""
    return f"mailing-{batch}"


def repricing_id(effective_on: date, version: str) -> str:
    """Return the id under which members are told of a rulebook from a day on, and of its batch."""
    return f"repricing-{effective_on}-{version[:12]}"


def price_announcement_id(effective_on: date, version: str) -> str:
    """Return the id under which employers and records are told of prices, all in good time."""
    return f"price-announcement-{effective_on}-{version[:12]}"


def scheduled_id(schedule: str) -> str:
    """Return the id of what a Schedule starts, to which Temporal adds the time."""
    return f"scheduled-{schedule}"


class Kind(StrEnum):
    """The kinds of search attributes, as Temporal's command line calls them."""

    KEYWORD = "Keyword"
    KEYWORD_LIST = "KeywordList"
    DATETIME = "Datetime"
    INT = "Int"


@dataclass(frozen=True)
class SearchAttribute:
    """What workflows are found by: its name, its kind, and what it holds. Never a person's data."""

    name: str
    kind: Kind
    holds: str


STAGE = SearchAttribute(
    "MembershipStage", Kind.KEYWORD, "the membership's stage, such as `under_review` or `active`"
)
CATEGORY = SearchAttribute(
    "MemberCategory", Kind.KEYWORD, "the member's category, once there is one"
)
AWAITING_ROLES = SearchAttribute(
    "AwaitingRoles", Kind.KEYWORD_LIST, "whom it waits for, such as `caseworker` or `employer`"
)
WAITING_SINCE = SearchAttribute(
    "WaitingSince", Kind.DATETIME, "since when it has waited for the first of them"
)
REVIEW_DUE = SearchAttribute(
    "ReviewDue", Kind.DATETIME, "until when an application should be decided"
)
MESSAGES_SEEN = "messages_seen"
"""The signal by which a caseworker takes a membership out of the inbox of refused messages."""

REJECTED_MESSAGES = SearchAttribute(
    "RejectedMessages", Kind.INT, "how many messages were not applied"
)

SEARCH_ATTRIBUTES = (
    STAGE,
    CATEGORY,
    AWAITING_ROLES,
    WAITING_SINCE,
    REVIEW_DUE,
    REJECTED_MESSAGES,
)
"""All of them: a workflow that writes one which its namespace does not have can't go on."""
