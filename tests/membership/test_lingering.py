"""A member who has left is heard for a time, and the workflow is closed after it (L9)."""

from datetime import date, timedelta

import pytest

from tests import clock
from tests.life import Life, Refusal, application
from tests.membership.test_renewal import IDLE, renewed
from tests.replay.corpus import replayer
from tests.runs import left_behind, own_failures, runs_of


async def deceased(apply, monkeypatch: pytest.MonkeyPatch) -> Life:
    """Return somebody whose death was recorded, in a run that began after it."""
    life: Life = await apply(application(**IDLE))
    await life.approve()
    number = (await life.state())["member_number"]
    died = {"died_on": str(await life.today()), "caseworker": "ola", "member_number": number}
    await life.update("record_death", died)
    await renewed(life, monkeypatch)
    return life


async def test_who_has_left_is_heard_for_a_time(apply, monkeypatch):
    """Money and an address are taken, a resignation is refused; then it is over, as it was (L9)."""
    life = await deceased(apply, monkeypatch)
    state = await life.state()
    assert (state["stage"], state["outcome"], state["awaiting"]) == ("ended", "deceased", [])
    assert date.fromisoformat(state["open_until"]) == await life.today() + timedelta(days=90)
    found = (await life.handle.describe()).search_attributes
    assert (found["MembershipStage"], found.get("AwaitingRoles") or []) == (["ended"], [])

    money = {"reference": life.id, "amount_ore": 100, "paid_on": str(clock.today())}
    assert (await life.update("record_payment", money))["stage"] == "ended"
    assert await life.pool.fetchval("SELECT count(*) FROM payments WHERE reference = $1", life.id)
    moved = {"information": "Boet", "applicant": {"email": f"boet-{life.id}@example.org"}}
    await life.update("supply_information", moved)
    with pytest.raises(Refusal, match="the membership has ended: deceased"):
        await life.update("resign", {"received_on": str(clock.today())})
    await life.signal("resign", {"received_on": str(clock.today())})
    assert [r["name"] for r in (await life.state())["rejected_messages"]][-2:] == [
        "nobody_knows_this",
        "resign",
    ]

    before = await life.state()
    assert await life.closed() == {**before, "open_until": None}
    assert "member" not in {audience for audience, _, _ in (await life.letters())[-3:]}
    with pytest.raises(Exception, match=r"completed|not found"):
        await life.update("record_payment", money)
    histories = await runs_of(life.handle, life.skipper.client)
    assert [own_failures(history) for history in histories] == [[]] * len(histories)
    assert [left_behind(history) for history in histories] == [0] * len(histories)
    await replayer().replay_workflow(histories[-1])


async def test_a_fact_of_before_the_end_is_taken_after_it(apply):
    """At 40 % since the approval, told after a death: terms as if known in time, a task (L1, L9).

    The first month stands (S26); in the next ones 495.00 * 50 % = 247.50.
    """
    life = await apply(application(**IDLE))
    await life.approve()
    since = await life.today()
    await life.days(40)
    number = (await life.state())["member_number"]
    died = {"died_on": str(await life.today()), "caseworker": "ola", "member_number": number}
    await life.update("record_death", died)
    half = {"effective_on": str(since + timedelta(days=1)), "position_percent": "40"}
    assert (await life.update("change_employment", half))["stage"] == "ended"
    state = await life.state()
    central = [term["amount_ore"] for term in state["terms"] if term["kind"] == "central_dues"]
    assert central == [49500, 24750]
    assert await life.terms_kept() == state["terms"]
    assert (await life.letters())[-1][:2] == ("caseworkers", "caseworker_task")
    assert await life.pool.fetchval(
        "SELECT count(*) FROM reassessments WHERE membership_id = $1", life.id
    )
    with pytest.raises(Refusal, match="is recorded already"):
        await life.update("change_employment", half)
