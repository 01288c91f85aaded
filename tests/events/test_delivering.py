"""Posting to a consumer: each event, in order, again until it is taken, hidden members to none."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from activities.events import consumers
from activities.events.consumers import Changing, Consumer
from activities.events.delivering import deliver
from activities.events.reading import number_all
from schemas.events.cloud_event import PREFIX
from schemas.events.delivery import DeliveryEnd, DeliveryTurn, Trouble, Verdict
from tests.events.making import IDS, add, decide
from tests.events.receiver import AT_CRM, AT_CRM_2
from tests.membership.making import TODAY

AT = datetime(2026, 12, 1, 9, tzinfo=UTC)
TURN = DeliveryTurn(consumer="crm", at=AT)
WAITING = """
SELECT EXISTS (SELECT FROM pg_stat_activity
               WHERE datname = current_database() AND wait_event_type = 'Lock')
"""
KARI, PER = Changing("Kari Moe", AT), Changing("Per Li", AT)


async def make(pool, receiver, **values):
    """Add the consumer ``crm``."""
    new = Consumer(
        **{
            "consumer": "crm", "url": receiver.url, "types": None, "batch_size": 1,
            "secret": AT_CRM, "former_secret": None, "delivered_to": 0,
            "caught_up_at": AT - timedelta(days=3), **values,
        }
    )  # fmt: skip
    async with pool.acquire() as connection, connection.transaction():
        await consumers.add_consumer(connection, new, KARI, asks_clearance=False)


async def stands(pool):
    """The consumer as it is listed."""
    async with pool.acquire() as connection:
        [found] = await consumers.list_consumers(connection)
    return found


async def do(pool, change, *given):
    """Change something of a consumer, as a command does."""
    async with pool.acquire() as connection, connection.transaction():
        return await change(connection, *given)


async def test_each_is_posted_in_order_and_signed(pool, receiver, poster):
    """One by one, as a CloudEvent under its own id; once all is told there is nothing to post."""
    await make(pool, receiver)
    await add(pool, *IDS[:2])
    for number in (1, 2):
        for one in IDS[:2]:
            await decide(pool, one, number)
    done = await deliver(pool, poster, TURN)
    assert (done.verdict, done.events, done.trouble) == (Verdict.DONE, 4, None)
    assert receiver.decisions == [(one, number) for number in (1, 2) for one in IDS[:2]]
    for headers, body in receiver.requests:
        assert headers["webhook-id"] == json.loads(body)["id"]
        assert headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    found = await stands(pool)
    assert (found.delivered_to, found.caught_up_at, found.waiting) == (done.delivered_to, AT, 0)
    assert (await deliver(pool, poster, TURN)).events == 0
    assert len(receiver.requests) == 4


async def test_a_batch_is_an_array(pool, receiver, poster):
    """Of as many as the consumer takes; its id is the same where the batch is."""
    await make(pool, receiver, batch_size=2)
    await add(pool, IDS[0])
    for number in (1, 2, 3):
        await decide(pool, IDS[0], number)
    receiver.status = 500
    await deliver(pool, poster, TURN)
    receiver.status = 200
    assert (await deliver(pool, poster, TURN)).events == 3
    sent = [(headers["webhook-id"], len(json.loads(body))) for headers, body in receiver.requests]
    assert [size for _, size in sent] == [2, 2, 1]
    assert sent[0][0] == sent[1][0] != sent[2][0]
    assert {headers["content-type"] for headers, _ in receiver.requests} == {
        "application/cloudevents-batch+json; charset=utf-8"
    }
    assert [number for _, number in receiver.decisions] == [1, 2, 3]


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (301, {"location": "http://127.0.0.1:1/"}, None),
        (400, {}, None),
        (404, {}, None),
        (429, {"retry-after": "120"}, 120),
        (500, {}, None),
        (503, {"retry-after": "soon"}, None),
        (503, {"retry-after": "999999999999"}, 86_400),
        (503, {"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
    ],
)
async def test_what_is_no_success_moves_nothing(pool, receiver, poster, status, headers, wait):
    """Nothing behind it is posted, it is followed nowhere, and it comes again with its id."""
    await make(pool, receiver)
    await add(pool, IDS[0])
    await decide(pool, IDS[0], 1)
    await decide(pool, IDS[0], 2)
    receiver.status, receiver.headers = status, headers
    done = await deliver(pool, poster, TURN)
    assert (done.verdict, done.trouble, done.status) == (Verdict.FAILED, Trouble.ANSWER, status)
    assert (done.wait_seconds, done.delivered_to, done.events) == (wait, 0, 0)
    assert len(receiver.requests) == 1
    receiver.status, receiver.headers = 200, {}
    await deliver(pool, poster, TURN)
    assert [number for _, number in receiver.decisions] == [1, 2]
    first, again = [headers["webhook-id"] for headers, _ in receiver.requests][:2]
    assert first == again


async def test_whoever_is_gone_is_paused(pool, receiver, poster):
    """410: nothing is posted until somebody resumes it, and then all that waits."""
    await make(pool, receiver)
    await add(pool, IDS[0])
    await decide(pool, IDS[0], 1)
    receiver.status = 410
    assert (await deliver(pool, poster, TURN)).verdict is Verdict.PAUSED
    found = await stands(pool)
    assert (found.paused_by, found.paused_at, found.delivered_to) == ("medlemsflyt", AT, 0)
    receiver.status = 200
    assert (await deliver(pool, poster, TURN)).verdict is Verdict.PAUSED
    assert len(receiver.requests) == 1
    assert await do(pool, consumers.resume_consumer, "crm", KARI, TODAY)
    assert (await deliver(pool, poster, TURN)).events == 1


async def test_who_is_down_and_what_can_not_be_signed(pool, receiver, poster):
    """No connection, no secret: nothing leaves, and nothing is passed by."""
    await make(pool, receiver, url="http://127.0.0.1:1/events")
    await add(pool, IDS[0])
    await decide(pool, IDS[0], 1)
    assert (await deliver(pool, poster, TURN)).trouble is Trouble.UNREACHABLE
    await pool.execute("UPDATE consumers SET url = $1, secret = 'file:/nowhere'", receiver.url)
    assert (await deliver(pool, poster, TURN)).trouble is Trouble.UNSIGNED
    assert receiver.requests == []
    await pool.execute("UPDATE consumers SET secret = $1", AT_CRM)
    assert (await deliver(pool, poster, TURN)).events == 1


async def test_who_hides_meanwhile_is_told_to_nobody_uncleared(pool, receiver, poster):
    """Also an event that was refused once, and would come again: the gate is read at each post."""
    await make(pool, receiver)
    await add(pool, *IDS[:2])
    for one in IDS[:2]:
        await decide(pool, one, 1)
    await number_all(pool)

    async def hide():
        await pool.execute("UPDATE memberships SET hiding = true WHERE membership_id = $1", IDS[1])

    receiver.before = hide  # while the first is on its way
    await deliver(pool, poster, TURN)
    assert receiver.decisions == [(IDS[0], 1)]
    assert IDS[1] not in str(receiver.requests)
    await do(pool, consumers.ask_clearance, "crm", KARI)
    await do(pool, consumers.replay_consumer, "crm", 0, KARI)
    await deliver(pool, poster, TURN)
    assert IDS[1] not in str(receiver.requests)
    await do(pool, consumers.clear_consumer, "crm", PER)
    await do(pool, consumers.replay_consumer, "crm", 0, KARI)
    await deliver(pool, poster, TURN)
    assert receiver.decisions[-2:] == [(IDS[0], 1), (IDS[1], 1)]


async def test_a_wish_is_answered_once_what_was_on_its_way_has_arrived(pool, receiver, poster):
    """Nothing arrives after the answer, however long a receiver takes (invariant 12)."""
    await make(pool, receiver)
    await add(pool, IDS[0])
    await decide(pool, IDS[0], 1)
    happened = []

    async def hide():
        await pool.execute("UPDATE memberships SET hiding = true WHERE membership_id = $1", IDS[0])
        happened.append("answered")

    async def take():
        wishes.append(asyncio.create_task(hide()))
        while not happened and not await pool.fetchval(WAITING):
            await asyncio.sleep(0.01)  # for the wish to reach the row
        happened.append("arrived")

    wishes = []
    receiver.before = take
    await deliver(pool, poster, TURN)
    await asyncio.gather(*wishes)
    assert happened == ["arrived", "answered"]
    assert receiver.decisions == [(IDS[0], 1)]


async def test_an_address_is_cleared_and_no_other(pool, receiver):
    """By another than who asked; at another address by two anew, whoever changes it."""
    await make(pool, receiver)
    with pytest.raises(consumers.NotPossible, match="nobody has asked"):
        await do(pool, consumers.clear_consumer, "crm", PER)
    await do(pool, consumers.ask_clearance, "crm", KARI)
    with pytest.raises(consumers.NotPossible, match="somebody else"):
        await do(pool, consumers.clear_consumer, "crm", Changing(" kari  MOE", AT))
    await do(pool, consumers.clear_consumer, "crm", PER)
    moved = {**vars(await stands(pool)), "url": "https://elsewhere.example/"}
    changed = await do(pool, consumers.change_consumer, Consumer(**moved), PER)
    assert (changed.cleared_by, changed.clearance_asked_by) == (None, "Per Li")
    with pytest.raises(consumers.NotPossible, match="somebody else"):
        await do(pool, consumers.clear_consumer, "crm", PER)
    changes = await pool.fetch("SELECT change, changed_by FROM consumer_changes ORDER BY change_id")
    assert [tuple(row) for row in changes] == [
        ("added", "Kari Moe"), ("clearance_asked", "Kari Moe"), ("cleared", "Per Li"),
        ("changed", "Per Li"), ("clearance_asked", "Per Li"),
    ]  # fmt: skip


async def test_types_are_chosen_and_an_erasure_is_told_to_all(pool, receiver, poster):
    """What is not wanted is passed by; who knows an id learns that it is nobody's any more."""
    await make(pool, receiver, types=("category_changed",))
    await add(pool, IDS[0])
    await decide(pool, IDS[0], 1)
    await decide(pool, IDS[0], 2, "category_changed")
    await pool.execute("UPDATE memberships SET erased_on = $1", TODAY)
    await deliver(pool, poster, TURN)
    names = [one["type"].removeprefix(PREFIX) for one in receiver.taken]
    assert names == ["category_changed", "membership_erased"]
    assert (await stands(pool)).waiting == 0


async def test_two_secrets_hold_while_one_takes_over(pool, receiver, poster):
    """The receiver knows one of them; the header has a signature of each."""
    await make(pool, receiver, secret=AT_CRM_2, former_secret=AT_CRM)
    await pool.execute("UPDATE consumers SET former_secret = $1", AT_CRM)
    await add(pool, IDS[0])
    await decide(pool, IDS[0], 1)
    assert (await deliver(pool, poster, TURN)).events == 1
    [(headers, _)] = receiver.requests
    assert [one[:3] for one in headers["webhook-signature"].split(" ")] == ["v1,", "v1,"]


async def test_one_delivery_at_a_time(pool, receiver, poster):
    """Another worker that has a turn of the same consumer meanwhile posts nothing."""
    await make(pool, receiver)
    await add(pool, IDS[0])
    await decide(pool, IDS[0], 1)
    others = []

    async def another():
        receiver.before = None
        others.append(await deliver(pool, poster, TURN))

    receiver.before = another
    assert (await deliver(pool, poster, TURN)).events == 1
    assert [(one.verdict, one.events) for one in others] == [(Verdict.DONE, 0)]
    assert len(receiver.requests) == 1


async def test_cut_off_after_the_post_it_comes_again(pool, receiver, poster):
    """The number moves in the transaction that posted: what ends it posts the same once more."""
    await make(pool, receiver)
    await add(pool, IDS[0])
    await decide(pool, IDS[0], 1)

    async def cut():
        receiver.before = None
        await pool.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks"
            " WHERE locktype = 'advisory' AND database = ("
            "     SELECT oid FROM pg_database WHERE datname = current_database())"
        )

    receiver.before = cut
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await deliver(pool, poster, TURN)
    assert (await stands(pool)).delivered_to == 0
    await deliver(pool, poster, TURN)
    first, again = receiver.taken
    assert first == again


async def test_a_replay_meanwhile_is_not_undone(pool, receiver, poster):
    """Somebody puts the consumer back while a post is on its way: from there it goes on."""
    await make(pool, receiver)
    await add(pool, IDS[0])
    for number in (1, 2):
        await decide(pool, IDS[0], number)
    await deliver(pool, poster, TURN)
    await decide(pool, IDS[0], 3)

    async def back():
        receiver.before = None
        await do(pool, consumers.replay_consumer, "crm", 0, KARI)

    receiver.before = back
    await deliver(pool, poster, TURN)
    await deliver(pool, poster, TURN)
    assert [number for _, number in receiver.decisions] == [1, 2, 3, 1, 2, 3]


async def test_given_up_it_is_one_task(pool, receiver):
    """Again it is the same task; resumed it is over, and given up anew it is open again."""
    await make(pool, receiver)
    end = DeliveryEnd(
        consumer="crm", at=AT, today=TODAY, failures=80, trouble=Trouble.ANSWER, status=500
    )
    assert [await do(pool, consumers.give_up, end) for _ in range(2)] == [True, False]
    [task] = await pool.fetch("SELECT kind, says, closed_on FROM tasks")
    assert task["kind"] == "consumer_paused"
    assert "80 attempts in three days failed, the last one: answered 500" in task["says"]
    assert (await stands(pool)).paused_at == AT
    await do(pool, consumers.resume_consumer, "crm", KARI, TODAY)
    assert await pool.fetchval("SELECT closed_on FROM tasks") == TODAY
    await do(pool, consumers.give_up, end)
    assert await pool.fetchval("SELECT closed_on FROM tasks") is None
