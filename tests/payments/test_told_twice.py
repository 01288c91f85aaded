"""Equal payments that two sources tell of: as many as the one that tells of most (P4, ADR 54)."""

import itertools

import pytest

from tests.payments.making import Money, bring, camt, ocr, payer, stands

_ACCOUNT = b"<DbtrAcct><Id><Othr><Id>99998888777</Id></Othr></Id></DbtrAcct>"
PAYER = b"<TxDtls><RltdPties>" + _ACCOUNT + b"</RltdPties>"
COUNTS = [
    (first, second)
    for first, second in itertools.product(range(1, 4), repeat=2)
    if (first, second) != (3, 3)
]


def files(kid, counts, *, known):
    """An OCR file and a notice, each with some equal payments; ``known``: by one account."""
    of_ocr, of_camt = (
        [Money(kid, 49500, number, key=f"X{number}") for number in range(1, count + 1)]
        for count in counts
    )
    notice = camt(*of_camt)
    return ocr(*of_ocr), notice.replace(b"<TxDtls>", PAYER) if known else notice


@pytest.mark.parametrize("turned", [False, True], ids=["OCR first", "notice first"])
@pytest.mark.parametrize("known", [True, False], ids=["one payer", "nobody told"])
async def test_counts_compare_as_multisets(pool, persistence, turned, known):
    """Of one payer the most that one source tells; where nobody says who, a person is asked."""
    kari = await payer(pool, persistence)
    booked = asked = 0
    for serial, counts in enumerate(COUNTS, 1):
        sent = files(kari.kid(serial + 50), counts, known=known)
        first, second = (counts[1], counts[0]) if turned else counts
        reports = [await bring(pool, file) for file in (sent[::-1] if turned else sent)]
        both = min(first, second)
        assert (reports[0].payments, reports[1].payments) == (first, second - both), counts
        assert reports[1].known == (both if known else 0), counts
        assert reports[1].set_aside == (0 if known else both), counts
        booked, asked = booked + max(counts), asked + (0 if known else both)
        # Each file again changes nothing.
        assert (await bring(pool, sent[0] + b"\n")).payments == 0, counts
        assert (await bring(pool, sent[1] + b"\n")).payments == 0, counts
        found = await stands(pool)
        assert found["balances"]["bank"] == booked * 49500, counts
    differ = "SELECT count(*) FROM tasks WHERE kind = 'equal_payments' AND closed_on IS NULL"
    apart = sum(first != second for first, second in COUNTS)
    assert await pool.fetchval(differ) == (apart if known else 0)
    waiting = "SELECT count(*) FROM tasks WHERE key LIKE 'entry/%' AND closed_on IS NULL"
    assert await pool.fetchval(waiting) == asked


async def test_the_question_is_over_once_the_sources_agree(pool, persistence):
    """P4: OCR giro tells of two, and two notices of one each."""
    kari = await payer(pool, persistence)
    both, notice = files(kari.kid(50), (2, 1), known=True)
    asked = "SELECT says FROM tasks WHERE kind = 'equal_payments' AND closed_on IS NULL"
    await bring(pool, both)
    await bring(pool, notice)
    [says] = [row["says"] for row in await pool.fetch(asked)]
    assert "tells of 1, another of 2 equal payments of 495.00 kr on 2026-12-10" in says
    second = notice.replace(b"X1", b"X2").replace(b"<MsgId>1<", b"<MsgId>2<")
    report = await bring(pool, second.replace(b"<Ntfctn><Id>1<", b"<Ntfctn><Id>2<"))
    assert (report.payments, report.known) == (0, 1)
    assert await pool.fetch(asked) == []
