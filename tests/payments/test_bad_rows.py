"""One payment that the database refuses keeps no other one out (P5, invariant 11)."""

import pytest

from tests.payments.making import Money, bring, camt, ocr, payer, stands
from tests.refusing import REFUSED, refuse

ONE = 49500


@pytest.mark.parametrize("form", [ocr, camt])
async def test_what_cannot_be_allocated_stays_in_suspense(pool, persistence, form):
    """Its entry stands, with a task; the others pay their invoices."""
    payers = [await payer(pool, persistence) for _ in range(5)]
    number = await pool.fetchval("SELECT number FROM invoices WHERE kid = $1", payers[2].kids[0])
    await refuse(pool, "allocations", f"NEW.invoice_number = '{number}'")
    money = [Money(one.kids[0], ONE, number=n, key=f"K{n}") for n, one in enumerate(payers, 1)]
    report = await bring(pool, form(*money))
    assert (report.payments, report.allocated, report.suspended) == (5, 4, 1)
    found = await stands(pool)
    assert [found["open"][one.kids[0]] for one in payers] == [0, 0, ONE, 0, 0]
    assert sorted(found["suspense"].values()) == [0, 0, 0, 0, ONE]
    [task] = await pool.fetch("SELECT key, membership_id, says FROM tasks")
    assert task["key"].startswith("suspense/")
    assert task["membership_id"] == payers[2].membership_id
    assert REFUSED in task["says"]


@pytest.mark.parametrize("form", [ocr, camt])
async def test_what_cannot_be_booked_is_a_task(pool, persistence, form):
    """The others are booked and allocated; of the one a caseworker is told where it stands."""
    payers = [await payer(pool, persistence) for _ in range(5)]
    await refuse(pool, "payments", f"NEW.kid = '{payers[2].kids[0]}'")
    money = [Money(one.kids[0], ONE, number=n, key=f"K{n}") for n, one in enumerate(payers, 1)]
    report = await bring(pool, form(*money))
    assert (report.outcome, report.payments, report.allocated) == ("applied", 4, 4)
    found = await stands(pool)
    assert [found["open"][one.kids[0]] for one in payers] == [0, 0, ONE, 0, 0]
    [task] = await pool.fetch("SELECT kind, says FROM tasks")
    assert task["kind"] == "unbooked_payment"
    assert REFUSED in task["says"]
