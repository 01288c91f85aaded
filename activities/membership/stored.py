"""What PostgreSQL tells of a membership to a run that has lost it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import asyncpg
from pydantic import TypeAdapter

from activities.database.pool import load_queries
from activities.membership.kept import line_of
from activities.secrecy.words import words_of
from activities.shared.errors import without_values
from activities.shared.rulebook import RulebookReader
from activities.shared.tasks import Connection
from schemas.membership.application import Application
from schemas.membership.decision import Applied, DuplicateCandidate
from schemas.membership.form import Form
from schemas.membership.returning import Former
from schemas.membership.situation import Facts
from schemas.membership.state import InsuranceState, InvoiceState
from schemas.membership.stored import LettersSince, StoredMembership
from schemas.shared.vocabulary import Event, InsuranceStatus, InvoiceStatus, Template

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")
_KIN = TypeAdapter(tuple[DuplicateCandidate, ...])

MOST = 100
"""Decisions that are read of the log; a workflow keeps as many updates, and fewer lines."""

PAYMENTS = 50
"""References that a workflow keeps; the database knows all."""

BEGINNINGS = (Event.APPLICATION_APPROVED, Event.MEMBERSHIP_IMPORTED)

NOTICES = (Template.WELCOME, Template.INSURANCE_WINDOW)
"""Our own letters that tell of the right to reserve (A21)."""


async def keep_text(connection: Connection, membership_id: str, number: int, text: str) -> str:
    """Return what a workflow knew with a decision as its row has it."""
    row = {"membership_id": membership_id, "number": number}
    return await words_of(connection).seal(text, membership_id, "kept_records.content", row)


async def load_stored(
    pool: asyncpg.Pool, rulebooks: RulebookReader, membership_id: str
) -> StoredMembership | None:
    """Return a membership as it is stored, all of one moment; None: there is none, or no more."""
    async with (
        without_values(),
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        row = await _SQL.read_stored(connection, membership_id=membership_id)
        if row is None:
            return None
        log = [
            line
            async for line in _SQL.read_log(
                connection, membership_id=membership_id, most=MOST, beginnings=list(BEGINNINGS)
            )
        ]
        alike = await _SQL.read_kin(connection, membership_id=membership_id)
        return StoredMembership(
            membership_id=membership_id,
            received_at=row["received_at"],
            decisions=row["last_decision"],
            decided_on=row["decided_on"],
            kept=await _kept(connection, row),
            went_to=row["went_to"],
            stage=row["stage"],
            outcome=row["outcome"],
            category=row["category"],
            branch=row["branch"],
            member_number=row["member_number"],
            member_since=row["member_since"],
            open_until=row["open_until"],
            insurance=_insurance(row),
            payroll_asked_on=row["payroll_asked_on"],
            facts=Facts.model_validate_json(row["facts"]) if row["facts"] else None,
            form=_form(row["application"]),
            faults=tuple(row["faults"] or ()),
            kin=_KIN.validate_json(alike["kin"]) if alike["kin"] else (),
            former=_former(alike["former"]),
            rulebook=await rulebooks.current(connection, row["revision"]),
            log=tuple(line_of(line) for line in log),
            applied=tuple(
                Applied.model_validate_json(line["applied"]) for line in log if line["applied"]
            ),
            payments=tuple(row["payments"][-PAYMENTS:]),
            first_invoice=_invoice(
                await _SQL.read_first_invoice(connection, membership_id=membership_id)
            ),
            letters=await _letters(connection, membership_id),
        )


async def _kept(connection: Connection, row: Mapping[str, Any]) -> str | None:
    """Return what the last decision brought along, if it did and anybody can still read it."""
    if row["kept"] is None or row["kept_with"] != row["last_decision"]:
        return None
    named = {"membership_id": row["membership_id"], "number": row["kept_with"]}
    return await words_of(connection).opened(row["kept"], "kept_records.content", named)


def _insurance(row: Mapping[str, Any]) -> InsuranceState:
    return InsuranceState(
        status=InsuranceStatus(row["insurance_status"] or InsuranceStatus.NOT_APPLICABLE),
        covered_from=row["covered_from"],
        reserved_from=row["reserved_from"],
        reservation_deadline=row["reservation_deadline"],
    )


def _form(application: str | None) -> Form | None:
    if application is None:
        return None
    return Form.of(Application.model_validate_json(application))


def _former(told: str | None) -> Former | None:
    return None if told is None or json.loads(told) is None else Former.model_validate_json(told)


def _invoice(row: Mapping[str, Any] | None) -> InvoiceState | None:
    if row is None:
        return None
    settled = row["open_ore"] <= 0
    return InvoiceState(
        number=row["number"],
        kid=row["kid"],
        total_ore=row["total_ore"],
        paid_ore=row["paid_ore"],
        issued_on=row["issued_on"],
        due_on=row["due_on"],
        status=InvoiceStatus.PAID if settled else InvoiceStatus.ISSUED,
        lines=json.loads(row["lines"] or "[]"),
    )


async def _letters(connection: Connection, membership_id: str) -> LettersSince:
    rows = [
        row
        async for row in _SQL.read_letters(
            connection, membership_id=membership_id, notices=list(NOTICES)
        )
    ]
    bounced = [row for row in rows if row["status"] == "bounced" and not row["told"]]
    closed = {"sent", "suppressed", "bounced", "unanswered"}
    noticed = [row["sent_on"] for row in rows if row["is_notice"] and row["status"] == "sent"]
    return LettersSince(
        dealt_with=tuple(row["key"] for row in rows if row["status"] in closed),
        held=tuple(row["key"] for row in rows if row["status"] == "held"),
        bounced=tuple(row["key"] for row in bounced),
        templates={row["key"]: row["template"] for row in bounced},
        noticed_on=max(noticed, default=None),
    )
