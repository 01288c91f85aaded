"""What takes seconds for a hundred thousand members lets the event loop go on: it beats."""

import asyncio
from functools import wraps

import pytest

from activities.direct_debit import claims as claiming
from activities.direct_debit import mandates as mandating
from activities.direct_debit.claims import Creditor, make_claims, read_claim_file
from activities.dues.activities import Dues
from schemas.direct_debit.contracts import ClaimDay
from schemas.names import direct_debit_run_id
from tests.builders import BOOK
from tests.direct_debit.making import mandates, told
from tests.direct_debit.test_claims import CLAIMED, ISSUED, SIGNED
from tests.dues.making import charge
from tests.payments.making import ACCOUNT, bring, payer

PATIENCE_SECONDS = 5
"""Only a loop that stands still makes anybody wait for it."""


def beside(loop, work, seen):
    """The same work, which goes on only once the loop has done something meanwhile."""

    @wraps(work)
    def waited(*arguments):
        beat = asyncio.run_coroutine_threadsafe(asyncio.sleep(0, result=True), loop)
        seen.append(beat.result(PATIENCE_SECONDS))
        return work(*arguments)

    return waited


@pytest.fixture
async def seen(monkeypatch):
    """What the loop has done while claims were written and mandates read."""
    found: list[bool] = []
    loop = asyncio.get_running_loop()
    for module, name in ((claiming, "claim_file"), (mandating, "read_mandates")):
        monkeypatch.setattr(module, name, beside(loop, getattr(module, name), found))
    return found


async def test_the_loop_goes_on(pool, persistence, seen):
    """P9: while a list of mandates is read, and while a day's file of claims is written."""
    kari = await payer(pool, persistence, "2026-11")
    report = await bring(pool, mandates(told(kari.kid(1)), on=SIGNED), today=SIGNED)
    assert (report.mandates.begun, seen) == (1, [True])
    await charge(Dues(pool), "2026-12", today=ISSUED)
    order = ClaimDay(today=CLAIMED, batch=direct_debit_run_id(CLAIMED))
    async with pool.acquire() as connection:
        made = await make_claims(connection, order, BOOK, Creditor("55555555", ACCOUNT))
        file = await read_claim_file(connection, CLAIMED)
    assert (made.claims, seen) == (1, [True, True])
    assert file.file_id == made.file_id
