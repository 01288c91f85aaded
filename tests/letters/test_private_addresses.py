"""A hidden member's letters never go where an employer reads them (S30)."""

import asyncpg
import pytest

from activities.letters.settings import NotificationSettings
from schemas.shared.vocabulary import Template
from tests.letters.mailserver import MailServer
from tests.letters.making import (
    EMPLOYER,
    OTHER_EMPLOYER,
    deliver,
    letter_row,
    make_letter,
    make_membership,
)

ADDRESSES = {
    "the payroll address": (EMPLOYER, True),
    "in capitals": (EMPLOYER.upper(), True),
    "a colleague's": ("kari@employer.example", True),
    "under the domain": ("kari@post.Employer.Example", True),
    "another employer's": (OTHER_EMPLOYER, True),
    "the end of a domain's name": ("kari@anemployer.example", False),
    "private": ("kari@example.org", False),
    "by the domain as it is looked up": ("kari@xn--blbr-roah.example", True),
    "at a provider that an employer uses": ("kari@gmail.com", False),
    "the employer's own at that provider": ("snekkeren@gmail.com", True),
}


@pytest.fixture
async def employers(pool: asyncpg.Pool) -> None:
    """An employer with letters of ours in its domain, and one without a domain."""
    await pool.execute(
        "INSERT INTO employers (orgnr, name, email) VALUES"
        " ('988077917', 'Blå Bær AS', 'lonn@blåbær.example'),"
        " ('314159268', 'Snekkeren', 'snekkeren@gmail.com')"
        " ON CONFLICT (orgnr) DO UPDATE SET email = excluded.email"
    )


@pytest.mark.parametrize("standing", ["hidden", "hiding", "open"])
@pytest.mark.parametrize(("address", "at_work"), ADDRESSES.values(), ids=ADDRESSES)
async def test_letters_to_an_address_at_work_are_held(
    pool: asyncpg.Pool,
    settings: NotificationSettings,
    mails: MailServer,
    employers: None,  # noqa: ARG001 - they must be known
    address: str,
    at_work: bool,
    standing: str,
) -> None:
    """Held with one task that says what to do; of an open member nothing is."""
    member = await make_membership(pool, email=address, hidden=standing == "hidden")
    if standing == "hiding":
        await pool.execute("UPDATE memberships SET hiding = true")
    keys = [await make_letter(pool, member, t) for t in (Template.WELCOME, Template.HIDDEN_ON)]
    report = await deliver(pool, settings, member)
    held = at_work and standing != "open"
    assert (report.held, report.sent) == ((tuple(keys), ()) if held else ((), tuple(keys)))
    assert len(mails.mails) == (0 if held else 2)
    tasks = await pool.fetch("SELECT kind, says FROM tasks WHERE closed_on IS NULL")
    assert [row["kind"] for row in tasks] == (["private_address"] if held else [])
    assert not any(word in row["says"] for row in tasks for word in ("hid", "employer", address))


async def test_a_private_address_lets_them_go(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """What was held goes out once ``supply_information`` has brought another; the task closes."""
    member = await make_membership(pool, email=EMPLOYER, hidden=True)
    key = await make_letter(pool, member, Template.HIDDEN_ON)
    assert (await deliver(pool, settings, member)).held == (key,)
    await pool.execute("UPDATE people SET email = 'kari@example.org', email_key = email")
    assert (await deliver(pool, settings, member, order="2")).sent == (key,)
    assert [mail.recipient for mail in mails.mails] == ["kari@example.org"]
    assert (await letter_row(pool, member, key))["status"] == "sent"
    assert await pool.fetchval("SELECT count(*) FROM tasks WHERE closed_on IS NULL") == 0
