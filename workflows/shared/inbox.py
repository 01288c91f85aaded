"""How messages come in: every one ends as applied or as rejected with a visible reason.

Each message of a workflow is a signal and an update of the same name. What is in the payload
is looked at here and nowhere else; a signal that can't be applied is recorded, an update is
answered. Messages are then taken one at a time, in the order they came.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Generic, TypeVar, cast

from pydantic import ValidationError
from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from schemas.access.roles import may_send
from schemas.access.stamps import (
    BadStamp,
    Claims,
    Signed,
    Stamp,
    UsedStamp,
    fitting,
    stamp_in,
    used_up,
)
from schemas.desk.wording import Wording
from schemas.pricing.policies import AccessPolicies
from schemas.secrecy.marks import CLOSED, is_unreadable
from schemas.shared.faults import REFUSED, faults_of
from schemas.shared.messages import Message, Messages
from workflows.shared.entry_checks import refused_as_signal, refused_at_the_door

MAX_REASON = 500
"""A reason longer than this is cut: it stands in a query answer beside many others."""

A = TypeVar("A")
"""What the sender of an update is answered."""

M = TypeVar("M", bound=Message)


class Unreadable(Exception):
    """A message is not what its name says; its text tells what is wrong.

    Args:
        says: the text.
        confidential: a field of it has to do with hiding.
    """

    def __init__(self, says: str, *, confidential: bool = False) -> None:
        super().__init__(says)
        self.confidential = confidential


class UpdateIdTaken(Exception):
    """Something else was applied under an update's id; its text says what, to who sent that.

    Attributes:
        confidential: that one may have to do with hiding, so its name stands on no page.
    """

    confidential = True


@dataclass
class Item(Generic[A]):
    """One message that waits for its turn.

    Attributes:
        update_id: of an update; a signal has none.
        signed: who sent it, where it says so.
        answer: set when it has been applied.
        refusal: set when it has not.
    """

    message: Message
    update_id: str | None = None
    signed: Signed | None = None
    answer: A | None = None
    refusal: str | None = None

    @property
    def name(self) -> str:
        """The name it was sent under."""
        return self.message.card.name

    @property
    def claims(self) -> Claims | None:
        """Who sent it, where it says so."""
        return self.signed.claims if self.signed is not None else None

    @property
    def stamp(self) -> Stamp | None:
        """What it says that with."""
        return self.signed.stamp if self.signed is not None else None

    @property
    def answered(self) -> bool:
        """Whether the sender of an update can be told."""
        return self.answer is not None or self.refusal is not None


class Inbox(Generic[A]):
    """The base of a workflow that takes messages: ``takes_messages`` makes its handlers.

    Attributes:
        messages: those it takes.
        bare_signals: names of signals it takes beside them, which say nothing but that they came.
        never_fails: a wrong start and a cancellation are recorded like any other message, and the
            workflow lives on.
        argument_fault: what was wrong with the number of arguments it was started with.
        heard_plain: whether something came in plain text where histories are encrypted.
    """

    messages: ClassVar[Messages]
    bare_signals: ClassVar[tuple[str, ...]] = ()
    never_fails: ClassVar[bool] = False

    def __init__(self) -> None:
        """Prepare to take messages, among them signals of names nobody knows."""
        self.argument_fault: str | None = None
        self.heard_plain = False
        self.items: deque[Item[A]] = deque()
        # Set here and not by a decorator, so that its blank name can be kept out of the UI.
        workflow.set_dynamic_signal_handler(self._take_unknown)

    def reject(self, name: str, reason: str, *, confidential: bool = False) -> None:
        """Record a message that was not applied, visibly; what is confidential on no page."""
        raise NotImplementedError

    def page(self, say: Wording) -> str:
        """Return the page of the UI, drawn for whoever looks, and kept in no history."""
        raise NotImplementedError

    @property
    def now(self) -> datetime:
        """Return the time by the workflow's clock; only asked for where something is stamped."""
        raise NotImplementedError

    @property
    def used_stamps(self) -> tuple[UsedStamp, ...]:
        """Return the stamps that have come and not expired."""
        return ()

    def check(self, _message: Message, _signed: Signed | None) -> str | None:
        """Return why a message would not be applied now; None too where that can't be foreseen."""
        return None

    def stamps_hold_for(self) -> timedelta:
        """Return how long after it was stamped a message is still taken."""
        return timedelta(hours=AccessPolicies().stamp_valid_hours)

    def answered_before(self, _name: str, _update_id: str) -> A | None:
        """Return what an update was answered when it was applied, in this run or an earlier one.

        None too where whoever applies it tells repetitions apart.

        Raises:
            UpdateIdTaken: something else was applied under its id.
        """
        return None

    async def _take_unknown(self, name: str, _values: Sequence[RawValue]) -> None:
        known = ", ".join((*self.bare_signals, *self.messages))
        self.reject(name, f"is not a message of this service; known are {known}")

    def _opened(self, kind: type[Message], raw: RawValue | None) -> tuple[Message, Signed | None]:
        """Return what a payload says, and who sent it, where that stands in its metadata.

        Whether the stamp is forged the activity knows that records what comes of it (ADR 72): its
        answer stands in history. All else is looked at here, by nothing but payload and clock.

        Raises:
            Unreadable: it is no message, or its stamp does not fit, or not its sender's to send.
        """
        message = parsed(kind, raw)
        payload = cast(RawValue, raw).payload
        info, name = workflow.info(), kind.card.name
        try:
            if stamp_in(payload.metadata) is None:
                return message, None
            signed = fitting(
                payload.metadata,
                payload.data,
                namespace=info.namespace,
                workflow_id=info.workflow_id,
                message=name,
                now=self.now,
                valid_for=self.stamps_hold_for(),
            )
        except BadStamp as why:
            raise Unreadable(str(why)) from None
        if signed is not None and not may_send(signed.claims.roles, info.workflow_type, name):
            raise Unreadable("may not be sent by who has stamped it: see the table of roles")
        return message, signed

    def take_signal(self, kind: type[Message], raw: RawValue | None) -> None:
        """Take a signal: queue it, or record why not."""
        name = kind.card.name
        try:
            message, signed = self._opened(kind, raw)
        except Unreadable as fault:
            self.reject(name, str(fault), confidential=fault.confidential)
            return
        reason = refused_as_signal(message)
        if reason is not None:
            self.reject(name, reason[:MAX_REASON])
            return
        self.items.append(Item(message, signed=signed))

    def validate_update(self, kind: type[Message], raw: RawValue | None) -> None:
        """Refuse an update that can't be applied, before it enters history.

        One that was applied before is let through, to be answered as it was then: whatever it
        holds, and whatever would be said of it now.
        """
        try:
            if self.answered_before(kind.card.name, _update_id()) is not None:
                return
            message, signed = self._opened(kind, raw)
            if signed is not None:
                used_up(self.used_stamps, signed, self.now, self.stamps_hold_for())
        except (Unreadable, UpdateIdTaken, BadStamp) as fault:
            raise refusal(str(fault)) from None
        reason = refused_at_the_door(message) or self.check(message, signed)
        if reason is not None:
            raise refusal(reason)

    async def take_update(self, kind: type[Message], raw: RawValue | None) -> A:
        """Take an update: queue it, and answer once its turn has come."""
        answer = self.answered_before(kind.card.name, _update_id())
        if answer is not None:
            return answer
        try:
            message, signed = self._opened(kind, raw)
        except Unreadable as fault:  # its validator, asked before, lets no such one through
            raise refusal(str(fault)) from None
        item: Item[A] = Item(message, _update_id(), signed)
        self.items.append(item)
        await workflow.wait_condition(lambda: item.answered)
        if item.answer is None:
            raise refusal(item.refusal or "was not applied")
        return item.answer


def _update_id() -> str:
    """Return the id of the update that is being handled."""
    info = workflow.current_update_info()
    assert info is not None, "asked for the id of an update while none is handled"
    return info.id


def refusal(reason: str) -> ApplicationError:
    """Return the error an update's sender sees."""
    return ApplicationError(reason[:MAX_REASON], type=REFUSED, non_retryable=True)


def parsed(kind: type[M], raw: RawValue | None) -> M:
    """Return the message in a payload.

    Raises:
        Unreadable: there is none, it is not JSON, or it breaks the contract.
    """
    data = raw.payload.data if raw is not None else b""
    if raw is not None and is_unreadable(raw.payload.metadata):
        raise Unreadable(CLOSED)
    if not data:
        raise Unreadable(f"the message is empty; send JSON such as {kind.card.example}")
    try:
        return kind.model_validate_json(data)
    except ValidationError as error:
        fields = {fault["loc"][:1] for fault in error.errors(include_input=False)}
        raise Unreadable(
            "; ".join(faults_of(error))[:MAX_REASON], confidential=("hidden",) in fields
        ) from None
    except Exception as error:  # noqa: BLE001 - a fault in a validator of ours fails no task
        raise Unreadable(f"can't be read ({type(error).__name__})") from None


W = TypeVar("W", bound=type[Inbox[Any]])
F = TypeVar("F", bound=Callable[..., Any])


def takes_messages(cls: W) -> W:
    """Give a workflow class a signal and an update handler for each of its messages.

    The handlers take exactly one optional raw value: whatever is sent reaches them.
    """
    for name, kind in cls.messages.items():
        setattr(cls, f"signal_{name}", _signal_handler(kind))
        setattr(cls, f"update_{name}", _update_handler(kind))
    return cls


def _description(kind: type[Message]) -> str:
    return f"{kind.card.purpose} {kind.card.advice}"


def description_of(kind: type[Message], say: Wording) -> str:
    """Return what the dialogs of the Temporal UI say of a message: what for, and an example."""
    card = kind.card
    dated = f" ({say('page.dated')})" if card.dated else ""
    return f"{say.sentence(card.purpose)} {card.example}{dated}"


def _signal_handler(kind: type[Message]) -> Callable[..., None]:
    def take(self: Inbox[Any], raw: RawValue = cast(RawValue, None)) -> None:
        self.take_signal(kind, raw)

    signal = workflow.signal(name=kind.card.name, description=_description(kind))
    return signal(_as_method(take))


def _update_handler(kind: type[Message]) -> Any:
    async def take(self: Inbox[Any], raw: RawValue = cast(RawValue, None)) -> Any:
        return await self.take_update(kind, raw)

    def validate(self: Inbox[Any], raw: RawValue = cast(RawValue, None)) -> None:
        self.validate_update(kind, raw)

    update = workflow.update(name=kind.card.name, description=_description(kind))
    handler = update(_as_method(take))
    handler.validator(_as_method(validate))
    return handler


def _as_method(function: F) -> F:
    """Drop the type of ``self``: the SDK counts an annotated one among the arguments."""
    del function.__annotations__["self"]
    return function
