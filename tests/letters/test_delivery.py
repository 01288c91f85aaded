"""deliver_letters on a real database and a real mail server."""

import io
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import asyncpg
import pytest
from msoffcrypto import OfficeFile
from openpyxl import load_workbook
from pypdf import PdfReader

from activities.letters.errors import DeliveryFailed
from activities.letters.render import read_source
from activities.letters.settings import NotificationSettings
from schemas.deduction.list_file import ASKED, headings_of
from schemas.membership.application import Applicant
from schemas.shared.vocabulary import Language, Template
from tests.letters.mailserver import MailServer, all_said
from tests.letters.making import (
    CASEWORKERS,
    EMPLOYER,
    INSURANCE,
    MEMBER,
    ORGNR,
    RECRUITER,
    SYNTHETIC_ID,
    TODAY,
    deliver,
    letter_row,
    make_invoice,
    make_letter,
    make_membership,
    make_recruiter,
)
from tests.persons.making import change_person


async def test_sends_letters_over_one_connection_and_marks_them(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """Every pending letter goes out, as the decision listed them, and each is marked."""
    member = await make_membership(pool)
    await make_invoice(pool, member)
    welcome = await make_letter(pool, member, Template.WELCOME)
    invoice = await make_letter(pool, member, Template.FIRST_INVOICE)
    report = await deliver(pool, settings, member)
    assert report.sent == (welcome, invoice)
    subjects = [mail.message["Subject"] for mail in mails.to(MEMBER)]
    assert subjects == ["Velkommen til oss", "Din første faktura"]
    senders = {mail.message["From"] for mail in mails.to(MEMBER)}
    assert senders == {"Lederne medlemsservice <brev@union.example>"}
    assert mails.sessions == 1
    row = await letter_row(pool, member, welcome)
    assert (row["status"], row["attempts"], row["sent_on"]) == ("sent", 1, TODAY)
    assert row["template_version"] == read_source(Template.WELCOME, Language.NB).version


async def test_a_report_says_which_letter_each_key_is(
    pool: asyncpg.Pool, settings: NotificationSettings
) -> None:
    """Nobody has to read it off the key."""
    member = await make_membership(pool, recruited_by=None)
    keys = [
        await make_letter(pool, member, template)
        for template in (Template.WELCOME, Template.RECRUITER_THANKS)
    ]
    report = await deliver(pool, settings, member)
    assert report.templates == dict(zip(keys, ("welcome", "recruiter_thanks"), strict=True))


async def test_a_letter_goes_to_the_domain_it_is_addressed_to(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """The envelope of a letter to ola@straße.de names xn--strae-oqa.de, not strasse.de."""
    applicant = Applicant(name="Test", birth_date=date(1991, 1, 1), email="ola@straße.de")
    member = await make_membership(pool, email=applicant.email)
    await make_letter(pool, member, Template.WELCOME)
    await deliver(pool, settings, member)
    assert [mail.recipient for mail in mails.mails] == ["ola@xn--strae-oqa.de"]


async def test_a_recruiter_is_found_however_the_domain_is_written(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """A27: an address names its owner in letters and as it is looked up."""
    await make_membership(pool, email="verver@bjørk.example", recruited_by=None, national_id=None)
    member = await make_membership(pool, recruited_by="Verver@xn--bjrk-hra.example")
    await make_letter(pool, member, Template.RECRUITER_THANKS)
    await deliver(pool, settings, member)
    assert [mail.recipient for mail in mails.mails] == ["verver@xn--bjrk-hra.example"]


async def test_a_closed_letter_is_never_sent_again(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """A later order finds nothing to send, and does not report an earlier order's letters."""
    member = await make_membership(pool)
    key = await make_letter(pool, member, Template.WELCOME)
    first = await deliver(pool, settings, member, order="1")
    again = await deliver(pool, settings, member, order="1")
    later = await deliver(pool, settings, member, order="2")
    assert first.sent == again.sent == (key,)
    assert later.sent == ()
    assert len(mails.mails) == 1


async def test_the_invoice_comes_as_text_and_as_a_pdf(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """M4: KID, account, due date and lines, in the mail and in the attachment."""
    member = await make_membership(pool)
    kid = await make_invoice(pool, member)
    await make_letter(pool, member, Template.FIRST_INVOICE)
    await deliver(pool, settings, member)
    (mail,) = mails.mails
    for said in (kid, "1234 56 78903", "740,00 kr", "7. desember 2026", "Lokal kontingent"):
        assert said in mail.text()
    attached = mail.attachment()
    assert attached.get_content_type() == "application/pdf"
    assert kid in PdfReader(io.BytesIO(attached.get_content())).pages[0].extract_text()


def folder_of(settings: NotificationSettings) -> Path:
    """The folder of the one employer that was written to."""
    assert settings.list_folder is not None
    (folder,) = settings.list_folder.iterdir()
    return folder


async def test_an_employer_with_lists_by_mail_gets_a_locked_line(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """D3: the channel of its lists, under their password; nothing in plain."""
    member = await make_membership(pool)
    await pool.execute(
        "UPDATE employers SET list_channel = 'email', list_password = 'avtalt-på-telefon'"
        " WHERE orgnr = $1",
        ORGNR,
    )
    await make_letter(pool, member, Template.PAYROLL_START)
    await deliver(pool, settings, member)
    (mail,) = mails.to(EMPLOYER)
    assert SYNTHETIC_ID.encode() not in mail.content
    book = OfficeFile(io.BytesIO(mail.attachment().get_content()))
    book.load_key(password="avtalt-på-telefon")
    plain = io.BytesIO()
    book.decrypt(plain)
    (sheet,) = load_workbook(plain).worksheets
    heads, line = ([cell.value for cell in row] for row in sheet.iter_rows())
    assert heads == headings_of(ASKED)
    assert (line[1], line[2], line[7]) == (SYNTHETIC_ID, "Kari Nordmann", "START")
    assert {cell.data_type for cell in sheet[2]} == {"s"}
    assert not (settings.list_folder or Path()).exists()


async def test_without_a_channel_the_line_waits_with_a_task(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """D3: never plain mail; one task an employer, and it goes out once there is a way."""
    member = await make_membership(pool)
    start = await make_letter(pool, member, Template.PAYROLL_START)
    nowhere = replace(settings, list_folder=None)
    assert (await deliver(pool, nowhere, member)).held == (start,)
    assert mails.mails == []
    assert await pool.fetchval("SELECT count(*) FROM disclosures") == 0
    assert await pool.fetchval("SELECT kind FROM tasks") == "payroll_channel"
    assert (await deliver(pool, settings, member, order="2")).sent == (start,)
    assert len(list(folder_of(settings).iterdir())) == 1


async def test_a_file_that_lies_there_is_a_disclosure_also_without_its_mail(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """R2: the employer may have fetched it before the mail comes through."""
    member = await make_membership(pool)
    start = await make_letter(pool, member, Template.PAYROLL_START)
    mails.answers = ["451 4.3.0 later"]
    with pytest.raises(DeliveryFailed):
        await deliver(pool, settings, member)
    assert (await letter_row(pool, member, start))["status"] == "sending"
    await pool.execute("UPDATE memberships SET hiding = true")
    assert (await deliver(pool, settings, member, order="2")).suppressed == (start,)
    basis = await pool.fetchval("SELECT basis FROM disclosures WHERE key = $1", start)
    assert basis.endswith("an earlier copy may have arrived")


async def test_the_employers_mail_shows_nothing_of_the_member(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """Only the attached line says who; the disclosure is logged with its basis (D4)."""
    member = await make_membership(pool)
    key = await make_letter(pool, member, Template.PAYROLL_START)
    await deliver(pool, settings, member)
    (mail,) = mails.to(EMPLOYER)
    body = mail.text() + mail.text("html") + str(mail.message["Subject"])
    for personal in ("Nordmann", SYNTHETIC_ID, MEMBER, "Storgata"):
        assert personal not in body
    assert list(mail.message.iter_attachments()) == []
    (file,) = folder_of(settings).iterdir()
    assert file.name in mail.text()
    assert mail.message["Message-ID"][1:17] in file.name
    content = file.read_text(encoding="utf-8-sig")
    assert SYNTHETIC_ID in content
    assert "Kari Nordmann" in content
    logged = await pool.fetchrow("SELECT * FROM disclosures WHERE membership_id = $1", member)
    assert logged is not None
    assert (logged["key"], logged["audience"]) == (key, "employer")
    assert logged["basis"].startswith("GDPR art. 9(2)(a)")
    assert logged["disclosed_on"] == TODAY


async def test_the_insurance_office_learns_only_what_it_needs(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """Name, birth date, contact, number and dates; never the employer, the id or the flag."""
    member = await make_membership(pool, hidden=True)
    await make_letter(pool, member, Template.INSURANCE_NEW_MEMBER)
    await make_letter(pool, member, Template.INSURANCE_STATUS)
    await deliver(pool, settings, member)
    assert len(mails.to(INSURANCE)) == 2
    for mail in mails.mails:
        text = mail.text()
        assert "Kari Nordmann" in text
        assert "12. april 1986" in text
        for withheld in ("Eksempel AS", "974760673", SYNTHETIC_ID, "skjult"):
            assert withheld not in text


async def test_payroll_letters_wait_for_the_national_id(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """N3: START is held until the number arrives, then sent once, without its reminder."""
    member = await make_membership(pool, national_id=None)
    start = await make_letter(pool, member, Template.PAYROLL_START)
    reminder = await make_letter(pool, member, Template.PAYROLL_REMINDER)
    held = await deliver(pool, settings, member)
    assert set(held.held) == {start, reminder}
    assert mails.mails == []
    await change_person(pool, member, national_id=SYNTHETIC_ID)
    later = await deliver(pool, settings, member, TODAY + timedelta(days=20), order="2")
    assert (later.sent, later.suppressed, later.held) == ((start,), (reminder,), ())
    assert len(mails.to(EMPLOYER)) == 1


@pytest.mark.parametrize("template", [Template.PAYROLL_START, Template.BRANCH_NEW_MEMBER])
async def test_without_an_address_the_caseworkers_forward(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer, template: Template
) -> None:
    """An employer or branch without an address: the caseworkers are asked; it is logged so."""
    member = await make_membership(pool, employer_email=None, branch_email=None)
    await make_letter(pool, member, template)
    await deliver(pool, settings, member)
    (mail,) = mails.to(CASEWORKERS)
    assert mail.text().startswith("Til saksbehandler:")
    assert member in mail.text()
    basis = await pool.fetchval("SELECT basis FROM disclosures WHERE membership_id = $1", member)
    assert basis.endswith("by way of the caseworkers")


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(
    "template", [Template.PAYROLL_START, Template.PAYROLL_CHANGE, Template.PAYROLL_STOP]
)
async def test_within_the_house_no_mail_carries_a_line_either(
    pool: asyncpg.Pool,
    settings: NotificationSettings,
    mails: MailServer,
    template: Template,
    known: bool,
) -> None:
    """D3: without an address it lies in the employer's folder, also of one nobody knew before."""
    member = await make_membership(pool, employer_email=None)
    if not known:
        await pool.execute("DELETE FROM employers")
    await make_letter(pool, member, Template.PAYROLL_START)
    if template != Template.PAYROLL_START:
        await deliver(pool, settings, member)
        mails.mails.clear()
        await make_letter(pool, member, template, employer=ORGNR)
    await deliver(pool, settings, member, order="2")
    (mail,) = mails.to(CASEWORKERS)
    assert list(mail.message.iter_attachments()) == []
    for secret in ("Kari", "Nordmann", SYNTHETIC_ID):
        assert secret not in all_said(mail.message), secret
    assert settings.list_folder is not None
    payer = await pool.fetchval("SELECT payer_number FROM employers WHERE orgnr = $1", ORGNR)
    folder = settings.list_folder / payer
    assert f"i mappen {payer} der" in " ".join(mail.text().split())
    codes = {file.read_text("utf-8-sig").split(";")[-1].strip() for file in folder.iterdir()}
    assert f'"{template.removeprefix("payroll_").upper()}"' in codes


@pytest.mark.parametrize("named_by", ["email", "number"])
async def test_the_recruiter_is_thanked(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer, named_by: str
) -> None:
    """A27: a recruiter is found by e-mail address or member number, and thanked."""
    recruiter = await make_recruiter(pool)
    number = await pool.fetchval(
        "SELECT member_number FROM memberships WHERE membership_id = $1", recruiter
    )
    named = RECRUITER.upper() if named_by == "email" else number.lstrip("0")
    member = await make_membership(pool, recruited_by=named)
    key = await make_letter(pool, member, Template.RECRUITER_THANKS)
    assert (await deliver(pool, settings, member)).sent == (key,)
    assert len(mails.to(RECRUITER)) == 1


async def test_an_unknown_recruiter_is_not_guessed(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """Somebody named who is not found, or who is two members, gets no letter."""
    member = await make_membership(pool, recruited_by="Per fra jobben")
    key = await make_letter(pool, member, Template.RECRUITER_THANKS)
    assert (await deliver(pool, settings, member)).suppressed == (key,)
    assert "not found" in (await letter_row(pool, member, key))["note"]
    assert mails.mails == []


async def test_letters_are_written_in_the_members_language(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """English to the member who asked for it, Norwegian to everybody else (M19)."""
    member = await make_membership(pool, language="en")
    await make_letter(pool, member, Template.WELCOME)
    await make_letter(pool, member, Template.PAYROLL_START)
    await deliver(pool, settings, member)
    assert "Welcome as a member" in mails.to(MEMBER)[0].text()
    assert "lønnsansvarlig" in mails.to(EMPLOYER)[0].text()


async def test_a_faulty_letter_does_not_stop_the_others(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """A letter that can't be written stays open and visible; the rest goes out; nothing leaks."""
    member = await make_membership(pool)
    broken = await make_letter(pool, member, Template.COVER_BEGINS, figures={"x": "Nordmann"})
    welcome = await make_letter(pool, member, Template.WELCOME)
    with pytest.raises(DeliveryFailed, match="could not be written") as failure:
        await deliver(pool, settings, member)
    assert "Nordmann" not in str(failure.value)
    assert failure.value.__cause__ is None
    assert (await letter_row(pool, member, welcome))["status"] == "sent"
    assert (await letter_row(pool, member, broken))["status"] == "pending"
    assert len(mails.mails) == 1


async def test_a_request_rests_on_an_agreement_and_a_consent(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """D4: both with their dates, in the letter and on record; the answer is due after 14 days."""
    member = await make_membership(pool)
    await pool.execute(
        "UPDATE employers SET agreement = 'collective', agreed_on = '2024-04-01' WHERE orgnr = $1",
        ORGNR,
    )
    await pool.execute(
        "INSERT INTO consents (person_id, kind, given, stated_on, how)"
        " SELECT person_id, 'terms', true, '2026-11-20', 'application' FROM memberships"
        " WHERE membership_id = $1",
        member,
    )
    await make_letter(pool, member, Template.PAYROLL_START)
    await deliver(pool, settings, member)
    basis = await pool.fetchval("SELECT basis FROM disclosures WHERE membership_id = $1", member)
    assert "; collective agreement of 2024-04-01; written consent of 2026-11-20; " in basis
    (mail,) = mails.to(EMPLOYER)
    due = TODAY + timedelta(days=14)
    said = " ".join(mail.text().split())
    for wanted in ("tariffavtalen av 1. april 2024", "av 20. november 2026", f"innen {due.day}."):
        assert wanted in said
