"""deliver_letters on a real database and a real mail server."""

from datetime import timedelta

import asyncpg
import pytest

from activities.notifications.errors import DeliveryFailed
from activities.notifications.settings import NotificationSettings
from schemas.vocabulary import Template
from tests.notifications.mailserver import MailServer
from tests.notifications.making import (
    MEMBER,
    TODAY,
    deliver,
    letter_row,
    make_invoice,
    make_letter,
    make_membership,
)


async def test_sends_letters_over_one_connection_and_marks_them(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """Every pending letter goes out, the welcome before the invoice, and each is marked."""
    member = await make_membership(pool)
    await make_invoice(pool, member)
    invoice = await make_letter(pool, member, Template.FIRST_INVOICE)
    welcome = await make_letter(pool, member, Template.WELCOME)
    report = await deliver(pool, settings, member)
    assert set(report.sent) == {welcome, invoice}
    subjects = [mail.message["Subject"] for mail in mails.to(MEMBER)]
    assert subjects == ["Velkommen, her er viktig informasjon", "Her er fakturaen din"]
    assert mails.sessions == 1
    row = await letter_row(pool, member, welcome)
    assert (row["status"], row["attempts"], row["sent_on"]) == ("sent", 1, TODAY)
    assert row["template_version"] == 1
