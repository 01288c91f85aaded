"""Letters that come back after a mail server had taken them: each report counts once."""

import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal

import asyncpg

from activities.database.pool import load_queries
from activities.letters.bounce_reports import DeliveryStatus, read_report
from activities.letters.replies import Remedy, Reply, rule_of
from activities.letters.store import TASKS, task_key
from activities.shared.tasks import Connection, open_task
from schemas.shared.base import Contract
from schemas.shared.vocabulary import Template

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

MAX_BYTES = 20 * 2**20
"""More than any report with the letter it returns; what is larger is no report."""

OUT = frozenset({"sent", "sending", "unanswered"})
"""Where a letter may have come back from."""

KINDS = {
    Remedy.ADDRESS: "letter_bounced",
    Remedy.LATER: "letter_given_up",
    Remedy.OURS: "letter_returned",
}

NOTICES = frozenset({Template.WELCOME, Template.INSURANCE_WINDOW})
UNPROVEN = (
    " It told of the right to reserve (A21): record_insurance_notice with the outcome bounced."
)


class Bounced(Contract):
    """What became of one report.

    Attributes:
        report: its opaque id.
        outcome: ``bounced``, ``ignored`` (it is delayed, delivered, or an automatic answer),
            ``known``, ``stranger`` (about no letter of ours) or ``unreadable``.
        letter: the letter's opaque id.
        why: what the server said.
    """

    report: str
    outcome: Literal["bounced", "ignored", "known", "stranger", "unreadable"]
    letter: str | None = None
    membership_id: str | None = None
    key: str | None = None
    why: str | None = None


async def take_report(pool: asyncpg.Pool, content: bytes, today: date) -> Bounced:
    """Read a mail that came to the sender's mailbox, and note what it tells of a letter.

    Idempotent by content.
    """
    report_id = hashlib.sha256(content).hexdigest()
    report = read_report(content)
    async with pool.acquire() as connection, connection.transaction():
        found = None
        if report.references:
            rows = _SQL.find_returned(connection, message_ids=list(report.references))
            found = next(iter([row async for row in rows]), None)
        returned = _returned(report_id, report.told, report.reply, found)
        is_new = await _SQL.count_report(
            connection,
            report_id=report_id,
            membership_id=returned.membership_id,
            key=returned.key,
            outcome=returned.outcome,
            read_on=today,
        )
        if not is_new:
            return returned.model_copy(update={"outcome": "known"})
        if returned.outcome == "bounced":
            assert found is not None, "only a letter that was found can have come back"
            assert report.reply is not None, "a failure has a reason"
            await _come_back(connection, found, report.reply, today)
        elif returned.outcome in {"stranger", "unreadable"}:
            await _ask(connection, returned, today)
        return returned


def _returned(
    report_id: str, told: DeliveryStatus, reply: Reply | None, found: Mapping[str, Any] | None
) -> Bounced:
    """Return what a report comes to."""
    returned = Bounced(report=report_id[:12], outcome="unreadable")
    if told in {DeliveryStatus.OTHERWISE, DeliveryStatus.ANSWER}:
        return returned.model_copy(update={"outcome": "ignored"})
    if told is DeliveryStatus.NOTHING:
        return returned
    if found is None:
        return returned.model_copy(update={"outcome": "stranger"})
    return Bounced(
        report=report_id[:12],
        outcome="bounced" if found["status"] in OUT else "known",
        letter=found["message_id"],
        membership_id=found["membership_id"],
        key=found["key"],
        why=str(reply),
    )


async def _come_back(
    connection: Connection, found: Mapping[str, Any], reply: Reply, today: date
) -> None:
    await _SQL.mark_returned(
        connection,
        membership_id=found["membership_id"],
        key=found["key"],
        note=f"came back later ({reply})",
    )
    kind = KINDS[rule_of(reply).fate]
    says = TASKS[kind].format(letter=found["key"], why=reply, id=found["message_id"])
    await open_task(
        connection,
        key=task_key(found["message_id"], "returned", found["attempts"]),
        kind=kind,
        says=says + (UNPROVEN if found["template"] in NOTICES else ""),
        today=today,
        membership_id=found["membership_id"],
    )


async def _ask(connection: Connection, returned: Bounced, today: date) -> None:
    """Have a caseworker look at what can't be put in its place."""
    about = {
        "stranger": "is about no letter of ours",
        "unreadable": "can't be read as a report",
    }[returned.outcome]
    await open_task(
        connection,
        key=f"mail_report/{returned.report}",
        kind="mail_report",
        says=f"The mail {returned.report} in the sender's mailbox {about}: look at it.",
        today=today,
    )
