"""Two people decide about the same refund or invoice, told apart by who they are (P8, R6, A30)."""

from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest

from activities.payments.refunds import approve_refund, ask_refund, name_receiver
from activities.payments.suspense import NotPossible
from activities.payments.write_offs import WriteOff, undo_write_off, write_off
from schemas.payments.refunds import RefundState
from schemas.pricing.rulebook import Policies
from tests.arrears.making import owe
from tests.letters.making import make_membership
from tests.payments.making import TODAY, Money, bring, camt
from tests.payments.refunding import ASKED, THEIRS

ALWAYS = date(1970, 1, 1)
ALONE = Policies(valid_from=ALWAYS)
BY_TWO = Policies(valid_from=ALWAYS, four_eyes_write_off=True)
ONE = 49500


async def do(pool: asyncpg.Pool, work: Any, *arguments: Any, **named: Any) -> Any:
    """Work in a transaction of its own."""
    async with pool.acquire() as connection, connection.transaction():
        return await work(connection, *arguments, **named)


@pytest.mark.parametrize(
    ("approves", "allowed"),
    [
        ({"by": "eva", "subject": "idp|1"}, False),
        ({"by": "ola", "subject": "idp|2"}, True),
        ({"by": "Ola."}, False),
        ({"by": "eva"}, True),
    ],
)
async def test_who_approves_a_refund_is_somebody_else(pool, approves, allowed):
    """By who they are where both are known, so that two may have one name; else by their names."""
    await bring(pool, camt(Money(None, ONE)))
    refund = await do(pool, ask_refund, reference="K1", today=TODAY, subject="idp|1", **ASKED)
    if allowed:
        found = await do(pool, approve_refund, refund.refund_id, today=TODAY, **approves)
        assert found.state is RefundState.APPROVED
        return
    with pytest.raises(NotPossible, match="somebody else approves it"):
        await do(pool, approve_refund, refund.refund_id, today=TODAY, **approves)


async def test_the_database_refuses_who_named_the_account(pool):
    """Under whatever name: whoever says where money goes does not let it go."""
    await bring(pool, camt(Money(None, ONE)))
    asked = ASKED | {"account": None, "receiver": None}
    refund = await do(pool, ask_refund, reference="K1", today=TODAY, subject="idp|1", **asked)
    named = {"account": THEIRS, "receiver": "Kari", "by": "eva", "subject": "idp|2"}
    await do(pool, name_receiver, refund.refund_id, **named)
    with pytest.raises(asyncpg.CheckViolationError, match="refunds_by_two"):
        await pool.execute(
            "UPDATE refunds SET approved_on = $1, approved_by = 'per',"
            " approved_by_subject = 'idp|2' WHERE refund_id = $2",
            TODAY,
            refund.refund_id,
        )


@pytest.fixture
async def number(pool) -> str:
    """An invoice of which all is open."""
    return await owe(pool, await make_membership(pool, stage="active"), TODAY)


async def let_go(
    pool: asyncpg.Pool,
    number: str,
    by: str,
    subject: str | None = None,
    *,
    policies: Policies = BY_TWO,
    **named: Any,
) -> WriteOff:
    """Say that an invoice is to be let go."""
    said = {"today": TODAY, "reason": f"says {by}"} | named
    found: WriteOff = await do(pool, write_off, number, policies, by=by, subject=subject, **said)
    return found


async def open_tasks(pool: asyncpg.Pool, number: str) -> int:
    """Count the open tasks about an invoice that somebody wants let go."""
    found: int = await pool.fetchval(
        "SELECT count(*) FROM tasks WHERE key = $1 AND closed_on IS NULL", f"write-off/{number}"
    )
    return found


async def test_two_people_let_an_invoice_go_each_in_their_own_words(pool, number):
    """The first changes nothing and is a task; the second is about the same invoice."""
    assert await let_go(pool, number, "ola", "idp|1") == WriteOff(ONE, waits=True)
    assert await pool.fetchval("SELECT count(*) FROM write_offs") == 0
    assert await open_tasks(pool, number) == 1
    with pytest.raises(NotPossible, match="somebody else says so too"):
        await let_go(pool, number, "eva", "idp|1")
    assert await let_go(pool, number, "ola", "idp|2") == WriteOff(ONE)
    row = await pool.fetchrow("SELECT asked_by_subject, decided_by_subject FROM write_offs")
    assert tuple(row) == ("idp|1", "idp|2")
    assert await open_tasks(pool, number) == 0


async def test_without_the_policy_one_person_is_enough(pool, number):
    """As it always was; who asks again for what was let go needs nobody."""
    assert await let_go(pool, number, "ola", policies=ALONE) == WriteOff(ONE)
    assert await do(pool, undo_write_off, number, today=TODAY, by="ola", reason="x") == ONE


async def test_what_was_asked_long_ago_or_of_another_sum_is_asked_anew(pool, number):
    """Nobody approves what has changed since."""
    await let_go(pool, number, "ola")
    late = TODAY + timedelta(days=BY_TWO.four_eyes_days + 1)
    assert (await let_go(pool, number, "eva", today=late)).waits
    assert not (await let_go(pool, number, "per", today=late)).waits
    assert await pool.fetchval("SELECT asked_by FROM write_offs") == "eva"
    await do(pool, undo_write_off, number, today=late, by="ola", reason="x")
    assert (await let_go(pool, number, "per", today=late)).waits, "once approved, it is used"


async def test_the_database_lets_nobody_approve_their_own(pool, number):
    """Whatever writes the row."""
    await let_go(pool, number, "ola", "idp|1")
    with pytest.raises(asyncpg.CheckViolationError, match="write_offs_by_two"):
        await pool.execute(
            "INSERT INTO write_offs (invoice_number, serial, amount_ore, decided_on, decided_by,"
            " reason, decided_by_subject, request, asked_by, asked_by_subject)"
            " VALUES ($1, 1, 49500, $2, 'eva', 'x', 'idp|1', 1, 'ola', 'idp|1')",
            number,
            TODAY,
        )
