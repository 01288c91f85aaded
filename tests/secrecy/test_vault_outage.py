"""Vault goes away in the middle of a life and comes back: what waited goes on, nothing is lost."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from google.protobuf.message import Message
from structlog.testing import capture_logs
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import WorkflowSerializationContext

from activities.secrecy.codec import Encryption
from activities.secrecy.keyring import PATIENCE, KeyRing
from activities.secrecy.rotation import rotate_master
from activities.secrecy.store import KeyStore
from activities.secrecy.vault import VaultTransit
from schemas.secrecy.marks import ENCODING, ENCRYPTED
from tests.clock import within_a_day
from tests.life import PATIENCE_SECONDS, application
from tests.secrecy import office, vault_server
from tests.secrecy.conftest import NO_PATIENCE, a_membership, plain
from workers.demo.settled import is_settled
from workers.encryption import converter_for

APPROVED = {"decision": "approve", "caseworker": "ola"}
UNSEAL = "(Vault is sealed): unseal Vault (docs/runbook.md, Master key)"
NO_MEMORY = timedelta()

WAITS = "the workflow waits"
TASK_FAILS = "a workflow task fails"
ACTIVITY_FAILS = "an activity fails"


class Keys:
    """A Vault, the data keys of this test, and what encrypts by them."""

    def __init__(self, vault: vault_server.Vault, pool: asyncpg.Pool) -> None:
        self.vault, self.pool, self.rows = vault, pool, KeyStore(pool.acquire)

    def masters(self, token: str = vault_server.TOKEN) -> VaultTransit:
        """The master key."""
        return VaultTransit(self.vault.url, token, "transit", "members")

    def process(self) -> Encryption:
        """The codec of one more process, which remembers what it has read."""
        return Encryption(KeyRing(self.rows, self.masters()), "default")

    def forgetful(self, patience: timedelta) -> KeyRing:
        """The keys of a process that asks Vault each time; it alone finds Vault away."""
        masters = self.masters(vault_server.ANOTHER)
        return KeyRing(self.rows, masters, life=NO_MEMORY, patience=patience)

    async def kept(self, owner: str) -> list[tuple[int, str]]:
        """The generations of an owner's keys, and the master key of each."""
        found = await self.pool.fetch(
            "SELECT generation, master FROM keys.data_keys WHERE owner = $1 ORDER BY generation",
            owner,
        )
        return [(row["generation"], row["master"]) for row in found]

    async def welcomes(self, membership_id: str) -> int:
        """How many letters bid a member welcome."""
        found: int = await self.pool.fetchval(
            "SELECT count(*) FROM letters WHERE membership_id = $1 AND template = 'welcome'",
            membership_id,
        )
        return found


@pytest.fixture
def keys(pool) -> Iterator[Keys]:
    """Keys under a Vault that answers."""
    with vault_server.running() as vault:
        yield Keys(vault, pool)


def reasons(logs: Sequence[Any]) -> list[str]:
    """Why keys were waited for, as the log says it."""
    return [one["reason"] for one in logs if one["event"] == "keys.awaited"]


async def settle(handle: WorkflowHandle[Any, Any], client: Client) -> None:
    """Wait until nothing is under way."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await is_settled(handle, client):
            await asyncio.sleep(0.05)  # nothing tells when the last letter is noted


async def events_of(handle: WorkflowHandle[Any, Any]) -> Sequence[HistoryEvent]:
    """The history of the present run, as the server has it."""
    return (await handle.fetch_history()).events


def encrypted(message: Message) -> Iterable[Payload]:
    """Yield each payload in a message of Temporal's that a key opens."""
    if isinstance(message, Payload):
        if message.metadata.get(ENCODING) == ENCRYPTED:
            yield message
        return
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            parts: Sequence[Any] = [one for one in value.values() if isinstance(one, Message)]
        else:
            parts = value if isinstance(value, Sequence) else [value]
        for part in parts:
            yield from encrypted(part)


async def live(keys: Keys, own: Client, outage: str) -> None:
    """Become a member, with Vault away when the caseworker decides; look at all that is kept."""
    member_id = a_membership()
    [old] = await keys.process().encode([plain()], member_id)
    await own.start_workflow("Membership", application(), id=member_id, task_queue="membership")
    member = own.get_workflow_handle(member_id)  # whichever run it is in
    await settle(member, own)
    assert [generation for generation, _ in await keys.kept(member_id)] == [1, 2]
    with capture_logs() as logs:
        # Of who has no patience: reading, and saying that it can't.
        keys.vault.refuses = None if outage == WAITS else 2
        keys.vault.whom, keys.vault.state = vault_server.ANOTHER, "sealed"
        await member.signal("decide_application", APPROVED)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not reasons(logs):
                await asyncio.sleep(0.01)  # the log tells nobody that it grows
        latest = (await events_of(member))[-1].event_type
        assert outage != WAITS or latest == EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED
        keys.vault.state = None
        await settle(member, own)
    assert all(UNSEAL in reason for reason in reasons(logs))
    before = await events_of(member)
    # In plain text where Vault was still away when it was said, else for whoever has the key.
    converter = own.data_converter.with_context(WorkflowSerializationContext("default", member_id))
    failed = [
        await converter.decode_failure(event.workflow_task_failed_event_attributes.failure)
        for event in before
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
    ]
    assert bool(failed) == (outage == TASK_FAILS)
    assert all(UNSEAL in str(one) for one in failed), failed

    done = await rotate_master(keys.rows, keys.masters(), lambda *_: None)
    await member.execute_update("answer_payroll_request", {"answer": "accepted"})
    await settle(member, own)
    assert await keys.kept(member_id) == [(1, done.master), (2, done.master)]
    hidden = [one for event in (*before, *await events_of(member)) for one in encrypted(event)]
    assert len(hidden) > len(before)
    opened = await keys.process().decode([old, *hidden], member_id)
    assert opened[0] == plain()
    assert not [one for one in opened if one.metadata[ENCODING] == ENCRYPTED]
    assert await keys.welcomes(member_id) == 1


async def test_lives_go_on_after_vault_was_away(keys, tmp_path, letters):
    """Whoever runs it reads why and what to do, and later every payload under two rotations.

    A workflow waits, a workflow task fails and is tried again, an activity is. The data keys were
    renewed as each first run ended, and the master key is rotated in between.
    """
    await within_a_day()
    deciding, acting = keys.process(), keys.process()
    async with office.running(tmp_path, keys.pool, letters, deciding, acting) as running:
        converter = converter_for(pydantic_data_converter, keys.process())
        own = await Client.connect(running.server.address, data_converter=converter)
        for outage, worker, patience in (
            (WAITS, deciding, PATIENCE),
            (TASK_FAILS, deciding, NO_PATIENCE),
            (ACTIVITY_FAILS, acting, NO_PATIENCE),
        ):
            remembers, worker.ring = worker.ring, keys.forgetful(patience)
            await live(keys, own, outage)
            worker.ring = remembers
