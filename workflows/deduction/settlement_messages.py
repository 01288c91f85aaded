"""How messages come in to a settlement: each is applied, or rejected with a visible reason."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from pydantic import ValidationError
from temporalio import workflow
from temporalio.common import RawValue

from schemas.deduction.contracts import (
    DECIDE,
    DECIDE_EXAMPLE,
    LOOK,
    DecideDeduction,
    DeductionAnswer,
)
from schemas.membership.state import Rejected
from schemas.shared.faults import faults_of
from workflows.membership.entry_checks import refused_as_signal, refused_at_the_door
from workflows.shared.inbox import MAX_REASON, Unreadable, refusal

KEPT_REJECTIONS = 10
"""The page shows the latest; history knows of all."""

DECIDES = f"A caseworker decides what no rule settles. {DECIDE_EXAMPLE}"


@dataclass
class Item:
    """A decision that waits for its turn. ``answer`` is set when it had it.

    Attributes:
        key: tells it from others for as long as the settlement lasts; a signal has none.
    """

    message: DecideDeduction
    key: str | None = None
    answer: DeductionAnswer | None = None


class SettlementMessages:
    """The base of a workflow that looks when told to, and takes caseworkers' decisions."""

    def __init__(self) -> None:
        """Prepare to take messages, among them signals of names nobody knows."""
        self.looked = False
        self.items: deque[Item] = deque()
        self.rejected: tuple[Rejected, ...] = ()
        # Set here and not by a decorator, so that its blank name can be kept out of the UI.
        workflow.set_dynamic_signal_handler(self._take_unknown)

    def show(self) -> None:
        """Bring the page up to date."""
        raise NotImplementedError

    def reject(self, name: str, reason: str) -> None:
        """Record a message that was not applied, visibly."""
        rejected = Rejected(name=name[:80], at=workflow.now(), reason=reason[:MAX_REASON])
        self.rejected = (*self.rejected, rejected)[-KEPT_REJECTIONS:]
        self.show()

    async def _take_unknown(self, name: str, _values: Sequence[RawValue]) -> None:
        self.reject(name, f"is not a message of a settlement; known are {LOOK}, {DECIDE}")

    @workflow.signal(name=LOOK, description="Something has arrived: a report, or a payment.")
    def look(self, _raw: RawValue = cast(RawValue, None)) -> None:
        """Look at the list again."""
        self.looked = True

    @workflow.signal(name=DECIDE, description=DECIDES)
    def decide_by_signal(self, raw: RawValue = cast(RawValue, None)) -> None:
        """Take a decision, or record why not."""
        try:
            message = parsed(raw)
        except Unreadable as fault:
            self.reject(DECIDE, str(fault))
            return
        reason = refused_as_signal(message)
        if reason is not None:
            self.reject(DECIDE, reason)
            return
        self.items.append(Item(message))

    @workflow.update(name=DECIDE, description=DECIDES)
    async def decide_by_update(self, raw: RawValue = cast(RawValue, None)) -> DeductionAnswer:
        """Take a decision, and answer once its turn has come."""
        info = workflow.current_update_info()
        assert info is not None, "an update is being handled"
        item = Item(parsed(raw), f"{workflow.info().workflow_id}/{info.id}")
        self.items.append(item)
        await workflow.wait_condition(lambda: item.answer is not None)
        assert item.answer is not None, "just waited for"
        if item.answer.refusal is not None:
            raise refusal(item.answer.refusal)
        return item.answer

    @decide_by_update.validator
    def check_decision(self, raw: RawValue = cast(RawValue, None)) -> None:
        """Refuse a decision that can't be read, before it enters history."""
        try:
            reason = refused_at_the_door(parsed(raw))
        except Unreadable as fault:
            raise refusal(str(fault)) from None
        if reason is not None:
            raise refusal(reason)


def parsed(raw: RawValue | None) -> DecideDeduction:
    """Return the decision in a payload.

    Raises:
        Unreadable: there is none, it is not JSON, or it breaks the contract.
    """
    data = raw.payload.data if raw is not None else b""
    if not data:
        raise Unreadable(f"the message is empty; send JSON such as {DECIDE_EXAMPLE}")
    try:
        return DecideDeduction.model_validate_json(data)
    except ValidationError as error:
        raise Unreadable("; ".join(faults_of(error))[:MAX_REASON]) from None
    except Exception as error:  # noqa: BLE001 - a fault in a validator of ours fails no task
        raise Unreadable(f"can't be read ({type(error).__name__})") from None
