"""Writing one decision with all that follows from it, in one transaction.

A transaction costs two statements: one locks the membership and reads what the decision builds
on, one writes everything. A correction of the person costs one more, an invoice one, a way of
paying one, a payment three.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import asyncpg

from activities.arrears.pursuing import why_not_struck_off
from activities.database.pool import load_queries, storable
from activities.direct_debit.choices import choose_payment
from activities.membership.applicants import (
    Correction,
    find_duplicate,
    in_words_of,
    read_correction,
    write_person,
)
from activities.membership.deaths import contradicted
from activities.membership.former import find_former
from activities.membership.late_facts import is_late, unsettles_a_return
from activities.membership.ordered_letters import letter_rows
from activities.membership.remarks import remark_of
from activities.membership.senders import keep_what_it_rests_on, sender_of
from activities.membership.stored import keep_text
from activities.membership.terms import term_rows
from activities.payments.allocation import as_allocated, book_payment
from activities.payments.booking import use_money
from activities.persons.candidates import find_candidates, particulars_of_applicant
from activities.persons.merging import is_to_end
from activities.secrecy.noting import run_row
from activities.shared.errors import (
    DatabaseRefused,
    DecisionAhead,
    DecisionConflict,
    InvoiceLineConflict,
    MembershipUnknown,
    NumbersHeld,
    without_values,
)
from activities.shared.hashes import content_hash
from activities.shared.rulebook import RulebookReader
from activities.shared.signatures import UNKNOWN, Signatures, note_refusal
from schemas.access.stamps import USED, BadStamp
from schemas.access.update_ids import SUFFIX, as_sent
from schemas.membership.decision import (
    Applied,
    Decision,
    DecisionReceipt,
    DuplicateCandidate,
    IssuedInvoice,
    PaymentReceipt,
)
from schemas.membership.returning import Former
from schemas.names import person_id
from schemas.payments.kid import invoice_kid
from schemas.pricing.repricing import holding
from schemas.shared.vocabulary import Cadence, Event, Outcome, Stage

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

MEMBER_STAGES = frozenset({Stage.ONBOARDING, Stage.ACTIVE, Stage.ON_LEAVE})

_ONE_PERSON = frozenset(
    {
        "members_one_membership",
        "members_one_per_national_id",
        "members_one_per_person",
        # Of a member by merge, met before the other.
        "charges_one_per_person_and_month",
    }
)
# The line itself, or its entry in the ledger: whichever the database meets first.
_ONE_LINE = frozenset(
    {
        "charges_one_per_kind_and_month",
        "charges_one_per_person_and_month",
        "entries_one_per_charge",
    }
)

BY_ANOTHER = "decision_approvals_by_another"
"""The constraint by which nobody approves what they have asked for."""

Connection = asyncpg.pool.PoolConnectionProxy


async def record(
    pool: asyncpg.Pool,
    rulebooks: RulebookReader,
    decision: Decision,
    signatures: Signatures = UNKNOWN,
) -> DecisionReceipt:
    """Write a decision; see ``PersistenceActivities.record_decision``.

    A message that must be signed and is not, or whose stamp is forged or used, is refused.

    Raises:
        InvoiceLineConflict: a line for the same period and kind was billed before.
        MembershipUnknown: no application was received under this id.
        NumbersHeld: it would give a number, and the database has lost some.
        DatabaseRefused: a constraint does not let it pass.
    """
    async with without_values():
        try:
            async with pool.acquire() as connection, connection.transaction():
                return await record_within(connection, rulebooks, decision, signatures)
        except DecisionAhead:
            async with pool.acquire() as connection:
                await _SQL.hold_numbers(connection, held_on=decision.decided_on)
            raise
        except BadStamp as why:
            note_refusal(decision.membership_id, str(decision.message), why)
            return DecisionReceipt(refused=str(why))
        except asyncpg.CheckViolationError as error:
            if error.constraint_name != BY_ANOTHER:
                raise
            return DecisionReceipt(refused="waits for another person, who sends the same message")
        except (asyncpg.UniqueViolationError, asyncpg.ExclusionViolationError) as error:
            return await _taken(pool, decision, key_of_all(str(error.constraint_name)))


async def record_within(
    connection: Connection,
    rulebooks: RulebookReader,
    decision: Decision,
    signatures: Signatures = UNKNOWN,
) -> DecisionReceipt:
    """Write a decision in the caller's transaction, with what else must be so; see ``record``."""
    digest = _digest(decision)
    is_member = decision.standing.stage in MEMBER_STAGES
    update_id = _update_id(decision)
    before = await _SQL.lock_membership(
        connection,
        membership_id=decision.membership_id,
        is_member=is_member,
        chosen=as_sent(update_id) if update_id is not None else None,
        suffix=f"^{SUFFIX}$",
        facts=_facts(decision),
    )
    if before is None:
        raise MembershipUnknown(f"{decision.membership_id} was never received")
    if decision.number <= before["last_decision"]:
        return await _recorded_before(connection, decision, digest)
    _check_numbers(decision, before)
    if before["applied"] is not None:
        return DecisionReceipt(repeats=Applied.model_validate(before["applied"]))
    sender = await sender_of(connection, signatures, decision)
    refusal = await _refusal(connection, rulebooks, decision, before)
    if refusal is not None:
        return refusal
    correction = await read_correction(connection, decision)
    if correction is not None and correction.refused is not None:
        return DecisionReceipt(refused=correction.refused)
    joins = before["allotted"] is not None
    charged = await write_person(connection, decision, correction, joins=joins)
    if charged:
        return DecisionReceipt(charged=charged)
    decision = in_words_of(decision, correction)
    former = await _former(connection, rulebooks, decision, correction, before)
    issued = _issued(decision, before)
    paid = None
    if decision.payment is not None:
        paid = await book_payment(connection, decision, decision.payment)
        if paid.known or paid.otherwise:
            return DecisionReceipt(payment=paid)
        decision = as_allocated(decision, decision.payment, paid)
    receipt = DecisionReceipt(
        member_number=before["member_number"] or before["allotted"],
        invoice=issued,
        payment=paid,
        former=former,
        kin=await _kin(connection, decision, correction),
        sought=decision.corrects and not is_member,
        changed=correction.changed if correction is not None else None,
        hands_over=decision.runs is not None,
    )
    terms = await term_rows(connection, rulebooks, decision, before)
    await _write(connection, decision, receipt, digest, before, terms)
    await keep_what_it_rests_on(connection, decision, sender)
    return receipt


def _check_numbers(decision: Decision, before: Mapping[str, Any]) -> None:
    """See that the log has all before a decision, and that numbers may be given (ADR 102).

    Raises:
        DecisionAhead: the database has lost what the workflow knows.
        NumbersHeld: it would give a number, and some may have been given before.
    """
    if decision.number != before["last_decision"] + 1:
        raise DecisionAhead(
            f"{decision.membership_id}: decision {decision.number} does not follow "
            f"decision {before['last_decision']}"
        )
    if before["numbers_held"] and (before["allotted"] or decision.invoice is not None):
        raise NumbersHeld


async def _kin(
    connection: Connection, decision: Decision, correction: Correction | None
) -> tuple[DuplicateCandidate, ...] | None:
    """Return who may be the same person as an applicant whose form is corrected. Source: N8."""
    if correction is None or decision.standing.stage in MEMBER_STAGES:
        return None
    particulars = particulars_of_applicant(correction.form.applicant)
    return await find_candidates(connection, particulars, whose=person_id(decision.membership_id))


async def _former(
    connection: Connection,
    rulebooks: RulebookReader,
    decision: Decision,
    correction: Correction | None,
    before: Mapping[str, Any],
) -> Former | None:
    """Return what is known of an applicant who, by a correction, has been a member before."""
    if correction is None or decision.standing.stage in MEMBER_STAGES:
        return None
    book = await rulebooks.current(connection, before["revision"])
    person = correction.form.applicant
    return await find_former(connection, decision.membership_id, person, book, decision.decided_on)


async def _refusal(
    connection: Connection,
    rulebooks: RulebookReader,
    decision: Decision,
    before: Mapping[str, Any],
) -> DecisionReceipt | None:
    """Return why a decision is not recorded as it is, or None."""
    refusal = await _refused_by_the_books(connection, rulebooks, decision, before)
    if refusal is not None:
        return refusal
    return await contradicted(connection, decision, before, joins=_joins(decision, before))


async def _refused_by_the_books(
    connection: Connection,
    rulebooks: RulebookReader,
    decision: Decision,
    before: Mapping[str, Any],
) -> DecisionReceipt | None:
    """Return why the rulebook or the books don't bear a decision out, or None.

    It was made by an outdated rulebook; no merge names the duplicate that it ends; or it strikes
    off who by the books is not to be: what a message says of money is worked out anew, by what the
    arrears run works it out by. What is told after an end may unsettle the return.

    Source: A30, L1, N9.
    """
    if _ends_duplicate(decision) and not await is_to_end(connection, decision.membership_id):
        return DecisionReceipt(refused="no merge says that this membership is a duplicate (N9)")
    if decision.rulebook_version is None and not _strikes_off(decision):
        return None
    book = await rulebooks.current(connection, before["revision"])
    if decision.rulebook_version not in {None, book.version}:
        return DecisionReceipt(rulebook=book)
    if is_late(decision, had_ended=before["had_ended"]):
        return await unsettles_a_return(connection, book, decision)
    if not _strikes_off(decision):
        return None
    reason = await why_not_struck_off(
        connection,
        before["member_number"],
        decision.membership_id,
        decision.decided_on,
        book.policies_on(decision.decided_on),
    )
    if reason is None:
        return None
    # An older workflow knows no refusal, and takes a payment that is known for one.
    known = PaymentReceipt(paid_ore=0, known=True, allocated=False)
    return DecisionReceipt(refused=reason, payment=known)


def _strikes_off(decision: Decision) -> bool:
    """Tell whether a decision is the one that strikes off, and not one after it."""
    struck_off = decision.standing.outcome is Outcome.STRUCK_OFF
    return struck_off and decision.event is Event.MEMBERSHIP_ENDED


def _ends_duplicate(decision: Decision) -> bool:
    """Tell whether a decision ends a membership as a duplicate, and no application."""
    duplicate = decision.standing.outcome is Outcome.DUPLICATE
    return duplicate and decision.event is Event.MEMBERSHIP_ENDED


def _digest(decision: Decision) -> str:
    """Return what tells a decision from another one under its number.

    Without the facts, the wish to be hidden and how far back it reaches, which follow from the
    decisions so far and the terms, and without the update it applies, what its invoice leaves out,
    what it knows of a death, what the log says and which runs it notes: what an older worker
    recorded before it handed them along is recognised when a newer one repeats it.
    """
    standing = decision.standing.model_copy(update={"hiding": None})
    handed_along = (
        "facts",
        "applies",
        "given_back_from",
        "omits",
        "despite_death",
        "says",
        "message",
        "pays_by",
        "stamp",
        "named",
        "approves",
        "consent",
        "runs",
        "kept",
        "kept_where",
    )
    later = {"standing": standing, **dict.fromkeys(handed_along)}
    return content_hash(decision.model_copy(update=later))


def _update_id(decision: Decision) -> str | None:
    return storable(decision.applies.update_id) if decision.applies is not None else None


async def _recorded_before(
    connection: Connection, decision: Decision, digest: str
) -> DecisionReceipt:
    # A statement of its own: one that waited for the lock still sees the log as it was before.
    found = await _SQL.find_decision(
        connection, membership_id=decision.membership_id, number=decision.number
    )
    if found["content_hash"] != digest:
        if decision.kept is not None:
            return DecisionReceipt(overtaken=True)
        raise DecisionConflict(
            f"{decision.membership_id}: decision {decision.number} was recorded with other content"
        )
    return DecisionReceipt.model_validate(found["receipt"])


def _issued(decision: Decision, before: Mapping[str, Any]) -> IssuedInvoice | None:
    """Return the identity of the invoice the decision orders. Source: P1."""
    if decision.invoice is None:
        return None
    member_number = before["member_number"] or before["allotted"]
    if member_number is None:
        raise DecisionConflict(f"{decision.membership_id}: only a member is invoiced")
    serial = before["next_serial"]
    return IssuedInvoice(number=f"{member_number}-{serial}", kid=invoice_kid(member_number, serial))


async def _write(
    connection: Connection,
    decision: Decision,
    receipt: DecisionReceipt,
    digest: str,
    before: Mapping[str, Any],
    terms: list[dict[str, Any]] | None,
) -> None:
    """Write all rows of a decision at once.

    What its terms and invoices must fulfil is seen to by triggers: ``keep_terms``,
    ``check_terms_without_gap``, ``check_invoice_totals``. And one writes on: whoever has other
    terms is marked by ``mark_for_reassessment``; the next dues run charges the difference (A31).
    What is invoiced is paid at once by whatever the person has with us (P3).
    """
    insured = decision.standing.insurance
    await _SQL.write_decision(
        connection,
        membership_id=decision.membership_id,
        number=decision.number,
        event=decision.event,
        decided_at=decision.decided_at,
        decided_on=decision.decided_on,
        decided_by=storable(decision.decided_by),
        reason=(
            await remark_of(connection, decision.reason, decision.membership_id, decision.number)
            if decision.reason is not None
            else None
        ),
        message=decision.message,
        says=storable(decision.says) if decision.says is not None else None,
        rules=list(decision.rules),
        rulebook_version=decision.rulebook_version,
        content_hash=digest,
        receipt=receipt.model_dump(mode="json"),
        stage=decision.standing.stage,
        outcome=decision.standing.outcome,
        category=decision.standing.category,
        hidden=decision.standing.hidden,
        hiding=decision.standing.hiding,
        branch=decision.standing.branch,
        member_since=decision.standing.member_since,
        open_until=decision.standing.open_until,
        deductor_orgnr=decision.standing.deductor_orgnr,
        coming_premiums=decision.standing.model_dump(mode="json")["coming_premiums"],
        insurance_status=insured.status if insured is not None else None,
        covered_from=insured.covered_from if insured is not None else None,
        reserved_from=insured.reserved_from if insured is not None else None,
        member_number=receipt.member_number,
        joins=_joins(decision, before),
        terms=terms,
        invoices=_invoice_rows(decision, receipt, before),
        lines=_line_rows(decision, receipt),
        letters=letter_rows(decision.membership_id, decision.letters),
        facts=_facts(decision),
        update_id=_update_id(decision),
        applied=None if decision.applies is None else decision.applies.model_dump(mode="json"),
        given_back_from=decision.given_back_from,
        kept=await _kept(connection, decision, receipt),
        **run_row(decision.runs),
    )
    if decision.pays_by is not None:
        await choose_payment(connection, decision, decision.pays_by)
    if receipt.invoice is not None:
        await use_money(connection, decision.membership_id, decision.decided_on)


async def _kept(connection: Connection, decision: Decision, receipt: DecisionReceipt) -> str | None:
    """Return what the workflow knows by the decision, as it is kept (ADR 101)."""
    text, paid = decision.kept, receipt.payment
    if paid is not None and paid.went_to is not None:
        text = (decision.kept_where or {}).get(paid.went_to, text)
    if text is None:
        return None
    return await keep_text(connection, decision.membership_id, decision.number, text)


def _facts(decision: Decision) -> dict[str, Any] | None:
    return None if decision.facts is None else decision.facts.model_dump(mode="json")


def _joins(decision: Decision, before: Mapping[str, Any]) -> bool:
    """Tell whether somebody becomes a member by a decision, for the first time or again (L9)."""
    again = before["had_ended"] and decision.standing.stage in MEMBER_STAGES
    return again or before["allotted"] is not None


def _invoice_rows(
    decision: Decision, receipt: DecisionReceipt, before: Mapping[str, Any]
) -> list[dict[str, Any]]:
    order, issued = decision.invoice, receipt.invoice
    if order is None or issued is None:
        return []
    return [
        {
            **order.model_dump(mode="json", exclude={"lines"}),
            **issued.model_dump(),
            "serial": before["next_serial"],
            "total_ore": order.total_ore,
        }
    ]


def _line_rows(decision: Decision, receipt: DecisionReceipt) -> list[dict[str, Any]]:
    order, issued = decision.invoice, receipt.invoice
    if order is None or issued is None:
        return []
    period = order.period_from.isoformat()
    cadences = {
        term.kind: term.cadence for term in holding(decision.terms or (), order.period_from)
    }
    return [
        {
            "invoice_number": issued.number,
            "period_from": period,
            "kind": line.kind,
            "amount_ore": line.amount_ore,
            "cadence": cadences.get(line.kind, Cadence.MONTHLY),
            "content_hash": content_hash(
                [decision.membership_id, period, line.kind, line.amount_ore]
            ),
        }
        for line in order.lines
    ]


def key_of_all(constraint: str) -> str:
    """Return what a key of one month's charges or entries is called for all months."""
    return re.sub(r"^(charges|entries)_(?:unbuilt|[0-9]{4}_[0-9]{2})_", r"\1_", constraint)


async def _taken(pool: asyncpg.Pool, decision: Decision, constraint: str) -> DecisionReceipt:
    """Say why something that must be unique was there already; nothing has been recorded.

    Raises:
        InvoiceLineConflict: a line for the same period and kind was billed before.
        DatabaseRefused: anything else; or what stood in the way is gone again, and the next
            attempt will pass.
    """
    if constraint == "decision_actors_stamp_counts_once":
        return DecisionReceipt(refused=USED)
    async with pool.acquire() as connection:
        if constraint in _ONE_PERSON:
            other = await find_duplicate(connection, decision)
            if other is not None:
                return DecisionReceipt(duplicate_of=other)
    if constraint in _ONE_LINE:
        raise InvoiceLineConflict(
            f"{decision.membership_id}: decision {decision.number} bills what was billed before"
        ) from None
    raise DatabaseRefused(f"{decision.membership_id}: {constraint}") from None
