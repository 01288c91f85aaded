"""The workflow `EventDelivery` on the real server: a consumer that is down misses nothing."""

import asyncio
from datetime import timedelta

import pytest
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError

from activities.events.posting import Poster
from activities.letters.settings import NotificationSettings
from schemas.names import DELIVERIES_QUEUE, events_delivery_id
from tests.clock import Skipper
from tests.commands import commands_of
from tests.events.making import IDS, add, decide
from tests.events.receiver import AT_CRM
from tests.life import PATIENCE_SECONDS
from tests.roles import pools_of_workers
from workers import notifications, versions, workflows
from workers.running import ACTIVITIES_CONVERTER
from workers.settings import DEVELOPMENT_BUILD
from workers.stack import TemporalServer
from workflows.shared.options import LAST

NOWHERE = NotificationSettings(
    host="127.0.0.1", port=1, sender="post@example.org", caseworkers="c@example.org",
    insurance_office="i@example.org", ui_url="http://127.0.0.1:8233",
)  # fmt: skip


@pytest.fixture
async def office(tmp_path, database_url):
    """A server of its own whose worker posts to this machine: a client, and the commands."""
    async with (
        TemporalServer(tmp_path / "temporal.log", time_skipping=True, ui=False) as server,
        pools_of_workers(database_url, size=4) as (_, sending),
        Poster(anywhere=True) as poster,
    ):
        deciding = await Client.connect(server.address, data_converter=workflows.CONVERTER)
        acting = await Client.connect(server.address, data_converter=ACTIVITIES_CONVERTER)
        await versions.promote(deciding, DEVELOPMENT_BUILD, unseen=True)
        rooms = notifications.rooms(sending, NOWHERE, poster=poster)
        async with workflows.worker(deciding), notifications.worker(acting, rooms):
            command = commands_of(
                tmp_path, database_url=database_url, temporal_address=server.address
            )
            yield await server.connect(), command


async def until(holds):
    """Wait for what happens in real time."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await holds():
            await asyncio.sleep(0.05)  # neither server tells when it has happened


async def test_a_consumer_that_is_down_misses_nothing(office, pool, receiver):
    """A day, then for good: paused after three days with one task; resumed it goes on there."""
    client, command = office
    await add(pool, *IDS[:2])
    written = []

    async def happens(number):
        for one in IDS[:2]:
            await decide(pool, one, number)
            written.append((one, number))

    await happens(1)
    ran = await command(
        "consumer", "add", "crm", receiver.url, "--secret", AT_CRM, "--since", "0", "--by", "Kari"
    )
    assert ran.code == 0, ran.err
    handle = client.get_workflow_handle(events_delivery_id("crm"))
    skipper = Skipper(client)

    async def all_taken():
        return receiver.decisions == written

    await until(all_taken)
    receiver.status = 503
    for number in (2, 3, 4):
        await happens(number)
        assert await skipper.fast_forward(handle, timedelta(hours=8))
    tried = len(receiver.requests)
    assert 20 < tried < 60  # doubled up to an hour
    assert receiver.decisions == written[:2]
    receiver.status = 200
    assert await skipper.fast_forward(handle, timedelta(hours=1, minutes=30))
    assert receiver.decisions == written

    receiver.status = 500
    await happens(5)
    assert not await skipper.fast_forward(handle, timedelta(days=3, hours=3))
    [task] = await pool.fetch("SELECT key, kind FROM tasks")
    assert tuple(task) == ("consumer/crm", "consumer_paused")
    assert (await handle.describe()).status is WorkflowExecutionStatus.COMPLETED
    await happens(6)
    receiver.status = 200
    await command("consumer", "resume", "crm", "--by", "Kari")
    await until(all_taken)
    assert len({one["id"] for one in receiver.taken}) == len(written) == 12

    history = await handle.fetch_history()
    text = history.to_json()
    assert not [one for one in (*IDS, "leave_granted", AT_CRM, receiver.url) if one in text]
    asked = [
        event.activity_task_scheduled_event_attributes
        for event in history.events
        if event.HasField("activity_task_scheduled_event_attributes")
    ]
    assert {(one.task_queue.name, one.priority.priority_key) for one in asked} == {
        (DELIVERIES_QUEUE, LAST.priority_key)
    }
    await command("consumer", "pause", "crm", "--reason", "flytter", "--by", "Kari")
    await handle.signal("look_again")
    await asyncio.wait_for(handle.result(), PATIENCE_SECONDS)


@pytest.mark.parametrize("order", [{}, {"consumer": "Kari Nordmann"}, {"consumer": "other"}, 7])
async def test_a_wrong_order_does_nothing(client, workers, order):  # noqa: ARG001 - they must run
    """It ends as failed at once, and says nothing of what it was given."""
    handle = await client.start_workflow(
        "EventDelivery", order, id=events_delivery_id(f"wrong-{order}"), task_queue="membership"
    )
    with pytest.raises(WorkflowFailureError) as caught:
        await asyncio.wait_for(handle.result(), PATIENCE_SECONDS)
    assert "Nordmann" not in str(caught.value.cause)
