"""What somebody wrote goes from the histories once it is kept; the membership goes on without."""

import asyncio
import json
import uuid

import pytest

from activities.secrecy import deleting
from activities.secrecy.deleting import Deleted, delete_runs
from schemas.membership.messages import MESSAGES
from schemas.secrecy.contracts import tells
from tests.life import PATIENCE_SECONDS, application
from tests.replay.corpus import replayer
from tests.runs import names_of, runs_of
from tests.secrecy.making import until_gone

OWN_WORDS = {"withdraw_application": {"reason": "Kanariordqzk"}}


@pytest.mark.parametrize(
    ("name", "sent", "told"),
    [
        ("decide_application", {"decision": "approve", "caseworker": "ola"}, False),
        ("decide_application", {"decision": "reject", "caseworker": "a", "reason": "Nei"}, True),
        ("supply_information", {"information": "Se vedlegg"}, True),
        ("change_employment", {"effective_on": "2026-11-02", "position_percent": "50"}, False),
        ("resign", {"received_on": "2026-11-02"}, False),
        ("resign", {"received_on": "2026-11-02", "reason": "Flytter"}, True),
        ("grant_leave", {"from_on": "2026-11-02", "until_on": "2026-12-01", "caseworker": "a",
                         "documentation": "Brev"}, True),
        ("record_payment", {"reference": "r", "amount_ore": 1, "paid_on": "2026-11-02"}, False),
    ],
)  # fmt: skip
def test_who_writes_in_words_of_their_own_is_known(name, sent, told):
    """A message that holds nothing but dates, choices and numbers leaves its run as it is."""
    assert tells(MESSAGES[name].model_validate_json(json.dumps(sent))) is told


async def noted(pool, workflow_id: str) -> list[str]:
    """Return the runs of a workflow that are noted to be deleted."""
    rows = await pool.fetch(
        "SELECT run_id FROM runs_to_delete WHERE workflow_id = $1 ORDER BY run_id", workflow_id
    )
    return [row["run_id"] for row in rows]


async def test_the_run_with_the_application_goes_and_the_membership_goes_on(apply, monkeypatch):
    """Who waits for the end is told it, whoever asks by the id is answered, and no more is lost.

    The last run of a workflow is never deleted, whoever notes it; nor is one that goes on.
    """
    monkeypatch.setattr(deleting, "LEFT", 0)
    life = await apply(application())
    client, pool, begun = life.skipper.client, life.pool, life.handle.first_execution_run_id
    waiting = asyncio.create_task(life.handle.result())
    first, second = await runs_of(life.handle, client)
    assert names_of(first).count("ACTIVITY_TASK_SCHEDULED") == 1, "letters are left to the next"
    assert await noted(pool, life.id) == [begun]
    for history in (first, second):
        await replayer().replay_workflow(history)
    before = await life.state()

    current = (await life.handle.describe()).raw_description.workflow_execution_info.execution
    await pool.execute("DELETE FROM runs_to_delete WHERE workflow_id <> $1", life.id)
    note = "INSERT INTO runs_to_delete VALUES ($1, $2, '2026-11-27')"
    await pool.execute(note, life.id, current.run_id)
    await pool.execute(note, f"membership-{uuid.uuid4()}", str(uuid.uuid4()))
    assert await delete_runs(pool, client) == Deleted(gone=2, kept=1)
    await until_gone(client, life.id, begun)
    assert await life.state() == before
    assert await delete_runs(pool, client) == Deleted(gone=0, kept=1)

    await life.update("withdraw_application", OWN_WORDS["withdraw_application"])
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert (await waiting)["outcome"] == "withdrawn"
    assert [name for _, name, _ in await life.letters()].count("application_withdrawn") == 1
    assert await delete_runs(pool, client) == Deleted(gone=1, kept=0)
    await until_gone(client, life.id, current.run_id)
    last = await life.handle.fetch_history()
    assert b"Kanariordqzk" not in b"".join(e.SerializeToString() for e in last.events)
    assert (await life.state())["outcome"] == "withdrawn"
    await pool.execute(note, life.id, last.run_id)
    assert await delete_runs(pool, client) == Deleted(gone=0, kept=1)
