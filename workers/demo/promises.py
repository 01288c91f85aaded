"""Holds each life against what the rules promised."""

import email
import email.policy
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import asyncpg

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


def check(lives: Iterable[Life], mails: Iterable[Mail]) -> None:
    """Fill in each life's faults: where it differs from its promise."""
    told: dict[str, set[str]] = defaultdict(set)
    for mail in mails:
        told[mail.membership_id].add(mail.audience)
    for life in lives:
        life.faults = _faults(life.state, life.person.promise, told[life.membership_id])


def _faults(state: dict[str, Any], promise: Promise, told: set[str]) -> list[str]:
    invoice = state["first_invoice"]
    found = {
        "stage": state["stage"],
        "outcome": state["outcome"],
        "terms": tuple(
            (term["kind"], term["amount_ore"], term["cadence"], term["payer"])
            for term in state["terms"]
        ),
        "first invoice": invoice and invoice["total_ore"],
        "insurance": state["insurance"]["status"],
        "payroll": state["payroll"]["status"],
        "letters to": sorted(told),
    }
    promised = {
        "stage": promise.stage,
        "outcome": promise.outcome,
        "terms": promise.terms,
        "first invoice": promise.first_invoice_ore,
        "insurance": promise.insurance,
        "payroll": promise.payroll,
        "letters to": sorted(promise.audiences),
    }
    return [
        f"{what}: {found[what]}, promised {promised[what]}"
        for what in promised
        if found[what] != promised[what]
    ]
