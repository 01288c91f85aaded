"""The life of a deduction list, told for the corpus: to its employer, and until it is settled."""

import asyncio

import pytest
from temporalio.client import WorkflowUpdateFailedError

from tests.deduction.bureau import look
from tests.deduction.making import filled
from tests.life import PATIENCE_SECONDS
from tests.replay.later import Recorded, Story
from tests.replay.town import Month, Town

DECISION = {"decision": "write_off", "caseworker": "ola", "reason": "avtalt"}


async def over(month: Month) -> None:
    """Wait until a settlement has ended."""
    assert (await asyncio.wait_for(month.handle.result(), PATIENCE_SECONDS))["settled"]


async def settled_list(town: Town) -> Recorded:
    """Delivered, reported, paid: nothing comes in the way."""
    month = await town.month()
    content = await town.delivered(month)
    report = await town.report(filled(content))
    await town.office.pay(month.number, 99000)
    await look(month.handle)
    await over(month)
    return {"settled_list": month.handle, "deduction_report": report}


async def late_list(town: Town) -> Recorded:
    """Nonsense, a reminder, a report that leaves lines open; decided, paid short, written off."""
    month = await town.month()
    content = await town.delivered(month)
    for values in ((), (None,), ("avskriv",), ({}, {}), ({"membership_id": "x"},)):
        for name in ("decide_deduction", "look", "nobody_knows_this"):
            await month.handle.signal(name, args=list(values))
    await town.days(month, 60)
    await town.stands(month, lambda state: bool(state.matters))
    await town.days(month, 31)
    numbers = town.office.numbers
    first, second = month.members
    answers = {numbers[first]: ("0", "OTHER"), numbers[second]: ("0", "OTHER")}
    await town.report(filled(content, answers))
    await town.stands(month, lambda state: state.figures.undecided == 2)
    stranger = {**DECISION, "membership_id": "membership-x"}
    with pytest.raises(WorkflowUpdateFailedError):
        await month.handle.execute_update("decide_deduction", stranger)
    await month.handle.signal("decide_deduction", stranger)
    await month.handle.execute_update("decide_deduction", {**DECISION, "membership_id": first})
    await town.stands(month, lambda state: state.figures.undecided == 1)
    await month.handle.signal("decide_deduction", {**DECISION, "membership_id": second})
    await over(month)
    return {"late_list": month.handle}


async def short_list(town: Town) -> Recorded:
    """One line was not deducted and is billed; less was paid than reported, and let stand."""
    month = await town.month()
    content = await town.delivered(month)
    first, _ = month.members
    await town.report(filled(content, {town.office.numbers[first]: ("0", "NAV")}))
    await town.stands(month, lambda state: state.figures.unanswered == 0)
    await town.office.pay(month.number, 49000)
    await month.handle.signal("look")
    await town.stands(month, lambda state: state.figures.paid_ore == 49000)
    await month.handle.execute_update("decide_deduction", DECISION)
    await over(month)
    return {"short_list": month.handle}


async def list_without_channel(town: Town) -> Recorded:
    """Tried every day until the employer can be reached."""
    month = await town.month(channel="none")
    await town.stands(month, lambda state: bool(state.matters))
    await town.pool.execute(
        "UPDATE employers SET list_channel = 'folder' WHERE orgnr = $1", month.employer
    )
    await town.days(month, 1.5)
    content = await town.delivered(month)
    await town.report(filled(content))
    await town.office.pay(month.number, 99000)
    await look(month.handle)
    await over(month)
    return {"list_without_channel": month.handle}


async def new_build(town: Town) -> Recorded:
    """A list and a member outlive the code they began with; each goes on in a run of the new."""
    month = await town.month()
    content = await town.delivered(month)
    life = await town.hall.joins(hidden=True, insurance_reservation=True)
    await town.deploy("replay-2")
    await month.handle.signal("look")
    await life.signal("nobody_knows_this", 1)
    await life.settle()
    await town.report(filled(content))
    await town.office.pay(month.number, 99000)
    await look(month.handle)
    await over(month)
    return {"list_of_two_builds": month.handle, "member_of_two_builds": life.handle}


SETTLEMENTS: dict[str, Story] = {
    story.__name__: story
    for story in (settled_list, late_list, short_list, list_without_channel, new_build)
}
