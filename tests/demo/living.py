"""Lets the demo's people live by the pure decisions alone, from any moment on."""

import json
from datetime import datetime
from functools import lru_cache
from typing import Any

from schemas.membership.application import Application
from schemas.membership.decision import DeliveryReport, Intake, IntakeReceipt, Letter
from schemas.membership.eligibility import faults_in
from schemas.membership.messages import MESSAGES
from tests.builders import BOOK, MEMBERSHIP_ID, stand
from workers.demo.beginning import noon
from workers.demo.faults import Told, faults
from workers.demo.play import message_of, stop_of
from workers.demo.scenes import CASEWORKERS, MEMBER, PayFirstInvoice, Person
from workflows.membership import intake
from workflows.membership.deadlines import FOR_LIFE, deadlines
from workflows.membership.decisions import dispatch, review
from workflows.membership.decisions.step import Moment, Step
from workflows.membership.record import MembershipRecord, Review
from workflows.membership.state import state_of


class Living:
    """One person's membership, driven scene by scene; whatever is ordered arrives at once."""

    def __init__(self, person: Person, begins: datetime) -> None:
        self._person = person
        self._letters: list[Told] = []
        self._now = Moment(begins)
        empty = MembershipRecord(
            version=FOR_LIFE,
            membership_id=MEMBERSHIP_ID,
            received_at=begins,
            review=Review(since=begins),
        )
        form, today = _read(json.dumps(person.application)), self._now.today
        kept = Intake(
            membership_id=MEMBERSHIP_ID,
            received_at=begins,
            received_on=today,
            application=form,
            text="",
        )
        broken = tuple(map(str, faults_in(form, BOOK, today)))
        self._form = form
        self._record = intake.received(empty, kept, IntakeReceipt(rulebook=BOOK, faults=broken))
        self._letters += [Told(to, "application_received", today) for to in (MEMBER, CASEWORKERS)]

    def faults(self) -> list[str]:
        """Play every scene, and return where the life differs from its promise."""
        if self._record.faults:
            self._take(review.invalid(self._record, self._form))
        for scene in self._person.scenes:
            stop = stop_of(scene, self._now.today)
            if stop is not None:
                self._reach(noon(stop))
                continue
            state = self._state() if isinstance(scene, PayFirstInvoice) else {}
            name, data = message_of(scene, self._now.today, state)
            message = MESSAGES[name].model_validate_json(json.dumps(data))
            self._take(dispatch.answer(self._record, message, self._now))
            self._reach(self._now.at)
        log = [line.model_dump(mode="json") for line in self._record.log]
        return faults(self._person.promise, self._state(), log, self._letters)

    def _state(self) -> dict[str, Any]:
        return state_of(self._record).model_dump(mode="json")

    def _reach(self, moment: datetime) -> None:
        """Let time pass; each deadline is dealt with in its first moment, as by a timer."""
        while coming := deadlines(self._record):
            if coming[0].due_at > moment:
                break
            self._now = Moment(max(coming[0].due_at, self._now.at))
            self._take(dispatch.AFTER[coming[0].name](self._record, self._now))
        self._now = Moment(moment)

    def _take(self, step: Step) -> None:
        self._record = stand(step, self._now)
        self._deliver(step.letters)

    def _deliver(self, letters: tuple[Letter, ...]) -> None:
        report = DeliveryReport(sent=tuple(letter.key for letter in letters))
        self._record = dispatch.delivered(self._record, report, self._now)
        today = self._now.today
        self._letters += [Told(letter.audience, letter.template, today) for letter in letters]


@lru_cache
def _read(application: str) -> Application:
    """Return an application as it was sent; for a whole year it reads alike."""
    return Application.model_validate_json(application)
