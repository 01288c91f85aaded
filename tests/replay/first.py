"""The membership as it was before there were renewals, for a worker without a build."""

from typing import cast

from temporalio import workflow
from temporalio.common import RawValue

with workflow.unsafe.imports_passed_through():
    from schemas.membership.state import MembershipState
    from workflows.membership.workflow import Membership
    from workflows.shared.inbox import takes_messages


@workflow.defn(name="Membership")
@takes_messages
class FirstMembership(Membership):
    """For a worker that answers no to every patch: it then issues what the first code issued.

    That it does is proved by the recorded histories, which today's code replays the same way.
    """

    @workflow.run
    async def run(self, application: RawValue = cast(RawValue, None)) -> MembershipState:
        """Live as before."""
        return await super().run(application)
