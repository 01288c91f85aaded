"""An erasure: it waits for whatever keeps somebody, and then leaves nothing that names them."""

from datetime import timedelta
from typing import cast

from temporalio import workflow
from temporalio.common import RawValue, VersioningBehavior
from temporalio.exceptions import ApplicationError
from temporalio.workflow import ContinueAsNewVersioningBehavior

with workflow.unsafe.imports_passed_through():
    # A module by its full name: `from workflows import` loads it anew for each instance.
    import workflows.shared.options as options
    from activities.declarations.privacy import ErasureActivities, SweepingActivities
    from schemas.names import WorkflowType, erasure_id
    from schemas.privacy.erasure import (
        ErasureLook,
        ErasureOpening,
        ErasureOrder,
        ErasureStage,
        ErasureState,
        ErasureStep,
        Obstacle,
    )
    from schemas.shared.calendar import oslo_date, start_of
    from workflows.letters.mailing import start_mailing
    from workflows.shared.calls import on_database, on_notifications
    from workflows.shared.orders import read_order

ONLY_LETTERS = frozenset({Obstacle.LETTER_UNDER_WAY})


@workflow.defn(name=WorkflowType.ERASURE, versioning_behavior=VersioningBehavior.PINNED)
class Erasure:
    """One person, or one application, erased. Every step may be done again."""

    def __init__(self) -> None:
        self._state = ErasureState()
        self._asked_to_look = False

    @workflow.run
    async def run(self, order: RawValue = cast(RawValue, None)) -> ErasureState:
        """Wait until nothing stands in the way, erase, and certify.

        Args:
            order: ``schemas.privacy.erasure.ErasureOrder`` as JSON.

        Raises:
            ApplicationError: the order is none, belongs under another id, or there is nobody to
                erase; not retried.

        Source: R4.
        """
        asked = read_order(order, ErasureOrder)
        self._refuse_another_id(asked)
        erased = False
        while not erased:
            await self._wait_for_a_free_way(asked)
            await self._tell_partners(asked)
            erased = await self._erase()
        await self._leave_no_history()
        await self._certify()
        return self._state

    def _refuse_another_id(self, asked: ErasureOrder) -> None:
        """Of one person there is one erasure, whoever asks for it."""
        own = erasure_id(asked.whose)
        if workflow.info().workflow_id != own:
            says = f"the erasure of {asked.whose} runs under {own} only"
            raise ApplicationError(says, type="Refused", non_retryable=True)

    async def _wait_for_a_free_way(self, asked: ErasureOrder) -> None:
        looks = 0
        while (look := await self._look(asked)).obstacles:
            if workflow.info().get_current_history_length() > options.RENEW_AFTER_EVENTS:
                workflow.continue_as_new(
                    asked,
                    initial_versioning_behavior=ContinueAsNewVersioningBehavior.AUTO_UPGRADE,
                )
            await self._pause(look, looks)
            looks += 1

    async def _look(self, asked: ErasureOrder) -> ErasureLook:
        self._asked_to_look = False
        look = await on_database(
            ErasureActivities.open_erasure,
            ErasureOpening(
                erasure_id=workflow.info().workflow_id,
                today=oslo_date(workflow.now()),
                **asked.model_dump(),
            ),
            summary="see what stands in the way",
        )
        if not look.known:
            says = f"nobody is known under {asked.whose}"
            raise ApplicationError(says, type="Refused", non_retryable=True)
        self._show(ErasureStage.WAITING, look)
        return look

    async def _pause(self, look: ErasureLook, looks: int) -> None:
        """Wait for the day on which something ends, for a word that it has, or for tomorrow."""
        pause = options.ERASURE_PAUSE
        if {one.obstacle for one in look.obstacles} == ONLY_LETTERS:
            pause = min(pause, options.ERASURE_LETTERS_PAUSE * 2 ** min(looks, 10))
        if look.again_on is not None:
            coming = start_of(look.again_on) - workflow.now()
            pause = min(pause, max(coming, timedelta(seconds=1)))
        try:
            await workflow.wait_condition(
                lambda: self._asked_to_look, timeout=pause, timeout_summary="look again"
            )
        except TimeoutError:
            return

    async def _tell_partners(self, asked: ErasureOrder) -> None:
        """Tell whoever was told of the membership, and wait until that has gone out."""
        self._show(ErasureStage.TELLING)
        told = await on_database(
            ErasureActivities.tell_partners, self._step(), summary="tell who was told"
        )
        if told:
            await start_mailing(workflow.info().workflow_id)
            await self._wait_for_a_free_way(asked)

    async def _erase(self) -> bool:
        """Erase files and rows; no: something has come to stand in the way meanwhile."""
        self._show(ErasureStage.ERASING)
        await on_notifications(
            SweepingActivities.sweep_files, self._step(), summary="sweep employers' folders"
        )
        look = await on_database(
            ErasureActivities.erase_rows, self._step(), summary="erase all rows"
        )
        return look.erased

    async def _leave_no_history(self) -> None:
        await on_database(
            ErasureActivities.delete_histories,
            self._step(),
            summary="delete all runs",
            timeout=options.ERASURE_TIMEOUT,
            heartbeat=options.PAGE_HEARTBEAT,
        )
        await on_database(ErasureActivities.destroy_keys, self._step(), summary="destroy the keys")

    async def _certify(self) -> None:
        self._show(ErasureStage.CERTIFYING)
        await on_database(
            ErasureActivities.certify_erasure, self._step(), summary="certify what went"
        )
        self._show(ErasureStage.DONE)

    def _step(self) -> ErasureStep:
        return ErasureStep(erasure_id=workflow.info().workflow_id, today=oslo_date(workflow.now()))

    def _show(self, stage: ErasureStage, look: ErasureLook | None = None) -> None:
        changed: dict[str, object] = {"stage": stage, "obstacles": (), "again_on": None}
        if look is not None:
            changed |= {
                "obstacles": look.obstacles,
                "again_on": look.again_on,
                "memberships": look.memberships,
            }
        self._state = self._state.model_copy(update=changed)

    @workflow.signal(description="Something has ended that stood in the way: look again.")
    def look_again(self, _raw: RawValue = cast(RawValue, None)) -> None:
        """Look once more before the day is over."""
        self._asked_to_look = True

    @workflow.query(description="How far it has come: schemas.privacy.erasure.ErasureState.")
    def state(self) -> ErasureState:
        """Return how far it has come."""
        return self._state
