"""Who stands at the other end of a transaction in camt, what they wrote, and what it is."""

import re
from itertools import chain
from xml.etree.ElementTree import Element

from activities.payments.camt_messages import text_of, texts_of
from activities.payments.transactions import Payer
from schemas.payments.kid import kid_in
from schemas.payments.numbers import is_invoice_kid, numbers_in
from schemas.payments.payers import plain_account

_NO_REFERENCE = frozenset({"NOTPROVIDED", "NOT PROVIDED", "NOREF", "NONREF", "NONE"})
_REFERENCES = (
    "Refs/EndToEndId",
    "Refs/InstrId",
    "Refs/TxId",
    "Refs/UETR",
    "Refs/PmtInfId",
    "Refs/ClrSysRef",
    "Refs/Prtry/Ref",
)
_INITIATING = ("RltdPties/InitgPty/Nm", "RltdPties/InitgPty/Pty/Nm")
"""Of a debit that is ourselves."""

_RETURNS = frozenset({"RRTN", "RPCR", "REVR", "URDD", "UPDD", "RCDD", "UPCT", "CQRV", "UPCQ"})
"""Sub-families of ISO 20022's transaction codes that give back what had been paid."""

FEES = frozenset({"CHRG", "FEES", "COMM", "COME", "COMI", "COMT"})
INTEREST = frozenset({"INTR"})
_CHARGES = FEES | INTEREST | {"TAXE", "ADJT"}
_UNTOLD = frozenset({"OTHR", "NTAV"})
"""Sub-families that say nothing."""

_CHARGED = re.compile(r"gebyr|omkostning|rente|provisjon|\bfees?\b|charge", re.IGNORECASE)
_A_BANK = re.compile(r"bank(en)?\b", re.IGNORECASE)


def kid_of(element: Element) -> str | None:
    """Return the KID of a transaction: where several stand, it is not ours to take it apart."""
    references = texts_of(element, "RmtInf/Strd/CdtrRefInf/Ref")
    kids = {kid for reference in references if (kid := kid_in(reference))}
    return kids.pop() if len(kids) == 1 and len(references) == 1 else None


def references_of(element: Element) -> str:
    """Return what else a transaction is called."""
    found = texts_of(element, *_REFERENCES)
    return " ".join(one for one in found if one.upper() not in _NO_REFERENCE)


def end_to_end_of(element: Element) -> str | None:
    """Return what whoever told the bank to pay has called a transaction, or None."""
    told = text_of(element, "Refs/EndToEndId")
    return None if told is None or told.upper() in _NO_REFERENCE else told


def payer_of(element: Element, *, debit: bool, beside: str | None) -> Payer:
    """Return who stands at the other end, with all that they wrote.

    Args:
        element: a ``TxDtls``.
        debit: then it is the creditor.
        beside: what the entry says of all its transactions.
    """
    end = "Cdtr" if debit else "Dbtr"
    parties = f"RltdPties/{end}"
    names = texts_of(
        element,
        f"{parties}/Nm",
        f"{parties}/Pty/Nm",
        f"RltdPties/Ultmt{end}/Nm",
        f"RltdPties/Ultmt{end}/Pty/Nm",
    ) or texts_of(element, f"{parties}Acct/Nm", *(() if debit else _INITIATING))
    account = text_of(element, f"{parties}Acct/Id/IBAN") or text_of(
        element, f"{parties}Acct/Id/Othr/Id"
    )
    structured = texts_of(element, "RmtInf/Strd/CdtrRefInf/Ref")
    texts = texts_of(
        element,
        "RmtInf/Ustrd",
        "RmtInf/Strd/RfrdDocInf/Nb",
        "RmtInf/Strd/AddtlRmtInf",
        "AddtlTxInf",
    )
    if beside and beside not in texts:
        texts.append(beside)
    text = " ".join(texts)
    kids = [kid_in(one) or one for one in structured]
    # A number does not go on in another text.
    said = [one for one in structured if kid_in(one) is None] + texts
    kids += chain.from_iterable(numbers_in(one) for one in said)
    kids += [one for one in references_of(element).split() if is_invoice_kid(one)]
    return Payer(
        name=", ".join(names) or None,
        account=(plain_account(account) or None) if account else None,
        text=text or None,
        kids=" ".join(dict.fromkeys(kids)) or None,
    )


def payer_in_words(text: str | None) -> Payer:
    """Return what an entry alone says of whoever paid it."""
    return Payer(text=text, kids=" ".join(numbers_in(text)) or None if text else None)


def is_returned(element: Element) -> bool:
    """Tell whether an entry or transaction gives back what had been paid, by the bank's word."""
    if text_of(element, "RvslInd") in {"true", "1"} or element.find("{*}RtrInf") is not None:
        return True
    return code_of(element) in _RETURNS


def code_of(element: Element) -> str | None:
    """Return what the bank's code says that an entry or transaction is, the finest part of it."""
    return text_of(element, "BkTxCd/Domn/Fmly/SubFmlyCd")


def is_of_the_bank(element: Element) -> bool:
    """Tell whether an entry or transaction is a fee or interest by the bank's own code."""
    return code_of(element) in _CHARGES


def is_worded_as_a_fee(element: Element) -> bool:
    """Tell whether the bank's words call an entry a fee or interest."""
    proprietary = text_of(element, "BkTxCd/Prtry/Cd") or ""
    said = text_of(element, "AddtlNtryInf") or ""
    return bool(_CHARGED.search(f"{proprietary} {said}"))


def tells_of_payments(code: str | None) -> bool:
    """Tell whether the bank's code says that a transaction is something else than its own."""
    return code is not None and code not in _CHARGES | _UNTOLD


def is_another(payer: Payer) -> bool:
    """Tell whether somebody stands at the other end who is no bank by the name."""
    return bool(payer.name) and _A_BANK.search(payer.name or "") is None
