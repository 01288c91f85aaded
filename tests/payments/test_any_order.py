"""Any order, any cut into files, any repetition: one and the same ledger.

What is open of each invoice, and what is in suspense in all, comes to the same whatever the order.
Only which payment the rest is of depends on it, and with it how many tasks there are about it.
"""

from collections import Counter
from collections.abc import Callable

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from activities.database.pool import open_pool
from activities.membership.activities import Persistence
from tests.dues.test_ledger import UNBOOKED
from tests.membership.making import TODAY as REPORTED
from tests.membership.making import payment
from tests.payments.making import Money, bring, camt, counted, ocr, payer, reported, stands

ONE = 49500
FEW = settings(
    max_examples=4,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


async def world(postgres, migrated, n):
    """A database in which one member owes 495.00 for each of two months."""
    url = await postgres.create_database(f"order_{n}", template=migrated)
    pool = await open_pool(url, size=2)
    persistence = Persistence(pool, allow_synthetic_ids=True)
    return pool, persistence, await payer(pool, persistence, "2026-10", "2026-11")


async def ledger(pool):
    """What must be the same."""
    found = await stands(pool)
    assert await pool.fetch(UNBOOKED) == []
    assert sum(found["balances"].values()) == 0
    waiting = {f"suspense/{reference}" for reference, ore in found["suspense"].items() if ore}
    assert waiting == {key for key in found["tasks"] if key.startswith("suspense/")}
    kinds = Counter(key.partition("/")[0] for key in found["tasks"] - waiting)
    balances = {account: ore for account, ore in found["balances"].items() if ore}
    return found["open"], sum(found["suspense"].values()), balances, kinds


def brought(kari, what):
    """A payment or reversal of a plan: (key, KID's serial, øre, taken back)."""
    key, serial, ore, back = what
    return Money(kari.kid(serial), ore, number=key, key=f"K{key}", on=REPORTED, reversal=back)


@st.composite
def plans(draw, serials=(1, 2, 9)):
    """Payments, of some of them the reversals, and two ways in which they come in."""
    paid = [
        (
            key,
            draw(st.sampled_from(serials)),
            draw(st.sampled_from([ONE, ONE, 2 * ONE, 100])),
            False,
        )
        for key in range(1, draw(st.integers(1, 5)) + 1)
    ]
    back = [(*one[:3], True) for one in paid if draw(st.integers(0, 3)) == 0]
    return [*paid, *back]


def cut(draw, things):
    """Cut a list into files."""
    files, rest = [], list(things)
    while rest:
        size = draw(st.integers(1, len(rest)))
        files.append(rest[:size])
        rest = rest[size:]
    return files


async def says_the_truth(pool, number, told, receipt):
    """A receipt says where the money is, in one trip, and the letters go with that."""
    if receipt.payment.known:
        return
    row = await pool.fetchrow(
        "SELECT suspense_ore, ARRAY(SELECT invoice_number FROM allocations"
        " WHERE allocations.reference = $1 GROUP BY invoice_number HAVING sum(amount_ore) > 0)"
        " AS numbers, ARRAY(SELECT key FROM letters WHERE decision = $2) AS letters"
        " FROM payment_balances WHERE reference = $1",
        told.reference,
        number,
    )
    paid, place = receipt.payment, receipt.payment.went_to
    numbers = set(row["numbers"])
    assert not paid.otherwise
    assert (paid.invoice_number in numbers, paid.others) == (bool(numbers), len(numbers or "1") - 1)
    assert paid.left_ore == (row["suspense_ore"] if numbers else 0)
    assert (place == "suspense") is (not numbers and row["suspense_ore"] > 0)
    assert (place == "first_invoice") is any(one.endswith("-1") for one in numbers)
    letters = {"suspense": [f"{number:04d}-task"], "first_invoice": [f"{number:04d}-start"]}
    assert row["letters"] == letters.get(place, [])


class Databases:
    """Numbers the databases of this module."""

    n = 0


async def played(postgres, migrated, ways):
    """The ledgers to which ways of bringing the same money lead."""
    found = []
    for files, reports in ways:
        Databases.n += 1
        pool, persistence, kari = await world(postgres, migrated, Databases.n)
        async with pool:
            number = 3
            for n, file in enumerate(files):
                if n in reports and len(file) == 1 and not file[0][3]:
                    key, serial, ore, _ = file[0]
                    told = payment(f"K{key}", ore, kari.kid(serial))
                    receipt = await persistence.record_decision(reported(number, kari, told))
                    await says_the_truth(pool, number, told, receipt)
                    number += receipt.recorded
                    continue
                # A reversal and its payment have keys of their own within a file.
                await bring(pool, camt(*(brought(kari, one) for one in file)))
            before = await counted(pool)
            for file in files:
                await bring(pool, camt(*(brought(kari, one) for one in file)) + b" ")
            assert {**await counted(pool), "payment_reports": 0} == {
                **before,
                "payment_reports": 0,
            }
            open_ore, waiting, balances, kinds = await ledger(pool)
            numbers = {kari.kid(serial): serial for serial in range(1, 10)}
            found.append(
                (
                    {numbers[kid]: ore for kid, ore in open_ore.items()},
                    waiting,
                    balances,
                    kinds,
                )
            )
    return found


@FEW
@given(data=st.data())
async def test_the_order_does_not_matter(postgres, migrated, data):
    """Shuffled, cut otherwise, in part reported instead of filed, everything again: the same."""
    plan = data.draw(plans())
    ways = []
    for _ in range(2):
        shuffled = data.draw(st.permutations(plan))
        files = cut(data.draw, shuffled)
        ways.append((files, data.draw(st.sets(st.integers(0, 6)))))
    first, second = await played(postgres, migrated, ways)
    assert first == second


@FEW
@given(data=st.data())
async def test_the_cuts_do_not_matter(postgres, migrated, data):
    """One file, each payment in its own, in part reported: the same."""
    plan = [one for one in data.draw(plans()) if not one[3]]
    ways = [([plan], set()), (cut(data.draw, plan), set()), ([[one] for one in plan], {0, 1, 2})]
    first, *others = await played(postgres, migrated, ways)
    assert all(other == first for other in others)


async def test_both_formats_come_to_the_same(postgres, migrated):
    """OCR giro and camt.054 of the same money lead to the same ledger."""
    found = []
    formats: tuple[Callable[..., bytes], ...] = (ocr, camt)
    for n, form in enumerate(formats):
        pool, _, kari = await world(postgres, migrated, f"form_{n}")
        async with pool:
            await bring(
                pool,
                form(
                    Money(kari.kids[0], ONE, 1, "1", "000000001"),
                    Money(kari.kids[0], ONE, 2, "2", "000000002"),
                    Money(kari.kid(9), ONE, 3, "3", "000000003"),
                    Money(None, 700, 4, "4", "000000004"),
                ),
            )
            open_ore, waiting, balances, kinds = await ledger(pool)
            found.append((sorted(open_ore.values()), waiting, balances, kinds))
    assert found[0] == found[1]
