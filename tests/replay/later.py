"""What comes after the approval, told for the corpus: each message as a signal and as an update."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from functools import partial

import pytest

from schemas.shared.calendar import birthday
from tests.clock import today
from tests.life import PATIENCE_SECONDS, Json, Life, Refusal, synthetic_id
from tests.replay.town import Handle, Town

Recorded = dict[str, Handle]
"""The workflows of a story, by the name of the file each is recorded under."""

Story = Callable[[Town], Awaitable[Recorded]]

ACCEPTED = {"answer": "accepted"}
FJORD = {"employer_orgnr": "312345676", "employer_name": "Fjord Drift AS"}
APPROVE = {"decision": "approve", "caseworker": "ola"}
ASK = {"decision": "request_information", "caseworker": "ola", "reason": "Hvilken avdeling?"}
PHONE = {"information": "Nytt nummer", "applicant": {"phone": "+4798765432"}}
COVERED_AFTER = 32
"""Days after which the window is over and whoever did not reserve is covered (A21)."""


def born_before(today: date, years: int, days: int) -> Json:
    """Return the applicant who reaches an age in so many days."""
    born = str(birthday(today + timedelta(days=days), -years))
    return {"birth_date": born, "national_id": synthetic_id(born)}


async def ahead(life: Life, days: int) -> str:
    """Return the day so many days from now, by the membership's own clock; negative: ago."""
    return str(await life.today() + timedelta(days=days))


async def asked_by_signal(town: Town) -> Recorded:
    """Asked and answered by signals, one with a text that hides what it says; then withdrawn."""
    life = await town.hall.applies()
    await life.signal("decide_application", ASK)
    await life.signal("supply_information", {"information": "\u202eOslo"})
    await life.signal("supply_information", {"information": "Oslo"})
    await life.settle()
    await life.update("withdraw_application", {"reason": "Ombestemt meg"})
    await life.result()
    return {"asked_by_signal": life.handle}


async def another_job(town: Town) -> Recorded:
    """Half time, another employer, what is taken back, and a change told two months late."""
    life = await town.hall.joins(approved={"branch": "OSLO"})
    await life.signal("answer_payroll_request", ACCEPTED)
    await life.days(COVERED_AFTER)
    less = {"effective_on": await ahead(life, 0), "position_percent": "40"}
    await life.update("change_employment", less)
    with pytest.raises(Refusal, match="branch"):  # a branch nobody knows has the book read anew
        await life.update("change_employment", {**less, "branch": "NEW"})
    for name, data in (("change_employment", less), ("nobody_knows_this", 1)):
        await life.signal(name, data)
    coming = await ahead(life, 20)
    await life.signal("change_employment", {"effective_on": coming, **FJORD, "branch": "BERGEN"})
    back = {"change": "change_employment", "effective_on": coming}
    await life.signal("withdraw_change", back)
    await life.signal("withdraw_change", back)
    await life.settle()
    await life.update("change_employment", {"effective_on": coming, **FJORD, "branch": "BERGEN"})
    await life.days(80)
    late = {"effective_on": await ahead(life, -50), "position_percent": "100"}
    await life.update("change_employment", late)
    return {"another_job": life.handle}


async def on_leave(town: Town) -> Recorded:
    """A leave that begins at once and ends by itself; one ahead, taken back; another number."""
    life = await town.hall.joins(insurance_reservation=True)
    leave = {"caseworker": "ola", "from_on": await ahead(life, 0), "until_on": await ahead(life, 9)}
    await life.update("grant_leave", leave)
    await life.days(11)
    begins = await ahead(life, 5)
    await life.signal("grant_leave", {**leave, "from_on": begins, "until_on": begins})
    await life.settle()
    await life.update("withdraw_change", {"change": "grant_leave", "effective_on": begins})
    await life.update("supply_information", PHONE)
    return {"on_leave": life.handle}


async def without_work(town: Town) -> Recorded:
    """An employer by its name alone, its number; then no work, dues reduced, asked, and over."""
    named = {"employer_name": "Fjord Drift AS", "position_percent": "100"}
    life = await town.hall.joins(insurance_reservation=True, employment=named)
    await life.signal("change_employment", {"effective_on": await ahead(life, 0), **FJORD})
    await life.settle()
    idle = {"effective_on": await ahead(life, 0), "position_percent": "0"}
    await life.update("change_employment", idle)
    reduced = {
        "caseworker": "ola",
        "kind": "unemployed",
        "documentation": "Vedtak",
        "from_on": await ahead(life, 0),
        "until_on": await ahead(life, 40),
    }
    await life.update("grant_leave", reduced)
    await life.days(45)
    return {"without_work": life.handle}


async def hides(town: Town) -> Recorded:
    """Hidden before the approval, open with consent, hidden again after deduction had begun."""
    life = await town.hall.applies()
    await life.signal("set_hidden", {"hidden": True, "effective_on": await ahead(life, 0)})
    await life.settle()
    await life.approve()
    await life.signal("set_hidden", {"hidden": False, "effective_on": await ahead(life, 0)})
    openly = {"hidden": False, "consent": True, "branch": "OSLO"}
    await life.update("set_hidden", {**openly, "effective_on": await ahead(life, 0)})
    await life.update("answer_payroll_request", ACCEPTED)
    await life.days(COVERED_AFTER)
    await life.update("set_hidden", {"hidden": True, "effective_on": await ahead(life, 0)})
    await life.state()
    return {"hides": life.handle}


async def early_pension(town: Town) -> Recorded:
    """AFP reported ahead of its day; 67 by the calendar alone; the last cover ends later."""
    life = await town.hall.joins(applicant=born_before(today(), 67, 150))
    await life.signal("report_pension", {"kind": "afp", "from_on": await ahead(life, 40)})
    await life.settle()
    await life.days(160)
    await life.reach(date((await life.today()).year + 1, 1, 2))
    return {"early_pension": life.handle}


async def works_past_67(town: Town) -> Recorded:
    """Asked at 66 and 9 months, works on, and reports a pension beside work when it is too late."""
    life = await town.hall.joins(applicant=born_before(today(), 67, 130))
    await life.update("answer_payroll_request", ACCEPTED)
    await life.days(140)
    pension = {"kind": "old_age", "from_on": await ahead(life, -5), "working_percent": "40"}
    await life.update("report_pension", pension)
    return {"works_past_67": life.handle}


async def graduates(town: Town) -> Recorded:
    """Asked each January and before the study ends; takes the offer, is told and covered."""
    study = {"school": "NTNU", "ends_on": str(today() + timedelta(days=140))}
    life = await town.hall.joins(category="student", employment=None, study=study)
    await life.days(100)
    begins = await ahead(life, 20)
    offer = {"category": "ordinary", "effective_on": begins, "evidence": "Tilbud godtatt"}
    await life.signal("change_category", offer)
    await life.signal("change_employment", {"effective_on": begins, **FJORD})
    await life.days(21 + COVERED_AFTER)
    return {"graduates": life.handle}


async def study_lapses(town: Town) -> Recorded:
    """Nobody answers, so the study is over and a caseworker is told."""
    study = {"school": "NTNU", "ends_on": str(today() + timedelta(days=60))}
    life = await town.hall.joins(category="student", employment=None, study=study)
    await life.days(62)
    return {"study_lapses": life.handle}


async def apprentice(town: Town) -> Recorded:
    """Taken in by the insurance office (A7); the trade exam makes an ordinary member."""
    ends = {"ends_on": str(today() + timedelta(days=300))}
    life = await town.hall.joins(category="apprentice", apprenticeship=ends)
    await life.signal("enroll_insurance", {"from_on": await ahead(life, 1)})
    await life.days(2)
    passed = {"category": "ordinary", "effective_on": await ahead(life, 0), "evidence": "Fagbrev"}
    await life.update("change_category", passed)
    return {"apprentice": life.handle}


async def insured_again(town: Town) -> Recorded:
    """Reserves in time, and comes back through the insurance office (A21); an id counts once."""
    life = await town.hall.joins(hidden=True)
    await life.update("reserve_insurance", {"received_on": await ahead(life, 0)})
    await life.days(40)
    await life.update("enroll_insurance", {"from_on": await ahead(life, 0)})
    again = partial(life.handle.execute_update, "supply_information", args=[PHONE], id="u-1")
    await again()
    await life.days(370)
    await again()
    await life.signal("enroll_insurance", {"from_on": await ahead(life, 0)})
    await life.settle()
    return {"insured_again": life.handle}


async def notice_comes_too_late(town: Town) -> Recorded:
    """The notice comes back, and arrives when the last coverage has ended by age (A17, A21)."""
    life = await town.hall.joins(applicant=born_before(today(), 67, 10), hidden=True)
    back = {"outcome": "bounced", "on": await ahead(life, 0)}
    await life.update("record_insurance_notice", back)
    await life.days(10)
    await life.reach(date((await life.today()).year + 1, 1, 2))
    arrived = {"outcome": "delivered", "on": await ahead(life, 0)}
    await life.signal("record_insurance_notice", arrived)
    await life.settle()
    await life.days(COVERED_AFTER)
    return {"notice_comes_too_late": life.handle}


async def employer_refuses(town: Town) -> Recorded:
    """Reminded, refused; the next employer accepts, and stops."""
    life = await town.hall.joins()
    await life.days(15)
    await life.signal("answer_payroll_request", {"answer": "refused", "reason": "Ingen avtale"})
    await life.settle()
    await life.update("change_employment", {"effective_on": await ahead(life, 0), **FJORD})
    await life.update("answer_payroll_request", ACCEPTED)
    await life.update("answer_payroll_request", {"answer": "stopped", "reason": "Sluttet"})
    return {"employer_refuses": life.handle}


async def resigns(town: Town) -> Recorded:
    """Resigns, takes it back, resigns for good, and is let go when the day has come (A29)."""
    life = await town.hall.joins(approved={"branch": "OSLO"})
    today = await ahead(life, 0)
    await life.signal("resign", {"received_on": today, "reason": "Slutter i bransjen"})
    await life.settle()
    await life.update("withdraw_change", {"change": "resign", "effective_on": today})
    await life.update("resign", {"received_on": today})
    await life.signal("resign", {"received_on": today})
    await life.days(70)
    await life.result()
    return {"resigns": life.handle}


async def leaves_for_good(town: Town) -> Recorded:
    """Has left, and is heard until nobody can undo it any more: money, a resignation; then over."""
    life = await town.hall.joins(hidden=True, insurance_reservation=True)
    await life.update("resign", {"received_on": await ahead(life, 0)})
    await life.days(70)
    await life.result()
    await life.update("record_payment", await payment(life, "1", 100, None))
    await life.signal("resign", {"received_on": await ahead(life, 0)})
    await life.closed()
    return {"leaves_for_good": life.handle}


async def struck_off(town: Town) -> Recorded:
    """Too little is owed, then nothing by the books, then too much (A30); another by an update."""
    found = {}
    for name in ("struck_off", "struck_off_by_update"):
        life = await town.hall.joins(insurance_reservation=True)
        on = await ahead(life, 0)
        await life.signal("report_arrears", {"as_of": on, "owed_ore": 49500, "owed_months": 1})
        much = {"as_of": on, "owed_ore": 198000, "owed_months": 4}
        await life.signal("report_arrears", much)  # the books know nothing of it
        await life.settle()
        await town.warn(life.id)
        await (life.update if "update" in name else life.signal)("report_arrears", much)
        await life.result()
        found[name] = life.handle
    return found


async def dies(town: Town) -> Recorded:
    """A member whose death is told by an update, an applicant whose death by a signal."""
    member = await town.hall.joins(approved={"branch": "OSLO"})
    await member.update("answer_payroll_request", ACCEPTED)
    await member.days(COVERED_AFTER)
    applicant = await town.hall.applies()
    number = (await member.state())["member_number"]
    for life, send, more in (
        (member, member.update, {"member_number": number}),
        (applicant, applicant.signal, {}),
    ):
        died = {"died_on": await ahead(life, 0), "caseworker": "ola", **more}
        await send("record_death", died)
        await life.result()
    return {"dies": member.handle, "dies_before_approval": applicant.handle}


async def thought_dead(town: Town) -> Recorded:
    """Reported without the number, dismissed; confirmed by another; undone, and undone again."""
    life = await town.hall.joins(approved={"branch": "OSLO"})
    await life.update("answer_payroll_request", ACCEPTED)
    await life.days(COVERED_AFTER)
    undo = {"caseworker": "ola", "reason": "Feil person"}
    died = {"died_on": await ahead(life, 0), "caseworker": "ola"}
    await life.signal("record_death", died)
    await life.signal("reopen", undo)
    await life.settle()
    await life.update("record_death", died)
    await life.signal("record_death", {**died, "caseworker": "kari"})
    await life.result()
    await life.days(40)
    await life.update("reopen", undo)
    await life.update("answer_payroll_request", ACCEPTED)
    await life.state()
    return {"thought_dead": life.handle}


async def has_two(town: Town) -> Recorded:
    """A duplicate that no merge names, and then one does (N9): by a signal, and by an update."""
    found = {}
    for name in ("has_two", "has_two_by_update"):
        stays, goes = await town.hall.joins(), await town.hall.joins()
        await goes.update("answer_payroll_request", ACCEPTED)
        message = {"goes_on": stays.id, "caseworker": "ola"}
        await goes.signal("end_duplicate", message)  # the books know of no merge
        await goes.settle()
        await town.merge(stays.id, goes.id)
        await (goes.update if "update" in name else goes.signal)("end_duplicate", message)
        await goes.result()
        found[name] = goes.handle
    return found


async def pays(town: Town) -> Recorded:
    """The first invoice, a later one (the database says where), one nobody knows, one twice."""
    life = await town.hall.joins(hidden=True)
    first = (await life.state())["first_invoice"]
    await life.update("record_payment", await payment(life, "1", first["total_ore"], first["kid"]))
    run, mailing = await town.charge()
    later = await town.invoice_of(life.id)
    money = await payment(life, "2", later["total_ore"], later["kid"])
    await life.signal("record_payment", money)
    await life.signal("record_payment", money)
    await life.settle()
    await life.update("record_payment", await payment(life, "3", 100, None))
    return {"pays": life.handle, "dues_run": run, "mailing": mailing}


async def pays_in_one_trip(town: Town) -> Recorded:
    """The first invoice, which starts payroll (A20), a later one, and suspense: each asked once.

    One life hears by signals, and has a KID for its first invoice; the other by updates, and has
    one for its later invoice. What comes without a KID goes to the oldest that is open (P3).
    """
    async with town.payment_first():
        by_signal, by_update = await town.hall.joins(), await town.hall.joins()
    first = (await by_signal.state())["first_invoice"]
    for number, (ore, kid) in enumerate([(first["total_ore"], first["kid"]), (100, None)], 1):
        await by_signal.signal("record_payment", await payment(by_signal, str(number), ore, kid))
        await by_signal.settle()
    later = await town.later_invoice(by_signal)
    money = await payment(by_signal, "3", later["total_ore"], None)
    await by_signal.signal("record_payment", money)
    await by_signal.settle()

    of_another = first["kid"]
    first = (await by_update.state())["first_invoice"]
    for number, (ore, kid) in enumerate([(100, of_another), (first["total_ore"], None)], 1):
        await by_update.update("record_payment", await payment(by_update, str(number), ore, kid))
    later = await town.later_invoice(by_update)
    money = await payment(by_update, "3", later["total_ore"], later["kid"])
    await by_update.update("record_payment", money)
    return {"one_trip": by_signal.handle, "one_trip_by_update": by_update.handle}


async def payment(life: Life, number: str, amount_ore: int, kid: str | None) -> Json:
    """Return a payment of today."""
    money = {"reference": f"{life.id}-{number}", "amount_ore": amount_ore, "kid": kid}
    return {**money, "paid_on": await ahead(life, 0)}


async def letter_comes_back(town: Town) -> Recorded:
    """The mail server knows no such address: the letter becomes a task, and its sender hears."""
    life = await town.hall.applies()
    town.mails.answers.append("550 5.1.1 no such user")
    await life.approve()
    assert "letter_bounced" in await life.decisions()
    return {"letter_comes_back": life.handle}


async def rulebook_says_nothing(town: Town) -> Recorded:
    """Deadlines and a message that can't be decided are put off, told once, and taken up again."""
    life = await town.hall.joins()
    async with town.gap("premium_rates"):
        await life.days(COVERED_AFTER)
        change = {"effective_on": await ahead(life, 0), "position_percent": "40"}
        await life.signal("change_employment", change)
        await life.days(2)
    await life.days(2)
    assert (await life.decisions()).count("insurance_covered") == 1
    early = await town.hall.applies()
    async with town.gap("policies"):
        # A branch that is not in the book has it read anew.
        await early.signal("decide_application", {**APPROVE, "branch": "NEW"})
        await early.days(2)
    await early.days(2)
    await early.approve()
    return {"put_off": life.handle, "put_off_deadlines": early.handle}


async def new_prices(town: Town) -> Recorded:
    """Decided by the old book and once more by the new; told by a signal; told again in vain."""
    hall = town.hall
    told, asked = await hall.joins(), await hall.joins(insurance_reservation=True)
    version = await hall.approve(hall.change(full_central_ore=52000))
    change = {"effective_on": await ahead(asked, 0), "position_percent": "40"}
    await asked.update("change_employment", change)
    await told.update("reprice", {"rulebook": version})
    telling = await hall.client.start_workflow(
        "Repricing",
        {"effective_on": hall.effective_on.isoformat(), "rulebook": version},
        id=f"repricing-{hall.effective_on}-0123456789ab",
        task_queue="membership",
    )
    await asyncio.wait_for(telling.result(), PATIENCE_SECONDS)
    for life in (told, asked):
        await life.signal("reprice", {"rulebook": version})
        await life.settle()
    return {"new_prices": told.handle, "new_prices_known": asked.handle, "repricing": telling}


LATER: dict[str, Story] = {
    story.__name__: story
    for story in (
        asked_by_signal,
        another_job,
        on_leave,
        without_work,
        hides,
        early_pension,
        works_past_67,
        graduates,
        study_lapses,
        apprentice,
        insured_again,
        notice_comes_too_late,
        employer_refuses,
        resigns,
        leaves_for_good,
        struck_off,
        dies,
        thought_dead,
        has_two,
        pays,
        pays_in_one_trip,
        letter_comes_back,
        rulebook_says_nothing,
        new_prices,
    )
}
