"""A history that should be gone by now is deleted by the audit, or is a task of it."""

import uuid
from datetime import date

from activities.audit.kept_runs import find_kept_runs
from schemas.audit.contracts import MEANS, AuditAction, AuditOpening, AuditPlan, Check
from schemas.names import WorkflowType

OLD, TODAY = date(2027, 2, 18), date(2027, 2, 20)


async def test_a_run_that_still_goes_on_a_day_later_is_a_task(pool, client):
    """One that is gone is forgotten; one of today has its time; a dry run changes nothing."""
    handle = await client.start_workflow(
        WorkflowType.MEMBERSHIP, id=f"membership-{uuid.uuid4()}", task_queue="nobody"
    )
    running, gone, new = handle.first_execution_run_id, str(uuid.uuid4()), str(uuid.uuid4())
    note = "INSERT INTO runs_to_delete VALUES ($1, $2, $3, 9)"
    for run_id, day in ((running, OLD), (gone, OLD), (new, TODAY)):
        await pool.execute(note, handle.id, run_id, day)

    async def audited(*, dry_run: bool) -> set[str]:
        opening = AuditOpening(run=str(uuid.uuid4()), today=TODAY, dry_run=dry_run)
        plan = AuditPlan(opening=opening, page_size=1)
        [report] = await find_kept_runs(pool, client, plan)
        assert report.check is Check.RUN_KEPT
        return {one.subject for one in report.named}

    assert await audited(dry_run=True) == {running, gone}
    assert await audited(dry_run=False) == {running}
    assert MEANS[Check.RUN_KEPT].cure is AuditAction.ASK
    [task] = await pool.fetch("SELECT key, says FROM tasks")
    assert task["key"] == f"audit/run_kept/{running}"
    assert handle.id not in task["says"]
    await handle.terminate()
