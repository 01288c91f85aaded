"""Consumers: who events are posted to. Every change is noted with who made it.

The database refuses that anybody clears for hidden members what they have asked for
(``consumers_cleared_by_two``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from activities.database.pool import load_queries
from activities.events.reading import BEGINNING
from activities.shared.tasks import Connection, close_task_of, open_task
from schemas.events.delivery import DeliveryEnd

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")

BEHIND_AFTER = timedelta(days=1)
"""Whoever is behind for so long should be looked at: a night's maintenance is over by then."""

SELF = "medlemsflyt"
"""Who has paused a consumer that takes nothing, or is gone."""


class NotPossible(Exception):
    """What was asked for can't be done; the text says why."""


class Changing(NamedTuple):
    """Who changes something, and when.

    Attributes:
        subject: who that is for ever, where it is known.
    """

    by: str
    at: datetime
    subject: str | None = None


@dataclass(frozen=True)
class Consumer:
    """A system that events are posted to.

    Attributes:
        types: which it wants; None: all.
        batch_size: events in a request; 1: one by one, each as a CloudEvent.
        secret: where the secret is.
        former_secret: where the one before is, while both hold.
        delivered_to: the number of the last event that it has taken, or that is not for it.
        caught_up_at: when it last had all there was.
        clearance_asked_by: who wants it told of hidden members.
        cleared_by: who has allowed it.
        paused_at: since when nothing is posted; None: it is.
        waiting: how many events are there for it; only where all are listed.
    """

    consumer: str
    url: str
    types: tuple[str, ...] | None
    batch_size: int
    secret: str
    former_secret: str | None
    delivered_to: int
    caught_up_at: datetime
    clearance_asked_by: str | None = None
    clearance_asked_by_subject: str | None = None
    cleared_by: str | None = None
    paused_at: datetime | None = None
    paused_by: str | None = None
    paused_why: str | None = None
    waiting: int = 0

    def is_behind(self, at: datetime) -> bool:
        """Tell whether it has lacked something for more than a day."""
        return self.waiting > 0 and at - self.caught_up_at > BEHIND_AFTER


async def add_consumer(
    connection: Connection, new: Consumer, who: Changing, *, asks_clearance: bool
) -> None:
    """Add a consumer, from whichever number on it says.

    Args:
        connection: in a transaction of the caller's; as for all that changes one.
        new: what it is.
        who: adds it.
        asks_clearance: it is to be told of hidden members, once somebody else has allowed it.

    Raises:
        NotPossible: there is one of that name.
    """
    if not await _SQL.add_consumer(
        connection,
        consumer=new.consumer,
        url=new.url,
        types=_listed(new.types),
        batch_size=new.batch_size,
        secret=new.secret,
        delivered_to=new.delivered_to,
        at=who.at,
    ):
        raise NotPossible(f"there is a consumer {new.consumer}: change it, or take another name")
    await _note(connection, new.consumer, "added", who, _told(new))
    if asks_clearance:
        await ask_clearance(connection, new.consumer, who)


async def read_consumer(connection: Connection, name: str) -> Consumer:
    """Return a consumer, which nobody else changes until the transaction ends.

    Raises:
        NotPossible: there is none.
    """
    row = await _SQL.read_consumer(connection, consumer=name)
    if row is None:
        raise NotPossible(f"there is no consumer {name}")
    return _consumer_of(row)


async def list_consumers(connection: Connection) -> list[Consumer]:
    """Return all, each with how many events wait for it."""
    return [_consumer_of(row) async for row in _SQL.list_consumers(connection)]


async def change_consumer(connection: Connection, changed: Consumer, who: Changing) -> Consumer:
    """Change where a consumer is, what it wants, or where its secrets are.

    At another address it is told of no hidden member until it is cleared anew: who changes the
    address counts as who asks for it.

    Raises:
        NotPossible: there is none of that name.
    """
    before = await read_consumer(connection, changed.consumer)
    await _SQL.change_consumer(
        connection,
        consumer=changed.consumer,
        url=changed.url,
        types=_listed(changed.types),
        batch_size=changed.batch_size,
        secret=changed.secret,
        former_secret=changed.former_secret,
    )
    await _note(connection, changed.consumer, "changed", who, _told(changed))
    if changed.url != before.url and before.clearance_asked_by is not None:
        await ask_clearance(connection, changed.consumer, who)
    return await read_consumer(connection, changed.consumer)


async def ask_clearance(connection: Connection, name: str, who: Changing) -> None:
    """Ask that a consumer be told of hidden members, too; somebody else allows it.

    Raises:
        NotPossible: there is none of that name.
    """
    await read_consumer(connection, name)
    await _SQL.ask_clearance(connection, consumer=name, by=who.by, subject=who.subject)
    await _note(connection, name, "clearance_asked", who, "")


async def withdraw_clearance(connection: Connection, name: str, who: Changing) -> None:
    """Tell a consumer of no hidden member any more, from the next post on.

    Raises:
        NotPossible: there is none of that name.
    """
    await read_consumer(connection, name)
    await _SQL.ask_clearance(connection, consumer=name, by=None, subject=None)
    await _note(connection, name, "clearance_withdrawn", who, "")


async def clear_consumer(connection: Connection, name: str, who: Changing) -> None:
    """Allow what somebody else has asked for: that a consumer be told of hidden members.

    Raises:
        NotPossible: nobody has asked, or nobody else than who would allow it.
    """
    consumer = await read_consumer(connection, name)
    if consumer.clearance_asked_by is None:
        raise NotPossible(f"nobody has asked that {name} be told of hidden members")
    if await _SQL.is_asker(connection, consumer=name, by=who.by, subject=who.subject):
        raise NotPossible(f"{who.by} has asked for it: somebody else allows it")
    await _SQL.clear_consumer(connection, consumer=name, by=who.by, subject=who.subject)
    await _note(connection, name, "cleared", who, consumer.url)


async def pause_consumer(connection: Connection, name: str, who: Changing, why: str) -> bool:
    """Post nothing more to a consumer; what happens meanwhile waits for it.

    Returns:
        Whether it was not paused already.

    Raises:
        NotPossible: there is none of that name.
    """
    await read_consumer(connection, name)
    if not await _SQL.pause_consumer(connection, consumer=name, at=who.at, by=who.by, why=why):
        return False
    await _note(connection, name, "paused", who, why)
    return True


async def resume_consumer(connection: Connection, name: str, who: Changing, today: date) -> bool:
    """Post to a consumer again, from the number it has come to; its task is over.

    Returns:
        Whether it was paused.

    Raises:
        NotPossible: there is none of that name.
    """
    await read_consumer(connection, name)
    await close_task_of(connection, task_key(name), today=today, by=who.by)
    if not await _SQL.resume_consumer(connection, consumer=name):
        return False
    await _note(connection, name, "resumed", who, "")
    return True


async def replay_consumer(connection: Connection, name: str, after: int, who: Changing) -> None:
    """Have a consumer told again what came after a number.

    Raises:
        NotPossible: there is none of that name, or no event has come so far.
    """
    await read_consumer(connection, name)
    last = int(await _SQL.last_number(connection))
    if not BEGINNING <= after <= last:
        raise NotPossible(f"the last event has the number {last}")
    await _SQL.replay_consumer(connection, consumer=name, delivered_to=after)
    await _note(connection, name, "replayed", who, str(after))


async def give_up(connection: Connection, end: DeliveryEnd) -> bool:
    """Pause a consumer that has taken nothing for days, and ask a caseworker: once.

    Returns:
        Whether it was not paused already.
    """
    answer = f"answered {end.status}" if end.status else str(end.trouble or "").replace("_", " ")
    why = f"{end.failures} attempts in three days failed, the last one: {answer}"
    if not await pause_consumer(connection, end.consumer, Changing(SELF, end.at), why):
        return False
    await open_task(
        connection,
        key=task_key(end.consumer),
        kind="consumer_paused",
        says=f"Nothing is posted to the consumer {end.consumer} any more: {why}. See to it with "
        f"whoever runs it, then: medlemsflyt consumer resume {end.consumer}",
        today=end.today,
    )
    return True


def task_key(name: str) -> str:
    """Return the key of the task about a consumer that takes nothing."""
    return f"consumer/{name}"


async def _note(connection: Connection, name: str, change: str, who: Changing, says: str) -> None:
    await _SQL.note_consumer_change(
        connection, consumer=name, change=change, at=who.at, by=who.by, says=says
    )


def _told(consumer: Consumer) -> str:
    types = "all" if consumer.types is None else ",".join(consumer.types)
    former = f" before={consumer.former_secret}" if consumer.former_secret else ""
    return (
        f"{consumer.url} types={types} batch={consumer.batch_size} secret={consumer.secret}{former}"
    )


def _listed(types: Sequence[str] | None) -> list[str] | None:
    return None if types is None else sorted(types)


def _consumer_of(row: Mapping[str, Any]) -> Consumer:
    types = row["types"]
    return Consumer(**{**row, "types": None if types is None else tuple(types)})
