"""A membership that begins with two things more than the real one: a change without a patch."""

from datetime import timedelta
from typing import cast

from temporalio import workflow
from temporalio.common import RawValue, VersioningBehavior

with workflow.unsafe.imports_passed_through():
    from schemas.membership.state import MembershipState
    from workflows.membership.view import REVIEW_DUE
    from workflows.membership.workflow import Membership
    from workflows.shared.inbox import takes_messages


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
