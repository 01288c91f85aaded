"""A hundred forms on one database: none loses money, doubles it or blocks another (P5)."""

from collections import Counter
from datetime import date, timedelta

import pytest

from activities.payments.formats import format_of
from activities.payments.suspense import take_in
from activities.payments.transactions import Faults
from tests.arrears.making import owe
from tests.dues.test_ledger import UNBOOKED
from tests.letters.making import make_membership
from tests.payments import hard_forms, strange
from tests.payments.making import ACCOUNT, PAID, TODAY, bring, kroner, pairs, stands
from tests.payments.strange import FORMS

ALL = {**strange.MAKE, **hard_forms.MAKE}


def moved(content: bytes, number: int, round_: int) -> bytes:
    """A file of a day of its own, in whatever letters it has: nothing of another form is near."""
    letters = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "iso-8859-1"
    text, day = content.decode(letters), date(2020, 1, 9) + timedelta(9 * number + 1000 * round_)
    for days in (0, 1):
        was, now = (one - timedelta(days) for one in (PAID, day))
        text = text.replace(f"{was}", f"{now}").replace(f"{was:%d%m%y}", f"{now:%d%m%y}")
    return text.encode(letters)


async def accounts(pool):
    """What stands on each account, and how many tasks are open of each kind."""
    return Counter(
        await pairs(
            pool,
            "SELECT account, sum(balance_ore)::bigint FROM balances GROUP BY account UNION ALL"
            " SELECT 'task ' || split_part(key, '/', 1), count(*) FROM tasks"
            " WHERE closed_on IS NULL GROUP BY 1",
        )
    )


async def owed(pool, round_):
    """A member who owes what the first payment of each form of a round is of."""
    member = await make_membership(pool, stage="active")
    for number in range(1, len(ALL) + 1):
        own = strange.Own(number, round_)
        await owe(pool, member, TODAY, own.ore, kid=own.kid())


def difference(after, before):
    """What has come to accounts and tasks."""
    return {name: after[name] - before[name] for name in after if after[name] != before[name]}


async def test_what_strangers_send(pool):
    """Each comes to its payments, with a reason for what is none; all of them again to nothing.

    And some once more from the last to the first, and of each the last file first: every account
    and every kind of task comes to the same (P4, P5).
    """
    comes_to, sent = {}, []
    several = [name for name, make in ALL.items() if len(make(strange.Own(1, 0)).files) > 1]
    anew = [name for nth, name in enumerate(ALL) if name in several or nth % 4 == 0]
    for round_, names in enumerate((list(ALL), anew[::-1])):
        await owed(pool, round_)
        for name in names:
            number = 1 + list(ALL).index(name)
            form = ALL[name](strange.Own(number, round_))
            before = await accounts(pool)
            files = [moved(one, number, round_) for one in form.files]
            files = files[::-1] if round_ else files
            sent = [*sent, *files] if round_ else []
            reports = [await bring(pool, content) for content in files]
            came = difference(await accounts(pool), before)
            if round_:
                assert came == comes_to[name], name
                continue
            comes_to[name] = came
            said = [fault.says for one in reports for fault in one.faults]
            assert all(one.startswith(form.refused or "?") for one in said), (name, said)
            assert bool(said) is bool(form.refused), name
            assert sum(one.payments for one in reports) == len(form.ore), name
            assert sum(one.known for one in reports) >= form.known, name
            aside = tuple(str(each.reason) for one in reports for each in one.aside)
            assert sorted(aside) == sorted(form.asides), name
            assert sum(one.unbooked for one in reports) == 0, name
            asked = sum(one.set_aside for one in reports)
            assert came.get("task entry", 0) == asked, name
            bank = sum(form.ore) - form.reversed_ore - form.fees_ore
            assert came.get("bank", 0) == bank, name
    once = await accounts(pool)
    assert sum(ore for name, ore in once.items() if not name.startswith("task")) == 0
    assert [row for row in await pool.fetch(UNBOOKED) if "charge" not in row[0]] == []
    for content in sent:
        report = await bring(pool, content + b"\r\n")
        assert (report.payments, report.reversals) == (0, 0)
    assert await accounts(pool) == once


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
