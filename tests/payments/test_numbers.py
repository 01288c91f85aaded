"""Numbers as payers write them, and where they lead to (P6)."""

import pytest

from activities.payments.camt import read_camt
from activities.payments.ocr import read_ocr
from activities.payments.transactions import Faults
from schemas.payments.kid import invoice_kid
from schemas.payments.numbers import leads_of, numbers_in
from tests.payments.making import ACCOUNT, TODAY, Money, camt_entry, camt_of, ocr

KID, OTHER = invoice_kid("00000007", 1), invoice_kid("00000008", 2)
IN_GROUPS = " ".join((KID[0], KID[1:5], KID[5:9], KID[9:]))

# A text, and the numbers in it.
TEXTS = {
    "nothing": ("Kontingent desember, takk!", []),
    "a sum and a year": ("495 kr for 12 2026", []),
    "a KID": (f"KID: {KID}", [KID]),
    "a KID in groups": (f"KID: {IN_GROUPS}.", [KID]),
    "with points": (IN_GROUPS.replace(" ", "."), [KID]),
    "with blanks that do not break": (IN_GROUPS.replace(" ", "\u00a0"), [KID]),
    "behind a date": (f"03.12.2026 {IN_GROUPS}", [KID]),
    "two KIDs": (f"{KID} {OTHER}", [KID, OTHER]),
    "two KIDs, and": (f"{KID}, {OTHER} og {KID}", [KID, OTHER]),
    "a member": ("medlem 00000007", ["00000007"]),
    "a member without noughts": ("Medlemsnr.: 7", ["00000007"]),
    "a member's year": ("medlemskontingent 2026", []),
    "an invoice": ("faktura 00000007-3", ["00000007-3"]),
    "an invoice without noughts": ("Fakturanr 7-3", ["00000007-3"]),
    "an invoice by a dash": ("00000007 – 3", ["00000007-3"]),
    "a number of the year's series": ("faktura 2026-17", ["2026-17"]),
    "both": ("faktura 00000007-3 medlem 00000008", ["00000007-3", "00000008"]),
    "two members": ("00000007  00000008", ["00000007", "00000008"]),
    "an employer": ("Lederne 974760673", ["974760673"]),
}


@pytest.mark.parametrize(("text", "numbers"), TEXTS.values(), ids=TEXTS)
def test_numbers_in_a_text(text, numbers):
    """A KID, an invoice's or a member's number, however it is set; no date and no sum."""
    assert numbers_in(text) == numbers


def test_numbers_lead_to_members():
    """By their own number, by an invoice's, by a KID, and by what looks like one."""
    wrong = KID[:-1] + str((int(KID[-1]) + 1) % 10)
    leads = leads_of([OTHER, "00000005-3", "00000006", wrong, "974760673"])
    assert leads.members == ("00000006", "00000005", "00000008")
    assert leads.mistyped == ("00000007",)
    assert leads.employers == ("974760673",)
    assert wrong in leads.exact


def details(inside):
    """What is read of an entry with other details of its transaction."""
    plain = camt_entry(Money(None, 49500))
    content = camt_of(plain.replace("<RmtInf><Ustrd>takk</Ustrd></RmtInf>", inside))
    [read] = read_camt(content, ACCOUNT, TODAY, Faults())
    return read.payer


def test_several_texts_are_several_numbers():
    """Two KIDs in two unstructured lines are not one number."""
    payer = details(f"<RmtInf><Ustrd>{KID}</Ustrd><Ustrd>{OTHER}</Ustrd></RmtInf>")
    assert payer.kids == f"{KID} {OTHER}"


def test_an_invoice_number_as_a_document():
    """The number of a document that is referred to, and a reference that is no KID."""
    payer = details(
        "<RmtInf><Strd><RfrdDocInf><Nb>00000007-3</Nb></RfrdDocInf></Strd>"
        "<Strd><CdtrRefInf><Ref>faktura 00000007-4</Ref></CdtrRefInf></Strd></RmtInf>"
    )
    assert "00000007-3" in (payer.kids or "").split()
    assert "00000007-4" in (payer.kids or "").split()


@pytest.mark.parametrize(
    "account",
    [
        "<IBAN>NO9315030123456</IBAN>",
        "<IBAN>no93 1503 0123 456</IBAN>",
        "<Othr><Id>1503.01.23456</Id></Othr>",
    ],
)
def test_a_payer_by_whatever_is_told(account):
    """The ultimate debtor alone, or the owner of the account; IBAN and eleven digits are one."""
    for who in (
        "<UltmtDbtr><Nm>KARI NORDMANN</Nm></UltmtDbtr>",
        "<UltmtDbtr><Pty><Nm>KARI NORDMANN</Nm></Pty></UltmtDbtr>",
    ):
        payer = details(f"<RltdPties><DbtrAcct><Id>{account}</Id></DbtrAcct>{who}</RltdPties>")
        assert (payer.name, payer.account) == ("KARI NORDMANN", "15030123456")


def test_the_text_of_ocr_giro():
    """All lines of a payment's text, and the numbers in them."""
    lines = ocr(Money(None, 49500)).decode("iso-8859-1").split("\r\n")
    text = [f"NY0910320000001{one:<40}{'0' * 25}" for one in ("Kontingent", "medlem 00000007")]
    lines[4:4] = text
    lines[6] = lines[6].replace("0000000100000004", "0000000100000006")
    lines[7] = lines[7].replace("0000000100000006", "0000000100000008")
    faults = Faults()
    content = "\r\n".join(lines).encode("iso-8859-1")
    [read] = read_ocr(content, ACCOUNT, TODAY, faults)
    assert faults.found == []
    assert (read.payer.text, read.payer.kids) == ("Kontingent medlem 00000007", "00000007")
