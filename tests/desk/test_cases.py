"""The inbox: in which order, who has what, and that a form which is sent twice counts once."""

import re
from datetime import UTC, date, datetime, timedelta

import asyncpg
import pytest

from activities.desk import cases
from activities.desk.cases import Case, Colleague, Move, NotPossible, Whose
from activities.shared.tasks import open_task
from schemas.shared.vocabulary import Stage
from tests.membership.making import AT, KARI, OLA, TODAY, decision, intake, make_member, standing

OLA_N = Colleague(subject="ola", name="Ola Nordås")
KARI_L = Colleague(subject="kari", name="Kari Lie")
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
async def waiting(pool, persistence):
    """Kari with two tasks, an application of Ola's, and a task about nobody."""
    await make_member(persistence, KARI)
    await persistence.receive_application(intake(OLA, name="Ola Nordmann", email="o@example.org"))
    reviewed = decision(2, OLA, standing=standing(stage=Stage.UNDER_REVIEW, member_since=None))
    await persistence.record_decision(reviewed)
    async with pool.acquire() as connection:
        for key, kind, about, day in (
            ("letter/1", "letter_bounced", KARI, date(2026, 11, 20)),
            ("suspense/1", "suspense", KARI, date(2026, 11, 10)),
            ("refund/1", "refund", None, date(2026, 11, 15)),
        ):
            await open_task(
                connection, key=key, kind=kind, says="look", membership_id=about, today=day
            )
        [task_id] = [
            row["task_id"]
            for row in await connection.fetch("SELECT task_id FROM tasks WHERE kind = 'refund'")
        ]
    return f"task-{task_id}"


async def listed(pool, subject="ola", **wanted) -> list[Case]:
    """The cases in their order."""
    async with pool.acquire() as connection:
        given = {"today": TODAY, "most": 50, **wanted}
        return list(await cases.list_cases(connection, subject=subject, **given))


async def moved(pool, case_key, move, request="r-1", by=OLA_N, today=TODAY, **how):
    """Move a case."""
    await cases.move_case(
        pool, case_key, move, request_id=request, by=by, at=AT, today=today, **how
    )


async def test_all_of_a_member_is_one_case_and_the_oldest_comes_first(pool, waiting):
    """Due since the oldest thing about it; by page, each once."""
    found = await listed(pool)
    assert [case.case_key for case in found] == [KARI, waiting, OLA]
    assert found[0].kinds == ("letter_bounced", "suspense")
    assert (found[0].items, found[0].due_on) == (2, date(2026, 11, 10))
    assert [case.case_key for case in await listed(pool, kind="suspense")] == [KARI]
    pages, after = [], None
    while page := await listed(pool, most=1, after=after):
        pages += page
        after = (page[0].due_on, page[0].case_key)
    assert pages == found
    async with pool.acquire() as connection:
        counts = await cases.count_cases(connection, "ola", TODAY)
    assert {one.kind: one.cases for one in counts} == {
        None: 3, "application": 1, "letter_bounced": 1, "refund": 1, "suspense": 1,
    }  # fmt: skip


async def test_a_case_is_taken_once(pool, waiting):
    """Who comes second is told, the same form counts once, and it can be handed over."""
    await moved(pool, waiting, Move.TAKEN)
    await moved(pool, waiting, Move.TAKEN)
    with pytest.raises(NotPossible, match="taken"):
        await moved(pool, waiting, Move.TAKEN, "r-2", by=KARI_L)
    assert [case.case_key for case in await listed(pool, whose=Whose.MINE)] == [waiting]
    await moved(pool, waiting, Move.HANDED_OVER, "r-3", to=KARI_L)
    assert await listed(pool, whose=Whose.MINE) == []
    assert [case.holder for case in await listed(pool, "kari", whose=Whose.MINE)] == ["Kari Lie"]
    await moved(pool, waiting, Move.LET_GO, "r-4", by=KARI_L)
    assert waiting in {case.case_key for case in await listed(pool, whose=Whose.FREE)}
    async with pool.acquire() as connection:
        moves = await cases.read_moves(connection, waiting)
    assert [one.move for one in moves] == [Move.LET_GO, Move.HANDED_OVER, Move.TAKEN]


async def test_what_is_put_back_comes_back_on_its_day(pool, waiting):
    """It stays with who has it, is listed apart till then, and is due on that day."""
    await moved(pool, KARI, Move.PUT_BACK, until_on=TOMORROW)
    assert KARI not in {case.case_key for case in await listed(pool)}
    assert [case.case_key for case in await listed(pool, whose=Whose.LATER)] == [KARI]
    [back] = [case for case in await listed(pool, today=TOMORROW) if case.case_key == KARI]
    assert (back.due_on, back.holder) == (TOMORROW, "Ola Nordås")
    with pytest.raises(NotPossible, match="past"):
        await moved(pool, waiting, Move.PUT_BACK, "r-2", until_on=TODAY)


async def test_what_is_done_can_not_be_taken(pool, waiting):
    """Nobody has a case in hand about which nothing is to be done."""
    await pool.execute("UPDATE tasks SET closed_on = opened_on, closed_by = 'x'")
    with pytest.raises(NotPossible, match="gone"):
        await moved(pool, waiting, Move.TAKEN)


async def test_who_had_it_stays_written(pool, waiting):
    """The rows can't be changed."""
    await moved(pool, waiting, Move.TAKEN)
    for statement in ("DELETE FROM case_moves", "UPDATE case_moves SET holder = 'x'"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await pool.execute(statement)


@pytest.mark.usefixtures("waiting")
async def test_the_pages_do_the_same(at_desk):
    """A case is opened, taken and closed; an auditor looks and does nothing."""
    desk = await at_desk()
    inbox = await desk.get("/desk")
    assert inbox.url.path == "/desk/inbox"
    rows = re.findall(r'href="/desk/cases/([^"]+)"', inbox.text)
    assert rows[0] == KARI
    case = await desk.get(f"/desk/cases/{KARI}")
    assert "Innbetaling uten faktura" in case.text
    [request_id, *_] = re.findall(r'name="request_id" value="([^"]+)"', case.text)
    for _ in range(2):
        taken = await desk.post(f"/desk/cases/{KARI}", move="taken", request_id=request_id)
        assert taken.status_code == 200
        assert taken.text.count("tok saken") == 1
    other = await at_desk("team_lead")
    refused = await other.post(f"/desk/cases/{KARI}", move="taken", request_id="desk-2")
    assert refused.status_code == 409
    assert "En annen har tatt saken" in refused.text
    [task, *_] = re.findall(r'name="close" value="(\d+)"', case.text)
    closed = await desk.post(f"/desk/cases/{KARI}", close=task, note="ringt")
    assert closed.text.count('name="close"') == 1
    auditor = await at_desk("auditor")
    assert "Ta saken" not in (await auditor.get(f"/desk/cases/{KARI}")).text
    assert (await auditor.post(f"/desk/cases/{KARI}", move="taken")).status_code == 403
    branch = await at_desk("branch")
    assert (await branch.get(f"/desk/cases/{KARI}")).status_code == 403


async def test_the_log_of_logins_says_who_there_is(pool, at_desk):
    """A case is handed to who has logged in and may handle it."""
    for role in ("caseworker", "team_lead", "auditor"):
        await at_desk(role)
    async with pool.acquire() as connection:
        there = await cases.colleagues(connection, datetime.now(UTC))
    assert {one.subject for one in there} == {"caseworker", "team_lead"}
