"""The audit as a workflow, on a service with memberships, lists and letters of its own."""

import asyncio
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.service import RPCError

from activities.audit.workflow_drift import REBUILD
from activities.secrecy.deleting import delete_runs
from activities.shared.failing import failing_activities
from schemas.audit.contracts import AuditProgress, AuditReport, Check
from schemas.names import settlement_id
from tests.audit.making import drift, held, tasks
from tests.clock import today
from tests.commands import commands_of
from tests.life import PATIENCE_SECONDS
from tests.payments.making import Money, bring, camt
from workers.cli import audit as command_line
from workflows.shared import options

LATER = timedelta(days=3)
"""The audits are made some days on: what waits since yesterday is no longer new."""


@pytest.fixture(scope="session")
async def town(hall):
    """Lives of all kinds, charged for the coming month; one of them has paid."""
    year = hall.coming.year
    lives = {
        "direct": await hall.joins(),
        "payroll": await hall.joins(approved={"branch": "OSLO"}),
        "student": await hall.joins(
            category="student",
            employment=None,
            study={"school": "NTNU", "ends_on": f"{year + 2}-06-15"},
        ),
        "apprentice": await hall.joins(
            category="apprentice", apprenticeship={"ends_on": f"{year + 2}-08-15"}
        ),
        "pensioner": await hall.joins(
            category="pensioner",
            employment=None,
            applicant={"birth_date": "1955-03-08"},
            pension={"kind": "old_age", "from": "2025-01-01"},
        ),
        "hidden": await hall.joins(hidden=True),
        "leaving": await hall.joins(),
    }
    await lives["payroll"].update("answer_payroll_request", {"answer": "accepted"})
    await lives["leaving"].update("resign", {"received_on": str(today())})
    first = (await lives["direct"].state())["first_invoice"]
    await lives["direct"].update(
        "record_payment",
        {
            "reference": "paid-1",
            "amount_ore": first["total_ore"],
            "paid_on": str(today()),
            "kid": first["kid"],
        },
    )
    await charge(hall)
    for life in lives.values():
        await life.settle()
    return lives


async def charge(hall):
    """Run the coming month's dues, with lists and letters, and wait for the letters."""
    period = f"{hall.coming:%Y-%m}"
    await hall.client.execute_workflow(
        "DuesRun", {"period": period}, id=f"dues-run-{period}", task_queue="membership"
    )
    await hall.client.get_workflow_handle(f"mailing-dues-run-{period}").result()


async def audit(hall, **order: Any) -> AuditReport:
    """Make an audit, some days on."""
    # By then the persistence worker's process has done this long ago.
    await delete_runs(hall.pool, hall.client, noted_before=today() + LATER)
    found = await asyncio.wait_for(
        hall.client.execute_workflow(
            "Audit",
            {"today": str(today() + LATER), **order},
            id=f"audit-{today() + LATER}",
            task_queue="membership",
        ),
        60,
    )
    return AuditReport.model_validate(found)


def drifted(report: AuditReport) -> dict[Check, list[str]]:
    """Return what drifted: what is said of each finding, by check."""
    return {c.check: [one.says for one in c.named] for c in report.checks if c.drifted}


async def harm(hall, sql: str, *arguments: Any) -> None:
    """Do harm to a row of the service."""
    async with hall.pool.acquire() as connection:
        await drift(connection, sql, *arguments)


async def test_a_clean_service_has_no_finding(hall, town):
    """Every check looks at something, none finds anything, and the second audit is like the first.

    What is found in a rehearsal would be the same.
    """
    report = await audit(hall)
    assert drifted(report) == {}
    assert (report.left, report.released, report.waited_in_vain) == (0, 0, False)
    assert {check.check for check in report.checks} == set(Check)
    looked = {check.check: check.looked_at for check in report.checks}
    assert looked[Check.WORKFLOW_STANDING] == looked[Check.WORKFLOW_TERMS] == len(town)
    assert looked[Check.TERMS_AS_PLANNED] == looked[Check.NO_DUES] == len(town)
    assert looked[Check.NOT_CHARGED] >= 4, "all but the apprentice and the yearly fees"
    assert looked[Check.SETTLEMENT_STOPPED] == 1
    assert (await audit(hall)).checks == report.checks
    assert (await audit(hall, dry_run=True)).checks == report.checks


@pytest.mark.usefixtures("town")
async def test_a_membership_whose_workflow_was_ended_is_held(hall):
    """Terminated by somebody: looked at twice, held, asked about; a rehearsal only says so."""
    life = await hall.joins()
    await life.handle.terminate("by mistake")
    says = {
        Check.WORKFLOW_MISSING: [
            "the membership is onboarding, and no workflow runs for it: " + REBUILD
        ]
    }
    rehearsed = await audit(hall, dry_run=True)
    assert (drifted(rehearsed), rehearsed.left) == (says, 1)
    assert (await held(hall.pool), await tasks(hall.pool)) == (set(), {})
    report = await audit(hall)
    assert (drifted(report), report.left) == (says, 1)
    assert await held(hall.pool) == {(life.id, "workflow_missing")}
    assert list(await tasks(hall.pool)) == [f"audit/workflow_missing/{life.id}"]
    assert (await audit(hall)).checks == report.checks
    # Put right: here, by ending it in the database as well.
    await harm(
        hall,
        "WITH a AS (UPDATE terms SET superseded_by = 99 WHERE membership_id = $1)"
        " UPDATE memberships SET stage = 'ended', outcome = 'withdrawn' WHERE membership_id = $1",
        life.id,
    )
    report = await audit(hall)
    assert (drifted(report), report.released) == ({}, 1)
    assert (await held(hall.pool), await tasks(hall.pool)) == (set(), {})
    await hall.pool.execute("DELETE FROM reassessments WHERE membership_id = $1", life.id)
    # One that can still be reopened needs its workflow: nobody is held, and the cure is named (L9).
    until = "UPDATE memberships SET open_until = {} WHERE membership_id = $1"
    await harm(hall, until.format("'2199-01-01'"), life.id)
    (why,) = drifted(await audit(hall))[Check.REOPENING_LOST]
    assert "until 2199-01-01" in why
    assert why.endswith(REBUILD)
    assert (await held(hall.pool), list(await tasks(hall.pool))) == (
        set(),
        [f"audit/reopening_lost/{life.id}"],
    )
    await harm(hall, until.format("NULL"), life.id)
    assert (drifted(await audit(hall)), await tasks(hall.pool)) == ({}, {})


STANDS = "UPDATE memberships SET {} WHERE membership_id = $1"
PAYS = "UPDATE terms SET {} WHERE membership_id = $1 AND superseded_by IS NULL"

DIFFERENCES = {
    "category": (
        STANDS.format("category = 'student'"),
        STANDS.format("category = 'ordinary'"),
        {
            Check.WORKFLOW_STANDING: [
                "the workflow says onboarding, ordinary; the database onboarding, student: "
                + REBUILD
            ]
        },
    ),
    "ended": (
        STANDS.format("stage = 'ended', outcome = 'resigned'"),
        STANDS.format("stage = 'onboarding', outcome = NULL"),
        {
            Check.WORKFLOW_WITHOUT_ROW: ["the membership has ended, and its workflow still runs"],
            Check.ENDED_TERMS: ["the membership has ended, and terms run on"],
        },
    ),
    "terms": (
        PAYS.format("payer = 'payroll', employer_orgnr = '974760673'"),
        PAYS.format("payer = 'direct', employer_orgnr = NULL"),
        {
            Check.WORKFLOW_TERMS: ["workflow and database have different terms"],
            Check.TERMS_AS_PLANNED: ["the terms are not what the rules make of the facts"],
        },
    ),
    "unreadable": (
        PAYS.format("valid = daterange(lower(valid), '9000-01-01')") + " AND upper_inf(valid)",
        PAYS.format("valid = daterange(lower(valid), NULL)") + " AND upper(valid) = '9000-01-01'",
        {
            Check.WORKFLOW_TERMS: ["the terms in the database can't be read"],
            Check.TERMS_AS_PLANNED: ["no terms can be planned: the terms can't be read"],
        },
    ),
}


@pytest.mark.parametrize("difference", DIFFERENCES.values(), ids=DIFFERENCES)
async def test_workflow_and_row_that_differ_are_found(hall, town, difference):
    """Whoever says so, the workflow's own answer is compared with the row; put right, released."""
    wrong, right, says = difference
    member = town["direct"].id
    await harm(hall, wrong, member)
    assert drifted(await audit(hall)) == says
    assert {who for who, _ in await held(hall.pool)} == {member}
    await harm(hall, right, member)
    assert drifted(await audit(hall)) == {}
    assert (await held(hall.pool), await tasks(hall.pool)) == (set(), {})
    await hall.pool.execute("DELETE FROM reassessments WHERE membership_id = $1", member)


@pytest.mark.usefixtures("town")
async def test_who_has_left_has_a_workflow_for_as_long_as_can_be_reopened(hall):
    """No finding until then; one that still runs afterwards is held (L9)."""
    life = await hall.joins()
    number = (await life.state())["member_number"]
    died = {"died_on": str(await life.today()), "caseworker": "ola", "member_number": number}
    await life.update("record_death", died)
    assert drifted(await audit(hall)) == {}
    until = "UPDATE memberships SET open_until = open_until - $2::integer WHERE membership_id = $1"
    await harm(hall, until, life.id, 90)
    says = {Check.WORKFLOW_WITHOUT_ROW: ["the membership has ended, and its workflow still runs"]}
    assert drifted(await audit(hall)) == says
    await harm(hall, until, life.id, -90)
    assert drifted(await audit(hall)) == {}
    await hall.pool.execute("DELETE FROM reassessments WHERE membership_id = $1", life.id)


async def test_a_workflow_that_the_database_does_not_know_is_a_task(hall, town):
    """Nobody can be held who is no row; a caseworker is asked."""
    member = town["student"].id
    async with hall.pool.acquire() as connection:
        await connection.execute("CREATE TABLE kept AS TABLE memberships")
        await drift(connection, "DELETE FROM memberships WHERE membership_id = $1", member)
        report = await audit(hall)
        await drift(
            connection,
            "INSERT INTO memberships SELECT * FROM kept WHERE membership_id = $1",
            member,
        )
        await connection.execute("DROP TABLE kept")
        says = drifted(report)[Check.WORKFLOW_WITHOUT_ROW]
        assert says == ["a workflow runs for a membership that the database does not know"]
        assert not any(check == "workflow_without_row" for _, check in await held(connection))
        assert f"audit/workflow_without_row/{member}" in await tasks(connection)
    assert drifted(await audit(hall)) == {}


async def test_who_only_lags_behind_is_no_finding(hall, town, monkeypatch):
    """Different at the first look and right minutes later: nothing is held."""
    monkeypatch.setattr(options, "AUDIT_LAG", timedelta(seconds=2))
    change = "UPDATE memberships SET category = $2 WHERE membership_id = $1"
    await harm(hall, change, town["direct"].id, "student")
    auditing = asyncio.create_task(audit(hall))
    handle = hall.client.get_workflow_handle(f"audit-{today() + LATER}")
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            await asyncio.sleep(0.1)  # until it waits for whoever may have moved on
            try:
                progress = AuditProgress.model_validate(await handle.query("progress"))
            except RPCError:  # it may not have begun
                continue
            if "moved on" in progress.doing:
                break
    await harm(hall, change, town["direct"].id, "ordinary")
    assert drifted(await auditing) == {}


@pytest.mark.usefixtures("town")
async def test_errands_that_stopped_are_started(hall):
    """A settlement that was ended, letters and events that wait: a rehearsal starts none."""
    number, payer = await hall.pool.fetchrow(
        "SELECT number, payer_number FROM deduction_lists JOIN employers ON orgnr = employer_orgnr"
    )
    settlement = hall.client.get_workflow_handle(settlement_id(payer, f"{hall.coming:%Y-%m}"))
    await settlement.terminate("by mistake")
    batch = f"dues-run-{hall.coming:%Y-%m}"
    await harm(
        hall,
        "UPDATE letters SET status = 'pending', sent_on = NULL WHERE (membership_id, key) IN ("
        "SELECT membership_id, key FROM letters WHERE batch = $1 LIMIT 2)",
        batch,
    )
    await hall.pool.execute(
        "INSERT INTO consumers (consumer, url, secret, delivered_to, caught_up_at)"
        " VALUES ('crm', 'https://127.0.0.1/', 'env:MEDLEMSFLYT_WEBHOOK_CRM', 0, now())"
    )
    says = {
        Check.DELIVERY_STOPPED: ["crm is to be told of events, and no delivery runs"],
        Check.SETTLEMENT_STOPPED: [
            f"list {number} is not settled, and its settlement does not run"
        ],
        Check.MAILING_STOPPED: [f"2 letters of {batch} wait, and no mailing runs"],
    }
    rehearsed = await audit(hall, dry_run=True)
    assert (drifted(rehearsed), rehearsed.left) == (says, 3)
    assert (await settlement.describe()).status.name == "TERMINATED"
    report = await audit(hall)
    assert (drifted(report), report.left) == (says, 0)
    assert await tasks(hall.pool) == {}
    await hall.client.get_workflow_handle(f"mailing-{batch}").result()
    again = hall.client.get_workflow_handle(settlement.id)
    assert (await again.describe()).status.name == "RUNNING"
    assert drifted(await audit(hall)) == {}


@pytest.mark.usefixtures("town")
async def test_a_run_whose_activity_keeps_failing_is_a_task(hall):
    """An audit names the run and the reason, without a value, also while it waits in vain."""
    await hall.pool.execute(
        """
        CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'Kari Nordmann' USING ERRCODE = 'insufficient_resources';
        END $$;
        CREATE TRIGGER failing BEFORE INSERT ON dues_runs FOR EACH ROW EXECUTE FUNCTION fail();
        """
    )
    month = f"{today():%Y-%m}"
    run = await hall.client.start_workflow(
        "DuesRun", {"period": month}, id=f"dues-run-{month}", task_queue="membership"
    )
    try:
        async with asyncio.timeout(60):
            while not await failing_activities(await run.describe()):
                await asyncio.sleep(0.2)  # the server counts attempts; it tells nobody
        report = await audit(hall, dry_run=True)
        assert Check.ACTIVITY_FAILING in drifted(report)
        [says] = drifted(report)[Check.ACTIVITY_FAILING]
        assert says.startswith("open_dues_run keeps failing: ")
        assert "53000" in says
        assert "Kari" not in says
    finally:
        await run.terminate()
        await hall.pool.execute("DROP TRIGGER failing ON dues_runs; DROP FUNCTION fail()")


async def test_a_letter_that_a_membership_has_forgotten_is_a_task(hall, town):
    """Nobody sends it: the caseworkers are asked, and no member is held for a letter."""
    member = town["direct"].id
    await harm(
        hall,
        "UPDATE letters SET status = 'sending', sent_on = NULL WHERE membership_id = $1"
        " AND template = 'welcome'",
        member,
    )
    report = await audit(hall)
    assert drifted(report) == {
        Check.LETTER_STUCK: [
            "1 letters have waited for more than a day, and its workflow is not at work on them"
        ]
    }
    assert report.left == 1
    assert list(await tasks(hall.pool)) == [f"audit/letter_stuck/{member}"]
    assert await held(hall.pool) == set()
    await harm(
        hall,
        "UPDATE letters SET status = 'sent', sent_on = $2 WHERE membership_id = $1"
        " AND template = 'welcome'",
        member,
        today(),
    )
    assert (drifted(await audit(hall)), await tasks(hall.pool)) == ({}, {})


async def test_a_letter_that_was_lost_without_a_word_is_a_task(hall, town):
    """It came back before anybody was asked: the audit asks, by the letter's opaque id."""
    member = town["direct"].id
    await harm(
        hall,
        "UPDATE letters SET status = 'bounced', note = 'order 1: refused (550)'"
        " WHERE membership_id = $1 AND template = 'welcome'",
        member,
    )
    report = await audit(hall)
    (found,) = drifted(report)[Check.LETTER_LOST]
    assert "did not arrive (bounced)" in found
    (key,) = await tasks(hall.pool)
    assert key == f"audit/letter_lost/{found.split()[-1]}"
    await hall.pool.execute("UPDATE tasks SET closed_on = $1, closed_by = 'ola'", today())
    assert drifted(await audit(hall)) == {}


async def test_memberships_are_told_of_payments_they_missed(hall, town):
    """Booked, and nobody was told: the audit tells, and the membership knows it is paid."""
    life = town["pensioner"]
    first = (await life.state())["first_invoice"]
    await bring(
        hall.pool,
        camt(Money(first["kid"], first["total_ore"], key="untold-1", on=today())),
        today=today(),
    )
    says = {Check.PAYMENT_UNTOLD: ["nobody told the membership of payment untold-1"]}
    assert drifted(await audit(hall, dry_run=True)) == says
    report = await audit(hall)
    assert (drifted(report), report.left) == (says, 0)
    assert (await life.state())["first_invoice"]["status"] == "paid"
    assert drifted(await audit(hall)) == {}


@pytest.mark.usefixtures("town")
async def test_an_audit_waits_for_a_dues_run(hall):
    """Half a month charged is no drift: it begins once the run has ended."""
    blocked = await hall.client.start_workflow(
        "DuesRun", {"period": "2031-01"}, id="dues-run-2031-01", task_queue="nobody"
    )
    handle = await hall.client.start_workflow(
        "Audit", {}, id=f"audit-{today()}", task_queue="membership"
    )
    async with asyncio.timeout(PATIENCE_SECONDS):
        while AuditProgress.model_validate(await handle.query("progress")).doing == "Opening":
            await asyncio.sleep(0.1)  # until it has looked for one
    progress = AuditProgress.model_validate(await handle.query("progress"))
    assert progress.doing == "Waiting for a dues run"
    await blocked.terminate("let the audit begin")
    report = AuditReport.model_validate(await asyncio.wait_for(handle.result(), PATIENCE_SECONDS))
    assert (drifted(report), report.waited_in_vain) == ({}, False)


@pytest.mark.usefixtures("town")
async def test_a_dues_run_that_hangs_is_not_waited_for_for_ever(hall, monkeypatch):
    """After hours the rest is compared, and nobody is said not to have been charged."""
    monkeypatch.setattr(options, "AUDIT_PAUSES", 1)
    blocked = await hall.client.start_workflow(
        "DuesRun", {"period": "2031-02"}, id="dues-run-2031-02", task_queue="nobody"
    )
    report = await audit(hall)
    await blocked.terminate("enough")
    assert (drifted(report), report.waited_in_vain) == ({}, True)
    assert not {Check.NOT_CHARGED, Check.CHARGED_OTHERWISE} & {c.check for c in report.checks}


async def test_a_wrong_order_ends_visibly(hall):
    """An order that can't be read compares nothing and says why."""
    with pytest.raises(WorkflowFailureError) as ended:
        await audit(hall, today="soon")
    assert "today: " in str(ended.value.cause)


async def test_the_command_says_it_in_words(hall, town, tmp_path, monkeypatch):
    """A table and sentences, or JSON; 0 when nothing is left, 1 when something is."""
    ran_on = commands_of(tmp_path, database_url=hall.database_url, temporal_address=hall.address)
    monkeypatch.setattr(command_line, "today", lambda: today() + LATER)
    command = partial(ran_on, "audit")

    clean = await command("--json")
    assert (clean.code, clean.err) == (0, "")
    assert AuditReport.model_validate(clean.json).left == 0
    assert "Nothing has drifted." in (ran := await command()).out + ran.err

    change = "UPDATE memberships SET category = $2 WHERE membership_id = $1"
    await harm(hall, change, town["direct"].id, "student")
    dry = await command("--dry-run")
    ran = await command()
    await harm(hall, change, town["direct"].id, "ordinary")
    assert (dry.code, ran.code) == (1, 1)
    assert "Drifted: 1; nothing was changed." in dry.out + dry.err
    text = " ".join((ran.out + ran.err).split())
    assert "Workflow and database agree on stage and category." in text
    assert f"{town['direct'].id}: the workflow says" in text
    assert "Left to people: 1; each is a task." in text
    released = await command()
    assert released.code == 0
    assert "Held no longer: 1 member." in released.out + released.err
