"""A Temporal cluster that is lost is made anew from PostgreSQL, by the command of the runbook."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

from schemas.audit.contracts import AuditReport
from schemas.membership.rebuilt import RebuildReport
from tests.clock import Skipper, today
from tests.commands import commands_of
from tests.life import Life
from tests.pricing.hall import open_hall
from workflows.shared import options


def moved(life: Life, hall) -> Life:
    """Return a life as it is seen on another server."""
    skipper = Skipper(hall.client)
    return replace(life, handle=hall.client.get_workflow_handle(life.id), skipper=skipper)


async def test_a_lost_server_is_made_anew(
    tmp_path, postgres, migrated, letters, mail_sink, monkeypatch
):
    """All go on under their ids as they stood, take messages, are charged; the audit finds 0."""
    monkeypatch.setattr(options, "AUDIT_LAG", timedelta(milliseconds=100))
    url = await postgres.create_database(tmp_path.name, template=migrated)
    for name in ("lost", "new"):
        (tmp_path / name).mkdir()
    async with open_hall(tmp_path / "lost", url, letters, mail_sink.mail_dir) as lost:
        lives = {
            "applied": await lost.applies(),
            "direct": await lost.joins(),
            "payroll": await lost.joins(approved={"branch": "OSLO"}),
            "resigned": await lost.joins(),
        }
        await lives["payroll"].update("answer_payroll_request", {"answer": "accepted"})
        await lives["resigned"].update("resign", {"received_on": str(today())})
        before = {name: await life.state() for name, life in lives.items()}
    async with open_hall(tmp_path / "new", url, letters, mail_sink.mail_dir) as new:
        command = commands_of(tmp_path, database_url=url, temporal_address=new.address)
        rebuild = partial(command, "rebuild", "--all", "--json")
        rehearsed = RebuildReport.model_validate((await rebuild("--dry-run")).json)
        assert (rehearsed.looked_at, len(rehearsed.mended)) == (4, 4)
        ran = await rebuild()
        assert (ran.code, RebuildReport.model_validate(ran.json).mended) == (0, rehearsed.mended)
        lives = {name: moved(life, new) for name, life in lives.items()}
        assert {name: await life.state() for name, life in lives.items()} == before
        assert (await lives["applied"].approve())["applied"]
        month = f"{new.coming:%Y-%m}"
        await new.client.execute_workflow(
            "DuesRun", {"period": month}, id=f"dues-run-{month}", task_queue="membership"
        )
        report = AuditReport.model_validate(
            await new.client.execute_workflow(
                "Audit",
                {"today": str(today())},
                id=f"audit-{today()}",
                task_queue="membership",
            )
        )
        assert [check.check for check in report.checks if check.drifted] == []
        assert RebuildReport.model_validate((await rebuild()).json).mended == ()
        named = await command("rebuild", lives["direct"].id, "membership-of-nobody")
        assert named.code == 1
        assert "membership-of-nobody: no membership that goes on" in named.out
        assert "1 membership: 0 begun anew, 1 well." in named.out
