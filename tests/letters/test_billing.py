"""Invoices of the runs in words: lines, corrections, redirected months, credit notes."""

from dataclasses import replace
from datetime import date
from typing import Any

import asyncpg
import pytest

from activities.letters import wording
from activities.letters.billing import lines_of
from activities.letters.cases import InvoiceFacts
from activities.letters.invoice import filename_of, invoice_pdf
from activities.letters.render import render
from activities.letters.settings import NotificationSettings, Organisation
from activities.letters.store import Store
from schemas.shared.vocabulary import Language, Template
from tests.letters.making import (
    TODAY,
    end_membership,
    make_decision,
    make_invoice,
    make_letter,
    make_membership,
    pay,
)
from tests.letters.making import deliver as deliver_letters
from tests.letters.test_invoice import INVOICE, person, text_of
from tests.letters.test_templates import values


def correction(month: int, was: int, is_: int, reason: str = "reassessed") -> dict[str, Any]:
    """One month that was charged wrongly."""
    return {
        "kind": "central_dues",
        "period_from": f"2026-{month:02d}-01",
        "reason": reason,
        "was_ore": was,
        "is_ore": is_,
        "amount_ore": is_ - was,
    }


CORRECTIONS = (
    correction(8, 0, 24750),
    correction(9, 49500, 24750),
    correction(10, 49500, 0, "over_deducted"),
)
# 247.50 - 247.50 - 495.00 = -495.00; with 740.00 of the month: 245.00
CORRECTED = replace(
    INVOICE,
    lines=(*INVOICE.lines, {"kind": "correction", "amount_ore": -49500}),
    corrections=CORRECTIONS,
    total_ore=24500,
)
CREDIT = replace(
    INVOICE,
    lines=({"kind": "correction", "amount_ore": -49500},),
    corrections=CORRECTIONS,
    total_ore=-49500,
    open_ore=-49500,
)
REDIRECTED = replace(
    INVOICE,
    lines=(),
    redirected=({"period_from": "2026-11-01", "reason": "UNPAID_LEAVE", "amount_ore": 74000},),
)


def mail_of(invoice: InvoiceFacts, language: Language = Language.NB) -> str:
    """The letter that carries an invoice, as plain text on one line."""
    text = render("dues_invoice", language, values(Template.DUES_INVOICE, invoice=invoice))
    return " ".join(text.plain.split())


def both(invoice: InvoiceFacts, language: Language = Language.NB) -> tuple[str, str]:
    """The words of the PDF and of the mail."""
    pdf = text_of(invoice_pdf(invoice, person(language=language), Organisation()))
    return pdf, mail_of(invoice, language)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("invoice", [INVOICE, CORRECTED, CREDIT, REDIRECTED])
def test_the_lines_add_up_to_the_total(invoice: InvoiceFacts, language: Language) -> None:
    """Whatever stands in an invoice's place, a reader can add it up."""
    assert sum(line.amount_ore for line in lines_of(invoice, language)) == invoice.total_ore


def test_corrections_say_which_month_and_what_it_was() -> None:
    """Which month, which amount, what it was, what it is; never one unexplained sum."""
    for said in both(CORRECTED):
        for words in (
            "Korrigering: Sentral kontingent, august 2026",
            "Du er ikke belastet for dette før. Riktig beløp er 247,50 kr.",
            "Korrigering: Sentral kontingent, september 2026",
            "Du er belastet 495,00 kr. Riktig beløp er 247,50 kr.",
            "Korrigering: kontingent, oktober 2026",
            "Det ble trukket 495,00 kr av lønnen din. Riktig beløp er 0,00 kr.",
            "245,00 kr",
        ):
            assert words in said


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.NB, "Korrigering: kontingent, oktober 2026 Du hadde mer til gode enn det som"),
        (Language.NN, "Retting: kontingent, oktober 2026 Du hadde meir til gode enn det som"),
        (Language.EN, "Correction: dues, October 2026 More was to be given back than to be"),
    ],
)
def test_what_is_carried_over_from_a_list_is_said(language: Language, words: str) -> None:
    """A37: the rest of the list's month, which no employer paid out."""
    invoice = replace(CREDIT, corrections=(correction(10, 0, -49500, "carried_over"),))
    line = lines_of(invoice, language)[-1]
    assert f"{line.description} {line.note}".startswith(words)
    assert line.amount_ore == -49500


def test_a_correction_without_its_months_stays_a_line() -> None:
    """What can't be explained is not explained wrongly."""
    found = lines_of(replace(CORRECTED, corrections=CORRECTIONS[:1]), Language.EN)
    assert [line.description for line in found][-1] == "Correction, November 2026"
    assert found[-1].amount_ore == -49500


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.NB, "Riktig beløp er 247,50 kr. Det gjelder faktura 2026-17."),
        (Language.NN, "Rett beløp er 247,50 kr. Det gjeld faktura 2026-17."),
        (Language.EN, "The right amount is NOK 247.50. This is about invoice 2026-17."),
    ],
)
def test_a_credit_note_names_the_invoice_it_credits(language: Language, words: str) -> None:
    """P10: the letter and the page say which invoice each credited month stood on."""
    credited = {**correction(9, 49500, 24750), "invoice": "2026-17"}
    lines = ({"kind": "correction", "amount_ore": -24750},)
    invoice = replace(CREDIT, lines=lines, corrections=(credited,), total_ore=-24750)
    for said in both(invoice, language):
        assert words in said


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.NB, "har trukket beløpet av lønnen din likevel. Derfor får du det tilbake. Det"),
        (Language.NN, "har trekt beløpet av løna di likevel. Difor får du det tilbake. Det"),
        (Language.EN, "deducted this from your pay after all. That is why you get it back. This"),
    ],
)
def test_a_month_that_was_deducted_after_all_is_given_back(language: Language, words: str) -> None:
    """D7: nobody reads of money back that the employer had not deducted it."""
    back = {**REDIRECTED.redirected[0], "reason": "corrected", "amount_ore": -74000}
    back |= {"invoice": "2026-17"}
    invoice = replace(REDIRECTED, redirected=(back,), total_ore=-74000, open_ore=-74000)
    for said in both(invoice, language):
        assert words in said
        assert "2026-17" in said


@pytest.mark.parametrize(
    ("language", "taken", "offer"),
    [
        (Language.NB, "Trekkes fra kontoen din 7. desember 2026", "Du kan også betale med"),
        (Language.NN, "Blir trekt frå kontoen din 7. desember 2026", "Du kan òg betale med"),
        (Language.EN, "Taken from your account on 7 December 2026", "You can also pay by"),
    ],
)
def test_what_the_bank_takes_is_not_asked_for(language: Language, taken: str, offer: str) -> None:
    """P9: the sum says when it is taken; who pays by hand is told that the bank could take it."""
    for said in both(replace(INVOICE, debited_on=INVOICE.due_on), language):
        assert taken in said
        assert "Å betale" not in said
        assert "To pay" not in said
        assert "AvtaleGiro" in said
        assert offer not in said
    for said in both(replace(INVOICE, offers_mandate=True), language):
        assert f"{offer} AvtaleGiro" in said
    for said in both(INVOICE, language):
        assert "AvtaleGiro" not in said


@pytest.mark.parametrize(
    ("language", "ore", "description", "words"),
    [
        (Language.NB, 49500, "Betalt tilbake til deg", "trakk den i tillegg tilbake fra oss 15."),
        (Language.NN, 49500, "Betalt tilbake til deg", "trekte ho i tillegg tilbake frå oss 15."),
        (Language.EN, 49500, "Paid back to you", "taken it back from us as well on 15"),
        (Language.NB, -49500, "Betalt tilbake til deg", "er kommet i retur til oss"),
    ],
)
def test_what_is_recovered_says_why(
    language: Language, ore: int, description: str, words: str
) -> None:
    """Who is asked for what was paid back and then taken back reads what happened (P8)."""
    payment = {"paid_on": "2026-12-10", "taken_back_on": "2026-12-15", "amount_ore": ore}
    invoice = replace(INVOICE, lines=(), recovered=(payment,), total_ore=ore)
    [line] = lines_of(invoice, language)
    assert (line.description, line.amount_ore) == (description, ore)
    assert words in (line.note or "")


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("UNPAID_LEAVE", "av lønnen din: du er meldt i permisjon uten lønn. Derfor"),
        ("NO_PAY", "av lønnen din: du fikk ikke lønn den måneden. Derfor"),
        ("OTHER", "av lønnen din. Derfor"),
        ("something new", "av lønnen din. Derfor"),
    ],
)
def test_a_redirected_month_says_why(reason: str, words: str) -> None:
    """The employer did not deduct; the reason in words, or none, but never a code."""
    redirected = ({**REDIRECTED.redirected[0], "reason": reason},)
    for said in both(replace(REDIRECTED, redirected=redirected)):
        assert words in said
        assert reason not in said
        assert "Kontingent, november 2026" in said


@pytest.mark.parametrize("language", Language)
def test_a_credit_note_asks_for_nothing(language: Language) -> None:
    """It is called one, says what happens with the money, and has no KID, account or due date."""
    words = {
        Language.NB: ("Kreditnota", "trekkes fra på neste faktura", "Til gode", "495,00 kr"),
        Language.NN: ("Kreditnota", "blir trekt frå på neste faktura", "Til gode", "495,00 kr"),
        Language.EN: ("Credit note", "set off against your next", "In your favour", "NOK 495.00"),
    }[language]
    for said in both(CREDIT, language):
        for word in words:
            assert word.lower() in said.lower()
        for never in (INVOICE.kid, "1234 56 78903", "Forfallsdato", "Due date"):
            assert never not in said
    assert filename_of(CREDIT, language) in {"kreditnota.pdf", "credit-note.pdf"}


def test_a_settled_invoice_asks_for_nothing() -> None:
    """Paid by a credit before it went out: it says so, and has no slip."""
    for said in both(replace(INVOICE, open_ore=0)):
        assert "Ingenting å betale" in said
        assert INVOICE.kid not in said


def test_a_partly_settled_invoice_asks_for_the_rest() -> None:
    """740 less a credit of 100: the slip says 640."""
    pdf, mail = both(replace(INVOICE, open_ore=64000))
    for said in (pdf, mail):
        assert "640,00 kr" in said
        assert "100,00 kr" in said
    assert "Beløp 640,00 kr" in pdf.replace("Forfallsdato ", "")


def test_a_yearly_and_a_quarterly_line_say_so() -> None:
    """600 for 2027; a quarter by its number."""
    line = {"kind": "central_dues", "amount_ore": 60000, "cadence": "yearly"}
    year = replace(INVOICE, lines=(line,), period_from=date(2027, 1, 1), yearly=True)
    assert lines_of(year, Language.NB)[0].description == "Sentral kontingent, 2027"
    quarter = replace(year, lines=({**line, "cadence": "quarterly"},))
    assert lines_of(quarter, Language.NB)[0].description == "Sentral kontingent, 1. kvartal 2027"


@pytest.mark.parametrize(
    ("start", "yearly", "nb", "en"),
    [
        # A13: July to December of 600.00 are 300.00, and not for the whole of 2027
        (date(2027, 7, 1), True, "juli–desember 2027", "July–December 2027"),
        (date(2027, 12, 1), True, "desember 2027", "December 2027"),
        (date(2027, 1, 1), True, "2027", "2027"),
        (date(2027, 7, 1), False, "juli 2027", "July 2027"),
    ],
)
def test_a_fee_that_begins_during_the_year_is_for_its_rest(start, yearly, nb, en) -> None:
    """A13: the letter, the line and the head of the page say which months are paid for."""
    line = {"kind": "central_dues", "amount_ore": 30000}
    rest = replace(INVOICE, lines=(line,), period_from=start, yearly=yearly)
    for language, said in ((Language.NB, nb), (Language.EN, en)):
        assert wording.period(start, yearly, language) == said
        assert lines_of(rest, language)[0].description.endswith(f", {said}")
    assert f"Gjelder {nb} " in text_of(invoice_pdf(rest, person(), Organisation()))


async def test_the_balance_follows_every_kind_of_money(pool: asyncpg.Pool) -> None:
    """740 + 740 invoiced; 300 paid, 100 in suspense, 50 of it refunded, a payment taken back.

    1480.00 - 300.00 - (100.00 - 50.00) = 1130.00; the payment taken back counts nothing.
    """
    member = await make_membership(pool)
    kids = [await make_invoice(pool, member, serial=serial) for serial in (1, 2)]
    await pay(pool, kids[0], 30000)
    reference = await pay(pool, kids[1], 10000, placed=False)
    await pool.execute(
        "WITH asked AS (INSERT INTO refunds"
        " (refund_id, amount_ore, requested_on, requested_by, reason)"
        " VALUES ('R0123456789ABCDEF', 5000, $2, 'ola', 'paid too much'))"
        " INSERT INTO refund_parts (refund_id, serial, reference, amount_ore)"
        " VALUES ('R0123456789ABCDEF', 1, $1, 5000)",
        reference,
        TODAY,
    )
    taken_back = await pay(pool, kids[1], 20000, placed=False)
    await pool.execute(
        "INSERT INTO payments (reference, membership_id, amount_ore, paid_on, reverses)"
        " VALUES ($1, $2, 20000, $3, $4)",
        f"{taken_back}-back",
        member,
        TODAY,
        taken_back,
    )
    async with pool.acquire() as connection:
        store = Store(connection, member, "1", TODAY)
        assert await store.balance_ore() == 113000
        invoice = await store.invoice(None)
    assert invoice is not None
    assert (invoice.total_ore, invoice.to_pay_ore, invoice.settled_ore) == (74000, 44000, 30000)


async def test_a_credit_note_finds_the_invoices_it_credits(pool: asyncpg.Pool) -> None:
    """P10: October and November stood on an invoice each; 2 x -495.00 = -990.00."""
    member = await make_membership(pool)
    for serial in (2, 1):
        await make_invoice(pool, member, serial=serial)
    await pool.execute(
        "WITH noted AS (INSERT INTO corrections"
        " SELECT $1, '2026-12-01', month, 'central_dues', 'reassessed', 49500, 0"
        " FROM unnest('{2026-10-01,2026-11-01}'::date[]) AS month"
        "), invoice AS (INSERT INTO invoices (number, kid, membership_id, serial, decision,"
        " period_from, issued_on, due_on, total_ore, currency)"
        " VALUES ('N-3', '1000000000000033', $1, 3, 1, '2026-12-01', $2, $2, -99000, 'NOK'))"
        " INSERT INTO charges SELECT 'N-3', $1, '2026-12-01', 'correction', -99000,"
        " repeat('0', 64), NULL, 'monthly', person_id FROM memberships WHERE membership_id = $1",
        member,
        TODAY,
    )
    async with pool.acquire() as connection:
        credit = await Store(connection, member, "1", TODAY).invoice("N-3")
    assert credit is not None
    shown = await pool.fetch(
        "SELECT series_no FROM invoices WHERE total_ore > 0 ORDER BY period_from"
    )
    assert [one["invoice"] for one in credit.corrections] == [
        f"2026-{row['series_no']}" for row in shown
    ]
    assert not credit.offers_mandate


async def test_avtalegiro_is_offered_to_who_has_none_and_gets_more(pool: asyncpg.Pool) -> None:
    """P9: not to whoever has signed a mandate, nor on what is paid, nor on the last invoice."""
    member = await make_membership(pool)
    kid = await make_invoice(pool, member)
    async with pool.acquire() as connection:
        store = Store(connection, member, "1", TODAY)

        async def offered() -> bool:
            invoice = await store.invoice(None)
            assert invoice is not None
            return invoice.offers_mandate

        assert await offered()
        await connection.execute(
            "INSERT INTO mandates VALUES ('100000001', $1, $2, true, $3, NULL, $3)",
            member,
            kid,
            TODAY,
        )
        assert not await offered()
        await connection.execute("UPDATE mandates SET ended_on = $1", TODAY)
        assert await offered()
        await end_membership(pool, member, "resigned")
        assert not await offered()


async def test_a_task_finds_the_payment_of_its_decision(
    pool: asyncpg.Pool, settings: NotificationSettings
) -> None:
    """A letter that names no payment is about the one its decision recorded."""
    member = await make_membership(pool)
    kid = await make_invoice(pool, member)
    keys = []
    for placed in (True, False):
        number = await make_decision(pool, member, "payment_recorded")
        await pay(pool, kid, 10000, placed=placed, decision=number)
        figures = {"task": "payment_in_suspense", "detail": None}
        keys.append(
            await make_letter(
                pool, member, Template.CASEWORKER_TASK, figures=figures, decision=number
            )
        )
    report = await deliver_letters(pool, settings, member)
    assert (report.suppressed, report.sent) == ((keys[0],), (keys[1],))
