"""Pursuing everybody on a real database: the same as the rule, once, and never too much."""

import random
from datetime import date, timedelta

import asyncpg
import pytest
from temporalio.client import Client
from temporalio.testing import ActivityEnvironment

from activities.arrears import pursuing
from activities.arrears.activities import Arrears
from activities.letters.store import REMINDERS
from activities.shared.rulebook import RulebookReader
from schemas.arrears.contracts import ArrearsCounts, ArrearsDay
from schemas.pricing.rulebook import Policies
from schemas.shared.vocabulary import Template
from tests.arrears.making import everybody, kid_of, letters, owe, pursue, tasks
from tests.arrears.oracle import Arrears as Owed
from tests.arrears.oracle import ArrearsStep, OverdueInvoice, steps_due
from tests.letters.making import end_membership, make_decision, make_membership, pay

DUE = date(2027, 3, 1)
POLICIES = Policies(valid_from=date(1970, 1, 1))


@pytest.fixture
def arrears(pool: asyncpg.Pool, client: Client) -> Arrears:
    """The room."""
    return Arrears(pool, client)


def on(days: int) -> date:
    """So many days past due."""
    return DUE + timedelta(days=days)


async def test_how_long_each_step_waits_is_a_row(pool, arrears):
    """Other days and months than 14, 28, 2, 3 and 14: each row moves its own step (A30, G4)."""
    rows = {
        "first_reminder_days": 5,
        "second_reminder_days": 9,
        "arrears_task_months": 3,
        "struck_off_months": 1,
        "warning_days": 3,
    }
    for name, value in rows.items():
        await pool.execute("UPDATE policies SET value = $2 WHERE name = $1", name, value)
    member = await make_membership(pool, stage="active")
    for _ in range(2):
        await owe(pool, member, DUE)
    steps = {}
    for day in (1, 3, 4, 5, 8, 9):
        done = (await pursue(arrears, on(day))).model_dump(exclude={"owed_ore"})
        steps[day] = {name for name, how_many in done.items() if how_many}
    assert steps == {
        1: {"warning"},  # two months are owed: enough for it, and too few for a task
        3: set(),
        4: {"struck_off"},  # warned three days ago, and two are more than one
        5: {"first_reminder"},
        8: set(),
        9: {"second_reminder"},
    }


async def test_reminded_twice_and_no_more(pool, arrears):
    """A30: at 14 and 28 days; the same day again changes nothing."""
    member = await make_membership(pool, stage="active")
    number = await owe(pool, member, DUE)
    assert (await pursue(arrears, on(13))).first_reminder == 0
    for day, expected in ((14, 1), (15, 1), (28, 2), (40, 2)):
        await pursue(arrears, on(day))
        await pursue(arrears, on(day))
        assert len(await letters(pool)) == expected, day
    rows = await pool.fetch("SELECT key, figures, batch, ordered_on FROM letters ORDER BY key")
    assert [tuple(row.values()) for row in rows] == [
        (
            f"reminder-1-{number}",
            # 15 March and 14 days are Easter Monday: the bank settles on the 30th.
            {"invoice": number, "pay_by": "2027-03-30", "struck_off_months": 3},
            "arrears-2027-03-15",
            on(14),
        ),
        (
            f"reminder-2-{number}",
            {"invoice": number, "pay_by": "2027-04-12", "struck_off_months": 3},
            "arrears-2027-03-29",
            on(28),
        ),
    ]
    steps = await pool.fetch("SELECT step, taken_on FROM arrears_steps ORDER BY taken_on")
    assert [tuple(row.values()) for row in steps] == [
        ("first_reminder", on(14)),
        ("second_reminder", on(28)),
    ]


async def test_paying_stops_it_at_any_step(pool, arrears):
    """Paid in full: nothing more. Paid in part: the rest is pursued. The task closes itself."""
    member = await make_membership(pool, stage="active")
    first, second = await owe(pool, member, DUE), await owe(pool, member, DUE)
    counts = await pursue(arrears, on(14))
    assert (counts.first_reminder, counts.caseworker, counts.owed_ore) == (2, 1, 99000)
    await pay(pool, await kid_of(pool, first), 49500)
    await pay(pool, await kid_of(pool, second), 10000)
    counts = await pursue(arrears, on(28))
    # 990.00 - 495.00 - 100.00 = 395.00
    assert (counts.second_reminder, counts.owed_ore) == (1, 39500)
    assert await tasks(pool) == [("arrears", True)]
    await pay(pool, await kid_of(pool, second), 39500)
    assert await pursue(arrears, on(40)) == ArrearsCounts()
    assert await tasks(pool) == [("arrears", False)]


async def test_who_was_taken_up_again_has_time_to_pay(pool, arrears):
    """A30, L9: struck off 14 days after the warning; reopened, not before 14 more have passed."""
    member = await make_membership(pool, stage="active")
    for _ in range(5):
        await owe(pool, member, DUE)
    assert (await pursue(arrears, on(1))).warning == 1
    assert [(await pursue(arrears, on(day))).struck_off for day in (14, 15)] == [0, 1]
    number = await make_decision(pool, member, None)
    await pool.execute(
        "INSERT INTO decisions (membership_id, number, event, decided_at, decided_on,"
        " decided_by, rules, content_hash, receipt)"
        " VALUES ($1, $2, 'membership_reopened', now(), $3, 'ola', '{L9}', repeat('0', 64), '{}')",
        member,
        number + 1,
        on(20),
    )
    rulebook = RulebookReader(allow_synthetic_ids=False)
    for day, struck in ((20, False), (33, False), (34, True)):
        async with pool.acquire() as connection:
            book = await rulebook.current(connection)
            found = await pursuing.to_be_struck_off(connection, everybody(on(day)), book)
        assert ([one for one, _, _ in found] == [member]) is struck, day


async def test_money_in_suspense_is_looked_at_first(pool, arrears):
    """Enough of it: one task and no letter, however often it is found. Too little: a reminder."""
    rich, poor = [await make_membership(pool, stage="active") for _ in range(2)]
    for member, ore in ((rich, 49500), (poor, 49499)):
        number = await owe(pool, member, DUE)
        await pay(pool, await kid_of(pool, number), ore, placed=False)
    counts = await pursue(arrears, on(14))
    assert (counts.suspense, counts.first_reminder) == (1, 1)
    await pursue(arrears, on(15))
    assert await letters(pool) == [(poor, "reminder_first")]
    assert await tasks(pool) == [("arrears_suspense", True)]


async def test_the_dead_are_left_alone_and_who_left_still_owes(pool, arrears):
    """Nothing for the deceased; who resigned is reminded and never warned (A29)."""
    died, resigned = [await make_membership(pool, stage="active") for _ in range(2)]
    for member in (died, resigned):
        for _ in range(4):
            await owe(pool, member, DUE)
    await end_membership(pool, died, "deceased")
    await end_membership(pool, resigned, "resigned")
    counts = await pursue(arrears, on(20))
    assert (counts.first_reminder, counts.caseworker, counts.warning) == (4, 1, 0)
    assert {member for member, _ in await letters(pool)} == {resigned}
    # A death recorded by mistake closes the task, and undone it is there again (L9).
    for day, outcome, is_open in ((21, "deceased", False), (22, "resigned", True)):
        await pool.execute(
            "UPDATE memberships SET outcome = $1 WHERE membership_id = $2", outcome, resigned
        )
        await pursue(arrears, on(day))
        assert await tasks(pool) == [("arrears", is_open)]


async def test_a_rehearsal_writes_nothing(pool, arrears):
    """The dry run counts what the run then does."""
    member = await make_membership(pool, stage="active")
    for _ in range(4):
        await owe(pool, member, DUE)
    async with pool.acquire() as connection:
        book = await RulebookReader(allow_synthetic_ids=False).current(connection)
        report = await pursuing.rehearse(connection, ArrearsDay(today=on(14)), book)
    assert await letters(pool) == []
    assert await tasks(pool) == []
    assert report.counts == await pursue(arrears, on(14))
    assert report.counts == ArrearsCounts(
        first_reminder=4, caseworker=1, warning=1, owed_ore=4 * 49500
    )


async def test_one_bad_member_stops_nobody(pool, arrears):
    """Invariant 9: a row the database refuses becomes a task; all others are reminded."""
    members = [await make_membership(pool, stage="active") for _ in range(5)]
    for member in members:
        await owe(pool, member, DUE)
    bad = members[2]
    await pool.execute(
        f"ALTER TABLE letters ADD CONSTRAINT spoilt CHECK (membership_id <> '{bad}')"
    )
    counts = await pursue(arrears, on(14))
    assert (counts.first_reminder, counts.quarantined) == (4, 1)
    assert {member for member, _ in await letters(pool)} == set(members) - {bad}
    assert await tasks(pool) == [("arrears_quarantine", True)]


async def test_the_tables_do_what_the_rule_says(pool, arrears):
    """Thirty random members over half a year: every day's steps are those of `steps_due`."""
    chance = random.Random(30)
    members = [await make_membership(pool, stage="active") for _ in range(30)]
    covers: dict[str, int] = {}
    for member in members:
        for _ in range(chance.randint(0, 5)):
            months = chance.choice([1, 1, 1, 3, 12])
            due_on = DUE + timedelta(days=chance.randint(-40, 60))
            number = await owe(pool, member, due_on, chance.randint(1, 60000), covers=months)
            covers[number] = months
    for member in chance.sample(members, 5):
        await end_membership(pool, member, chance.choice(["resigned", "deceased"]))
    rows = await pool.fetch("SELECT number, kid, total_ore FROM invoices")
    for row in chance.sample(rows, len(rows) // 3):
        ore = chance.randint(1, row["total_ore"])
        await pay(pool, row["kid"], ore, placed=chance.random() < 0.5)
    seen: set[ArrearsStep] = set()
    for days in range(0, 180, 12):
        expected = await by_the_rule(pool, covers, on(days))
        async with (
            pool.acquire() as connection,
            pursuing.round_of(connection, everybody(on(days)), POLICIES),
        ):
            found = {
                (row["number"], ArrearsStep(row["step"]))
                for row in await connection.fetch(
                    "SELECT number, step FROM arrears_round WHERE step IS NOT NULL"
                )
            }
        assert found == expected, days
        seen |= {step for _, step in found}
        await pursue(arrears, on(days))
    assert seen == set(ArrearsStep)


async def by_the_rule(
    pool: asyncpg.Pool, covers: dict[str, int], today: date
) -> set[tuple[str, ArrearsStep]]:
    """Return every step that is due, worked out in Python."""
    found: set[tuple[str, ArrearsStep]] = set()
    for member in await pool.fetch("SELECT membership_id, stage, outcome FROM memberships"):
        rows = await pool.fetch(
            "SELECT number, due_on, open_ore, total_ore AS asked_ore FROM invoice_balances"
            " WHERE membership_id = $1 AND due_on < $2 AND open_ore > 0 ORDER BY due_on, serial",
            member["membership_id"],
            today,
        )
        invoices = []
        for row in rows:
            taken = await pool.fetch(
                "SELECT step, taken_on FROM arrears_steps WHERE invoice_number = $1", row["number"]
            )
            invoices.append(
                OverdueInvoice(
                    **row,
                    covers_months=covers[row["number"]],
                    taken={ArrearsStep(each["step"]): each["taken_on"] for each in taken},
                )
            )
        in_hand = await pool.fetchval(
            "SELECT coalesce(sum(suspense_ore), 0)::bigint FROM payment_balances"
            " WHERE membership_id = $1",
            member["membership_id"],
        )
        owed = Owed(
            invoices=tuple(invoices),
            in_hand_ore=in_hand,
            member=member["stage"] != "ended",
            deceased=member["outcome"] == "deceased",
        )
        found |= set(steps_due(owed, POLICIES, today))
    return found


async def test_a_membership_without_a_workflow_is_a_task(pool, arrears):
    """To be struck off, but nobody is there to do it: a caseworker finds out why."""
    member = await make_membership(pool, stage="active")
    for _ in range(4):
        await owe(pool, member, DUE)
    await pursue(arrears, on(14))
    environment = ActivityEnvironment()
    assert await environment.run(arrears.report_arrears_to_members, everybody(on(28))) == 0
    assert ("arrears_untold", True) in await tasks(pool)


async def test_a_report_goes_to_memberships_only(pool, arrears, client):
    """A workflow of another type under a member's id would swallow it: that is a task as well."""
    member = await make_membership(pool, stage="active")
    for _ in range(4):
        await owe(pool, member, DUE)
    await pursue(arrears, on(14))
    squatter = await client.start_workflow("Anything", id=member, task_queue="nobody")
    environment = ActivityEnvironment()
    assert await environment.run(arrears.report_arrears_to_members, everybody(on(28))) == 0
    assert ("arrears_untold", True) in await tasks(pool)
    await squatter.terminate()


async def test_the_ladder_says_what_the_rules_say(pool):
    """Each step has a row and each policy it waits for is one; counts and letters know them."""
    rows = await pool.fetch("SELECT * FROM arrears_ladder")
    assert {row["step"] for row in rows} == set(ArrearsStep) <= set(ArrearsCounts.model_fields)
    named = ("overdue_days", "owed_months", "gap_days", "less_days")
    policies = {row[name] for row in rows for name in named} - {None}
    assert policies <= set(Policies.model_fields)
    assert {row["template"] for row in rows} - {None} <= set(Template)
    reminders = {row["template"] for row in rows if row["about"] == "invoice"}
    assert reminders == REMINDERS - {Template.DIRECT_DEBIT_RETURNED}


async def test_a_further_step_is_a_row(pool, arrears):
    """Whoever adds a rung to the ladder writes it down; it is taken in its turn, once."""
    member = await make_membership(pool, stage="active")
    number = await owe(pool, member, DUE)
    await pool.execute(
        "INSERT INTO arrears_ladder (step, about, in_hand, members_only, repeats, overdue_days,"
        " task_kind, task_key, task_says) VALUES ('call', 'invoice', false, false, false,"
        " 'warning_days', 'arrears_call', 'call/', 'Call: %1$s øre, %2$s months.')"
    )
    for _ in range(2):
        await pursue(arrears, on(14))
    task = await pool.fetchrow("SELECT key, kind, says FROM tasks")
    assert tuple(task) == (f"call/{number}", "arrears_call", "Call: 49500 øre, 1 months.")
    assert await pool.fetchval("SELECT count(*) FROM tasks") == 1


async def test_a_policy_that_there_is_not_makes_nothing_due(pool, arrears):
    """A misspelt name keeps a step from being taken: nobody is struck off by a slip."""
    member = await make_membership(pool, stage="active")
    await owe(pool, member, DUE)
    await pool.execute(
        "UPDATE arrears_ladder SET overdue_days = 'frist_reminder_days'"
        " WHERE step = 'first_reminder'"
    )
    assert (await pursue(arrears, on(100))).first_reminder == 0
    assert await letters(pool) == []
