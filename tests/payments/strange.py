"""Thirty forms of camt and OCR giro that strangers may send, by the public layouts alone.

Each is of money of its own: no KID, reference or amount stands in another one.
"""

from collections.abc import Callable
from dataclasses import dataclass

from schemas.payments.kid import invoice_kid
from tests.payments.making import ACCOUNT, PAID, kroner


@dataclass(frozen=True)
class Own:
    """What is a form's own.

    Attributes:
        number: of its amounts.
        round: of its KIDs and references: each form may come several times.
    """

    number: int
    round: int = 0

    @property
    def place(self) -> int:
        """What tells it from every other form of every round."""
        return self.number + 1000 * self.round

    @property
    def ore(self) -> int:
        """Øre of its first payment; its second's are 7 more."""
        return 30000 + 100 * self.number

    def kid(self, serial: int = 1) -> str:
        """A KID of nobody."""
        return invoice_kid(f"{90000000 + self.place}", serial)

    def key(self, letter: str = "A") -> str:
        """A reference of the bank."""
        return f"{letter}{self.place:06d}"


@dataclass(frozen=True)
class Form:
    """A form, and what comes of it.

    Attributes:
        files: given in one after the other.
        ore: of each payment that is booked.
        asides: why anything else is set aside.
        reversed_ore: of what the bank takes back.
        fees_ore: of what it takes for itself, less what it gives.
        known: of another telling in the same files.
        tasks: beside those of what is set aside.
        refused: why it is refused whole, in its first words.
    """

    files: tuple[bytes, ...]
    ore: tuple[int, ...] = ()
    asides: tuple[str, ...] = ()
    reversed_ore: int = 0
    fees_ore: int = 0
    known: int = 0
    tasks: int = 0
    refused: str | None = None


def document(
    *messages: str, kind: str = "054", version: str = "02", declared: str | None = "UTF-8"
) -> str:
    """A document of notices or statements."""
    body = {"054": "BkToCstmrDbtCdtNtfctn", "053": "BkToCstmrStmt"}[kind]
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    return (
        f'{declaration}<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{kind}.001.{version}">'
        f"<{body}><GrpHdr><MsgId>M</MsgId></GrpHdr>{''.join(messages)}</{body}></Document>"
    )


def notice(*entries: str, own: Own, head: str = "", kind: str = "054", part: str = "") -> str:
    """A notice or statement for our account."""
    name = {"054": "Ntfctn", "053": "Stmt"}[kind]
    return (
        f"<{name}><Id>{own.key('N')}{part}</Id><Acct><Id><Othr><Id>{ACCOUNT}</Id></Othr></Id>"
        f"</Acct>{head}{''.join(entries)}</{name}>"
    )


def entry(
    ore: int,
    key: str,
    details: str = "",
    *,
    side: str = "CRDT",
    day: str = f"<BookgDt><Dt>{PAID}</Dt></BookgDt>",
    status: str = "<Sts>BOOK</Sts>",
    more: str = "",
) -> str:
    """An entry around details."""
    reference = f"<AcctSvcrRef>{key}</AcctSvcrRef>" if key else ""
    return (
        f'<Ntry><Amt Ccy="NOK">{kroner(ore)}</Amt><CdtDbtInd>{side}</CdtDbtInd>{status}{day}'
        f"{reference}{more}{details}</Ntry>"
    )


def details(*parts: str, batch: int | None = None) -> str:
    """The parts of an entry."""
    told = f"<Btch><NbOfTxs>{batch}</NbOfTxs></Btch>" if batch is not None else ""
    return f"<NtryDtls>{told}{''.join(f'<TxDtls>{one}</TxDtls>' for one in parts)}</NtryDtls>"


def kid(*numbers: str) -> str:
    """What stands where KIDs do."""
    told = "".join(f"<Strd><CdtrRefInf><Ref>{one}</Ref></CdtrRefInf></Strd>" for one in numbers)
    return f"<RmtInf>{told}</RmtInf>"


def amount(ore: int, name: str = "TxAmt", currency: str = "NOK") -> str:
    """An amount among the details of one."""
    told = f'<{name}><Amt Ccy="{currency}">{kroner(ore)}</Amt></{name}>'
    return f"<AmtDtls>{told}</AmtDtls>"


def balance(code: str, ore: int) -> str:
    """A balance; below nothing it is a debit."""
    side = "DBIT" if ore < 0 else "CRDT"
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="NOK">{kroner(abs(ore))}</Amt><CdtDbtInd>{side}</CdtDbtInd></Bal>'
    )


def summary(count: int, ore: int) -> str:
    """How many entries there are, and their sum."""
    told = f"<NbOfNtries>{count}</NbOfNtries><Sum>{kroner(ore)}</Sum>"
    return f"<TxsSummry><TtlNtries>{told}</TtlNtries></TxsSummry>"


def plain(own: Own) -> str:
    """A notice of one payment."""
    return notice(entry(own.ore, own.key(), details(kid(own.kid()))), own=own)


def _several_kids(own: Own) -> Form:
    one = entry(own.ore, own.key(), details(kid("RF18539007547034", own.kid(), own.kid(2))))
    return Form((document(notice(one, own=own)).encode(),), (own.ore,))


def _two_documents(own: Own) -> Form:
    other = entry(own.ore + 7, own.key("B"), details(kid(own.kid(2))))
    both = document(plain(own), declared=None) + document(notice(other, own=own), declared=None)
    return Form((f"<Files>{both}</Files>".encode(),), (own.ore, own.ore + 7))


def _soap(own: Own) -> Form:
    inner = document(plain(own), declared=None, version="08").replace(
        "<Sts>BOOK</Sts>", "<Sts><Cd>BOOK</Cd></Sts>"
    )
    return Form(
        (
            '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header/>'
            f"<s:Body>{inner}</s:Body></s:Envelope>".encode(),
        ),
        (own.ore,),
    )


def _dated(written: str) -> Callable[[Own], Form]:
    def form(own: Own) -> Form:
        one = entry(
            own.ore, own.key(), details(kid(own.kid())), day=f"<BookgDt>{written}</BookgDt>"
        )
        return Form((document(notice(one, own=own)).encode(),), (own.ore,))

    return form


def _wrongly_declared(own: Own) -> Form:
    payer = "<RltdPties><Dbtr><Nm>Åse Bø</Nm></Dbtr></RltdPties>"
    one = entry(own.ore, own.key(), details(payer + kid(own.kid())))
    return Form((document(notice(one, own=own), declared="ISO-8859-1").encode(),), (own.ore,))


def _pages(own: Own) -> Form:
    middle = 100000 + own.ore
    first = notice(
        entry(own.ore, own.key(), details(kid(own.kid()))),
        own=own,
        kind="053",
        part="-1",
        head="<StmtPgntn><PgNb>1</PgNb><LastPgInd>false</LastPgInd></StmtPgntn>"
        + balance("OPBD", 100000)
        + balance("ITBD", middle),
    )
    second = notice(
        entry(own.ore + 7, own.key("B"), details(kid(own.kid(2)))),
        own=own,
        kind="053",
        part="-2",
        head="<StmtPgntn><PgNb>2</PgNb><LastPgInd>true</LastPgInd></StmtPgntn>"
        + balance("ITBD", middle)
        + balance("CLBD", middle + own.ore + 7),
    )
    return Form((document(first, second, kind="053").encode(),), (own.ore, own.ore + 7))


def _pages_that_repeat(own: Own) -> Form:
    """Each page says the balances and the totals of the whole."""
    end = balance("CLBD", 100000 + 2 * own.ore + 7)
    totals = summary(2, 2 * own.ore + 7)
    made = [
        notice(
            entry(own.ore + 7 * n, own.key("AB"[n]), details(kid(own.kid(n + 1)))),
            own=own,
            kind="053",
            head=f"<StmtPgntn><PgNb>{n + 1}</PgNb><LastPgInd>{['false', 'true'][n]}</LastPgInd>"
            "</StmtPgntn>" + balance("OPBD", 100000) + end + totals,
        )
        for n in range(2)
    ]
    return Form((document(*made, kind="053").encode(),), (own.ore, own.ore + 7))


def _pages_in_files(own: Own) -> Form:
    """A page to a file, each of which says what the whole comes to."""
    made = [
        document(
            notice(
                entry(own.ore + 7 * n, own.key("AB"[n]), details(kid(own.kid(n + 1)))),
                own=own,
                head=f"<NtfctnPgntn><PgNb>{n + 1}</PgNb><LastPgInd>{['false', 'true'][n]}"
                "</LastPgInd></NtfctnPgntn>" + summary(2, 2 * own.ore + 7),
            )
        )
        for n in range(2)
    ]
    return Form(tuple(one.encode() for one in made), (own.ore, own.ore + 7))


def _told_twice(own: Own) -> Form:
    """A notice twice in its wrapper, its entries turned; one alike of another number is another."""
    one = entry(own.ore, own.key(), details(kid(own.kid())))
    batch = details(amount(own.ore) + kid(own.kid(2)), amount(7) + kid(own.kid(3)), batch=3)
    wrong = entry(own.ore + 7, own.key("W"), batch)
    twice = notice(one, wrong, own=own) + notice(wrong, one, own=own)
    other = notice(entry(own.ore, own.key("B"), details(kid(own.kid(4)))), own=own)
    return Form(
        (document(twice, other.replace("</Id><Acct>", "X</Id><Acct>", 1)).encode(),),
        (own.ore, own.ore),
        ("parts",),
    )


def _told_twice_by_its_word(own: Own) -> Form:
    """A copy under a number of its own."""
    one = entry(own.ore, own.key(), details(kid(own.kid())))
    copy = notice(one, own=own, part="-2", head="<CpyDplctInd>DUPL</CpyDplctInd>")
    both = document(notice(one, own=own), declared=None) + document(copy, declared=None)
    return Form((f"<Files>{both}</Files>".encode(),), (own.ore,))


def _overdrawn(own: Own) -> Form:
    head = balance("OPBD", -100000) + balance("CLBD", own.ore - 100000) + balance("CLAV", 0)
    one = entry(own.ore, own.key(), details(kid(own.kid())))
    return Form(
        (document(notice(one, own=own, kind="053", head=head), kind="053").encode(),), (own.ore,)
    )


def _batch_less_charges(own: Own) -> Form:
    both = details(amount(own.ore) + kid(own.kid()), amount(own.ore + 7) + kid(own.kid(2)), batch=2)
    charges = '<Chrgs><TtlChrgsAndTaxAmt Ccy="NOK">5.00</TtlChrgsAndTaxAmt></Chrgs>'
    lessened = entry(2 * own.ore + 7 - 500, own.key(), both, more=charges)
    beside = entry(own.ore + 14, own.key("B"), details(kid(own.kid(3))))
    ore = (own.ore, own.ore + 7, own.ore + 14)
    return Form(
        (document(notice(lessened, beside, own=own)).encode(),), ore, ("fee",), fees_ore=500
    )


def _giro_and_its_sum(own: Own) -> Form:
    parts = giro(own, first(own, 1), second(1), first(own, 2), second(2))
    words = "<AddtlNtryInf>OCR-innbetalinger</AddtlNtryInf>"
    whole = entry(2 * own.ore + 7, own.key("S"), more=words)
    total = document(notice(whole, own=own, kind="053"), kind="053")
    return Form((parts, total.encode()), (own.ore, own.ore + 7), ("unclear",))


def _batch_and_its_sum(own: Own) -> Form:
    parts = details(*(amount(own.ore + 7 * n) + kid(own.kid(n + 1)) for n in range(3)), batch=3)
    beside = entry(own.ore + 28, own.key("B"), details(kid(own.kid(4))))
    told = document(notice(entry(3 * own.ore + 21, own.key(), parts), beside, own=own))
    whole = entry(3 * own.ore + 21, own.key("S"), "<NtryDtls/>")
    total = document(notice(whole, own=own, kind="053"), kind="053")
    ore = (own.ore, own.ore + 7, own.ore + 14, own.ore + 28)
    return Form((told.encode(), total.encode()), ore, ("unclear",))


def _alike(own: Own) -> Form:
    one = entry(own.ore, "", details("<RmtInf><Ustrd>kontingent</Ustrd></RmtInf>"))
    return Form((document(notice(one, one, own=own)).encode(),), (own.ore, own.ore))


def _three_groups(own: Own) -> Form:
    parts = [amount(own.ore + 7 * n) + kid(own.kid(n + 1)) for n in range(3)]
    one = entry(3 * own.ore + 21, own.key(), "".join(details(part) for part in parts))
    return Form((document(notice(one, own=own)).encode(),), (own.ore, own.ore + 7, own.ore + 14))


def _empty_details(own: Own) -> Form:
    entries = (
        entry(own.ore, own.key(), "<NtryDtls/>"),
        entry(own.ore + 7, own.key("B"), "<NtryDtls><TxDtls/></NtryDtls>"),
    )
    return Form((document(notice(*entries, own=own)).encode(),), (own.ore, own.ore + 7))


def _newest(own: Own) -> Form:
    parts = (
        f"<Refs><AcctSvcrRef>{own.key('T')}</AcctSvcrRef><EndToEndId>NOTPROVIDED</EndToEndId>"
        "<UETR>11111111-2222-4333-8444-555555555555</UETR></Refs>"
        f'<Amt Ccy="NOK">{kroner(own.ore)}</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
        "<RltdPties><Dbtr><Pty><Nm>Kari Nordmann</Nm><PstlAdr><AdrLine>Storgata 1</AdrLine>"
        "</PstlAdr></Pty></Dbtr><DbtrAcct><Id><IBAN>NO8386011117947</IBAN></Id></DbtrAcct>"
        f"</RltdPties>{kid(own.kid())}<SplmtryData><Envlp><Ntry><Amt Ccy='NOK'>1.00</Amt></Ntry>"
        "</Envlp></SplmtryData>"
    )
    one = entry(own.ore, own.key(), details(parts, batch=1), status="<Sts><Cd>BOOK</Cd></Sts>")
    return Form((document(notice(one, own=own), version="13").encode(),), (own.ore,))


_FEE = (
    "<BkTxCd><Domn><Cd>ACMT</Cd><Fmly><Cd>MDOP</Cd><SubFmlyCd>CHRG</SubFmlyCd></Fmly></Domn>"
    "</BkTxCd>"
)


def _fee_given_back(own: Own) -> Form:
    entries = (
        entry(4500, own.key("F"), side="DBIT", more=_FEE),
        entry(4500, own.key("G"), more=_FEE, status="<RvslInd>true</RvslInd><Sts>BOOK</Sts>"),
        entry(own.ore, own.key(), details(kid(own.kid()))),
    )
    return Form((document(notice(*entries, own=own)).encode(),), (own.ore,), ("fee", "fee"))


def _back_before_it_came(own: Own) -> Form:
    one = details(kid(own.kid()))
    entries = (
        entry(own.ore, own.key(), one, side="DBIT", status="<RvslInd>1</RvslInd><Sts>BOOK</Sts>"),
        entry(own.ore, own.key(), one),
    )
    return Form((document(notice(*entries, own=own)).encode(),), (own.ore,), reversed_ore=own.ore)


def _net_summary(own: Own) -> Form:
    outgoing = entry(
        5000, own.key("D"), details("<RmtInf><Ustrd>Husleie</Ustrd></RmtInf>"), side="DBIT"
    )
    head = (
        f"<TxsSummry><TtlNtries><NbOfNtries>2</NbOfNtries><Sum>{kroner(own.ore + 5000)}</Sum>"
        f"<TtlNetNtry><Amt>{kroner(own.ore - 5000)}</Amt><CdtDbtInd>CRDT</CdtDbtInd></TtlNetNtry>"
        f"</TtlNtries><TtlDbtNtries><NbOfNtries>1</NbOfNtries><Sum>50.0</Sum></TtlDbtNtries>"
        "<TtlNtriesPerBkTxCd><NbOfNtries>9</NbOfNtries></TtlNtriesPerBkTxCd></TxsSummry>"
    )
    one = entry(own.ore, own.key(), details(kid(own.kid())))
    return Form(
        (document(notice(one, outgoing, own=own, head=head)).encode(),), (own.ore,), ("outgoing",)
    )


def _abroad(own: Own) -> Form:
    parts = [
        f'<Amt Ccy="EUR">{kroner(1000 + n)}</Amt>{amount(own.ore + 7 * n, "CntrValAmt")}'
        f"{kid(own.kid(n + 1))}"
        for n in range(2)
    ]
    one = entry(2 * own.ore + 7, own.key(), details(*parts, batch=2))
    return Form((document(notice(one, own=own)).encode(),), (own.ore, own.ore + 7))


def _two_notices(own: Own) -> Form:
    made = []
    for n, letter in enumerate("AB"):
        ore = own.ore + 7 * n
        head = (
            f"<TxsSummry><TtlCdtNtries><NbOfNtries>1</NbOfNtries><Sum>{kroner(ore)}</Sum>"
            "</TtlCdtNtries></TxsSummry>"
        )
        one = entry(ore, own.key(letter), details(kid(own.kid(n + 1))))
        made.append(notice(one, own=own, head=head, part=letter))
    return Form((document(*made).encode(),), (own.ore, own.ore + 7))


def _many_words(own: Own) -> Form:
    words = "".join(f"<Ustrd>linje {n}&#9;Bø &amp; sønn&#10;{'x' * 120}</Ustrd>" for n in range(9))
    one = entry(own.ore, own.key(), details(f"<RmtInf>{words}</RmtInf>"))
    return Form((document(notice(one, own=own)).encode(),), (own.ore,))


def _a_comment_within(own: Own) -> Form:
    number = own.kid()
    one = entry(own.ore, own.key(), details(kid(f"{number[:8]}<!-- side 2 -->{number[8:]}")))
    return Form((document(notice(one, own=own)).encode(),), (own.ore,))


def _pending_then_booked(own: Own) -> Form:
    one = details(kid(own.kid()))
    pending = entry(own.ore, own.key(), one, status="<Sts><Cd>PDNG</Cd></Sts>")
    booked = entry(own.ore, own.key(), one, status="<Sts><Cd>BOOK</Cd></Sts>")
    files = [document(notice(one, own=own), version="08").encode() for one in (pending, booked)]
    return Form(tuple(files), (own.ore,), ("not_booked",))


def _part_taken_back(own: Own) -> Form:
    parts = (
        amount(own.ore) + "<CdtDbtInd>CRDT</CdtDbtInd>" + kid(own.kid()),
        amount(700) + "<CdtDbtInd>DBIT</CdtDbtInd><RmtInf><Ustrd>Korr</Ustrd></RmtInf>",
    )
    one = entry(own.ore - 700, own.key(), details(*parts, batch=2))
    return Form((document(notice(one, own=own)).encode(),), (own.ore,), ("outgoing",))


# OCR giro.


def first(own: Own, number: int, *, kind: str = "10", end: str = "000000", sign: str = "0") -> str:
    """Amount item 1."""
    ore = own.ore + 7 * (number - 1)
    return (
        f"NY09{kind}30{number:07d}{PAID:%d%m%y}0115100001{sign}{ore:017d}{own.kid(number):>25}{end}"
    )


def second(number: int, kind: str = "10") -> str:
    """Amount item 2."""
    return (
        f"NY09{kind}31{number:07d}{'0' * 10}000000000{'0' * 7}{PAID:%d%m%y}99998888777" + "0" * 22
    )


def third(number: int, words: str, kind: str = "21") -> str:
    """Amount item 3."""
    return f"NY09{kind}32{number:07d}{words:<40}" + "0" * 25


def assignment(*records: str, number: int = 1, account: str = ACCOUNT) -> list[str]:
    """An assignment with its end."""
    items = [one for one in records if one[6:8] == "30"]
    net = sum(-int(one[32:49]) if one[31] == "-" else int(one[32:49]) for one in items)
    days = f"{PAID:%d%m%y}" * 3
    return [
        f"NY090020{'0' * 9}{number:07d}{account}" + "0" * 45,
        *records,
        f"NY090088{len(items):08d}{len(records) + 2:08d}{abs(net):017d}{days}" + "0" * 21,
    ]


def transmission(own: Own, *lines: str, letters: str = "iso-8859-1") -> bytes:
    """A transmission with its end."""
    ends = [one for one in lines if one[6:8] == "88"]
    count, ore = (sum(int(one[at]) for one in ends) for at in (slice(8, 16), slice(24, 41)))
    all_lines = [
        f"NY00001000008080{own.place:07d}00010033" + "0" * 49,
        *lines,
        f"NY000089{count:08d}{len(lines) + 2:08d}{ore:017d}{PAID:%d%m%y}" + "0" * 33,
    ]
    return "".join(f"{line}\r\n" for line in all_lines).encode(letters)


def giro(own: Own, *records: str, letters: str = "iso-8859-1") -> bytes:
    """A transmission of one assignment."""
    return transmission(own, *assignment(*records), letters=letters)


def _nothing_sent(own: Own) -> Form:
    return Form((transmission(own),))


def _an_empty_assignment(own: Own) -> Form:
    lines = assignment() + assignment(first(own, 1), second(1), number=2)
    return Form((transmission(own, *lines),), (own.ore,))


def _joined_without_an_end(own: Own) -> Form:
    one = giro(own, first(own, 1), second(1)).rstrip(b"\r\n")
    return Form((one + giro(own, first(own, 2), second(2)),), (own.ore, own.ore + 7))


def _numbered_alike(own: Own) -> Form:
    lines = assignment(first(own, 1), second(1)) + assignment(
        first(own, 1).replace(own.kid(1), own.kid(2)), second(1)
    )
    return Form((transmission(own, *lines),), (own.ore, own.ore))


def _words_in_utf_8(own: Own) -> Form:
    records = (
        first(own, 1, kind="21"),
        second(1, "21"),
        *(third(1, f"Bø & sønner, linje {n}") for n in range(3)),
    )
    return Form((giro(own, *records, letters="utf-8"),), (own.ore,))


def _words_first(own: Own) -> Form:
    records = (first(own, 1, kind="21"), third(1, "takk"), second(1, "21"))
    return Form((giro(own, *records),), (own.ore,))


def _other_fillers(own: Own) -> Form:
    records = (first(own, 1, end="0200 1"), second(1), first(own, 2), second(2))
    return Form((giro(own, *records),), (own.ore + 7,), ("unreadable",))


def _other_fillers_of_the_second(own: Own) -> Form:
    records = (first(own, 1), second(1)[:58] + "0" * 21 + "1", first(own, 2), second(2))
    return Form((giro(own, *records),), (own.ore, own.ore + 7), ("unreadable",))


def _another_account_beside(own: Own) -> Form:
    lines = assignment(first(own, 1), second(1)) + assignment(
        first(own, 2), second(2), number=2, account="98765432101"
    )
    return Form((transmission(own, *lines),), (own.ore,), ("other_account",))


def _an_unknown_kind(own: Own) -> Form:
    records = (first(own, 1, kind="45"), second(1, "45"), first(own, 2), second(2))
    return Form((giro(own, *records),), (own.ore + 7,), ("unreadable",))


def _a_second_twice(own: Own) -> Form:
    return Form((giro(own, first(own, 1), second(1), second(1)),), (own.ore,))


MAKE: dict[str, Callable[[Own], Form]] = {
    "several KIDs and an RF number for one amount": _several_kids,
    "two documents in one wrapper": _two_documents,
    "SOAP around it": _soap,
    "the end of a day as 24:00": _dated("<DtTm>2026-12-09T24:00:00</DtTm>"),
    "parts of a second, a zone without a colon": _dated(
        "<DtTm>2026-12-10T10:00:00.123456789+0100</DtTm>"
    ),
    "a day of the Christian era with blanks": _dated("<Dt>\n 2026-12-10 \n</Dt>"),
    "UTF-8 that it calls ISO-8859-1": _wrongly_declared,
    "a statement in pages": _pages,
    "pages that each say what the whole comes to": _pages_that_repeat,
    "a page to a file": _pages_in_files,
    "a notice twice in its wrapper": _told_twice,
    "a copy beside what it is of": _told_twice_by_its_word,
    "an account overdrawn": _overdrawn,
    "a batch less its charges": _batch_less_charges,
    "OCR giro, and its sum in the statement": _giro_and_its_sum,
    "a batch, and its sum in the statement": _batch_and_its_sum,
    "two alike, of nobody": _alike,
    "parts in three groups": _three_groups,
    "details of nothing": _empty_details,
    "the newest version, with a bank's own data": _newest,
    "a fee, given back": _fee_given_back,
    "taken back before it came": _back_before_it_came,
    "a summary of the net, and by codes": _net_summary,
    "a batch from abroad": _abroad,
    "two notices of one account": _two_notices,
    "many words, with tabs and ends of lines": _many_words,
    "a comment within a KID": _a_comment_within,
    "pending, then booked": _pending_then_booked,
    "a batch with a debit in it": _part_taken_back,
    "OCR: nothing sent": _nothing_sent,
    "OCR: an empty assignment": _an_empty_assignment,
    "OCR: two files joined, no end of line between": _joined_without_an_end,
    "OCR: two assignments of one number": _numbered_alike,
    "OCR: words in UTF-8": _words_in_utf_8,
    "OCR: words before the bank's reference": _words_first,
    "OCR: something in a filler": _other_fillers,
    "OCR: something in the second's filler": _other_fillers_of_the_second,
    "OCR: another account beside ours": _another_account_beside,
    "OCR: a kind that nobody knows": _an_unknown_kind,
    "OCR: the second item twice": _a_second_twice,
}

FORMS = {name: make(Own(number)) for number, (name, make) in enumerate(MAKE.items(), 1)}
