"""A new build is ramped, rolled back and ramped again under open memberships: no task fails."""

import json
import uuid
from collections import Counter
from contextlib import AsyncExitStack, suppress

from temporalio.client import Client, WorkflowUpdateFailedError

from activities.database.pool import open_pool
from schemas.membership.messages import MESSAGES
from tests.life import application
from tests.replay.corpus import replayer
from tests.runs import own_failures, runs_of
from tests.upgrade.builds import FROM, build, code_of, ramp
from workers import notifications, persistence, versions
from workers.cli.shared.printing import say
from workers.running import ACTIVITIES_CONVERTER
from workers.stack import TemporalServer

BEFORE, AFTER = "build-before", "build-after"

EACH = 4
"""Memberships that begin in each phase."""

SENT = (
    "decide_application",
    "choose_payment",
    "request_reservation_form",
    "grant_leave",
    "set_hidden",
    "supply_information",
    "change_employment",
    "resign",
)
"""What each is told, one message after the other; the examples of the contract."""


class Town:
    """All memberships, each with how many messages it was told."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.told: dict[str, int] = {}
        self.answered = 0

    async def begin(self) -> None:
        """Let some apply."""
        for _ in range(EACH):
            whose = f"membership-{uuid.uuid4()}"
            await self.client.start_workflow(
                "Membership", application(), id=whose, task_queue="membership"
            )
            self.told[whose] = 0

    async def tell(self, each: int) -> None:
        """Tell everybody what comes next for them, by updates: applied, or refused in words."""
        for whose in self.told:
            for _ in range(each):
                name = SENT[self.told[whose] % len(SENT)]
                example = json.loads(MESSAGES[name].card.example)
                handle = self.client.get_workflow_handle(whose)
                with suppress(WorkflowUpdateFailedError):  # refused, in words
                    await handle.execute_update(name, example)
                self.told[whose] += 1
                self.answered += 1

    async def builds(self) -> Counter[str]:
        """Return on which build how many are."""
        found: Counter[str] = Counter()
        for whose in self.told:
            described = await self.client.get_workflow_handle(whose).describe()
            versioning = described.raw_description.workflow_execution_info.versioning_info
            found[versioning.deployment_version.build_id] += 1
        return found


async def test_no_task_fails_whichever_build_has_it(tmp_path, postgres, migrated, letters, capsys):
    """Begun on the one, ramped to the other, rolled back, ramped again, and gone over to it.

    Each message is answered, each run replays on the code here, and what PostgreSQL has of a
    membership is what its workflow knows.
    """
    url = await postgres.create_database(f"upgrade_{uuid.uuid4().hex}", template=migrated)
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        server = await enter(TemporalServer(tmp_path / "temporal.log", ui=False))
        pool = await enter(await open_pool(url))
        acting = await Client.connect(server.address, data_converter=ACTIVITIES_CONVERTER)
        client = await server.connect()
        rooms = persistence.rooms(pool, acting, allow_synthetic_ids=True)
        await enter(persistence.worker(acting, rooms))
        await enter(notifications.worker(acting, notifications.rooms(pool, letters)))
        town = Town(client)

        old = code_of(FROM, tmp_path / "before")
        await enter(build(BEFORE, old, client, server.address, tmp_path / "before.log"))
        await versions.promote(client, BEFORE)
        await town.begin()
        await town.tell(2)
        ways = [await town.builds()]
        await enter(
            build(AFTER, code_of(None, tmp_path), client, server.address, tmp_path / "after.log")
        )
        for percentage in (50, 0, 100):
            await ramp(client, AFTER, percentage)
            await town.begin()
            await town.tell(2)
            ways.append(await town.builds())
        await versions.promote(client, AFTER)
        await town.begin()
        await town.tell(2)
        ways.append(await town.builds())

        runs = 0
        for whose in town.told:
            handle = client.get_workflow_handle(whose)
            for history in await runs_of(handle, client):
                runs += 1
                assert own_failures(history) == []
                await replayer().replay_workflow(history)
            stage = await pool.fetchval(
                "SELECT stage FROM memberships WHERE membership_id = $1", whose
            )
            assert stage == (await handle.query("state"))["stage"]
    # Nobody is on the other one before it is there, some are on both while it is, and in the end
    # new ones begin there.
    assert ways[0].keys() == {BEFORE}
    assert ways[2][BEFORE]
    assert ways[-1][AFTER] >= EACH
    told = "; ".join(" + ".join(str(way[name]) for name in (BEFORE, AFTER)) for way in ways)
    with capsys.disabled():
        say(
            f"\n{len(town.told)} memberships, on the build before + after: {told}. "
            f"{town.answered} messages answered, {runs} runs, 0 failed tasks"
        )
