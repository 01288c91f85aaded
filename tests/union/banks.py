"""Three banks' files of one day's money: each in its own shape, with what else stands there."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from xml.sax.saxutils import escape

from tests.payments import making
from tests.union.money import FEE_ORE, Transfer

ACCOUNT = making.ACCOUNT


def ocr_giro(money: Sequence[Transfer], on: date, number: int) -> bytes:
    """OCR giro: the first bank's, with a byte that old programs put at the end.

    What has no KID never comes this way, nor does what is taken back.
    """
    lines = [
        making.Money(one.kid, one.ore, number=nth, archive=f"{number:03d}{nth:06d}", on=on)
        for nth, one in enumerate(money, 1)
    ]
    return making.ocr(*lines, transmission=f"{on:%j}{number:04d}") + b"\x1a"


def one_reference(money: Sequence[Transfer], on: date, number: int) -> bytes:
    """camt.054.001.02 as a bank writes it that gives all entries one reference.

    Pending money and a fee stand beside what was booked.
    """
    entries = [_entry(one, on, reference=" 90000000") for one in money]
    entries += [
        _entry(Transfer("Venter", 12300, None, "", ""), on, status="PDNG", reference=" 90000000"),
        _fee(on, number),
    ]
    taken_back = [
        _entry(one, on + timedelta(days=1), reference=f"R{one.key}", reverses=True)
        for one in money
        if one.back
    ]
    return _notice("02", number, [*entries, *taken_back], "UTF-8")


def no_reference(money: Sequence[Transfer], on: date, number: int) -> bytes:
    """camt.054.001.08 without any reference of the bank's, by batches, in ISO-8859-1."""
    batches = [_batch(money[start : start + 7], on) for start in range(0, len(money), 7)]
    taken_back = [
        _entry(one, on + timedelta(days=1), reference=None, reverses=True, code=True)
        for one in money
        if one.back
    ]
    return _notice("08", number, [*batches, *taken_back], "ISO-8859-1")


def statement(money: Sequence[Transfer], on: date, number: int) -> bytes:
    """camt.053.001.02 of a day that OCR giro has told of already: the same money once more."""
    entries = [_entry(one, on, reference=f"S{number}{nth}") for nth, one in enumerate(money)]
    text = _notice("02", number, entries, "UTF-8").decode()
    for notice, said in _STATEMENT.items():
        text = text.replace(notice, said)
    return text.encode()


_STATEMENT = {
    "camt.054": "camt.053",
    "BkToCstmrDbtCdtNtfctn": "BkToCstmrStmt",
    "Ntfctn>": "Stmt>",
}


def _notice(version: str, number: int, entries: Iterable[str], encoding: str) -> bytes:
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.{version}">'
        f"<BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>{number}</MsgId></GrpHdr>"
        f"<Ntfctn><Id>{number}</Id><Acct><Id><Othr><Id>{ACCOUNT}</Id></Othr></Id></Acct>"
        f"{''.join(entries)}</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    )
    return text.encode(encoding, errors="xmlcharrefreplace")


def _entry(
    one: Transfer,
    on: date,
    *,
    reference: str | None,
    status: str = "BOOK",
    reverses: bool = False,
    code: bool = False,
) -> str:
    kept = f"<AcctSvcrRef>{reference}</AcctSvcrRef>" if reference else ""
    back = "<RvslInd>true</RvslInd>" if reverses else ""
    return (
        f'<Ntry><Amt Ccy="NOK">{making.kroner(one.ore)}</Amt>'
        f"<CdtDbtInd>{'DBIT' if reverses else 'CRDT'}</CdtDbtInd>{back}"
        f"<Sts>{f'<Cd>{status}</Cd>' if code else status}</Sts><BookgDt><Dt>{on}</Dt></BookgDt>"
        f"{kept}<NtryDtls>{_details(one, own=False)}</NtryDtls></Ntry>"
    )


def _batch(money: Sequence[Transfer], on: date) -> str:
    total = sum(one.ore for one in money)
    return (
        f'<Ntry><Amt Ccy="NOK">{making.kroner(total)}</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
        f"<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{on}</Dt></BookgDt>"
        f"<NtryDtls><Btch><NbOfTxs>{len(money):04d}</NbOfTxs></Btch>"
        f"{''.join(_details(one, own=True) for one in money)}</NtryDtls></Ntry>"
    )


def _details(one: Transfer, *, own: bool) -> str:
    amount = f'<AmtDtls><TxAmt><Amt Ccy="NOK">{making.kroner(one.ore)}</Amt></TxAmt></AmtDtls>'
    if one.kid:
        told = f"<Strd><CdtrRefInf><Ref>{one.kid}</Ref></CdtrRefInf></Strd>"
    else:
        told = f"<Ustrd>{escape(one.text)}</Ustrd>" if one.text else ""
    return (
        f"<TxDtls><Refs><EndToEndId>{one.key if own else 'NOTPROVIDED'}</EndToEndId></Refs>{amount}"
        f"<RltdPties><Dbtr><Nm>{escape(one.name)}</Nm></Dbtr></RltdPties>"
        f"<RmtInf>{told}</RmtInf></TxDtls>"
    )


def _fee(on: date, number: int) -> str:
    return (
        f'<Ntry><Amt Ccy="NOK">{making.kroner(FEE_ORE)}</Amt><CdtDbtInd>DBIT</CdtDbtInd>'
        f"<Sts>BOOK</Sts><BookgDt><Dt>{on}</Dt></BookgDt>"
        "<BkTxCd><Domn><Cd>ACMT</Cd><Fmly><Cd>MDOP</Cd><SubFmlyCd>CHRG</SubFmlyCd></Fmly></Domn>"
        f"</BkTxCd><AddtlNtryInf>Gebyr {number}</AddtlNtryInf></Ntry>"
    )
