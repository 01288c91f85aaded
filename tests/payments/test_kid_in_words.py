"""One payment that two formats tell, the KID where one stands or among the payer's words (P4)."""

import itertools

import pytest

from tests.payments.making import Money, bring, camt_of, kroner, ocr, payer, stands

ONE = 49500
OCRS = "99998888777"
"""The account from which all payments of OCR giro made by hand come."""


def in_words(kid, ore, *, key="N1", account=OCRS, on="2026-12-10"):
    """An entry of a notice in whose text the KID stands, from an account or from nobody told."""
    dbtr = (
        f"<RltdPties><DbtrAcct><Id><Othr><Id>{account}</Id></Othr></Id></DbtrAcct></RltdPties>"
        if account
        else ""
    )
    return (
        f'<Ntry><Amt Ccy="NOK">{kroner(ore)}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>'
        f"<BookgDt><Dt>{on}</Dt></BookgDt><AcctSvcrRef>{key}</AcctSvcrRef><NtryDtls><TxDtls>"
        f"{dbtr}<RmtInf><Ustrd>KID {kid} kontingent</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
    )


@pytest.fixture
async def kari(pool, persistence):
    """A member who owes 495.00 for each of two months."""
    return await payer(pool, persistence, "2026-10", "2026-11")


@pytest.mark.parametrize("order", list(itertools.permutations(range(3), 2)))
async def test_it_is_booked_once_and_pays_its_invoice(pool, kari, order):
    """Whichever comes first, and twice: 495.00 in the bank, and the invoice of its KID is paid."""
    told = [
        ocr(Money(kari.kids[1], ONE, archive="000000077")),
        camt_of(in_words(kari.kids[1], ONE)),
        camt_of(in_words(kari.kids[1], ONE)) + b" ",
    ]
    for at in (*order, *order, 0):
        await bring(pool, told[at])
    found = await stands(pool)
    assert found["balances"]["bank"] == ONE
    assert (found["open"][kari.kids[0]], found["open"][kari.kids[1]]) == (ONE, 0)
    assert list(found["suspense"].values()) == [0]
    assert not any(key.startswith(("suspense/", "entry/")) for key in found["tasks"])


async def test_of_another_account_amount_or_day_it_is_another(pool, kari):
    """What differs is booked as well; what tells no account waits for a person."""
    await bring(pool, ocr(Money(kari.kids[1], ONE)))
    other = (
        in_words(kari.kids[1], ONE, account="86011117947"),
        in_words(kari.kids[1], ONE + 1, key="N2"),
        in_words(kari.kids[1], ONE, key="N3", on="2026-12-11"),
    )
    report = await bring(pool, camt_of(*other))
    assert (report.payments, report.known, report.set_aside) == (3, 0, 0)
    bare = await bring(pool, camt_of(in_words(kari.kids[1], ONE, key="N4", account=None)) + b" ")
    assert (bare.payments, bare.set_aside) == (0, 1)


async def test_two_are_two_and_each_is_known_once(pool, kari):
    """Paid twice from one account: each telling of two is two payments, in any order."""
    twice = [Money(kari.kids[1], ONE, number, archive=f"00000007{number}") for number in (1, 2)]
    await bring(pool, ocr(*twice))
    words = camt_of(in_words(kari.kids[1], ONE), in_words(kari.kids[1], ONE, key="N2"))
    report = await bring(pool, words)
    assert (report.payments, report.known) == (0, 2)
    third = camt_of(*(in_words(kari.kids[1], ONE, key=f"N{at}") for at in (1, 2, 3)))
    assert (await bring(pool, third)).payments == 1
    assert (await stands(pool))["balances"]["bank"] == 3 * ONE
