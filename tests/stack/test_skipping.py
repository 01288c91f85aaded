"""Letting time pass for one workflow, until it has passed."""

from datetime import timedelta

from temporalio.testing import TimeSkipper

from tests.life import application


async def test_a_skip_that_was_given_up_is_asked_for_again(apply, monkeypatch):
    """A server that gives up answers as for a workflow that has ended: the clock tells."""
    life = await apply(application())
    skip, asked = TimeSkipper.fast_forward, []

    async def gives_up_once(self, handle, ahead, /):
        asked.append(ahead)
        return len(asked) > 1 and await skip(self, handle, ahead)

    monkeypatch.setattr(TimeSkipper, "fast_forward", gives_up_once)
    before = await life.skipper.get_current_time(life.handle)
    assert await life.skipper.fast_forward(life.handle, timedelta(days=3))
    passed = await life.skipper.get_current_time(life.handle) - before
    assert (len(asked), passed.days) == (2, 3)


async def test_a_workflow_that_ends_on_the_way_is_not_waited_for(apply):
    """Nobody answers a question, and the application lapses: the skip says it did not get there."""
    life = await apply(application())
    question = {"decision": "request_information", "caseworker": "ola", "reason": "Hvor?"}
    await life.update("decide_application", question)
    assert not await life.skipper.fast_forward(life.handle, timedelta(days=400))
    assert (await life.result())["outcome"] == "lapsed"
