"""An update id is its sender's: who repeats another's is told nothing of what became of that."""

import uuid

import pytest

from schemas.access.update_ids import as_sent, begin_of, bound_to, chosen_by
from tests import clock
from tests.access.asking import bearer
from tests.access.test_api import api, applying, begun, keyed, problem

__all__ = ["api"]


def test_an_id_is_one_sender_s_and_one_message_s():
    """Nobody else's is the same, whatever they put into theirs; and each is read back."""
    asked = [
        (chosen, subject, message)
        for chosen in ("u-1", "u~1", "ø\n~", bound_to("u-1", "kari", "resign"))
        for subject in ("kari", "ola", "")
        for message in ("resign", "set_hidden")
    ]
    bound = [bound_to(*one) for one in asked]
    assert len(set(bound)) == len(asked)
    assert [as_sent(one) for one in bound] == [chosen for chosen, _, _ in asked]
    assert len({chosen_by(one) for one in bound}) == len(asked) / 2
    assert all(one.startswith(begin_of(one) or "?") for one in bound)


@pytest.mark.parametrize("other", ["", "u-1", "a~b~resign", "~0123456789abcdef~resign"])
def test_what_came_past_the_gateway_is_as_it_is(other):
    """And where none was chosen Temporal makes one."""
    assert (as_sent(other), chosen_by(other), begin_of(other)) == (other, other, None)
    assert bound_to("", "kari", "resign") == ""


async def test_another_s_update_id_is_answered_with_nothing_of_theirs(api):
    """Sent again it counts once for who sent it; by another, or as another message, it is none."""
    await clock.within_a_day()
    async with api.client(headers=bearer("system")) as client:
        one = await begun(client, applying())
    path = f"/api/v1/namespaces/default/workflows/{one.rpartition('/')[2]}/update"
    said = {"decision": "approve", "caseworker": "ola"}
    body = {"request": {"meta": {"updateId": "u-1"}, "input": {"args": [said]}}}
    hide = {"hidden": True, "effective_on": str(clock.today())}
    async with api.client(headers=bearer("caseworker")) as kari:
        first, again = [await kari.post(f"{path}/decide_application", json=body) for _ in range(2)]
        assert first.json()["outcome"] == again.json()["outcome"]
        assert first.json()["updateRef"]["updateId"] == "u-1"
        # While its run goes on, where Temporal itself would have answered for the first.
        taken = await kari.post(f"{one}/messages/set_hidden", json=hide, headers=keyed("u-1"))
        assert (
            "decide_application was applied under this update id"
            in (problem(taken, "refused")["detail"])
        )
    async with api.client(headers=bearer("team_lead", sub=uuid.uuid4().hex)) as other:
        repeated = await other.post(
            f"{one}/messages/decide_application", json=said, headers=keyed("u-1")
        )
        assert "approved as" not in repeated.text
        problem(repeated, "refused")
        # A number that somebody else has used is free to whoever counts from 1 as well.
        answered = await other.post(f"{one}/messages/set_hidden", json=hide, headers=keyed("u-1"))
        assert (answered.status_code, answered.json()["applied"]) == (200, True), answered.text
