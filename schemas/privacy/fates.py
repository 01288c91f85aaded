"""What becomes of each table that holds something of a person when that person is erased, and why.

A test holds this to the tables there are, and to what the database does
(``activities/privacy/sql/schema.sql``): whoever adds a table or a column decides its fate here.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from schemas.privacy.places import TITLES


class Fate(StrEnum):
    """What becomes of rows.

    Members:
        ERASED: they go.
        PSEUDONYMISED: they lose what makes them somebody's, and are kept as the books are.
        KEPT: they stay as they are, under an id that is nobody's, for as long as the books must.
    """

    ERASED = "erased"
    PSEUDONYMISED = "pseudonymised"
    KEPT = "kept"


class Kept(NamedTuple):
    """A table of which rows stay.

    Attributes:
        because: why the law wants it, or what stands there that is nobody's.
        columns: all that stay filled; the others of the table are emptied.
    """

    fate: Fate
    because: str
    columns: frozenset[str]


BOOKS = "the accounts: kept for five years after the year's end (bokføringsloven § 13)"
LISTS = "what an employer was asked to deduct and answered: it documents the accounts"
SENT = "who was told what, and by what right: it answers for what has left the house"
TOMBSTONE = "that there was a membership, when it ended, and that it is erased"


def _kept(because: str, columns: str) -> Kept:
    return Kept(Fate.KEPT, because, frozenset(columns.split()))


def _bare(because: str, columns: str) -> Kept:
    return Kept(Fate.PSEUDONYMISED, because, frozenset(columns.split()))


STAYS: Mapping[str, Kept] = {
    "memberships": _bare(
        TOMBSTONE,
        "membership_id stage outcome hidden branch member_number member_since received_at "
        "received_on last_decision hiding erased_on changed",
    ),
    "erased_memberships": _kept(TOMBSTONE, "membership_id erasure_id"),
    "decisions": _bare(
        "which decision an amount rests on, by which rule",
        "membership_id number event message decided_at decided_on decided_by rules "
        "rulebook_version content_hash receipt given_back_from",
    ),
    "terms": _kept(
        "which rate an amount was charged by, from when to when",
        "term_id membership_id kind rate amount_ore cadence payer valid decision superseded_by "
        "employer_orgnr prorated",
    ),
    "invoices": _kept(
        BOOKS,
        "number kid membership_id serial decision period_from issued_on due_on total_ore currency "
        "series_no carried_over",
    ),
    "charges": _kept(
        BOOKS,
        "invoice_number membership_id period_from kind amount_ore content_hash employer_orgnr "
        "cadence person_id",
    ),
    "corrections": _kept(
        BOOKS, "membership_id charged_in period_from kind reason was_ore is_ore amount_ore"
    ),
    "entries": _kept(
        BOOKS,
        "entry_id booked_on source membership_id period_from kind reference debit credit "
        "amount_ore",
    ),
    "payments": _kept(
        BOOKS, "reference membership_id decision amount_ore paid_on kid file_id reverses"
    ),
    "bank_entries": _bare(
        BOOKS,
        "file_id position place account channel message amount_ore booked_on debit kid "
        "bank_reference own bank_references entry identity nth reference aside says same_as bare",
    ),
    "allocations": _kept(
        BOOKS,
        "allocation_id reference credit_number write_off serial invoice_number list_number "
        "amount_ore allocated_on allocated_by",
    ),
    "write_offs": _bare(
        BOOKS,
        "invoice_number serial amount_ore decided_on decided_by decided_by_subject reason request "
        "asked_by asked_by_subject",
    ),
    "write_off_requests": _bare(
        BOOKS, "invoice_number serial amount_ore asked_on asked_by asked_by_subject reason"
    ),
    "recoveries": _kept(
        BOOKS, "reference serial invoice_number paid_by amount_ore recovered_on recovered_by"
    ),
    "refunds": _bare(
        BOOKS,
        "refund_id membership_id amount_ore reason requested_on requested_by requested_by_subject "
        "account receiver account_by account_by_subject approved_on approved_by "
        "approved_by_subject instructed_on message_id paid_on paid_entry "
        "returned_on returned_entry released_on released_by released_why",
    ),
    "refund_parts": _kept(
        BOOKS, "refund_id serial reference credit_number amount_ore branch insurance_from"
    ),
    "refund_statuses": _kept(BOOKS, "refund_id report_id says code reasons reported_at noted_on"),
    "claims": _kept(
        BOOKS, "invoice_number nth membership_id kid amount_ore due_on bank_notifies claimed_on"
    ),
    "claim_cancellations": _kept(BOOKS, "invoice_number nth reason cancelled_on"),
    "claim_returns": _kept(BOOKS, "invoice_number membership_id reason returned_on pay_by"),
    "tax_statements": _kept(
        "what was told as deductible, which rests on the accounts",
        "membership_id year version paid_ore direct_ore working_ore months whole_cap_ore cap_ore "
        "deductible_ore reported_ore unreported cap_confirmed content_hash made_on",
    ),
    "deduction_lines": _kept(
        LISTS, "list_number membership_id central_ore local_ore premium_ore total_ore code"
    ),
    "deductions": _kept(
        LISTS,
        "list_number membership_id outcome expected_ore deducted_ore difference_ore reason "
        "decided_by settled_on",
    ),
    "deduction_corrections": _kept(
        LISTS, "list_number membership_id serial report_id was_ore deducted_ore corrected_on"
    ),
    "carried_charges": _kept(LISTS, "list_number membership_id period_from kind amount_ore"),
    "carried_over": _kept(LISTS, "list_number membership_id period_from amount_ore"),
    "line_decisions": _bare(
        LISTS, "list_number membership_id serial decision caseworker reason decided_on key"
    ),
    "over_deductions": _kept(
        LISTS, "list_number membership_id period_from deducted_ore expected_ore"
    ),
    "redirections": _kept(
        LISTS, "list_number membership_id serial invoice_number amount_ore reason"
    ),
    "report_lines": _kept(LISTS, "report_id line membership_id deducted_ore reason"),
    "withheld_lines": _kept(LISTS, "list_number membership_id reason withheld_on"),
    "disclosures": _kept(SENT, "membership_id key audience basis disclosed_on"),
}
"""The tables of which rows stay. Of every other one (``TITLES``) the rows are erased."""


def fate_of(table: str) -> Fate:
    """Return what becomes of a table's rows."""
    return STAYS[table].fate if table in STAYS else Fate.ERASED


ERASED = tuple(table for table in TITLES if table not in STAYS)
"""The tables of which nothing stays, in the order a member reads them."""

OUTSIDE: Mapping[str, str] = {
    "files of banks and employers": "until the accounts they document need not be kept any more",
    "files for the insurance office": "until the accounts they document need not be kept any more",
    "access log": "who looked at what, by the opaque id; it names those who work here",
    "dumps and copies of the database": "until they are written over; see docs/threat-model.md",
}
"""What no table of a person's holds, and until when it may still stand there."""

FORGOTTEN: Mapping[str, str] = {
    "inbound_files.content": "payer_kept_years",
    "refund_files.content": "payer_kept_years",
    "insurance_files.content": "books_kept_years",
}
"""What many people stand in as one, and by which policy a night empties it."""

OF_NOBODY: Mapping[str, str] = {
    "access_log.roles": "roles of those who work here; the row goes with the others of its year",
    "benefits.names": "words of the statutes",
    "claim_files.content": "numbers of invoices, KIDs and amounts, as `claims` keeps them",
    "consumers.types": "which events other systems want",
    "erasures.counts": "rows by table",
    "file_outcomes.report": "how many lines, and which could not be read, without what stood there",
    "fingerprint_key.key": "our own",
    "identity_key.key": "our own",
    "insurance_files.report": "sums, and the hash of the content",
    "policies.value": "policies",
    "repricings.change": "prices",
    "repricings.laid": "prices",
    "repricings.rates": "prices",
}
"""What can hold anything, in tables that are no person's, and why none stands there."""
