"""Wrong files: each is refused whole, with what is wrong where, and nothing of it stays."""

import gzip
import io
import zipfile

import pytest

from activities.database.pool import open_pool
from activities.payments import formats
from schemas.payments.contracts import MAX_FAULTS
from tests.payments.making import Money, bring, camt, camt_entry, camt_of, counted, ocr

KID = "1000000010000016"
GOOD = (Money(KID, 49500, 1, "K1"), Money(None, 100, 2, "K2"))
OCR = ocr(*GOOD)
XML = camt(*GOOD)


def line(number, change):
    """The good OCR file with one line changed."""
    lines = OCR.decode("iso-8859-1").splitlines()
    lines[number - 1] = change(lines[number - 1])
    return "\r\n".join(lines).encode("iso-8859-1")


def put(place, text):
    """Change what stands at a place of a line."""
    return lambda whole: whole[:place] + text + whole[place + len(text) :]


def without(*numbers):
    """The good OCR file without some lines."""
    lines = OCR.splitlines(keepends=True)
    return b"".join(one for n, one in enumerate(lines, start=1) if n not in numbers)


def zipped():
    """The good OCR file, zipped."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("ocr.txt", OCR)
    return packed.getvalue()


def zeros():
    """1 GB of zeros, gzipped to 1 MB: the same megabyte a thousand times, packed once."""
    return gzip.compress(bytes(2**20)) * 1024


def bomb(depth=9):
    """Entities of entities: a thousand million times lol."""
    declared = "".join(
        f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "lol"}">' for n in range(depth)
    )
    return f'<?xml version="1.0"?><!DOCTYPE x [{declared}]><x>&e{depth - 1};</x>'.encode()


def xml(old, new, count=-1):
    """The good camt file with something replaced."""
    changed = XML.replace(old.encode(), new.encode(), count)
    assert changed != XML
    return changed


# A file, and a piece of what is said about it.
OCR_FILES = {
    "empty": (b"", "it is empty"),
    "white space": (b" \r\n\r\n", "it is empty"),
    "another text": (b"Kari Nordmann;495\n", "neither OCR giro"),
    "gzip": (gzip.compress(OCR), "it is packed (gzip)"),
    "zip": (zipped(), "it is packed (zip)"),
    "1 GB of zeros, gzipped": (zeros(), "it is packed (gzip)"),
    "zeros": (bytes(100_000), "it is empty"),
    "UTF-16": (OCR.decode().encode("utf-16"), "it holds NUL bytes"),
    "UTF-16 without a mark": (OCR.decode().encode("utf-16-le"), "it holds NUL bytes"),
    "NULs within": (OCR.replace(b"9999888", b"99\x00\x0088"), "it holds NUL bytes"),
    "another beginning": (line(3, put(0, "XY")), "line 3: it does not begin with NY"),
    "no such record": (line(3, put(6, "55")), "line 3: OCR giro has no such type of record"),
    "a letter in an amount": (line(3, put(40, "x")), "line 3: not a right amount item 1 record"),
    "an amount of nothing": (line(3, put(32, "0" * 17)), "line 7: the assignment sums to 100 øre"),
    "a huge amount": (line(3, put(32, "9" * 17)), "line 7: the assignment sums to 1000"),
    "another account": (line(2, put(24, "98765432101")), "it is for another account"),
    "a wrong total of the assignment": (
        line(7, put(33, "9")),
        "line 7: the assignment sums to 49600 øre, not",
    ),
    "a wrong total": (line(8, put(33, "9")), "line 8: the transmission sums to 49600 øre, not"),
    "a wrong count of transactions": (
        line(7, put(8, "00000003")),
        "line 7: the assignment has 2 transactions, not 3",
    ),
    "a wrong count of records": (
        line(8, put(16, "00000009")),
        "line 8: the transmission has 8 records, not 9",
    ),
    "cut off": (without(8), "it ends before its transmission end"),
    "cut off in a line": (OCR[:300], "it ends before its transmission end"),
    "no start": (without(1), "line 1: it stands outside a transmission"),
    "no start of the assignment": (without(2), "line 2: it stands outside an assignment"),
    "no end of the assignment": (without(7), "line 7: the assignment before it has no end"),
    "half a transaction": (without(4), "line 6: the assignment has 5 records, not 6"),
    "the other half": (without(3), "line 3: its amount item 1 is missing"),
}

XML_FILES = {
    "an entity bomb": (bomb(), "declares a document type or entities"),
    "a bomb in UTF-16": (bomb().decode().encode("utf-16"), "declares a document type or entities"),
    "an external entity": (
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
        "declares a document type or entities",
    ),
    "a document type elsewhere": (
        b'<!DOCTYPE x SYSTEM "http://example.org/x.dtd"><x/>',
        "declares a document type or entities",
    ),
    "a parameter entity": (
        b'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://example.org/p"> %p;]><x/>',
        "declares a document type or entities",
    ),
    "cut off": (XML[:-100], "it is not well-formed XML"),
    "no XML": (b"<<<>>>", "it is not well-formed XML"),
    "bytes that are no letter": (xml("takk", "t\u00e5kk").replace(b"\xc3\xa5", b"\x81"), "XML"),
    "an unknown encoding": (xml("UTF-8", "klingon"), "it can't be read as XML in the encoding"),
    "a page of the web": (b"<html><body/></html>", "it is not camt.054 or camt.053"),
    "a report within the day": (xml("camt.054", "camt.052"), "it is camt.052, a report within"),
    "an order to pay": (xml("camt.054", "pain.001"), "it is pain.001, which the bank is told"),
    "another message": (xml("camt.054", "acmt.013"), "it is not camt.054 or camt.053"),
    "nothing in it": (
        camt_of().replace(b"<Acct>", b"<Other>").replace(b"</Acct>", b"</Other>"),
        "names no account",
    ),
    "another account": (
        camt_of(camt_entry(GOOD[0]), account="98765432101"),
        "it is for another account",
    ),
    "a wrong count": (
        camt_of(
            camt_entry(GOOD[0]),
            head="<TxsSummry><TtlNtries><NbOfNtries>2</NbOfNtries></TtlNtries></TxsSummry>",
        ),
        "notice 1: it has 1 entries, not 2",
    ),
    "a wrong sum": (
        camt_of(
            camt_entry(GOOD[0]),
            head="<TxsSummry><TtlNtries><Sum>1.00</Sum></TtlNtries></TxsSummry>",
        ),
        "notice 1: its entries sum to 49500 øre, not to its total of 100",
    ),
    "elements without end": (
        camt_of(camt_entry(GOOD[0]), head="<X/>" * 100_001),
        "it has more elements in one place",
    ),
    "elements without end, between entries": (
        camt_of(camt_entry(GOOD[0]), "<X/>" * 60_000, camt_entry(GOOD[1]), "<X/>" * 60_000),
        "it has more elements in one place",
    ),
    "depth without end": (
        camt_of(head="<X>" * 100_001 + "</X>" * 100_001),
        "it has more elements in one place",
    ),
}
FILES = {**{f"OCR: {k}": v for k, v in OCR_FILES.items()}, **XML_FILES}


@pytest.fixture(scope="module")
async def untouched(postgres, migrated):
    """Connections to one database for all wrong files: nothing of them stays."""
    url = await postgres.create_database("malformed", template=migrated)
    async with await open_pool(url) as pool:
        yield pool


@pytest.mark.parametrize(("content", "says"), FILES.values(), ids=FILES.keys())
async def test_it_is_refused_with_a_reason_and_nothing_stays(untouched, content, says):
    """Where, and what; the fault quotes nothing that stands in the file."""
    before = await counted(untouched)
    report = await bring(untouched, content)
    assert await untouched.fetchval("SELECT count(*) FROM bank_entries") == 0
    assert report.outcome == "refused"
    lines = [
        f"{fault.where}: {fault.says}" if fault.where else fault.says for fault in report.faults
    ]
    assert any(says in one for one in lines), lines
    assert not any(KID in one or "99998888777" in one for one in lines)
    assert len(lines) <= MAX_FAULTS
    assert await counted(untouched) == before
    kept = await untouched.fetchval(
        "SELECT outcome FROM file_outcomes WHERE file_id = $1", report.file_id
    )
    assert kept == "refused"


async def test_every_fault_is_listed(pool):
    """Not the first alone: one look at the file mends all of it."""
    report = await bring(pool, line(8, put(16, "00000009")).replace(b"00000006", b"00000007", 1))
    assert [fault.where for fault in report.faults] == ["line 7", "line 8"]


async def test_so_many_faults_nobody_reads(pool):
    """A file that is wrong in every line names the first of them, and that there are more."""
    report = await bring(pool, b"NY0000\n" * 1000)
    assert (len(report.faults), report.more_faults) == (MAX_FAULTS, True)


async def test_a_refused_file_may_come_again(pool):
    """What was refused for a reason of ours, such as the account number, is booked once mended."""
    assert (await bring(pool, OCR, account="98765432101")).outcome == "refused"
    assert (await bring(pool, OCR)).outcome == "applied"
    assert await pool.fetchval("SELECT outcome FROM file_outcomes") == "applied"


async def test_a_file_too_large_is_refused(pool, monkeypatch):
    """What would fill the memory is not read."""
    monkeypatch.setattr(formats, "MAX_BYTES", 100)
    report = await bring(pool, OCR)
    assert "it has more than" in report.faults[0].says


@pytest.mark.parametrize(
    "content",
    [
        OCR,
        OCR.replace(b"\r\n", b"\n"),
        OCR + b"\r\n\r\n",
        XML,
        b"\xef\xbb\xbf" + XML,
        b"\n" + XML.split(b"?>", 1)[1],
        camt(*GOOD, version="08"),
        XML.replace(b"<Othr><Id>12345678903</Id></Othr>", b"<IBAN>NO9312345678903</IBAN>"),
        XML.replace(b"<Document xmlns=", b"<n:Document xmlns:n=")
        .replace(b"</", b"</n:")
        .replace(b"<", b"<n:")
        .replace(b"<n:/n:", b"</n:")
        .replace(b"<n:?", b"<?")
        .replace(b"<n:n:", b"<n:"),
    ],
    ids=[
        "OCR",
        "other line ends",
        "empty lines at the end",
        "camt",
        "a mark",
        "no declaration",
        "version .08",
        "an IBAN",
        "a prefix",
    ],
)
async def test_what_is_right_is_booked(pool, content):
    """The checks stop wrong files only: these are right and pass."""
    report = await bring(pool, content)
    assert report.faults == ()
    assert (report.payments, report.amount_ore) == (2, 49600)
