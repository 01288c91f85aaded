"""A membership that begins with two things more than the real one: a change without a patch."""

from datetime import timedelta
from typing import cast

from temporalio import workflow
from temporalio.common import RawValue, VersioningBehavior

with workflow.unsafe.imports_passed_through():
    from schemas.membership.state import MembershipState
    from workflows.inbox import takes_messages
    from workflows.membership import Membership
    from workflows.view import REVIEW_DUE


@workflow.defn(name="Membership", versioning_behavior=VersioningBehavior.PINNED)
@takes_messages
class MutatedMembership(Membership):
    """The workflow with an attribute and a timer that recorded histories don't have."""

    @workflow.run
    async def run(self, application: RawValue = cast(RawValue, None)) -> MembershipState:
        """Write and sleep first, then live."""
        workflow.upsert_search_attributes([REVIEW_DUE.value_unset()])
        await workflow.sleep(timedelta(seconds=1))
        return await super().run(application)
