"""Every order of arrival of reports and payments, split and repeated: the same end."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activities.database.pool import open_pool
from tests.deduction.making import LATE, Office, filled

MEMBERS = 4
ANSWERS = [
    ("495,00", ""), ("0", "NAV"), ("0", "LEFT"), ("0", "OTHER"), ("200,00", "NO_PAY"),
    ("600,00", ""), ("49500", ""),
]  # fmt: skip


@pytest.fixture(scope="module")
async def shared(postgres, migrated, tmp_path_factory):
    """One list, delivered, in a database whose answers are rolled back after each example."""
    url = await postgres.create_database("any_order", template=migrated)
    async with await open_pool(url, size=1) as pool:
        office = Office(pool, tmp_path_factory.mktemp("any_order"))
        members = [await office.joins() for _ in range(MEMBERS)]
        number = await office.ready(*members)
        yield office, number, members, await office.file_of(number)


class OneConnection:
    """Stands for the pool where everything is to happen in one transaction."""

    def __init__(self, connection):
        self.connection = connection

    def acquire(self):
        """Give the one connection, again and again."""
        return self

    async def __aenter__(self):
        return self.connection

    async def __aexit__(self, *_):
        return None

    def __getattr__(self, name):
        return getattr(self.connection, name)


async def outcome(office, number):
    """Return all that follows from what arrived, without the order of the rows."""
    statements = {
        "deductions": "SELECT membership_id, outcome, deducted_ore, reason FROM deductions",
        "redirections": "SELECT membership_id, amount_ore, reason, invoice_number"
        " FROM redirections",
        "invoices": "SELECT number, kid, total_ore, due_on FROM invoices",
        "over": "SELECT membership_id, deducted_ore FROM over_deductions",
        "entries": "SELECT source, membership_id, debit, credit, sum(amount_ore)"
        " FROM entries WHERE source <> 'allocation' AND source <> 'payment'"
        " GROUP BY source, membership_id, debit, credit",
        "money": "SELECT account, balance_ore FROM balances",
        "letters": "SELECT membership_id, key, template FROM letters",
        "tasks": "SELECT key, kind FROM tasks WHERE closed_on IS NULL"
        " AND kind <> 'deduction_report'",
    }
    found = {
        name: sorted(map(str, await office.pool.fetch(statement)))
        for name, statement in statements.items()
    }
    state = await office.settle(number, LATE)
    return found, state.figures, state.matters, state.settled


async def played(shared, events):
    """Let things arrive in an order; each is looked at as it comes, or later. Then roll back."""
    office, number, members, content = shared
    numbers = [office.numbers[member] for member in members]
    real = office.pool
    async with real.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        office.pool = OneConnection(connection)
        try:
            for kind, value, looked_at in events:
                if kind == "report":
                    answers = {numbers[who]: answer for who, answer in value}
                    only = set(answers)
                    await office.take(filled(content, answers, only=only))
                    # Gone with its transaction, which here is still open.
                    await connection.execute("DROP TABLE IF EXISTS returned, raw")
                else:
                    reference, amount_ore = value
                    await office.pay(number, amount_ore, reference)
                if looked_at:
                    await office.settle(number)
            # Then the day is over; what is missing is missing once the due day is.
            await office.settle(number)
            await office.settle(number, LATE)
            return await outcome(office, number)
        finally:
            office.pool = real
            await transaction.rollback()


@st.composite
def arrivals(draw):
    """Draw what every member's answer is, how it is split and repeated, and two orders of it."""
    answers = [(who, draw(st.sampled_from(ANSWERS))) for who in range(MEMBERS)]
    answered = draw(st.lists(st.sampled_from(answers), min_size=1, unique=True))
    parts = []
    rest = list(answered)
    while rest:
        size = draw(st.integers(1, len(rest)))
        parts.append(("report", tuple(rest[:size])))
        rest = rest[size:]
    amounts = draw(st.lists(st.sampled_from([20000, 49500, 99000]), max_size=3))
    parts += [("payment", (f"B-{n}", ore)) for n, ore in enumerate(amounts)]
    orders = []
    for _ in range(2):
        repeated = [*parts, *draw(st.lists(st.sampled_from(parts), max_size=3))]
        order = draw(st.permutations(repeated))
        orders.append([(*part, draw(st.booleans())) for part in order])
    return orders


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(arrivals())
async def test_every_order_of_arrival_ends_the_same(shared, orders):
    """D6: duplicates, splits and orders leave one and the same ledger."""
    first, second = [await played(shared, order) for order in orders]
    assert first == second


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.permutations([("0", "NAV"), ("495,00", ""), ("0", "LEFT")]), st.booleans())
async def test_contradictions_are_nobodys_in_any_order(shared, answers, looked_at):
    """Of one member while another line is open: whichever came first, nothing is decided."""
    events = [("report", ((0, answer),), looked_at) for answer in answers]
    found, figures, matters, settled = await played(shared, events)
    assert found["deductions"] == found["invoices"] == []
    assert (figures.contradicted, settled) == (1, False)
    member = shared[2][0]
    assert any("deduction_contradicted" in task and member in task for task in found["tasks"])
    assert matters
