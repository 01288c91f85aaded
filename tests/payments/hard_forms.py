"""More forms of the bank's files, each with what must come of it; ``strange`` has the first forty.

Those that issue trackers of banks and of their customers' programs name, and mixtures of them.
"""

from collections.abc import Callable

from schemas.payments.kid import with_mod10
from tests.direct_debit.making import told
from tests.payments.making import ACCOUNT, PAID, kroner
from tests.payments.strange import (
    Form,
    Own,
    amount,
    assignment,
    details,
    document,
    entry,
    first,
    giro,
    kid,
    notice,
    second,
    third,
    transmission,
)

VERSIONS = ("02", "04", "06", "08", "10", "13")


def charges(ore: int, *, style: str = "total") -> str:
    """What the bank takes off, as versions and banks write it."""
    told = f'<Amt Ccy="NOK">{kroner(ore)}</Amt>'
    return {
        "total": f'<Chrgs><TtlChrgsAndTaxAmt Ccy="NOK">{kroner(ore)}</TtlChrgsAndTaxAmt></Chrgs>',
        "record": f"<Chrgs><Rcrd>{told}<CdtDbtInd>DBIT</CdtDbtInd></Rcrd></Chrgs>",
        "amount": f"<Chrgs>{told}</Chrgs>",
        "other": '<Chrgs><TtlChrgsAndTaxAmt Ccy="EUR">0.50</TtlChrgsAndTaxAmt></Chrgs>',
    }[style]


def sent(*entries: str, own: Own, kind: str = "054", version: str = "02") -> bytes:
    """A file of one notice or statement."""
    return document(notice(*entries, own=own, kind=kind), kind=kind, version=version).encode()


def paid(own: Own, number: int = 1, letter: str = "A", **ways: str) -> str:
    """An entry of one payment with a KID."""
    return entry(own.ore + 7 * (number - 1), own.key(letter), details(kid(own.kid(number))), **ways)


def two(own: Own) -> str:
    """The parts of a batch of two."""
    parts = (amount(own.ore + 7 * n) + kid(own.kid(n + 1)) for n in range(2))
    return details(*parts, batch=2)


def _beside(other: Callable[[Own], str], *asides: str, fees: int = 0) -> Callable[[Own], Form]:
    """A payment beside an entry that is none."""

    def form(own: Own) -> Form:
        return Form((sent(other(own), paid(own), own=own),), (own.ore,), asides, fees_ore=fees)

    return form


def _version(number: str, kind: str) -> Callable[[Own], Form]:
    """A message of any version: the status is a code of its own in newer ones."""
    status = "<Sts>BOOK</Sts>" if int(number) < 8 else "<Sts><Cd>BOOK</Cd></Sts>"

    def form(own: Own) -> Form:
        return Form(
            (sent(paid(own, status=status), own=own, kind=kind, version=number),), (own.ore,)
        )

    return form


def _changed(change: Callable[[bytes], bytes]) -> Callable[[Own], Form]:
    def form(own: Own) -> Form:
        payer = "<RltdPties><Dbtr><Nm>Åse Bø</Nm></Dbtr></RltdPties>"
        one = entry(own.ore, own.key(), details(payer + kid(own.kid())))
        return Form((change(sent(one, own=own)),), (own.ore,))

    return form


def _changed_giro(change: Callable[[bytes], bytes]) -> Callable[[Own], Form]:
    def form(own: Own) -> Form:
        return Form((change(giro(own, first(own, 1), second(1))),), (own.ore,))

    return form


def _in_latin(content: bytes) -> bytes:
    return content.decode().replace("UTF-8", "ISO-8859-1", 1).encode("iso-8859-1")


def _in_an_envelope(content: bytes) -> bytes:
    head = (
        b"<AppHdr xmlns='urn:iso:std:iso:20022:tech:xsd:head.001.001.02'><BizMsgIdr>1</BizMsgIdr>"
    )
    inner = content.split(b"?>", 1)[1]
    return b"<BizMsgEnvlp>" + head + b"</AppHdr>" + inner + b"</BizMsgEnvlp>"


def _several_batches(own: Own) -> Form:
    parts = [details(amount(own.ore + 7 * n) + kid(own.kid(n + 1)), batch=1) for n in range(2)]
    one = entry(2 * own.ore + 7, own.key(), "".join(parts))
    return Form((sent(one, own=own),), (own.ore, own.ore + 7))


def _counted_with_noughts(own: Own) -> Form:
    one = entry(own.ore, own.key(), details(amount(own.ore) + kid(own.kid()), batch=1))
    return Form((sent(one.replace(">1<", ">0001<"), own=own),), (own.ore,))


def _only_instructed(own: Own) -> Form:
    parts = (amount(own.ore + 7 * n, "InstdAmt") + kid(own.kid(n + 1)) for n in range(2))
    return Form(
        (sent(entry(2 * own.ore + 7, own.key(), details(*parts)), own=own),), (own.ore, own.ore + 7)
    )


def _kinds_of_cards(own: Own) -> Form:
    records = []
    for number, kind in enumerate(("19", "21"), 1):
        # What stands behind the KID names who issued the card.
        records += [first(own, number, kind=kind, end="120000"), second(number, kind)]
    records.append(third(2, "kjop"))
    return Form((giro(own, *records),), (own.ore, own.ore + 7))


def _taken_back_by_giro(own: Own) -> Form:
    records = []
    for number, kind in enumerate(("18", "20"), 1):
        records += [first(own, number), second(number)]
        records += [
            first(own, number, kind=kind, sign="-").replace(
                f"30{number:07d}", f"30{number + 5:07d}"
            ),
            second(number + 5, kind),
        ]
    return Form((giro(own, *records),), (own.ore, own.ore + 7), reversed_ore=2 * own.ore + 7)


def _mandates_beside(own: Own) -> Form:
    records = [
        told(with_mod10(f"1{99000000 + own.place:08d}000001"), kind, number=n)
        for n, kind in enumerate((1, 2, 0), 1)
    ]
    lines = [
        *assignment(first(own, 1), second(1)),
        f"NY212420{'0' * 9}0000002{ACCOUNT}" + "0" * 45,
        *records,
        f"NY212488{3:08d}{5:08d}" + "0" * 56,
    ]
    return Form((transmission(own, *lines),), (own.ore,), ("mandate",) * 3, tasks=3)


def _wrapped(*documents: str) -> bytes:
    return f'<?xml version="1.0"?><Files>{"".join(documents)}</Files>'.encode()


def _bare(message: str, kind: str = "054") -> str:
    return document(message, kind=kind, declared=None)


def _both_in_one(own: Own) -> Form:
    """Notices of payments, and the statement of the day, which tells of a fee as well."""
    entries = [paid(own), paid(own, 2, "B")]
    fee = entry(900 + own.number, "", side="DBIT", more="<AddtlNtryInf>Gebyr</AddtlNtryInf>")
    both = _wrapped(
        _bare(notice(*entries, fee, own=own, kind="053", part="S"), "053"),
        _bare(notice(*entries, own=own)),
    )
    return Form((both,), (own.ore, own.ore + 7), ("fee",), fees_ore=900 + own.number, known=2)


def _sum_in_one(own: Own) -> Form:
    """A notice of a batch, and the statement with its sum alone."""
    whole = entry(2 * own.ore + 7, own.key("S"))
    both = _wrapped(
        _bare(notice(entry(2 * own.ore + 7, own.key(), two(own)), own=own)),
        _bare(notice(whole, own=own, kind="053"), "053"),
    )
    return Form((both,), (own.ore, own.ore + 7), ("unclear",))


def _report_beside(own: Own, kind: str = "camt.052", aside: str = "not_booked") -> Form:
    inner = _bare(notice(paid(own), own=own))
    report = inner.replace("camt.054", kind).replace("BkToCstmrDbtCdtNtfctn", "Other")
    report = report.replace("Ntfctn>", "Rpt>").replace(">M<", f">{own.key()}<")
    return Form((_wrapped(report, inner),), (own.ore,), (aside,), tasks=aside == "service")


def _answer_beside(own: Own) -> Form:
    return _report_beside(own, "pain.002", "service")


def _alone(kind: str) -> Callable[[Own], Form]:
    def form(own: Own) -> Form:
        content = sent(paid(own), own=own).replace(b"camt.054", kind.encode())
        return Form((content,), refused=f"it is {kind}")

    return form


def _charged(style: str, *, each: bool = False) -> Callable[[Own], Form]:
    def form(own: Own) -> Form:
        told = charges(500 + own.number, style=style)
        if each:
            halves = (
                amount(own.ore + 7 * n) + charges(250, style=style) + kid(own.kid(n + 1))
                for n in range(2)
            )
            one = entry(2 * own.ore + 7 - 500, own.key(), details(*halves, batch=2))
            return Form((sent(one, own=own),), (own.ore, own.ore + 7), ("fee",), fees_ore=500)
        one = entry(2 * own.ore + 7 - 500 - own.number, own.key(), two(own), more=told)
        return Form(
            (sent(one, own=own),), (own.ore, own.ore + 7), ("fee",), fees_ore=500 + own.number
        )

    return form


def _charged_otherwise(own: Own) -> Form:
    """Charges that are not what is missing, and some in another currency."""
    files = [
        sent(
            entry(
                2 * own.ore + 7 - 600 - n, own.key(letter), two(own), more=charges(500, style=style)
            ),
            own=own,
        )
        for n, (letter, style) in enumerate((("A", "total"), ("B", "other")))
    ]
    return Form(tuple(files), (), ("parts", "parts"))


def _charged_and_its_sum(own: Own) -> Form:
    """The statement has no more than what arrived: the sum less the charges."""
    net = 2 * own.ore + 7 - 300 - own.number
    one = entry(net, own.key(), two(own), more=charges(300 + own.number))
    files = (sent(one, own=own), sent(entry(net, own.key("S")), own=own, kind="053"))
    return Form(files, (own.ore, own.ore + 7), ("fee", "unclear"), fees_ore=300 + own.number)


def _charged_in_both(own: Own) -> Form:
    """Notice and statement tell the same batch and the same charges."""
    one = entry(
        2 * own.ore + 7 - 400 - own.number, own.key(), two(own), more=charges(400 + own.number)
    )
    files = (sent(one, own=own), sent(one, own=own, kind="053"))
    return Form(files, (own.ore, own.ore + 7), ("fee",), fees_ore=400 + own.number, known=2)


def _taken_back(mark: str, where: str = "entry") -> Callable[[Own], Form]:
    """A payment, and the bank's word that it takes it back, in a file of the next day."""

    def form(own: Own) -> Form:
        inside = mark if where == "details" else ""
        back = entry(
            own.ore,
            own.key(),
            details(inside + kid(own.kid())),
            side="DBIT",
            more=mark if where == "entry" else "",
        )
        return Form(
            (sent(paid(own), own=own), sent(back, own=own).replace(b"<MsgId>M", b"<MsgId>R")),
            (own.ore,),
            reversed_ore=own.ore,
        )

    return form


def code(family: str, sub: str) -> str:
    """The bank's transaction code."""
    return (
        f"<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>{sub}</SubFmlyCd></Fmly>"
        "</Domn></BkTxCd>"
    )


def _part_back(own: Own) -> Form:
    """Less than the payment is taken back."""
    back = entry(
        700,
        own.key(),
        details(kid(own.kid())),
        side="DBIT",
        status="<RvslInd>true</RvslInd><Sts>BOOK</Sts>",
    )
    return Form((sent(paid(own), own=own), sent(back, own=own)), (own.ore,), reversed_ore=700)


def _back_twice(own: Own) -> Form:
    """The same taking back under two messages."""
    back = entry(
        own.ore,
        own.key("R"),
        details(kid(own.kid())),
        side="DBIT",
        status="<RvslInd>true</RvslInd><Sts>BOOK</Sts>",
    )
    again = sent(back, own=own).replace(b"<MsgId>M", b"<MsgId>R")
    statement = sent(back, own=own, kind="053")
    return Form(
        (sent(paid(own), back, own=own), again, statement), (own.ore,), reversed_ore=own.ore
    )


def _to_another_beside(own: Own) -> Form:
    """A notice for another account of ours beside this one's."""
    other = notice(paid(own, 2, "B"), own=own).replace(ACCOUNT, "15030123456")
    return Form((document(notice(paid(own), own=own), other).encode(),), (own.ore,))


def _nothing_in_it(own: Own) -> Form:
    return Form((sent(own=own),))


def _interest(own: Own) -> Form:
    one = entry(1100 + own.number, own.key("I"), more=code("NTAV", "INTR"))
    return Form(
        (sent(one, paid(own), own=own),), (own.ore,), ("interest",), fees_ore=-1100 - own.number
    )


def _a_kid_in_words(own: Own) -> Form:
    number = own.kid()
    grouped = " ".join(number[at : at + 4] for at in range(0, 16, 4))
    one = entry(own.ore, own.key(), details(f"<RmtInf><Ustrd>KID {grouped} takk</Ustrd></RmtInf>"))
    return Form((sent(one, own=own),), (own.ore,))


def _a_thousand(own: Own) -> Form:
    parts = (amount(100 + n) + kid(own.kid(n + 1)) for n in range(120))
    ore = tuple(100 + n for n in range(120))
    return Form((sent(entry(sum(ore), own.key(), details(*parts, batch=120)), own=own),), ore)


def _wrong_total(own: Own) -> Form:
    content = giro(own, first(own, 1), second(1))
    ore = f"{own.ore:017d}".encode()
    return Form(
        (
            content.replace(b"NY000089", b"NY000089", 1).replace(
                ore + f"{PAID:%d%m%y}".encode() + b"0" * 33,
                b"0" * 17 + f"{PAID:%d%m%y}".encode() + b"0" * 33,
            ),
        ),
        refused="the transmission sums to",
    )


def _half_a_batch(own: Own) -> Form:
    """One part has no amount: it can't be told what each paid."""
    parts = details(amount(own.ore) + kid(own.kid()), kid(own.kid(2)))
    one = entry(2 * own.ore, own.key("W"), parts)
    return Form((sent(one, paid(own, 3, "B"), own=own),), (own.ore + 14,), ("parts",))


def _copy_first(own: Own) -> Form:
    """The copy comes, and then what it is of."""
    copy = sent(paid(own), own=own).replace(
        b"</Id><Acct>", b"</Id><CpyDplctInd>COPY</CpyDplctInd><Acct>", 1
    )
    return Form((copy, sent(paid(own), own=own)), (own.ore,), known=1)


_PENDING = "<Sts><Cd>PDNG</Cd></Sts>"
MAKE: dict[str, Callable[[Own], Form]] = {
    "pending beside booked": _beside(lambda own: paid(own, 2, "P", status=_PENDING), "not_booked"),
    "to come beside booked": _beside(
        lambda own: paid(own, 2, "P", status="<Sts>FUTR</Sts>"), "not_booked"
    ),
    "nothing beside a payment": _beside(lambda own: entry(0, own.key("Z")), "nothing"),
    "a fee without a reference": _beside(
        lambda _own: entry(2300, "", side="DBIT"), "fee", fees=2300
    ),
    "euro beside a payment": _beside(
        lambda own: entry(own.ore, own.key("E")).replace('"NOK"', '"EUR"'), "currency"
    ),
    "an entry in words alone": lambda own: Form(
        (sent(entry(own.ore, own.key(), more="<AddtlNtryInf>Fra Kari</AddtlNtryInf>"), own=own),),
        (own.ore,),
    ),
    "batches in one entry": _several_batches,
    "a count with noughts": _counted_with_noughts,
    "the instructed amount alone": _only_instructed,
    "half a batch": _half_a_batch,
    **{f"camt.054 .{one}": _version(one, "054") for one in VERSIONS},
    **{f"camt.053 .{one}": _version(one, "053") for one in VERSIONS},
    "a mark of UTF-8": _changed(lambda content: b"\xef\xbb\xbf" + content),
    "an end of file of DOS": _changed(lambda content: content + b"\x1a"),
    "Latin letters": _changed(_in_latin),
    "an envelope": _changed(_in_an_envelope),
    "UTF-16": _changed(
        lambda content: content.decode().replace("UTF-8", "UTF-16", 1).encode("utf-16")
    ),
    "an IBAN": _changed(
        lambda content: content.replace(
            b"<Othr><Id>12345678903</Id></Othr>", b"<IBAN>NO93 1234 5678 903</IBAN>"
        )
    ),
    "camt.052 alone": _alone("camt.052"),
    "pain.002 alone": _alone("pain.002"),
    "notices and the statement in one": _both_in_one,
    "a batch and the statement's sum in one": _sum_in_one,
    "a report within the day beside a notice": _report_beside,
    "the bank's answer beside a notice": _answer_beside,
    "charges of an entry": _charged("total"),
    "charges of an entry, in records": _charged("record"),
    "charges of an entry, by the old way": _charged("amount"),
    "charges of each part": _charged("total", each=True),
    "charges that are not what is missing": _charged_otherwise,
    "charges, and the sum less them": _charged_and_its_sum,
    "charges told by both": _charged_in_both,
    "taken back by its mark": _taken_back("<RvslInd>true</RvslInd>"),
    "taken back by the entry's code": _taken_back(code("RCDT", "RRTN")),
    "a direct debit not honoured": _taken_back(code("IDDT", "UPDD")),
    "taken back with a reason": _taken_back("<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>", "details"),
    "part of it taken back": _part_back,
    "taken back, told three times": _back_twice,
    "interest": _interest,
    "another account beside ours": _to_another_beside,
    "a notice of nothing": _nothing_in_it,
    "a KID in words": _a_kid_in_words,
    "a batch of many": _a_thousand,
    "a copy first": _copy_first,
    "OCR: kinds of cards": _kinds_of_cards,
    "OCR: taken back": _taken_back_by_giro,
    "OCR: mandates beside it": _mandates_beside,
    "OCR: a mark": _changed_giro(lambda content: b"\xef\xbb\xbf" + content),
    "OCR: an end of file of DOS": _changed_giro(lambda content: content + b"\x1a"),
    "OCR: one line": _changed_giro(lambda content: content.replace(b"\r\n", b"")),
    "OCR: a wrong total": _wrong_total,
}
