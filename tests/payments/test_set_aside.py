"""One entry that can't be used is set aside, with a reason and a task; the other is booked (P5)."""

import pytest

from activities.payments.formats import format_of
from activities.payments.task_payers import payers_of
from activities.payments.transactions import Faults, FileRefused
from schemas.payments.entries import SetAside
from tests.payments.making import (
    ACCOUNT,
    PAID,
    TODAY,
    Money,
    bring,
    camt,
    camt_batch,
    camt_entry,
    camt_of,
    kroner,
    ocr,
)

KID = "1000000010000016"
GOOD = (Money(KID, 49500, 1, "K1"), Money(None, 100, 2, "K2"))
OCR = ocr(*GOOD)
XML = camt(*GOOD)


def line(number, place, text):
    """The good OCR file with a text at a place of a line."""
    lines = OCR.decode("iso-8859-1").splitlines()
    whole = lines[number - 1]
    lines[number - 1] = whole[:place] + text + whole[place + len(text) :]
    return "\r\n".join(lines).encode("iso-8859-1")


def xml(old, new, count=1):
    """The good camt file with something replaced in its first entry."""
    changed = XML.replace(old.encode(), new.encode(), count)
    assert changed != XML
    return changed


# A file, why its first entry is set aside, where it stands, and what else is said of it.
ENTRIES = {
    "a date to come": (line(3, 15, "161226"), "future", "line 3", None),
    "an old date": (line(3, 15, "010199"), "unreadable", "line 3", "before the year 2000"),
    "an impossible date": (line(3, 15, "310226"), "unreadable", "line 3", "no date"),
    "no date": (line(3, 15, "000000"), "unreadable", "line 3", "no date"),
    "a kind that nobody knows": (line(3, 4, "77"), "unreadable", "line 3", "kind of transaction"),
    "something in a filler": (line(3, 76, "0001"), "unreadable", "line 3", "a field is out of"),
    "a line too short": (
        OCR.replace(b"16000000\r\n", b"1600000\r\n", 1), "unreadable", "line 3", "out of place",
    ),
    "a number that is none": (line(3, 8, "x"), "unreadable", "line 3", "a field is out of place"),
    "camt: a date to come": (xml("2026-12-10", "2026-12-16"), "future", "entry 1", None),
    "camt: no date": (
        xml("<BookgDt><Dt>2026-12-10</Dt></BookgDt>", ""),
        "unreadable",
        "entry 1",
        "no date",
    ),
    "camt: an impossible date": (xml("2026-12-10", "2026-02-31"), "unreadable", "entry 1", "date"),
    "another currency": (xml('"NOK"', '"EUR"'), "currency", "entry 1", "not in NOK"),
    "no currency": (xml(' Ccy="NOK"', ""), "currency", "entry 1", "not in NOK"),
    "not booked": (xml(">BOOK<", ">PDNG<"), "not_booked", "entry 1", None),
    "for information": (xml(">BOOK<", ">INFO<"), "not_booked", "entry 1", None),
    "not booked, newer": (
        xml("<Sts>BOOK</Sts>", "<Sts><Cd>PDNG</Cd></Sts>"),
        "not_booked",
        "entry 1",
        None,
    ),
    "no status": (xml("<Sts>BOOK</Sts>", ""), "unreadable", "entry 1", "booked"),
    "no direction": (xml("CRDT", "LEFT"), "unreadable", "entry 1", "neither a credit nor a debit"),
    "a negative amount": (xml("495.00", "-495.00"), "unreadable", "entry 1", "no number"),
    "an amount of nothing": (xml("495.00", "0.00"), "nothing", "entry 1", None),
    "a huge amount": (xml("495.00", "9" * 15), "unreadable", "entry 1", "beyond all measure"),
    "an amount without end": (xml("495.00", "9" * 5000), "unreadable", "entry 1", "no number"),
    "part of an øre": (xml("495.00", "495.005"), "unreadable", "entry 1", "no number"),
    "another comma": (xml("495.00", "495,00"), "unreadable", "entry 1", "no number"),
    "digits of another script": (xml("495.00", "٤٩٥.00"), "unreadable", "entry 1", "no number"),
    "a batch that does not add up": (
        camt_of(camt_batch("E", *GOOD).replace("496.00", "497.00", 1), camt_entry(GOOD[1])),
        "parts",
        "entry 1",
        "its transactions sum to 49600 øre, not 49700",
    ),
    "a batch of another number": (
        camt_of(camt_batch("E", *GOOD, said=3), camt_entry(GOOD[1])),
        "parts",
        "entry 1",
        "it has 2 transactions, and says 3",
    ),
    "a batch without its parts": (
        camt_of(
            camt_entry(GOOD[0]).replace(
                "<NtryDtls>", "<NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch></NtryDtls><Old>"
            ).replace("</NtryDtls></Ntry>", "</Old></Ntry>"),
            camt_entry(GOOD[1]),
        ),
        "parts",
        "entry 1",
        "it has none of its 2 parts",
    ),
    "a fee, by the bank's code": (
        camt_of(
            camt_entry(Money(None, 4500, key="F")).replace("CRDT", "DBIT").replace(
                "<NtryDtls>",
                "<BkTxCd><Domn><Cd>ACMT</Cd><Fmly><Cd>MDOP</Cd><SubFmlyCd>CHRG</SubFmlyCd></Fmly>"
                "</Domn></BkTxCd><NtryDtls>",
            ),
            camt_entry(GOOD[1]),
        ),
        "fee",
        "entry 1",
        None,
    ),
    "a fee, by its text": (
        camt_of(
            camt_entry(Money(None, 4500, key="F")).replace("CRDT", "DBIT").replace(
                "</NtryDtls></Ntry>",
                "</NtryDtls><AddtlNtryInf>Gebyr november</AddtlNtryInf></Ntry>",
            ),
            camt_entry(GOOD[1]),
        ),
        "fee",
        "entry 1",
        None,
    ),
    "somebody's debit, with a fee's word": (
        camt_of(
            camt_entry(Money(None, 4500, key="F")).replace("CRDT", "DBIT").replace(
                "<TxDtls>", "<TxDtls><RltdPties><Cdtr><Nm>Kurssenter AS</Nm></Cdtr></RltdPties>"
            ).replace(
                "</NtryDtls></Ntry>", "</NtryDtls><AddtlNtryInf>Kursgebyr</AddtlNtryInf></Ntry>",
            ),
            camt_entry(GOOD[1]),
        ),
        "outgoing",
        "entry 1",
        None,
    ),
    "a transfer by the bank's code, with a fee's word": (
        camt_of(
            camt_entry(Money(None, 4500, key="F")).replace("CRDT", "DBIT").replace(
                "<NtryDtls>",
                "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>DMCT</SubFmlyCd></Fmly>"
                "</Domn></BkTxCd><NtryDtls>",
            ).replace(
                "</NtryDtls></Ntry>", "</NtryDtls><AddtlNtryInf>Gebyr</AddtlNtryInf></Ntry>",
            ),
            camt_entry(GOOD[1]),
        ),
        "outgoing",
        "entry 1",
        None,
    ),
    "somebody else's debit": (
        camt_of(
            camt_entry(Money(None, 4500, key="F")).replace("CRDT", "DBIT"), camt_entry(GOOD[1])
        ),
        "outgoing",
        "entry 1",
        None,
    ),
}  # fmt: skip


def read(content):
    """What is read of a file whose counts and sums hold: what is booked, and what is set aside."""
    faults = Faults()
    found = list(format_of(content, faults).read(content, ACCOUNT, TODAY, faults))
    faults.check()
    kept = [
        one for one in found if one.entry not in faults.retracted or one.aside is SetAside.PARTS
    ]
    return [one for one in kept if one.aside is None], [one for one in kept if one.aside]


WRITTEN = "1000000070000011"
TOLD_ELSEWHERE = {
    "the bank's own words": f"<AddtlNtryInf>Kari, KID {WRITTEN[:4]} {WRITTEN[4:]}</AddtlNtryInf>",
    "what the payer calls it": f"<NtryDtls><TxDtls><Refs><EndToEndId>{WRITTEN}</EndToEndId></Refs>"
    "</TxDtls></NtryDtls>",
    "a reference of the bank's": "<NtryDtls><TxDtls><Refs><Prtry>"
    f"<Ref>{WRITTEN}</Ref></Prtry></Refs></TxDtls></NtryDtls>",
}


@pytest.mark.parametrize("told", TOLD_ELSEWHERE.values(), ids=TOLD_ELSEWHERE)
def test_a_kid_that_stands_elsewhere_is_shown(told):
    """P6: to whoever must place the money; it names no invoice by itself."""
    entry = camt_entry(Money(None, 100, key="W"))
    bare = entry[: entry.index("<NtryDtls>")]
    [booked], _ = read(camt_of(f"{bare}{told}</Ntry>"))
    assert (booked.kid, booked.payer.kids, booked.bare) == (None, WRITTEN, False)


@pytest.mark.parametrize(("content", "reason", "where", "says"), ENTRIES.values(), ids=ENTRIES)
def test_one_entry_is_set_aside(content, reason, where, says):
    """The other is booked, and why the one is not says nothing of a payer."""
    [booked], [aside] = read(content)
    assert (booked.amount_ore, booked.kid) == (100, None)
    assert (aside.aside, aside.where) == (reason, where)
    assert (says or "") in (aside.says or "")


INTEREST = (
    "<BkTxCd><Domn><Cd>ACMT</Cd><Fmly><Cd>MCOP</Cd><SubFmlyCd>INTR</SubFmlyCd></Fmly></Domn>"
    "</BkTxCd><NtryDtls>"
)


@pytest.mark.parametrize(
    ("code", "debtor", "kid", "aside"),
    [
        (INTEREST, "", None, "interest"),
        (INTEREST, "Fana Sparebank", None, "interest"),
        (INTEREST, "Kari Nordmann", None, None),
        (INTEREST, "", "1000000060000013", None),
        ("<NtryDtls>", "", None, None),
    ],
)
def test_interest_is_what_the_banks_code_says_of_nobody(code, debtor, kid, aside):
    """What a member has paid is a payment, whatever the code, and whatever they write of it."""
    party = f"<TxDtls><RltdPties><Dbtr><Nm>{debtor}</Nm></Dbtr></RltdPties>" if debtor else ""
    entry = camt_entry(Money(kid, 4500, key="F")).replace("<NtryDtls>", code)
    entry = entry.replace("<TxDtls>", party or "<TxDtls>").replace(
        "</NtryDtls></Ntry>", "</NtryDtls><AddtlNtryInf>Rente</AddtlNtryInf></Ntry>"
    )
    booked, set_aside = read(camt_of(entry))
    assert [one.aside for one in booked + set_aside] == [aside]


@pytest.mark.parametrize(("account", "aside"), [("86011117947", "outgoing"), ("", "fee")])
def test_a_fee_is_of_no_other_receiver(account, aside):
    """The bank's own code goes for nothing where somebody else's name and account stand."""
    to = "<CdtrAcct><Id><Othr><Id>86011117947</Id></Othr></Id></CdtrAcct>" if account else ""
    entry = camt_entry(Money(None, 300000, key="F")).replace("CRDT", "DBIT").replace(
        "<NtryDtls>", INTEREST.replace("INTR", "CHRG")
    )  # fmt: skip
    party = f"<TxDtls><RltdPties><Cdtr><Nm>Kurssenter AS</Nm></Cdtr>{to}</RltdPties>"
    _, [found] = read(camt_of(entry.replace("<TxDtls>", party)))
    assert found.aside == aside


async def test_who_must_look_has_a_task(pool):
    """Once, however often it comes; what the bank will send again asks nobody (P5)."""
    content = camt_of(
        camt_entry(GOOD[0], currency="EUR"),
        camt_entry(GOOD[0], status="<Sts>PDNG</Sts>"),
        camt_entry(Money(None, 4500, key="F")).replace("CRDT", "DBIT"),
        camt_entry(GOOD[1]),
    )
    for again in range(2):
        report = await bring(pool, content + b" " * again)
        assert (report.payments, report.known) == (1 - again, again)
        assert (report.passed_over, report.set_aside) == (1, 2 - again)
        says = [row["says"] for row in await pool.fetch("SELECT says FROM tasks ORDER BY task_id")]
        kinds = ["it has no amount in NOK", "money that has left the account", "it has no KID"]
        assert all(what in "".join(says) for what in kinds)
        assert len(says) == 3
        assert not any("takk" in one for one in says)


def with_head(head, body=XML):
    """The good camt file with something in its notice's head."""
    return body.replace(b"</Acct>", b"</Acct>" + head.encode(), 1)


ENVELOPE = (
    b'<?xml version="1.0" encoding="UTF-8"?><BizMsg><AppHdr xmlns="urn:iso:std:iso:20022:tech:xsd:'
    b'head.001.001.02"><BizMsgIdr>B1</BizMsgIdr></AppHdr>' + XML.split(b"?>", 1)[1] + b"</BizMsg>"
)
PREFIXED = (
    XML.replace(b"<Document xmlns=", b"<n:Document xmlns:n=")
    .replace(b"</", b"</n:")
    .replace(b"<", b"<n:")
    .replace(b"<n:/n:", b"</n:")
    .replace(b"<n:?", b"<?")
    .replace(b"<n:n:", b"<n:")
)
STATEMENT = (
    XML.replace(b"camt.054", b"camt.053")
    .replace(b"BkToCstmrDbtCdtNtfctn", b"BkToCstmrStmt")
    .replace(b"Ntfctn", b"Stmt")
)


def balance(code, ore):
    """A balance of a statement."""
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='NOK'>{kroner(ore)}</Amt>"
        "<CdtDbtInd>CRDT</CdtDbtInd></Bal>"
    )


SUMMARY = (
    "<TxsSummry><TtlNtries><NbOfNtries>0002</NbOfNtries><Sum>496</Sum></TtlNtries>"
    "<TtlCdtNtries><NbOfNtries>2</NbOfNtries><Sum>496.0</Sum></TtlCdtNtries></TxsSummry>"
)
ISSUED = OCR.replace(KID.encode() + b"000000", KID.encode() + b"020000")
BOTH = {
    "ends of lines as Unix has them": OCR.replace(b"\r\n", b"\n"),
    "ends of lines as Mac had them": OCR.replace(b"\r\n", b"\r"),
    "no ends of lines": OCR.replace(b"\r\n", b""),
    "a mark of UTF-8": b"\xef\xbb\xbf" + OCR,
    "Ctrl-Z": OCR + b"\x1a",
    "empty lines": OCR.replace(b"\r\n", b"\r\n\r\n"),
    "the issuer of a card": ISSUED,
    "blanks as fillers, stripped": b"\r\n".join(
        (one[:74].decode() if one[6:8] == b"30" else one.decode().rstrip("0")).rstrip().encode()
        for one in OCR.splitlines()
    ),
    "a number twice": ocr(GOOD[0], Money(None, 100, 1)),
    "camt": XML,
    "an IBAN": XML.replace(b"<Othr><Id>12345678903</Id></Othr>", b"<IBAN>NO9312345678903</IBAN>"),
    "points in the account": XML.replace(b"12345678903<", b"1234.56.78903<"),
    "an envelope": ENVELOPE,
    "prefixes": PREFIXED,
    "UTF-16": XML.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
    "Windows' letters": XML.replace(b"UTF-8", b"windows-1252").replace(b"takk", b"t\xe5kk"),
    "ISO-8859-15": XML.replace(b"UTF-8", b"ISO-8859-15").replace(b"takk", b"t\xe5kk"),
    "ASCII": XML.replace(b"UTF-8", b"US-ASCII"),
    "a statement": STATEMENT,
    # 1,000.00 + 495.00 + 1.00 = 1,496.00
    "a statement with its balances": with_head(
        balance("OPBD", 100000) + balance("CLBD", 149600), STATEMENT
    ),
    "a summary with noughts": with_head(SUMMARY),
    "a day with its hour": XML.replace(
        b"<Dt>2026-12-10</Dt>", b"<DtTm>2026-12-09T23:30:00Z</DtTm>"
    ),
    "a day with its zone": XML.replace(b"<Dt>2026-12-10</Dt>", b"<Dt>2026-12-10+01:00</Dt>"),
    "only the amount that was ordered": camt_of(
        camt_batch("E", *GOOD).replace("TxAmt>", "InstdAmt>").replace("NbOfTxs>2", "NbOfTxs>0002")
    ),
    "no reference at all": camt(*GOOD).replace(b"<AcctSvcrRef>K1</AcctSvcrRef>", b"")
    .replace(b"<AcctSvcrRef>K2</AcctSvcrRef>", b""),
    "one reference for everything": XML.replace(b"K1", b" 900").replace(b"K2", b" 900"),
    "a reference without end": XML.replace(b"K1", b"K" * 99),
    "a KID with blanks": XML.replace(KID.encode(), b"1000 0000 1000 0016"),
    "another account's notice as well": XML.replace(
        b"</Ntfctn>",
        b"</Ntfctn><Ntfctn><Id>2</Id><Acct><Id><Othr><Id>98765432101</Id></Othr></Id></Acct>"
        + camt_entry(GOOD[0]).encode()
        + b"</Ntfctn>",
    ),
    **{
        f"version .{number:02d}": XML.replace(b"001.02", f"001.{number:02d}".encode())
        for number in range(2, 14)
    },
}  # fmt: skip


@pytest.mark.parametrize("content", BOTH.values(), ids=BOTH)
def test_nothing_of_it_is_set_aside(content):
    """495.00 with the KID and 1.00 without one, as any bank, transfer or editor may write them."""
    booked, aside = read(content)
    assert [one.aside for one in aside if one.aside is not SetAside.OTHER_ACCOUNT] == []
    assert [(one.kid, one.amount_ore, one.paid_on) for one in booked] == [
        (KID, 49500, PAID),
        (None, 100, PAID),
    ]


REFUSED = {
    "a closing balance": (
        with_head(balance("OPBD", 100000) + balance("CLBD", 149500), STATEMENT),
        "its booked entries of 49600 øre come to 149600 øre, not to its closing balance of 149500",
    ),
    "a sum of credits": (
        with_head("<TxsSummry><TtlCdtNtries><Sum>495</Sum></TtlCdtNtries></TxsSummry>"),
        "its credits sum to 49600 øre, not to its total of 49500",
    ),
    "a number of debits": (
        with_head("<TxsSummry><TtlDbtNtries><NbOfNtries>1</NbOfNtries></TtlDbtNtries></TxsSummry>"),
        "it has 0 debits, not 1",
    ),
}


@pytest.mark.parametrize(("content", "says"), REFUSED.values(), ids=REFUSED)
def test_a_total_that_does_not_hold_refuses_the_file(content, says):
    """It says which, what stood there and what was counted."""
    with pytest.raises(FileRefused) as refused:
        read(content)
    assert any(says in fault.says for fault in refused.value.faults.found)


async def test_each_entry_without_a_name_has_its_task(pool):
    """P5, P6: equal ones as well, with who paid them; the same file again adds none."""
    euro = "".join(
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>'
        f"<BookgDt><Dt>{PAID}</Dt></BookgDt><NtryDtls><TxDtls><RltdPties><Dbtr><Nm>Kari Moe</Nm>"
        "</Dbtr></RltdPties></TxDtls></NtryDtls></Ntry>"
        for amount in ("5.00", "5.00", "7.00")
    )
    odd = line(3, 76, "0001"), line(3, 76, "0002")
    for _ in range(2):
        for content in (camt_of(euro), camt_of(euro) + b"\n", *odd):
            await bring(pool, content)
        rows = await pool.fetch("SELECT task_id FROM tasks WHERE kind = 'set_aside'")
        async with pool.acquire() as connection:
            told = await payers_of(connection, [row["task_id"] for row in rows])
        assert sorted(one.about or "" for one in told.values())[-3:] == ["Kari Moe"] * 3
        assert len(told) == 5
