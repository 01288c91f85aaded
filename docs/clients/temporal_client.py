"""Another system in Python: it knows the contract, and nothing else of ours."""

import asyncio
import os
import uuid

from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy


async def main() -> None:
    """Let somebody apply, and approve them."""
    client = await Client.connect(
        os.environ["TEMPORAL_ADDRESS"], namespace=os.environ["TEMPORAL_NAMESPACE"]
    )
    key = uuid.uuid4()
    application = {
        "applicant": {"name": "Eva Lie", "birth_date": "1990-04-01", "email": f"{key}@example.org"},
        "category": "ordinary",
        "consents": {"terms": True},
    }
    membership = await client.start_workflow(
        "Membership",
        application,
        id=f"membership-{key}",
        task_queue="membership",
        id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
    )
    # By the id alone: the run that holds the application is deleted soon after it has been kept.
    current = client.get_workflow_handle(membership.id)
    answer = await current.execute_update(
        "decide_application", {"decision": "approve", "caseworker": "ola"}, id="decision-1"
    )
    print(answer)
    print((await current.query("state"))["stage"])


asyncio.run(main())
