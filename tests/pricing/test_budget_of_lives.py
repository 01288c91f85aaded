"""A budget against a year in which nobody does anything, by the decisions memberships make.

Everybody joins on 22 November 2026, and what is to come is told at once. Then only time passes.
"""

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from activities.dues.activities import Dues
from activities.membership.activities import Persistence
from activities.pricing.budget import budget
from schemas.membership.application import Application, Study
from schemas.membership.decision import DeliveryReport
from schemas.pricing.rulebook import Rulebook
from schemas.shared.base import Inbound
from schemas.shared.calendar import months_before
from schemas.shared.vocabulary import Category, LineKind
from tests.builders import TODAY, application, decide, moment, received
from tests.dues.making import charge
from tests.membership.decisions.lives import becomes, leave
from tests.membership.making import intake
from workflows.membership.deadlines import deadlines
from workflows.membership.decisions import dispatch
from workflows.membership.decisions.step import Moment, Step
from workflows.membership.record import MembershipRecord
from workflows.membership.recording import confirmed, decision_of, recorded

START = date(2026, 12, 1)
MONTHS = [months_before(START, -count) for count in range(14)]
PREMIUM = LineKind.INSURANCE_PREMIUM

STUDENT = application(Category.STUDENT)
assert STUDENT.study is not None

# Who joins, what is told at once, and for how many of the 14 months from December 2026 on a premium
# is charged: the window passes 30 days after the notice, and whole months are paid (A18, A21).
LIVES: dict[str, tuple[Application, tuple[Inbound, ...], int]] = {
    # Covered from 23 December: from January on.
    "window open": (application(), (), 13),
    "reserved": (application(insurance_reservation=True), (), 0),
    "hidden": (application(hidden=True), (), 13),
    # A leave that ends by itself waives no premium.
    "on leave": (application(), (leave(date(2027, 2, 1), date(2027, 4, 30)),), 13),
    # Turns 67 on 12 April 2027; the last coverage ends with the year (A17): January to December.
    "67": (application(birth_date=date(1960, 4, 12)), (), 12),
    # Whose study ends is asked, and stays a student meanwhile (S8, S17).
    "study ends": (
        STUDENT.model_copy(
            update={
                "study": Study.model_validate(
                    {**STUDENT.study.model_dump(), "ends_on": date(2027, 6, 30)}
                )
            }
        ),
        (),
        0,
    ),
    # Eligible on 1 August 2027: covered from the 32nd day, 1 September on: 5 months (S9, S10).
    "at work after the study": (
        STUDENT,
        (becomes(Category.ORDINARY, date(2027, 8, 1)),),
        5,
    ),
    # Paid from January to March 2027; eligible again on 10 August, covered from 10 September, paid
    # from October on: 3 + 4 (A39).
    "studies for a time": (
        application(),
        (
            becomes(Category.STUDENT, date(2027, 4, 1)),
            becomes(Category.ORDINARY, date(2027, 8, 10)),
        ),
        7,
    ),
    # 18 on 12 March 2027, covered from 12 April: from May on 9 months (A38).
    "comes of age": (application(birth_date=date(2009, 3, 12), employment=None), (), 9),
    # 18 in 2028 alone.
    "younger": (application(birth_date=date(2010, 5, 12), employment=None), (), 0),
    "apprentice": (application(Category.APPRENTICE), (), 0),
}


@dataclass
class Life:
    """A membership that is driven by its own decisions, each recorded in the database."""

    persistence: Persistence
    record: MembershipRecord

    async def take(self, step: Step, now: Moment) -> None:
        """Record a step, and let its letters go out on the day."""
        decision = decision_of(step, self.record, now)
        receipt = await self.persistence.record_decision(decision)
        assert receipt.recorded
        record = recorded(confirmed(step, receipt), receipt, now)
        told: dict[str, str] = {letter.key: letter.template for letter in step.letters}
        report = DeliveryReport(sent=tuple(told), templates=told)
        self.record = dispatch.delivered(record, report, now)

    async def live(self, until: date) -> None:
        """Let the days pass to the beginning of one."""
        while True:
            due = [one for one in deadlines(self.record) if one.due_at <= moment(until).at]
            if not due:
                return
            now = Moment(due[0].due_at)
            step = dispatch.AFTER[due[0].name](self.record, now)
            if step.empty:
                self.record = step.record
            else:
                await self.take(step, now)


async def joined(
    persistence: Persistence, book: Rulebook, form: Application, told: tuple[Inbound, ...]
) -> Life:
    """Let somebody join whom nobody knows, and tell what is to come."""
    member = f"membership-{uuid.uuid4()}"
    who = {"name": member, "email": f"{member}@example.org", "national_id": None}
    form = form.model_copy(update={"applicant": form.applicant.model_copy(update=who)})
    await persistence.receive_application(intake(member).model_copy(update={"application": form}))
    life = Life(persistence, received(form, book=book).model_copy(update={"membership_id": member}))
    for message in (decide(category=form.category), *told):
        await life.take(dispatch.answer(life.record, message, moment(TODAY)), moment(TODAY))
    return life


async def test_it_is_what_a_year_charges_in_which_nobody_does_anything(pool, persistence):
    """By month and kind, not an øre between them; and premiums for the months counted by hand."""
    book = await persistence.read_rulebook()
    lives = {
        name: await joined(persistence, book, form, told) for name, (form, told, _) in LIVES.items()
    }
    asked: dict[str, Any] = {"start": START, "months": len(MONTHS), "today": TODAY}
    found = await budget(pool, **asked)
    said: Counter[tuple[date, str]] = Counter()
    for line in found.lines:
        said[line.month, line.kind] += line.ore
    for month in MONTHS:
        for life in lives.values():
            await life.live(month)
        await charge(Dues(pool), f"{month:%Y-%m}")
    rows = await pool.fetch(
        "SELECT period_from, kind, sum(amount_ore)::bigint AS ore FROM charges"
        " WHERE period_from >= $1 GROUP BY period_from, kind",
        START,
    )
    charged = {(row["period_from"], row["kind"]): row["ore"] for row in rows}
    assert said == charged
    for name, (_, _, months) in LIVES.items():
        paid = await pool.fetchval(
            "SELECT count(*) FROM charges WHERE membership_id = $1 AND kind = $2",
            lives[name].record.membership_id,
            PREMIUM,
        )
        assert paid == months, name
