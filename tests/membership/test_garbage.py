"""Whatever is sent ends as applied or as rejected with a visible reason: 0 lost, 0 wedged."""

import asyncio
import uuid

import pytest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from schemas.membership.messages import MESSAGES
from schemas.names import MESSAGES_SEEN
from tests.life import PATIENCE_SECONDS, Life, Refusal, application
from workflows.shared.search_attributes import REJECTED_MESSAGES

WRONG = {
    "no argument": (),
    "null": (None,),
    "text": ("approve",),
    "number": (42,),
    "list": ([1, 2, 3],),
    "empty object": ({},),
    "unknown field": ({"surprise": True},),
    "wrong enum": ({"decision": "aprove", "outcome": "x", "answer": "y", "caseworker": "ola"},),
    "two arguments": ({"decision": "approve"}, {"caseworker": "ola"}),
    "three arguments": (1, "two", [3]),
    "1 MB of text": ("x" * 1_000_000,),
    "1 MB in a field": ({"reason": "x" * 1_000_000, "information": "x" * 1_000_000},),
    "bytes": (b"\x00\xff\xfe",),
    "deep": ([[[[[[[[[[[[]]]]]]]]]]]],),
}

ALL_OPTIONAL = {"withdraw_application"}
"""Nothing is required there, so an empty object is a proper message."""


def wrong_for(name: str) -> dict[str, tuple[object, ...]]:
    """Return the garbage that is garbage for a message of this name."""
    leave_out = {"empty object"} if name in ALL_OPTIONAL else set()
    return {what: values for what, values in WRONG.items() if what not in leave_out}


@pytest.mark.parametrize("name", list(MESSAGES))
async def test_a_wrong_signal_is_rejected_with_a_reason_and_wedges_nothing(apply, name):
    """Every wrong signal is counted and explained, and the membership goes on."""
    life = await apply(application())
    wrong = wrong_for(name)
    for values in wrong.values():
        await life.signal(name, *values)
    state = await life.state()
    assert [r["name"] for r in state["rejected_messages"]] == [name] * len(wrong)
    assert all(r["reason"] for r in state["rejected_messages"])
    await life.approve()
    assert (await life.state())["stage"] == "onboarding"


@pytest.mark.parametrize("name", list(MESSAGES))
async def test_a_wrong_update_is_refused_at_once(apply, name):
    """The sender of a wrong update gets a sentence, and the membership goes on."""
    life = await apply(application())
    for what, values in wrong_for(name).items():
        with pytest.raises(Refusal) as refused:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await life.update(name, *values)
        assert str(refused.value), what
    await life.approve()
    assert (await life.state())["stage"] == "onboarding"


async def test_a_signal_nobody_knows_is_rejected_visibly(apply):
    """An unknown name is recorded too, with the names that are known."""
    life = await apply(application())
    await life.signal("decide_aplication", {"decision": "approve", "caseworker": "ola"})
    await life.signal("resing")
    reasons = [r["reason"] for r in (await life.state())["rejected_messages"]]
    assert len(reasons) == 2
    assert all("decide_application" in reason for reason in reasons)


async def test_the_dialogs_of_the_ui_list_no_nameless_signal(apply):
    """The handler of unknown names must not show as a blank, pre-ticked entry."""
    life = await apply(application())
    metadata = await life.handle.query("__temporal_workflow_metadata")
    signals = metadata.definition.signal_definitions
    said = {signal.name: signal.description for signal in signals}
    assert said.pop(MESSAGES_SEEN)
    assert sorted(said) == sorted(MESSAGES)
    assert all("{" in description for description in said.values())


async def test_cancelling_in_the_ui_ends_no_membership(apply):
    """A cancellation request is answered like any other message that does not apply."""
    life = await apply(application())
    await life.handle.cancel()
    state = await life.state()
    assert [r["name"] for r in state["rejected_messages"]] == ["Request Cancellation"]
    assert "withdraw_application" in state["rejected_messages"][0]["reason"]
    await life.approve()
    await life.days(31)
    assert (await life.state())["insurance"]["status"] == "covered"


@pytest.mark.usefixtures("workers")
async def test_messages_sent_with_the_start_are_not_lost(skipper):
    """Signals wait for nobody: one that arrives before ``run`` is answered in its turn."""
    handle = await skipper.client.start_workflow(
        "Membership",
        application(),
        id=f"membership-{uuid.uuid4()}",
        task_queue="membership",
        start_signal="decide_application",
        start_signal_args=[{"decision": "approve", "caseworker": "ola"}],
    )
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (await handle.query("state"))["stage"] != "onboarding":
            await asyncio.sleep(0.1)


async def test_the_same_message_twice_counts_once(apply):
    """A second approval is refused with the reason, and nothing is issued twice."""
    life = await apply(application())
    for _ in range(3):
        await life.signal("decide_application", {"decision": "approve", "caseworker": "ola"})
    state = await life.state()
    assert [r["name"] for r in state["rejected_messages"]] == ["decide_application"] * 2
    invoices = await life.pool.fetchval(
        "SELECT count(*) FROM invoices WHERE membership_id = $1", life.id
    )
    assert invoices == 1


async def test_five_hundred_signals_at_once_all_end_somewhere(apply):
    """Invariant 5 under load: the number of rejections equals the number of wrong signals.

    Marked as seen they leave the inbox and stay on the page; the next one is in the inbox again.
    """
    life = await apply(application())
    await asyncio.gather(
        *(life.signal("decide_application", {"decision": str(n)}) for n in range(500))
    )
    await life.settle()
    page = await life.handle.query("__temporal_workflow_metadata")
    assert "(500)" in page.current_details
    assert len((await life.state())["rejected_messages"]) == 50
    assert await _in_the_inbox(life) == 500
    await life.signal("messages_seen")
    await life.settle()
    assert await _in_the_inbox(life) == 0
    assert len((await life.state())["rejected_messages"]) == 50
    await life.signal("decide_application", {"decision": "aprove"})
    await life.settle()
    assert await _in_the_inbox(life) == 1


async def _in_the_inbox(life: Life) -> int | None:
    """Return how many messages the inbox counts of a membership."""
    return (await life.handle.describe()).typed_search_attributes.get(REJECTED_MESSAGES)


async def test_a_request_for_cancellation_is_refused_visibly(apply):
    """The biggest button of the UI ends no membership: it is recorded, and the life goes on."""
    life = await apply(application())
    for _ in range(2):
        await life.handle.cancel()
    (rejected,) = (await life.state())["rejected_messages"]
    assert rejected["name"] == "Request Cancellation"
    assert "withdraw_application" in rejected["reason"]
    await life.approve()
    await life.days(31)
    assert (await life.state())["insurance"]["status"] == "covered"
    await life.signal("resing")
    assert len((await life.state())["rejected_messages"]) == 2


async def test_a_refused_update_shows_no_code(apply):
    """The dialog of the UI shows the sentence alone, without our stack below it."""
    life = await apply(application())
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await life.handle.execute_update("decide_application", {"decision": "aprove"})
    assert isinstance(refused.value.cause, ApplicationError)
    assert "must be one of approve" in refused.value.cause.message
    assert not refused.value.cause.failure.stack_trace


async def test_a_text_that_hides_what_it_says_is_refused_as_update_and_as_signal(apply):
    """Turned around, or with nothing to be seen; the membership goes on, and replays."""
    life = await apply(application())
    await life.approve()
    resign = {"received_on": str(await life.today()), "reason": "\u202etluger"}
    with pytest.raises(Refusal, match="reason: holds characters that turn the direction"):
        await life.update("resign", resign)
    await life.signal("resign", resign)
    state = await life.state()
    (rejected,) = state["rejected_messages"]
    assert rejected["reason"].startswith("reason: holds characters that turn")
    assert state["stage"] == "onboarding"
