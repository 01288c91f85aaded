"""Where SQL computes what Python computes elsewhere, they agree."""

import random
import uuid
from datetime import date, timedelta

from activities.shared.hashes import content_hash
from schemas.dues.amounts import first_invoice_lines
from schemas.dues.payers import is_by_list
from schemas.payments.kid import with_mod10
from schemas.shared.vocabulary import Cadence, LineKind, Payer
from tests.dues.making import charge, charged, joins, term


async def test_check_digits_are_the_same(pool):
    """The KID of a run's invoice and of a first invoice come from one rule (P1)."""
    rand = random.Random(16)
    digits = [f"{rand.randrange(10**15):015d}" for _ in range(500)] + ["0" * 15, "9" * 15]
    # Each digit in each place alone, so that no weight is wrong unseen.
    digits += [
        "0" * place + str(digit) + "0" * (14 - place) for place in range(15) for digit in range(10)
    ]
    found = await pool.fetch("SELECT with_mod10(d) AS kid FROM unnest($1::text[]) AS d", digits)
    assert [row["kid"] for row in found] == [with_mod10(d) for d in digits]


async def test_content_hashes_are_the_same(pool):
    """A line that a run charged is known as the same line by whoever computes it in Python."""
    rand = random.Random(9)
    lines = [
        (
            rand.choice([f"membership-{uuid.uuid4()}", 'of "another" system', "back\\slash"]),
            date(1990, 1, 1) + timedelta(days=rand.randrange(70_000)),
            rand.choice(list(LineKind)).value,
            rand.choice([0, 1, 24750, rand.randrange(10**11), -rand.randrange(10**11)]),
        )
        for _ in range(300)
    ]
    found = await pool.fetch(
        "SELECT charge_hash(m, p, k, o) AS hash FROM "
        "unnest($1::text[], $2::date[], $3::text[], $4::bigint[]) AS line(m, p, k, o)",
        *(list(column) for column in zip(*lines, strict=True)),
    )
    assert [row["hash"] for row in found] == [
        content_hash([member, period.isoformat(), kind, ore]) for member, period, kind, ore in lines
    ]


async def test_part_of_a_year_is_the_same(pool, persistence, dues):
    """Who becomes a pensioner pays the run what a pensioner who joins pays (A13)."""
    for begins in (date(2027, month, 1) for month in range(1, 13)):
        # 616.13 kr: most parts of it are no whole number of øre.
        fee = term(61613, cadence=Cadence.YEARLY, valid_from=begins, prorated=True)
        member = await joins(persistence, terms=(fee,))
        await charge(dues, f"{begins:%Y-%m}")
        [line] = first_invoice_lines((fee,), begins)
        assert await charged(pool, member, begins) == {"central_dues": line.amount_ore}


async def test_payers_are_the_same(pool):
    """Who is asked by a list, and who by an invoice, is one answer; the accounts are ledger's."""
    rows = await pool.fetch("SELECT code, by_list, account FROM payers")
    assert {row["code"]: row["by_list"] for row in rows} == {
        payer: is_by_list(payer) for payer in Payer
    }
    known = await pool.fetchval(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'entries_debit_known'"
    )
    assert [row["account"] for row in rows if f"'{row['account']}'" not in known] == []
