"""Holds each life against what the rules promised."""

import email
import email.policy
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import asyncpg

from schemas.rules.calendar import oslo_date
from schemas.vocabulary import Audience, Event
from workers.demo.cast import Promise
from workers.demo.play import Life


@dataclass(frozen=True)
class Mail:
    """One mail that went out.

    Attributes:
        membership_id: whose it is about.
        audience: who it was for.
    """

    membership_id: str
    audience: str
    template: str
    message: EmailMessage

    @property
    def on(self) -> date:
        """The business date it went out on."""
        return parsedate_to_datetime(str(self.message["Date"])).date()


async def mails_of(database_url: str, mail_dir: Path, lives: Sequence[Life]) -> list[Mail]:
    """Return every mail the sink holds, with the membership and audience it belongs to.

    Args:
        database_url: of the stack; knows each letter by its Message-ID.
        mail_dir: where the sink keeps the mails.
        lives: of the demo.
    """
    connection = await asyncpg.connect(database_url)
    try:
        rows = await connection.fetch(
            "SELECT membership_id, audience, template, message_id FROM letters "
            "WHERE membership_id = ANY($1) ORDER BY key",
            [life.membership_id for life in lives],
        )
    finally:
        await connection.close()
    place = {life.membership_id: number for number, life in enumerate(lives)}
    arrived = {_left_part(found): found for found in _arrived(mail_dir)}
    return [
        Mail(row["membership_id"], row["audience"], row["template"], arrived[row["message_id"]])
        for row in sorted(rows, key=lambda row: place[row["membership_id"]])
        if row["message_id"] in arrived
    ]


def _left_part(mail: EmailMessage) -> str:
    """Return what stands before the @ of a Message-ID: the database's name for the letter."""
    return str(mail["Message-ID"]).lstrip("<").partition("@")[0]


def _arrived(mail_dir: Path) -> Iterable[EmailMessage]:
    for path in sorted(mail_dir.glob("*.eml")):
        yield email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


OUTSIDE = frozenset({Audience.EMPLOYER, Audience.BRANCH, Audience.RECRUITER})
"""Who must not hear of a hidden member."""


def check(lives: Iterable[Life], mails: Iterable[Mail]) -> None:
    """Fill in each life's faults: where it differs from its promise."""
    told: dict[str, list[Mail]] = defaultdict(list)
    for mail in mails:
        told[mail.membership_id].append(mail)
    for life in lives:
        life.faults = _faults(life, life.person.promise, told[life.membership_id])


def _faults(life: Life, promise: Promise, mails: Sequence[Mail]) -> list[str]:
    state = life.state
    invoice = state["first_invoice"]
    found: dict[str, Any] = {
        "stage": state["stage"],
        "outcome": state["outcome"],
        "terms": _of_terms(state, "kind", "amount_ore", "cadence", "payer"),
        "first invoice": invoice and invoice["total_ore"],
        "insurance": state["insurance"]["status"],
        "payroll": state["payroll"]["status"],
        "letters to": sorted({mail.audience for mail in mails}),
    }
    promised: dict[str, Any] = {
        "stage": promise.stage,
        "outcome": promise.outcome,
        "terms": promise.terms,
        "first invoice": promise.first_invoice_ore,
        "insurance": promise.insurance,
        "payroll": promise.payroll,
        "letters to": sorted(promise.audiences),
    }
    if promise.spans:
        found["dates of the terms"] = _of_terms(state, "valid_from", "valid_to")
        promised["dates of the terms"] = promise.spans
    if promise.decisions:
        found["decisions"] = _after_approval(life)
        promised["decisions"] = promise.decisions
    if promise.silence:
        first, end = promise.silence
        found["letters outside while hidden"] = [
            mail.template for mail in mails if mail.audience in OUTSIDE and first <= mail.on < end
        ]
        promised["letters outside while hidden"] = []
    return [
        f"{what}: {found[what]}, promised {promised[what]}"
        for what in promised
        if found[what] != promised[what]
    ]


def _of_terms(state: dict[str, Any], *names: str) -> tuple[tuple[Any, ...], ...]:
    return tuple(tuple(term[name] for name in names) for term in state["terms"])


def _after_approval(life: Life) -> tuple[tuple[date, str], ...]:
    """Return (date, event) of every decision that came after the approval."""
    decided = [(oslo_date(datetime.fromisoformat(e["at"])), str(e["about"])) for e in life.log]
    events = [event for _, event in decided]
    return tuple(decided[events.index(Event.APPLICATION_APPROVED) + 1 :])
