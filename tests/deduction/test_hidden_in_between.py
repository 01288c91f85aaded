"""Who hides between a dues run and the employer's list: invoiced by themselves, S30."""

import asyncio
import dataclasses
from datetime import date
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.deduction.delivery import ListDelivery
from activities.letters.errors import DeliveryFailed
from schemas.deduction.contracts import ListRequest
from tests.deduction.making import MADE_ON, A, Office, filled, rows_of

# What happens in which order: charged, hidden, list made, delivered, settled, open again.
ORDERS = {
    "hidden before the list": "CHMDS",
    "the list is made twice": "CHMMDS",
    "open again before the list goes out": "CHMUDS",
    "hidden once the list is made": "CMHDS",
    "and settled again": "CHMDSS",
    "the list has nowhere to go yet": "CHMSDS",
    "hidden once the list is made, which has nowhere to go": "CMHSDS",
    "open again before the list": "CHUMDS",
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
async def test_a_month_is_invoiced_by_itself(office: Office, order):
    """One invoice, no task of where it is to go, and the employer is shown the others."""
    stays, hides = await office.joins(), await office.joins()
    employer = office.pool.execute
    for step in order:
        number = await office.number_of()
        match step:
            case "C":
                for member in (stays, hides):
                    await office.charge(member)
            case "H" | "U":
                await employer(
                    "UPDATE memberships SET hidden = $2 WHERE membership_id = $1",
                    hides,
                    step == "H",
                )
            case "M":
                await office.make()
            case "D":
                assert (await office.deliver(number)).delivered
            case "S":
                await office.settle(number)
    if order == "CHUMDS":
        assert await office.pool.fetchval("SELECT count(*) FROM invoices") == 0
        return
    billed = await office.pool.fetch(
        "SELECT redirections.membership_id, redirections.amount_ore, reason, issued_on, total_ore"
        " FROM redirections JOIN invoices ON invoice_number = invoices.number"
    )
    assert [tuple(row) for row in billed] == [(hides, 49500, "withheld", MADE_ON, 49500)]
    assert [await office.balance(name) for name in ("members", "employers")] == [49500, 49500]
    content = await office.file_of(number)
    assert [row[0] for row in rows_of(content)[9:]] == [office.numbers[stays]]
    assert office.numbers[hides].encode() not in content
    told = await office.pool.fetch("SELECT DISTINCT membership_id FROM disclosures")
    assert [row[0] for row in told] == [stays]
    assert set(await office.tasks()) <= {"deduction_withheld"}
    await office.take(filled(content))
    await office.pay(number, 49500)
    assert (await office.settle(number)).settled
    # Open again in the month after, the deduction begins; hidden still, nothing is said.
    await employer("UPDATE memberships SET hidden = false")
    for member in (stays, hides):
        await office.charge(member, "2027-01")
    await office.make("2027-01")
    lines = await office.lines_of(await office.number_of(period="2027-01"))
    assert {member: line[4] for member, line in lines.items()} == {
        stays: "CONTINUE", hides: "START"
    }  # fmt: skip


async def test_an_employer_of_nobody_else_hears_nothing(office: Office):
    """Its list is there to be settled; nothing goes out, whatever its channel, and it is over."""
    hides = await office.joins()
    await office.charge(hides)
    await office.pool.execute("UPDATE memberships SET hidden = true")
    await office.make()
    number = await office.number_of()
    nowhere = dataclasses.replace(office.settings, list_folder=None)
    done = await office.deliver(number, settings=nowhere)
    assert (done.delivered, done.shown, done.withheld) == (True, 0, 1)
    assert (await office.settle(number)).settled
    assert not office.folder.exists()
    assert await office.pool.fetchval("SELECT count(*) FROM disclosures") == 0
    assert await office.balance("members") == 49500
    assert await office.tasks() == {}
    # Nor a STOP in the month after, when nothing is charged through the employer any more.
    await office.make("2027-01")
    assert await office.number_of(period="2027-01") is None


async def test_what_was_charged_too_late_waits_for_no_list_of_others(office: Office):
    """Charged for a month whose list was made, hidden, and the employer has nobody left."""
    leaves, hides = await office.joins(), await office.joins()
    await office.ready(leaves)
    await office.charge(hides)
    await office.pool.execute("UPDATE memberships SET hidden = true WHERE employer_orgnr = $1", A)
    await office.make("2027-01", today=date(2027, 1, 4))
    number = await office.number_of(period="2027-01")
    assert (await office.deliver(number, today=date(2027, 1, 4))).shown == 0
    assert (await office.settle(number, today=date(2027, 1, 4))).settled
    billed = await office.pool.fetch("SELECT membership_id, total_ore FROM invoices")
    assert [tuple(row) for row in billed] == [(hides, 49500)]
    await office.make("2027-02", today=date(2027, 2, 2))
    assert await office.number_of(period="2027-02") is None


class _WhileItIsWritten(ListDelivery):
    """A delivery in which something happens between the first look and the last."""

    happens: str
    loop: asyncio.AbstractEventLoop

    def _pack(self, found: Any, shown: Any) -> Any:
        packed = super()._pack(found, shown)
        asyncio.run_coroutine_threadsafe(self._pool.execute(self.happens), self.loop).result(20)
        return packed


@pytest.mark.parametrize("flag", ["hidden", "hiding"])
async def test_who_hides_while_the_list_is_written_leaves_no_empty_list(office: Office, flag):
    """Invariant 12: not even a file that says there was somebody to deduct from."""
    hides = await office.joins()
    await office.charge(hides)
    await office.make()
    number = await office.number_of()
    room = _WhileItIsWritten(office.pool, office.settings)
    room.happens = f"UPDATE memberships SET {flag} = true"
    room.loop = asyncio.get_running_loop()
    request = ListRequest(list_number=number, today=MADE_ON)
    done = await ActivityEnvironment().run(room.deliver_deduction_list, request)
    assert (done.delivered, done.shown, done.withheld) == (True, 0, 1)
    assert not office.folder.exists()


@pytest.mark.parametrize("flag", ["hidden", "hiding"])
async def test_an_employer_is_not_reminded_of_the_hidden_alone(office: Office, flag):
    """What it was shown before the wish it knows; from the wish on it hears no more of it."""
    stays, hides = await office.joins(), await office.joins()
    number = await office.ready(stays, hides)
    await office.pool.execute("UPDATE employers SET email = 'lonn@employer.example'")
    wish = f"UPDATE memberships SET {flag} = true WHERE membership_id = $1"
    await office.pool.execute(wish, hides)
    request = ListRequest(list_number=number, today=MADE_ON)
    nobody = dataclasses.replace(office.settings, host="127.0.0.1", port=1)
    room = ListDelivery(office.pool, nobody)
    with pytest.raises(DeliveryFailed):  # it is tried: another member stands on the list
        await ActivityEnvironment().run(room.remind_employer, request)
    await office.pool.execute(wish, stays)
    assert not await ActivityEnvironment().run(room.remind_employer, request)
    assert "deduction_not_reminded" in await office.tasks()


@pytest.mark.parametrize("flag", ["hidden", "hiding"])
async def test_the_next_list_has_no_stop_of_who_hides(office: Office, flag):
    """The STOP went in words of the caseworkers' own: a list does not say it once more (L5)."""
    stays, hides = await office.joins(), await office.joins()
    await office.ready(stays, hides)
    wish = f"UPDATE memberships SET {flag} = true WHERE membership_id = $1"
    await office.pool.execute(wish, hides)
    await office.charge(stays, "2027-01")
    await office.make("2027-01")
    lines = await office.lines_of(await office.number_of(period="2027-01"))
    assert {member: line[4] for member, line in lines.items()} == {stays: "CONTINUE"}
