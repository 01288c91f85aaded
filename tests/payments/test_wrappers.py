"""Notices and statements in one file are two files (ADR 91); one that does not hold refuses all."""

import re
from pathlib import Path

import pytest

from activities.database.pool import load_queries
from activities.payments import booking
from activities.payments.wrappers import parts_of
from tests.deduction.making import Office
from tests.payments.making import bring, counted
from tests.payments.strange import Own, balance, details, document, entry, kid, notice

OWN = Own(1)
PAID = entry(OWN.ore, OWN.key(), details(kid(OWN.kid())))
NOTICE = document(notice(PAID, own=OWN), declared=None)
STATEMENT = document(notice(PAID, own=OWN, kind="053"), kind="053", declared=None)


def wrapped(*documents: str) -> bytes:
    """Documents beside each other."""
    return f"<Files>{''.join(documents)}</Files>".encode()


NAMED = NOTICE.replace("<RmtInf>", "<RmtInf><Ustrd>camt.053 BkToCstmrStmt</Ustrd>")
PREFIXED = STATEMENT.replace("<Document xmlns=", "<n:Document xmlns:n=").replace(
    "</Document>", "</n:Document>"
)
UNNAMED = STATEMENT.replace(' xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"', "")
APART = {
    "notices alone": ((NOTICE, NOTICE), [2]),
    "statements alone": ((STATEMENT,), [1]),
    "the other one's name among the words": ((NAMED,), [1]),
    "one of each": ((STATEMENT, NOTICE), [1, 1]),
    "two and one": ((NOTICE, STATEMENT, NOTICE), [2, 1]),
    "with a prefix": ((NOTICE, PREFIXED), [1, 1]),
    "without a namespace": ((NOTICE, UNNAMED), [1, 1]),
    "a report beside them": ((NOTICE.replace("camt.054", "camt.052"), NOTICE, STATEMENT), [2, 1]),
}


@pytest.mark.parametrize(("documents", "counts"), APART.values(), ids=APART)
def test_a_file_comes_apart_by_kinds(documents, counts):
    """Each document stands in one part; what is of neither kind in the first."""
    parts = list(parts_of(wrapped(*documents)).values())
    assert [len(re.findall(rb"</[n:]*Document>", part)) for part in parts] == counts
    if len(parts) == 1:
        assert parts == [wrapped(*documents)]


async def test_one_part_that_does_not_hold_refuses_all(pool):
    """P5: nothing of a file is booked, or all of it; the same file again says the same.

    One payment that each tells of once, of nobody, waits for a person as it does in two files.
    """
    head = balance("OPBD", 0) + balance("CLBD", 1)
    wrong = document(notice(PAID, own=OWN, kind="053", head=head), kind="053", declared=None)
    before = await counted(pool)
    for _ in range(2):
        report = await bring(pool, wrapped(NOTICE, wrong))
        assert (report.outcome, len(report.faults)) == ("refused", 1)
        assert "closing balance" in report.faults[0].says
    assert await counted(pool) == before
    report = await bring(pool, wrapped(NOTICE, STATEMENT))
    assert (report.payments, report.set_aside, len(report.parts)) == (1, 1, 2)
    assert await bring(pool, wrapped(NOTICE, STATEMENT)) == report


async def test_the_list_that_a_part_has_paid_is_told(pool, tmp_path):
    """Its settlement hears of the money by the whole file's import."""
    office = Office(pool, tmp_path)
    number = await office.ready(await office.joins())
    code = await pool.fetchval("SELECT kid FROM deduction_lists WHERE number = $1", number)
    money = details(kid(code))
    files = [
        document(notice(entry(49500, "L", money), own=OWN, kind=kind), kind=kind, declared=None)
        for kind in ("054", "053")
    ]
    report = await bring(pool, wrapped(*files))
    queries = load_queries(Path(booking.__file__).with_name("sql") / "queries.sql")
    async with pool.acquire() as connection:
        told = [
            row["number"]
            async for row in queries.read_settlements(connection, file_id=report.file_id)
        ]
    assert (report.allocated, told) == (1, [number])
