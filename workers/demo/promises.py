"""Holds each life against what the rules promised."""

import email
import email.policy
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

import asyncpg

from workers.demo.faults import Told, faults
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


def check(lives: Iterable[Life], mails: Iterable[Mail]) -> None:
    """Fill in each life's faults: where it differs from its promise."""
    told: dict[str, list[Told]] = defaultdict(list)
    for mail in mails:
        told[mail.membership_id].append(Told(mail.audience, mail.template, mail.on))
    for life in lives:
        letters = told[life.membership_id]
        life.faults = faults(life.person.promise, life.state, life.log, letters)
