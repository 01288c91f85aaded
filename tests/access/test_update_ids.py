"""An update id counts once for a life: for whoever chose it first, and for what they said."""

import re
import uuid

import pytest

from schemas.access.update_ids import SUFFIX, as_sent, bound_to, sent_as, why_taken
from tests import clock
from tests.access.asking import bearer
from tests.access.test_api import api, applying, begun, keyed, problem

__all__ = ["api"]


MARK, OTHER = "0" * 16, "f" * 64
"""Of what is said."""


def test_an_id_is_one_sender_s_one_message_s_and_says_one_thing():
    """Nobody else's is the same, whatever they put into theirs; and each is read back."""
    asked = [
        (chosen, subject, message, content)
        for chosen in ("u-1", "u~1", "ø\n~", bound_to("u-1", "kari", "resign", MARK))
        for subject in ("kari", "ola", "")
        for message in ("resign", "set_hidden")
        for content in (MARK, OTHER)
    ]
    bound = [bound_to(*one) for one in asked]
    assert len(set(bound)) == len(asked)
    assert [as_sent(one) for one in bound] == [chosen for chosen, *_ in asked]
    for one in bound:
        assert re.fullmatch(SUFFIX, one.removeprefix(as_sent(one)))


@pytest.mark.parametrize("other", ["", "u-1", "a~b~resign", f"~{MARK}~resign~{MARK}"])
def test_what_came_past_the_gateway_is_as_it_is(other):
    """And where none was chosen Temporal makes one."""
    assert (as_sent(other), sent_as(other)) == (other, None)
    assert bound_to("", "kari", "resign", MARK) == ""


@pytest.mark.parametrize(
    ("update_id", "name", "why"),
    [
        (("kari", "resign", MARK), "resign", None),
        (("kari", "resign", OTHER), "resign", "resign was applied .*, and said something else: .*"),
        (("kari", "set_hidden", MARK), "set_hidden", "resign was applied .*: send set_hidden .*"),
        (("ola", "resign", MARK), "resign", "this update id has been used: send resign .*"),
        (("ola", "reopen", OTHER), "reopen", "this update id has been used: send reopen .*"),
        (None, "resign", "this update id has been used: send resign under a new one"),
    ],
)
def test_who_repeats_an_id_learns_of_their_own_only(update_id, name, why):
    """What somebody else sent under it is not named, nor what became of it."""
    before = bound_to("u-1", "kari", "resign", MARK)
    found = why_taken(bound_to("u-1", *update_id) if update_id else "u-1", before, name, "resign")
    assert found is None if why is None else re.fullmatch(why, found or "")


async def test_an_update_id_counts_once_whoever_sends_it_and_whatever_it_says(api):
    """Sent again it is answered; in other words, as another message, by another it is refused."""
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
        otherwise = {"request": {**body["request"], "input": {"args": [{**said, "reason": "Nei"}]}}}
        changed = await kari.post(f"{path}/decide_application", json=otherwise)
        assert "and said something else" in changed.json()["outcome"]["failure"]["message"]
        backwards = {"caseworker": "ola", "decision": "approve"}
        same = await kari.post(
            f"{one}/messages/decide_application", json=backwards, headers=keyed("u-1")
        )
        assert same.json()["says"] == first.json()["outcome"]["success"][0]["says"]
        taken = await kari.post(f"{one}/messages/set_hidden", json=hide, headers=keyed("u-1"))
        assert (
            "decide_application was applied under this update id"
            in (problem(taken, "refused")["detail"])
        )
    async with api.client(headers=bearer("team_lead", sub=uuid.uuid4().hex)) as other:
        for message, content in (("decide_application", said), ("set_hidden", hide)):
            repeated = await other.post(
                f"{one}/messages/{message}", json=content, headers=keyed("u-1")
            )
            told = problem(repeated, "refused")
            assert told["status"] == 409
            assert told["detail"].endswith(f"used: send {message} under a new one")
            assert "approved as" not in repeated.text
        # It was nothing but the id: under one of their own it is taken.
        answered = await other.post(f"{one}/messages/set_hidden", json=hide, headers=keyed("u-2"))
        assert (answered.status_code, answered.json()["applied"]) == (200, True), answered.text
