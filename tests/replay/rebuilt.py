"""A member whose workflow was lost, told for the corpus: rebuilt, heard, and asked to be erased."""

from schemas.names import erasure_id
from tests.clock import Skipper
from tests.life import Life
from tests.replay.later import PHONE, Recorded, Story
from tests.replay.town import Town

ERASE = {"requested_by": "personvernombudet", "basis": "artikkel 17"}


async def rebuilt(town: Town) -> Recorded:
    """Terminated; from the rows it goes on where it was, and takes messages as before."""
    life = await town.hall.joins()
    stood = await life.state()
    client = town.hall.client
    await client.get_workflow_handle(life.id).terminate("lost")
    handle = await client.start_workflow(
        "Membership", {"rebuild": True}, id=life.id, task_queue="membership"
    )
    life = Life(handle, Skipper(client), town.pool, town.hall.mail_dir)
    await life.settle()
    assert (await life.state())["awaiting"] == stood["awaiting"]
    await life.update("supply_information", PHONE)
    await life.update("request_erasure", ERASE)
    await life.signal("request_erasure", ERASE)
    await life.settle()
    await client.get_workflow_handle(erasure_id(life.id)).terminate("the story is over")
    return {"rebuilt": handle}


REBUILT: dict[str, Story] = {"rebuilt": rebuilt}
