"""A sum beside its parts (P4): whatever comes first, in how many files, money counts once."""

import itertools
from datetime import date

import pytest

from activities.payments.suspense import NotPossible, allocate, take_in
from schemas.payments.identity import NOTICES, OCR, STATEMENTS
from schemas.payments.sums import Bare, Parts, sums_among
from tests.dues.test_ledger import UNBOOKED
from tests.payments.making import (
    PAID,
    TODAY,
    Money,
    bring,
    camt,
    camt_batch,
    camt_of,
    ocr,
    payer,
    stands,
)
from tests.payments.strange import Own, document, entry, notice

DAY = date(2026, 12, 10)


def bare(ore, channel=STATEMENTS, key="S", name=None):
    """An entry of nobody."""
    return Bare(key, channel, DAY, ore, name)


def of(ore, count=2, channel=OCR, level="first", name=None):
    """What a source tells payment by payment."""
    return Parts(channel, DAY, ore, count, f"P{ore}", level, name)


@pytest.mark.parametrize(
    ("entries", "parts", "sums"),
    [
        pytest.param([bare(300)], [of(300)], {"S"}, id="a message"),
        pytest.param([bare(300)], [of(300, level="entry")], {"S"}, id="an entry"),
        pytest.param([bare(300)], [of(300, 1)], {"S"}, id="one payment, all of a message"),
        pytest.param([bare(300)], [of(300, 1, level="entry")], set(), id="one of many"),
        pytest.param([bare(300, NOTICES)], [of(300, 1)], set(), id="a notice of one"),
        pytest.param([bare(300, NOTICES)], [of(300)], {"S"}, id="a notice of the sum"),
        pytest.param([bare(300)], [of(300, channel=STATEMENTS)], set(), id="the same source"),
        pytest.param(
            [bare(300, name="E1")],
            [of(300, 1, STATEMENTS, "entry", "E1")],
            {"S"},
            id="the same source, called the same",
        ),
        pytest.param([bare(600)], [of(100), of(200), of(400)], {"S"}, id="two of three messages"),
        pytest.param([bare(600)], [of(100, channel=NOTICES), of(500)], set(), id="two sources"),
        pytest.param(
            [bare(100), bare(200, key="T")], [of(300)], {"S", "T"}, id="two entries of a message"
        ),
        pytest.param([bare(301)], [of(300), of(2)], set(), id="no sum"),
    ],
)  # fmt: skip
def test_what_is_a_sum(entries, parts, sums):
    """By the amounts of a day, of another source, or of what the same calls the same."""
    assert set(sums_among(entries, parts)) == sums


def total(own, ore, *, kind="053", key="S"):
    """A file with a sum: no more is told of it."""
    whole = entry(ore, own.key(key), more="<AddtlNtryInf>Innbetalinger</AddtlNtryInf>")
    return document(notice(whole, own=own, kind=kind), kind=kind).encode()


def parts(own, number=0, *, count=2):
    """Some payments of a set."""
    return [
        Money(own.kid(2 * number + n), own.ore + 7 * n + number, n, key=own.key(f"P{number}{n}"))
        for n in range(1, count + 1)
    ]


def ore_of(*sets):
    """What sets of payments come to."""
    return sum(one.ore for each in sets for one in each)


def forms(own):
    """By what they are: the files of a set of payments, of which one is their sum."""
    one, two = parts(own), parts(own, 3)
    apart = [camt_of(camt_batch(own.key("Q"), *one))]
    return {
        "OCR giro": [ocr(*one, transmission=f"{own.number:07d}"), total(own, ore_of(one))],
        "notices": [camt(*one), total(own, ore_of(one))],
        "a batch": [*apart, total(own, ore_of(one))],
        "the same source, called the same": [*apart, total(own, ore_of(one), kind="054", key="Q")],
        "one payment": [ocr(one[0], transmission=f"{own.number:07d}"), total(own, one[0].ore)],
        "parts in two files": [
            ocr(*one, transmission=f"{own.number:07d}"),
            ocr(*two, transmission=f"{own.number + 1:07d}"),
            total(own, ore_of(one, two)),
        ],
        "the sum in two files": [
            ocr(*one, *two, transmission=f"{own.number:07d}"),
            total(own, ore_of(one)),
            total(own, ore_of(two)).replace(own.key("S").encode(), own.key("T").encode()),
        ],
    }


async def test_money_counts_once_in_any_order(pool):
    """In each order, and all of it again: the parts are booked, the sum is asked about."""
    number = 500
    for name in forms(Own(0)):
        found = []
        for order in itertools.permutations(range(len(forms(Own(0))[name]))):
            number += 10
            own = Own(number)
            before = await stands(pool)
            # A day of its own: what another has come to says nothing.
            day = date(2020, 1, 1).fromordinal(date(2020, 1, 1).toordinal() + number)
            files = [
                one.replace(f"{PAID}".encode(), f"{day}".encode()).replace(
                    f"{PAID:%d%m%y}".encode(), f"{day:%d%m%y}".encode()
                )
                for one in forms(own)[name]
            ]
            reports = [await bring(pool, files[at]) for at in order]
            assert {one.outcome for one in reports} == {"applied"}, (name, order)
            after = await stands(pool)
            paid = await pool.fetchval(
                "SELECT sum(amount_ore) FROM payments WHERE paid_on = $1 AND kid IS NOT NULL", day
            )
            banked = after["balances"]["bank"] - before["balances"].get("bank", 0)
            assert banked == paid, (name, order)
            new = {key.partition("/")[0] for key in after["tasks"] - before["tasks"]}
            held = sum(after["suspense"].values()) - sum(before["suspense"].values())
            found.append((held - paid, len(after["tasks"] - before["tasks"]), new))
            for file in files:
                again = await bring(pool, file + b"\r\n")
                assert (again.payments, again.set_aside) == (0, 0), (name, order)
            assert await stands(pool) == after, (name, order)
        assert found == [found[0]] * len(found), name
    assert await pool.fetch(UNBOOKED) == []


async def test_what_is_placed_stays(pool, persistence):
    """P4: a person has said what it is: a task tells of the parts, nothing is taken out."""
    kari = await payer(pool, persistence)
    own = Own(2)
    await bring(pool, total(own, ore_of(parts(own))))
    number = await pool.fetchval("SELECT number FROM invoices WHERE kid = $1", kari.kids[0])
    async with pool.acquire() as connection, connection.transaction():
        await allocate(connection, own.key("S"), number, today=TODAY, by="ola")
    await bring(pool, ocr(*parts(own)))
    found = await stands(pool)
    assert found["balances"]["bank"] == 2 * ore_of(parts(own))
    assert f"sum/{own.key('S')}" in found["tasks"]
    assert found["open"][kari.kids[0]] == 0


async def test_a_sum_may_be_money_of_its_own_in_any_order(pool):
    """Taken out of the books, it is taken in again, once."""
    own = Own(1)
    await bring(pool, total(own, ore_of(parts(own))))
    await bring(pool, ocr(*parts(own)))
    once = ore_of(parts(own))
    assert (await stands(pool))["balances"]["bank"] == once
    [task] = await pool.fetch("SELECT key, says FROM tasks WHERE kind = 'set_aside'")
    assert "as much as 2 payments of that day together" in task["says"]
    reference = task["key"].removeprefix("entry/")
    async with pool.acquire() as connection, connection.transaction():
        assert await take_in(connection, reference, today=TODAY, by="ola") == once
        with pytest.raises(NotPossible):
            await take_in(connection, reference, today=TODAY, by="ola")
    found = await stands(pool)
    assert (found["balances"]["bank"], found["suspense"][f"{reference}/alone"]) == (2 * once, once)
    assert f"suspense/{reference}/alone" in found["tasks"]
    await bring(pool, ocr(*parts(own)) + b"\r\n")
    assert (await stands(pool))["balances"]["bank"] == 2 * once
    assert await pool.fetch(UNBOOKED) == []
