"""How a membership decides: a decision is made by rule, recorded, and gone on from."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from temporalio import workflow
from temporalio.exceptions import FailureError

# Modules by their full names: `from workflows import` loads them anew for each instance.
import workflows.shared.options as options
from activities.declarations.forwarding import ForwardingActivities
from activities.declarations.membership import PersistenceActivities
from schemas.membership.decision import (
    Decision,
    DecisionReceipt,
    Forwarding,
    PaymentReceipt,
    SenderCheck,
)
from schemas.membership.messages import MESSAGES, Answer
from schemas.membership.stored import StoredMembership
from schemas.pricing.rulebook import Rulebook
from schemas.secrecy.contracts import tells
from schemas.shared.vocabulary import Event
from workflows.membership.decisions import review
from workflows.membership.decisions.boundary import Undecidable, decidable
from workflows.membership.decisions.payments import allocated
from workflows.membership.decisions.step import Forwarded, Moment, Refused, Step
from workflows.membership.intake import unknown
from workflows.membership.outbox import Outbox
from workflows.membership.record import MembershipRecord, Review
from workflows.membership.recording import AppliedBefore, confirmed, decision_of, recorded
from workflows.membership.remembering import remembered
from workflows.membership.renewal import Renewal, this_run
from workflows.membership.restoring import restored, untold
from workflows.shared.calls import on_database, read_on_database
from workflows.shared.inbox import Inbox, Item
from workflows.shared.signed import named_instead

Made = TypeVar("Made")

Incoming = Item[Answer]
"""A message to a membership that waits for its turn."""


def signed_by(item: Incoming | None, decision: Decision) -> Decision:
    """Return a decision with the stamp of the message it answers: the database looks into it."""
    if item is None or item.signed is None:
        return decision
    named = named_instead(item.message, item.signed.claims)
    return decision.model_copy(update={"stamp": item.signed.stamp, "named": named})


class TakenOver(Exception):
    """The log had gone on without this run, which goes on from there: look again what is due."""


class Deciding(Inbox[Answer]):
    """A membership as far as it decides."""

    messages = MESSAGES
    never_fails = True

    def __init__(self) -> None:
        """Begin with an empty record: messages may arrive before ``run`` does."""
        super().__init__()
        now = workflow.now()
        self._record = MembershipRecord(
            membership_id=workflow.info().workflow_id, received_at=now, review=Review(since=now)
        )
        self._outbox = Outbox(lambda: self._record.membership_id)
        self._renewal = Renewal(lambda: self.heard_plain)
        self._deciding = False

    async def _decide(
        self,
        make: Callable[[MembershipRecord], Step],
        now: Moment,
        item: Incoming | None = None,
    ) -> str:
        """Make a decision, record it, go on from what was recorded, and say what was decided.

        One that changes nothing is not recorded.

        Raises:
            Refused: nothing was recorded, for this reason.
            TakenOver: nor because the membership has come further than this run knows.
            AppliedBefore: nor because the update that asks for it was applied before.
        """
        self._deciding = True
        try:
            step, receipt = await self._have_recorded(make, now, item)
            if receipt is None:
                self._become(step.record)
                return step.says
            if receipt.duplicate_of is not None:
                step = self._stopped_as_duplicate(step, receipt.duplicate_of)
                receipt = await self._record_decision(step, now, item)
            if receipt.died_as is not None:
                self._record = self._record.model_copy(update={"died_as": receipt.died_as})
            step = confirmed(step, receipt)
            self._become(recorded(step, receipt, now))
            if receipt.hands_over:
                self._hand_over()
            self._outbox.order(bool(step.letters))
            return step.says
        finally:
            self._deciding = False

    def _hand_over(self) -> None:
        """Have another run go on as soon as may be, whatever the mail server does (ADR 75)."""
        self._renewal.hands_over = True
        self._outbox.leave()

    async def _have_recorded(
        self, make: Callable[[MembershipRecord], Step], now: Moment, item: Incoming | None
    ) -> tuple[Step, DecisionReceipt | None]:
        """Make a decision and have it recorded; without a receipt there was nothing to record.

        One made by an outdated rulebook is made again with the new one, and one that bills what the
        person was charged for under another membership without that (invariant 10). Where the log
        has gone on without this run, a message is applied on top of what stands there. Older
        persistence knows no outcomes of a payment: it says where the money goes, and is asked again
        for that place.

        Raises:
            TakenOver: the log has gone on, and nobody has asked for this decision.
        """
        elsewhere: PaymentReceipt | None = None
        while True:
            step = await self._make(make)
            if step.empty:
                await self._check_sender(item)
                return step, None
            if elsewhere is not None:
                step = allocated(step, elsewhere)
            if step.forwards is not None:
                await self._forward(step.forwards, item)
            receipt = await self._record_decision(step, now, item)
            if receipt.overtaken:
                await self._take_over()
                self._check_still_asked(item)
            elif receipt.rulebook is not None:
                self._take_up(receipt.rulebook)
            elif receipt.charged:
                charged = (*self._record.charged_elsewhere, *receipt.charged)
                self._record = self._record.model_copy(update={"charged_elsewhere": charged})
            elif receipt.payment is not None and receipt.payment.otherwise:
                elsewhere = receipt.payment
            else:
                return step, receipt

    async def _check_sender(self, item: Incoming | None) -> None:
        """Refuse a message of nobody's also where it changes nothing; older code answered it.

        Raises:
            Refused: nobody who is believed has sent it.
        """
        if item is None or not workflow.patched("asks-who-changes-nothing"):
            return
        why = await on_database(
            ForwardingActivities.check_sender,
            SenderCheck(
                membership_id=self._record.membership_id, message=item.name, stamp=item.stamp
            ),
            summary=f"who sent it: {item.name}",
            timeout=options.PERSISTENCE_TIMEOUT,
        )
        if why is not None:
            raise Refused(why)

    async def _take_over(self) -> None:
        """Go on from what PostgreSQL has of the membership, which is more than this run knows."""
        workflow.logger.warning("membership.overtaken", extra={"number": self._record.decisions})
        stored = await self._load()
        if stored is None:
            self._become(unknown(self._record))
            return
        self._become(restored(stored, self._record.version, workflow.now()))
        self._hear_of(stored)

    def _check_still_asked(self, item: Incoming | None) -> None:
        """Leave a decision that nobody has asked for as the membership stands now.

        Raises:
            TakenOver: a deadline or a report led to it: it is looked anew what is due.
            AppliedBefore: the log has what the update asks for.
            Refused: nothing of the membership is left.
        """
        if item is None:
            raise TakenOver
        applied = self._record.applied_under(item.update_id) if item.update_id else None
        if applied is not None:
            raise AppliedBefore(applied)
        if self._record.faults and self._record.member_number is None:
            raise Refused(f"the membership has ended: {self._record.outcome}")

    async def _load(self) -> StoredMembership | None:
        return await on_database(
            PersistenceActivities.load_membership,
            self._record.membership_id,
            summary="read what stands in the log",
            timeout=options.PERSISTENCE_TIMEOUT,
        )

    def _hear_of(self, stored: StoredMembership) -> None:
        """Have the letters sent that wait, and hear of those that have come back."""
        self._outbox.order(True)
        report = untold(stored.letters)
        if report is not None:
            self._outbox.reports.append(report)

    async def _forward(self, word: Forwarded, item: Incoming | None) -> None:
        """Tell another membership of the person what was decided about it.

        In the name of who has signed the message that asks for it, an activity tells it: it holds
        the key that a workflow does not.

        Raises:
            Refused: there is none that could be told.
        """
        if item is not None and item.signed is not None:
            why = await on_database(
                ForwardingActivities.forward_message,
                Forwarding(
                    membership_id=self._record.membership_id,
                    message=item.name,
                    stamp=item.signed.stamp,
                    to=word.membership_id,
                    told=word.message.card.name,
                    data=word.message.model_dump(mode="json", exclude_none=True),
                ),
                summary=f"forward: {word.message.card.name}",
                timeout=options.PERSISTENCE_TIMEOUT,
            )
            if why is not None:
                raise Refused(why)
            return
        other = workflow.get_external_workflow_handle(word.membership_id)
        said = word.message.model_dump(mode="json", exclude_none=True)
        try:
            await other.signal(word.message.card.name, said)
        except FailureError:
            raise Refused("the membership it is about can't be told: look for it") from None

    async def _make(self, make: Callable[[MembershipRecord], Made]) -> Made:
        """Decide; what can't be decided is tried once more by the rulebook as it stands now.

        Raises:
            Refused: it can't, for this reason.
        """
        try:
            with decidable():
                return make(self._record)
        except Undecidable as why:
            workflow.logger.warning("decision.undecidable", extra={"why": str(why)})
        await self._read_rulebook()
        with decidable():
            return make(self._record)

    def _become(self, record: MembershipRecord) -> None:
        """Go on from a new record; a message may have been rejected while it was being made."""
        rejections = {
            "rejected": self._record.rejected,
            "rejected_count": self._record.rejected_count,
            "rejected_seen": self._record.rejected_seen,
        }
        self._record = record.model_copy(update=rejections)

    async def _record_decision(
        self, step: Step, now: Moment, item: Incoming | None
    ) -> DecisionReceipt:
        applies = remembered(item, step.record.stage, step.says) if item is not None else None
        with decidable():
            decision = signed_by(item, decision_of(step, self._record, now, applies))
        if item is not None and tells(item.message):
            decision = decision.model_copy(update={"runs": this_run(self._record)})
        return await on_database(
            PersistenceActivities.record_decision,
            decision,
            summary=f"record: {step.event}",
            timeout=options.PERSISTENCE_TIMEOUT,
        )

    def _stopped_as_duplicate(self, step: Step, other: str) -> Step:
        """An approval ends as a duplicate; a correction can't make a member somebody else."""
        if step.event is Event.APPLICATION_APPROVED:
            stopped = review.duplicate(self._record, step.decided_by, other)
            return replace(stopped, message=step.message)
        if step.event is Event.MEMBERSHIP_REOPENED:
            raise Refused(f"the person is a member by now, as {other}: there can't be two")
        if step.event is not Event.INFORMATION_SUPPLIED:
            raise Refused("can't be recorded as it stands: ask a caseworker")
        return replace(review.hold_correction(self._record, step, other), message=step.message)

    async def _read_rulebook(self) -> None:
        rulebook = await read_on_database(
            PersistenceActivities.read_rulebook,
            summary="read the rulebook anew",
        )
        self._take_up(rulebook)

    def _take_up(self, rulebook: Rulebook) -> None:
        """Go by another rulebook; runs of old planned by its prices with the next decision."""
        before, record = self._record, self._record.with_prices(rulebook)
        if record.terms != before.terms and not workflow.patched("prices-taken-up"):
            record = record.model_copy(update={"terms": before.terms})
        self._record = record
