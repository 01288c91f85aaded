"""Activities of erasures: on the bulk queue of the persistence worker, and the notifications'."""

from abc import ABC, abstractmethod

from temporalio import activity

from schemas.privacy.erasure import (
    DueErasures,
    ErasureLook,
    ErasureOpening,
    ErasureStep,
    RetentionStep,
)


class ErasureActivities(ABC):
    """Erasing somebody, step by step; each may be done again."""

    @activity.defn(name="open_erasure")
    @abstractmethod
    async def open_erasure(self, opening: ErasureOpening) -> ErasureLook:
        """Note an erasure, and look at what stands in its way on a day.

        Idempotent by the erasure's id; what the person has applied for since joins it.
        """

    @activity.defn(name="tell_partners")
    @abstractmethod
    async def tell_partners(self, step: ErasureStep) -> int:
        """Order the letters to whoever was told of the membership; return how many are new.

        Idempotent by (membership, key of the letter).
        """

    @activity.defn(name="erase_rows")
    @abstractmethod
    async def erase_rows(self, step: ErasureStep) -> ErasureLook:
        """Erase all rows in one transaction, unless something stands in the way again.

        Idempotent by the erasure: what is erased stays so.
        """

    @activity.defn(name="delete_histories")
    @abstractmethod
    async def delete_histories(self, step: ErasureStep) -> int:
        """Have Temporal delete every run of every membership; return how many there were.

        Beats. Idempotent: a run that is gone is not counted again.
        """

    @activity.defn(name="destroy_keys")
    @abstractmethod
    async def destroy_keys(self, step: ErasureStep) -> int:
        """Destroy the data keys of the memberships; return how many there were.

        Idempotent: a key that is destroyed stays so, and counts once.
        """

    @activity.defn(name="certify_erasure")
    @abstractmethod
    async def certify_erasure(self, step: ErasureStep) -> None:
        """Write and sign what went, what stays and until when; once."""

    @activity.defn(name="find_due_erasures")
    @abstractmethod
    async def find_due_erasures(self, step: RetentionStep) -> DueErasures:
        """Find whoever has been kept for as long as may be, a page at a time. Reads only."""

    @activity.defn(name="forget_accesses")
    @abstractmethod
    async def forget_accesses(self, step: RetentionStep) -> int:
        """Forget who looked at what long ago; return of how many looks. Again: nothing."""


class SweepingActivities(ABC):
    """Sweeping what lies outside the database."""

    @activity.defn(name="sweep_files")
    @abstractmethod
    async def sweep_files(self, step: ErasureStep) -> int:
        """Delete the files in employers' folders that name somebody who is erased.

        Idempotent: a file that is gone is not counted again.
        """
