"""An end that was a mistake is undone on the real server, and in the books (L9)."""

import json

import pytest

from tests.life import Life, Refusal, application

UNDO = {"caseworker": "kari", "reason": "Feil person"}


async def thought_dead(apply, form) -> Life:
    """Return a member of Oslo with a deduction, whose death was recorded by mistake."""
    life: Life = await apply(form)
    await life.approve(branch="OSLO")
    await life.update("answer_payroll_request", {"answer": "accepted"})
    number = (await life.state())["member_number"]
    died = {"died_on": str(await life.today()), "caseworker": "ola", "member_number": number}
    await life.update("record_death", died)
    return life


async def rows(life: Life) -> int:
    """Return whether the person is a member by the database."""
    found: int = await life.pool.fetchval(
        "SELECT count(*) FROM members WHERE membership_id = $1", life.id
    )
    return found


async def test_a_death_recorded_by_mistake(apply):
    """Member again in state and database; each who was told is told, the employer is asked (L9)."""
    life = await thought_dead(apply, application())
    ended = await life.state()
    assert (ended["outcome"], await rows(life)) == ("deceased", 0)
    before = len(await life.letters())
    await life.days(5)
    answer = await life.update("reopen", UNDO)
    state = await life.state()
    assert answer["stage"] == state["stage"] == "onboarding"
    assert (state["outcome"], state["open_until"], await rows(life)) == (None, None, 1)
    assert (state["payroll"]["status"], state["awaiting"][-1]["role"]) == ("requested", "employer")
    assert all(term["valid_to"] is None for term in state["terms"][-1:])
    assert await life.terms_kept() == state["terms"]
    told = sorted((audience, template) for audience, template, _ in (await life.letters())[before:])
    assert told == [
        ("branch", "branch_new_member"),
        ("employer", "payroll_start"),
        ("insurance_office", "insurance_status"),
        ("member", "membership_reopened"),
    ]
    mail = (await life.mails())["member/membership_reopened"]
    assert "feil hos oss" in mail.get_body(("plain",)).get_content()
    explained = [line for line in await life.explain() if line["about"] == "membership_reopened"]
    assert (explained[0]["decided_by"], explained[0]["rules"]) == ("kari", ["L9", "A20"])
    kept = "SELECT stage || coalesce(outcome, '') FROM memberships WHERE membership_id = $1"
    assert await life.pool.fetchval(kept, life.id) == "onboarding"


async def test_nobody_is_a_member_twice(apply):
    """Who has come back under another id stays that, and the reopening says so (L9).

    The other application came before the death: its approval finds it, and asks who applies (L7).
    """
    form = application()
    life: Life = await apply(form)
    await life.approve(branch="OSLO")
    again: Life = await apply(form)
    died = {"died_on": str(await life.today()), "caseworker": "ola"}
    await life.update(
        "record_death", {**died, "member_number": (await life.state())["member_number"]}
    )
    with pytest.raises(Refusal, match=f"recorded as dead, as {life.id}: find out who applies"):
        await again.approve(reason="Alt i orden")
    with pytest.raises(Refusal, match="reason: is required"):
        await again.approve()
    await again.approve(reason="Er kommet tilbake")
    with pytest.raises(Refusal, match=f"a member by now, as {again.id}"):
        await life.update("reopen", UNDO)
    assert (await life.state())["outcome"] == "deceased"
    assert await rows(life) == 0


async def test_the_command_line_records_a_death_long_after(cli, apply):
    """The workflow is closed: the database knows, a wrong number does not, and a task is open."""
    life: Life = await apply(application(hidden=True, insurance_reservation=True))
    await life.approve()
    await life.update("resign", {"received_on": str(await life.today())})
    await life.days(70)
    closed = await life.closed()
    # The command line goes by the machine's clock, which no test has moved as far.
    died = {"died_on": closed["member_since"], "caseworker": "ola"}
    for number, why in (
        (None, "member_number: is required once"),
        ("99999999", "is not this member's"),
    ):
        sent = json.dumps(died if number is None else {**died, "member_number": number})
        ran = await cli("send", life.id, "record_death", "-", "--json", stdin=sent)
        assert (ran.code, ran.json["applied"]) == (1, False)
        assert why in ran.json["reason"]
    sure = json.dumps({**died, "member_number": closed["member_number"]})
    ran = await cli("send", life.id, "record_death", "-", stdin=sure)
    what = "died after the membership had ended: resigned"
    assert (ran.code, ran.out) == (0, f"Applied: {what}. Stage: ended.\n")
    kept = "SELECT outcome || facts::text FROM memberships WHERE membership_id = $1"
    outcome = await life.pool.fetchval(kept, life.id)
    assert outcome.startswith("deceased")
    assert '"record_death"' in outcome
    assert await life.pool.fetchval(
        "SELECT count(*) FROM tasks WHERE key ^@ $1 AND closed_on IS NULL", f"estate/{life.id}/"
    )
    # A19: the first month stands, and nothing is owed for those after it.
    assert {term["valid_to"] for term in await life.terms_kept()} == {closed_month(closed)}
    again = await cli("send", life.id, "record_death", "-", stdin=sure)
    assert (again.code, "deceased already" in again.out) == (1, True)


def closed_month(state) -> str:
    """Return the first day of the month after the one somebody joined in."""
    year, month = divmod(int(state["member_since"][:4]) * 12 + int(state["member_since"][5:7]), 12)
    return f"{year}-{month + 1:02d}-01"
