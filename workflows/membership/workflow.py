"""The life of one membership: it sleeps until something happens, decides by rule, goes on."""

import asyncio
from contextlib import suppress
from typing import cast

from temporalio import workflow
from temporalio.common import RawValue, VersioningBehavior

from activities.declarations.membership import PersistenceActivities
from schemas.desk.wording import Wording
from schemas.membership.decision import DeliveryReport, Intake
from schemas.membership.forecast import Forecast
from schemas.membership.preview import Asked, Preview
from schemas.membership.state import Explanation, MembershipState
from schemas.membership.stored import StoredMembership
from schemas.names import MESSAGES_SEEN, WorkflowType
from schemas.pricing.rulebook import Rulebook
from schemas.shared.vocabulary import Stage
from workflows.membership import intake
from workflows.membership.answering import Answering
from workflows.membership.attributes import Shown, changed_attributes, shown
from workflows.membership.deadlines import RESERVATION_WINDOW, Deadline
from workflows.membership.deciding import TakenOver
from workflows.membership.decisions import dispatch, review
from workflows.membership.decisions.boundary import Undecidable, decidable
from workflows.membership.decisions.insurance import cover_by_silence
from workflows.membership.decisions.opting_in import has_retired, must_opt_in
from workflows.membership.decisions.step import Moment, Refused, Step
from workflows.membership.explanation import explain
from workflows.membership.forecast import forecast
from workflows.membership.page import page_of
from workflows.membership.postponing import (
    REPORTS,
    decided,
    due_deadlines,
    passed,
    put_off,
    taken_up,
    tell,
    to_be_told,
)
from workflows.membership.preview import preview
from workflows.membership.record import MembershipRecord
from workflows.membership.renewal import is_continued, resumed, started_runs, version_begun
from workflows.membership.restoring import restored
from workflows.membership.start import (
    as_started,
    brought,
    can_lift_limit,
    faults_of_start,
    is_rebuilt,
    lift_limit,
    remove_foreign_attributes,
    wrongly_started,
)
from workflows.membership.state import state_of
from workflows.shared import options
from workflows.shared.alarm import NO_MOMENT, Alarm
from workflows.shared.calls import on_database
from workflows.shared.inbox import takes_messages


@workflow.defn(name=WorkflowType.MEMBERSHIP, versioning_behavior=VersioningBehavior.PINNED)
@takes_messages
class Membership(Answering):
    """One membership, from the application to its end."""

    bare_signals = (MESSAGES_SEEN,)

    def __init__(self) -> None:
        super().__init__()
        self._alarm = Alarm()
        self._shown: Shown = {}
        self._messages_seen = False

    @workflow.run
    async def run(self, application: RawValue = cast(RawValue, None)) -> MembershipState:
        """Live the membership, from the application until it has ended for good.

        Args:
            application: ``schemas.membership.application.Application`` as JSON; anything else ends
                as ``invalid`` with every fault named. A run that goes on from another gets that
                one's ``MembershipRecord`` instead, which nobody else can send; an import brings one
                whose rows stand in the database (``workflows.membership.start.brought``), and
                ``start.REBUILD`` has it go on from what stands there.

        Returns:
            The state it ended in.
        """
        if self._untouched and can_lift_limit():
            lift_limit(application)
        outbox = asyncio.create_task(self._outbox.work())
        await self._begin(application)
        while self._goes_on():
            await self._next()
        await self._close()
        outbox.cancel()
        return self.state()

    def _goes_on(self) -> bool:
        """Tell whether the membership goes on, or has ended and can still be reopened.

        A member's only: what an application was is told by another. Histories from before there
        was this have no mark of it, and end with the membership; nor do they wait for the word
        on a death that was reported.
        """
        record = self._record
        unsure = record.reported_death is not None and not record.keeps_report
        if unsure and workflow.patched("keeps-report"):
            record = record.model_copy(update={"keeps_report": True})
            self._record = record
        if record.stage is not Stage.ENDED:
            return True
        if not record.lingers and record.open_until is not None and workflow.patched("lingers"):
            self._record = record.model_copy(update={"lingers": True})
        self._hear_late_facts()
        return self._record.lingers

    def _hear_late_facts(self) -> None:
        record = self._record
        if record.lingers and not record.hears_late and workflow.patched("hears-late"):
            self._record = record.model_copy(update={"hears_late": True})

    @property
    def _untouched(self) -> bool:
        """Whether nothing came with the start that a run which ends at once would lose."""
        heard = self.items or self._record.rejected_count or self.argument_fault
        return not heard and workflow.all_handlers_finished()

    async def _begin(self, application: RawValue | None) -> None:
        """Receive the application, or go on from a record."""
        begun = as_started(application) if is_continued() else application
        if is_continued() and begun is None:
            self._resume(resumed(application, self._record))
        elif (record := brought(begun, self._record)) is not None:
            remove_foreign_attributes()
            self._resume(record)
        elif is_rebuilt(begun):
            await self._rebuild()
        else:
            await self._receive(begun)

    async def _rebuild(self) -> None:
        """Go on from what PostgreSQL has of the membership; where that is nothing, end."""
        self._shown = shown(workflow.info().typed_search_attributes)
        remove_foreign_attributes()
        stored = await self._load() if not faults_of_start() else None
        if stored is None:
            self._become(intake.unknown(self._record))
            return
        self._go_on_from(stored, version_begun())

    def _go_on_from(self, stored: StoredMembership, version: int) -> None:
        """Go on from what PostgreSQL has; messages may have been rejected meanwhile."""
        self._become(restored(stored, version, workflow.now()))
        self._renewal.resume(self._record)
        self._hear_of(stored)
        self._show()

    def _resume(self, record: MembershipRecord) -> None:
        """Go on from a record: the run before handed it over, or another system led it so far."""
        self._record = record.model_copy(update={"letters_wait": False})
        self._shown = shown(workflow.info().typed_search_attributes)
        self._renewal.resume(self._record)
        if self._messages_seen:  # told before the run had the record
            self._mark_seen()
        self._outbox.order(record.letters_wait)
        if record.sheds_memo:
            remove_foreign_attributes()
        self._show()

    async def _receive(self, application: RawValue | None) -> None:
        """Keep the application, tell the applicant and the caseworkers, or name its faults."""
        begun = {"version": version_begun(), "sheds_memo": bool(workflow.info().raw_memo)}
        self._record = self._record.model_copy(update=begun)
        self._shown = shown(workflow.info().typed_search_attributes)
        self._renewal.resume(self._record)
        remove_foreign_attributes()
        self._show()
        now, runs = workflow.now(), started_runs()
        read = intake.read(application, self.argument_fault, self._record, now, runs)
        read = intake.stamped(read, application, workflow.info().namespace)
        kept = wrongly_started(read, intake.text_of(application))
        receipt = await on_database(
            PersistenceActivities.receive_application,
            kept,
            summary="keep the application, look for duplicates",
            timeout=options.PERSISTENCE_TIMEOUT,
        )
        if receipt.kept_as == kept.membership_id:
            self._record = self._record.model_copy(update={"membership_id": receipt.kept_as})
        else:
            kept = read  # older code kept it, under whatever id
        if receipt.hands_over:
            self._hand_over()
        if receipt.overtaken and (stored := await self._load()) is not None:
            self._go_on_from(stored, self._record.version)
            return
        if receipt.taken:
            self._become(intake.taken(self._record))
            return
        self._become(intake.received(self._record, kept, receipt))
        self._outbox.order(bool(kept.letters) and not self._record.faults)
        if self._record.faults:
            await self._end_as_invalid(kept, Moment(workflow.now()))
        self._show()
        if self._renewal.hands_over and self._may_renew():
            self._renew()

    async def _end_as_invalid(self, kept: Intake, now: Moment) -> None:
        with suppress(TakenOver):
            try:
                await self._decide(lambda record: review.invalid(record, kept.application), now)
            except Undecidable:
                await self._decide(review.invalid_untold, now)

    async def _next(self) -> None:
        """Wait until something happens, and deal with it: deadlines first, then reports, mail.

        With nothing left to deal with, the run may end here and the next one go on.
        """
        await self._wait()
        now = Moment(workflow.now())
        again_at = self._record.postponed.again_at
        if again_at is not None and again_at <= now.at:
            self._record = taken_up(self._record)
        due = [d for d in due_deadlines(self._record) if d.due_at <= now.at]
        if due:
            await self._pass(due[0], now)
        elif self._reports:
            await self._take_in_report(self._outbox.reports.popleft(), now)
        elif self.items:
            await self._answer(self.items.popleft(), now)
        elif self._may_renew():
            self._renew()
        self._show()

    def _renew(self) -> None:
        """End the run in favour of the next, which sends the letters that this one leaves."""
        left = {"letters_wait": self._outbox.left}
        self._renewal.renew(self._record.model_copy(update=left))

    async def _wait(self) -> None:
        """Sleep until a message, a report, the next deadline or the end of the run."""
        running, again_at = due_deadlines(self._record), self._record.postponed.again_at
        moments = [(d.due_at, f"{d.name} after {d.last_day}") for d in running[:1]]
        if again_at is not None:
            moments.append((again_at, "what could not be decided is tried again"))
        self._alarm.set(*min([*moments, *self._renewal.moments(self._record)], default=NO_MOMENT))
        await workflow.wait_condition(lambda: self._mail or self._alarm.rung or self._may_renew())

    @property
    def _mail(self) -> bool:
        """Whether a message or a report waits to be dealt with."""
        return bool(self.items or self._reports)

    @property
    def _reports(self) -> bool:
        """Whether a report waits that has not been put off."""
        return bool(self._outbox.reports) and REPORTS not in self._record.postponed.names

    def _may_renew(self) -> bool:
        """Tell whether the run should end, and nothing would be lost by it."""
        waits = self.items or self._outbox.reports
        busy = waits or self._outbox.busy or not workflow.all_handlers_finished()
        return not busy and self._renewal.due(self._record)

    async def _pass(self, deadline: Deadline, now: Moment) -> None:
        """Let happen what a deadline brings, or put it off."""
        try:
            await self._decide(lambda record: self._passed(record, deadline.name, now), now)
        except TakenOver:
            return
        except Refused as why:
            await self._put_off(deadline.name, str(why), now)
        else:
            self._record = decided(self._record, deadline.name)

    def _passed(self, record: MembershipRecord, name: str, now: Moment) -> Step:
        """Return the step of a deadline; older code insured by silence whoever it was. A7, S19."""
        if name == RESERVATION_WINDOW and self._insured_by_older_code(record, now):
            return cover_by_silence(record, now)
        return passed(record, name, now)

    def _insured_by_older_code(self, record: MembershipRecord, now: Moment) -> bool:
        if must_opt_in(record, now):
            return not workflow.patched("apprentices-opt-in")
        return has_retired(record, now) and not workflow.patched("pensioners-without-window")

    async def _take_in_report(self, report: DeliveryReport, now: Moment) -> None:
        """Take in what became of the letters, or put it off."""
        try:
            self._record = await self._make(lambda r: dispatch.delivered(r, report, now))
            if dispatch.bounced(self._record, report) is not None:
                await self._decide(lambda r: cast(Step, dispatch.bounced(r, report)), now)
        except TakenOver:
            return  # what came back was heard of with all else
        except Refused as why:
            self._outbox.reports.appendleft(report)
            await self._put_off(REPORTS, str(why), now)
        else:
            self._record = decided(self._record, REPORTS)

    async def _put_off(self, name: str, why: str, now: Moment) -> None:
        """Have something that can't be decided wait, and make it a task once."""
        self._record = put_off(self._record, name, now)
        if to_be_told(self._record, name):
            with suppress(Undecidable, TakenOver):  # logged, and tried again tomorrow
                await self._decide(lambda record: tell(record, name, why), now)

    async def _close(self) -> None:
        """Send the last letters and answer every message before the membership is closed.

        What holds an application, or what somebody wrote, closes in favour of a run without it.
        """
        self._alarm.set(*NO_MOMENT)
        while True:
            await workflow.wait_condition(lambda: self._mail or not self._outbox.busy)
            if not self._mail:
                break
            await self._next()
        await workflow.wait_condition(workflow.all_handlers_finished)
        self._show()
        if self._renewal.hands_over and self._may_renew():
            self._renew()

    def _show(self) -> None:
        """Bring search attributes up to date with the record, once it is there."""
        if self._record.stage is Stage.RECEIVED and is_continued():
            return
        try:
            with decidable():
                updates, self._shown = changed_attributes(self._record, self._shown)
        except Undecidable:
            updates = []  # they are left as they are
        if updates:
            workflow.upsert_search_attributes(updates)

    @workflow.signal(
        name=MESSAGES_SEEN,
        description="The messages that were not applied have been seen: they leave the inbox.",
    )
    def messages_seen(self, _raw: RawValue = cast(RawValue, None)) -> None:
        """Take the messages that were not applied out of the inbox; the page keeps them."""
        self._messages_seen = True
        self._mark_seen()
        self._show()

    def _mark_seen(self) -> None:
        seen = {"rejected_seen": self._record.rejected_count}
        self._record = self._record.model_copy(update=seen)

    def page(self, say: Wording) -> str:
        """Return the page of the Temporal UI; drawn for whoever looks at it, and nobody else."""
        return page_of(self._record, say)

    @workflow.query(
        description="Where the membership stands: schemas.membership.state.MembershipState."
    )
    def state(self, rulebook: Rulebook | None = None) -> MembershipState:
        """Return where the membership stands."""
        return state_of(self._at_prices_of(rulebook))

    @workflow.query(description="Why this amount, why waiting, who decided, by which rule.")
    def explain(self, rulebook: Rulebook | None = None) -> Explanation:
        """Return every amount, wait and decision with what it rests on."""
        with decidable():
            return explain(self._at_prices_of(rulebook))

    @workflow.query(description="What will happen until 80 if nobody else does anything.")
    def forecast(self, rulebook: Rulebook | None = None) -> Forecast:
        """Return what the membership comes to by itself."""
        with decidable():
            return forecast(self._at_prices_of(rulebook), workflow.now())

    @workflow.query(description="What a message would come to if it came now; nothing is sent.")
    def preview(self, asked: Asked, rulebook: Rulebook | None = None) -> Preview:
        """Return what a message would come to: it is decided as it would be, and let go of."""
        now = Moment(max(workflow.now(), asked.at))
        return preview(self._at_prices_of(rulebook), asked, now)

    def _at_prices_of(self, rulebook: Rulebook | None) -> MembershipRecord:
        """Return the record as it is, or as it will be once it wakes and takes a rulebook up."""
        return self._record if rulebook is None else self._record.with_prices(rulebook)
