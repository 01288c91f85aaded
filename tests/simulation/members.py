"""Members that are led by the real decisions, on the real database, with a clock of their own."""

import json
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from activities.membership.activities import Persistence
from activities.shared.errors import DatabaseRefused
from schemas.membership.application import Application
from schemas.membership.decision import DecisionReceipt, DeliveryReport, Intake
from schemas.membership.messages import MESSAGES
from schemas.pricing.rulebook import Rulebook
from schemas.shared.vocabulary import Event, PayrollStatus, Stage, Template
from tests.simulation.model import Fact, Known, Life
from tests.simulation.stories import Story, Told
from workflows.membership import intake
from workflows.membership.deadlines import Deadline, deadlines
from workflows.membership.decisions import dispatch, review
from workflows.membership.decisions.payments import allocated
from workflows.membership.decisions.step import Letters, Moment, Refused, Step
from workflows.membership.record import MembershipRecord, Review
from workflows.membership.recording import AppliedBefore, confirmed, decision_of, recorded

Made = TypeVar("Made")

OSLO = ZoneInfo("Europe/Oslo")
ATTEMPTS = 5
"""Of a decision whose transaction PostgreSQL gave up for another's; Temporal would go on trying."""

NOTICES = (Template.WELCOME, Template.INSURANCE_WINDOW)


def moment(day: date, hour: int = 12) -> Moment:
    """Return an hour of a day in Oslo."""
    return Moment(datetime.combine(day, time(hour), OSLO))


async def tried(work: Callable[[], Awaitable[Made]]) -> Made:
    """Do something again whose transaction PostgreSQL gave up in favour of another."""
    for _ in range(ATTEMPTS - 1):
        try:
            return await work()
        except DatabaseRefused as why:
            if not str(why).startswith("DeadlockDetectedError"):
                raise
    return await work()


@dataclass
class Member:
    """A membership under way: its record, what is going to be told, what has become of it.

    Attributes:
        known: what the model is told of; None until the approval.
        heard: every message with what became of it.
        due: what comes of itself, such as an employer's answer.
        changed: something was taken in since it was last looked at.
    """

    story: Story
    persistence: Persistence
    record: MembershipRecord
    known: Known | None = None
    life: Life | None = None
    heard: list[str] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    posted: list[str] = field(default_factory=list)
    changed: bool = False
    asked_on: date | None = None
    _looked_at: MembershipRecord | None = None
    _running: list[Deadline] = field(default_factory=list)
    applied: int = 0
    refused: int = 0
    now: Moment = field(default_factory=lambda: moment(date(2027, 1, 1)))

    @classmethod
    def of(cls, story: Story, persistence: Persistence) -> "Member":
        """Return somebody who has not applied yet."""
        at = moment(story.applied_on, 9).at
        record = MembershipRecord(
            version=4,
            membership_id=story.membership_id,
            received_at=at,
            review=Review(since=at),
            asks_about_work=True,
        )
        approved = story.applied_on + timedelta(days=1)
        approve = {"decision": "approve", "caseworker": "ola", **story.approval}
        first = Told(approved, "decide_application", approve)
        told = sorted((first, *story.told), key=lambda one: one.day)
        return cls(story, persistence, record, told=list(told))

    async def live_until(self, after: date) -> None:
        """Let everything happen that falls before a day, in order of time."""
        if self.record.decisions == 0:
            if self.story.applied_on >= after:
                return
            await self._apply()
        while True:
            if self.record is not self._looked_at:
                self._looked_at, self._running = self.record, deadlines(self.record)
            running = self._running
            day = running[0].last_day + timedelta(days=1) if running else date.max
            if self.told and self.told[0].day < min(day, after):
                await self._hear(self.told.pop(0))
            elif day < after:
                await self._pass(running[0].name, Moment(running[0].due_at))
            else:
                return
            await self._deliver()
            self._answer_as_employer()

    async def _apply(self) -> None:
        application = Application.model_validate_json(_json(self.story.form))
        letters = Letters.of(self.record).member(Template.APPLICATION_RECEIVED)
        kept = Intake(
            membership_id=self.record.membership_id,
            received_at=self.record.received_at,
            received_on=self.story.applied_on,
            application=application,
            text="",
            letters=letters.to_caseworkers("review").done(),
        )
        receipt = await tried(lambda: self.persistence.receive_application(kept))
        assert receipt.faults == (), receipt.faults
        self.record = intake.received(self.record, kept, receipt)

    async def _pass(self, name: str, now: Moment) -> None:
        await self._decide(lambda record: dispatch.AFTER[name](record, now), now)

    async def _hear(self, told: Told) -> None:
        """Take in one message, or refuse it with its reason."""
        now = moment(told.day)
        said = dict(told.said)
        if told.name == "record_death" and self.record.member_number:
            said.setdefault("member_number", self.record.member_number)
        message = MESSAGES[told.name].model_validate_json(_json(said))
        since = self.record.member_since
        try:
            if dispatch.needs_fresh_rulebook(self.record, message):
                self._take_up(await self.persistence.read_rulebook())
            await self._decide(lambda record: dispatch.answer(record, message, now), now)
        except Refused as why:
            if not str(why):
                raise AssertionError("refused without a reason") from why
            self.refused += 1
            self.heard.append(f"{told}  refused: {why}")
            return
        self.applied += 1
        self.heard.append(f"{told}  applied")
        if since is None and self.record.member_since is not None:
            self._begin(told.day)
        elif self.known is not None:
            self._note(Fact(told.day, told.name, said))

    def _note(self, fact: Fact) -> None:
        assert self.known is not None
        self.known.facts.append(fact)
        self.changed = True

    def _begin(self, day: date) -> None:
        form, job = self.story.form, self.story.form.get("employment")
        self.known = Known(
            born=date.fromisoformat(form["applicant"]["birth_date"]),
            since=day,
            category=self.story.approval["category"],
            percent=float(job["position_percent"]) if job else None,
            branch=self.story.approval.get("branch"),
            hidden=bool(form.get("hidden")),
            pension="pension" in form,
            reserved=bool(form.get("insurance_reservation")),
        )
        self.changed = True

    async def _decide(self, make: Callable[[MembershipRecord], Step], now: Moment) -> None:
        """Decide, have it recorded, and go on from there, as ``Membership`` does.

        Raises:
            Refused: nothing was recorded, for this reason.
        """
        elsewhere = None
        while True:
            step = make(self.record)
            if step.empty:
                self.record = step.record
                return
            if elsewhere is not None:
                step = allocated(step, elsewhere)
            receipt = await self._record(step, now)
            assert not receipt.overtaken
            if receipt.rulebook is not None:
                self._take_up(receipt.rulebook)
            elif receipt.charged:
                charged = (*self.record.charged_elsewhere, *receipt.charged)
                self.record = self.record.model_copy(update={"charged_elsewhere": charged})
            elif receipt.payment is not None and receipt.payment.otherwise:
                elsewhere = receipt.payment
            else:
                break
        if receipt.duplicate_of is not None:
            assert step.event is Event.APPLICATION_APPROVED
            step = review.duplicate(self.record, step.decided_by, receipt.duplicate_of)
            receipt = await self._record(step, now)
        self._become(step, receipt, now)

    async def _record(self, step: Step, now: Moment) -> DecisionReceipt:
        decision = decision_of(step, self.record, now)
        return await tried(lambda: self.persistence.record_decision(decision))

    def _become(self, step: Step, receipt: DecisionReceipt, now: Moment) -> None:
        try:
            step = confirmed(step, receipt)
        except AppliedBefore as before:
            raise AssertionError(before) from None
        self.record = recorded(step, receipt, now)
        if self.record.stage is Stage.ENDED:
            lingers = self.record.open_until is not None
            self.record = self.record.model_copy(update={"lingers": lingers, "hears_late": lingers})
        self.posted += [letter.key for letter in step.letters]
        self.now = now

    def _take_up(self, rulebook: Rulebook) -> None:
        self.record = self.record.with_prices(rulebook)

    async def _deliver(self) -> None:
        """Let the letters go out that a decision has ordered: the same day, and all arrive."""
        while self.posted:
            report, self.posted = DeliveryReport(sent=tuple(self.posted)), []
            now = self.now
            proves = bool(report.of(report.sent, *NOTICES))
            self.record = dispatch.delivered(self.record, report, now)
            if proves and self.known is not None:
                self._note(Fact(now.today, "noticed", {}))
            for deadline in deadlines(self.record):
                if deadline.due_at <= now.at:
                    await self._pass(deadline.name, now)
                    break

    def _answer_as_employer(self) -> None:
        """Let the employer answer who has been asked to deduct: by chance of the life's seed."""
        payroll = self.record.payroll
        if payroll.status is not PayrollStatus.REQUESTED or payroll.requested_on is None:
            return
        if payroll.requested_on == self.asked_on:
            return
        self.asked_on = payroll.requested_on
        chance = random.Random(f"{self.story.seed}/{self.asked_on}")
        answer = chance.choices(("accepted", "refused", None), (85, 8, 7))[0]
        if answer is not None:
            day = self.asked_on + timedelta(days=chance.randint(1, 25))
            self.told.append(Told(day, "answer_payroll_request", {"answer": answer}))
        if answer == "accepted" and chance.random() < 0.15:
            day = self.asked_on + timedelta(days=chance.randint(100, 1500))
            self.told.append(Told(day, "answer_payroll_request", {"answer": "stopped"}))
        self.told.sort(key=lambda one: one.day)

    def __str__(self) -> str:
        return f"{self.story.membership_id}\n" + "\n".join(self.heard)


def _json(value: Any) -> str:
    return json.dumps(value, default=str)
