"""Letters to members without an e-mail address: held, printed by a caseworker, never lost."""

import io
import stat
from pathlib import Path

import asyncpg
import pytest
from pypdf import PdfReader

from activities.letters.posting import Printed, print_letters
from activities.letters.settings import NotificationSettings
from schemas.shared.vocabulary import Template
from tests.letters.mailserver import MailServer
from tests.letters.making import (
    MEMBER,
    TODAY,
    deliver,
    end_membership,
    letter_row,
    make_invoice,
    make_letter,
    make_membership,
    tasks_of,
)
from tests.letters.test_resending import again, send_batch
from tests.life import application
from tests.persons.making import change_person

IN_SWEDEN = {
    "care_of": "Anna Svensson",
    "line1": "Storgatan 1",
    "postcode": "411 05",
    "city": "Göteborg",
    "country": "SE",
}


async def somebody(pool: asyncpg.Pool, **changes: object) -> str:
    """A member in Gothenburg without an e-mail address."""
    return await make_membership(pool, **{"email": None, "address": IN_SWEDEN, **changes})


async def printed(
    pool: asyncpg.Pool, settings: NotificationSettings, folder: Path
) -> tuple[Printed, ...]:
    """Print what waits."""
    return await print_letters(pool, settings, folder, TODAY)


def text_of(path: Path) -> str:
    """Return the words of a PDF, on one line."""
    pages = PdfReader(io.BytesIO(path.read_bytes())).pages
    return " ".join(" ".join(page.extract_text().split()) for page in pages)


async def test_a_letter_waits_for_whoever_prints_it(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer, tmp_path: Path
) -> None:
    """Held with one task, however often it is tried; printed it is out, once, with its form."""
    member = await somebody(pool)
    key = await make_letter(pool, member, Template.WELCOME)
    for order in ("1", "2"):
        assert (await deliver(pool, settings, member, order=order)).held == (key,)
    assert mails.mails == []
    assert await tasks_of(pool, member) == ["letter_by_post"]
    (one,) = await printed(pool, settings, tmp_path / "post")
    assert (one.membership_id, one.key, len(one.files)) == (member, key, 2)
    row = await letter_row(pool, member, key)
    assert (row["status"], row["sent_on"]) == ("sent", TODAY)
    assert await tasks_of(pool, member) == []
    assert await printed(pool, settings, tmp_path / "post") == ()


async def test_the_page_has_the_address_as_post_wants_it(
    pool: asyncpg.Pool, settings: NotificationSettings, tmp_path: Path
) -> None:
    """Care of, street, postcode and town, the country in capitals; and nobody is asked to reply."""
    member = await somebody(pool)
    key = await make_letter(pool, member, Template.RESIGNATION)
    await deliver(pool, settings, member)
    await end_membership(pool, member, "resigned")
    (one,) = await printed(pool, settings, tmp_path)
    said = text_of(tmp_path / one.files[0])
    assert "Kari Nordmann c/o Anna Svensson Storgatan 1 411 05 Göteborg SVERIGE" in said
    assert "22. november 2026" in said
    assert "Skriv til oss" in said
    assert "e-posten" not in said
    assert key not in one.files[0]


async def test_an_invoice_goes_into_the_same_envelope(
    pool: asyncpg.Pool, settings: NotificationSettings, tmp_path: Path
) -> None:
    """The letter first, then the invoice with the KID; only their owner can read them."""
    member = await somebody(pool)
    kid = await make_invoice(pool, member)
    await make_letter(pool, member, Template.FIRST_INVOICE)
    await deliver(pool, settings, member)
    (one,) = await printed(pool, settings, tmp_path)
    letter, invoice = one.files
    assert (letter[-11:], invoice[-14:]) == ("-1-brev.pdf", "-2-faktura.pdf")
    assert letter[:16] == invoice[:16] == one.letter[:16]
    assert kid in text_of(tmp_path / invoice)
    assert stat.S_IMODE((tmp_path / letter).stat().st_mode) == 0o600


async def test_who_gets_an_e_mail_address_gets_it_by_mail(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer, tmp_path: Path
) -> None:
    """What waited goes out with the next delivery, the task is closed, and nothing is printed."""
    member = await somebody(pool)
    key = await make_letter(pool, member, Template.WELCOME)
    await deliver(pool, settings, member)
    await change_person(pool, member, email=MEMBER, email_key=MEMBER)
    assert await printed(pool, settings, tmp_path) == ()
    assert (await deliver(pool, settings, member, order="2")).sent == (key,)
    assert len(mails.to(MEMBER)) == 1
    assert await tasks_of(pool, member) == []


async def test_what_no_longer_fits_is_not_printed(
    pool: asyncpg.Pool, settings: NotificationSettings, tmp_path: Path
) -> None:
    """The gate is asked when it is printed: the mail of somebody who has died stays here."""
    member = await somebody(pool)
    key = await make_letter(pool, member, Template.WELCOME)
    await deliver(pool, settings, member)
    await end_membership(pool, member, "deceased")
    assert await printed(pool, settings, tmp_path) == ()
    assert (await deliver(pool, settings, member, order="2")).suppressed == (key,)
    assert await tasks_of(pool, member) == []


async def test_a_hidden_member_has_letters_by_post(
    pool: asyncpg.Pool, settings: NotificationSettings, tmp_path: Path
) -> None:
    """No employer reads what is posted to a home (S30)."""
    member = await somebody(pool, hidden=True)
    await make_letter(pool, member, Template.HIDDEN_ON)
    await deliver(pool, settings, member)
    assert [one.membership_id for one in await printed(pool, settings, tmp_path)] == [member]


async def test_a_letter_that_is_asked_for_again_is_printed_again(
    pool: asyncpg.Pool, settings: NotificationSettings, tmp_path: Path
) -> None:
    """A copy with an id of its own; the first one stays sent."""
    member = await somebody(pool)
    await make_letter(pool, member, Template.WELCOME)
    await deliver(pool, settings, member)
    (first,) = await printed(pool, settings, tmp_path)
    copy = await again(pool, first.letter)
    await send_batch(pool, settings, copy.batch)
    assert (await letter_row(pool, member, copy.key))["status"] == "held"
    (second,) = await printed(pool, settings, tmp_path)
    assert (second.letter, second.key) == (copy.letter, copy.key)


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
async def test_it_is_written_in_the_members_language(
    pool: asyncpg.Pool, settings: NotificationSettings, tmp_path: Path, language: str
) -> None:
    """As a mail is."""
    member = await somebody(pool, language=language)
    await make_letter(pool, member, Template.WELCOME)
    await deliver(pool, settings, member)
    (one,) = await printed(pool, settings, tmp_path)
    said = text_of(tmp_path / one.files[0])
    greetings = {"nb": "Velkommen som medlem", "nn": "Velkomen som medlem", "en": "Welcome as a"}
    assert greetings[language] in said
    # Printed on 22 November, 30 days before 22 December (A18, A21).
    last_day = {"nb": "22. desember 2026", "nn": "22. desember 2026", "en": "22 December 2026"}
    assert last_day[language] in said
    assert {"nb": "SVERIGE", "nn": "SVERIGE", "en": "SWEDEN"}[language] in said


async def test_the_command_prints_what_waits(cli, shared_pool, apply, tmp_path) -> None:
    """`medlemsflyt post`: the acknowledgement of an application without an e-mail address."""
    form = application()
    by_post = {**form, "applicant": {**form["applicant"], "email": None, "address": IN_SWEDEN}}
    life = await apply(by_post)
    assert ("member", "application_received", "held") in await life.letters()
    ran = await cli("post", str(tmp_path / "post"), "--json")
    assert ran.code == 0, ran.err
    mine = [one for one in ran.json["letters"] if one["membership_id"] == life.id]
    (letter,) = mine
    assert "c/o Anna Svensson" in text_of(tmp_path / "post" / letter["files"][0])
    statuses = await shared_pool.fetch(
        "SELECT status FROM letters WHERE membership_id = $1 AND audience = 'member'", life.id
    )
    assert [row["status"] for row in statuses] == ["sent"]
