"""Activities of the audit, on the queue ``membership-persistence``."""

from abc import ABC, abstractmethod

from temporalio import activity

from schemas.audit.contracts import (
    AuditClosing,
    AuditMonth,
    AuditOpening,
    AuditPage,
    AuditPart,
    AuditPlan,
    RunId,
    Suspects,
)


class AuditActivities(ABC):
    """Comparing what must agree, mending what is safe, holding the rest.

    All of them are idempotent by (run, check, subject): a finding is kept once, a member held
    once, a task opened once; and what is mended is only started or marked once.
    """

    @activity.defn(name="open_audit")
    @abstractmethod
    async def open_audit(self, opening: AuditOpening) -> AuditPlan:
        """Say what there is to look at. Reads only, so repeating it is harmless."""

    @activity.defn(name="audit_ledger")
    @abstractmethod
    async def audit_ledger(self, plan: AuditPlan) -> AuditPart:
        """Compare the accounts with what they stand for, and all money with its entries."""

    @activity.defn(name="audit_month")
    @abstractmethod
    async def audit_month(self, month: AuditMonth) -> AuditPart:
        """Compare the charges, invoices, corrections and lists of a month, line by line."""

    @activity.defn(name="audit_amounts")
    @abstractmethod
    async def audit_amounts(self, month: AuditMonth) -> AuditPart:
        """Compare what members were charged for a month with their terms, and mark who was not.

        Whoever is marked is compared by the next dues run, which charges what is missing.
        """

    @activity.defn(name="audit_members")
    @abstractmethod
    async def audit_members(self, page: AuditPage) -> AuditPart:
        """Compare the members of a page: terms with standing, and what was shown to others."""

    @activity.defn(name="audit_sample")
    @abstractmethod
    async def audit_sample(self, plan: AuditPlan) -> AuditPart:
        """Plan the terms of a few members anew, others every day, and compare."""

    @activity.defn(name="audit_errands")
    @abstractmethod
    async def audit_errands(self, plan: AuditPlan) -> AuditPart:
        """Look for settlements, mailings and letters that nobody is at work on.

        What has stopped is started, which is harmless where it has been meanwhile.
        """

    @activity.defn(name="find_untold_file")
    @abstractmethod
    async def find_untold_file(self, plan: AuditPlan) -> AuditPart:
        """Look for payments that memberships were not told of, and name one of their files."""

    @activity.defn(name="compare_workflows")
    @abstractmethod
    async def compare_workflows(self, plan: AuditPlan) -> AuditPart:
        """Compare all running memberships with their rows, and name those that differ.

        Reads only: whoever differs may have moved on meanwhile, and is looked at again.
        """

    @activity.defn(name="look_again")
    @abstractmethod
    async def look_again(self, suspects: Suspects) -> AuditPart:
        """Ask memberships themselves, and compare stage, category and terms with their rows."""

    @activity.defn(name="check_occupant")
    @abstractmethod
    async def check_occupant(self, run: RunId) -> bool:
        """Tell whether what runs under an id is of the type it should be, else open a task."""

    @activity.defn(name="close_audit")
    @abstractmethod
    async def close_audit(self, closing: AuditClosing) -> int:
        """Release whom nothing holds any more, and close the tasks of what is over.

        Returns:
            How many members were released. Those are compared by the next dues run, which
            charges what they were spared.
        """
