"""Thirty forms on one database: none loses money, doubles it or blocks another (P5)."""

import pytest

from activities.payments.formats import format_of
from activities.payments.suspense import take_in
from activities.payments.transactions import Faults
from tests.payments.making import ACCOUNT, TODAY, bring, kroner, stands
from tests.payments.strange import FORMS


async def test_what_strangers_send(pool):
    """Each comes to its payments, with a reason for what is none; all of them again to nothing."""
    asked = 0
    for name, form in FORMS.items():
        before = (await stands(pool))["balances"].get("bank", 0)
        reports = [await bring(pool, content) for content in form.files]
        aside = tuple(str(one.reason) for report in reports for one in report.aside)
        assert [report.faults for report in reports] == [()] * len(reports), name
        assert sum(report.payments for report in reports) == len(form.ore), name
        assert (aside, sum(report.unbooked for report in reports)) == (form.asides, 0), name
        after = (await stands(pool))["balances"].get("bank", 0)
        assert after - before == sum(form.ore) - form.reversed_ore, name
        asked += sum(report.set_aside for report in reports)
    tasks = "SELECT count(*) FROM tasks WHERE kind = 'set_aside' AND closed_on IS NULL"
    assert await pool.fetchval(tasks) == asked
    once = await stands(pool)
    for name, form in FORMS.items():
        for content in form.files:
            report = await bring(pool, content + b"\r\n")
            assert (report.outcome, report.payments, report.reversals) == ("applied", 0, 0), name
    assert (await stands(pool))["balances"] == once["balances"]


async def test_a_sum_may_be_money_of_its_own(pool):
    """P4: of what the bank told one by one it waits, with words that say so; or it is taken in."""
    form = FORMS["OCR giro, and its sum in the statement"]
    reports = [await bring(pool, content) for content in form.files]
    assert [(one.payments, one.set_aside) for one in reports] == [(2, 0), (0, 1)]
    [task] = await pool.fetch("SELECT key, says FROM tasks WHERE kind = 'set_aside'")
    assert "as much as 2 payments of that day together" in task["says"]
    reference = task["key"].removeprefix("entry/")
    async with pool.acquire() as connection, connection.transaction():
        assert await take_in(connection, reference, today=TODAY, by="ola") == sum(form.ore)
    assert (await stands(pool))["balances"]["bank"] == 2 * sum(form.ore)


@pytest.mark.parametrize("changed", ["amount", "payer", "day"])
async def test_what_is_no_sum_is_booked(pool, changed):
    """P4: another amount, another day, or somebody who paid it: a payment like any other."""
    form = FORMS["OCR giro, and its sum in the statement"]
    parts, total = form.files
    amount = kroner(sum(form.ore)).encode()
    other = {
        "amount": total.replace(amount, amount[:-1] + b"9"),
        "payer": total.replace(
            b"</AcctSvcrRef>",
            b"</AcctSvcrRef><NtryDtls><TxDtls><RltdPties><Dbtr><Nm>Kari Moe</Nm></Dbtr>"
            b"</RltdPties></TxDtls></NtryDtls>",
        ),
        "day": total.replace(b"2026-12-10", b"2026-12-11"),
    }[changed]
    assert other != total
    reports = [await bring(pool, content) for content in (parts, other)]
    assert [(one.payments, one.set_aside) for one in reports] == [(2, 0), (1, 0)]


@pytest.mark.parametrize("declared", ["UTF-8", "ISO-8859-1"])
def test_who_paid_is_spelt_right(declared):
    """Whatever a file of UTF-8 calls itself."""
    [content] = FORMS["UTF-8 that it calls ISO-8859-1"].files
    content = content.replace(b"ISO-8859-1", declared.encode())
    faults = Faults()
    [one] = format_of(content, faults).read(content, ACCOUNT, TODAY, faults)
    assert one.payer.name == "Åse Bø"
