"""Files of the bank as transfers and editors leave them: read, or refused in words (P5)."""

import base64
import gzip

import pytest

from activities.payments.formats import format_of
from activities.payments.transactions import Faults, FileRefused
from tests.payments.making import ACCOUNT, PAID, TODAY, Money, camt, camt_of, ocr

KID = "1000000060000013"
GOOD = (Money(KID, 49500, 1, "K1"), Money(None, 100, 2, "K2"))
OCR = ocr(*GOOD)
XML = camt(*GOOD)
BARE = XML.split(b"?>", 1)[1]
SPACE = b' xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.02"'


def read(content):
    """What is read of a file whose counts and sums hold: KIDs, amounts, days; none set aside."""
    faults = Faults()
    found = list(format_of(content, faults).read(content, ACCOUNT, TODAY, faults))
    faults.check()
    assert [one.aside for one in found] == [None] * len(found)
    return [(one.kid, one.amount_ore, one.paid_on) for one in found]


def summary(sum_, count="2"):
    """The good notice with what it says of its entries."""
    told = f"<NbOfNtries>{count}</NbOfNtries><Sum>{sum_}</Sum>"
    total = f"</Acct><TxsSummry><TtlNtries>{told}</TtlNtries></TxsSummry>"
    return XML.replace(b"</Acct>", total.encode(), 1)


def ordered(kid):
    """The good notice with its KID written in another way."""
    return XML.replace(KID.encode(), kid.encode())


READ = {
    # Around the document.
    "a line before it": b"\r\n" + XML,
    "a mark and a line before it": b"\xef\xbb\xbf\r\n" + XML,
    "Ctrl-Z behind it": XML + b"\r\n\x1a",
    "NULs behind it": XML + b"\0\0\0\0",
    "no declaration": BARE,
    "a comment, and how to show it": XML.replace(
        b"<Document", b"<?xml-stylesheet href='x'?><!-- x --><Document", 1
    ),
    # Its letters.
    "Latin letters that it calls UTF-8": XML.replace(b"takk", b"t\xe5kk"),
    "Latin letters that it calls nothing": BARE.replace(b"takk", b"t\xe5kk"),
    "UTF-8 that it calls UTF-16": XML.replace(b"UTF-8", b"UTF-16"),
    "UTF-8 that it calls ASCII": XML.replace(b"UTF-8", b"US-ASCII").replace(
        b"takk", "tåkk".encode()
    ),
    "letters of DOS": XML.replace(b"UTF-8", b"IBM865").replace(b"takk", b"t\x86kk"),
    "text that is set off": XML.replace(b">takk<", b"><![CDATA[takk & hei]]><"),
    # What it calls itself.
    "no namespace": XML.replace(SPACE, b""),
    "an older namespace": XML.replace(b"urn:iso:std:iso:20022:tech:xsd:", b"urn:swift:xsd:$"),
    "a national variant": XML.replace(b"camt.054.001.02", b"camt.054.001.02.no"),
    "where its schema is": XML.replace(
        b"<Document",
        b'<Document xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:schemaLocation="u y.xsd"',
        1,
    ),
    "a page of one": XML.replace(
        b"</MsgId>",
        b"</MsgId><MsgPgntn><PgNb>1</PgNb><LastPgInd>true</LastPgInd></MsgPgntn>",
        1,
    ),
    # Whose account it is.
    "an IBAN in groups": XML.replace(
        b"<Othr><Id>12345678903</Id></Othr>", b"<IBAN>NO93 1234 5678 903</IBAN>"
    ),
    "an IBAN in small letters": XML.replace(
        b"<Othr><Id>12345678903</Id></Othr>", b"<IBAN>no9312345678903</IBAN>"
    ),
    "an IBAN among other numbers": XML.replace(b"<Id>12345678903<", b"<Id>NO9312345678903<"),
    # Its numbers.
    "noughts behind the amount": XML.replace(b"495.00", b"495.00000"),
    "noughts before it": XML.replace(b"495.00", b"000495.0"),
    "no decimals": XML.replace(b"495.00", b"495"),
    "blanks around it": XML.replace(b"495.00", b" 495.00\n"),
    "blanks in the summary": summary(" 496.00 ", " 2 "),
    "a sum below nothing": summary("-496.00"),
    "a day of a zone": XML.replace(b"2026-12-10<", b"2026-12-10Z<"),
    "a day with parts of a second": XML.replace(
        b"<Dt>2026-12-10</Dt>", b"<DtTm>2026-12-10T00:00:00.000+01:00</DtTm>"
    ),
    "the day of value alone": XML.replace(b"BookgDt", b"ValDt"),
    "a KID filled up": ordered(f"000000000{KID}"),
    "a KID that is called so": ordered(f"KID: {KID}"),
    "a KID called so without a colon": ordered(f"kid {KID}"),
    "a KID with points": ordered("1000.0000.6000.0013"),
    "a KID in groups": ordered("1000 0000\N{NO-BREAK SPACE}6000 0013"),
    "a KID on a line of its own": ordered(f"\n    {KID}\n  "),
    # OCR giro.
    "OCR: lines before it": b"\r\n\r\n" + OCR,
    "OCR: blanks behind each line": OCR.replace(b"\r\n", b"  \r\n"),
    "OCR: tabs behind each line": OCR.replace(b"\r\n", b"\t\r\n"),
    "OCR: ends of lines twice": OCR.replace(b"\r\n", b"\r\r\n"),
    "OCR: filled up with NULs": OCR + b"\0" * 512,
    "OCR: a word of the transfer behind it": OCR + b"EOF\r\n",
    "OCR: joined with itself": OCR + OCR,
    "OCR: a KID filled up": OCR.replace(b" " * 9 + KID.encode(), b"0" * 9 + KID.encode()),
    "OCR: a KID to the left": OCR.replace(b" " * 9 + KID.encode(), KID.encode() + b" " * 9),
}


@pytest.mark.parametrize("content", READ.values(), ids=READ)
def test_the_same_two_payments(content):
    """495.00 with the KID and 1.00 without, whatever has been done to the file on its way."""
    assert read(content) == [(KID, 49500, PAID), (None, 100, PAID)]


REFUSED = {
    "half of it": (XML[: len(XML) // 2], "not well-formed XML: cut off"),
    "all but its end": (XML[:-5], "not well-formed XML: cut off"),
    "two documents in one file": (XML + BARE, "not well-formed XML"),
    "a notice and the statement of it": (
        b"<Files>" + BARE + BARE.replace(b"camt.054", b"camt.053") + b"</Files>",
        "it holds documents of camt.054 and of camt.053, which tell of the same money",
    ),
    "a document type": (
        XML.replace(b"<Document", b"<!DOCTYPE Document><Document", 1),
        "it declares a document type",
    ),
    "an ampersand": (XML.replace(b"takk", b"Ola & Kari"), "not well-formed XML"),
    "letters that nobody knows": (XML.replace(b"UTF-8", b"X-BANK"), "the encoding that it declare"),
    "a wrong sum": (summary("497.00"), "its entries sum to 49600 øre, not to its total of 49700"),
    "a wrong count": (summary("496.00", "3"), "it has 2 entries, not 3"),
    "packed": (gzip.compress(XML), "it is packed (gzip)"),
    "as mail carries it": (base64.b64encode(XML), "it is neither OCR giro"),
    "nothing": (b"", "it is empty"),
    "blanks": (b" \r\n", "it is empty"),
    "NULs": (b"\0" * 80, "it is empty"),
    "CSV": (b"Dato;Tekst;Inn\r\n10.12.2026;Kari;495,00\r\n", "it is neither OCR giro"),
    "MT940": (b":20:1\r\n:25:12345678903\r\n", "it is neither OCR giro"),
    "a web page": (b"<html><body>Logg inn</body></html>", "it is not camt.054 or camt.053"),
    "OCR: half of it": (OCR[: len(OCR) // 2], "it ends before its transmission end"),
    "OCR: without its last line": (OCR[:-82], "it ends before its transmission end"),
    "OCR: a record behind its end": (OCR + OCR.splitlines()[2], "outside a transmission"),
}


@pytest.mark.parametrize(("content", "says"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_is_not_whole_is_refused(content, says):
    """With what is wrong and what to ask for: none of it is guessed."""
    with pytest.raises(FileRefused) as refused:
        read(content)
    assert any(says in fault.says for fault in refused.value.faults.found)


def test_a_notice_of_nothing_is_no_fault():
    """A day on which nothing came."""
    assert read(camt_of()) == []
