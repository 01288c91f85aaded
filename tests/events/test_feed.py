"""Events: every fact once, none passed by, of one member in the order it came about."""

import random
from collections import defaultdict
from contextlib import AsyncExitStack
from datetime import date, timedelta

import pytest

from activities.dues.activities import Dues
from activities.events.reading import (
    BEGINNING,
    UnknownCursor,
    cursor_of,
    number_all,
    read_page,
)
from schemas.events.types import ABOUT_HIDING, MEANS, TYPES, Fact
from schemas.membership.decision import InsuranceStanding
from schemas.shared.vocabulary import (
    Category,
    Event,
    InsuranceStatus,
    LineKind,
    Outcome,
    Stage,
)
from tests.dues.making import charge
from tests.events.making import IDS, add, decide, names, told
from tests.membership.making import (
    KARI,
    OLA,
    TODAY,
    approval,
    decision,
    intake,
    make_member,
    payment,
    standing,
)


async def test_a_life_is_told_once_and_in_order(persistence, pool):
    """Each decision, invoice and payment; a decision comes before what it has issued."""
    await persistence.receive_application(intake(KARI))
    issued = await persistence.record_decision(approval())
    paid = decision(
        3, event=Event.PAYMENT_RECORDED, payment=payment("B-1", 49500, issued.invoice.kid)
    )
    await persistence.record_decision(paid)
    older = standing(category=Category.EARLY_PENSIONER)
    await persistence.record_decision(decision(4, event=Event.CHANGE_TOOK_EFFECT, standing=older))
    for again in (approval(), paid):
        await persistence.record_decision(again)
    events = await told(pool)
    assert names(events) == [
        "application_received", "application_approved", "invoice_issued", "payment_recorded",
        "invoice_paid", "change_took_effect", "category_changed",
    ]  # fmt: skip
    assert {event.subject for event in events} == {KARI}
    assert [event.data.decision for event in events] == [1, 2, None, 3, None, 4, 4]
    assert [event.data.invoice for event in events] == [None, None, 1, None, 1, None, None]
    assert len({event.id for event in events}) == len(events)
    assert events == await told(pool)
    assert sorted(events, key=lambda event: event.sequence) == events


async def test_a_fact_is_told_whatever_led_to_it(persistence, pool):
    """Cover and an end of it; where the decision is of that name it is one event and not two."""
    await make_member(persistence)
    for number, event, status, standings in (
        (3, Event.INSURANCE_NOTICE_RECORDED, InsuranceStatus.COVERED, {}),
        (4, Event.INSURANCE_ENDED, InsuranceStatus.ENDED, {}),
        (5, Event.DEATH_REPORTED, InsuranceStatus.ENDED, {"outcome": Outcome.DECEASED}),
    ):
        there = standing(
            Stage.ENDED if standings else Stage.ACTIVE,
            insurance=InsuranceStanding(status=status),
            **standings,
        )
        await persistence.record_decision(decision(number, event=event, standing=there))
    found = names(await told(pool))
    assert found[3:] == [
        "insurance_notice_recorded", "insurance_covered", "insurance_ended", "death_reported",
        "membership_ended",
    ]  # fmt: skip


async def test_an_event_names_nobody(persistence, pool):
    """Its words are ours, its ids opaque; no amount, no member number, no employer."""
    await make_member(persistence, name="Kanari Fugl", email="kanari@example.org")
    await charge(Dues(pool), "2026-12")
    kari = await pool.fetchrow("SELECT * FROM people JOIN memberships USING (person_id)")
    # A sequence is as many digits as hold any number.
    told_of = [event.model_dump_json(exclude={"sequence"}) for event in await told(pool)]
    said = "\n".join(told_of)
    hidden = [
        kari["name"],
        kari["email"],
        str(kari["birth_date"]),
        kari["member_number"],
        "974760673",
    ]
    assert [word for word in [*hidden, "49500", "kr"] if word in said] == []


def test_every_type_is_one_of_the_list():
    """What the triggers write is what the documents name."""
    assert {*Event, *Fact} <= TYPES
    assert set(MEANS) == set(Fact)


async def test_the_gate_knows_what_is_about_hiding(pool):
    """Whoever is not cleared is told of no hiding, whatever the flag says later."""
    await add(pool, IDS[0])
    for number, event in enumerate(sorted(TYPES), 1):
        await decide(pool, IDS[0], number, event)
    open_to_all = set(names(await told(pool, cleared=False)))
    assert TYPES - open_to_all == ABOUT_HIDING - open_to_all == set(ABOUT_HIDING)


async def test_who_is_hidden_is_told_to_who_is_cleared(pool):
    """Also events that were written and numbered before somebody wished to be hidden."""
    await add(pool, *IDS[:2])
    for one in IDS[:2]:
        await decide(pool, one, 1)
    assert len(await told(pool, cleared=False)) == 2
    await pool.execute("UPDATE memberships SET hiding = true WHERE membership_id = $1", IDS[0])
    assert [event.subject for event in await told(pool, cleared=False)] == [IDS[1]]
    assert [event.subject for event in await told(pool)] == IDS[:2]


async def test_what_happened_while_hidden_is_passed_by(pool):
    """A cursor that has come past it does not go back once somebody is hidden no more."""
    await add(pool, IDS[0], hidden=True)
    await decide(pool, IDS[0], 1)
    await number_all(pool)
    page = await read_page(pool, BEGINNING, cleared=False, most=10)
    assert (page.items, page.more) == ((), False)
    await pool.execute("UPDATE memberships SET hidden = false")
    await decide(pool, IDS[0], 2)
    [event] = await told(pool, int(page.next), cleared=False)
    assert event.data.decision == 2


async def test_pages_follow_each_other(pool):
    """Each event stands on one of them; the last page's cursor is for what comes later."""
    await add(pool, *IDS)
    for number in range(1, 4):
        for one in IDS:
            await decide(pool, one, number)
    await number_all(pool)
    found, after, more = [], BEGINNING, True
    while more:
        page = await read_page(pool, after, cleared=True, most=5)
        found, after, more = [*found, *page.items], int(page.next), page.more
    assert found == await told(pool)
    assert len(found) == 12
    assert (await read_page(pool, after, cleared=True, most=5)).next == str(after)


async def test_types_and_days_can_be_asked_for(pool):
    """A reader need not read all."""
    await add(pool, IDS[0])
    await decide(pool, IDS[0], 1, "leave_granted")
    await decide(pool, IDS[0], 2, "category_changed")
    assert names(await told(pool, types=["category_changed"])) == ["category_changed"]
    assert len(await told(pool, since=TODAY)) == 2
    assert await told(pool, since=TODAY + timedelta(days=1)) == []


async def test_what_commits_late_is_not_passed_by(pool):
    """A transaction that began first and ends last stands behind what was read meanwhile."""
    await add(pool, *IDS[:2])
    async with pool.acquire() as slow, slow.transaction():
        await decide(slow, IDS[0], 1)
        await decide(pool, IDS[1], 1)
        await number_all(pool)
        page = await read_page(pool, BEGINNING, cleared=True, most=10)
        assert [event.subject for event in page.items] == [IDS[1]]
    [late] = await told(pool, int(page.next))
    assert late.subject == IDS[0]


async def test_what_is_rolled_back_is_not_told(pool):
    """The event is written with the fact, or not at all."""
    await add(pool, IDS[0])
    async with pool.acquire() as connection:
        attempt = connection.transaction()
        await attempt.start()
        await decide(connection, IDS[0], 1)
        await attempt.rollback()
    assert await told(pool) == []


@pytest.mark.parametrize("seed", range(6))
async def test_whoever_writes_and_reads_when(pool, seed):
    """Transactions of any length over some members each, read in between: all, once, in order."""
    chance = random.Random(seed)
    await add(pool, *IDS)
    written, last, holder, read = [], dict.fromkeys(IDS, 0), {}, []
    after = BEGINNING
    async with AsyncExitStack() as stack:
        writers = [await stack.enter_async_context(pool.acquire()) for _ in range(3)]
        under_way = {}
        for _ in range(120):
            who = chance.randrange(4)
            if who == 3:
                await number_all(pool)
                page = await read_page(pool, after, cleared=True, most=chance.randrange(1, 5))
                read, after = [*read, *page.items], int(page.next)
                continue
            writer = writers[who]
            if who not in under_way:
                under_way[who] = (writer.transaction(), [])
                await under_way[who][0].start()
            transaction, wrote = under_way[who]
            free = [one for one in IDS if holder.get(one, who) == who]
            if free and chance.random() < 0.7:
                one = chance.choice(free)
                holder[one] = who
                last[one] += 1
                await decide(writer, one, last[one])
                wrote.append((one, last[one]))
            else:
                if chance.random() < 0.8:
                    await transaction.commit()
                    written += wrote
                else:
                    await transaction.rollback()
                holder = {one: by for one, by in holder.items() if by != who}
                del under_way[who]
        for who, (transaction, wrote) in under_way.items():
            await transaction.commit()
            written += wrote
            assert who in range(3)
    read += await told(pool, after)
    got = [(event.subject, event.data.decision) for event in read]
    assert sorted(got) == sorted(written)
    of_each = defaultdict(list)
    for one, number in got:
        of_each[one].append(number)
    assert all(numbers == sorted(numbers) for numbers in of_each.values())


async def test_a_month_is_told(persistence, pool):
    """The dues run tells each invoice once, and nothing when it comes again."""
    for one in (KARI, OLA):
        await make_member(persistence, one, name=one, email=f"{one}@example.org")
    before = len(await told(pool))
    for _ in range(2):
        await charge(Dues(pool), "2026-12", today=date(2026, 12, 1))
    events = (await told(pool))[before:]
    assert names(events) == ["invoice_issued"] * 2
    assert sorted(event.subject for event in events) == [KARI, OLA]
    assert {event.data.invoice for event in events} == {2}
    assert LineKind.CENTRAL_DUES not in str(events)


@pytest.mark.parametrize("cursor", ["", "x", "01", "-1", "1.0", "1\x00", "9" * 30, "\u0661"])
def test_a_cursor_is_one_of_ours(cursor):
    """Any other is refused, and never reaches the database."""
    with pytest.raises(UnknownCursor):
        cursor_of(cursor)
