"""Writes facts of members, and reads what is told of them."""

from activities.events.reading import BEGINNING, events_in_order
from schemas.events.cloud_event import PREFIX
from tests.membership.making import AT, TODAY

IDS = [f"membership-00000000-0000-4000-8000-00000000000{n}" for n in range(4)]


async def add(connection, *ids, hidden=False):
    """Keep applications that could not be read: they are nobody's, and tell nothing."""
    await connection.executemany(
        "INSERT INTO memberships (membership_id, stage, outcome, hidden, received_at, received_on,"
        " last_decision) VALUES ($1, 'ended', 'invalid', $2, '2026-01-02', '2026-01-02', 0)",
        [(one, hidden) for one in ids],
    )


async def decide(connection, one, number, event="leave_granted"):
    """Write a decision: a fact."""
    await connection.execute(
        "INSERT INTO decisions (membership_id, number, event, decided_at, decided_on, decided_by,"
        " rules, content_hash, receipt)"
        " VALUES ($1, $2, $3, $4, $5, 'rule', '{}', repeat('0', 64), '{}')",
        one,
        number,
        event,
        AT,
        TODAY,
    )


async def told(pool, after=BEGINNING, **asked):
    """All events behind a position, for who is cleared unless told otherwise."""
    return [event async for event in events_in_order(pool, after, **{"cleared": True, **asked})]


def names(events):
    """What happened, without what all types begin with."""
    return [event.type.removeprefix(PREFIX) for event in events]
