"""The invoice as a PDF, read back."""

import io
from dataclasses import replace
from datetime import date

import pytest
from pypdf import PdfReader

from activities.letters.cases import Addressee, InvoiceFacts
from activities.letters.invoice import invoice_pdf
from activities.letters.settings import Organisation
from schemas.shared.vocabulary import Language

INVOICE = InvoiceFacts(
    number="2026-000123",
    kid="1000123450000017",
    period_from=date(2026, 11, 1),
    issued_on=date(2026, 11, 22),
    due_on=date(2026, 12, 7),
    total_ore=74000,
    lines=(
        {"kind": "central_dues", "amount_ore": 49500},
        {"kind": "local_dues", "amount_ore": 4500},
        {"kind": "insurance_premium", "amount_ore": 20000},
    ),
)


def person(name: str = "Kari Nordmann", language: Language = Language.NB) -> Addressee:
    """Somebody to invoice."""
    return Addressee(
        name=name,
        birth_date=date(1986, 4, 12),
        national_id=None,
        email="kari@example.org",
        phone=None,
        address=("Storgata 1", "0155 Oslo"),
        language=language,
    )


def text_of(pdf: bytes) -> str:
    """What a reader of the PDF reads, with plain spaces."""
    pages = PdfReader(io.BytesIO(pdf)).pages
    assert len(pages) == 1
    return " ".join(pages[0].extract_text().split())


def test_a_person_can_pay_from_it() -> None:
    """KID, account, amount and due date can be read and typed, beside every line."""
    text = text_of(invoice_pdf(INVOICE, person(), Organisation()))
    for said in (
        "1000123450000017",
        "1234 56 78903",
        "740,00 kr",
        "7. desember 2026",
        "22. november 2026",
        "2026-000123",
        "Sentral kontingent, november 2026",
        "495,00 kr",
        "45,00 kr",
        "200,00 kr",
        "Kari Nordmann",
    ):
        assert said in text


@pytest.mark.parametrize(
    ("language", "says"),
    [
        (Language.NB, "Medlemsnummer 00012345"),
        (Language.NN, "Medlemsnummer 00012345"),
        (Language.EN, "Member number 00012345"),
    ],
)
def test_it_says_whose_membership_it_is_for(language: Language, says: str) -> None:
    """P2: whoever rings about it, or pays for somebody else, has the number at hand."""
    pdf = invoice_pdf(INVOICE, person(language=language), Organisation(), "00012345")
    assert says in text_of(pdf)


@pytest.mark.parametrize(
    ("begins", "yearly", "says"),
    [
        # A13: a pensioner's fee that begins in July is for the months that are left.
        (date(2027, 7, 1), True, "juli–desember 2027"),
        (date(2027, 1, 1), True, "2027"),
        (date(2027, 12, 1), True, "desember 2027"),
        # A quarter of full dues is paid by the month (S21).
        (date(2026, 11, 1), False, "november 2026"),
    ],
)
def test_it_says_what_it_covers(begins: date, yearly: bool, says: str) -> None:
    """A13, S21: the months that are paid for, in the head and on the line."""
    lines = ({"kind": "central_dues", "amount_ore": 30000},)
    invoice = replace(INVOICE, period_from=begins, yearly=yearly, lines=lines)
    text = text_of(invoice_pdf(invoice, person(), Organisation(), "00012345"))
    assert f"Gjelder {says} Medlemsnummer" in text
    assert f"Sentral kontingent, {says} 300,00 kr" in text


def test_it_is_written_in_the_members_language() -> None:
    """An English-speaking member gets an English invoice."""
    text = text_of(invoice_pdf(INVOICE, person(language=Language.EN), Organisation()))
    assert "How to pay" in text
    assert "7 December 2026" in text
    assert "NOK 740.00" in text


def test_the_same_facts_give_the_same_bytes() -> None:
    """A second copy of a letter carries the same file."""
    assert invoice_pdf(INVOICE, person(), Organisation()) == invoice_pdf(
        INVOICE, person(), Organisation()
    )


@pytest.mark.parametrize(
    "name",
    [
        '#read("/etc/passwd")',
        '#strong[x] $a$ "quoted" \\ *b* // c',
        "王小明",
        "Søren 😀",
        "محمد علي",
        "x" * 200,
        "Maximiliane " * 16,
    ],
)
def test_no_name_breaks_it(name: str) -> None:
    """A name is data: whatever it holds, the invoice is one page and can be paid."""
    text = text_of(invoice_pdf(INVOICE, person(name), Organisation()))
    assert "1000123450000017" in text
    assert "root:" not in text
    # Glyphs the fonts lack, and lines that are broken inside a word, read back differently.
    if name.isascii() and " " in name:
        assert " ".join(name.split()) in text


@pytest.mark.parametrize("wrong", ["12345678901", "1234567890", ""])
def test_an_account_nobody_could_pay_to_is_refused(wrong: str) -> None:
    """A wrong account number stops the worker at its start, not the member at the bank (P7)."""
    with pytest.raises(ValueError, match="account number"):
        Organisation(account_number=wrong)
