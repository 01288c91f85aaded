"""How a membership answers messages: each ends as applied, or as refused with its reason."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from temporalio import workflow

from schemas.access.roles import AccessRole
from schemas.access.stamps import BadStamp, Signed, UsedStamp, used_up
from schemas.membership.decision import Applied
from schemas.membership.messages import Answer
from schemas.membership.messages.changes import SetHidden, WithdrawChange
from schemas.membership.messages.leaving import (
    RecordDeath,
    ReportArrears,
    RequestErasure,
    Resign,
)
from schemas.membership.state import Rejected
from schemas.privacy.erasure import Basis, ErasureOrder
from schemas.shared.messages import Message
from schemas.shared.vocabulary import Stage
from workflows.membership.deciding import Deciding, Incoming
from workflows.membership.decisions import dispatch
from workflows.membership.decisions.boundary import Undecidable, decidable
from workflows.membership.decisions.step import Moment, Refused
from workflows.membership.decisions.work_questions import asks_about_work
from workflows.membership.postponing import taken_up
from workflows.membership.record import KEPT_UPDATES
from workflows.membership.recording import AppliedBefore
from workflows.membership.remembering import answer_again, remembered
from workflows.membership.renewal import KEPT_LINES
from workflows.privacy.starting import start_erasure
from workflows.shared.inbox import UpdateIdTaken
from workflows.shared.signed import in_the_name_of, sent_by_no_person, told_apart

IN_REVIEW = frozenset({Stage.UNDER_REVIEW, Stage.AWAITING_INFORMATION})

KEPT_REJECTIONS = KEPT_LINES
"""The ``state`` query lists the latest; history and the search attribute know of all."""


class Answering(Deciding):
    """A membership as far as it takes messages, one at a time."""

    def _show(self) -> None:
        """Bring what others see up to date with the record."""
        raise NotImplementedError

    async def _answer(self, item: Incoming, now: Moment) -> None:
        """Apply one message, or refuse it with its reason.

        An update that was applied before is answered as it was then.
        """
        try:
            item.answer = self._answered(item)
            if item.answer is not None:
                return
            now = self._used(item, now)
            message = self._as_understood(in_the_name_of(item.message, now.by))
            with decidable():
                fresh = dispatch.needs_fresh_rulebook(self._record, message)
            if fresh:
                await self._read_rulebook()
            self._check_once_refused(message)
            self._learn_to_ask(message)
            self._learn_to_wait(message)
            says = await self._decide(
                lambda record: dispatch.answer(record, message, now), now, item
            )
            if isinstance(message, RequestErasure):
                await self._have_erased(now.by.name if now.by else message.requested_by)
            item.answer = Answer(applied=True, stage=self._record.stage, says=says)
            self._remember(remembered(item, self._record.stage, says))
        except AppliedBefore as before:
            self._answer_again(item, before.applied)
        except (Refused, UpdateIdTaken) as refused:
            self._refuse(item, refused)
        self._record = taken_up(self._record)

    async def _have_erased(self, requested_by: str) -> None:
        """Start the erasure of this membership, which waits until it is over."""
        order = ErasureOrder(
            whose=self._record.membership_id, requested_by=requested_by, basis=Basis.REQUEST
        )
        await start_erasure(order)

    def _used(self, item: Incoming, now: Moment) -> Moment:
        """Use up the stamp of a message, and return the moment with who has sent it."""
        if item.signed is None:
            return now
        try:
            stamps = used_up(
                self._record.stamps, item.signed, now.at, self.stamps_hold_for(), told_apart
            )
        except BadStamp as why:
            raise Refused(str(why)) from None
        self._record = self._record.model_copy(update={"stamps": stamps})
        by = item.signed.claims
        lifts = isinstance(item.message, SetHidden | WithdrawChange)
        return replace(now, by=by, no_person=lifts and sent_by_no_person(by))

    @property
    def now(self) -> datetime:
        """Return the time by the workflow's clock."""
        return workflow.now()

    @property
    def used_stamps(self) -> tuple[UsedStamp, ...]:
        """Return the stamps that have come and not expired."""
        return self._record.stamps

    def stamps_hold_for(self) -> timedelta:
        """Return how long after it was stamped a message is still taken: a policy says so."""
        with suppress(Undecidable), decidable():
            if self._record.rulebook is not None:
                policies = self._record.book.policies_on(Moment(workflow.now()).today)
                return timedelta(hours=policies.stamp_valid_hours)
        return super().stamps_hold_for()

    def _answered(self, item: Incoming) -> Answer | None:
        return self.answered_before(item.name, item.update_id) if item.update_id else None

    def _remember(self, applied: Applied | None) -> None:
        """Keep what an update was answered: under its id it counts once."""
        if applied is not None:
            self._record = self._record.model_copy(
                update={"applied": (*self._record.applied, applied)[-KEPT_UPDATES:]}
            )

    def _answer_again(self, item: Incoming, applied: Applied) -> None:
        """Answer an update that only the database remembered, and remember it again."""
        self._remember(applied)
        try:
            item.answer = answer_again(applied, item.name, item.update_id or "")
        except UpdateIdTaken as taken:
            self._refuse(item, taken)

    def _refuse(self, item: Incoming, why: Refused | UpdateIdTaken) -> None:
        item.refusal = str(why)
        self.reject(item.name, item.refusal, confidential=why.confidential)

    def answered_before(self, name: str, update_id: str) -> Answer | None:
        """Return what an update was answered when it was applied.

        Raises:
            UpdateIdTaken: something else was applied under its id.
        """
        applied = self._record.applied_under(update_id)
        return answer_again(applied, name, update_id) if applied is not None else None

    def _check_once_refused(self, message: Message) -> None:
        """Refuse again what a history of older code has no decision for.

        Raises:
            Refused: hiding before the approval, where it was not possible yet.
        """
        early = isinstance(message, SetHidden) and self._record.stage in IN_REVIEW
        if early and not workflow.patched("hidden-before-approval"):
            raise Refused("the application has not been approved yet", confidential=True)

    def _as_understood(self, message: Message) -> Message:
        """Return a message as a history of older code took it: there a death needed no number."""
        number = self._record.member_number
        unsure = isinstance(message, RecordDeath) and message.member_number is None
        if unsure and number is not None and not workflow.patched("death-confirmed"):
            return message.model_copy(update={"member_number": number})
        return message

    def _learn_to_ask(self, message: Message) -> None:
        """Ask where an employer or work is missing; a history of older code did not."""
        learns = not self._record.asks_about_work and asks_about_work(self._record, message)
        if learns and workflow.patched("asks-about-work"):
            self._record = self._record.model_copy(update={"asks_about_work": True})

    def _learn_to_wait(self, message: Message) -> None:
        """Stay open for corrections once it ends; a history of older code was not. L9, A31."""
        ends = isinstance(message, Resign | ReportArrears)
        learns = ends and not self._record.open_for_corrections
        if learns and workflow.patched("open-for-corrections"):
            self._record = self._record.model_copy(update={"open_for_corrections": True})

    def check(self, message: Message, signed: Signed | None) -> str | None:
        """Return why an update would be refused now; None too while that can't be foreseen."""
        by = signed.claims if signed is not None else None
        message = in_the_name_of(message, by)
        if self._deciding or self.items or self._record.rulebook is None:
            return None
        try:
            with decidable():
                if not dispatch.needs_fresh_rulebook(self._record, message):
                    no_person = by is not None and by.roles <= {AccessRole.SYSTEM}
                    moment = Moment(workflow.now(), by, no_person=no_person)
                    dispatch.answer(self._record, message, moment)
        except Undecidable:
            return None  # the rulebook is read anew before it is refused
        except Refused as refused:
            return str(refused)
        return None

    def reject(self, name: str, reason: str, *, confidential: bool = False) -> None:
        """Record a message that was not applied: in ``state``, on the page, as an attribute."""
        rejected = Rejected(
            name=name[:80],
            at=workflow.now(),
            reason=reason,
            confidential=confidential or name == SetHidden.card.name,
        )
        self._record = self._record.model_copy(
            update={
                "rejected": (*self._record.rejected, rejected)[-KEPT_REJECTIONS:],
                "rejected_count": self._record.rejected_count + 1,
            }
        )
        self._show()
