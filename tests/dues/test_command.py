"""`medlemsflyt dues-run`: a month from the command line."""

import asyncio
import json
from contextlib import suppress
from datetime import timedelta

import pytest
from temporalio.service import RPCError

from activities.shared.failing import failing_activities
from schemas.dues.contracts import DuesReport
from schemas.shared.calendar import first_day_of_period
from tests.commands import commands_of
from tests.dues.making import charged, counted, nothing_new, term
from workers.cli import dues as command_line
from workers.cli.shared.failures import LOOK_EVERY_SECONDS


@pytest.fixture
def command(hall, tmp_path, monkeypatch):
    """Run the command on the hall's service."""
    ran_on = commands_of(
        tmp_path,
        database_url=hall.database_url,
        temporal_address=hall.temporal.address,
        namespace=hall.temporal.namespace,
        http_url=hall.temporal.http_url,
    )

    async def go(*arguments):
        with suppress(ValueError):
            # Each test has a month of its own, and is in it.
            today = first_day_of_period(arguments[0])
            monkeypatch.setattr(command_line, "today", lambda: today)
        return await ran_on("dues-run", *arguments)

    return go


async def test_json_is_the_report(hall, command):
    """The report and nothing else, and who it names is charged; again, nothing is new."""
    period, start, members = await hall.members(term(), term(24750))
    ran = await command(period, "--json")
    assert (ran.code, ran.err) == (0, "")
    report = DuesReport.model_validate(ran.json)
    assert (report.charges, report.new_charges, report.amount_ore) == (2, 2, 74250)
    assert [await charged(hall.pool, member, start) for member in members] == [
        {"central_dues": 49500},
        {"central_dues": 24750},
    ]
    again = DuesReport.model_validate((await command(period, "--json")).json)
    assert again == nothing_new(report)


async def test_a_dry_run_writes_nothing_and_says_what_the_run_does(hall, command):
    """Rehearsed, nobody is charged; the run then reports the same."""
    period, _, _ = await hall.members()
    before = await counted(hall.pool)
    dry = await command(period, "--dry-run", "--json")
    assert (dry.code, dry.err) == (0, "")
    assert await counted(hall.pool) == before
    assert dry.json["new_charges"] == 3
    ran = (await command(period, "--json")).json
    assert (ran.pop("letters"), dry.json["letters"]) == (3, 0)
    assert ran == {name: value for name, value in dry.json.items() if name != "letters"}


async def test_people_read_a_table_and_sentences(hall, command):
    """Sums, what is new, and who was not charged and why."""
    period, _, members = await hall.members(term(), term(-100))
    dry = await command(period, "--dry-run")
    ran = await command(period)
    after = await command(period, "--dry-run")
    whole = "1 member charged 495.00 kr in 1 line and 1 invoice."
    due = f"1 line and 1 invoice, due {first_day_of_period(period) + timedelta(days=14):%Y-%m}-"
    for said, sums in (
        (dry, f"The run would add {due}"),
        (dry, f", and leave {whole}"),
        (ran, f"{whole} New: {due}"),
        (after, f"The run would add nothing, and leave {whole}"),
    ):
        assert said.code == 0
        assert f"Dues for {period}" in said.out
        text = " ".join((said.out + said.err).split())
        assert sums in text
        assert f"Not charged: {members[1]}: a term with a negative amount." in text


@pytest.mark.parametrize("period", ["2026-13", "december", "2026", "2026-12-01", "", " 2026-12"])
@pytest.mark.parametrize("flags", [(), ("--dry-run",), ("--json",)], ids=" ".join)
async def test_a_wrong_month_is_one_sentence(hall, command, period, flags):
    """Exit code 2, what is wrong on stderr, nothing on stdout, and nobody charged."""
    before = await counted(hall.pool)
    ran = await command(period, *flags)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Nobody was charged: period: ")
    assert ran.err.count("\n") == 1
    assert "Traceback" not in ran.err
    assert await counted(hall.pool) == before


async def test_json_of_a_rehearsal_is_one_document(hall, command):
    """Scripts can read it."""
    period, _, _ = await hall.members(term())
    assert set(json.loads((await command(period, "--dry-run", "--json")).out)) == set(
        DuesReport.model_fields
    )


async def test_an_activity_that_keeps_failing_is_told(hall, command):
    """Within seconds, on the error output, with the reason and no value; mended, the run ends."""
    period, start, members = await hall.members(term())
    await hall.pool.execute(
        """
        CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'Kari Nordmann' USING ERRCODE = 'insufficient_resources';
        END $$;
        CREATE TRIGGER failing BEFORE INSERT ON charges FOR EACH ROW EXECUTE FUNCTION fail();
        """
    )
    running = asyncio.create_task(command(period, "--json"))
    try:
        await keeps_failing(hall, f"dues-run-{period}")
    finally:
        # Taking the trigger away would lock all months in another order than the run does.
        await hall.pool.execute(
            "CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql "
            "AS 'BEGIN RETURN NEW; END'"
        )
    ran = await running
    await hall.pool.execute("DROP TRIGGER failing ON charges; DROP FUNCTION fail()")
    assert ran.code == 0
    assert DuesReport.model_validate(ran.json).charges == 1
    assert "charge_dues_page keeps failing" in ran.err
    assert "DatabaseRefused" not in ran.err
    assert "53000" in ran.err
    assert "Kari" not in ran.err
    assert await charged(hall.pool, members[0], start) == {"central_dues": 49500}


async def keeps_failing(hall, workflow_id):
    """Wait until an activity has failed so often that it is told, and a moment more."""
    async with asyncio.timeout(30):
        while True:
            with suppress(RPCError):
                if await failing_activities(
                    await hall.client.get_workflow_handle(workflow_id).describe()
                ):
                    break
            await asyncio.sleep(0.1)
    await asyncio.sleep(2 * LOOK_EVERY_SECONDS)
